"""The platform's HTML mode: plain text and entities out of markup, or a refusal."""

import re

from .entities import utf16_length
from .errors import ApiError, Json, invalid

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "tg-emoji": "custom_emoji",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
CHARACTER = re.compile(r"&(?:(lt|gt|amp|quot);|#(\d{1,7});|#x([0-9a-fA-F]{1,6});)")
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
ATTRIBUTE = re.compile(r"""\s+([^\s=>/]+)(?:\s*=\s*("[^"]*"|'[^']*'|[\w.-]+))?""")
END_TAG = re.compile(r"([^\s>]*)\s*>")
NESTED_FREE = {"code", "pre"}


def _unescape(text: str) -> str:
    def character(match: re.Match[str]) -> str:
        name, decimal, hexadecimal = match.groups()
        if name:
            return NAMED[name]
        number = int(decimal) if decimal else int(hexadecimal, 16)
        return chr(number) if 0 < number < 0x110000 and not 0xD800 <= number < 0xE000 else match.group()

    return CHARACTER.sub(character, text)


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.text = ""
        self.entities: list[Json] = []
        self.open: list[tuple[str, int, dict[str, str]]] = []

    def refuse(self, detail: str) -> ApiError:
        return invalid(f"can't parse entities: {detail}")

    def byte_offset(self, position: int) -> int:
        return len(self.source[:position].encode())

    def run(self) -> tuple[str, list[Json]]:
        position = 0
        while position < len(self.source):
            if self.source[position] == "<":
                closing = self.source.startswith("</", position)
                position = self.end_tag(position) if closing else self.start_tag(position)
            else:
                until = self.source.find("<", position)
                until = len(self.source) if until < 0 else until
                self.text += _unescape(self.source[position:until])
                position = until
        if self.open:
            raise self.refuse(f'Can\'t find end tag corresponding to start tag "{self.open[-1][0]}"')
        return self.text, _without_nested_in_code(self.entities)

    def start_tag(self, position: int) -> int:
        match = re.compile(r"[^\s>]*").match(self.source, position + 1)
        assert match is not None
        name, at = match.group().lower(), self.byte_offset(position)
        attributes: dict[str, str] = {}
        end = match.end()
        while attribute := ATTRIBUTE.match(self.source, end):
            attributes[attribute[1].lower()] = _unescape((attribute[2] or "").strip("\"'"))
            end = attribute.end()
        closing = re.compile(r"\s*>").match(self.source, end)
        if closing is None:
            raise self.refuse(f"Unclosed start tag at byte offset {at}")
        if name not in TAGS:
            raise self.refuse(f'Unsupported start tag "{name}" at byte offset {at}')
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise self.refuse(f'Tag "span" must have class "tg-spoiler" at byte offset {at}')
        if name == "tg-emoji" and not attributes.get("emoji-id", "").isdigit():
            raise self.refuse(f'Tag "tg-emoji" must have attribute "emoji-id" at byte offset {at}')
        self.open.append((name, utf16_length(self.text), attributes))
        return closing.end()

    def end_tag(self, position: int) -> int:
        at = self.byte_offset(position)
        if not self.open:
            raise self.refuse(f"Unexpected end tag at byte offset {at}")
        match = END_TAG.match(self.source, position + 2)
        if match is None:
            raise self.refuse(f"Unclosed end tag at byte offset {at}")
        name, offset, attributes = self.open.pop()
        if match[1] and match[1].lower() != name:
            raise self.refuse(f'Unmatched end tag at byte offset {at}, expected "</{name}>", found "</{match[1]}>"')
        length = utf16_length(self.text) - offset
        if length:
            self.add(name, offset, length, attributes)
        return match.end()

    def add(self, name: str, offset: int, length: int, attributes: dict[str, str]) -> None:
        entity: Json = {"type": TAGS[name], "offset": offset, "length": length}
        if name == "a":
            url = attributes.get("href") or self.text.encode("utf-16-le")[offset * 2 :].decode("utf-16-le")
            if not re.match(r"(https?://|tg://|mailto:|[\w-]+\.[\w-]+)", url):
                return
            entity["url"] = url
        elif name == "tg-emoji":
            entity["custom_emoji_id"] = attributes["emoji-id"]
        elif name == "code" and attributes.get("class", "").startswith("language-"):
            entity["language"] = attributes["class"].removeprefix("language-")
        elif name == "blockquote" and "expandable" in attributes:
            entity["type"] = "expandable_blockquote"
        self.entities.append(entity)


def _without_nested_in_code(entities: list[Json]) -> list[Json]:
    """Nothing may stand inside code: what does is dropped, a language moves to the block around it."""
    ordered = sorted(entities, key=lambda entity: (entity["offset"], -entity["length"], entity["type"] != "pre"))
    kept: list[Json] = []
    for entity in ordered:
        around = next((other for other in kept if other["type"] in NESTED_FREE and _inside(entity, other)), None)
        if around is None:
            kept.append(entity)
        elif around["type"] == "pre" and "language" in entity and entity["length"] == around["length"]:
            around["language"] = entity["language"]
    for entity in kept:
        if entity["type"] == "code":
            entity.pop("language", None)
    return kept


def _inside(inner: Json, outer: Json) -> bool:
    ends_within = inner["offset"] + inner["length"] <= outer["offset"] + outer["length"]
    return bool(outer["offset"] <= inner["offset"] and ends_within)


def parse_html(source: str) -> tuple[str, list[Json]]:
    """Return the plain text and its entities. Raises ApiError "can't parse entities: ..."."""
    return _Parser(source).run()
