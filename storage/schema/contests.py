"""Contests: the messages that are entries, without what they say, and who votes for them."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint

from storage.schema.base import own_id, string, table, whole

contest_entry = table(
    "contest_entry",
    own_id(),
    whole("round_id", ForeignKey("challenge_round.id")),
    whole("space_id", ForeignKey("space.id")),
    string("message_id"),
    whole("holder_id", ForeignKey("holder.id")),
    whole("posted_at"),
    string("state"),
    UniqueConstraint("space_id", "message_id"),
    Index("ix_contest_entry_round_id_holder_id", "round_id", "holder_id"),
    Index("ix_contest_entry_holder_id", "holder_id"),
    Index("ix_contest_entry_posted_at", "posted_at"),
)
contest_vote = table(
    "contest_vote",
    whole("entry_id", ForeignKey("contest_entry.id"), primary_key=True),
    whole("voter_id", ForeignKey("holder.id"), primary_key=True),
    whole("voted_at"),
    Index("ix_contest_vote_voter_id", "voter_id"),
    rowid=False,
)
