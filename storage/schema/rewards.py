"""The catalogue of rewards, the coupons they become and links to them, imported codes, gifts, and what rewards open."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text

from storage.schema.base import content, own_id, partial_index, string, table, whole

reward = table(
    "reward",
    own_id(),
    string("reward_key", unique=True),
    string("terms"),
    whole("cost"),
    whole("stock", optional=True),
    whole("limit_count", optional=True),
    string("limit_period"),
    whole("version", server_default=text("1")),
    whole("is_stopped", server_default=text("0")),
    string("tier", optional=True),
    whole("has_discounts", server_default=text("1")),
    CheckConstraint("cost BETWEEN 0 AND 1000000000", name="cost"),
    CheckConstraint("stock >= 0", name="stock"),
)
picture = table("picture", string("digest", primary_key=True), content("png"), whole("kept_at"))
coupon = table(
    "coupon",
    own_id(),
    string("code", unique=True),
    string("source", unique=True),
    whole("reward_id", ForeignKey("reward.id"), optional=True),
    whole("holder_id", ForeignKey("holder.id")),
    string("terms"),
    whole("cost"),
    whole("took_stock"),
    string("state"),
    whole("issued_at"),
    whole("expires_at", optional=True),
    whole("settled_at", optional=True),
    whole("settled_by", ForeignKey("holder.id"), optional=True),
    whole("is_reminded", server_default=text("0")),
    CheckConstraint("state IN ('open', 'used', 'cancelled', 'expired')", name="state"),
    Index("ix_coupon_holder_id_reward_id", "holder_id", "reward_id", "issued_at"),
    partial_index("ix_coupon_expires_at", "expires_at", where="state = 'open'"),
)
coupon_link = table(
    "coupon_link",
    string("code_key", primary_key=True),
    whole("coupon_id", ForeignKey("coupon.id")),
    whole("giver_id", ForeignKey("holder.id")),
    whole("made_at"),
    whole("ended_at", optional=True),
    whole("is_taken", server_default=text("0")),
    partial_index("ix_coupon_link_open", "coupon_id", where="ended_at IS NULL", unique=True),
    partial_index("ix_coupon_link_coupon_id", "coupon_id", where="is_taken = 1", unique=True),
    partial_index("ix_coupon_link_giver_id", "giver_id", where="is_taken = 1"),
    rowid=False,
)
pool_code = table(
    "pool_code",
    own_id(),
    whole("reward_id", ForeignKey("reward.id")),
    string("code"),
    whole("coupon_id", ForeignKey("coupon.id"), optional=True),
    UniqueConstraint("reward_id", "code"),
    partial_index("ix_pool_code_coupon_id", "coupon_id", where="coupon_id IS NOT NULL", unique=True),
    partial_index("ix_pool_code_free", "reward_id", "id", where="coupon_id IS NULL"),
)
gift = table(
    "gift",
    own_id(),
    string("source", unique=True),
    whole("giver_id", ForeignKey("holder.id")),
    whole("receiver_id", ForeignKey("holder.id")),
    whole("points"),
    whole("given_at"),
    Index("ix_gift_giver_id_given_at", "giver_id", "given_at"),
)
access = table(
    "access",
    whole("coupon_id", ForeignKey("coupon.id"), primary_key=True),
    whole("holder_id", ForeignKey("holder.id"), index=True),
    whole("ends_at", optional=True),
    whole("is_over", server_default=text("0")),
    partial_index("ix_access_ends_at", "ends_at", where="is_over = 0"),
)
