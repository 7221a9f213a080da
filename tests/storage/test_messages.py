"""Awards for messages: one row each, those known already left out, counted, and in the standings later."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from bot.earning.message import MessageAward
from bot.earning.versions import version_of
from bot.events import Identity, Person
from bot.ledger.ledger import EntryDraft, Reason, Unit, wallet
from bot.members.members import Member
from bot.observing import ENTRY
from storage.engine.database import prepare
from storage.engine.times import to_us
from storage.transaction import Transaction
from storage.verify import verify
from tests.club import SPACE
from tests.databases import Address, transaction

NOW = datetime(2026, 3, 16, 7, 0, tzinfo=UTC)
VERSION = version_of("message", "{}").id
_FEW = 3


@pytest.fixture
def tx(empty: Address, monkeypatch: pytest.MonkeyPatch) -> Iterator[Transaction]:
    """A transaction on an empty database, in which three entries are much."""
    monkeypatch.setattr("storage.boards.leaderboards.MOST", _FEW)
    with transaction(empty, NOW) as opened:
        prepare(opened)
        opened.rules.remember(VERSION, "message", "{}")
        opened.spaces.set_up(SPACE, "klub", None, "en", 0, NOW.time())
        yield opened
    assert verify(empty).problems == []


@pytest.fixture
def ania(tx: Transaction) -> Member:
    person = Person(Identity("console", "ania"), "Ania")
    return tx.members.add(person, "000000000", "en", None, is_owner=False)


def award(to: Member, source: str, at: datetime = NOW) -> MessageAward:
    return source, (to.holder_id, to.id, 1, at, int(at.timestamp()) * 1_000_000, None), "2026-03-16"


def post(tx: Transaction, to: Member, *sources: str) -> list[str]:
    """Post awards of 5 status; return the sources of those that were written."""
    return [source for source, _, _ in tx.ledger.post_messages([award(to, source) for source in sources], 5, VERSION)]


def draft(to: Member, source: str, reason: Reason, unit: Unit = Unit.STATUS) -> EntryDraft:
    return EntryDraft(
        unit=unit,
        points=5,
        reason=reason,
        source=source,
        holder_id=to.holder_id,
        member_id=to.id,
        space_id=1,
        occurred_at=NOW,
        from_programme=f"issued:{reason}",
        to_account=wallet(to.holder_id),
    )


def moved_upto(tx: Transaction) -> int:
    return int(tx.settings.get("standings.upto") or 0)


def test_what_is_known_is_left_out_and_not_counted(tx: Transaction, ania: Member) -> None:
    assert post(tx, ania, "a") == ["a"]
    assert post(tx, ania, "a", "b") == ["b"]
    assert post(tx, ania, "b", "a") == []
    assert tx.accounts.of(ania.id).status == 10
    assert tx.tally == {(ENTRY, "message"): 2}


def test_none_is_dated_in_the_future(tx: Transaction, ania: Member) -> None:
    hour = timedelta(hours=1)
    tx.ledger.post_messages([award(ania, "past", NOW - hour), award(ania, "ahead", NOW + hour)], 5, VERSION)
    dated = tx._connection.all(text("SELECT source, occurred_at, recorded_at FROM entry ORDER BY source"))
    assert dated == [("ahead", to_us(NOW), to_us(NOW)), ("past", to_us(NOW - hour), to_us(NOW))]


def test_the_standings_follow_once_there_is_much(tx: Transaction, ania: Member) -> None:
    post(tx, ania, "a", "b")
    post(tx, ania, "a", "b")
    assert moved_upto(tx) == 0
    post(tx, ania, "c")
    assert moved_upto(tx) == tx._connection.value(text("SELECT MAX(id) FROM entry")) >= _FEW


def test_they_follow_what_is_written_together_with_other_entries(tx: Transaction, ania: Member) -> None:
    tx.ledger.post_many([draft(ania, source, Reason.BONUS) for source in ("x", "y", "z")])
    assert moved_upto(tx) == 0
    tx.ledger.post_many([draft(ania, "bonus", Reason.BONUS), draft(ania, "a", Reason.MESSAGE)])
    assert moved_upto(tx) == 5
    assert tx.tally == {(ENTRY, "bonus"): 4, (ENTRY, "message"): 1}


def test_whom_messages_gave_some_is_remembered_and_nobody_else(tx: Transaction, ania: Member) -> None:
    bartek = tx.members.add(Person(Identity("console", "bartek"), "Bartek"), "000000013", "en", None, is_owner=False)
    points = draft(bartek, "points", Reason.BONUS, Unit.POINTS)
    tx.ledger.post_many([points, draft(bartek, "bonus", Reason.BONUS), draft(ania, "a", Reason.MESSAGE)])
    assert tx.status_months.chatted == {ania.id}
    post(tx, bartek, "b")
    assert tx.status_months.chatted == {ania.id, bartek.id}


def test_accounts_of_the_programme_are_made_once_and_numbered_downwards(tx: Transaction, ania: Member) -> None:
    tx.ledger.post_many([draft(ania, "x", Reason.BONUS), draft(ania, "y", Reason.BONUS)])
    post(tx, ania, "a")
    post(tx, ania, "b")
    tx.ledger.post(draft(ania, "c", Reason.MESSAGE))
    accounts = "SELECT id, name FROM account ORDER BY id DESC"
    assert tx._connection.all(text(accounts)) == [(-1, "issued:bonus"), (-2, "issued:message")]
