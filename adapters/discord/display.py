"""Replies as Discord messages: short ones as they are, longer ones as an embed, buttons below, a picture beside."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from adapters.discord.controls import rows_of
from adapters.discord.markup import DiscordMarkdown, keep_numbers
from bot.members.names import ELLIPSIS
from bot.replies import Reply
from messages.pictures.drawing import Drawn
from messages.render import Renderer

_CONTENT_LIMIT, _EMBED_LIMIT = 2000, 4096
_LINES_OF_AN_EMBED = 4
_ALT_LIMIT = 1024
_COLOUR = 0x5B6770
_SILENT = {"parse": list[str]()}


@dataclass(frozen=True, slots=True)
class Message:
    """A message's body, and the picture that goes with it. `alone` is its body where that picture is refused."""

    body: dict[str, Any]
    picture: Drawn | None = None
    alone: dict[str, Any] | None = None

    def also(self, **fields: object) -> "Message":
        """Return the message with further fields in its body."""
        alone = None if self.alone is None else {**self.alone, **fields}
        return replace(self, body={**self.body, **fields}, alone=alone)

    def without_picture(self) -> "Message":
        """Return the text alone."""
        alone = self.body if self.alone is None else self.alone
        return Message({**alone, "content": clip(alone["content"], _CONTENT_LIMIT)})


class Display:
    """Renders replies into message bodies that notify nobody."""

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer
        self._markup = DiscordMarkdown()

    async def message(self, reply: Reply) -> Message:
        """Return a message with its picture."""
        picture = await self._renderer.draw(reply)
        if picture is None:
            return Message(self.body(reply))
        beside = reply.beside_picture()
        bare = self._without_embed(beside)
        if len(bare["content"]) > _CONTENT_LIMIT:
            return Message(self.body(reply))
        alone = bare if beside is reply else self._without_embed(reply)
        # Where the bot may not embed, Discord takes the picture and leaves the embed out without a word.
        attachment = {"id": "0", "filename": picture.name, "description": clip(picture.alt, _ALT_LIMIT)}
        return Message({**bare, "attachments": [attachment]}, picture, alone)

    def _without_embed(self, reply: Reply) -> dict[str, Any]:
        text = keep_numbers(self._renderer.render(reply, self._markup).text)
        return {**self.body(reply), "content": text, "embeds": []}

    def body(self, reply: Reply) -> dict[str, Any]:
        """Return a message body that also replaces whatever an edited message held, but for its picture."""
        rendered = self._renderer.render(reply, self._markup)
        text = keep_numbers(rendered.text)
        is_long = text.count("\n") + 1 >= _LINES_OF_AN_EMBED or len(text) > _CONTENT_LIMIT
        embeds = [{"description": clip(text, _EMBED_LIMIT), "color": _COLOUR}] if is_long else []
        return {
            "content": "" if is_long else text,
            "embeds": embeds,
            "components": rows_of(rendered.rows),
            "allowed_mentions": _SILENT,
        }


def without_embeds(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a body of `Display` with its text as content, for where the bot may not embed.

    What one message does not hold goes on in others; its buttons are below the last one.
    """
    *before, last = _parts("\n".join(embed["description"] for embed in body["embeds"]))
    parts = [{**body, "content": text, "embeds": [], "components": []} for text in before]
    for number, part in enumerate(parts, 1):
        if "nonce" in body:
            part["nonce"] = f"{number}{body['nonce'][1:]}"  # as long as the other: it may be at the limit
    return [*parts, {**body, "content": last, "embeds": []}]


def _parts(text: str) -> list[str]:
    """Return a text in parts of whole lines that each fit into a message; a line that does not is cut."""
    parts = []
    while len(text) > _CONTENT_LIMIT:
        end = text.rfind("\n", 1, _CONTENT_LIMIT + 1)
        if end < 0:
            end = len(text[:_CONTENT_LIMIT].rstrip("\\")) or _CONTENT_LIMIT
        parts.append(text[:end])
        text = text[end:].removeprefix("\n")
    return [*parts, text]


def clipped_without_embeds(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a body of `Display` as one message without embeds, in place of one that is there."""
    text = "\n".join(embed["description"] for embed in body["embeds"])
    return {**body, "content": clip(text, _CONTENT_LIMIT), "embeds": []}


def clip(text: str, limit: int) -> str:
    """Return `text`, cut at the end of a line with an ellipsis where it is longer than `limit` characters."""
    if len(text) <= limit:
        return text
    end = text.rfind("\n", 0, limit - 1)
    if end > 0:
        return f"{text[: end + 1]}{ELLIPSIS}"
    return text[: limit - 1].rstrip("\\") + ELLIPSIS
