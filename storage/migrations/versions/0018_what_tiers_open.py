"""Rewards for who holds a tier, and cheaper by tier; gifts; marks on platforms; what rewards open."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("reward", sa.Column("tier", sa.Text(), nullable=True))
    op.add_column("reward", sa.Column("has_discounts", _WHOLE, nullable=False, server_default=sa.text("1")))
    _gifts()
    _marks()
    _accesses()


def _gifts() -> None:
    op.create_table(
        "gift",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("giver_id", _WHOLE, nullable=False),
        sa.Column("receiver_id", _WHOLE, nullable=False),
        sa.Column("points", _WHOLE, nullable=False),
        sa.Column("given_at", _WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["giver_id"], ["holder.id"], name=op.f("fk_gift_giver_id")),
        sa.ForeignKeyConstraint(["receiver_id"], ["holder.id"], name=op.f("fk_gift_receiver_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift")),
        sa.UniqueConstraint("source", name=op.f("uq_gift_source")),
        sqlite_strict=True,
    )
    op.create_index("ix_gift_giver_id_given_at", "gift", ["giver_id", "given_at"])


def _marks() -> None:
    op.create_table(
        "mark",
        sa.Column("holder_id", _WHOLE, nullable=False),
        sa.Column("space_id", _WHOLE, nullable=False),
        sa.Column("wanted", sa.Text(), nullable=False),
        sa.Column("given", sa.Text(), nullable=False),
        sa.Column("version", _WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["holder_id"], ["holder.id"], name=op.f("fk_mark_holder_id")),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_mark_space_id")),
        sa.PrimaryKeyConstraint("holder_id", "space_id", name=op.f("pk_mark")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _accesses() -> None:
    op.create_table(
        "access",
        sa.Column("coupon_id", _WHOLE, nullable=False),
        sa.Column("holder_id", _WHOLE, nullable=False),
        sa.Column("ends_at", _WHOLE, nullable=True),
        sa.Column("is_over", _WHOLE, server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["coupon_id"], ["coupon.id"], name=op.f("fk_access_coupon_id")),
        sa.ForeignKeyConstraint(["holder_id"], ["holder.id"], name=op.f("fk_access_holder_id")),
        sa.PrimaryKeyConstraint("coupon_id", name=op.f("pk_access")),
        sqlite_strict=True,
    )
    op.create_index("ix_access_holder_id", "access", ["holder_id"])
    lasts = sa.text("is_over = 0")
    op.create_index("ix_access_ends_at", "access", ["ends_at"], sqlite_where=lasts, postgresql_where=lasts)
