"""The parameters of a call: their kinds, how they are read from a request, and the record of a call."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Generic, TypeVar

from .errors import ApiError, Json, invalid

PlatformT = TypeVar("PlatformT")


class Kind(Enum):
    """What a parameter must be."""

    INTEGER = auto()
    TEXT = auto()
    BOOLEAN = auto()
    CHAT = auto()
    JSON = auto()
    FILE = auto()


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with the request."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Method(Generic[PlatformT]):
    """One method of the API: who serves it and the parameters it takes here."""

    serve: Callable[[PlatformT, Json], Any | Awaitable[Any]]
    params: Mapping[str, Kind]


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it was answered: `result` on success, else `error` (code, description, parameters)."""

    method: str
    params: Json
    result: Any
    error: Json | None
    at: float

    @property
    def ok(self) -> bool:
        """Whether the platform did what was asked."""
        return self.error is None


def _integer(raw: Any) -> int:
    if isinstance(raw, bool):
        raise ValueError
    return int(raw) if isinstance(raw, int | str) else int("")


def _boolean(raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[str(raw).lower()]


def _text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise ValueError
    return raw


def _chat(raw: Any) -> int | str:
    return raw if isinstance(raw, str) and raw.startswith("@") else _integer(raw)


def _json(raw: Any) -> Any:
    value = json.loads(raw) if isinstance(raw, str) else raw
    if not isinstance(value, dict | list):
        raise ValueError
    return value


def _file(raw: Any) -> Upload | str:
    if isinstance(raw, Upload | str):
        return raw
    raise ValueError


DECODERS: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.INTEGER: _integer,
    Kind.TEXT: _text,
    Kind.BOOLEAN: _boolean,
    Kind.CHAT: _chat,
    Kind.JSON: _json,
    Kind.FILE: _file,
}


_ATTACHED = re.compile(r"attach://([\w-]+)")


def decode(declared: Mapping[str, Kind], raw: Mapping[str, Any]) -> Json:
    """Return `raw` with every value as its declared kind. Raises ApiError for unknown names and wrong kinds."""
    decoded: Json = {}
    attached = set(_ATTACHED.findall(" ".join(value for value in raw.values() if isinstance(value, str))))
    for name, value in raw.items():
        if name not in declared:
            if isinstance(value, Upload) and name in attached:
                continue
            raise invalid(f'unknown parameter "{name}"')
        if isinstance(value, str) and value.startswith("attach://"):
            value = raw.get(value.removeprefix("attach://"), value)
        try:
            decoded[name] = DECODERS[declared[name]](value)
        except (ValueError, KeyError) as error:
            raise invalid(f'parameter "{name}" must be of type {declared[name].name.capitalize()}') from error
    return decoded


def attached(params: Json, raw: Mapping[str, Any]) -> Json:
    """Return decoded parameters in which a media object holds the file that came with it."""

    def with_file(value: Any) -> Any:
        media = value.get("media") if isinstance(value, dict) else None
        if not isinstance(media, str) or not media.startswith("attach://"):
            return value
        return {**value, "media": raw.get(media.removeprefix("attach://"), media)}

    return {name: with_file(value) for name, value in params.items()}


def required(params: Json, name: str) -> Any:
    """Return a parameter that the method cannot do without. Raises ApiError."""
    if name not in params:
        raise ApiError(400, f'parameter "{name}" is required', violation=True)
    return params[name]
