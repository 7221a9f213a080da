"""What of a purchase counts before the limits of its day"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0007"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("purchase", sa.Column("counting_minor", _WHOLE, nullable=True))
