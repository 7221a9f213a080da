"""Ripening: what is due moves to the wallet all at once, however many lots that are."""

import pytest

from bot.ledger.ledger import Balances
from handlers.points import ripening
from tests.club import Club
from tests.handlers.looking import balances, rows

_FEW = 2


async def test_many_lots_ripen_in_parts_at_the_same_instant(club: Club, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ripening, "_AT_ONCE", _FEW)
    for number in range(2 * _FEW):
        await club.say("kasia", f"/purchase @ania 10 R{number}")
    while (await balances(club, "ania")).points == 0:
        due = await club.app.next_due()
        assert due is not None
        club.clock.now = due
        await club.app.run_due()
    assert await balances(club, "ania") == Balances(points=40, status=40)
    ripened = await rows(club, "SELECT DISTINCT occurred_at FROM entry WHERE reason = 'ripen' AND points = 10")
    assert len(ripened) == 1
