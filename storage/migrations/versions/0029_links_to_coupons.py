"""Links by which a member passes a coupon on to a friend"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_IS_OPEN, _IS_TAKEN = sa.text("ended_at IS NULL"), sa.text("is_taken = 1")


def upgrade() -> None:
    op.create_table(
        "coupon_link",
        sa.Column("code_key", sa.Text(), nullable=False),
        sa.Column("coupon_id", _WHOLE, nullable=False),
        sa.Column("giver_id", _WHOLE, nullable=False),
        sa.Column("made_at", _WHOLE, nullable=False),
        sa.Column("ended_at", _WHOLE, nullable=True),
        sa.Column("is_taken", _WHOLE, server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["coupon_id"], ["coupon.id"], name=op.f("fk_coupon_link_coupon_id")),
        sa.ForeignKeyConstraint(["giver_id"], ["holder.id"], name=op.f("fk_coupon_link_giver_id")),
        sa.PrimaryKeyConstraint("code_key", name=op.f("pk_coupon_link")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    for name, column, where, is_unique in (
        ("ix_coupon_link_open", "coupon_id", _IS_OPEN, True),
        ("ix_coupon_link_coupon_id", "coupon_id", _IS_TAKEN, True),
        ("ix_coupon_link_giver_id", "giver_id", _IS_TAKEN, False),
    ):
        op.create_index(name, "coupon_link", [column], unique=is_unique, sqlite_where=where, postgresql_where=where)
