"""Badges: each once, as it was when somebody got it"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0019"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "badge_held",
        sa.Column("member_id", _WHOLE, nullable=False),
        sa.Column("badge", sa.Text(), nullable=False),
        sa.Column("level", _WHOLE, nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("awarded_at", _WHOLE, nullable=False),
        sa.Column("given_by", _WHOLE, nullable=True),
        sa.Column("taken_at", _WHOLE, nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_badge_held_member_id")),
        sa.ForeignKeyConstraint(["given_by"], ["holder.id"], name=op.f("fk_badge_held_given_by")),
        sa.PrimaryKeyConstraint("member_id", "badge", "level", name=op.f("pk_badge_held")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "open_news",
        sa.Column("member_id", _WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_open_news_member_id")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_open_news")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
