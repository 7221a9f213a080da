"""Who thanked whom, for as long as the limits need it; and who joined lately."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "thanks",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("giver_id", _WHOLE, nullable=False),
        sa.Column("receiver_id", _WHOLE, nullable=False),
        sa.Column("given_at", _WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["giver_id"], ["holder.id"], name=op.f("fk_thanks_giver_id")),
        sa.ForeignKeyConstraint(["receiver_id"], ["holder.id"], name=op.f("fk_thanks_receiver_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thanks")),
        sa.UniqueConstraint("source", name=op.f("uq_thanks_source")),
        sqlite_strict=True,
    )
    op.create_index("ix_thanks_given_at", "thanks", ["given_at"])
    op.create_index("ix_thanks_giver_id_given_at", "thanks", ["giver_id", "given_at"])
    op.create_index("ix_thanks_receiver_id_given_at", "thanks", ["receiver_id", "given_at"])
    op.create_index("ix_holder_created_at", "holder", ["created_at"])
