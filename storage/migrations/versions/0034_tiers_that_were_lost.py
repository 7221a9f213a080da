"""Tiers that members lost, and when"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "tier_lost",
        sa.Column("member_id", _WHOLE, nullable=False),
        sa.Column("lost_at", _WHOLE, nullable=False),
        sa.Column("threshold", _WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_tier_lost_member_id")),
        sa.PrimaryKeyConstraint("member_id", "lost_at", name=op.f("pk_tier_lost")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
