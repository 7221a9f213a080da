"""Tiers: what members collected in each month, which tier they hold, and how that is marked on platforms; levels."""

from sqlalchemy import ForeignKey

from storage.schema.base import string, table, whole

status_month = table(
    "status_month",
    whole("member_id", ForeignKey("member.id"), primary_key=True),
    string("month", primary_key=True),
    whole("amount"),
    rowid=False,
)
tier_held = table(
    "tier_held",
    whole("member_id", ForeignKey("member.id"), primary_key=True),
    string("tier"),
    string("rule_version"),
    whole("reached_at"),
    string("held_through", index=True),
    whole("warned_at", optional=True),
)
tier_lost = table(
    "tier_lost",
    whole("member_id", ForeignKey("member.id"), primary_key=True),
    whole("lost_at", primary_key=True),
    whole("threshold"),
    rowid=False,
)
level_told = table("level_told", whole("member_id", ForeignKey("member.id"), primary_key=True), whole("level"))
mark = table(
    "mark",
    whole("holder_id", ForeignKey("holder.id"), primary_key=True),
    whole("space_id", ForeignKey("space.id"), primary_key=True),
    string("wanted"),
    string("given"),
    whole("version"),
    rowid=False,
)
