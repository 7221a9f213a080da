"""Challenges and leaderboards."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text

from storage.schema.base import own_id, string, table, whole

challenge_round = table(
    "challenge_round",
    own_id(),
    string("challenge"),
    whole("opens_at"),
    whole("closes_at"),
    string("terms"),
    string("state"),
    UniqueConstraint("challenge", "opens_at"),
    Index("ix_challenge_round_state", "state"),
)
challenge_mark = table(
    "challenge_mark",
    whole("round_id", ForeignKey("challenge_round.id"), primary_key=True),
    whole("member_id", ForeignKey("member.id"), primary_key=True),
    string("mark", primary_key=True),
    rowid=False,
)
challenge_progress = table(
    "challenge_progress",
    whole("round_id", ForeignKey("challenge_round.id"), primary_key=True),
    whole("member_id", ForeignKey("member.id"), primary_key=True),
    whole("amount"),
    rowid=False,
)
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
