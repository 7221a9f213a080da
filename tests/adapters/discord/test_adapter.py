"""Taking part, catching up, posts, and the ends of a session, against the fake Discord."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr

from adapters.discord import client, intake
from adapters.discord.backfill import Cursors
from adapters.discord.markup import DiscordMarkdown
from adapters.ports import PlatformStopped
from bot.events import Identity
from bot.replies import Post, Reply, ToMember, ToSpace
from handlers.ports import DatabaseMemory
from tests.adapters.discord.cafe import DiscordCafe
from tests.adapters.discord.stand_ins import Between
from tests.conversations.hold import until
from tests.platforms.discord.model import Channel, Json, Message
from tests.platforms.discord.permissions import EMBED_LINKS, SEND_MESSAGES

pytestmark = pytest.mark.slow

A_MESSAGE = 5


async def member_id(cafe: DiscordCafe, user_id: int) -> int:
    member = await cafe.club.database.read(lambda tx: tx.members.by_identity(Identity("discord", str(user_id))))
    assert member is not None
    return member.id


async def post(cafe: DiscordCafe, to: ToSpace | ToMember, key: str = "test") -> None:
    await cafe.club.database.write(lambda tx: tx.post(Post(to, "cancelled", key)))


def posts_in(cafe: DiscordCafe, channel: Channel) -> list[Message]:
    return [message for message in cafe.server.messages(channel) if str(message.nonce).startswith("bywalec-")]


async def wait_until_sent(cafe: DiscordCafe) -> None:
    """Let time pass until nothing waits in the outbox, as its next attempts fall due."""
    for _ in range(100):
        sent = [one for one in cafe.server.requests if one.method == "POST" and one.path.endswith("/messages")]
        if len(sent) > 1:
            return
        cafe.club.clock.now += timedelta(seconds=10)
        await asyncio.sleep(0.1)
    raise AssertionError("it was not tried again")


async def test_talk_and_reactions_earn_status(cafe: DiscordCafe) -> None:
    async with cafe.running():
        await cafe.join(cafe.olek, cafe.ania, cafe.bartek)
        await cafe.set_up()
        said = await cafe.talk(cafe.ania, 3)
        cafe.server.react(cafe.bartek, said[0], "👍")
        await cafe.wait_for_status(cafe.ania, 3 * A_MESSAGE + 1)
        cafe.server.unreact(cafe.bartek, said[0], "👍")
        await cafe.wait_for_status(cafe.ania, 3 * A_MESSAGE)


@pytest.mark.parametrize("emoji", [None, "👍"])
async def test_reactions_that_a_moderator_clears_earn_nothing(cafe: DiscordCafe, emoji: str | None) -> None:
    async with cafe.running():
        await cafe.join(cafe.olek, cafe.ania, cafe.bartek)
        await cafe.set_up()
        [said] = await cafe.talk(cafe.ania, 1)
        cafe.server.react(cafe.bartek, said, "👍")
        cafe.server.react(cafe.olek, said, "👍")
        await cafe.wait_for_status(cafe.ania, A_MESSAGE + 2)
        cafe.server.clear_reactions(said, emoji)
        await cafe.wait_for_status(cafe.ania, A_MESSAGE)


async def test_reading_back_renames_nobody(cafe: DiscordCafe) -> None:
    async def name() -> str:
        found = await cafe.club.database.read(lambda tx: tx.members.by_identity(Identity("discord", str(cafe.ania.id))))
        assert found is not None
        return found.name

    cafe.guild.members[cafe.ania.id].nick = "Ania z kasy"
    async with cafe.running():
        await cafe.join(cafe.olek, cafe.ania)
        await cafe.set_up()
    cafe.club.clock.now += timedelta(days=2)
    await cafe.talk(cafe.ania, 1)
    async with cafe.running():
        await cafe.wait_for_status(cafe.ania, A_MESSAGE)
    assert await name() == "Ania z kasy"


async def test_what_was_said_during_a_restart_is_read_back_once(cafe: DiscordCafe) -> None:
    async with cafe.running():
        await cafe.join(cafe.olek, cafe.ania)
        await cafe.set_up()
        await cafe.talk(cafe.ania, 1)
        await cafe.wait_for_status(cafe.ania, A_MESSAGE)
    await cafe.talk(cafe.ania, 7)
    for _ in range(2):
        async with cafe.running():
            await cafe.wait_for_status(cafe.ania, 8 * A_MESSAGE)
            await cafe.talk(cafe.bartek, 1)


async def test_what_was_said_in_a_thread_during_a_restart_is_read_back(cafe: DiscordCafe) -> None:
    thread = cafe.server.thread(cafe.general, cafe.olek, "Cups")
    async with cafe.running():
        await cafe.join(cafe.olek, cafe.ania)
        await cafe.set_up()
        await cafe.talk(cafe.ania, 1, thread)
        await cafe.wait_for_status(cafe.ania, A_MESSAGE)
    await cafe.talk(cafe.ania, 3, thread)
    async with cafe.running():
        await cafe.wait_for_status(cafe.ania, 4 * A_MESSAGE)


async def test_more_than_a_page_is_read_back(cafe: DiscordCafe) -> None:
    async with cafe.running():
        await cafe.join(cafe.olek, cafe.ania)
        await cafe.set_up()
    for _ in range(120):
        cafe.server.say(cafe.ania, cafe.general, "one in a minute")
    await cafe.talk(cafe.ania, 2)
    async with cafe.running():
        await cafe.wait_for_status(cafe.ania, 3 * A_MESSAGE)
    pages = [one for one in cafe.server.requests if one.method == "GET" and one.path.endswith("/messages")]
    assert len(pages) == 3


async def test_nothing_from_before_the_bots_time_is_read(cafe: DiscordCafe) -> None:
    await cafe.talk(cafe.ania, 3)
    async with cafe.running():
        await cafe.join(cafe.olek, cafe.ania)
        await cafe.set_up()
        await cafe.talk(cafe.ania, 1)
        await cafe.wait_for_status(cafe.ania, A_MESSAGE)
    assert not [one for one in cafe.server.requests if one.method == "GET" and one.path.endswith("/messages")]


async def test_a_resumed_session_loses_nothing(cafe: DiscordCafe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_RECONNECT_EVERY_S", 0.05)
    async with cafe.running():
        await cafe.join(cafe.olek, cafe.ania)
        await cafe.set_up()
        cafe.server.accepting = False
        await cafe.server.drop_connections()
        await cafe.talk(cafe.ania, 3)
        await asyncio.sleep(0.2)
        cafe.server.accepting = True
        await cafe.wait_for_status(cafe.ania, 3 * A_MESSAGE)
    assert (cafe.server.identify_count, cafe.server.resume_count) == (1, 1)


async def test_a_lost_session_is_filled_from_history(cafe: DiscordCafe) -> None:
    async with cafe.running():
        await cafe.join(cafe.olek, cafe.ania)
        await cafe.set_up()
        cafe.server.reject_resume = True
        cafe.server.accepting = False
        await cafe.server.drop_connections()
        await cafe.talk(cafe.ania, 3)
        cafe.server.accepting = True
        await cafe.wait_for_status(cafe.ania, 3 * A_MESSAGE)
        await cafe.talk(cafe.ania, 1)
        await cafe.wait_for_status(cafe.ania, 4 * A_MESSAGE)
    assert cafe.server.identify_count == 2


async def test_cursors_wait_for_the_commit(cafe: DiscordCafe) -> None:
    between = Between(cafe.club.app)
    memory = DatabaseMemory(cafe.club.database)
    async with cafe.running(between):
        await cafe.join(cafe.olek, cafe.ania)
        await cafe.set_up()
        [first] = await cafe.talk(cafe.ania, 1)

        async def is_read() -> bool:
            return (await memory.cursors("discord")).get(str(cafe.general.id)) == str(first.id)

        await until(is_read)
        before = await memory.cursors("discord")
        between.is_away = True
        [said] = await cafe.talk(cafe.ania, 1)
        await asyncio.sleep(0.5)
        assert between.turned_away > 0
        assert await memory.cursors("discord") == before
        between.is_away = False
        await cafe.wait_for_status(cafe.ania, 2 * A_MESSAGE)
    assert (await memory.cursors("discord"))[str(cafe.general.id)] == str(said.id)


async def test_a_cursor_never_passes_what_may_be_missing(cafe: DiscordCafe) -> None:
    memory = DatabaseMemory(cafe.club.database)
    cursors = Cursors(memory)
    await cursors.save({"1": "10"})
    await cursors.save({"1": "5"})
    assert await memory.cursors("discord") == {"1": "10"}


async def test_a_stop_commits_what_was_heard(cafe: DiscordCafe, monkeypatch: pytest.MonkeyPatch) -> None:
    async with cafe.running():
        await cafe.join(cafe.olek, cafe.ania)
        await cafe.set_up()
    monkeypatch.setattr(intake, "_GATHER_S", 0.6)
    async with cafe.running():
        await cafe.slash(cafe.ania, "rules")
        await cafe.talk(cafe.ania, 1)
        await cafe.slash(cafe.ania, "rules")
        assert await cafe.status_of(cafe.ania) == 0
    assert await cafe.status_of(cafe.ania) == A_MESSAGE


async def test_posts_go_where_they_are_meant(cafe: DiscordCafe) -> None:
    async with cafe.running():
        await cafe.join(cafe.olek, cafe.ania)
        await cafe.set_up()
        await post(cafe, ToSpace(1), "to the space")
        await post(cafe, ToMember(await member_id(cafe, cafe.ania.id)), "to ania")
        await cafe.server.wait_until(lambda: len(posts_in(cafe, cafe.general)) == 1, "a post in the channel")
        await cafe.server.wait_until(lambda: len(posts_in(cafe, cafe.server.dm(cafe.ania))) == 1, "a private post")


async def test_where_the_bot_may_not_embed_a_long_post_is_plain_text_in_several_messages(cafe: DiscordCafe) -> None:
    async with cafe.running():
        await cafe.join(cafe.olek)
        await cafe.set_up()
        cafe.server.deny_bot(cafe.general, EMBED_LINKS)
        fields = {"giver": "Olek", "points": 5, "reason": "\n".join(f"Rule {number}." for number in range(300))}
        long = Post(ToSpace(1), "bonus_received", "long", fields)
        await cafe.club.database.write(lambda tx: tx.post(long))
        await cafe.server.wait_until(lambda: bool(posts_in(cafe, cafe.general)), "a post in the channel")
        posted = [one for one in cafe.server.messages(cafe.general) if "Rule " in one.content]
        said = "\n".join(one.content for one in posted).splitlines()
        shorter = replace(long, fields=fields | {"reason": "\n".join(["Be kind."] * 9)})
        await until(lambda: cafe.club.database.write(lambda tx: tx.repost(shorter)))
        await cafe.server.wait_until(lambda: "Be kind.\nBe kind." in posted[-1].content, "a changed post")
    assert len(posted) == 2
    assert all(one.embeds == [] and len(one.content) <= 2000 for one in posted)
    assert [line.strip("*") for line in said if "Rule" in line][1:] == [f"Rule {number}." for number in range(1, 300)]


async def test_an_answer_that_got_lost_is_not_posted_twice(cafe: DiscordCafe) -> None:
    async with cafe.running():
        await cafe.join(cafe.olek)
        await cafe.set_up()
        cafe.server.fail_next("POST", f"/channels/{cafe.general.id}/messages", None, after_effect=True)
        await post(cafe, ToSpace(1))
        await cafe.server.wait_until(lambda: bool(posts_in(cafe, cafe.general)), "a post in the channel")
        await wait_until_sent(cafe)
    assert len(posts_in(cafe, cafe.general)) == 1


async def test_posts_that_cannot_arrive_are_dropped(cafe: DiscordCafe) -> None:
    async with cafe.running():
        await cafe.join(cafe.olek, cafe.ania)
        await cafe.set_up()
        ania = await member_id(cafe, cafe.ania.id)
        cafe.server.close_dms(cafe.ania)
        cafe.server.deny_bot(cafe.general, SEND_MESSAGES)
        await post(cafe, ToMember(ania), "closed")
        await post(cafe, ToSpace(1), "forbidden")
        for _ in range(100):
            member = await cafe.club.database.read(lambda tx: tx.members.by_id(ania))
            if member is not None and not member.is_reachable:
                break
            await asyncio.sleep(0.05)
        assert member is not None
        assert not member.is_reachable
    assert await cafe.club.database.read(lambda tx: tx.outbox.claim("discord", 10)) == []


async def test_a_removal_retires_the_space_even_while_the_bot_is_away(cafe: DiscordCafe) -> None:
    async def is_retired() -> bool:
        return await cafe.club.database.read(lambda tx: tx.spaces.by_id(1).retired_at is not None)

    async def wait_until_retired(expected: bool) -> None:
        for _ in range(100):
            if await is_retired() is expected:
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"retired is not {expected}")

    async with cafe.running():
        await cafe.join(cafe.olek)
        await cafe.set_up()
        cafe.server.remove_bot(cafe.guild)
        await wait_until_retired(True)
        cafe.club.clock.now += timedelta(seconds=1)
        cafe.server.add_bot(cafe.guild)
        await wait_until_retired(False)
    cafe.club.clock.now += timedelta(minutes=1)
    cafe.server.remove_bot(cafe.guild)
    async with cafe.running():
        await wait_until_retired(True)


async def test_a_wrong_token_stops_this_platform_with_a_clear_word(cafe: DiscordCafe) -> None:
    cafe.settings = cafe.settings.model_copy(update={"token": SecretStr("wrong")})
    with pytest.raises(PlatformStopped, match="Reset Token"):
        await cafe.adapter().run()


async def test_refused_intents_stop_this_platform_with_a_clear_word(cafe: DiscordCafe) -> None:
    cafe.server.settings.privileged_intents = 0
    with pytest.raises(PlatformStopped, match="Privileged Gateway Intents"):
        await cafe.adapter().run()


async def test_discord_being_down_is_waited_for_and_a_stop_is_not(cafe: DiscordCafe) -> None:
    cafe.server.fail_next("GET", "/users/@me", 500, times=10)
    adapter = cafe.adapter()
    task = asyncio.create_task(adapter.run())
    await cafe.server.wait_for_request("GET", "/users/@me")
    async with asyncio.timeout(5):
        await adapter.stop()
        await task


async def test_a_revoked_token_ends_this_platform(cafe: DiscordCafe) -> None:
    task = asyncio.create_task(cafe.adapter().run())
    await cafe.server.wait_until_connected()
    await cafe.server.drop_connections(4004)
    with pytest.raises(PlatformStopped, match="Reset Token"):
        async with asyncio.timeout(10):
            await task


async def test_a_payload_that_cannot_be_read_is_parked_and_holds_nobody_up(cafe: DiscordCafe) -> None:
    async with cafe.running():
        await cafe.join(cafe.olek, cafe.ania)
        await cafe.set_up()
        broken: list[tuple[str, Json]] = [
            ("MESSAGE_CREATE", {"id": "7", "guild_id": "x"}),
            ("MESSAGE_REACTION_ADD", {"guild_id": "5", "user_id": None}),
            ("MESSAGE_REACTION_ADD", {"guild_id": "5", "user_id": None, "channel_id": "6"}),
            ("INTERACTION_CREATE", {"id": "8", "type": 2}),
            ("GUILD_CREATE", {"id": "9"}),
            ("CHANNEL_CREATE", {}),
        ]
        for name, payload in broken:
            cafe.server.gateway.publish(name, payload)
        await cafe.talk(cafe.ania, 1)
        await cafe.wait_for_status(cafe.ania, A_MESSAGE)
    letters = await cafe.club.database.read(lambda tx: tx.events.dead_letters())
    assert sorted(letter.kind for letter in letters) == sorted(name for name, _ in broken[:5])
    assert cafe.server.identify_count == 1


async def test_a_stop_while_the_database_is_away_is_quick_and_loses_nothing(cafe: DiscordCafe) -> None:
    between = Between(cafe.club.app)
    async with cafe.running(between):
        await cafe.join(cafe.olek, cafe.ania)
        await cafe.set_up()
        between.is_away = True
        await cafe.talk(cafe.ania, 2)
        await cafe.server.slash(cafe.ania, cafe.general, "balance").acknowledgement()
        assert between.turned_away > 1
    assert await cafe.status_of(cafe.ania) == 0
    async with cafe.running():
        await cafe.wait_for_status(cafe.ania, 2 * A_MESSAGE)


async def test_a_post_that_says_something_else_now_is_edited_and_posted_anew_only_if_it_is_gone(
    cafe: DiscordCafe,
) -> None:
    async with cafe.running():
        await cafe.join(cafe.olek)
        await cafe.set_up()
        for template in ("cancelled", "hidden", "shown"):
            again = Post(ToSpace(1), template, "one")
            await until(lambda again=again: cafe.club.database.write(lambda tx: tx.repost(again)))  # type: ignore[misc]
            said = cafe.club.renderer.render(Reply(template, language="en"), DiscordMarkdown()).text
            await cafe.server.wait_until(
                lambda said=said: any(one.content == said for one in cafe.server.messages(cafe.general)),  # type: ignore[misc]
                template,
            )
            if template == "hidden":
                assert len(posts_in(cafe, cafe.general)) == 1
                cafe.server.delete(posts_in(cafe, cafe.general)[0])
    assert len(posts_in(cafe, cafe.general)) == 1
