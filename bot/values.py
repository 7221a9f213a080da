"""Plain values made by the thousand: nobody changes one, which the type checker sees to.

To have Python see to it as well (`frozen=True`) makes each of them three times as slow to make.
"""

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def value(cls: type[T]) -> type[T]:
    """Make a value of a class."""
    return dataclass(slots=True, unsafe_hash=True)(cls)


@dataclass_transform(kw_only_default=True, frozen_default=True)
def keyword_value(cls: type[T]) -> type[T]:
    """Make a value whose fields are always given by name."""
    return dataclass(slots=True, kw_only=True, unsafe_hash=True)(cls)
