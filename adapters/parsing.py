"""JSON as platforms send it, made into dicts and lists."""

import json
from typing import Any

import orjson


def parsed(payload: bytes | bytearray | memoryview | str) -> Any:
    """Return what a payload says. Raises ValueError for one that is no JSON."""
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        # Half a character or an infinite number in one event must not hide the others: Python's own parser takes both.
        return json.loads(payload if isinstance(payload, str) else bytes(payload).decode("utf-8", "replace"))
