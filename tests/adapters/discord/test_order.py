"""Reactions that are taken back after the clock was set back: the newest word of them counts all the same."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.discord import adapter, translate
from adapters.discord.ascending import Ascending, keep_order
from bot.events import Identity
from handlers.ports import DatabaseMemory
from storage.transaction import Transaction
from tests.adapters.discord.cafe import DiscordCafe, open_cafe
from tests.adapters.discord.recorded import ANIA, LISTENER, NOW, Json
from tests.conversations.hold import until
from tests.databases import Address
from tests.platforms.discord.model import Message

pytestmark = pytest.mark.slow
_POINTS = 2


@pytest.fixture
async def cafe(empty: Address) -> AsyncIterator[DiscordCafe]:
    """A café in which a reaction brings points."""
    async with open_cafe(empty, earning={"reaction": {"points": _POINTS, "status": 0}}) as opened:
        yield opened


async def _points(cafe: DiscordCafe) -> int:
    def read(tx: Transaction) -> int:
        member = tx.members.by_identity(Identity("discord", str(cafe.ania.id)))
        assert member is not None
        balances = tx.accounts.of(member.id)
        return balances.available + balances.pending

    return await cafe.club.database.read(read)


async def _has(cafe: DiscordCafe, points: int) -> None:
    async def has() -> bool:
        return await _points(cafe) == points

    await until(has)


async def _react_an_hour_ahead(cafe: DiscordCafe) -> Message:
    """Let Bartek react while the clock is an hour ahead; then it is put right."""
    await cafe.join(cafe.olek, cafe.ania, cafe.bartek)
    await cafe.set_up()
    [said] = await cafe.talk(cafe.ania, 1)
    await cafe.wait_for_status(cafe.ania, 5)
    cafe.club.clock.now += timedelta(hours=1)
    before = await _points(cafe)
    cafe.server.react(cafe.bartek, said, "👍")
    await _has(cafe, before + _POINTS)
    return said


async def _take_back(cafe: DiscordCafe, said: Message) -> None:
    before = await _points(cafe)
    cafe.club.clock.now += timedelta(minutes=1)
    cafe.server.unreact(cafe.bartek, said, "👍")
    await _has(cafe, before - _POINTS)


async def test_after_a_restart(cafe: DiscordCafe) -> None:
    async with cafe.running():
        said = await _react_an_hour_ahead(cafe)
    cafe.club.clock.now -= timedelta(hours=1)
    async with cafe.running():
        await _take_back(cafe, said)


async def test_after_another_login(cafe: DiscordCafe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "_FIRST_DELAY_S", 0.05)
    async with cafe.running():
        said = await _react_an_hour_ahead(cafe)
        cafe.club.clock.now -= timedelta(hours=1)
        await cafe.server.drop_connections(4010)
        await cafe.server.wait_until(lambda: cafe.server.identify_count == 2, "another login")
        await cafe.server.wait_until_connected()
        await _take_back(cafe, said)


async def test_a_process_that_takes_over_servers_of_another_goes_on_above_its_numbers(cafe: DiscordCafe) -> None:
    memory = DatabaseMemory(cafe.club.database)
    ahead, behind = (Ascending(lambda at=at: at) for at in (NOW + timedelta(hours=1), NOW))  # type: ignore[misc]
    for server, order in ((1, ahead), (2, behind)):
        change: Json = {"guild_id": str(server), "user_id": ANIA["id"], "channel_id": "6", "message_id": "5"}
        heard = translate.reaction(change | {"emoji": {"name": "👍"}}, _listener(order), is_added=True)
        assert heard is not None
        await keep_order([heard], memory)
    following = Ascending(lambda: NOW)
    await following.load(memory)
    assert following() == ahead() > behind()


def _listener(order: Ascending) -> translate.Listener:
    return replace(LISTENER, order=order)
