"""What a purchase brings as the member's first one."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("purchase", sa.Column("first_points", _WHOLE, nullable=False, server_default=sa.text("0")))
