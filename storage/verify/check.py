"""A check that is one query, in SQL that both databases understand."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """A query whose every row is a problem, and the sentence that says so of a row."""

    kind: str
    sentence: str
    query: str
