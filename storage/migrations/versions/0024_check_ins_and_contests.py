"""Events at which members check in, and who did; entries of contests and votes; posts into a room of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "meetup",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("code_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("opens_at", _WHOLE, nullable=False),
        sa.Column("closes_at", _WHOLE, nullable=False),
        sa.Column("is_daily", _WHOLE, nullable=False),
        sa.Column("space_id", _WHOLE, nullable=True),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_meetup_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meetup")),
        sa.UniqueConstraint("code_key", name=op.f("uq_meetup_code_key")),
        sqlite_strict=True,
    )
    op.create_index("ix_meetup_closes_at", "meetup", ["closes_at"])
    op.create_table(
        "check_in",
        sa.Column("meetup_id", _WHOLE, nullable=False),
        sa.Column("member_id", _WHOLE, nullable=False),
        sa.Column("day", _WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["meetup_id"], ["meetup.id"], name=op.f("fk_check_in_meetup_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_check_in_member_id")),
        sa.PrimaryKeyConstraint("meetup_id", "member_id", "day", name=op.f("pk_check_in")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_check_in_member_id", "check_in", ["member_id"])
    op.create_table(
        "contest_entry",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("round_id", _WHOLE, nullable=False),
        sa.Column("space_id", _WHOLE, nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("holder_id", _WHOLE, nullable=False),
        sa.Column("posted_at", _WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["challenge_round.id"], name=op.f("fk_contest_entry_round_id")),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_contest_entry_space_id")),
        sa.ForeignKeyConstraint(["holder_id"], ["holder.id"], name=op.f("fk_contest_entry_holder_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contest_entry")),
        sa.UniqueConstraint("space_id", "message_id", name=op.f("uq_contest_entry_space_id_message_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_contest_entry_round_id_holder_id", "contest_entry", ["round_id", "holder_id"])
    op.create_index("ix_contest_entry_holder_id", "contest_entry", ["holder_id"])
    op.create_index("ix_contest_entry_posted_at", "contest_entry", ["posted_at"])
    op.create_table(
        "contest_vote",
        sa.Column("entry_id", _WHOLE, nullable=False),
        sa.Column("voter_id", _WHOLE, nullable=False),
        sa.Column("voted_at", _WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["contest_entry.id"], name=op.f("fk_contest_vote_entry_id")),
        sa.ForeignKeyConstraint(["voter_id"], ["holder.id"], name=op.f("fk_contest_vote_voter_id")),
        sa.PrimaryKeyConstraint("entry_id", "voter_id", name=op.f("pk_contest_vote")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_contest_vote_voter_id", "contest_vote", ["voter_id"])
    op.add_column("outbox", sa.Column("channel_id", sa.Text(), nullable=True))
    op.add_column("outbox", sa.Column("thread_id", sa.Text(), nullable=True))
