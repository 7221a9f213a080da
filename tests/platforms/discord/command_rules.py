"""Discord's rules for application commands."""

import unicodedata
from collections import Counter
from typing import Any

from tests.platforms.discord.errors import Form
from tests.platforms.discord.model import Json

CHAT_INPUT, USER, MESSAGE = 1, 2, 3
SUB_COMMAND, SUB_COMMAND_GROUP, STRING, INTEGER, BOOLEAN, USER_OPTION, CHANNEL, ROLE, MENTIONABLE, NUMBER = range(1, 11)
MOST_OF_KIND = {CHAT_INPUT: 100, USER: 15, MESSAGE: 15}
MAX_TOTAL_CHARACTERS = 8000

_LOCALES_BY_REGION = {"en": ("GB", "US"), "es": ("419", "ES"), "pt": ("BR",), "sv": ("SE",), "zh": ("CN", "TW")}
_BARE_LOCALES = (
    *("ar", "bg", "cs", "da", "de", "el", "fi", "fr", "he", "hi", "hr", "hu", "id", "it", "ja"),
    *("ko", "lt", "nl", "no", "pl", "ro", "ru", "th", "tr", "uk", "vi"),
)
LOCALES = frozenset(_BARE_LOCALES) | {
    f"{language}-{region}" for language, regions in _LOCALES_BY_REGION.items() for region in regions
}


def check_commands(commands: list[Json]) -> None:
    """Raise 50035 unless Discord would take all of these commands together."""
    form = Form()
    names = Counter((kind_of(command), command.get("name")) for command in commands)
    for index, command in enumerate(commands):
        if names[kind_of(command), command.get("name")] > 1:
            form.wrong(str(index), "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
        _check_command(command, str(index), form)
    for kind, most in MOST_OF_KIND.items():
        if sum(1 for command in commands if kind_of(command) == kind) > most:
            form.wrong("_", "APPLICATION_COMMANDS_MAX", f"Maximum number of commands of type {kind} reached ({most})")
    form.check()


def kind_of(command: Json) -> int:
    return int(command.get("type") or CHAT_INPUT)


def _check_command(command: Json, path: str, form: Form) -> None:
    if kind_of(command) == CHAT_INPUT:
        _check_named(command, path, form)
        _check_options(command.get("options") or [], path, form)
    else:
        form.length(f"{path}.name", command.get("name"), 32, 1)
        _check_localisations(command, path, "name", 32, form)
        if command.get("description"):
            form.wrong(f"{path}.description", "APPLICATION_COMMAND_DESCRIPTION_NOT_ALLOWED", "Not for this type.")
        if command.get("options"):
            form.wrong(f"{path}.options", "APPLICATION_COMMAND_OPTIONS_NOT_ALLOWED", "Not for this type.")
    if _characters(command) > MAX_TOTAL_CHARACTERS:
        form.wrong(path, "APPLICATION_COMMAND_TOO_LARGE", "Command exceeds maximum size (8000)")


def _check_named(part: Json, path: str, form: Form) -> None:
    names = {"name": part.get("name"), **_prefixed("name_localizations", part.get("name_localizations"))}
    for key, name in names.items():
        if not isinstance(name, str) or not _is_name(name):
            form.wrong(f"{path}.{key}", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    form.required(f"{path}.description", part.get("description"))
    form.length(f"{path}.description", part.get("description"), 100, 1)
    _check_localisations(part, path, "name", 32, form)
    _check_localisations(part, path, "description", 100, form)


def _prefixed(key: str, texts: Any) -> dict[str, Any]:
    return {f"{key}.{locale}": text for locale, text in (texts or {}).items()}


def _is_name(name: str) -> bool:
    letters = all(char in "-_'" or unicodedata.category(char)[0] in "LN" for char in name)
    return letters and 1 <= len(name) <= 32 and name == name.lower()


def _check_localisations(part: Json, path: str, key: str, most: int, form: Form) -> None:
    for locale, text in (part.get(f"{key}_localizations") or {}).items():
        if locale not in LOCALES:
            form.wrong(f"{path}.{key}_localizations", "BASE_TYPE_CHOICES", f"{locale} is not a known locale.")
        form.length(f"{path}.{key}_localizations.{locale}", text, most, 1)


def _check_options(options: list[Json], path: str, form: Form, depth: int = 0) -> None:
    form.length(f"{path}.options", options, 25)
    kinds = [int(option.get("type") or 0) for option in options]
    nested = [kind in (SUB_COMMAND, SUB_COMMAND_GROUP) for kind in kinds]
    if any(nested) and not all(nested):
        message = "Sub-command and sub-command group options cannot stand beside other options"
        form.wrong(f"{path}.options", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)
    needed = [bool(option.get("required")) for option in options]
    if needed != sorted(needed, reverse=True):
        message = "Required options must be placed before non-required options"
        form.wrong(f"{path}.options", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
    if len({option.get("name") for option in options}) < len(options):
        form.wrong(f"{path}.options", "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name already exists")
    for index, option in enumerate(options):
        _check_option(option, f"{path}.options.{index}", form, depth)


def _check_option(option: Json, path: str, form: Form, depth: int) -> None:
    _check_named(option, path, form)
    kind = int(option.get("type") or 0)
    if not 1 <= kind <= 11 or (depth and kind == SUB_COMMAND_GROUP) or (depth > 1 and kind == SUB_COMMAND):
        form.wrong(f"{path}.type", "BASE_TYPE_CHOICES", "This type is not allowed here.")
    if kind in (SUB_COMMAND, SUB_COMMAND_GROUP):
        _check_options(option.get("options") or [], path, form, depth + 1)
        return
    choices: list[Json] = option.get("choices") or []
    if choices and option.get("autocomplete"):
        form.wrong(path, "APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES", "Choices exclude autocomplete.")
    check_choices(choices, f"{path}.choices", kind, form)


def check_choices(choices: list[Json], path: str, kind: int, form: Form) -> None:
    """Note what is wrong with the choices of an option, or of an autocomplete answer."""
    form.length(path, choices, 25)
    for index, choice in enumerate(choices):
        form.length(f"{path}.{index}.name", choice.get("name"), 100, 1)
        form.required(f"{path}.{index}.name", choice.get("name"))
        _check_localisations(choice, f"{path}.{index}", "name", 100, form)
        value = choice.get("value")
        if kind == STRING:
            form.length(f"{path}.{index}.value", value, 100)
        elif not isinstance(value, int | float) or (kind == INTEGER and not isinstance(value, int)):
            form.wrong(f"{path}.{index}.value", "NUMBER_TYPE_COERCE", "Value is not a number.")


def _characters(part: Json) -> int:
    """Count what Discord counts: names, descriptions, values; of localised texts the longest."""
    total = sum(_longest(part, key) for key in ("name", "description"))
    total += len(str(part.get("value", "")))
    inner: list[Json] = [*(part.get("options") or []), *(part.get("choices") or [])]
    return total + sum(_characters(one) for one in inner)


def _longest(part: Json, key: str) -> int:
    texts = [part.get(key) or "", *(part.get(f"{key}_localizations") or {}).values()]
    return max(len(text) for text in texts)
