"""Orders of shops, who their buyers may be, and what of a purchase counts before the limits of its day"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("purchase", sa.Column("counting_minor", _WHOLE, nullable=True))
    op.create_table(
        "shop_order",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("order_key", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=True),
        sa.Column("phone_key", sa.Text(), nullable=True),
        sa.Column("holder_id", _WHOLE, nullable=True),
        sa.Column("purchase_id", _WHOLE, nullable=True),
        sa.Column("waits_until", _WHOLE, nullable=True),
        sa.ForeignKeyConstraint(["holder_id"], ["holder.id"], name=op.f("fk_shop_order_holder_id")),
        sa.ForeignKeyConstraint(["purchase_id"], ["purchase.id"], name=op.f("fk_shop_order_purchase_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_order")),
        sa.UniqueConstraint("shop", "order_key", name=op.f("uq_shop_order_shop_order_key")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    for column in ("email_key", "phone_key", "holder_id", "purchase_id", "waits_until"):
        op.create_index(op.f(f"ix_shop_order_{column}"), "shop_order", [column], unique=False)
    op.create_table(
        "contact",
        sa.Column("contact_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("holder_id", _WHOLE, nullable=False),
        sa.Column("linked_at", _WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["holder_id"], ["holder.id"], name=op.f("fk_contact_holder_id")),
        sa.PrimaryKeyConstraint("contact_key", name=op.f("pk_contact")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_contact_holder_id"), "contact", ["holder_id"], unique=False)
    op.create_table(
        "contact_request",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("contact_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("holder_id", _WHOLE, nullable=False),
        sa.Column("expires_at", _WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["holder_id"], ["holder.id"], name=op.f("fk_contact_request_holder_id")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_contact_request")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    for column in ("holder_id", "expires_at"):
        op.create_index(op.f(f"ix_contact_request_{column}"), "contact_request", [column], unique=False)
