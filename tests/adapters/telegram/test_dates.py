"""When a button was pressed: Telegram does not say, but it dates what was heard before."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from adapters.telegram.dates import TelegramTime
from tests.adapters.telegram.running import running, set_up, until
from tests.databases import Address
from tests.platforms.telegram import Group, TelegramServer, User

_NOON = datetime(2026, 3, 16, 12, tzinfo=UTC)


class Clocks:
    """The true time and what our own clock shows."""

    def __init__(self, wrong_by: timedelta) -> None:
        self.true, self.wrong_by = _NOON, wrong_by
        self.telegram = TelegramTime(lambda: self.true + self.wrong_by, lambda: (self.true - _NOON).total_seconds())


def test_before_anything_was_heard_it_is_our_own_clock() -> None:
    clocks = Clocks(timedelta(hours=1))
    assert clocks.telegram() == _NOON + timedelta(hours=1)


def test_where_our_clock_is_ahead_it_goes_on_from_what_telegram_dated_last() -> None:
    clocks = Clocks(timedelta(hours=1))
    clocks.telegram.heard(_NOON)
    clocks.true += timedelta(minutes=5)
    assert clocks.telegram() == _NOON + timedelta(minutes=5)
    clocks.wrong_by = timedelta(days=3)
    assert clocks.telegram() == _NOON + timedelta(minutes=5)


def test_it_is_never_later_than_our_own_clock() -> None:
    clocks = Clocks(timedelta(hours=-1))
    clocks.telegram.heard(_NOON)
    assert clocks.telegram() == _NOON - timedelta(hours=1)
    clocks.telegram.heard(datetime.max.replace(tzinfo=UTC))
    assert clocks.telegram() == _NOON - timedelta(hours=1)


def test_what_is_told_late_does_not_turn_it_back() -> None:
    clocks = Clocks(timedelta(0))
    clocks.telegram.heard(_NOON)
    clocks.telegram.heard(_NOON - timedelta(hours=2))
    assert clocks.telegram() == _NOON


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_who_joins_while_our_clock_is_an_hour_ahead_of_telegrams_earns_at_once(
    server: TelegramServer, ania: User, olek: User, club: Group, empty: Address
) -> None:
    server.now = lambda: time.time() - 3600
    async with running(server, empty) as system:
        await system.join(ania, olek)
        await set_up(system, olek, club)
        server.group_message(club, ania, "Good morning everybody!")

        async def has_some() -> bool:
            return await system.status(ania) == 5

        await until(has_some)
