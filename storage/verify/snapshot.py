"""What verify needs of either database: a consistent view of one instant that writes nothing and stops nobody."""

from collections.abc import Iterator
from typing import Protocol

from storage.engine.dialect import Row


class Damaged(Exception):
    """The database cannot read what it holds."""


class Snapshot(Protocol):
    """One instant of a database. Everything comes row by row, and may raise Damaged."""

    def rows(self, sql: str) -> Iterator[Row]:
        """Run one query, to be read to its end before the next."""
        ...

    def damage(self) -> Iterator[str]:
        """Yield what the database finds wrong with its own pages and indexes."""
        ...

    def wrong_guards(self) -> Iterator[str]:
        """Yield what is not as the migrations make it: a guard that is gone, does something else, or is not ours."""
        ...

    def loose_references(self) -> Iterator[str]:
        """Yield rows that refer to what does not exist."""
        ...
