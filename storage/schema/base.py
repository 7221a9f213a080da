"""How tables are declared: one metadata, short words for columns. STRICT on SQLite."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text, text
from sqlalchemy.schema import SchemaItem

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
Whole = BigInteger().with_variant(Integer, "sqlite")
CLUB = 0
"""Stands where a space id stands and means the whole club."""


def table(name: str, *items: SchemaItem, rowid: bool = True) -> Table:
    """Return a table."""
    return Table(name, metadata, *items, sqlite_strict=True, sqlite_with_rowid=rowid)


def own_id() -> Column[int]:
    """Return the column of a key that the database counts up."""
    return Column("id", Whole, primary_key=True)


def whole(name: str, *items: object, optional: bool = False, **options: object) -> Column[int]:
    """Return a column of whole numbers."""
    return Column(name, Whole, *items, nullable=optional, **options)  # type: ignore[arg-type]


def string(name: str, *, optional: bool = False, **options: object) -> Column[str]:
    """Return a column of text."""
    return Column(name, Text, nullable=optional, **options)  # type: ignore[arg-type]


def content(name: str) -> Column[bytes]:
    """Return a column of bytes."""
    return Column(name, LargeBinary, nullable=False)


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """Return an index over some of the rows, on both databases."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))
