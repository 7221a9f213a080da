"""Attributes that are made when they are first asked for."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

S = TypeVar("S")


class Once(Generic[S]):
    """An attribute made when it is first asked for. A transaction belongs to one thread, so it takes no lock."""

    def __init__(self, make: Callable[[Any], S]) -> None:
        self._make = make

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, tx: Any, owner: type) -> S:
        made = tx.__dict__[self._name] = self._make(tx)
        return made
