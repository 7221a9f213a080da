"""Replies, buttons and their values as JSON text and back, so that an answer can be stored and given again."""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any

import orjson

from bot.deeds import Admission, Marking
from bot.events import Identity
from bot.explanation import Explanation, Receipt, Related, Rule
from bot.leaderboards import Board, Row
from bot.ledger import HistoryLine, Reason
from bot.money import Money
from bot.replies import Audience, Button, ButtonStyle, MemberName, Picture, Reply, Visibility
from bot.rewards import SpentOn

_CLASSES = (
    *(Admission, Board, Button, Explanation, HistoryLine, Identity, Marking, MemberName, Money),
    *(Picture, Receipt, Related, Reply, Row, Rule, SpentOn),
)
_VALUES = {cls.__name__: cls for cls in _CLASSES}
_ENUMS = {"audience": Audience, "style": ButtonStyle, "visibility": Visibility, "reason": Reason, "came_from": Reason}


_AS_THEY_ARE = frozenset({str, int, bool, type(None)})


def dump(value: object) -> str:
    """Return `value` as JSON text. Raises TypeError for a value that no reply may carry."""
    return orjson.dumps(_plain(value)).decode()


def load(text: str) -> Any:
    """Return the value that `dump` was given; sequences come back as tuples."""
    return _value(orjson.loads(text))


def _plain(value: object) -> object:
    if type(value) in _AS_THEY_ARE:
        return value
    match value:
        case Enum():
            return value.value
        case int():
            return int(value)
        case str():
            return str(value)
        case datetime():
            return {"$": "datetime", "iso": value.isoformat()}
        case date():
            return {"$": "date", "iso": value.isoformat()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
    name = type(value).__name__
    if is_dataclass(value) and name in _VALUES:
        said = ((field, getattr(value, field), default) for field, default in _fields(name))
        return {"$": name} | {field: _plain(item) for field, item, default in said if item != default}
    raise TypeError(f"a reply cannot carry {name}")


@cache
def _fields(name: str) -> tuple[tuple[str, object], ...]:
    """Return the names of a class's fields with their defaults: what is as by default need not be said."""
    made = ((field.name, field.default, field.default_factory) for field in fields(_VALUES[name]))
    return tuple((name, default if make is MISSING else make()) for name, default, make in made)


def _value(plain: object) -> Any:
    if isinstance(plain, list):
        return tuple(_value(item) for item in plain)
    if not isinstance(plain, dict):
        return plain
    name = plain.get("$")
    if name == "datetime":
        return datetime.fromisoformat(plain["iso"])
    if name == "date":
        return date.fromisoformat(plain["iso"])
    values = {key: _value(item) for key, item in plain.items() if key != "$"}
    if name is None:
        return values
    for key, enum in _ENUMS.items():
        if values.get(key) is not None and name in ("Button", "Reply", "HistoryLine"):
            values[key] = enum(values[key])
    return _VALUES[name](**values)
