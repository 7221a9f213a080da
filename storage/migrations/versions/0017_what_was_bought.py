"""What orders are reckoned by since they were first heard of, and what is kept of what purchases were of."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("shop_order", sa.Column("terms", sa.Text(), nullable=True))
    op.add_column("purchase", sa.Column("goods", sa.Text(), nullable=True))
