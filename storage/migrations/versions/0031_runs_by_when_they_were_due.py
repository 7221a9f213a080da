"""Runs of jobs by when they were due"""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_job_run_due_at", "job_run", ["due_at"])
