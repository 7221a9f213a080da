"""JSON as Telegram sends it, made into dicts and lists."""

import json

import orjson


def parsed(payload: bytes) -> object:
    """Return what a payload says. Raises ValueError for one that is no JSON."""
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        # Half a character or NaN in one update must not hide the others; Python's own parser takes both.
        return json.loads(payload.decode("utf-8", "replace"))
