"""The highest level that a member was told of"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "level_told",
        sa.Column("member_id", _WHOLE, nullable=False),
        sa.Column("level", _WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_level_told_member_id")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_level_told")),
        sqlite_strict=True,
    )
