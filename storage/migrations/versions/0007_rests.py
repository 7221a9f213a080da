"""Until when a platform wants nothing to be sent to a destination"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "rest",
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("destination", _WHOLE, nullable=False),
        sa.Column("ends_at", _WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("platform", "destination", name=op.f("pk_rest")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
