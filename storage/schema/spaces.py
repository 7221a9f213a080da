"""Spaces, who is in them, and how far they were read back."""

from sqlalchemy import ForeignKey, UniqueConstraint

from storage.schema.base import own_id, string, table, whole

space = table(
    "space",
    own_id(),
    string("platform"),
    string("platform_space_id"),
    string("title"),
    string("channel_id"),
    string("thread_id", optional=True),
    string("language"),
    whole("weekday"),
    string("post_time"),
    whole("created_at"),
    whole("retired_at", optional=True),
    whole("invited_at", optional=True),
    UniqueConstraint("platform", "platform_space_id"),
)
presence = table(
    "presence",
    whole("holder_id", ForeignKey("holder.id"), primary_key=True),
    whole("space_id", ForeignKey("space.id"), primary_key=True),
    whole("first_seen_at"),
    whole("left_at", optional=True),
    rowid=False,
)
backfill_cursor = table(
    "backfill_cursor",
    string("platform", primary_key=True),
    string("channel_id", primary_key=True),
    string("message_id"),
)
