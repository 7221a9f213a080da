"""The ledger guards itself: nothing changes, nothing is lost, nothing counts twice."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.earning.versions import version_of
from bot.events import Identity, Person
from bot.ledger.ledger import EntryDraft, Reason, SourceReused, Unit, pending, wallet
from bot.members.members import Member
from storage import schema
from storage.engine.database import prepare
from storage.engine.times import to_us
from storage.schema import entry
from storage.transaction import Transaction
from storage.verify import verify
from tests.databases import Address, refused, transaction

NOW = datetime(2026, 3, 16, 7, 0, tzinfo=UTC)


@pytest.fixture
def tx(empty: Address) -> Iterator[Transaction]:
    """A transaction on an empty database, kept and verified at the end."""
    with transaction(empty, NOW) as opened:
        prepare(opened)
        yield opened
    assert verify(empty).problems == []


@pytest.fixture
def ania(tx: Transaction) -> Member:
    person = Person(Identity("console", "ania"), "Ania")
    return tx.members.add(person, "000000000", "en", None, is_owner=False)


def award(to: Member, points: int = 10, **about: Any) -> EntryDraft:
    draft = EntryDraft(
        unit=Unit.POINTS,
        points=points,
        reason=Reason.BONUS,
        source="award",
        holder_id=to.holder_id,
        member_id=to.id,
        occurred_at=NOW,
        from_programme="issued:bonus",
        to_account=wallet(to.holder_id),
    )
    return draft._replace(**about)


def spend(of: Member, points: int, **about: Any) -> EntryDraft:
    route = {"from_programme": None, "from_account": wallet(of.holder_id), "to_programme": "redeemed", "to_account": 0}
    return award(of, points, **({"source": "spend"} | route | about))


def found(tx: Transaction, sql: str) -> list[Any]:
    return tx._connection.all(text(sql))


def sums(tx: Transaction) -> dict[str, int]:
    moves = "SELECT unit, points AS amount FROM entry UNION ALL SELECT unit, -points FROM entry"  # both ends of each
    return dict(found(tx, f"SELECT unit, SUM(amount) FROM ({moves}) AS moves GROUP BY unit"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET points = points + 1",
        "UPDATE entry SET reason = 'gift'",
        "UPDATE OR REPLACE entry SET id = 99",
        "DELETE FROM entry",
        "UPDATE account SET name = 'other'",
        "DELETE FROM account",
    ],
)
def test_what_is_written_cannot_be_changed(tx: Transaction, ania: Member, kind: str, statement: str) -> None:
    tx.ledger.post(award(ania))
    before = found(tx, "SELECT * FROM entry")
    with refused(tx, "append-only"):
        tx._connection.script(statement if kind == "sqlite" else statement.replace("OR REPLACE ", ""))
    assert found(tx, "SELECT * FROM entry") == before


def test_what_is_written_cannot_be_written_over(tx: Transaction, ania: Member) -> None:
    tx.ledger.post(award(ania))
    before = found(tx, "SELECT * FROM entry")
    columns = [column.name for column in entry.columns]
    changed = ", ".join("points + 5" if column == "points" else column for column in columns)
    insert = f"INSERT INTO entry ({', '.join(columns)}) SELECT {changed} FROM entry WHERE source <> 'nothing'"
    with refused(tx, "append-only"):
        tx._connection.script(f"{insert} ON CONFLICT (id) DO UPDATE SET points = excluded.points")
    assert found(tx, "SELECT * FROM entry") == before


@pytest.mark.parametrize("statement", ["UPDATE rule_version SET content = ''", "DELETE FROM rule_version"])
def test_a_rule_version_cannot_be_changed(tx: Transaction, statement: str) -> None:
    tx.rules.remember(version_of("bonus", "{}").id, "bonus", "{}")
    with refused(tx, "append-only"):
        tx._connection.script(statement)


@pytest.mark.parametrize(
    ("column", "value"),
    [("points", 0), ("points", -5), ("points", 10**12 + 1), ("points", 1.5), ("points", "ten"), ("unit", "credits")],
)
def test_the_schema_refuses_odd_amounts_and_units(
    tx: Transaction, ania: Member, kind: str, column: str, value: object
) -> None:
    tx.ledger.post(award(ania))
    # To PostgreSQL every value is given as text.
    given = repr(value) if kind == "sqlite" else f"'{value}'"
    columns = [column.name for column in schema.entry.columns if column.name != "id"]
    taken = ", ".join(given if name == column else "'other'" if name == "source" else name for name in columns)
    with refused(tx):
        tx._connection.script(f"INSERT INTO entry ({', '.join(columns)}) SELECT {taken} FROM entry")


def test_an_entry_needs_two_different_accounts(tx: Transaction, ania: Member) -> None:
    own = wallet(ania.holder_id)
    with refused(tx):
        tx.ledger.post(award(ania, from_programme=None, from_account=own))


def test_nobody_spends_what_they_do_not_have(tx: Transaction, ania: Member) -> None:
    tx.ledger.post(award(ania, 10))
    for reason in Reason:
        if reason is not Reason.CLAWBACK:
            with refused(tx, "overdraft"):
                tx.ledger.post(spend(ania, 11, reason=reason))
    assert tx.accounts.of(ania.id).points == 10
    assert tx.ledger.post(spend(ania, 10))
    assert tx.accounts.of(ania.id).points == 0


def test_only_a_clawback_leaves_a_debt(tx: Transaction, ania: Member) -> None:
    tx.ledger.post(award(ania, 10))
    tx.ledger.post(spend(ania, 25, reason=Reason.CLAWBACK))
    assert tx.accounts.of(ania.id).owed == 15
    with refused(tx, "overdraft"):
        tx.ledger.post(spend(ania, 1, source="more"))
    tx.ledger.post(award(ania, 20, source="second"))
    assert tx.accounts.of(ania.id).points == 5


def test_a_wallet_holds_no_more_than_a_million_millions(tx: Transaction, ania: Member) -> None:
    tx.ledger.post(award(ania, 10**12))
    with refused(tx):
        tx.ledger.post(award(ania, 1, source="one more"))


def test_a_replay_writes_nothing(tx: Transaction, ania: Member) -> None:
    assert tx.ledger.post(award(ania))
    assert not tx.ledger.post(award(ania))
    assert tx.ledger.post_many([award(ania), award(ania), award(ania, source="new"), award(ania, source="new")]) == {
        "new"
    }
    assert tx.accounts.of(ania.id).points == 20


def test_of_many_only_those_are_written_that_are_new(tx: Transaction, ania: Member) -> None:
    first, second, third = (award(ania, source=source) for source in ("first", "second", "third"))
    assert tx.ledger.post_many([first, second]) == {"first", "second"}
    assert tx.ledger.post_many([second, first]) == set()
    assert tx.ledger.post_many([first, third, second]) == {"third"}
    assert tx.ledger.unknown(["first", "second", "fourth"]) == {"fourth"}


@pytest.mark.parametrize(
    "about",
    [{"points": 11}, {"unit": Unit.STATUS}, {"reason": Reason.MESSAGE}, {"from_programme": "issued:message"}],
    ids=str,
)
def test_the_same_source_with_another_input_is_an_error(tx: Transaction, ania: Member, about: dict[str, Any]) -> None:
    tx.ledger.post(award(ania))
    with pytest.raises(SourceReused):
        tx.ledger.post(award(ania)._replace(**about))
    with pytest.raises(SourceReused):
        tx.ledger.post_many([award(ania, source="x"), award(ania, source="x")._replace(**about)])
    assert tx.accounts.of(ania.id).points == 10


def test_the_same_source_for_another_holder_is_an_error(tx: Transaction, ania: Member) -> None:
    bartek = tx.members.add(Person(Identity("console", "bartek"), "Bartek"), "000000013", "en", None, is_owner=False)
    tx.ledger.post(award(ania))
    with pytest.raises(SourceReused):
        tx.ledger.post(award(bartek))


def test_legs_of_one_source_are_separate_entries(tx: Transaction, ania: Member) -> None:
    tx.ledger.post_many([award(ania), award(ania, unit=Unit.STATUS, leg=1)])
    balances = tx.accounts.of(ania.id)
    assert (balances.points, balances.status) == (10, 10)
    assert [entry.leg for entry in tx.ledger.entries_of("award")] == [0, 1]


def test_an_entry_says_when_it_happened_and_when_it_was_written(tx: Transaction, ania: Member) -> None:
    tx.ledger.post(award(ania, occurred_at=NOW - timedelta(days=1)))
    [entry] = tx.ledger.entries_of("award")
    assert entry.occurred_at == NOW - timedelta(days=1)
    assert found(tx, "SELECT recorded_at FROM entry WHERE source = 'award'") == [(to_us(NOW),)]


def test_an_account_that_another_process_made_meanwhile_is_used(tx: Transaction) -> None:
    assert tx.ledger._new_account("issued:tests") == tx.ledger._new_account("issued:tests") < 0
    assert found(tx, "SELECT COUNT(*) FROM account WHERE name = 'issued:tests'") == [(1,)]


def test_everything_sums_to_zero(tx: Transaction, ania: Member) -> None:
    tx.ledger.post_many([award(ania, 7), award(ania, 5, unit=Unit.STATUS, leg=1), spend(ania, 3)])
    assert sums(tx) == {"points": 0, "status": 0}
    kept = dict(found(tx, "SELECT unit, SUM(amount) FROM balance GROUP BY unit"))
    assert kept == {"points": 4, "status": 5}


def test_a_reversal_happens_at_most_once(tx: Transaction, ania: Member) -> None:
    tx.ledger.post(award(ania))
    entry = tx.ledger.entries_of("award")[0]
    back = {"to_programme": "issued:bonus", "reason": Reason.REVERSE, "reverses": entry.id}
    tx.ledger.post(spend(ania, 10, source="back", **back))
    tx.ledger.post(award(ania, source="other"))
    # Another source for the same reversal is kept out by the schema alone.
    with refused(tx):
        tx.ledger.post(spend(ania, 10, source="back again", **back))


def test_a_pending_award_makes_a_lot_that_shrinks_with_what_is_taken(tx: Transaction, ania: Member) -> None:
    later = NOW + timedelta(days=7)
    tx.ledger.post(award(ania, to_account=pending(ania.holder_id), ripens_at=later))
    [lot] = tx.lots.of(["award"], Unit.POINTS)
    assert (lot.remaining, lot.ripens_at) == (10, later)
    assert tx.lots.ripe(10) == []
    taken = {"from_account": pending(ania.holder_id), "from_lot": lot.id}
    tx.ledger.post(spend(ania, 4, **taken))
    assert [lot.remaining for lot in tx.lots.of(["award"], Unit.POINTS)] == [6]
    with refused(tx):
        tx.ledger.post(spend(ania, 7, source="too much", **taken))


def test_a_note_can_be_erased_and_its_entry_stays(tx: Transaction, ania: Member) -> None:
    tx.ledger.post(award(ania, note="for the cake"))
    assert tx.accounts.history(ania.id, None, 10)[0].note == "for the cake"
    tx._connection.script("DELETE FROM note")
    assert tx.accounts.history(ania.id, None, 10)[0].note is None


# The types as a file tells them; of a server `tests/reliability/test_numbers.py` looks at every column.
@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_no_column_of_the_ledger_holds_fractions(tx: Transaction) -> None:
    for table in ("entry", "balance", "lot", "purchase", "standing"):
        types = {row[2] for row in found(tx, f"PRAGMA table_info({table})")}
        assert types <= {"INTEGER", "TEXT"}, table
