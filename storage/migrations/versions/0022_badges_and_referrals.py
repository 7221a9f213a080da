"""Badges, each once and as it was when somebody got it; referrals, their codes, and ambassadors"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "badge_held",
        sa.Column("member_id", _WHOLE, nullable=False),
        sa.Column("badge", sa.Text(), nullable=False),
        sa.Column("level", _WHOLE, nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("awarded_at", _WHOLE, nullable=False),
        sa.Column("given_by", _WHOLE, nullable=True),
        sa.Column("taken_at", _WHOLE, nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_badge_held_member_id")),
        sa.ForeignKeyConstraint(["given_by"], ["holder.id"], name=op.f("fk_badge_held_given_by")),
        sa.PrimaryKeyConstraint("member_id", "badge", "level", name=op.f("pk_badge_held")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "open_news",
        sa.Column("member_id", _WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_open_news_member_id")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_open_news")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_table(
        "referral_code",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("member_id", _WHOLE, nullable=False),
        sa.Column("created_at", _WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_referral_code_member_id")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_referral_code")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_referral_code_member_id"), "referral_code", ["member_id"])
    op.create_table(
        "referral",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("inviter_id", _WHOLE, nullable=False),
        sa.Column("friend_id", _WHOLE, nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("flags", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", _WHOLE, server_default=sa.text("0"), nullable=False),
        sa.Column("joined_at", _WHOLE, nullable=False),
        sa.Column("met_at", _WHOLE, nullable=True),
        sa.Column("is_cleared", _WHOLE, server_default=sa.text("0"), nullable=False),
        sa.Column("decided_by", _WHOLE, nullable=True),
        sa.ForeignKeyConstraint(["inviter_id"], ["member.id"], name=op.f("fk_referral_inviter_id")),
        sa.ForeignKeyConstraint(["friend_id"], ["member.id"], name=op.f("fk_referral_friend_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["holder.id"], name=op.f("fk_referral_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
        sa.UniqueConstraint("friend_id", name=op.f("uq_referral_friend_id")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_index("ix_referral_inviter_id_joined_at", "referral", ["inviter_id", "joined_at"])
    op.create_index("ix_referral_state_id", "referral", ["state", "id"])
    op.create_table(
        "ambassador",
        sa.Column("member_id", _WHOLE, nullable=False),
        sa.Column("since", _WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_ambassador_member_id")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_ambassador")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
