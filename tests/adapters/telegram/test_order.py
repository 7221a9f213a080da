"""The order of updates: what somebody took part in counts before what they do next, in bulk and however numbered."""

from collections.abc import Sequence

import pytest

from bot.events import Identity, Participation, SpaceRef
from storage.transaction import Transaction
from tests.adapters.telegram.running import Running, running, set_up, until
from tests.databases import Address
from tests.platforms.telegram import Group, TelegramServer, User


@pytest.fixture
async def away(server: TelegramServer, empty: Address, ania: User, olek: User, club: Group) -> object:
    """A system that is set up and away: what happens now comes in one batch when it starts."""
    async with running(server, empty) as system:
        await system.join(ania, olek)
        await set_up(system, olek, club)
        await until(lambda: not server.queue.pending)
        await system.kill()
        yield system


async def test_who_writes_and_then_leaves_the_group_is_gone(
    away: Running, server: TelegramServer, ania: User, club: Group
) -> None:
    server.group_message(club, ania, "Good morning everybody!")
    server.leave(club, ania)
    await away.start()
    await until(lambda: not server.queue.pending)

    def is_present(tx: Transaction) -> bool:
        member = tx.members.by_identity(Identity("telegram", str(ania.id)))
        space = tx.spaces.by_ref(SpaceRef("telegram", str(club.id)))
        assert member is not None
        assert space is not None
        return tx.spaces.is_present(member.holder_id, space.id)

    assert await away.status(ania) == 5
    assert not await away.database.read(is_present)


async def test_a_message_before_leaving_the_programme_counts(
    server: TelegramServer, empty: Address, ania: User, olek: User, club: Group
) -> None:
    async with running(server, empty) as system:
        await system.join(ania, olek)
        await set_up(system, olek, club)
        server.private_message(ania, "/leave")
        asked = await server.wait_for_message(ania.id, "eave")
        await until(lambda: not server.queue.pending)
        await system.kill()
        server.group_message(club, ania, "Good morning everybody!")
        server.press(ania, asked, "Yes, leave")
        await system.start()
        await until(lambda: not server.queue.pending)
        assert await system.status(ania) == 5


async def test_a_long_run_of_messages_is_taken_at_once(
    away: Running, server: TelegramServer, ania: User, olek: User, club: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    take_part = away.app.take_part

    async def noted(batch: Sequence[Participation]) -> None:
        sizes.append(len(batch))
        await take_part(batch)

    monkeypatch.setattr(away.app, "take_part", noted)
    ours = server.messages(club.id)[-1]
    for _ in range(20):
        server.group_message(club, ania, "Good morning everybody!")
    server.group_message(club, olek, "/rules")
    server.group_message(club, olek, "And a reply to the bot", reply_to=ours)
    for _ in range(20):
        server.group_message(club, ania, "Good morning everybody!")
    server.group_message(club, ania, "/rules")
    server.group_message(club, ania, "Good morning everybody!")
    await away.start()
    await until(lambda: not server.queue.pending)
    assert sizes == [41, 1]


async def test_updates_numbered_lower_than_those_before_count_once_each(
    server: TelegramServer, empty: Address, ania: User, olek: User, club: Group
) -> None:
    async with running(server, empty) as system:
        await system.join(ania, olek)
        for first_id in (server.queue.next_update_id, 5):
            await until(lambda: not server.queue.pending)
            # After a quiet week the platform begins anywhere.
            server.queue.next_update_id = first_id
            for number in range(30):
                server.group_message(club, olek, f"/bonus @ania 1 cake {number}")
        await until(lambda: not server.queue.pending)
        assert await system.points(ania) == 60
