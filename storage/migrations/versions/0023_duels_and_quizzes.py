"""Duels between two members; the questions of quizzes that were asked, and their answers"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "duel",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("challenger_id", _WHOLE, nullable=False),
        sa.Column("challenged_id", _WHOLE, nullable=False),
        sa.Column("space_id", _WHOLE, nullable=True),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("days", _WHOLE, nullable=False),
        sa.Column("tally_id", _WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("invited_at", _WHOLE, nullable=False),
        sa.Column("answer_by", _WHOLE, nullable=False),
        sa.Column("opens_at", _WHOLE, nullable=True),
        sa.Column("closes_at", _WHOLE, nullable=True),
        sa.Column("remind_at", _WHOLE, nullable=True),
        sa.Column("ended_at", _WHOLE, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("winner_id", _WHOLE, nullable=True),
        sa.Column("is_paid", _WHOLE, server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["challenger_id"], ["member.id"], name=op.f("fk_duel_challenger_id")),
        sa.ForeignKeyConstraint(["challenged_id"], ["member.id"], name=op.f("fk_duel_challenged_id")),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_duel_space_id")),
        sa.ForeignKeyConstraint(["tally_id"], ["challenge_tally.id"], name=op.f("fk_duel_tally_id")),
        sa.ForeignKeyConstraint(["winner_id"], ["member.id"], name=op.f("fk_duel_winner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duel")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_index("ix_duel_state", "duel", ["state"])
    op.create_index("ix_duel_challenger_id", "duel", ["challenger_id"])
    op.create_index("ix_duel_challenged_id", "duel", ["challenged_id"])
    op.create_table(
        "quiz_question",
        sa.Column("round_id", _WHOLE, nullable=False),
        sa.Column("number", _WHOLE, nullable=False),
        sa.Column("asked_at", _WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["challenge_round.id"], name=op.f("fk_quiz_question_round_id")),
        sa.PrimaryKeyConstraint("round_id", "number", name=op.f("pk_quiz_question")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "quiz_answer",
        sa.Column("round_id", _WHOLE, nullable=False),
        sa.Column("number", _WHOLE, nullable=False),
        sa.Column("member_id", _WHOLE, nullable=False),
        sa.Column("answer", _WHOLE, nullable=False),
        sa.Column("answered_at", _WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["challenge_round.id"], name=op.f("fk_quiz_answer_round_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_quiz_answer_member_id")),
        sa.PrimaryKeyConstraint("round_id", "number", "member_id", name=op.f("pk_quiz_answer")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_quiz_answer_member_id", "quiz_answer", ["member_id"])
    op.create_index("ix_quiz_answer_answered_at", "quiz_answer", ["answered_at"])
