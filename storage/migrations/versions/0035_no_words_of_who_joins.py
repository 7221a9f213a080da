"""No words of who joins: by whose invitation they came is a referral"""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("member", "invitation")
