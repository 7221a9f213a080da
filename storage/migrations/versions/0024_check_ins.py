"""Events at which members check in, and who did."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "meetup",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("code_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("opens_at", _WHOLE, nullable=False),
        sa.Column("closes_at", _WHOLE, nullable=False),
        sa.Column("is_daily", _WHOLE, nullable=False),
        sa.Column("space_id", _WHOLE, nullable=True),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_meetup_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meetup")),
        sa.UniqueConstraint("code_key", name=op.f("uq_meetup_code_key")),
        sqlite_strict=True,
    )
    op.create_index("ix_meetup_closes_at", "meetup", ["closes_at"])
    op.create_table(
        "check_in",
        sa.Column("meetup_id", _WHOLE, nullable=False),
        sa.Column("member_id", _WHOLE, nullable=False),
        sa.Column("day", _WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["meetup_id"], ["meetup.id"], name=op.f("fk_check_in_meetup_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_check_in_member_id")),
        sa.PrimaryKeyConstraint("meetup_id", "member_id", "day", name=op.f("pk_check_in")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_check_in_member_id", "check_in", ["member_id"])
