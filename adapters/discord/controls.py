"""Buttons and modals: their payloads, and the custom ids that carry all they need over a restart."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from adapters.discord.interactions import marked_person
from adapters.discord.translate import Json
from bot.commands import Param, TextParam, WordParam
from bot.events import Person
from bot.files.pictures import MOST_MB
from bot.replies import ButtonStyle
from messages.render import RenderedButton

log = structlog.get_logger("bywalec.discord")
_ROW, _BUTTON, _TEXT_INPUT, _LABEL, _FILE_UPLOAD = 1, 2, 4, 18, 19
_ONE_LINE = 1
_STYLES = {ButtonStyle.PLAIN: 2, ButtonStyle.CONFIRM: 3, ButtonStyle.DANGER: 4}
_MOST_ROWS, _MOST_IN_ROW = 5, 5
_BUTTON_LABEL, _TITLE, _INPUT_LABEL, _CUSTOM_ID = 80, 45, 45, 100
_ANSWER_LIMIT = 400

# Kinds of custom ids: a press; a press that asks first, with its question; one that takes a picture too; the answer
# to either; a menu's missing values.
_PRESS, _ASK, _ASK_PICTURE, _ANSWER, _MENU = "b:", "a:", "p:", "m:", "c:"
ANSWER_INPUT, PICTURE_INPUT = "text", "picture"
_PICTURE_LABEL = f"PNG, JPEG, WebP (max. {MOST_MB} MB)"


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button that was pressed, or the answer to what it asked."""

    token: str


@dataclass(frozen=True, slots=True)
class Asking:
    """A button that opens a modal with one question, and perhaps with room for a picture in place of the answer."""

    token: str
    question: str
    takes_picture: bool = False


@dataclass(frozen=True, slots=True)
class MenuValues:
    """A submitted modal with the values that a context menu's command still needed."""

    command: str
    parameter: str
    person: Person


def rows_of(rows: Sequence[Sequence[RenderedButton]]) -> list[Json]:
    """Return action rows. A button without a token opens a chat elsewhere or copies a text, and is left out.

    Rows beyond those that Discord shows are moved together; the last one, which leads back or out, stays as it is
    where there is room for that.
    """
    shown = [buttons for row in rows for buttons in _in_rows([button for button in row if button.token], _MOST_IN_ROW)]
    if len(shown) > _MOST_ROWS:
        shown = _together(shown)
    return [{"type": _ROW, "components": [_button(button) for button in row]} for row in shown]


def _together(rows: Sequence[Sequence[RenderedButton]]) -> list[Sequence[RenderedButton]]:
    """Return the buttons in as many rows as Discord shows. What is more than fits is left out, and logged."""
    *others, last = rows
    buttons = [button for row in others for button in row]
    in_a_row = -(-len(buttons) // (_MOST_ROWS - 1))
    if in_a_row <= _MOST_IN_ROW:
        return [*_in_rows(buttons, in_a_row), last]
    buttons += last
    if len(buttons) > _MOST_ROWS * _MOST_IN_ROW:
        log.error("buttons_left_out", buttons=len(buttons) - _MOST_ROWS * _MOST_IN_ROW)
    return _in_rows(buttons, _MOST_IN_ROW)[:_MOST_ROWS]


def _in_rows(buttons: Sequence[RenderedButton], in_a_row: int) -> list[Sequence[RenderedButton]]:
    return [buttons[at : at + in_a_row] for at in range(0, len(buttons), in_a_row)]


def _button(button: RenderedButton) -> Json:
    asks = _ASK_PICTURE if button.takes_picture else _ASK
    custom_id = _PRESS + button.token if button.asks is None else f"{asks}{button.token}:{button.asks}"
    style, label = _STYLES[button.style], button.label[:_BUTTON_LABEL]
    return {"type": _BUTTON, "style": style, "label": label, "custom_id": custom_id[:_CUSTOM_ID]}


def read_custom_id(custom_id: str) -> Pressed | Asking | MenuValues | None:
    """Return what a custom id of ours says, None for any other."""
    kind, rest = custom_id[:2], custom_id[2:]
    if kind in (_PRESS, _ANSWER):
        return Pressed(rest)
    if kind in (_ASK, _ASK_PICTURE):
        token, _, question = rest.partition(":")
        return Asking(token, question, takes_picture=kind == _ASK_PICTURE)
    if kind == _MENU:
        command, parameter, user_id, is_bot, name = rest.split(":", 4)
        return MenuValues(command, parameter, marked_person(user_id, name, is_bot=is_bot == "1"))
    return None


def question_modal(asking: Asking, message: Json) -> Json:
    """Return the modal that a button opens, titled like the button."""
    parts = [part for row in message.get("components") or [] for part in row.get("components") or []]
    pressed = (_ASK + asking.token, _ASK_PICTURE + asking.token)
    labels = [part["label"] for part in parts if part.get("custom_id", "").startswith(pressed)]
    title = labels[0] if labels else asking.question
    inputs = [_text_input(ANSWER_INPUT, asking.question, _ANSWER_LIMIT, is_required=not asking.takes_picture)]
    if asking.takes_picture:
        upload = {"type": _FILE_UPLOAD, "custom_id": PICTURE_INPUT, "required": False, "max_values": 1}
        inputs.insert(0, {"type": _LABEL, "label": _PICTURE_LABEL, "component": upload})
    return {"title": title[:_TITLE], "custom_id": _ANSWER + asking.token, "components": inputs}


def menu_modal(command: str, title: str, asked: Sequence[tuple[Param, str]], parameter: str, person: Person) -> Json:
    """Return the modal that asks for what a context menu's click does not say; `asked` is (parameter, label)."""
    carried = [command, parameter, person.identity.user_id, str(int(person.is_bot)), person.name]
    inputs = [_text_input(param.name, label, _limit(param), is_required=param.required) for param, label in asked]
    return {"title": title[:_TITLE], "custom_id": (_MENU + ":".join(carried))[:_CUSTOM_ID], "components": inputs}


def _limit(param: Param) -> int:
    return param.limit if isinstance(param, TextParam | WordParam) else 64


def _text_input(custom_id: str, label: str, limit: int, *, is_required: bool) -> Json:
    component = {
        "type": _TEXT_INPUT,
        "custom_id": custom_id,
        "style": _ONE_LINE,
        "required": is_required,
        "max_length": limit,
    }
    return {"type": _LABEL, "label": label[:_INPUT_LABEL], "component": component}
