"""Pictures that people sent for rewards"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "picture",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("png", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", _WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_picture")),
        sqlite_strict=True,
    )
