"""Reactions remember the newest change heard of each emoji"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reaction", sa.Column("newest", sa.Text(), server_default=sa.text("'{}'"), nullable=False))
