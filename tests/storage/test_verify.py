"""Verify finds every kind of tampering, in a file and on a server, and says what kind it is."""

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from bot.events import Identity
from bot.ledger.ledger import MAX_POINTS
from bot.rewards.rewards import Terms
from handlers.coupons import lifecycle as coupons
from storage.engine.migrate import migrate
from storage.transaction import Transaction
from storage.verify import Report, report_on, verify
from storage.verify.postgres import PostgresSnapshot
from storage.verify.report import Findings
from tests import holds
from tests.club import PLATFORM, SPACE, Club, config, open_club
from tests.postgres import Server

CHALLENGE = {
    "id": "weekly", "counts": "purchases", "goal": 1, "points": 5, "repeat": "weekly",
    "title": {"en": "Buy", "pl": "Kup"},
}  # fmt: skip
STAMP_CARD = {
    "id": "coffee", "stamps": 2, "by_purchase": False, "title": {"en": "Coffees", "pl": "Kawy"},
    "reward": {"en": "A coffee", "pl": "Kawa"},
}  # fmt: skip
_PAGE = 4096
TIER = {"id": "silver", "threshold": 50, "name": {"en": "Silver", "pl": "Srebrny"}}
_FORGED_ENTRY = """
    INSERT INTO entry (id, unit, from_account, to_account, points, reason, source, leg, input_hash, holder_id,
                       occurred_at, recorded_at)
    SELECT {id}, 'points', {giver}, {taker}, balance.amount + 5, '{reason}', 'forged:{id}', 0, '', 3, 1, 1
    FROM balance JOIN account ON account.name = 'issued:bonus' WHERE balance.account_id = 13 AND unit = 'points'
"""
# Five points more than bartek has are spent, then come as many as were spent: what is kept agrees with the entries.
OVERSPENT = ";; ".join(
    [
        _FORGED_ENTRY.format(id=90001, giver=13, taker="account.id", reason="expire"),
        "INSERT INTO lot_use (entry_id, lot_id, points)"
        " SELECT 90001, id, remaining FROM lot WHERE account_id = 13 AND remaining > 0",
        "UPDATE lot SET remaining = 0 WHERE account_id = 13",
        _FORGED_ENTRY.format(id=90002, giver="account.id", taker=13, reason="bonus"),
        "INSERT INTO lot (id, entry_id, account_id, holder_id, unit, points, remaining)"
        " SELECT 90001, 90002, 13, 3, 'points', amount, amount FROM balance WHERE account_id = 13 AND unit = 'points'",
    ]
)
# What is done to the rows with the guards out of the way, and a kind of problem that must be found then.
TAMPERING = [
    ("UPDATE entry SET points = points + 1 WHERE id = 1", "balances"),
    ("UPDATE entry SET unit = 'points' WHERE unit = 'status' AND from_account > 0", "balances"),
    ("UPDATE entry SET to_account = to_account + 4 WHERE reason = 'bonus'", "holders"),
    ("UPDATE entry SET from_account = from_account + 4 WHERE reason = 'hold'", "holders"),
    ("UPDATE entry SET holder_id = holder_id + 1 WHERE reason = 'bonus'", "holders"),
    ("UPDATE entry SET from_account = -999 WHERE reason = 'bonus'", "accounts"),
    ("UPDATE entry SET rule_version = 'forged' WHERE reason = 'bonus'", "rule versions"),
    ("UPDATE entry SET reverses = 1 WHERE reason = 'reverse'", "reversals"),
    ("UPDATE entry SET reverses = 4711 WHERE reason = 'reverse'", "references"),
    ("UPDATE entry SET points = points - 1 WHERE reason = 'release'", "reversals"),
    ("UPDATE entry SET reason = 'bonus' WHERE reason = 'clawback'", "debts"),
    (OVERSPENT, "debts"),
    (OVERSPENT, "lots"),
    ("UPDATE entry SET source = source || ' of another' WHERE reason = 'redeem'", "holds"),
    ("UPDATE entry SET input_hash = 'forged' WHERE id = 1", "seals"),
    ("UPDATE entry SET recorded_at = recorded_at + 1 WHERE id = 2", "seals"),
    ("UPDATE entry SET actor_id = NULL WHERE reason = 'bonus'", "seals"),
    ("DELETE FROM entry WHERE reason = 'bonus'", "balances"),
    ("DELETE FROM entry WHERE reason = 'bonus'", "seals"),
    ("DELETE FROM entry WHERE reason = 'reverse'", "balances"),
    ("UPDATE entry SET id = -5 WHERE id = 3", "seals"),
    ("DELETE FROM seal WHERE id = 1", "seals"),
    ("UPDATE seal SET hash = 'forged' WHERE id = 2", "seals"),
    ("UPDATE seal SET first_entry_id = first_entry_id + 1 WHERE id = 2", "seals"),
    ("UPDATE seal SET last_entry_id = last_entry_id + 1000 WHERE id = 2", "seals"),
    ("UPDATE balance SET amount = amount + 100 WHERE account_id = 13 AND unit = 'points'", "balances"),
    ("UPDATE balance SET amount = amount + 100 WHERE account_id = 13 AND unit = 'points'", "sums"),
    ("UPDATE balance SET amount = -1 WHERE account_id = 13 AND unit = 'points'", "balances"),
    ("UPDATE balance SET amount = amount + 1 WHERE account_id = 15", "holds"),
    ("DELETE FROM balance WHERE account_id = 13", "balances"),
    ("INSERT INTO balance VALUES (4001, 'points', 5)", "balances"),
    ("UPDATE lot SET remaining = remaining - 1 WHERE remaining > 0", "lots"),
    ("UPDATE lot SET points = points + 1, remaining = remaining + 1 WHERE remaining > 0", "lots"),
    ("UPDATE lot SET points = points - 1 WHERE remaining = 0", "lots"),
    ("UPDATE lot SET account_id = account_id + 4", "lots"),
    ("UPDATE lot SET unit = 'status'", "lots"),
    ("UPDATE lot SET holder_id = 1 WHERE holder_id = 3", "lots"),
    ("DELETE FROM lot WHERE remaining > 0", "lots"),
    ("DELETE FROM lot_use", "lots"),
    ("UPDATE lot_use SET points = points + 1", "lots"),
    ("UPDATE lot_use SET entry_id = 1 WHERE entry_id = (SELECT MIN(id) FROM entry WHERE reason = 'hold')", "lots"),
    ("UPDATE account SET id = -77 WHERE name = 'issued:bonus'", "accounts"),
    ("DELETE FROM account WHERE name = 'issued:bonus'", "accounts"),
    ("DELETE FROM rule_version", "rule versions"),
    ("UPDATE standing SET amount = amount + 1 WHERE space_id = 0 AND period = 'all'", "standings"),
    ("UPDATE standing SET amount = amount + 1 WHERE space_id = 1 AND period LIKE '2026-W%'", "standings"),
    ("DELETE FROM standing WHERE space_id = 0 AND period = 'all'", "standings"),
    ("UPDATE standing SET is_listed = 1 - is_listed WHERE space_id = 0 AND period = 'all'", "buckets"),
    ("UPDATE standing_bucket SET members = members + 1", "buckets"),
    ("UPDATE standing_bucket SET members = members + 1 WHERE space_id = 1 AND level = 4", "buckets"),
    ("DELETE FROM standing_bucket WHERE level = 0", "buckets"),
    ("UPDATE status_month SET amount = amount + 1", "status months"),
    ("DELETE FROM status_month", "status months"),
    ("UPDATE tier_held SET rule_version = 'forged'", "tiers"),
    ("DELETE FROM holder WHERE id = 2", "references"),
    ("UPDATE coupon SET state = 'cancelled' WHERE state = 'used'", "coupons"),
    ("UPDATE coupon SET state = 'expired' WHERE state = 'open'", "coupons"),
    ("UPDATE coupon SET state = 'open' WHERE state = 'cancelled'", "coupons"),
    ("UPDATE coupon SET cost = cost + 1 WHERE state = 'open'", "coupons"),
    ("DELETE FROM coupon WHERE state = 'open' AND cost > 0", "coupons"),
    ("DELETE FROM coupon WHERE state = 'used'", "coupons"),
    ("UPDATE purchase SET points = points + 1", "purchases"),
    ("UPDATE purchase SET points = points - 1", "purchases"),
    ("UPDATE purchase SET status = status - 1", "purchases"),
    ("UPDATE rule_version SET content = '{}' WHERE rule = 'message'", "rule versions"),
    ("UPDATE rule_version SET rule = 'join' WHERE rule = 'message'", "rule versions"),
    ("DELETE FROM stamp", "stamps"),
    ("UPDATE stamp_card SET goal = goal + 1 WHERE coupon_id IS NOT NULL", "stamps"),
    ("UPDATE stamp_card SET coupon_id = 1 WHERE coupon_id IS NULL", "stamps"),
    ("DELETE FROM stamp_card WHERE id = 1", "references"),
    ("UPDATE challenge_round SET paid = paid + 1", "challenges"),
    # As many in all as before.
    (
        "UPDATE challenge_round SET paid = paid + CASE id WHEN 1 THEN -1 WHEN 2 THEN 1 ELSE 0 END",
        "challenges",
    ),
    (
        "INSERT INTO duel (challenger_id, challenged_id, terms, days, tally_id, state, invited_at, answer_by, is_paid)"
        " VALUES (1, 2, '{}', 7, 1, 'ended', 1, 1, 1)",
        "duels",
    ),
]


async def live(where: Path | str) -> None:
    """Let a club live through everything that leaves traces in the ledger."""
    async with open_club(
        where, config(challenge=[CHALLENGE], tier=[TIER], stamp_card=[STAMP_CARD], gifts={"enabled": True}), inline=True
    ) as club:
        await club.join("olek", "ania", "bartek", "celina")
        await club.set_up()
        await club.skip(days=7)
        message = club.message("ania")
        await club.app.take_part([message, club.reaction("bartek", message, added=frozenset("👍"))])
        await club.app.take_part([club.reaction("bartek", message, removed=frozenset("👍"))])
        await club.say("olek", "/purchase @celina 100 R-1", SPACE)
        await club.say("olek", "/bonus @bartek 10 x", SPACE)
        await club.skip(days=15)
        await _spend(club)
        await club.say("olek", "/refund R-1 50", SPACE)
        await club.skip(days=1)
        await club.say("olek", "/purchase @ania 50 R-2", SPACE)
        await club.say("olek", "/refund R-2 10", SPACE)
        await club.say("bartek", "/gift @ania 1 thanks")
        await club.press("bartek", "Yes, give")


async def _spend(club: Club) -> None:
    await _hold(club, "bartek", 3, "used")
    await _hold(club, "bartek", 2, "returned")
    await _hold(club, "bartek", 1, "open")
    await _hold(club, "celina", 100, "all of it")
    await club.database.write(lambda tx: holds.capture("used", tx))
    await club.database.write(lambda tx: holds.release("returned", tx))
    await club.database.write(lambda tx: holds.capture("all of it", tx))
    await club.database.write(_redeem)
    await club.say("olek", "/stamp @bartek 3", SPACE)


def _redeem(tx: Transaction) -> None:
    """Issue three coupons; use one and give one back."""
    member = tx.members.by_identity(Identity(PLATFORM, "bartek"))
    assert member is not None
    terms = Terms({"en": "A coffee"}, {})
    coupons.use(coupons.issue(member, terms, "coupon:1", tx, cost=2), member.holder_id, tx)
    coupons.give_back(coupons.issue(member, terms, "coupon:2", tx, cost=2), member.holder_id, tx)
    coupons.issue(member, terms, "coupon:3", tx, cost=2)


async def _hold(club: Club, name: str, points: int, source: str) -> None:
    member = await club.database.read(lambda tx: tx.members.by_identity(Identity(PLATFORM, name)))
    assert member is not None
    await club.database.write(lambda tx: holds.hold(points, member, source, tx))


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a club in which things happened."""
    path = tmp_path_factory.mktemp("lived") / "club.db"
    asyncio.run(live(path))
    return path


@pytest.fixture(scope="module")
def lived_in_on_server(postgres: Server) -> str:
    """The same club on a server; the URL of its database."""
    url = postgres.url(postgres.make())
    asyncio.run(live(url))
    return url


def test_a_club_nobody_tampered_with_is_clean(lived_in: Path) -> None:
    report = verify(lived_in)
    assert report.problems == []
    assert report.is_clean
    assert report.sums == {"points": 0, "status": 0}
    assert report.members == 4
    assert report.seals >= 2
    assert 0 < report.sealed_entries < report.entries
    assert json.loads(json.dumps(report.as_dict()))["clean"] is True


@pytest.mark.slow
def test_a_club_on_a_server_has_the_same_report(lived_in: Path, lived_in_on_server: str) -> None:
    here, there = verify(lived_in), verify(lived_in_on_server)
    assert there.problems == []
    assert {**there.as_dict(), "entries_hash": None} == {**here.as_dict(), "entries_hash": None}


@pytest.mark.parametrize(("statement", "kind"), TAMPERING)
def test_tampering_is_found(tmp_path: Path, lived_in: Path, statement: str, kind: str) -> None:
    report = after(tmp_path, lived_in, statement)
    assert kind in report.found, report
    assert not report.is_clean
    assert report.as_dict()["clean"] is False


# What else is found then may have the same kind; here it is one sentence that only one condition yields.
CONDITIONS = [
    (
        "UPDATE entry SET unit = CASE unit WHEN 'status' THEN 'points' ELSE 'status' END WHERE reason = 'reverse'",
        "is not its mirror",
    ),
    (
        "UPDATE entry SET from_account = to_account, to_account = from_account WHERE reason = 'reverse'",
        "is not its mirror",
    ),
    ("UPDATE entry SET points = points + 1 WHERE reason = 'reverse'", "is not its mirror"),
    ("UPDATE entry SET points = 0 WHERE reason = 'bonus'", "moves 0 points"),
    (f"UPDATE entry SET points = {MAX_POINTS + 1} WHERE reason = 'bonus'", f"moves {MAX_POINTS + 1} points"),
    ("UPDATE entry SET from_account = to_account WHERE reason = 'bonus'", "10 points from account"),
    ("UPDATE entry SET unit = 'money' WHERE reason = 'bonus'", "moves 10 money"),
    ("UPDATE lot SET points = points + 1, remaining = remaining + 1 WHERE remaining > 0", "is not what entry"),
    ("UPDATE lot SET remaining = points + 1 WHERE remaining > 0", "is not what entry"),
    ("UPDATE lot SET remaining = -1 WHERE remaining > 0", "is not what entry"),
    ("UPDATE entry SET unit = 'status' WHERE reason = 'hold'", "cannot have used"),
    ("UPDATE lot_use SET points = points * 1000", "cannot have used"),
    ("UPDATE lot_use SET points = -points", "cannot have used"),
    (OVERSPENT, "entry 90001 left -5 and is no clawback"),
    (OVERSPENT, "entry 90001 took 6 and used 1 of lots"),
    (
        "UPDATE lot_use SET entry_id = (SELECT id FROM entry WHERE reason = 'clawback')"
        " WHERE lot_id = (SELECT MIN(id) FROM lot WHERE account_id = 17)",
        "took 100 and used 95 of lots",
    ),
    (
        "UPDATE lot_use SET points = points + 1 WHERE entry_id = (SELECT id FROM entry WHERE reason = 'gift')",
        "took 1 and used 2 of lots",
    ),
    (
        "UPDATE lot_use SET points = points + 46 WHERE entry_id = (SELECT id FROM entry WHERE reason = 'clawback')",
        "took 50 and used 51 of lots",
    ),
    ("UPDATE entry SET to_account = -999 WHERE reason = 'redeem'", "names account -999"),
    (
        "DROP INDEX ix_entry_reverses;; "
        "UPDATE entry SET reverses = (SELECT MIN(reverses) FROM entry)"
        " WHERE id IN (SELECT id FROM entry WHERE reverses IS NOT NULL ORDER BY id LIMIT 2)",
        "is reversed 2 times",
    ),
    ("UPDATE entry SET leg = leg + 7 WHERE reason = 'redeem'", "reserved and not settled"),
    ("DELETE FROM coupon WHERE source = 'coupon:3'", "2 points were held for a coupon that is not there: coupon:3"),
    (
        "UPDATE purchase SET points = 51 WHERE id = 1",
        "1 says that it brought 51 and 50 status, the entries say 50",
    ),
    (
        "UPDATE purchase SET points = 49 WHERE id = 1",
        "1 says that it brought 49 and 50 status, the entries say 50",
    ),
    (
        "UPDATE purchase SET status = 51 WHERE id = 1",
        "1 says that it brought 50 and 51 status, the entries say 50",
    ),
    ("UPDATE entry SET points = points + 1 WHERE reason = 'gift'", "of 1 points took 2 from the giver"),
    ("UPDATE entry SET points = points + 1 WHERE reason = 'gifted'", "and gave 2"),
    ("UPDATE stamp_card SET goal = 0 WHERE coupon_id IS NULL", "takes 0 and has 1"),
    ("UPDATE standing SET amount = amount + 1 WHERE period LIKE '____-__'", ", the weeks "),
    ("UPDATE balance SET amount = amount - 1 WHERE account_id = 13 AND unit = 'points'", "in points sum to -1, "),
    ("UPDATE seal SET entries = entries + 1 WHERE id = 1", "seal 1: the "),
    ("DELETE FROM seal WHERE id = 1", "seal 2 stands where seal 1 should"),
]


@pytest.mark.parametrize(("statement", "sentence"), CONDITIONS)
def test_each_thing_that_a_check_looks_at_is_looked_at(
    tmp_path: Path, lived_in: Path, statement: str, sentence: str
) -> None:
    assert any(sentence in problem for problem in after(tmp_path, lived_in, statement).problems)


@pytest.mark.slow
@pytest.mark.parametrize(("statement", "kind"), TAMPERING)
def test_tampering_on_a_server_is_found(lived_in_on_server: str, statement: str, kind: str) -> None:
    assert kind in after_on_server(lived_in_on_server, statement, "-c session_replication_role=replica").found


def after_on_server(url: str, statements: str, options: str = "") -> Report:
    """Return the report on what somebody with an SQL prompt did and did not commit."""
    with (
        psycopg.connect(url, autocommit=True, options=options) as connection,
        connection.transaction(force_rollback=True),
    ):
        for statement in statements.split(";; "):
            assert connection.execute(statement.encode()).rowcount != 0
        return report_on(PostgresSnapshot(connection))


def after(folder: Path, lived_in: Path, statement: str) -> Report:
    """Return the report on a copy that somebody with a file and an SQL prompt worked on."""
    path = folder / "club.db"
    path.write_bytes(lived_in.read_bytes())
    with closing(sqlite3.connect(path)) as connection:
        triggers = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        guards = connection.execute(triggers).fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for one in statement.split(";; "):
            assert connection.execute(one).rowcount != 0
        for _, sql in guards:
            connection.execute(sql)
        connection.commit()
    return verify(path)


def test_an_entry_replaced_where_only_the_refusal_of_deletes_is_missing_is_found(
    tmp_path: Path, lived_in: Path
) -> None:
    """REPLACE removes rows without firing a trigger, so it passes the guards.

    SQLite fires them with PRAGMA recursive_triggers, which makes every message that is awarded take a tenth longer.
    """
    path = tmp_path / "club.db"
    path.write_bytes(lived_in.read_bytes())
    with closing(sqlite3.connect(path)) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(entry)")]
        changed = ", ".join("points + 5" if column == "points" else column for column in columns)
        replaced = f"INSERT OR REPLACE INTO entry SELECT {changed} FROM entry WHERE reason = 'bonus'"
        assert connection.execute(replaced).rowcount == 1
        connection.commit()
    assert {"balances", "seals"} <= verify(path).found.keys()


GUARDS = [
    "DROP TRIGGER entry_no_update",
    "DROP TRIGGER seal_no_delete",
    "DROP TRIGGER entry_gives",
    "DROP TRIGGER entry_takes",
    "DROP TRIGGER entry_no_update; CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry BEGIN SELECT 1; END",
    "CREATE TRIGGER more AFTER INSERT ON entry BEGIN UPDATE balance SET amount = amount + 1; END",
    "DROP INDEX ix_lot_expires_at",
    "DROP TABLE lot_use; CREATE TABLE lot_use (entry_id INTEGER, lot_id INTEGER, points INTEGER)",
]


@pytest.mark.parametrize("statements", GUARDS)
def test_a_guard_that_is_gone_or_does_something_else_is_found(tmp_path: Path, statements: str) -> None:
    path = tmp_path / "club.db"
    migrate(path)
    assert verify(path).is_clean
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(statements)
    assert "guards" in verify(path).found


GUARDS_ON_A_SERVER = [
    "DROP TRIGGER entry_no_update ON entry",
    "DROP TRIGGER entry_no_truncate ON entry",
    "ALTER TABLE seal DISABLE TRIGGER seal_no_truncate",
    "ALTER TABLE entry DISABLE TRIGGER entry_moves_balances",
    "ALTER TABLE lot DISABLE TRIGGER ALL",
    "CREATE OR REPLACE FUNCTION move_balances() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "DROP TRIGGER seal_no_update ON seal;; CREATE TRIGGER seal_no_update AFTER UPDATE ON seal "
    "FOR EACH ROW WHEN (NEW.id < 0) EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER more AFTER UPDATE ON balance FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "ALTER TABLE entry DROP CONSTRAINT uq_entry_source_leg",
    "ALTER TABLE entry DROP CONSTRAINT ck_entry_points",
    "ALTER TABLE entry DROP CONSTRAINT ck_entry_points;; "
    "ALTER TABLE entry ADD CONSTRAINT ck_entry_points CHECK (points > 0) NOT VALID",
]


FORGED = [
    (
        "ALTER TABLE entry DROP CONSTRAINT uq_entry_source_leg;; INSERT INTO entry "
        "SELECT (jsonb_populate_record(entry, '{\"id\": 4711}')).* FROM entry WHERE reason = 'bonus'",
        "sources",
    ),
    (
        "ALTER TABLE entry DROP CONSTRAINT ck_entry_points;; UPDATE entry SET points = 0 WHERE reason = 'bonus'",
        "entries",
    ),
    ("UPDATE gift SET points = points + 1", "gifts"),
]
"""What the schema refuses, once somebody who may change it has."""


@pytest.mark.slow
@pytest.mark.parametrize(("statements", "kind"), FORGED)
def test_what_the_schema_would_have_refused_is_found(lived_in_on_server: str, statements: str, kind: str) -> None:
    assert kind in after_on_server(lived_in_on_server, statements, "-c session_replication_role=replica").found


@pytest.mark.slow
@pytest.mark.parametrize("statements", GUARDS_ON_A_SERVER)
def test_a_guard_of_a_server_that_is_gone_or_does_something_else_is_found(
    lived_in_on_server: str, statements: str
) -> None:
    assert after_on_server(lived_in_on_server, statements).found == {"guards": 1}


def test_a_damaged_file_is_found(tmp_path: Path, lived_in: Path) -> None:
    held = bytearray(lived_in.read_bytes())
    middle = len(held) // 2
    held[middle : middle + _PAGE] = bytes(_PAGE)
    path = tmp_path / "club.db"
    path.write_bytes(held)
    report = verify(path)
    assert "pages" in report.found
    assert not report.is_clean


def test_wherever_a_file_is_damaged_the_report_is_finished(tmp_path: Path, lived_in: Path) -> None:
    held, path, found = lived_in.read_bytes(), tmp_path / "club.db", 0
    for begin in range(_PAGE * 3 // 2, len(held), _PAGE):
        path.write_bytes(held[:begin] + bytes(_PAGE) + held[begin + _PAGE :])
        found += not verify(path).is_clean
    assert found


def test_verifying_writes_nothing(lived_in: Path) -> None:
    before = lived_in.read_bytes()
    verify(lived_in)
    assert lived_in.read_bytes() == before


def test_progress_is_told_from_the_first_step_to_the_last(lived_in: Path) -> None:
    told: list[tuple[str, int, int]] = []
    verify(lived_in, lambda what, done, of: told.append((what, done, of)))
    assert told[0][1] == 0
    assert told[-1][1] == told[-1][2]
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
    assert len({of for _, _, of in told}) == 1


def test_all_problems_are_counted_and_some_are_shown() -> None:
    findings = Findings()
    findings.take("lots", (f"lot {number}" for number in range(1000)))
    findings.take("lots", ["another"])
    findings.take("holds", [])
    assert findings.found == {"lots": 1001}
    assert findings.problems == [*(f"lot {number}" for number in range(20)), "lots: 980 more of this kind", "another"]
