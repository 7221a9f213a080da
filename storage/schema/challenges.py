"""Challenges: rounds, what they count, the marks of what was done, and members' parts in them."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text

from storage.schema.base import own_id, string, table, whole

challenge_tally = table("challenge_tally", own_id(), string("what", unique=True))
challenge_round = table(
    "challenge_round",
    own_id(),
    string("challenge"),
    whole("opens_at"),
    whole("closes_at"),
    string("terms"),
    string("state"),
    whole("tally_id", optional=True),
    whole("remind_at", optional=True),
    whole("pays_from", optional=True),
    whole("paid_up_to", server_default=text("0")),
    whole("paid", server_default=text("0")),
    UniqueConstraint("challenge", "opens_at"),
    Index("ix_challenge_round_state", "state"),
    Index("ix_challenge_round_closes_at", "closes_at"),
)
challenge_mark = table(
    "challenge_mark",
    whole("tally_id", ForeignKey("challenge_tally.id"), primary_key=True),
    whole("member_id", ForeignKey("member.id"), primary_key=True),
    string("mark", primary_key=True),
    whole("at"),
    whole("day"),
    whole("weight"),
    rowid=False,
)
challenge_moved = table(
    "challenge_moved",
    whole("tally_id", ForeignKey("challenge_tally.id"), primary_key=True),
    whole("member_id", ForeignKey("member.id"), primary_key=True),
    whole("since"),
    rowid=False,
)
challenge_part = table(
    "challenge_part",
    whole("round_id", ForeignKey("challenge_round.id"), primary_key=True),
    whole("member_id", ForeignKey("member.id"), primary_key=True),
    whole("since", optional=True),
    whole("told_at", optional=True),
    Index("ix_challenge_part_member_id", "member_id"),
    rowid=False,
)
