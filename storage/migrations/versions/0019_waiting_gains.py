"""Status that has yet to move the standings: it moves them together with others', before they are next read."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "waiting_gain",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("spaces", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("member_id", _WHOLE, nullable=False),
        sa.Column("amount", _WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_waiting_gain_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_gain")),
        sqlite_strict=True,
    )
