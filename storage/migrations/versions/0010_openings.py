"""What people who have not joined yet had in another programme"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "opening",
        sa.Column("person_key", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("points", _WHOLE, nullable=False),
        sa.Column("expires_at", _WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("person_key", name=op.f("pk_opening")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_opening_expires_at"), "opening", ["expires_at"])
