"""Forgetting what was kept for a time only: about so many rows of a table in one transaction."""

from typing import Any

from sqlalchemy import Column, ColumnElement, Delete, Select, bindparam, delete, func, select


def delete_oldest(moment: Column[Any]) -> Delete:
    """Return a statement that deletes the `most` oldest rows from before `before`, and what is of the same instant."""
    oldest = select(moment).where(moment < bindparam("before")).order_by(moment).limit(bindparam("most")).subquery()
    return delete(moment.table).where(moment <= select(func.max(oldest.c[0])).scalar_subquery())


def end_of_part(key: Column[Any]) -> Select[Any, int]:
    """Return a query for the last key of the `most` rows that follow the key `after`, and how many there are."""
    following = select(key).where(key > bindparam("after")).order_by(key).limit(bindparam("most")).subquery()
    return select(func.max(following.c[0]), func.count())


def is_in_part(key: Column[Any]) -> ColumnElement[bool]:
    """Return the condition that a row is one of those, given their last key as `upto`."""
    return (key > bindparam("after")) & (key <= bindparam("upto"))
