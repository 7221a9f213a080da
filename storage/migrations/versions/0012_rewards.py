"""Rewards and coupons: stock never below zero, a coupon ends once"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TABLE = {"sqlite_strict": True, "sqlite_with_rowid": True}
_ENDS_ONCE = """
CREATE TRIGGER coupon_ends_once BEFORE UPDATE OF state ON coupon WHEN OLD.state <> 'open'
BEGIN
    SELECT RAISE(ABORT, 'the coupon has ended');
END
"""
_REFUSE_ON_POSTGRESQL = """
CREATE FUNCTION refuse_second_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the coupon has ended' USING ERRCODE = 'integrity_constraint_violation';
END
$$
"""
_ENDS_ONCE_ON_POSTGRESQL = """
CREATE TRIGGER coupon_ends_once BEFORE UPDATE OF state ON coupon FOR EACH ROW WHEN (OLD.state <> 'open')
EXECUTE FUNCTION refuse_second_end()
"""


def upgrade() -> None:
    op.create_table(
        "reward",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("reward_key", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("cost", _WHOLE, nullable=False),
        sa.Column("stock", _WHOLE, nullable=True),
        sa.Column("limit_count", _WHOLE, nullable=True),
        sa.Column("limit_period", sa.Text(), nullable=False),
        sa.Column("version", _WHOLE, server_default=sa.text("1"), nullable=False),
        sa.Column("is_stopped", _WHOLE, server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("cost BETWEEN 0 AND 1000000000", name=op.f("ck_reward_cost")),
        sa.CheckConstraint("stock >= 0", name=op.f("ck_reward_stock")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reward")),
        sa.UniqueConstraint("reward_key", name=op.f("uq_reward_reward_key")),
        **_TABLE,
    )
    op.create_table(
        "coupon",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reward_id", _WHOLE, nullable=True),
        sa.Column("holder_id", _WHOLE, nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("cost", _WHOLE, nullable=False),
        sa.Column("took_stock", _WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("issued_at", _WHOLE, nullable=False),
        sa.Column("expires_at", _WHOLE, nullable=True),
        sa.Column("settled_at", _WHOLE, nullable=True),
        sa.Column("settled_by", _WHOLE, nullable=True),
        sa.Column("is_reminded", _WHOLE, server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("state IN ('open', 'used', 'cancelled', 'expired')", name=op.f("ck_coupon_state")),
        sa.ForeignKeyConstraint(["reward_id"], ["reward.id"], name=op.f("fk_coupon_reward_id")),
        sa.ForeignKeyConstraint(["holder_id"], ["holder.id"], name=op.f("fk_coupon_holder_id")),
        sa.ForeignKeyConstraint(["settled_by"], ["holder.id"], name=op.f("fk_coupon_settled_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupon")),
        sa.UniqueConstraint("code", name=op.f("uq_coupon_code")),
        sa.UniqueConstraint("source", name=op.f("uq_coupon_source")),
        **_TABLE,
    )
    op.create_index("ix_coupon_holder_id_reward_id", "coupon", ["holder_id", "reward_id", "issued_at"])
    is_open = sa.text("state = 'open'")
    op.create_index("ix_coupon_expires_at", "coupon", ["expires_at"], sqlite_where=is_open, postgresql_where=is_open)
    op.create_table(
        "pool_code",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("reward_id", _WHOLE, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("coupon_id", _WHOLE, nullable=True),
        sa.ForeignKeyConstraint(["reward_id"], ["reward.id"], name=op.f("fk_pool_code_reward_id")),
        sa.ForeignKeyConstraint(["coupon_id"], ["coupon.id"], name=op.f("fk_pool_code_coupon_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool_code")),
        sa.UniqueConstraint("reward_id", "code", name=op.f("uq_pool_code_reward_id_code")),
        **_TABLE,
    )
    given, free = sa.text("coupon_id IS NOT NULL"), sa.text("coupon_id IS NULL")
    op.create_index(
        "ix_pool_code_coupon_id", "pool_code", ["coupon_id"], unique=True, sqlite_where=given, postgresql_where=given
    )
    op.create_index("ix_pool_code_free", "pool_code", ["reward_id", "id"], sqlite_where=free, postgresql_where=free)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_REFUSE_ON_POSTGRESQL)
        op.execute(_ENDS_ONCE_ON_POSTGRESQL)
    else:
        op.execute(_ENDS_ONCE)
