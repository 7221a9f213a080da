"""Every credit to a wallet becomes a lot; seals over entries; priorities and leases for sending; alerts"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_STRICT = {"sqlite_strict": True, "sqlite_with_rowid": True}
_OPEN = sa.text("remaining > 0")
_WAITING = sa.text("state = 'waiting'")

# What a wallet holds lies in its newest credits: the older ones were spent first. Of those days nothing expires.
_LOTS_OF_WALLETS = """
    INSERT INTO lot (entry_id, account_id, holder_id, unit, points, remaining)
    SELECT entry_id, account_id, holder_id, unit, part, part FROM (
        SELECT credit.id AS entry_id, balance.account_id, credit.holder_id, credit.unit,
               CASE WHEN newer >= amount THEN 0 WHEN newer + credit.points <= amount THEN credit.points
                    ELSE amount - newer END AS part
        FROM (
            SELECT id, to_account, holder_id, unit, points,
                   SUM(points) OVER (PARTITION BY to_account, unit ORDER BY id DESC) - points AS newer
            FROM entry WHERE to_account > 0 AND to_account % 4 = 1 AND unit = 'points'
        ) AS credit
        JOIN balance ON balance.account_id = credit.to_account AND balance.unit = credit.unit
    ) AS parts
"""
_NEVER = """
CREATE TRIGGER seal_no_{verb} BEFORE {verb} ON seal
BEGIN
    SELECT RAISE(ABORT, 'seal is append-only');
END
"""
_NEVER_ON_POSTGRESQL = """
CREATE TRIGGER seal_no_{verb} BEFORE {verb} ON seal FOR EACH ROW EXECUTE FUNCTION refuse_change()
"""
# SQLite has no TRUNCATE; there a DELETE without a condition fires the triggers for each row.
_NOT_ALL_ON_POSTGRESQL = """
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""
_CONTINUE_LOTS = """
SELECT setval(pg_get_serial_sequence('lot', 'id'), (SELECT COALESCE(MAX(id), 0) + 1 FROM lot), false)
"""


def upgrade() -> None:
    _lots()
    _uses_and_seals()
    _sending()
    _people_and_places()
    op.add_column("dead_letter", sa.Column("event", sa.Text(), nullable=True))
    op.add_column("job_run", sa.Column("progress", sa.Text(), nullable=True))


def _people_and_places() -> None:
    """Owners are few among all identities; a board is walked from any member, both ways, in the order it is shown."""
    is_owner = sa.text("is_owner = 1")
    op.create_index("ix_identity_is_owner", "identity", ["holder_id"], sqlite_where=is_owner, postgresql_where=is_owner)
    op.drop_index("ix_standing_top", "standing")
    op.create_index(
        "ix_standing_top", "standing", ["space_id", "period", "is_listed", sa.text("amount DESC"), "member_id"]
    )
    op.create_table(
        "waiting_gain",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("member_id", _WHOLE, nullable=False),
        sa.Column("space_id", _WHOLE, nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("status", _WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_gain")),
        **_STRICT,
    )


def _lots() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    if is_postgresql:
        # There the names of keys belong to the whole schema, so the old table must go first.
        op.execute("CREATE TEMPORARY TABLE old_lot AS SELECT * FROM lot")
        op.drop_table("lot")
    else:
        op.rename_table("lot", "old_lot")
        for index in ("ix_lot_ripens_at", "ix_lot_holder_id"):
            op.drop_index(index, "old_lot")
    op.create_table(
        "lot",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("entry_id", _WHOLE, nullable=False),
        sa.Column("account_id", _WHOLE, nullable=False),
        sa.Column("holder_id", _WHOLE, nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("points", _WHOLE, nullable=False),
        sa.Column("remaining", _WHOLE, nullable=False),
        sa.Column("ripens_at", _WHOLE, nullable=True),
        sa.Column("expires_at", _WHOLE, nullable=True),
        sa.CheckConstraint("remaining BETWEEN 0 AND points", name=op.f("ck_lot_remaining")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_lot_entry_id")),
        sa.ForeignKeyConstraint(["holder_id"], ["holder.id"], name=op.f("fk_lot_holder_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_lot_entry_id")),
        **_STRICT,
    )
    op.execute("""
        INSERT INTO lot (id, entry_id, account_id, holder_id, unit, points, remaining, ripens_at)
        SELECT id, entry_id, holder_id * 4 + 2, holder_id, unit, remaining, remaining, ripens_at FROM old_lot
    """)
    op.drop_table("old_lot")
    if is_postgresql:
        op.execute(_CONTINUE_LOTS)
    op.execute(_LOTS_OF_WALLETS)
    for column in ("ripens_at", "expires_at", "account_id"):
        op.create_index(f"ix_lot_{column}", "lot", [column], sqlite_where=_OPEN, postgresql_where=_OPEN)


def _uses_and_seals() -> None:
    op.create_table(
        "lot_use",
        sa.Column("entry_id", _WHOLE, nullable=False),
        sa.Column("lot_id", _WHOLE, nullable=False),
        sa.Column("points", _WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_lot_use_entry_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lot_use_lot_id")),
        sa.PrimaryKeyConstraint("entry_id", "lot_id", name=op.f("pk_lot_use")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_lot_use_lot_id"), "lot_use", ["lot_id"])
    op.create_table(
        "seal",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("first_entry_id", _WHOLE, nullable=False),
        sa.Column("last_entry_id", _WHOLE, nullable=False),
        sa.Column("entries", _WHOLE, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("sealed_at", _WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal")),
        sa.UniqueConstraint("last_entry_id", name=op.f("uq_seal_last_entry_id")),
        **_STRICT,
    )
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for verb in ("update", "delete"):
        op.execute((_NEVER_ON_POSTGRESQL if is_postgresql else _NEVER).format(verb=verb))
    for table in ("entry", "account", "rule_version", "seal") if is_postgresql else ():
        op.execute(_NOT_ALL_ON_POSTGRESQL.format(table=table))


def _sending() -> None:
    op.drop_index("ix_outbox_due", "outbox")
    op.add_column("outbox", sa.Column("priority", _WHOLE, server_default=sa.text("1"), nullable=False))
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["platform", "priority", "next_attempt_at"],
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )
    op.create_index("ix_outbox_state_created_at", "outbox", ["state", "created_at"])
    op.create_table(
        "lease",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("taken_at", _WHOLE, nullable=False),
        sa.Column("expires_at", _WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
        **_STRICT,
    )
    op.create_table(
        "alert",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("told_at", _WHOLE, nullable=False),
        sa.Column("amount", _WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_alert")),
        **_STRICT,
    )
