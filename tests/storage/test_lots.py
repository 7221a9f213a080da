"""Lots: what each credit leaves, in which order debits use it up, what is ripe, over, about to go."""

import contextlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.ledger.ledger import EntryDraft, Reason, Unit, pending, wallet
from bot.members.members import Member
from storage.ledger.open_lots import OpenLots
from storage.transaction import Transaction
from tests.club import Club
from tests.handlers.looking import balances, member, rows

DAY = timedelta(days=1)
# By the clock in Warsaw; what is given on 16 March 2026 lives to the end of March 2027.
END_OF_MARCH_2027 = datetime(2027, 3, 31, 22, tzinfo=UTC)


class Refused(Exception):
    """Something that a function thinks better of."""


@pytest.fixture
async def ania(club: Club) -> Member:
    return await member(club, "ania")


@pytest.fixture
async def bartek(club: Club) -> Member:
    return await member(club, "bartek")


def credit(to: Member, points: int, source: str, at: datetime, **about: Any) -> EntryDraft:
    """Return an entry that gives points."""
    draft = EntryDraft(
        unit=Unit.POINTS,
        points=points,
        reason=Reason.BONUS,
        source=source,
        holder_id=to.holder_id,
        member_id=to.id,
        from_programme="issued:bonus",
        to_account=wallet(to.holder_id),
        occurred_at=at,
    )
    return draft._replace(**about)


def debit(of: Member, points: int, source: str, at: datetime, **about: Any) -> EntryDraft:
    """Return an entry that takes points."""
    ends = {"from_programme": None, "from_account": wallet(of.holder_id), "to_account": 0, "to_programme": "redeemed"}
    return credit(of, points, source, at, **(ends | {"reason": Reason.REDEEM} | about))


async def post(club: Club, *drafts: EntryDraft) -> None:
    await club.database.write(lambda tx: tx.ledger.post_many(drafts))


async def give_back(club: Club, to: Member, source: str) -> None:
    """Undo what was taken under a source, now."""
    [(entry, points)] = await rows(club, f"SELECT id, points FROM entry WHERE source = '{source}'")
    await post(club, credit(to, points, f"back {source}", club.clock.now, from_programme="redeemed", reverses=entry))


async def left(club: Club) -> dict[str, int]:
    """Return what is left of each source's lot, apart from what joining gave."""
    found = "SELECT source, remaining FROM lot JOIN entry ON entry.id = lot.entry_id WHERE entry.reason <> 'join'"
    return dict(await rows(club, found))


async def ask(club: Club, what: str, *arguments: Any) -> Any:
    """Ask something of the open lots."""
    assert hasattr(OpenLots, what)
    return await club.database.read(lambda tx: getattr(tx.lots, what)(*arguments))


async def test_what_expires_first_is_used_first(club: Club, ania: Member) -> None:
    now = club.clock.now
    await post(club, credit(ania, 10, "late", now), credit(ania, 10, "early", now, counts_at=now - 60 * DAY))
    await post(club, credit(ania, 10, "later", now), credit(ania, 10, "middle", now, counts_at=now - 30 * DAY))
    await post(club, debit(ania, 25, "spent", now))
    assert await left(club) == {"late": 5, "early": 0, "later": 10, "middle": 0}
    uses = (
        "SELECT use.points FROM lot_use AS use JOIN entry ON entry.id = entry_id WHERE source = 'spent' ORDER BY lot_id"
    )
    assert await rows(club, uses) == [(5,), (10,), (10,)]


async def test_a_source_that_is_preferred_goes_before_what_expires_first(club: Club, ania: Member) -> None:
    now = club.clock.now
    await post(club, credit(ania, 10, "early", now, counts_at=now - 60 * DAY), credit(ania, 10, "late", now))
    await post(club, debit(ania, 12, "spent", now, prefers=("late",)))
    assert await left(club) == {"early": 8, "late": 0}


async def test_a_debit_may_name_its_lot(club: Club, ania: Member) -> None:
    now = club.clock.now
    await post(club, credit(ania, 10, "first", now), credit(ania, 10, "second", now))
    [(second,)] = await rows(club, "SELECT lot.id FROM lot JOIN entry ON entry.id = entry_id WHERE source = 'second'")
    await post(club, debit(ania, 4, "spent", now, from_lot=second))
    assert await left(club) == {"first": 10, "second": 6}


async def test_debits_that_name_their_lots_and_such_that_do_not_may_come_together(club: Club, ania: Member) -> None:
    now = club.clock.now
    await post(club, *[credit(ania, 10, name, now) for name in ("first", "second", "third")])
    lots = dict(await rows(club, "SELECT source, lot.id FROM lot JOIN entry ON entry.id = lot.entry_id"))
    await post(
        club,
        debit(ania, 10, "gone", now, from_lot=lots["first"]),
        debit(ania, 4, "gone too", now, from_lot=lots["third"]),
        debit(ania, 13, "spent", now),
        debit(ania, 2, "gone at last", now, from_lot=lots["third"]),
    )
    assert await left(club) == {"first": 0, "second": 0, "third": 1}
    used = "SELECT source, SUM(lot_use.points) FROM lot_use JOIN entry ON entry.id = lot_use.entry_id GROUP BY source"
    assert dict(await rows(club, used)) == {"gone": 10, "gone too": 4, "spent": 13, "gone at last": 2}


async def test_a_debit_may_use_up_very_many(club: Club, ania: Member) -> None:
    now = club.clock.now
    await post(club, *(credit(ania, 1, f"{number:03}", now) for number in range(250)))
    await post(club, debit(ania, 240, "spent", now))
    assert {source for source, remaining in (await left(club)).items() if remaining} == {
        f"{n}" for n in range(240, 250)
    }


async def test_a_credit_repays_first_and_only_the_rest_becomes_a_lot(club: Club, ania: Member) -> None:
    now = club.clock.now
    await post(club, credit(ania, 20, "first", now))
    await post(club, debit(ania, 50, "gone", now, reason=Reason.CLAWBACK))
    assert (await balances(club, "ania")).points == -30
    await post(club, credit(ania, 10, "a", now), credit(ania, 25, "b", now), credit(ania, 7, "c", now))
    assert await left(club) == {"first": 0, "b": 5, "c": 7}
    await post(club, debit(ania, 12, "all", now), credit(ania, 1, "d", now))
    assert await left(club) == {"first": 0, "b": 0, "c": 0, "d": 1}


async def test_a_debt_and_what_repays_it_may_come_together(club: Club, ania: Member) -> None:
    now = club.clock.now
    await post(club, credit(ania, 20, "first", now))
    gone = debit(ania, 30, "gone", now, reason=Reason.CLAWBACK)
    await post(club, gone, credit(ania, 15, "second", now))
    assert await left(club) == {"first": 0, "second": 5}


async def test_what_is_owed_is_known_to_all_entries_of_a_transaction(club: Club, ania: Member) -> None:
    now = club.clock.now
    await post(club, debit(ania, 30, "lost", now, reason=Reason.CLAWBACK))

    def give(tx: Transaction) -> None:
        assert tx.accounts.of(ania.id).owed == 30
        tx.ledger.post(credit(ania, 20, "a", now))
        with contextlib.suppress(Refused), tx.savepoint():
            tx.ledger.post(credit(ania, 10, "undone", now))
            raise Refused
        tx.ledger.post(credit(ania, 12, "b", now))
        assert tx.accounts.of(ania.id).points == 2
        tx.ledger.post_many([debit(ania, 1, "spent", now), credit(ania, 5, "c", now)])

    await club.database.write(give)
    assert await left(club) == {"b": 1, "c": 5}


async def test_each_repays_their_own_debt_where_both_are_given_something(
    club: Club, ania: Member, bartek: Member
) -> None:
    now = club.clock.now
    for who, points in ((ania, 10), (bartek, 12)):
        await post(club, debit(who, points, f"lost {who.id}", now, reason=Reason.CLAWBACK))
    await post(club, credit(ania, 15, "a", now), credit(bartek, 15, "b", now))
    assert await left(club) == {"a": 5, "b": 3}


async def test_a_single_point_comes_back_to_where_it_was(club: Club, ania: Member) -> None:
    now = club.clock.now
    await post(club, credit(ania, 1, "one", now), debit(ania, 1, "spent", now))
    [(spent,)] = await rows(club, "SELECT id FROM entry WHERE source = 'spent'")
    await post(club, credit(ania, 1, "undone", now, from_programme="redeemed", reverses=spent))
    assert await left(club) == {"one": 1}


async def test_what_is_given_back_repays_first_and_fills_what_lives_longest(club: Club, ania: Member) -> None:
    now = club.clock.now
    await post(club, credit(ania, 10, "late", now), credit(ania, 10, "early", now, counts_at=now - 60 * DAY))
    await post(club, credit(ania, 10, "last", now), debit(ania, 30, "spent", now))
    await post(club, debit(ania, 15, "gone", now, reason=Reason.CLAWBACK))
    [(spent,)] = await rows(club, "SELECT id FROM entry WHERE source = 'spent'")
    undone = {"reason": Reason.REVERSE, "from_programme": "redeemed", "reverses": spent}
    await post(club, credit(ania, 30, "undone", now, **undone))
    assert await left(club) == {"early": 0, "late": 5, "last": 10}


async def test_status_has_no_part_in_what_points_repay(club: Club, ania: Member) -> None:
    now, status = club.clock.now, {"unit": Unit.STATUS}
    await post(club, credit(ania, 10, "status", now, **status))
    await post(club, debit(ania, 10, "lost", now, **status), credit(ania, 5, "points", now))
    assert await left(club) == {"points": 5}


async def test_points_of_long_ago_live_as_if_they_came_now(club: Club, ania: Member) -> None:
    expires = (
        "SELECT source, expires_at FROM lot JOIN entry ON entry.id = entry_id WHERE source LIKE 'ago%' ORDER BY source"
    )
    club.clock.now = END_OF_MARCH_2027
    for source, at in (("ago 1", datetime(2025, 1, 1, tzinfo=UTC)), ("ago 2", datetime(2026, 3, 31, 12, tzinfo=UTC))):
        await post(club, credit(ania, 1, source, club.clock.now, counts_at=at))
    end_of_april_2028 = datetime(2028, 4, 30, 22, tzinfo=UTC).timestamp() * 1_000_000
    assert await rows(club, expires) == [("ago 1", end_of_april_2028), ("ago 2", end_of_april_2028)]


async def test_what_only_went_to_another_wallet_expires_as_it_would_have(club: Club, ania: Member) -> None:
    now = club.clock.now
    for source, expires_at in (("soon", now + DAY), ("never", None)):
        await post(club, credit(ania, 10, source, now, keeps_expiry=True, expires_at=expires_at))
    assert await ask(club, "parts", ania.id, 20) == [
        (ania.holder_id, now + DAY, 10),
        (ania.holder_id, None, 10),
    ]


async def test_what_is_pending_ripens_at_its_instant_the_oldest_first(club: Club, ania: Member) -> None:
    now, account = club.clock.now, pending(ania.holder_id)
    for hours, unit in ((3, Unit.POINTS), (2, Unit.STATUS), (3, Unit.STATUS)):
        at = now + timedelta(hours=hours)
        source = f"{unit} {hours}"
        about = {"unit": unit, "to_account": account, "ripens_at": at, "space_id": 1}
        await post(club, credit(ania, hours - 1, source, now, **about))
    assert await ask(club, "next_ripening") == now + timedelta(hours=2)
    club.clock.now = now + timedelta(hours=2) - timedelta(microseconds=1)
    assert await ask(club, "ripe", 10) == []
    club.clock.now = now + timedelta(hours=2)
    [lot] = await ask(club, "ripe", 10)
    assert (lot.holder_id, lot.member_id, lot.unit, lot.remaining) == (ania.holder_id, ania.id, Unit.STATUS, 1)
    assert (lot.space_id, lot.ripens_at, lot.expires_at) == (1, club.clock.now, None)
    club.clock.now = now + timedelta(hours=3)
    assert [(ripe.unit, ripe.remaining) for ripe in await ask(club, "ripe", 10)] == [
        ("status", 1), ("points", 2), ("status", 2),
    ]  # fmt: skip
    assert [ripe.remaining for ripe in await ask(club, "ripe", 2)] == [1, 2]
    assert [(ripe.unit, ripe.remaining) for ripe in await ask(club, "of", ["points 3", "status 2"], Unit.POINTS)] == [
        ("points", 2)
    ]
    away = {"from_account": account, "to_account": 0, "to_programme": "issued:bonus", "unit": Unit.STATUS}
    await post(club, debit(ania, 1, "away", now, prefers=("status 2",), **away))
    assert await ask(club, "next_ripening") == now + timedelta(hours=3)
    assert await ask(club, "of", ["status 2"], Unit.STATUS) == []


async def test_what_is_past_its_time_is_found_by_holder(club: Club, ania: Member, bartek: Member) -> None:
    now = club.clock.now
    assert await ask(club, "next_expiry") is None
    for number, who in enumerate((bartek, ania, bartek, ania, bartek)):
        await post(club, credit(who, number + 1, f"{number}", now))
    await post(club, credit(ania, 100, "later", now, counts_at=now + 30 * DAY))
    await post(club, credit(ania, 1, "soon", now, counts_at=now - 30 * DAY))
    assert await ask(club, "next_expiry") == datetime(2027, 2, 28, 23, tzinfo=UTC)
    await post(club, debit(ania, 3, "spent", now))
    assert await ask(club, "next_expiry") == END_OF_MARCH_2027
    club.clock.now = END_OF_MARCH_2027 - timedelta(microseconds=1)
    assert await ask(club, "expired", 10) == []
    club.clock.now = END_OF_MARCH_2027
    for most, expected in ((10, [4, 1, 3, 5]), (4, [4]), (3, [4]), (1, [4]), (5, [4, 1, 3, 5])):
        assert [lot.remaining for lot in await ask(club, "expired", most)] == expected, most


async def test_what_comes_back_to_a_lot_that_is_over_lives_to_the_end_of_the_day(club: Club, ania: Member) -> None:
    now, over = club.clock.now, END_OF_MARCH_2027
    await post(club, *(credit(ania, 10, source, now) for source in "abcd"))
    await post(club, *(debit(ania, 9, f"of {source}", now, prefers=(source,)) for source in "abcd"))
    assert await ask(club, "going_of", "of a", over) == 9
    club.clock.now = over - timedelta(microseconds=1)
    await give_back(club, ania, "of a")
    assert await ask(club, "coming_expiries", ania.id) == [(over, 13)]
    # At the very moment at which it is over, with what was left of it: that night's work was not done yet.
    club.clock.now = over
    await give_back(club, ania, "of b")
    assert await ask(club, "coming_expiries", ania.id) == [(over, 12), (over + DAY, 10)]
    assert [lot.remaining for lot in await ask(club, "expired", 10)] == [10, 1, 1]
    club.clock.now = over + DAY
    await give_back(club, ania, "of c")
    assert await ask(club, "coming_expiries", ania.id) == [(over, 11), (over + DAY, 10), (over + 2 * DAY, 10)]
    # The day ends by the programme's clock.
    assert await ask(club, "going_of", "of d", over - timedelta(microseconds=1)) == 0
    assert await ask(club, "going_of", "of d", over) == 9
    club.clock.now = over + 3 * DAY - timedelta(microseconds=1)
    await give_back(club, ania, "of d")
    assert (await ask(club, "coming_expiries", ania.id))[-1] == (over + 3 * DAY, 10)


async def test_where_a_debt_takes_what_comes_back_its_lot_stays_over(club: Club, ania: Member) -> None:
    now, over = club.clock.now, END_OF_MARCH_2027
    await post(club, credit(ania, 10, "a", now), debit(ania, 9, "of a", now))
    await post(club, debit(ania, 20, "clawback", now, reason=Reason.CLAWBACK))
    club.clock.now = over
    await give_back(club, ania, "of a")
    assert await ask(club, "next_expiry") is None
    assert await left(club) == {"a": 0}


async def test_a_lot_tells_how_often_it_was_used(club: Club, ania: Member) -> None:
    now = club.clock.now
    await post(club, *(credit(ania, 10, source, now) for source in ("a", "b", "c")))
    await post(club, *(debit(ania, 1, f"of {source}", now, prefers=(source[0],)) for source in ("a", "a again", "b")))
    assert [lot.uses for lot in await ask(club, "of", ["a", "b", "c"], Unit.POINTS)] == [2, 1, 0]


async def test_when_points_are_about_to_go_is_known(club: Club, ania: Member, bartek: Member) -> None:
    now = club.clock.now
    await post(club, credit(ania, 10, "a1", now), credit(ania, 5, "a2", now), credit(bartek, 3, "b", now))
    for who, points, source in ((ania, 1, "a3"), (bartek, 2, "used")):
        await post(club, credit(who, points, source, now, counts_at=now + 30 * DAY))
    await post(club, debit(bartek, 2, "spent", now, prefers=("used",)))
    held = {"to_account": pending(ania.holder_id), "ripens_at": now + DAY}
    await post(club, credit(ania, 50, "waiting", now, **held))
    going = [(ania.id, 15), (bartek.id, 3)]
    assert await ask(club, "expiring", END_OF_MARCH_2027, 0, 10) == going
    assert await ask(club, "expiring", END_OF_MARCH_2027, 0, 1) == going[:1]
    assert await ask(club, "expiring", END_OF_MARCH_2027, ania.id, 10) == going[1:]
    # As far as the clocks of the world are apart.
    for apart in (timedelta(hours=26), -timedelta(hours=26)):
        assert await ask(club, "expiring", END_OF_MARCH_2027 + apart, 0, 10) == going
        beyond = apart + apart / abs(apart) * timedelta(microseconds=1)
        assert await ask(club, "expiring", END_OF_MARCH_2027 + beyond, 0, 10) == []
    april = datetime(2027, 4, 30, 22, tzinfo=UTC)
    assert await ask(club, "expiring", april, 0, 10) == [(ania.id, 1)]
    assert await ask(club, "coming_expiries", ania.id) == [(END_OF_MARCH_2027, 15), (april, 1)]
    assert await ask(club, "coming_expiries", bartek.id) == [(END_OF_MARCH_2027, 3)]
    assert await ask(club, "plan", ania.id, 12) == [(ania.holder_id, 12)]
    assert await ask(club, "plan", bartek.id, 12) == [(bartek.holder_id, 3)]
    assert await ask(club, "plan", ania.id, 20) == [(ania.holder_id, 16)]
    assert await ask(club, "plan", ania.id, 0) == []


async def test_what_sources_credited_is_told_in_the_order_it_came(club: Club, ania: Member) -> None:
    now = club.clock.now
    await post(club, credit(ania, 1, "z", now), credit(ania, 2, "a", now))
    assert [lot.remaining for lot in await ask(club, "of", ["a", "z"], Unit.POINTS)] == [1, 2]


async def test_what_expires_first_is_spent_first_whichever_holder_has_it(club: Club, ania: Member) -> None:
    now = club.clock.now
    add_holder = text(f"INSERT INTO holder (member_id, created_at) VALUES ({ania.id}, 0) RETURNING id")
    second = replace(ania, holder_id=await club.database.write(lambda tx: tx._connection.value(add_holder)))
    early = {"counts_at": now - 60 * DAY}
    await post(club, credit(ania, 10, "late", now), credit(second, 10, "early", now, **early))
    assert await ask(club, "plan", ania.id, 12) == [(second.holder_id, 10), (ania.holder_id, 2)]


async def test_it_is_known_what_points_came_by_and_how_many_of_them_expired(club: Club, ania: Member) -> None:
    now, waits = club.clock.now, pending(ania.holder_id)
    await post(club, credit(ania, 30, "given", now, to_account=waits, ripens_at=now))
    [lot] = await ask(club, "ripe", 1)
    moved = {"from_programme": None, "from_account": waits, "from_lot": lot.id, "reason": Reason.RIPEN}
    await post(club, credit(ania, 30, "ripened", now, **moved), credit(ania, 10, "other", now))
    await post(club, debit(ania, 12, "spent", now, prefers=("ripened",)))
    assert await ask(club, "sources_from", ["given"]) == ("given", "ripened")
    assert await ask(club, "sources_from", ["other"]) == ("other",)
    assert await ask(club, "expired_of", ["given", "ripened"]) == 0
    gone = {"reason": Reason.EXPIRE, "to_programme": "expired"}
    await post(club, debit(ania, 18, "expired", now, prefers=("ripened",), **gone))
    assert await ask(club, "expired_of", ["given", "ripened"]) == 18
    [(gone_by,)] = await rows(club, "SELECT id FROM entry WHERE source = 'expired'")
    assert [await ask(club, "expired_of", ["ripened"], gone_by + later) for later in (0, 1)] == [0, 18]
    assert await ask(club, "expired_of", ["other"]) == 0
