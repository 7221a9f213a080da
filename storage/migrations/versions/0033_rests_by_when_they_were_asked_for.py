"""Rests know when they were asked for, so that one of a clock that was ahead ends with its leap"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("rest", sa.Column("asked_at", _WHOLE, server_default=sa.text("0"), nullable=False))
    # No platform asks for more than a day.
    op.execute("UPDATE rest SET asked_at = ends_at - 86400000000")
