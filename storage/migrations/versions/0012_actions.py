"""Actions that members were awarded for"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
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
