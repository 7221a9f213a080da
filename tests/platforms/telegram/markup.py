"""Reply markup: what the platform takes for buttons."""

import re
from typing import Any

from .errors import Json, invalid

DECORATION = {"text", "icon_custom_emoji_id", "style"}
STYLES = {"danger", "success", "primary"}
BUTTONS_MAX = 100
URL = re.compile(r"(https?://[^\s/]*[\w-]+(\.[\w-]+)+|tg://|https?://localhost)\S*", re.IGNORECASE)


def check_url(url: str) -> None:
    """Refuse what is no URL a button can open."""
    if not URL.fullmatch(url):
        raise invalid(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def _check_button(button: Any) -> None:
    if not isinstance(button, dict):
        raise invalid("can't parse inline keyboard button: Expected an Object")
    text = button.get("text")
    if not isinstance(text, str):
        raise invalid("can't parse inline keyboard button: Can't find field \"text\"")
    if not text.strip():
        raise invalid("BUTTON_TEXT_INVALID")
    actions = set(button) - DECORATION
    if not actions or button.get("callback_data") == "":
        raise invalid("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise invalid("can't parse inline keyboard button: exactly one action field is allowed")
    if button.get("style", "primary") not in STYLES:
        raise invalid("can't parse inline keyboard button: invalid button style specified")
    if "callback_data" in button and not 1 <= len(str(button["callback_data"]).encode()) <= 64:
        raise invalid("BUTTON_DATA_INVALID")
    if "url" in button:
        check_url(str(button["url"]))
    if "copy_text" in button and not 1 <= len(str(button["copy_text"].get("text", ""))) <= 256:
        raise invalid("BUTTON_COPY_TEXT_INVALID")


def check_markup(markup: Any, *, inline_only: bool = False) -> Json | None:
    """Return the inline keyboard that the message will show, or None. Raises ApiError for what is refused."""
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise invalid("object expected as reply markup")
    if "inline_keyboard" not in markup:
        if inline_only:
            raise invalid("inline keyboard expected")
        placeholder = markup.get("input_field_placeholder")
        if placeholder is not None and not 1 <= len(placeholder) <= 64:
            raise invalid("REPLY_MARKUP_INVALID")
        return None
    rows = markup["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise invalid('field "inline_keyboard" of the InlineKeyboardMarkup should be an Array of Arrays')
    buttons = [button for row in rows for button in row]
    if len(buttons) > BUTTONS_MAX:
        raise invalid("REPLY_MARKUP_TOO_LONG")
    for button in buttons:
        _check_button(button)
    shown = [row for row in rows if row]
    return {"inline_keyboard": shown} if shown else None
