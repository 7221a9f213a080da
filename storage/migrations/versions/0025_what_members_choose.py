"""What members choose: the name on boards, the time zone, and who hears their news, which was two wishes before"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_IS_KEY = sa.text("alias_key IS NOT NULL")
_HAS_ZONE = sa.text("timezone IS NOT NULL")
_WISHES = ("celebration", "open_news")


def upgrade() -> None:
    op.add_column("member", sa.Column("shares_news", _WHOLE, server_default=sa.text("0"), nullable=False))
    # Whoever let their groups hear of challenges done, or of badges, lets them hear of both.
    for table in _WISHES:
        op.execute(f"UPDATE member SET shares_news = 1 WHERE id IN (SELECT member_id FROM {table})")  # noqa: S608
        op.drop_table(table)
    for name in ("alias", "alias_key", "timezone"):
        op.add_column("member", sa.Column(name, sa.Text(), nullable=True))
    op.create_index(
        "ix_member_alias_key", "member", ["alias_key"], unique=True, sqlite_where=_IS_KEY, postgresql_where=_IS_KEY
    )
    op.create_index("ix_member_timezone", "member", ["timezone"], sqlite_where=_HAS_ZONE, postgresql_where=_HAS_ZONE)
    op.create_table(
        "member_zone",
        sa.Column("member_id", _WHOLE, nullable=False),
        sa.Column("since", _WHOLE, nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("bridged", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_member_zone_member_id")),
        sa.PrimaryKeyConstraint("member_id", "since", name=op.f("pk_member_zone")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
