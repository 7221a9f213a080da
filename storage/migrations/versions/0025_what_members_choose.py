"""What members choose: the name by which boards call them"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0022"
branch_labels = None
depends_on = None

_IS_KEY = sa.text("alias_key IS NOT NULL")


def upgrade() -> None:
    for name in ("alias", "alias_key"):
        op.add_column("member", sa.Column(name, sa.Text(), nullable=True))
    op.create_index(
        "ix_member_alias_key", "member", ["alias_key"], unique=True, sqlite_where=_IS_KEY, postgresql_where=_IS_KEY
    )
