"""What members collected in each month, and the tiers they hold"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "status_month",
        sa.Column("member_id", _WHOLE, nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("amount", _WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_status_month_member_id")),
        sa.PrimaryKeyConstraint("member_id", "month", name=op.f("pk_status_month")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tier_held",
        sa.Column("member_id", _WHOLE, nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("rule_version", sa.Text(), nullable=False),
        sa.Column("reached_at", _WHOLE, nullable=False),
        sa.Column("held_through", sa.Text(), nullable=False),
        sa.Column("warned_at", _WHOLE, nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_tier_held_member_id")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_tier_held")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_index(op.f("ix_tier_held_held_through"), "tier_held", ["held_through"])
    # What the boards count up to the entry when chat last moved them; what chat gave since is moved by the bot.
    op.execute("""
        INSERT INTO status_month (member_id, month, amount)
        SELECT member_id, period, amount FROM standing WHERE space_id = 0 AND period LIKE '____-__'
    """)
    op.execute("INSERT INTO setting (key, value) SELECT 'months.upto', value FROM setting WHERE key = 'standings.upto'")
