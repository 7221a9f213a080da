"""While nothing can be stored nothing is confirmed to a platform; soon after it can be again all is made up for."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import pytest

from adapters.discord import client
from tests.adapters.discord.cafe import DiscordCafe, open_cafe
from tests.adapters.telegram.running import running, set_up, until
from tests.databases import Address, held, value, without_room
from tests.platforms.telegram import Group, TelegramServer, User
from tests.reliability.effort import rounds

pytestmark = pytest.mark.slow
# Longer than a writer waits for the lock.
_LOCKED_S = rounds(8, 30)
_RECOVERY_S = 10.0
_SAID = 20
_EACH = 5


@asynccontextmanager
async def locked(where: Address, still: Callable[[], Awaitable[bool]]) -> AsyncIterator[None]:
    """Hold the database for the block and then a while longer, in which `still` is so at any time."""
    with held(where):
        until_s = time.monotonic() + _LOCKED_S
        yield
        while time.monotonic() < until_s:
            assert await still()
            await asyncio.sleep(0.05)


async def test_telegram_is_told_of_nothing_that_is_not_stored(
    platform: TelegramServer, empty: Address, ania: User, olek: User, group: Group
) -> None:
    def heard() -> int:
        return int(value(empty, "SELECT COUNT(*) FROM message_author"))

    async with running(platform, empty) as system:
        await system.join(ania, olek)
        await set_up(system, olek, group)
        await until(lambda: not platform.queue.pending)
        confirmed = platform.confirmed_offset

        async def nothing_is_confirmed() -> bool:
            return platform.confirmed_offset == confirmed and len(platform.queue.pending) == _SAID

        async with locked(empty, nothing_is_confirmed):
            for number in range(_SAID):
                platform.group_message(group, ania, f"Good morning number {number}!")
            assert heard() == 0
        await until(lambda: not platform.queue.pending, _RECOVERY_S)
        assert heard() == _SAID


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_a_server_without_room_confirms_nothing_and_its_owner_hears_of_it(
    platform: TelegramServer, empty: Address, ania: User, olek: User, group: Group
) -> None:
    owner = {"owner_ids": [f"telegram:{olek.id}"]}
    async with running(platform, empty, programme=owner) as system:
        await system.join(ania, olek)
        await set_up(system, olek, group)
        await until(lambda: not platform.queue.pending)
        confirmed = platform.confirmed_offset
        with without_room(empty, "message_author"):
            for number in range(_SAID):
                platform.group_message(group, ania, f"Good morning number {number}!")
            await asyncio.sleep(2)
            assert (platform.confirmed_offset, len(platform.queue.pending)) == (confirmed, _SAID)
        await until(lambda: not platform.queue.pending, _RECOVERY_S)
        assert value(empty, "SELECT COUNT(*) FROM message_author") == _SAID
        assert value(empty, "SELECT COUNT(*) FROM dead_letter") == 0
        await system.app.run_due()
        await platform.wait_for_message(olek.id, "The disk of the database was full")


@pytest.fixture
async def cafe(empty: Address, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordCafe]:
    monkeypatch.setattr(client, "IDENTIFY_EVERY_S", 0.0)
    async with open_cafe(empty) as opened:
        yield opened


async def test_discord_cursors_stay_at_what_is_stored(cafe: DiscordCafe, empty: Address) -> None:
    async def cursors() -> Mapping[str, str]:
        return await cafe.club.database.read(lambda tx: tx.spaces.cursors("discord"))

    async with cafe.running():
        await cafe.join(cafe.olek, cafe.ania)
        await cafe.set_up()
        said = await cafe.talk(cafe.ania, 1)
        channel = str(cafe.general.id)

        async def is_at_the_last() -> bool:
            return (await cursors())[channel] == str(said[-1].id)

        await until(is_at_the_last)
        async with locked(empty, is_at_the_last):
            more = await cafe.talk(cafe.ania, _SAID)
        said += more
        await until(is_at_the_last, _RECOVERY_S)
        assert await cafe.status_of(cafe.ania) == len(said) * _EACH
