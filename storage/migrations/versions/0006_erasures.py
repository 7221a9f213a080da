"""Who was erased and when, so that a restore does it again"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "erasure",
        sa.Column("holder_id", _WHOLE, nullable=False),
        sa.Column("erased_at", _WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["holder_id"], ["holder.id"], name=op.f("fk_erasure_holder_id")),
        sa.PrimaryKeyConstraint("holder_id", name=op.f("pk_erasure")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
