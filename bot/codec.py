"""Replies, buttons and their values as JSON text and back, so that an answer can be stored and given again."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields
from datetime import date, datetime
from enum import Enum
from typing import Any

import orjson

from bot.boards.leaderboards import Board, Row
from bot.deeds import Admission, Marking, Pinning, Removal
from bot.events import Identity
from bot.ledger.explanation import Explanation, Receipt, Related, Rule
from bot.ledger.ledger import HistoryLine, Reason
from bot.purchases.money import Money
from bot.replies import Audience, Button, ButtonStyle, MemberName, Picture, Reply, Visibility
from bot.rewards.rewards import SpentOn

_CLASSES = (
    *(Admission, Board, Button, Explanation, HistoryLine, Identity, Marking, MemberName, Money),
    *(Picture, Pinning, Receipt, Related, Removal, Reply, Row, Rule, SpentOn),
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


def _plain(value: Any) -> object:
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    make = _MAKERS.get(kind)
    if make is not None:
        return make(value)
    match value:
        case Enum():
            return value.value
        case int():
            return int(value)
        case str():
            return str(value)
        case datetime():
            return _of_datetime(value)
        case date():
            return {"$": "date", "iso": value.isoformat()}
        case list() | tuple():
            return _of_several(value)
        case Mapping():
            return _of_mapping(value)
    raise TypeError(f"a reply cannot carry {kind.__name__}")


def _of_several(values: Iterable[Any]) -> object:
    return [item if type(item) in _AS_THEY_ARE else _plain(item) for item in values]


def _of_mapping(values: Mapping[Any, Any]) -> object:
    return {str(key): item if type(item) in _AS_THEY_ARE else _plain(item) for key, item in values.items()}


def _of_datetime(value: datetime) -> object:
    return {"$": "datetime", "iso": value.isoformat()}


def _maker_of(cls: type) -> Callable[[Any], object]:
    """Return what makes a plain value of one of a class. What is as by default need not be said."""
    made = [(field.name, field.default, field.default_factory) for field in fields(cls)]
    defaults = [(name, default if make is MISSING else make()) for name, default, make in made]

    def make_plain(value: Any) -> object:
        said: dict[str, object] = {"$": cls.__name__}
        for name, default in defaults:
            item = getattr(value, name)
            if item is not default and item != default:
                said[name] = item if type(item) in _AS_THEY_ARE else _plain(item)
        return said

    return make_plain


_MAKERS: Mapping[type, Callable[[Any], object]] = {
    dict: _of_mapping,
    list: _of_several,
    tuple: _of_several,
    datetime: _of_datetime,
    **{cls: _maker_of(cls) for cls in _CLASSES},
}


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
