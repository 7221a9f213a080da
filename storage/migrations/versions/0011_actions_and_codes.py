"""Actions that members were awarded for, and one-time codes"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _actions()
    _codes()


def _actions() -> None:
    op.create_table(
        "action_done",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("holder_id", _WHOLE, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("done_at", _WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["holder_id"], ["holder.id"], name=op.f("fk_action_done_holder_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_done")),
        sa.UniqueConstraint("source", name=op.f("uq_action_done_source")),
        sqlite_strict=True,
    )
    op.create_index("ix_action_done_holder_id_action_done_at", "action_done", ["holder_id", "action", "done_at"])


def _codes() -> None:
    op.create_table(
        "code_batch",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("made_at", _WHOLE, nullable=False),
        sa.Column("valid_until", _WHOLE, nullable=False),
        sa.Column("stopped_at", _WHOLE, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_batch")),
        sqlite_strict=True,
    )
    op.create_table(
        "one_time_code",
        sa.Column("code_key", sa.Text(), nullable=False),
        sa.Column("batch_id", _WHOLE, nullable=False),
        sa.Column("holder_id", _WHOLE, nullable=True),
        sa.Column("claimed_at", _WHOLE, nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["code_batch.id"], name=op.f("fk_one_time_code_batch_id")),
        sa.ForeignKeyConstraint(["holder_id"], ["holder.id"], name=op.f("fk_one_time_code_holder_id")),
        sa.PrimaryKeyConstraint("code_key", name=op.f("pk_one_time_code")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_one_time_code_batch_id_claimed_at", "one_time_code", ["batch_id", "claimed_at"])
    op.create_table(
        "wrong_try",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("member_id", _WHOLE, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("tried_at", _WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_wrong_try_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wrong_try")),
        sqlite_strict=True,
    )
    op.create_index("ix_wrong_try_member_id_what_tried_at", "wrong_try", ["member_id", "what", "tried_at"])
