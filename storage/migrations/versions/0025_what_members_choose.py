"""What members choose: the name by which boards call them, and who hears their news, which was two wishes before"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0022"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_IS_KEY = sa.text("alias_key IS NOT NULL")
_WISHES = ("celebration", "open_news")


def upgrade() -> None:
    op.add_column("member", sa.Column("shares_news", _WHOLE, server_default=sa.text("0"), nullable=False))
    # Whoever let their groups hear of challenges done, or of badges, lets them hear of both.
    for table in _WISHES:
        op.execute(f"UPDATE member SET shares_news = 1 WHERE id IN (SELECT member_id FROM {table})")  # noqa: S608
        op.drop_table(table)
    for name in ("alias", "alias_key"):
        op.add_column("member", sa.Column(name, sa.Text(), nullable=True))
    op.create_index(
        "ix_member_alias_key", "member", ["alias_key"], unique=True, sqlite_where=_IS_KEY, postgresql_where=_IS_KEY
    )
