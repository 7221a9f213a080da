"""Taking back what a source awarded, from a member who has several holders."""

from pathlib import Path

import pytest
from sqlalchemy import text

from bot.ledger.ledger import EntryDraft, Reason, Unit, wallet
from handlers.points.undo import reverse
from storage.transaction import Transaction
from storage.verify import verify
from tests import holds
from tests.club import Club, config, open_club
from tests.handlers.looking import balances, count, member, rows


def _credit(holder_id: int, member_id: int, points: int, source: str, tx: Transaction) -> None:
    tx.ledger.post(
        EntryDraft(
            unit=Unit.POINTS, points=points, reason=Reason.REACTION, source=source, holder_id=holder_id,
            member_id=member_id, from_programme="issued:reaction", to_account=wallet(holder_id), occurred_at=tx.now,
        )
    )  # fmt: skip


async def _two_holders(club: Club) -> tuple[int, int, int]:
    """Return (member, holder, holder) of Ania, who was Bartek as well; the first holder has 10 points of `award`."""
    one, other = await member(club, "ania"), await member(club, "bartek")

    def link(tx: Transaction) -> None:
        _credit(one.holder_id, one.id, 10, "award", tx)
        tx._connection.run(text(f"UPDATE holder SET member_id = {one.id} WHERE id = {other.holder_id}"))

    await club.database.write(link)
    return one.id, one.holder_id, other.holder_id


async def _points(club: Club, *holder_ids: int) -> list[int]:
    return [await club.database.read(lambda tx, i=i: tx.accounts.points_in(wallet(i))) for i in holder_ids]  # type: ignore[misc]


async def test_what_one_wallet_spent_is_owed_though_another_has_plenty(club: Club) -> None:
    member_id, holder, other = await _two_holders(club)
    ania = await member(club, "ania")
    await club.database.write(lambda tx: holds.hold(10, ania, "mug", tx))
    await club.database.write(lambda tx: _credit(other, member_id, 100, "other", tx))
    await club.database.write(lambda tx: reverse("award", tx))
    assert await _points(club, holder, other) == [-10, 100]
    assert (await balances(club, "ania")).points == 90
    assert await _reasons(club) == ["clawback"]
    await club.database.write(lambda tx: reverse("award", tx))
    assert await count(club, "dead_letter") == 0
    assert await _reasons(club) == ["clawback"]


async def test_what_a_wallet_still_has_is_taken_back_though_another_owes(club: Club) -> None:
    member_id, holder, other = await _two_holders(club)
    await club.database.write(lambda tx: _credit(other, member_id, 5, "other", tx))

    def claw_back(tx: Transaction) -> None:
        debt = EntryDraft(
            unit=Unit.POINTS, points=20, reason=Reason.CLAWBACK, source="debt", holder_id=other, member_id=member_id,
            from_account=wallet(other), to_programme="issued:purchase", occurred_at=tx.now,
        )  # fmt: skip
        tx.ledger.post(debt)

    await club.database.write(claw_back)
    await club.database.write(lambda tx: reverse("award", tx))
    assert await _points(club, holder, other) == [0, -15]
    assert await _reasons(club) == ["reverse"]


async def _reasons(club: Club) -> list[str]:
    found = await rows(club, "SELECT reason FROM entry WHERE source = ?", "reverse:award")
    return [row[0] for row in found]


async def test_a_joining_taken_back_once_is_not_taken_back_again(empty: Path | str) -> None:
    settings = config(earning={"join": {"points": 20, "status": 0, "pending_days": 0}})
    async with open_club(empty, settings) as club:
        await club.join("olek", "ania")
        await club.set_up()
        for is_present in (True, False, True, False):
            await club.app.handle(club.presence("ania", is_present=is_present))
            await club.skip(minutes=1)
        assert (await balances(club, "ania")).points == 0
        assert await count(club, "dead_letter") == 0
    assert verify(empty).problems == []


@pytest.mark.parametrize(("spent", "left", "reason"), [(0, 0, "reverse"), (1, -1, "clawback"), (10, -10, "clawback")])
async def test_exactly_what_is_missing_is_owed(club: Club, spent: int, left: int, reason: str) -> None:
    ania = await member(club, "ania")
    await club.database.write(lambda tx: _credit(ania.holder_id, ania.id, 10, "award", tx))
    if spent:
        await club.database.write(lambda tx: holds.hold(spent, ania, "mug", tx))
    await club.database.write(lambda tx: reverse("award", tx))
    assert (await balances(club, "ania")).points == left
    assert await _reasons(club) == [reason]
