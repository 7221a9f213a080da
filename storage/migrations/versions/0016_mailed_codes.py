"""Codes that were sent by mail to prove an address"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "mailed_code",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("holder_id", _WHOLE, nullable=False),
        sa.Column("contact_key", sa.Text(), nullable=False),
        sa.Column("code_key", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("expires_at", _WHOLE, nullable=False),
        sa.Column("sent_at", _WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["holder_id"], ["holder.id"], name=op.f("fk_mailed_code_holder_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailed_code")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    for column in ("holder_id", "contact_key", "sent_at"):
        op.create_index(op.f(f"ix_mailed_code_{column}"), "mailed_code", [column], unique=False)
