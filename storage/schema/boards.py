"""Leaderboards."""

from sqlalchemy import ForeignKey, Index, text

from storage.schema.base import own_id, string, table, whole

standing = table(
    "standing",
    whole("space_id", primary_key=True),
    string("period", primary_key=True),
    whole("member_id", ForeignKey("member.id"), primary_key=True),
    whole("amount"),
    whole("is_listed"),
    Index("ix_standing_top", "space_id", "period", "is_listed", text("amount DESC"), "member_id"),
    Index("ix_standing_member_id", "member_id"),
    rowid=False,
)
waiting_gain = table(
    "waiting_gain",
    own_id(),
    string("spaces"),
    string("day"),
    whole("member_id", ForeignKey("member.id")),
    whole("amount"),
)
standing_bucket = table(
    "standing_bucket",
    whole("space_id", primary_key=True),
    string("period", primary_key=True),
    whole("level", primary_key=True),
    whole("bucket", primary_key=True),
    whole("members"),
    rowid=False,
)
board = table(
    "board",
    whole("space_id", primary_key=True),
    string("period", primary_key=True),
    string("content"),
    whole("closed_at"),
)
