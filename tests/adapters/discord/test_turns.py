"""Logins at the gateway stay few, whatever it answers; resuming a session is as quick as ever. The time is made up."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import pytest
from structlog.testing import capture_logs

from adapters.discord.adapter import DiscordAdapter
from adapters.discord.client import IDENTIFY_EVERY_S
from adapters.discord.turns import KEPT, Turns
from tests.adapters.discord.cafe import DiscordCafe
from tests.conversations.hold import until
from tests.platforms.discord.connection import Connection
from tests.platforms.discord.gateway import Gateway

HOUR_S, DAY_S = 3600.0, 86_400.0
MOST_AN_HOUR = 9


class Time:
    """A clock that moves when somebody waits."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waited: list[float] = []
        self.goes_on = asyncio.Event()
        self.goes_on.set()

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.waited.append(seconds)
        await asyncio.sleep(0)
        await self.goes_on.wait()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def turns(time: Time) -> Turns:
    return Turns(5.0, time, time.sleep)


async def log_in(turns: Turns, shard: int = 0) -> None:
    await turns.wait(shard)
    await turns.take(shard)


async def test_no_hour_sees_many_logins_and_no_day_comes_near_the_limit(turns: Turns, time: Time) -> None:
    at = []
    while time.now < DAY_S:
        await log_in(turns)
        at.append(time.now)
        time.now += 0.3
    assert at[1] - at[0] < 6
    assert max(sum(one <= other < one + HOUR_S for other in at) for one in at) == MOST_AN_HOUR
    assert len(at) < 120


@pytest.mark.parametrize("lasting_s", [900.0, HOUR_S])
async def test_a_session_that_held_for_a_while_is_followed_at_once(turns: Turns, time: Time, lasting_s: float) -> None:
    for _ in range(10):
        await log_in(turns)
        time.now += lasting_s
    assert time.waited == []
    await log_in(turns)
    # Only after an hour is it forgotten how often that was.
    assert turns.wait_s(0) == (5.0 if lasting_s == HOUR_S else 900.0)


async def test_shards_log_in_one_after_the_other_and_wait_for_their_own_troubles_alone(
    turns: Turns, time: Time
) -> None:
    for _ in range(5):
        await log_in(turns, 1)
    at = []
    for shard in (2, 3):
        assert turns.wait_s(shard) == 5.0
        await turns.take(shard)
        at.append(time.now)
    assert at[1] - at[0] == 5.0
    assert turns.wait_s(1) > 200
    with pytest.raises(TimeoutError):
        await turns.take(1)


async def test_the_last_few_logins_are_kept_and_the_operator_is_told(turns: Turns, time: Time) -> None:
    few = {"total": 1000, "remaining": KEPT, "reset_after": 7_200_000, "max_concurrency": 1}
    with capture_logs() as logs:
        turns.left(few | {"remaining": KEPT + 1})
        assert turns.wait_s(0) == 0
        turns.left(few)
        turns.left(few | {"reset_after": 7_100_000})
        assert turns.wait_s(0) == 7100
        await log_in(turns)
    assert time.waited == [7100]
    told = [(one["event"], one["left"], one["again_in_s"]) for one in logs]
    assert told == [("discord_logins_used_up", KEPT, 7200)]


@contextlib.asynccontextmanager
async def running(cafe: DiscordCafe, turns: Turns) -> AsyncIterator[DiscordAdapter]:
    adapter = cafe.adapter(turns=turns)
    task = asyncio.create_task(adapter.run())
    try:
        yield adapter
    finally:
        async with asyncio.timeout(5):
            await adapter.stop()
            # The library swallows what a timeout around the task would raise.
            _, late = await asyncio.wait({task}, timeout=2)
            assert not late


def _break(connection: Connection) -> None:
    """Break the line. The task is kept here, since nobody else does."""
    _breaking.append(asyncio.get_running_loop().create_task(connection.drop(None)))


_breaking: list[asyncio.Task[None]] = []
_ANSWERS: dict[str, Callable[[Connection], int | None]] = {
    "op 9": Gateway.invalidate,
    "close 4000": lambda _: 4000,
    "a broken line": _break,
    # Ends the login as a whole, and another one begins.
    "close 4010": lambda _: 4010,
}


@pytest.mark.slow
@pytest.mark.parametrize("how", _ANSWERS)
async def test_a_gateway_that_takes_no_login_is_left_in_peace_and_found_again(
    cafe: DiscordCafe, time: Time, turns: Turns, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.discord.adapter._FIRST_DELAY_S", 0.01)
    monkeypatch.setattr("adapters.discord.adapter._LONGEST_DELAY_S", 0.01)
    gateway, at = cafe.server.gateway, list[float]()

    def answer(connection: Connection) -> int | None:
        at.append(time.now)
        return _ANSWERS[how](connection)

    gateway.answer_logins = answer
    async with running(cafe, turns):
        await until(lambda: bool(at) and at[-1] >= at[0] + HOUR_S)
        assert sum(one < at[0] + HOUR_S for one in at) == MOST_AN_HOUR
        assert gateway.resume_count == 0
        gateway.answer_logins = None
        await cafe.server.wait_until_connected()


@pytest.mark.slow
async def test_a_session_is_resumed_without_waiting(cafe: DiscordCafe, time: Time, turns: Turns) -> None:
    async with running(cafe, turns):
        await cafe.server.wait_until_connected()
        for number in range(1, 6):
            await cafe.server.drop_connections(4000 if number % 2 else None)
            await cafe.server.wait_until(lambda number=number: cafe.server.resume_count == number, "RESUME")  # type: ignore[misc]
    assert (cafe.server.identify_count, time.waited) == (1, [])


@pytest.mark.slow
async def test_with_the_last_logins_of_a_day_nobody_logs_in_until_there_are_more(
    cafe: DiscordCafe, time: Time, turns: Turns
) -> None:
    cafe.server.settings.identify_limit = KEPT
    began = time.now
    async with running(cafe, turns):
        await cafe.server.wait_until_connected()
    assert time.now - began >= DAY_S


@pytest.mark.slow
async def test_a_bot_that_waits_for_its_turn_stops_at_once(cafe: DiscordCafe) -> None:
    cafe.server.settings.identify_limit = KEPT
    with capture_logs() as logs:
        async with running(cafe, Turns(IDENTIFY_EVERY_S)):
            await until(lambda: any(one["event"] == "discord_logins_used_up" for one in logs))
    assert cafe.server.identify_count == 0


@pytest.mark.slow
async def test_a_shard_that_waits_for_its_turn_is_in_no_other_ones_way(
    cafe: DiscordCafe, time: Time, turns: Turns
) -> None:
    cafe.server.settings.shards = 2
    sessions = cafe.server.gateway.sessions
    async with running(cafe, turns):
        await cafe.server.wait_until_connected(2)
        for key in [key for key, session in sessions.items() if session.shard[0] == 1]:
            del sessions[key]
        time.goes_on.clear()
        for number in range(1, 4):
            await cafe.server.drop_connections()
            await cafe.server.wait_until(lambda number=number: cafe.server.resume_count == number, "RESUME")  # type: ignore[misc]
        assert cafe.server.identify_count == 2
        time.goes_on.set()
        await cafe.server.wait_until_connected(2)
    assert (cafe.server.identify_count, cafe.server.resume_count) == (3, 3)


@pytest.mark.slow
async def test_a_bot_that_waits_for_a_guard_stops_at_once(cafe: DiscordCafe, turns: Turns) -> None:
    async with running(cafe, turns) as adapter:
        await cafe.server.wait_until_connected()
        await until(lambda: adapter.is_connected)
        calls = len(cafe.server.requests)
        adapter.breaker.guarded(1800)
        cafe.server.invalidate_sessions()
        await until(lambda: not adapter.is_connected)
        await asyncio.sleep(0.2)
    assert (len(cafe.server.requests), cafe.server.identify_count) == (calls, 1)
