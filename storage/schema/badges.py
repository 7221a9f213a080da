"""Badges that members have."""

from sqlalchemy import ForeignKey

from storage.schema.base import string, table, whole

badge_held = table(
    "badge_held",
    whole("member_id", ForeignKey("member.id"), primary_key=True),
    string("badge", primary_key=True),
    whole("level", primary_key=True),
    string("terms"),
    whole("awarded_at"),
    whole("given_by", ForeignKey("holder.id"), optional=True),
    whole("taken_at", optional=True),
    rowid=False,
)
