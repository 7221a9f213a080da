"""Stamp cards and the stamps on them. A card without a coupon is still being filled."""

from sqlalchemy import CheckConstraint, ForeignKey, Index

from storage.schema.base import own_id, partial_index, string, table, whole

stamp_card = table(
    "stamp_card",
    own_id(),
    whole("holder_id", ForeignKey("holder.id")),
    string("card_key"),
    string("terms"),
    whole("goal"),
    whole("begun_at"),
    whole("coupon_id", ForeignKey("coupon.id"), optional=True, unique=True),
    CheckConstraint("goal > 0", name="goal"),
    Index("ix_stamp_card_holder_id", "holder_id", "card_key"),
    partial_index("ix_stamp_card_open", "holder_id", "card_key", where="coupon_id IS NULL", unique=True),
)
stamp = table(
    "stamp",
    own_id(),
    whole("card_id", ForeignKey("stamp_card.id"), index=True),
    string("source", unique=True),
    string("day"),
    whole("given_at"),
    whole("given_by", ForeignKey("holder.id"), optional=True),
)
