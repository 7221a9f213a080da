"""What challenges count is marked once for all rounds that count alike; rounds remind, and are paid in parts."""

import json
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT_ONCE = 5000
_MARK = sa.table(
    "challenge_mark",
    *(sa.column(name) for name in ("tally_id", "member_id", "mark", "at", "day", "weight")),
)
_PAID = sa.text("SELECT COUNT(DISTINCT source) FROM entry WHERE reason = 'challenge' AND source LIKE :of")
_SET = sa.text("UPDATE challenge_round SET tally_id = :tally, paid = :paid WHERE id = :round")
_TALLY = sa.text("INSERT INTO challenge_tally (id, what) VALUES (:id, :what)")


def upgrade() -> None:
    op.create_table(
        "challenge_tally",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge_tally")),
        sa.UniqueConstraint("what", name=op.f("uq_challenge_tally_what")),
        sqlite_strict=True,
    )
    for name in ("tally_id", "remind_at", "pays_from"):
        op.add_column("challenge_round", sa.Column(name, _WHOLE, nullable=True))
    for name in ("paid_up_to", "paid"):
        op.add_column("challenge_round", sa.Column(name, _WHOLE, nullable=False, server_default=sa.text("0")))
    _tables_of_members()
    marks = _marks_of_rounds(op.get_bind())
    op.drop_table("challenge_progress")
    op.drop_table("challenge_mark")
    op.create_table(
        "challenge_mark",
        sa.Column("tally_id", _WHOLE, nullable=False),
        sa.Column("member_id", _WHOLE, nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("at", _WHOLE, nullable=False),
        sa.Column("day", _WHOLE, nullable=False),
        sa.Column("weight", _WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["tally_id"], ["challenge_tally.id"], name=op.f("fk_challenge_mark_tally_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_challenge_mark_member_id")),
        sa.PrimaryKeyConstraint("tally_id", "member_id", "mark", name=op.f("pk_challenge_mark")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    for first in range(0, len(marks), _AT_ONCE):
        op.bulk_insert(_MARK, marks[first : first + _AT_ONCE])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "SELECT setval(pg_get_serial_sequence('challenge_tally', 'id'), "
            "(SELECT COALESCE(MAX(id), 0) + 1 FROM challenge_tally), false)"
        )


def _tables_of_members() -> None:
    for name, of, beside in (
        ("challenge_moved", "tally", ("since",)),
        ("challenge_part", "round", ("since", "told_at")),
    ):
        op.create_table(
            name,
            sa.Column(f"{of}_id", _WHOLE, nullable=False),
            sa.Column("member_id", _WHOLE, nullable=False),
            *(sa.Column(column, _WHOLE, nullable=of == "round") for column in beside),
            sa.ForeignKeyConstraint([f"{of}_id"], [f"challenge_{of}.id"], name=op.f(f"fk_{name}_{of}_id")),
            sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f(f"fk_{name}_member_id")),
            sa.PrimaryKeyConstraint(f"{of}_id", "member_id", name=op.f(f"pk_{name}")),
            sqlite_strict=True,
            sqlite_with_rowid=False,
        )
    op.create_index("ix_challenge_part_member_id", "challenge_part", ["member_id"])
    op.create_table(
        "celebration",
        sa.Column("member_id", _WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_celebration_member_id")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_celebration")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _marks_of_rounds(connection: sa.Connection) -> list[dict[str, Any]]:
    """Let every round know what it counts, and return the marks of the open ones, once for all that count alike.

    When a mark was made nobody noted, but for days with messages: it is put where all open rounds that had it begin.
    """
    rounds = connection.execute(sa.text("SELECT id, opens_at, state, terms FROM challenge_round ORDER BY id")).all()
    tallies: dict[str, int] = {}
    made: dict[tuple[int, int, str], int] = {}
    for round_id, opens_at, state, terms in rounds:
        what = json.dumps({"counts": json.loads(terms)["counts"]}, separators=(",", ":"))
        if what not in tallies:
            tallies[what] = len(tallies) + 1
            connection.execute(_TALLY, {"id": tallies[what], "what": what})
        paid = connection.execute(_PAID, {"of": f"challenge:{round_id}:%"}).scalar()
        connection.execute(_SET, {"tally": tallies[what], "paid": paid, "round": round_id})
        if state == "open":
            which = sa.text("SELECT member_id, mark FROM challenge_mark WHERE round_id = :round")
            for member_id, mark in connection.execute(which, {"round": round_id}):
                key = tallies[what], member_id, mark
                made[key] = max(opens_at, made.get(key, 0))
    return [
        {"tally_id": tally, "member_id": member, "mark": mark, "at": at, "day": _day(mark, at), "weight": 1}
        for (tally, member, mark), at in made.items()
    ]


def _day(mark: str, at: int) -> int:
    try:
        return date.fromisoformat(mark).toordinal()
    except ValueError:
        return datetime.fromtimestamp(at // 1_000_000, UTC).toordinal()
