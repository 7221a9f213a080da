"""Duels: who challenged whom, on which terms, and how it ended."""

from sqlalchemy import ForeignKey, Index, text

from storage.schema.base import own_id, string, table, whole

duel = table(
    "duel",
    own_id(),
    whole("challenger_id", ForeignKey("member.id")),
    whole("challenged_id", ForeignKey("member.id")),
    whole("space_id", ForeignKey("space.id"), optional=True),
    string("terms"),
    whole("days"),
    whole("tally_id", ForeignKey("challenge_tally.id")),
    string("state"),
    whole("invited_at"),
    whole("answer_by"),
    whole("opens_at", optional=True),
    whole("closes_at", optional=True),
    whole("remind_at", optional=True),
    whole("ended_at", optional=True),
    string("outcome", optional=True),
    whole("winner_id", ForeignKey("member.id"), optional=True),
    whole("is_paid", server_default=text("0")),
    Index("ix_duel_state", "state"),
    Index("ix_duel_challenger_id", "challenger_id"),
    Index("ix_duel_challenged_id", "challenged_id"),
)
