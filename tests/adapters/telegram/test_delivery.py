"""Nothing lost, nothing twice: kills, poison, refusals, moves and stops, with the real app against the server."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.ports import PlatformStopped
from bot.events import Identity, SpaceRef
from bot.replies import Post, Sending, ToMember, ToSpace
from storage.transaction import Transaction
from tests.adapters.telegram.recorded import press, said
from tests.adapters.telegram.running import Running, running, set_up, until
from tests.databases import Address, change, held, rows
from tests.platforms.telegram import Group, TelegramServer, User

pytestmark = pytest.mark.slow

FIRST_UPDATE = 1000


def states(where: Address) -> list[str]:
    """Return the state of every post, in order."""
    return [state for (state,) in rows(where, "SELECT state FROM outbox ORDER BY id")]


async def post(system: Running, user: User, key: str, sending: Sending) -> None:
    """Queue a message to a member."""

    def write(tx: Any) -> None:
        member = tx.members.by_identity(Identity("telegram", str(user.id)))
        tx.post(Post(ToMember(member.id), "welcome_back", key, {"name": member.display}, sending=sending))

    await system.database.write(write)


async def all_handled(server: TelegramServer) -> None:
    """Wait until every update is confirmed."""
    await until(lambda: not server.queue.pending, timeout_s=30)


@pytest.mark.slow
async def test_500_updates_and_three_kills_award_each_once(
    server: TelegramServer, empty: Address, ania: User, olek: User, club: Group
) -> None:
    async with running(server, empty) as system:
        await system.join(ania, olek)
        await all_handled(server)
        confirmed_before = server.confirmed_offset
        for number in range(500):
            server.group_message(club, olek, f"/bonus @ania 1 cake {number}")
        for least in (60, 180, 350):

            async def has_some(least: int = least) -> bool:
                return await system.points(ania) >= least

            await until(has_some, timeout_s=30)
            await system.kill()
            confirmed = server.confirmed_offset - confirmed_before
            assert 0 <= confirmed <= await system.points(ania) < 500
            await system.start()
        await until(lambda: server.confirmed_offset == confirmed_before + 500, timeout_s=30)
        assert await system.points(ania) == 500


async def test_a_poison_update_stops_nobody(server: TelegramServer, empty: Address, ania: User) -> None:
    async with running(server, empty):
        server.inject({"message": None})
        server.inject({"update_id": "x", **said("hello")})
        server.inject({"message": said("/start")["message"] | {"from": "nobody"}})
        server.inject({"callback_query": press(message=[1])["callback_query"]})
        server.private_message(ania, "/start")
        await server.wait_for_message(ania.id, "Welcome")
        await all_handled(server)
        assert server.get_updates_calls < 12
        assert rows(empty, "SELECT kind, reason FROM dead_letter ORDER BY kind, reason") == [
            ("callback_query", "message is no object"),
            ("message", "from is no object"),
            ("message", "message is no object"),
        ]


async def test_a_batch_of_poison_alone_is_confirmed(server: TelegramServer, empty: Address) -> None:
    async with running(server, empty):
        server.inject({"update_id": None})
        await asyncio.sleep(0.7)
        assert server.get_updates_calls <= 4
        server.inject({"message": 7})
        await all_handled(server)


async def test_a_stop_in_a_long_poll_is_quick_and_confirms_what_was_committed(
    server: TelegramServer, empty: Address, ania: User
) -> None:
    async with running(server, empty) as system:
        server.private_message(ania, "/start")
        await server.wait_for_message(ania.id, "Welcome")
        started_at = time.monotonic()
        await system.stop()
        assert time.monotonic() - started_at < 2
        assert server.confirmed_offset == FIRST_UPDATE + 1


@pytest.mark.slow
async def test_a_stop_under_a_backlog_takes_less_than_five_seconds_and_loses_nothing(
    server: TelegramServer, empty: Address, ania: User, olek: User, club: Group
) -> None:
    async with running(server, empty) as system:
        await system.join(ania, olek)
        await all_handled(server)
        before = server.confirmed_offset
        for number in range(300):
            server.group_message(club, olek, f"/bonus @ania 1 cake {number}")

        async def has_some() -> bool:
            return await system.points(ania) >= 20

        await until(has_some)
        started_at = time.monotonic()
        await system.stop()
        assert time.monotonic() - started_at < 5
        assert server.confirmed_offset - before == await system.points(ania) < 300
    async with running(server, empty) as again:
        await until(lambda: server.confirmed_offset == before + 300, timeout_s=30)
        assert await again.points(ania) == 300


async def test_the_server_away_is_waited_for(server: TelegramServer, empty: Address, ania: User) -> None:
    async with running(server, empty):
        await server.stop()
        calls = server.get_updates_calls
        await asyncio.sleep(1.0)
        assert server.get_updates_calls - calls <= 2
        await server.start()
        server.private_message(ania, "/start")
        await server.wait_for_message(ania.id, "Welcome")


@pytest.mark.slow
async def test_while_the_database_is_locked_nothing_is_confirmed(
    server: TelegramServer, empty: Address, ania: User
) -> None:
    async with running(server, empty):
        server.private_message(ania, "/start")
        await server.wait_for_message(ania.id, "Welcome")
        await all_handled(server)
        confirmed = server.confirmed_offset
        with held(empty):
            server.private_message(ania, "/cancel")
            await asyncio.sleep(6)
            assert server.confirmed_offset == confirmed
        await server.wait_for_message(ania.id, "", after_id=server.messages(ania.id)[-1].message_id)
        await all_handled(server)
        assert rows(empty, "SELECT count(*) FROM dead_letter") == [(0,)]


async def test_a_left_over_webhook_is_removed_and_a_rival_is_outlived(
    server: TelegramServer, empty: Address, ania: User
) -> None:
    async with running(server, empty):
        server.fail_next("getUpdates", error_code=409, description="Conflict: terminated by other getUpdates request")
        server.private_message(ania, "/start")
        await server.wait_for_message(ania.id, "Welcome")
        server.private_message(ania, "/start")
        await server.wait_for_message(ania.id, "Welcome", after_id=server.messages(ania.id)[-1].message_id)


async def test_a_refused_token_ends_this_platform_with_a_reason(server: TelegramServer, empty: Address) -> None:
    async with running(server, empty, start=False, telegram={"token": "1:WRONG"}) as system:
        with pytest.raises(PlatformStopped, match="token"):
            await system.adapter.run()
    async with running(server, empty, start=False) as system:
        server.fail_next("getUpdates", error_code=401, description="Unauthorized")
        with pytest.raises(PlatformStopped, match="token"):
            await system.adapter.run()


async def test_who_blocked_the_bot_gets_nothing_and_is_remembered(
    server: TelegramServer, empty: Address, ania: User, olek: User, club: Group
) -> None:
    async with running(server, empty) as system:
        await system.join(ania, olek)
        ania.blocked = True
        reachable = "SELECT is_reachable FROM identity WHERE user_id = '11'"
        await post(system, ania, "one", Sending.AT_LEAST_ONCE)
        await until(lambda: states(empty) == ["dropped"])
        assert rows(empty, reachable) == [(0,)]
        server.unblock(ania)
        await all_handled(server)
        assert rows(empty, reachable) == [(1,)]


async def test_an_ambiguous_send_is_repeated_only_where_it_may_be(
    server: TelegramServer, empty: Address, ania: User
) -> None:
    async with running(server, empty) as system:
        await system.join(ania)
        for key, sending in (("once", Sending.AT_MOST_ONCE), ("surely", Sending.AT_LEAST_ONCE)):
            before = len(server.messages(ania.id))
            server.drop_next("sendMessage", after_applying=True)
            await post(system, ania, key, sending)
            await until(lambda: set(states(empty)) <= {"sent", "unknown"})
            copies = len(server.messages(ania.id)) - before
            assert copies == (1 if sending is Sending.AT_MOST_ONCE else 2)
        assert states(empty) == ["unknown", "sent"]


async def test_a_flood_refusal_is_waited_out(server: TelegramServer, empty: Address, ania: User) -> None:
    async with running(server, empty):
        server.fail_next("sendMessage", retry_after=1)
        server.private_message(ania, "/start")
        started_at = time.monotonic()
        await server.wait_for_message(ania.id, "Welcome")
        assert 0.9 < time.monotonic() - started_at < 5


@pytest.mark.parametrize("is_told", [True, False])
async def test_a_group_that_moves_stays_one_space(
    server: TelegramServer, empty: Address, olek: User, *, is_told: bool
) -> None:
    old = server.group(-5, "Klub", type="group")
    old.statuses[olek.id] = "creator"
    async with running(server, empty) as system:
        await system.join(olek)
        await set_up(system, olek, old)
        await all_handled(server)
        space = await system.database.read(lambda tx: tx.spaces.by_ref(SpaceRef("telegram", "-5")))
        assert space is not None
        new = server.migrate(old, -1005)
        if not is_told:
            server.queue.drop_all()
        await system.database.write(lambda tx: tx.post(Post(ToSpace(space.id), "invitation", "one")))
        await server.wait_for_message(new.id)
        moved = await system.database.read(lambda tx: tx.spaces.by_ref(SpaceRef("telegram", "-1005")))
        assert moved is not None
        assert (moved.id, moved.channel_id) == (space.id, "-1005")


async def test_a_post_whose_topic_is_gone_goes_to_the_main_chat(
    server: TelegramServer, empty: Address, olek: User, club: Group
) -> None:
    async with running(server, empty) as system:
        await system.join(olek)
        await set_up(system, olek, club)
        space = await system.database.read(lambda tx: tx.spaces.by_ref(SpaceRef("telegram", "-1001")))
        assert space is not None
        change(empty, "UPDATE space SET thread_id = '99'")
        before = server.messages(club.id)[-1].message_id
        await system.database.write(lambda tx: tx.post(Post(ToSpace(space.id), "invitation", "one")))
        await server.wait_for_message(club.id, after_id=before)


@pytest.mark.parametrize("is_refused", [False, True])
async def test_a_challenge_done_is_celebrated_where_the_platform_lets_us(
    server: TelegramServer, empty: Address, ania: User, *, is_refused: bool
) -> None:
    terms = {"title": {"en": "Early bird"}, "points": 5, "status": 0}
    closes_at = datetime(2026, 3, 23, 7, tzinfo=UTC)

    def write(tx: Transaction) -> None:
        member = tx.members.by_identity(Identity("telegram", str(ania.id)))
        assert member is not None
        tx.post(Post(ToMember(member.id), "challenge_done", "one", {"terms": terms, "closes_at": closes_at}))

    async with running(server, empty) as system:
        await system.join(ania)
        if is_refused:
            server.fail_next("sendMessage", error_code=400, description="Bad Request: EFFECT_ID_INVALID")
        await system.database.write(write)
        await server.wait_for_message(ania.id, "Early bird")
    assert ("message_effect_id" in server.calls("sendMessage")[-1].params) is not is_refused


async def test_a_post_that_says_something_else_now_is_edited_and_sent_anew_only_if_it_is_gone(
    server: TelegramServer, empty: Address, olek: User, club: Group
) -> None:
    async with running(server, empty) as system:
        await system.join(olek)
        await set_up(system, olek, club)
        before = len(server.calls("sendMessage"))

        async def says(template: str) -> None:
            def write(tx: Transaction) -> bool:
                space = tx.spaces.by_ref(SpaceRef("telegram", str(club.id)))
                assert space is not None
                return tx.repost(Post(ToSpace(space.id), template, "one"))

            await until(lambda: system.database.write(write))

        await says("cancelled")
        await until(lambda: len(server.calls("sendMessage")) == before + 1)
        await says("hidden")
        await until(lambda: len(server.calls("editMessageText")) > 0)
        server.fail_next("editMessageText", error_code=400, description="Bad Request: message to edit not found")
        await says("shown")
        await until(lambda: len(server.calls("sendMessage")) == before + 2)
