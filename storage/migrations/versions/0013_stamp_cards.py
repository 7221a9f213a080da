"""Stamp cards: one open card of a kind, each stamp once"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TABLE = {"sqlite_strict": True, "sqlite_with_rowid": True}


def upgrade() -> None:
    op.create_table(
        "stamp_card",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("holder_id", _WHOLE, nullable=False),
        sa.Column("card_key", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("goal", _WHOLE, nullable=False),
        sa.Column("begun_at", _WHOLE, nullable=False),
        sa.Column("coupon_id", _WHOLE, nullable=True),
        sa.CheckConstraint("goal > 0", name=op.f("ck_stamp_card_goal")),
        sa.ForeignKeyConstraint(["holder_id"], ["holder.id"], name=op.f("fk_stamp_card_holder_id")),
        sa.ForeignKeyConstraint(["coupon_id"], ["coupon.id"], name=op.f("fk_stamp_card_coupon_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stamp_card")),
        sa.UniqueConstraint("coupon_id", name=op.f("uq_stamp_card_coupon_id")),
        **_TABLE,
    )
    op.create_index("ix_stamp_card_holder_id", "stamp_card", ["holder_id", "card_key"])
    is_open = sa.text("coupon_id IS NULL")
    op.create_index(
        "ix_stamp_card_open",
        "stamp_card",
        ["holder_id", "card_key"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_table(
        "stamp",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("card_id", _WHOLE, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("given_at", _WHOLE, nullable=False),
        sa.Column("given_by", _WHOLE, nullable=True),
        sa.ForeignKeyConstraint(["card_id"], ["stamp_card.id"], name=op.f("fk_stamp_card_id")),
        sa.ForeignKeyConstraint(["given_by"], ["holder.id"], name=op.f("fk_stamp_given_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stamp")),
        sa.UniqueConstraint("source", name=op.f("uq_stamp_source")),
        **_TABLE,
    )
    op.create_index(op.f("ix_stamp_card_id"), "stamp", ["card_id"])
