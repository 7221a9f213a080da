"""A message about to be sent: a reply in Telegram's terms, and how it changes when the platform refuses it."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from telegram import CopyTextButton, ForceReply, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import ParseMode
from telegram.error import BadRequest

from adapters.telegram.markup import TelegramHtml
from adapters.telegram.translate import BUTTON_PREFIX
from bot.members.names import ELLIPSIS
from bot.replies import ButtonStyle, Reply
from messages.markup import PlainMarkup
from messages.pictures.drawing import Drawn
from messages.render import RenderedButton, Renderer

_MOST_UNITS, _MOST_CAPTION_UNITS = 4096, 1024
_TAG = re.compile(r"<[^>]*>")
_STYLES = {ButtonStyle.PLAIN: None, ButtonStyle.CONFIRM: "success", ButtonStyle.DANGER: "danger"}
_MARKUP_REFUSED = ("can't parse entities", "message is too long", "entity_bounds_invalid")
_EDIT_REFUSED = (
    *("message to edit not found", "message can't be edited"),
    *("there is no text in the message to edit", "there is no caption in the message to edit"),
)
_TOPIC_REFUSED = ("message thread not found", "topic_closed", "topic_deleted")
_EFFECT_REFUSED = ("effect",)
# The platform knows its effects by number alone; this one is the party popper.
_EFFECTS = {"challenge_done": "5046509860389126442"}
_HTML, _PLAIN = TelegramHtml(), PlainMarkup()


@dataclass(frozen=True, slots=True)
class Target:
    """Where a message goes. `reply_to` is the message it answers, `edits` the one it replaces, perhaps a photo."""

    chat_id: str
    is_group: bool
    thread_id: str | None = None
    reply_to: int | None = None
    edits: int | None = None
    edits_photo: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A message in Telegram's terms. The text stands under its `photo`; `beside` follows as a message of its own."""

    target: Target
    text: str
    parse_mode: str | None
    keyboard: InlineKeyboardMarkup | ForceReply | None
    effect_id: str | None = None
    photo: Drawn | None = None
    beside: Drawn | None = None


class Drafts:
    """Makes drafts of replies. Codes in pictures lead to the bot of this name, on every platform."""

    def __init__(self, renderer: Renderer, username: str) -> None:
        self._renderer = renderer
        self._username = username
        renderer.bot_name = username

    async def of(self, reply: Reply, target: Target) -> Draft:
        """Return a reply as a message with markup."""
        photo = await self._renderer.draw(reply)
        rendered = self._renderer.render(reply if photo is None else reply.beside_picture(), _HTML)
        keyboard: InlineKeyboardMarkup | ForceReply | None = self._keyboard(rendered.rows)
        if keyboard is None and reply.asks and target.edits is None:
            keyboard = ForceReply(selective=target.reply_to is not None)
        effect_id = None if target.is_group else _EFFECTS.get(reply.template)
        draft = Draft(target, rendered.text, ParseMode.HTML, keyboard, effect_id)
        if _fits_under_photo(rendered.text):
            return replace(draft, photo=photo)
        edits = None if target.edits_photo else target.edits
        return replace(draft, target=replace(target, edits=edits, edits_photo=False), beside=photo)

    def plain(self, reply: Reply) -> str:
        """Return a reply's text without markup."""
        return self._renderer.render(reply, _PLAIN).text

    def changed(self, draft: Draft, reply: Reply, refusal: BadRequest) -> Draft | None:
        """Return the draft as the platform may take it after this refusal, or None if nothing helps."""
        why, target = refusal.message.lower(), draft.target
        if draft.parse_mode is not None and _says(why, _MARKUP_REFUSED):
            said = self.plain(reply if draft.photo is None else reply.beside_picture())
            return replace(draft, text=_cut(said, _most_units(draft)), parse_mode=None)
        if draft.effect_id is not None and _says(why, _EFFECT_REFUSED):
            return replace(draft, effect_id=None)
        if target.edits is not None and _says(why, _EDIT_REFUSED):
            return replace(draft, target=replace(target, edits=None, edits_photo=False))
        if target.thread_id is not None and _says(why, _TOPIC_REFUSED):
            return replace(draft, target=replace(target, thread_id=None))
        return None if draft.photo is None else self._without_photo(draft, reply)

    def _without_photo(self, draft: Draft, reply: Reply) -> Draft:
        """Photos may be forbidden there, or Telegram cannot read this one: the text says all of it then."""
        if reply.beside_picture() is reply:
            return replace(draft, photo=None)
        text = self._renderer.render(reply, _HTML).text
        return replace(draft, photo=None, text=text, parse_mode=ParseMode.HTML)

    def _keyboard(self, rows: Sequence[Sequence[RenderedButton]]) -> InlineKeyboardMarkup | None:
        if not rows:
            return None
        return InlineKeyboardMarkup([[self._button(button) for button in row] for row in rows])

    def _button(self, button: RenderedButton) -> InlineKeyboardButton:
        if button.opens_chat is not None:
            payload = f"?start={button.opens_chat}" if button.opens_chat else ""
            return InlineKeyboardButton(button.label, url=f"https://t.me/{self._username}{payload}")
        if button.copies is not None:
            return InlineKeyboardButton(button.label, copy_text=CopyTextButton(button.copies))
        style = _STYLES[button.style]
        return InlineKeyboardButton(button.label, callback_data=f"{BUTTON_PREFIX}{button.token}", style=style)


def units(text: str) -> int:
    """Return the length of a text as the platform counts it: in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _says(message: str, phrases: Sequence[str]) -> bool:
    return any(phrase in message for phrase in phrases)


def _fits_under_photo(marked_up: str) -> bool:
    return units(html.unescape(_TAG.sub("", marked_up))) <= _MOST_CAPTION_UNITS


def _most_units(draft: Draft) -> int:
    return _MOST_UNITS if draft.photo is None and not draft.target.edits_photo else _MOST_CAPTION_UNITS


def _cut(text: str, most_units: int) -> str:
    if units(text) <= most_units:
        return text
    kept = text.encode("utf-16-le", "surrogatepass")[: 2 * (most_units - 1)]
    return kept.decode("utf-16-le", "ignore") + ELLIPSIS
