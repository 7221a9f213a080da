"""Typed reading of raw JSON, where anything may be missing or of another kind."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Json = Mapping[str, Any]
"""An object as the JSON parser makes it, which is always a dict."""
LARGEST = 2**63 - 1


class Unreadable(Exception):
    """An update that does not say what it must. The message names the field, never its value."""


def section(source: Json, name: str) -> Json:
    """Return an object inside an object."""
    value = source.get(name)
    if not isinstance(value, dict):
        raise Unreadable(f"{name} is no object")
    return value


def optional(source: Json, name: str) -> Json | None:
    """Return an object inside an object, or None where it is absent."""
    value = source.get(name)
    return value if value is None else section(source, name)


def sections(source: Json, name: str) -> list[Json]:
    """Return a list of objects, empty where it is absent."""
    value = source.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise Unreadable(f"{name} is no list of objects")
    return value


def integer(source: Json, name: str) -> int:
    """Return a whole number."""
    value = source.get(name)
    if type(value) is not int or not -LARGEST <= value <= LARGEST:
        raise Unreadable(f"{name} is no whole number")
    return value


def text(source: Json, name: str) -> str:
    """Return a text."""
    value = source.get(name)
    if not isinstance(value, str):
        raise Unreadable(f"{name} is no text")
    return value


def optional_text(source: Json, name: str) -> str | None:
    """Return a text, or None where it is absent."""
    value = source.get(name)
    return value if value is None else text(source, name)


def instant(source: Json, name: str = "date") -> datetime:
    """Return a time given in seconds since the epoch."""
    try:
        return datetime.fromtimestamp(integer(source, name), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Unreadable(f"{name} is no time") from error
