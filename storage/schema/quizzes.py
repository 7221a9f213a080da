"""Quizzes: which questions of a round were asked, and who answered what."""

from sqlalchemy import ForeignKey, Index

from storage.schema.base import table, whole

quiz_question = table(
    "quiz_question",
    whole("round_id", ForeignKey("challenge_round.id"), primary_key=True),
    whole("number", primary_key=True),
    whole("asked_at"),
    rowid=False,
)
quiz_answer = table(
    "quiz_answer",
    whole("round_id", ForeignKey("challenge_round.id"), primary_key=True),
    whole("number", primary_key=True),
    whole("member_id", ForeignKey("member.id"), primary_key=True),
    whole("answer"),
    whole("answered_at"),
    Index("ix_quiz_answer_member_id", "member_id"),
    Index("ix_quiz_answer_answered_at", "answered_at"),
    rowid=False,
)
