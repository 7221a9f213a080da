"""Message entities: UTF-16 lengths, what people's clients detect, and trimming."""

import re
from collections.abc import Iterable
from typing import Any

from .errors import Json

COMMAND = re.compile(r"(?<![\w/<>@])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>@])")
MENTION = re.compile(r"(?<![\w@/])@[A-Za-z0-9_]{3,32}(?!\w)")
OPAQUE = {"code", "pre", "text_link", "text_mention"}


def utf16_length(text: str) -> int:
    """Length in UTF-16 units, the unit of all offsets."""
    return len(text.encode("utf-16-le")) // 2


def utf16_slice(text: str, offset: int, length: int) -> str:
    """The part of `text` an entity covers."""
    return text.encode("utf-16-le")[offset * 2 : (offset + length) * 2].decode("utf-16-le")


def _overlaps(entity: Json, others: Iterable[Json]) -> bool:
    start, end = entity["offset"], entity["offset"] + entity["length"]
    return any(other["offset"] < end and start < other["offset"] + other["length"] for other in others)


def detect(text: str, given: list[Json]) -> list[Json]:
    """Return `given` plus the commands and @mentions found in `text`, sorted by offset."""
    opaque = [entity for entity in given if entity["type"] in OPAQUE]
    found = []
    for kind, pattern in (("bot_command", COMMAND), ("mention", MENTION)):
        for match in pattern.finditer(text):
            entity: Json = {
                "type": kind,
                "offset": utf16_length(text[: match.start()]),
                "length": utf16_length(match.group()),
            }
            if not _overlaps(entity, opaque):
                found.append(entity)
    return sorted([*given, *found], key=lambda entity: (entity["offset"], -entity["length"]))


def trim(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Strip white space around a message, as the platform does, moving the entities along."""
    cut = utf16_length(text) - utf16_length(text.lstrip())
    stripped = text.strip()
    end = utf16_length(stripped)
    moved = []
    for entity in entities:
        start = max(0, entity["offset"] - cut)
        stop = min(end, entity["offset"] - cut + entity["length"])
        if stop > start:
            moved.append({**entity, "offset": start, "length": stop - start})
    return stripped, moved


def leading_command(message: Json) -> str | None:
    """The command a message starts with ("/start@bot"), if any."""
    for entity in message.get("entities", ()):
        if entity["type"] == "bot_command" and entity["offset"] == 0:
            return utf16_slice(message["text"], 0, entity["length"])
    return None


def compose(*parts: Any) -> tuple[str, list[Json]]:
    """Join texts and users; each user becomes a text mention. Returns text and entities."""
    text = ""
    entities: list[Json] = []
    for part in parts:
        if isinstance(part, str):
            text += part
            continue
        offset = utf16_length(text)
        entities.append(
            {"type": "text_mention", "offset": offset, "length": utf16_length(part.name), "user": part.json()}
        )
        text += part.name
    return text, entities
