"""Chat moves the standings from its entries; only reversals are in the index of reversals; a trigger for each end"""

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_REVERSED = sa.text("reverses IS NOT NULL")
_ENTRY = """
CREATE TABLE new_entry (
    id INTEGER NOT NULL,
    unit TEXT NOT NULL,
    from_account INTEGER NOT NULL,
    to_account INTEGER NOT NULL,
    points INTEGER NOT NULL,
    reason TEXT NOT NULL,
    source TEXT NOT NULL,
    leg INTEGER NOT NULL,
    input_hash TEXT NOT NULL,
    holder_id INTEGER NOT NULL,
    actor_id INTEGER,
    space_id INTEGER,
    rule_version TEXT,
    occurred_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    reverses INTEGER,
    CONSTRAINT pk_entry PRIMARY KEY (id),
    CONSTRAINT uq_entry_source_leg UNIQUE (source, leg),
    CONSTRAINT ck_entry_points CHECK (points > 0 AND points <= 1000000000000),
    CONSTRAINT ck_entry_unit CHECK (unit IN ('points', 'status')),
    CONSTRAINT ck_entry_two_accounts CHECK (from_account <> to_account),
    CONSTRAINT fk_entry_holder_id FOREIGN KEY(holder_id) REFERENCES holder (id),
    CONSTRAINT fk_entry_actor_id FOREIGN KEY(actor_id) REFERENCES holder (id),
    CONSTRAINT fk_entry_space_id FOREIGN KEY(space_id) REFERENCES space (id),
    CONSTRAINT fk_entry_reverses FOREIGN KEY(reverses) REFERENCES entry (id)
) STRICT
"""
_NEVER = """
CREATE TRIGGER entry_no_{verb} BEFORE {verb} ON entry
BEGIN
    SELECT RAISE(ABORT, 'entry is append-only');
END
"""
_TAKES = """
CREATE TRIGGER entry_takes AFTER INSERT ON entry WHEN NEW.from_account > 0
BEGIN
    INSERT INTO balance (account_id, unit, amount) VALUES (NEW.from_account, NEW.unit, -NEW.points)
        ON CONFLICT (account_id, unit) DO UPDATE SET amount = amount + excluded.amount;
    SELECT RAISE(ABORT, 'overdraft')
        WHERE NEW.reason <> 'clawback'
        AND (SELECT amount FROM balance WHERE account_id = NEW.from_account AND unit = NEW.unit) < 0;
END
"""
_GIVES = """
CREATE TRIGGER entry_gives AFTER INSERT ON entry WHEN NEW.to_account > 0
BEGIN
    INSERT INTO balance (account_id, unit, amount) VALUES (NEW.to_account, NEW.unit, NEW.points)
        ON CONFLICT (account_id, unit) DO UPDATE SET amount = amount + excluded.amount;
END
"""
_WAITING = "SELECT member_id, space_id, day, SUM(status) FROM waiting_gain GROUP BY member_id, space_id, day"
_MOVE = """
    INSERT INTO standing (space_id, period, member_id, amount, is_listed)
    SELECT CAST(:space AS BIGINT), CAST(:period AS TEXT), id, CAST(:gained AS BIGINT), is_listed
    FROM member WHERE id = :member
    ON CONFLICT (space_id, period, member_id) DO UPDATE SET amount = standing.amount + excluded.amount
"""
_COUNT_AGAIN = """
    INSERT INTO standing_bucket (space_id, period, level, bucket, members)
    SELECT space_id, period, CAST(:level AS BIGINT), amount >> CAST(:bits AS INTEGER), COUNT(*) FROM standing
    WHERE space_id = :space AND period = :period AND is_listed = 1 AND amount > 0
    GROUP BY space_id, period, amount >> CAST(:bits AS INTEGER)
"""
_UPTO = """
    INSERT INTO setting (key, value)
    SELECT 'standings.upto', CAST(MAX(id) AS TEXT) FROM entry HAVING MAX(id) > 0
"""


def upgrade() -> None:
    _move_what_waits()
    op.drop_table("waiting_gain")
    op.execute(_UPTO)
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("uq_entry_reverses", "entry", type_="unique")
    else:
        _make_entries_anew()
    op.create_index(
        "ix_entry_reverses", "entry", ["reverses"], unique=True, sqlite_where=_REVERSED, postgresql_where=_REVERSED
    )


def _make_entries_anew() -> None:
    """Give the table without the index that came with a column's UNIQUE; SQLite can only copy it."""
    op.execute(_ENTRY)
    op.execute("INSERT INTO new_entry SELECT * FROM entry ORDER BY id")
    op.execute("DROP TABLE entry")
    op.execute("ALTER TABLE new_entry RENAME TO entry")
    op.create_index("ix_entry_holder_id_id", "entry", ["holder_id", "id"])
    for verb in ("update", "delete"):
        op.execute(_NEVER.format(verb=verb))
    op.execute(_TAKES)
    op.execute(_GIVES)


def _move_what_waits() -> None:
    """Let the standings have what a busy chat gained and what until now waited in a table of its own."""
    bind = op.get_bind()
    moved = set()
    for member_id, space_id, day, gained in bind.execute(sa.text(_WAITING)).fetchall():
        for period in _periods(date.fromisoformat(day)):
            for space in (0, space_id):
                which = {"space": space, "period": period}
                bind.execute(sa.text(_MOVE), {**which, "member": member_id, "gained": int(gained)})
                moved.add((space, period))
    for space, period in sorted(moved):
        which = {"space": space, "period": period}
        bind.execute(sa.text("DELETE FROM standing_bucket WHERE space_id = :space AND period = :period"), which)
        for level in range(5):
            bind.execute(sa.text(_COUNT_AGAIN), {**which, "level": level, "bits": 8 * level})


def _periods(day: date) -> tuple[str, str, str]:
    """Return the week, the month and all time; the week and the month that are open if the day's are closed."""
    year, week, _ = day.isocalendar()
    rows = op.get_bind().execute(sa.text("SELECT key, value FROM setting WHERE key LIKE 'closed.%'"))
    closed = {str(key): str(value) for key, value in rows}
    this_week, this_month = f"{year:04}-W{week:02}", f"{day:%Y-%m}"
    closed_week, closed_month = closed.get("closed.week", ""), closed.get("closed.month", "")
    if this_week <= closed_week:
        year, week, _ = date.fromordinal(_monday(closed_week).toordinal() + 7).isocalendar()
        this_week = f"{year:04}-W{week:02}"
    if this_month <= closed_month:
        months = int(closed_month[:4]) * 12 + int(closed_month[5:])
        this_month = f"{months // 12:04}-{months % 12 + 1:02}"
    return this_week, this_month, "all"


def _monday(week: str) -> date:
    return date.fromisocalendar(int(week[:4]), int(week[6:]), 1)
