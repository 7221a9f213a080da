"""Forms know which beginning of theirs it is, so that a question of an earlier one is over"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("form", sa.Column("instance", sa.Text(), server_default=sa.text("''"), nullable=False))
