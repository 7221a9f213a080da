"""Writes docs/commands.md and docs/configuration.md from the code: `python -m docs.generate`."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import typer

from bot.commands import CommandSpec, Menu, Param, PartParam, Where
from bot.config import keys as config_keys
from bot.members.roles import Role
from bot.replies import Visibility
from handlers.forms import Forms
from handlers.spaces.setup import SETUP
from handlers.table import build_registry
from messages.words import LANGUAGES, command_words, group_words
from run_bot import cli

HERE = Path(__file__).parent
EXAMPLE = HERE.parent / "config.example.toml"
_MADE = "<!-- Made by `make docs` from the code. Change it there. -->"
_WHERE = {Where.ANYWHERE: "anywhere", Where.PRIVATE: "only in private with the bot", Where.SPACE: "only in a group"}
_SEEN = {Visibility.PUBLIC: "everybody there", Visibility.PRIVATE: "only you"}
_MENUS = {Menu.PERSON: "a person", Menu.MESSAGE: "a message"}
_WRITTEN_IN = "en"
_TITLES = {"pl": "Po polsku"}
_COMMANDS_INTRO = """\
# Commands

What one can say to the bot, on Telegram, on Discord and in `run_bot.py demo`. `[ ]` marks what may be left out.
A member is named by `@username`, by card number, or, on Telegram, by replying to one of their messages; on Discord
one chooses them from a list. A word to choose from may be typed in English or in Polish, with accents or without:
`/leaderboard week`, `/leaderboard tydzień`, `/leaderboard tydzien`.
Staff roles come from `programme.owner_ids` and from `/role`.
"""
_CONFIGURATION_INTRO = """\
# Configuration

Bywalec reads `config.toml`, or the file that `--config` names. `run_bot.py init` asks a few questions and writes one;
`run_bot.py check` says what is wrong with it and with the platforms' side, and what to click.
[config.example.toml](../config.example.toml) holds every setting with its default, ready to copy.

**The environment wins over the file.** `BYWALEC_` and the key, in capitals, with two underscores for each dot:
`BYWALEC_TELEGRAM__TOKEN` is `telegram.token`. Lists and tables are written as JSON:
`BYWALEC_PROGRAMME__OWNER_IDS='["telegram:123456"]'`. A setting of a shop is named by the shop's id, with `_` for `-`:
`BYWALEC_SHOP__MY_SHOP__SECRET`. An unknown key or variable is an error, and all problems are
told at once. Secrets are never printed or logged; keep the file to yourself (`chmod 600 config.toml`), or put the
tokens into the environment.
"""


def pages() -> dict[Path, str]:
    """Return every generated page by its path."""
    return {HERE / "commands.md": commands_page(), HERE / "configuration.md": configuration_page()}


def commands_page() -> str:
    """Return the page about commands in chat and on the command line."""
    specs = build_registry(Forms((SETUP,))).specs
    lines = [_MADE, _COMMANDS_INTRO]
    for role in dict.fromkeys([Role.ANYONE, Role.MEMBER, *Role]):
        of_role = [spec for spec in specs if spec.role is role]
        if of_role:
            lines += [f"## {group_words(_WRITTEN_IN)[role.value]}", ""]
            for spec in of_role:
                lines += [*_command(spec), ""]
    for language in LANGUAGES:
        if language != _WRITTEN_IN:
            lines += [*_in_language(language, specs), ""]
    return _page([*lines, *_command_line()])


def _page(lines: list[str]) -> str:
    return "\n".join(lines).rstrip() + "\n"


def _written(param: Param) -> str:
    """Return how a parameter stands in what is typed."""
    name = f"={param.name}" if isinstance(param, PartParam) else param.name
    return name if param.required else f"[{name}]"


def _command(spec: CommandSpec) -> Iterator[str]:
    words = command_words(spec.name, _WRITTEN_IN)
    named = [_written(param) for param in spec.params]
    yield f"### `{' '.join([f'/{spec.name}', *named])}`"
    yield ""
    yield f"{words.description}. Example: `{words.example}`"
    yield ""
    for param in spec.params:
        yield f"- `{param.name}`: {words.params[param.name]}{'' if param.required else ' (may be left out)'}"
    yield f"- Where: {_WHERE[spec.where]}. Who sees the answer: {_SEEN[spec.visibility]}."
    if spec.menus:
        where = " or ".join(_MENUS[menu] for menu in spec.menus)
        yield f"- On Discord also as “{words.menu}” in the menu of {where} (right-click, Apps)."


def _in_language(language: str, specs: Iterable[CommandSpec]) -> Iterator[str]:
    yield f"## {_TITLES[language]}"
    yield ""
    yield "| | | |"
    yield "|---|---|---|"
    for spec in specs:
        words = command_words(spec.name, language)
        yield f"| `/{spec.name}` | {words.description} | `{words.example}` |"


def _command_line() -> Iterator[str]:
    group = typer.main.get_command(cli)
    yield "## On the command line"
    yield ""
    for name, command in _with_commands_within("run_bot.py", group):
        yield f"### `{name}`"
        yield ""
        yield re.sub(r"\s*\n\s*", " ", (command.help or "").strip())
        yield ""
        yield from _options(command)


def _with_commands_within(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    yield name, command
    for of_command, within in getattr(command, "commands", {}).items():
        yield from _with_commands_within(f"{name} {of_command}", within)


def _options(command: Any) -> Iterator[str]:
    options = [option for option in command.params if option.param_type_name == "option"]
    for argument in command.params:
        if argument not in options:
            yield f"- `{argument.metavar}`: {argument.help}"
    for option in options:
        default = f" Default: `{option.default}`." if option.default not in (None, False) else ""
        yield f"- `{' '.join(option.opts)}`: {option.help}{default}"
    if command.params:
        yield ""


def configuration_page() -> str:
    """Return the page about the settings."""
    explained = explanations(EXAMPLE.read_text(encoding="utf-8"))
    lines = [_MADE, _CONFIGURATION_INTRO]
    for section, purpose in config_keys.sections():
        schema = config_keys.schema_at(tuple(section.split(".")))
        title = f"[[{section}]]" if schema and schema.get("type") == "array" else f"[{section}]"
        lines += [f"## `{title}`", "", purpose, "", "| key | what it is | takes | default |", "|---|---|---|---|"]
        for key in config_keys.all_keys():
            if key.section == section:
                takes = key.takes.replace("|", "\\|")
                lines.append(f"| `{key.name}` | {explained[key.full_name]} | {takes} | {_default(key)} |")
        lines.append("")
    return _page(lines)


def _default(key: config_keys.Key) -> str:
    if key.is_required:
        return "must be given"
    return "unset" if key.default is None else f"`{json.dumps(key.default)}`"


def explanations(example: str) -> dict[str, str]:
    """Return the comment above each key of the example file, by the key's full name."""
    found: dict[str, str] = {}
    section = ""
    comment: list[str] = []
    for line in example.splitlines():
        if header := re.fullmatch(r"(?:# )?\[+([a-z_.]+)\]+", line):
            section, comment = config_keys.section_of(header[1]), []
        elif key := re.match(r"(?:# )?([a-z_]+) = ", line):
            found[f"{section}.{key[1]}"], comment = " ".join(comment), []
        elif line.startswith("# "):
            comment.append(line.removeprefix("# "))
        else:
            comment = []
    return found


def main() -> None:
    """Write the pages."""
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
