"""Rounds by when they close"""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_challenge_round_closes_at", "challenge_round", ["closes_at"])
