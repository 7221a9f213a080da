"""One platform in trouble, a revoked Discord token or a Telegram that is away: the other one goes on as before."""

import asyncio
import time

import pytest

from adapters.discord import client
from adapters.ports import PlatformStopped
from adapters.telegram.adapter import TelegramAdapter
from bot.config.config import TelegramSettings
from bot.events import Identity
from bot.replies import Post, ToMember, ToSpace
from handlers.ports import DatabaseMemory, DatabaseOutbox
from storage.transaction import Transaction
from tests.adapters.discord.cafe import DiscordCafe, open_cafe
from tests.databases import Address
from tests.platforms.telegram import TelegramServer, User
from tests.reliability.effort import IS_LONG, rounds

pytestmark = pytest.mark.slow
_USUAL_S, _AWAY_S = rounds(1, 20), rounds(3, 600)
# Two waits are never the same on a machine that does other things too.
_AS_USUAL_S = 1.0
_REVOKED_S = rounds(3, 60)
_STARTED_AGAIN = 3


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten what real Discord wants us to wait."""
    monkeypatch.setattr(client, "IDENTIFY_EVERY_S", 0.0)


def telegram_beside(cafe: DiscordCafe, server: TelegramServer) -> TelegramAdapter:
    """Return a Telegram adapter over the same club."""
    settings = TelegramSettings.model_validate({"token": server.token, "api_base_url": server.base_url})
    ports = DatabaseOutbox(cafe.club.database), DatabaseMemory(cafe.club.database)
    return TelegramAdapter(settings, cafe.club.app, *ports, cafe.club.renderer, cafe.club.clock)


async def answered_in_s(server: TelegramServer, user: User) -> float:
    """Return how long an answer on Telegram takes."""
    messages = server.messages(user.id)
    after_id = messages[-1].message_id if messages else 0
    asked_at = time.monotonic()
    server.private_message(user, "/rules")
    await server.wait_for_message(user.id, "", after_id=after_id)
    return time.monotonic() - asked_at


async def answers_on_telegram_s(server: TelegramServer, user: User, lasting_s: float) -> list[float]:
    """Return how long answers on Telegram take, one after the other for so long, in order."""
    ends_s, took_s = time.monotonic() + lasting_s, list[float]()
    while time.monotonic() < ends_s:
        took_s.append(await answered_in_s(server, user))
        await asyncio.sleep(0.1)
    return sorted(took_s)


def _are_as_usual(took_s: list[float], usual_s: list[float]) -> bool:
    """Whether of a hundred answers 99 came as soon as they usually do, and all within five seconds."""
    ninety_nine, usual = took_s[-1 - len(took_s) // 100], usual_s[-1 - len(usual_s) // 100]
    # The short form runs beside other tests, on the same processors.
    return ninety_nine < (2 * usual + 0.1 if IS_LONG else usual_s[-1] + _AS_USUAL_S) and took_s[-1] < 5


async def test_a_revoked_token_ends_discord_alone(empty: Address) -> None:
    """Of IDENTIFYs there is the one from before, however long one waits.

    The refused session ends the platform for good, as `PlatformStopped`; whoever starts the process again is refused
    at the login, which comes before any IDENTIFY. So an hour of restarts has one in all, where ten would be allowed.
    """
    async with open_cafe(empty) as cafe, TelegramServer(flood_limits=None) as server:
        ania = server.user(11, "Ania")
        telegram, discord = telegram_beside(cafe, server), cafe.adapter()
        running = asyncio.create_task(telegram.run())
        ending = asyncio.create_task(discord.run())
        await cafe.server.wait_until_connected()
        await cafe.join(cafe.olek)
        await cafe.set_up()
        usual_s = await answers_on_telegram_s(server, ania, _USUAL_S)
        cafe.server.world.token = "another-token"
        await cafe.club.database.write(lambda tx: _queue(tx, 60))
        assert _are_as_usual(await answers_on_telegram_s(server, ania, _REVOKED_S), usual_s)
        tried = sum(one.status == 401 for one in cafe.server.requests)
        # One of them finds out, and then one at a time ever more seldom.
        assert 1 <= tried < 10
        await cafe.server.drop_connections(4004)
        with pytest.raises(PlatformStopped, match="token"):
            await asyncio.wait_for(ending, 20)
        for _ in range(_STARTED_AGAIN):
            with pytest.raises(PlatformStopped, match="token"):
                await asyncio.wait_for(cafe.adapter().run(), 20)
        calls = len(cafe.server.requests)
        assert _are_as_usual(await answers_on_telegram_s(server, ania, _REVOKED_S), usual_s)
        assert (len(cafe.server.requests), cafe.server.identify_count) == (calls, 1)
        assert await cafe.club.database.read(lambda tx: tx.health.queues()["discord"].waiting) == 60
        await telegram.stop()
        await running


def _queue(tx: Transaction, count: int) -> None:
    for number in range(count):
        tx.post(Post(ToSpace(1), "cancelled", f"post {number}"))


async def answers_on_discord_s(cafe: DiscordCafe, lasting_s: float) -> list[float]:
    """Return how long answers on Discord take, one after the other for so long, in order."""
    ends_s, took_s = time.monotonic() + lasting_s, list[float]()
    while time.monotonic() < ends_s:
        asked_at = time.monotonic()
        await cafe.slash(cafe.olek, "rules")
        took_s.append(time.monotonic() - asked_at)
        await asyncio.sleep(0.1)
    return sorted(took_s)


async def test_while_telegram_answers_with_errors_discord_goes_on(empty: Address) -> None:
    async with open_cafe(empty) as cafe, TelegramServer(flood_limits=None) as server:
        ania = server.user(11, "Ania")
        telegram = telegram_beside(cafe, server)
        running = asyncio.create_task(telegram.run())
        async with cafe.running():
            await cafe.join(cafe.olek)
            await cafe.set_up()
            server.private_message(ania, "/start")
            server.press(ania, await server.wait_for_message(ania.id, "Welcome"), 0)
            await server.wait_for_message(ania.id, "You are in")
            usual_s = await answers_on_discord_s(cafe, _USUAL_S)
            server.fail_next("*", error_code=502, times=10**6)
            calls = len(server.sent)
            await cafe.club.database.write(_to_both)
            await cafe.server.wait_until(lambda: _has_post(cafe), "a post")
            took_s = await answers_on_discord_s(cafe, _AWAY_S)
            assert _are_as_usual(took_s, usual_s)
            # A few at once, then one at a time ever more seldom.
            assert len(server.sent) - calls < max(20, _AWAY_S / 5)
            assert cafe.server.identify_count == 1
        await telegram.stop()
        await running


def _has_post(cafe: DiscordCafe) -> bool:
    return any(str(message.nonce).startswith("bywalec-") for message in cafe.server.messages(cafe.general))


def _to_both(tx: Transaction) -> None:
    member = tx.members.by_identity(Identity("telegram", "11"))
    assert member is not None
    tx.post(Post(ToMember(member.id), "cancelled", "to ania"))
    tx.post(Post(ToSpace(1), "cancelled", "to the café"))
