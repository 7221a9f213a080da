"""Discord's rules for buttons, selects, layout components and modals."""

from typing import Any

from tests.platforms.discord.errors import Form
from tests.platforms.discord.model import Json, walk

ROW, BUTTON, TEXT_INPUT, LABEL, TEXT_DISPLAY, CONTAINER, FILE_UPLOAD = 1, 2, 4, 18, 10, 17, 19
MOST_UPLOADED = 10
SELECTS = {3, 5, 6, 7, 8}
LAYOUT = {9, 10, 11, 12, 13, 14, 17}
LINK_STYLE, PREMIUM_STYLE = 5, 6


def check_message_components(components: list[Json], v2: bool, form: Form) -> None:
    """Note what Discord refuses: at most five rows (40 components in all with V2), unique custom ids, sizes."""
    if not v2 and len(components) > 5:
        form.wrong("components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    if v2 and sum(1 for _ in walk(components)) > 40:
        form.wrong("components", "BASE_TYPE_MAX_LENGTH", "Must be 40 or fewer in length.")
    for index, component in enumerate(components):
        _check_top(component, f"components.{index}", v2, form)
    if v2 and sum(len(str(part.get("content", ""))) for part in walk(components) if part.get("type") == 10) > 4000:
        form.wrong("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", "Total text exceeds 4000 characters.")
    _check_unique_ids(components, form)


def _check_top(component: Json, path: str, v2: bool, form: Form) -> None:
    kind = component.get("type")
    if kind == ROW:
        check_row(component, path, form)
    elif not v2 or kind not in LAYOUT:
        form.wrong(f"{path}.type", "BASE_TYPE_CHOICES", 'Value of field "type" must be one of (1,).')
    elif kind == CONTAINER:
        for index, inner in enumerate(component.get("components") or []):
            _check_top(inner, f"{path}.components.{index}", v2, form)
    elif isinstance(component.get("accessory"), dict) and component["accessory"].get("type") == BUTTON:
        _check_button(component["accessory"], f"{path}.accessory", form)


def check_row(row: Json, path: str, form: Form) -> None:
    inner = row.get("components") or []
    if not 1 <= len(inner) <= 5:
        form.wrong(f"{path}.components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    if len(inner) > 1 and any(part.get("type") in SELECTS for part in inner):
        form.wrong(path, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The specified component exceeds the maximum width")
    for index, part in enumerate(inner):
        part_path = f"{path}.components.{index}"
        if part.get("type") == BUTTON:
            _check_button(part, part_path, form)
        elif part.get("type") in SELECTS:
            _check_select(part, part_path, form)
        else:
            form.wrong(f"{part_path}.type", "BASE_TYPE_CHOICES", 'Value of field "type" must be one of (2, 3, 5-8).')


def _check_button(button: Json, path: str, form: Form) -> None:
    style = button.get("style")
    if style not in range(1, 7):
        form.wrong(f"{path}.style", "BASE_TYPE_CHOICES", "Value must be one of (1, 2, 3, 4, 5, 6).")
    form.length(f"{path}.label", button.get("label"), 80)
    if not button.get("label") and not button.get("emoji") and style != PREMIUM_STYLE:
        form.wrong(path, "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", "A button needs a label or an emoji.")
    if style == LINK_STYLE:
        form.required(f"{path}.url", button.get("url"))
        form.length(f"{path}.url", button.get("url"), 512)
        if button.get("custom_id"):
            form.wrong(path, "COMPONENT_CUSTOM_ID_AND_URL", "A custom id and url cannot both be specified")
    elif style != PREMIUM_STYLE:
        _check_custom_id(button, path, form)
        if button.get("url"):
            form.wrong(f"{path}.url", "COMPONENT_URL_NOT_ALLOWED", "Only link buttons have a url.")


def _check_custom_id(part: Json, path: str, form: Form) -> None:
    form.required(f"{path}.custom_id", part.get("custom_id"))
    form.length(f"{path}.custom_id", part.get("custom_id"), 100, 1)


def _check_select(select: Json, path: str, form: Form) -> None:
    _check_custom_id(select, path, form)
    form.length(f"{path}.placeholder", select.get("placeholder"), 150)
    options: list[Json] = select.get("options") or []
    if select.get("type") == 3:
        form.length(f"{path}.options", options, 25, 1)
    values = [option.get("value") for option in options]
    if len(set(values)) != len(values):
        form.wrong(f"{path}.options", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The value is already used")
    for index, option in enumerate(options):
        for key in ("label", "value", "description"):
            form.length(f"{path}.options.{index}.{key}", option.get(key), 100, 0 if key == "description" else 1)
    if int(select.get("max_values") or 1) < int(_default(select.get("min_values"), 1)):
        form.wrong(f"{path}.max_values", "NUMBER_TYPE_MIN", "Must not be less than min_values.")


def _check_unique_ids(components: list[Json], form: Form) -> None:
    ids = [part["custom_id"] for part in walk(components) if part.get("custom_id")]
    for twice in {one for one in ids if ids.count(one) > 1}:
        message = f"Component custom id cannot be duplicated: {twice}"
        form.wrong("components", "COMPONENT_CUSTOM_ID_DUPLICATED", message)


def check_modal(modal: Json, form: Form) -> None:
    """Note what is wrong with a modal: title of 1-45, custom id, 1-5 rows or labels, text inputs of at most 4000."""
    form.required("data.title", modal.get("title"))
    form.length("data.title", modal.get("title"), 45, 1)
    _check_custom_id(modal, "data", form)
    components: list[Json] = modal.get("components") or []
    form.length("data.components", components, 5, 1)
    for index, top in enumerate(components):
        path = f"data.components.{index}"
        if top.get("type") == LABEL:
            form.required(f"{path}.label", top.get("label"))
            form.length(f"{path}.label", top.get("label"), 45, 1)
            form.length(f"{path}.description", top.get("description"), 100)
            _check_input(top.get("component") or {}, f"{path}.component", True, form)
        elif top.get("type") == ROW:
            for number, part in enumerate(top.get("components") or []):
                _check_input(part, f"{path}.components.{number}", False, form)
        elif top.get("type") != TEXT_DISPLAY:
            form.wrong(f"{path}.type", "BASE_TYPE_CHOICES", "Value must be one of (1, 10, 18).")
    _check_unique_ids(components, form)


def _check_input(part: Json, path: str, labelled: bool, form: Form) -> None:
    _check_custom_id(part, path, form)
    if labelled and part.get("type") == FILE_UPLOAD:
        least, most = _default(part.get("min_values"), 1), _default(part.get("max_values"), 1)
        if not 0 <= least <= most <= MOST_UPLOADED or most < 1:
            form.wrong(f"{path}.max_values", "NUMBER_TYPE_RANGE", "min_values and max_values must be within 0-10.")
        return
    if part.get("type") != TEXT_INPUT:
        if not labelled or part.get("type") not in SELECTS:
            form.wrong(f"{path}.type", "BASE_TYPE_CHOICES", "Value must be one of (4,).")
        return
    if part.get("style") not in (1, 2):
        form.wrong(f"{path}.style", "BASE_TYPE_CHOICES", "Value must be one of (1, 2).")
    if not labelled:
        form.required(f"{path}.label", part.get("label"))
        form.length(f"{path}.label", part.get("label"), 45)
    form.length(f"{path}.placeholder", part.get("placeholder"), 100)
    form.length(f"{path}.value", part.get("value"), 4000)
    least, most = _default(part.get("min_length"), 0), _default(part.get("max_length"), 4000)
    if not 0 <= least <= most <= 4000:
        form.wrong(f"{path}.max_length", "NUMBER_TYPE_RANGE", "min_length and max_length must be within 0-4000.")


def _default(value: Any, otherwise: int) -> int:
    return otherwise if value is None else int(value)
