"""When an order of a shop was first heard of. Of the earlier ones that is not known: they count as heard of in time."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("shop_order", sa.Column("heard_at", _WHOLE, nullable=False, server_default=sa.text("0")))
