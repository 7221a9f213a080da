"""Rewards for who holds a tier, and cheaper by tier."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("reward", sa.Column("tier", sa.Text(), nullable=True))
    op.add_column("reward", sa.Column("has_discounts", _WHOLE, nullable=False, server_default=sa.text("1")))
