"""Verify: recompute the ledger from its entries and compare with everything that is kept beside it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bot.leaderboards import BITS, LEVELS

_MOST_EXAMPLES = 20


@dataclass(frozen=True, slots=True)
class Report:
    """What was counted and every difference found, each in one sentence."""

    entries: int
    members: int
    sums: dict[str, int]
    programme_accounts: dict[str, dict[str, int]]
    problems: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not self.problems

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain data for JSON."""
        return asdict(self) | {"clean": self.is_clean}


_MOVES = """
    SELECT to_account AS account_id, unit, points AS amount FROM entry
    UNION ALL SELECT from_account, unit, -points FROM entry
"""
_SUMS = f"SELECT unit, SUM(amount) FROM ({_MOVES}) GROUP BY unit ORDER BY unit"  # noqa: S608
_PROGRAMME = f"""
    SELECT account.name, moves.unit, SUM(moves.amount) FROM ({_MOVES}) AS moves
    JOIN account ON account.id = moves.account_id GROUP BY account.name, moves.unit ORDER BY 1, 2
"""  # noqa: S608
_CHECKS = {
    "account {0}, {1}: the balance says {2}, the entries say {3}": f"""
        WITH recomputed AS (
            SELECT account_id, unit, SUM(amount) AS amount FROM ({_MOVES})
            WHERE account_id > 0 GROUP BY account_id, unit
        )
        SELECT account_id, unit, kept, computed FROM (
            SELECT recomputed.account_id, recomputed.unit, COALESCE(balance.amount, 0) AS kept,
                   recomputed.amount AS computed
            FROM recomputed LEFT JOIN balance USING (account_id, unit)
            UNION ALL
            SELECT balance.account_id, balance.unit, balance.amount, 0
            FROM balance LEFT JOIN recomputed USING (account_id, unit) WHERE recomputed.account_id IS NULL
        ) WHERE kept <> computed
    """,  # noqa: S608
    "source {0} leg {1} was written {2} times": """
        SELECT source, leg, COUNT(*) FROM entry GROUP BY source, leg HAVING COUNT(*) > 1
    """,
    "entry {0} moves {1} {2}": "SELECT id, points, unit FROM entry WHERE points <= 0",
    "entry {0} names account {1}, which does not exist": """
        SELECT entry.id, entry.from_account FROM entry LEFT JOIN account ON account.id = entry.from_account
        WHERE entry.from_account <= 0 AND account.id IS NULL
        UNION ALL
        SELECT entry.id, entry.to_account FROM entry LEFT JOIN account ON account.id = entry.to_account
        WHERE entry.to_account <= 0 AND account.id IS NULL
    """,
    "entry {0} moves points of another holder: account {1}, holder {2}": """
        SELECT id, from_account, holder_id FROM entry WHERE from_account > 0 AND from_account / 4 <> holder_id
        UNION ALL SELECT id, to_account, holder_id FROM entry WHERE to_account > 0 AND to_account / 4 <> holder_id
    """,
    "entry {0} reverses entry {1} but is not its mirror": """
        SELECT entry.id, original.id FROM entry JOIN entry AS original ON original.id = entry.reverses
        WHERE entry.points <> original.points OR entry.unit <> original.unit
           OR entry.from_account <> original.to_account OR entry.to_account <> original.from_account
    """,
    "holder {0}, {1}: {2} pending, but its lots hold {3}": """
        WITH lots AS (SELECT holder_id, unit, SUM(remaining) AS remaining FROM lot GROUP BY holder_id, unit),
             kept AS (SELECT account_id / 4 AS holder_id, unit, amount FROM balance WHERE account_id % 4 = 2)
        SELECT holder_id, unit, pending, held FROM (
            SELECT kept.holder_id, kept.unit, kept.amount AS pending, COALESCE(lots.remaining, 0) AS held
            FROM kept LEFT JOIN lots USING (holder_id, unit)
            UNION ALL
            SELECT lots.holder_id, lots.unit, 0, lots.remaining
            FROM lots LEFT JOIN kept USING (holder_id, unit) WHERE kept.holder_id IS NULL
        ) WHERE pending <> held
    """,
    "account {0}, {1}: {2} is below zero without a clawback": """
        SELECT account_id, unit, amount FROM balance WHERE amount < 0 AND NOT EXISTS (
            SELECT 1 FROM entry WHERE from_account = balance.account_id AND unit = balance.unit AND reason = 'clawback'
        )
    """,
    "entry {0} names the unknown rule version {1}": """
        SELECT entry.id, entry.rule_version FROM entry LEFT JOIN rule_version ON rule_version.id = entry.rule_version
        WHERE entry.rule_version IS NOT NULL AND rule_version.id IS NULL
    """,
    "member {0}: the all-time standing says {1}, the status held is {2}": """
        WITH status AS (
            SELECT holder.member_id, SUM(balance.amount) AS amount FROM balance
            JOIN holder ON holder.id = balance.account_id / 4
            WHERE balance.unit = 'status' AND balance.account_id % 4 = 1 GROUP BY holder.member_id
        )
        SELECT status.member_id, COALESCE(standing.amount, 0), status.amount FROM status
        LEFT JOIN standing
            ON standing.member_id = status.member_id AND standing.space_id = 0 AND standing.period = 'all'
        WHERE COALESCE(standing.amount, 0) <> status.amount
    """,
    "space {0}, member {1}: all time {2}, the weeks {3}, the months {4}": """
        WITH totals AS (
            SELECT space_id, member_id,
                   SUM(CASE WHEN period = 'all' THEN amount ELSE 0 END) AS ever,
                   SUM(CASE WHEN period LIKE '____-W__' THEN amount ELSE 0 END) AS weeks,
                   SUM(CASE WHEN period LIKE '____-__' THEN amount ELSE 0 END) AS months
            FROM standing GROUP BY space_id, member_id
        )
        SELECT space_id, member_id, ever, weeks, months FROM totals WHERE ever <> weeks OR ever <> months
    """,
    "space {0}, {1}: bucket {3} of level {2} counts {4} members, the standings {5}": f"""
        WITH RECURSIVE levels (level) AS (
            SELECT 0 UNION ALL SELECT level + 1 FROM levels WHERE level < {LEVELS - 1}
        ), counted AS (
            SELECT space_id, period, level, amount >> ({BITS} * level) AS bucket, COUNT(*) AS members
            FROM standing, levels WHERE is_listed = 1 AND amount > 0 GROUP BY 1, 2, 3, 4
        )
        SELECT space_id, period, level, bucket, kept.members, COALESCE(counted.members, 0)
        FROM standing_bucket AS kept LEFT JOIN counted USING (space_id, period, level, bucket)
        WHERE kept.members <> COALESCE(counted.members, 0)
        UNION ALL
        SELECT space_id, period, level, bucket, 0, counted.members
        FROM counted LEFT JOIN standing_bucket AS kept USING (space_id, period, level, bucket)
        WHERE kept.members IS NULL
    """,  # noqa: S608
    "member {1} in challenge round {0}: {2} counted, {3} marks": """
        WITH marked AS (
            SELECT round_id, member_id, COUNT(*) AS marks FROM challenge_mark GROUP BY round_id, member_id
        )
        SELECT round_id, member_id, amount, COALESCE(marks, 0)
        FROM challenge_progress LEFT JOIN marked USING (round_id, member_id) WHERE amount <> COALESCE(marks, 0)
        UNION ALL
        SELECT round_id, member_id, 0, marks
        FROM marked LEFT JOIN challenge_progress USING (round_id, member_id) WHERE amount IS NULL
    """,
    "row {1} of table {0} refers to a row of {2} that does not exist": "PRAGMA foreign_key_check",
}
_GUARDS = (
    "entry_moves_balances",
    *(f"{table}_no_{verb}" for table in ("entry", "account", "rule_version") for verb in ("update", "delete")),
)


def verify(path: Path) -> Report:
    """Recompute the database file, which may be in use."""
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
        connection.execute("BEGIN")
        problems = list(_integrity(connection))
        for sentence, query in _CHECKS.items():
            problems += [sentence.format(*row) for row in connection.execute(query).fetchmany(_MOST_EXAMPLES)]
        problems += _missing_guards(connection)
        sums = {str(unit): int(amount) for unit, amount in connection.execute(_SUMS)}
        problems += [f"the entries in {unit} sum to {amount}, not to zero" for unit, amount in sums.items() if amount]
        return Report(
            entries=_count(connection, "entry"),
            members=_count(connection, "member"),
            sums=sums,
            programme_accounts=_programme_accounts(connection),
            problems=problems,
        )


def _count(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])  # noqa: S608


def _integrity(connection: sqlite3.Connection) -> Iterator[str]:
    for (finding,) in connection.execute("PRAGMA integrity_check"):
        if finding != "ok":
            yield f"the database is damaged: {finding}"


def _programme_accounts(connection: sqlite3.Connection) -> dict[str, dict[str, int]]:
    accounts: dict[str, dict[str, int]] = {}
    for name, unit, amount in connection.execute(_PROGRAMME):
        accounts.setdefault(name, {})[unit] = amount
    return accounts


def _missing_guards(connection: sqlite3.Connection) -> list[str]:
    present = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    return [f"the schema's guard {name} is missing" for name in _GUARDS if name not in present]
