"""Posts that still hold a text are found by their age, however many there are that hold none"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_HAS_TEXT = sa.text("reply <> ''")


def upgrade() -> None:
    op.create_index("ix_outbox_text", "outbox", ["created_at"], sqlite_where=_HAS_TEXT, postgresql_where=_HAS_TEXT)
