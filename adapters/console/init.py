"""The questions of `run_bot.py init`, and the config file made of the answers."""

import json
import os
import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.config import Config
from bot.config_file import ConfigProblems, config_from

# A Discord id counts milliseconds since 2015 in its upper bits, so it is longer than any id of Telegram.
_DISCORD_ID_DIGITS = 15
_WIDTH = 118
Read = Callable[[str, bool], str]
Write = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Question:
    """One question: which key it fills, in what words, and where to find the answer."""

    section: str
    key: str
    asked: str
    hint: str
    is_secret: bool = False


QUESTIONS = (
    Question("programme", "name", "Name of your place", "Members read it in messages."),
    Question("programme", "default_language", "Language (en, pl)", "Each member and group can choose another."),
    Question("programme", "currency", "Currency", "What purchases are paid in: PLN, EUR, GBP, …"),
    Question("programme", "timezone", "Time zone", "Weeks begin and leaderboards are posted by its clock."),
    Question(
        "telegram",
        "token",
        "Telegram token",
        "On Telegram write to @BotFather, send /newbot, copy the token. Empty leaves Telegram off.",
        is_secret=True,
    ),
    Question(
        "programme",
        "owner_ids",
        "Your own id",
        "On Telegram @userinfobot tells it. On Discord: Settings, Advanced, Developer Mode; then right-click your "
        "name, Copy User ID. You will own the programme. Several with a comma between; empty for later.",
    ),
    Question(
        "discord",
        "token",
        "Discord token",
        "On discord.com/developers/applications press New Application, then Bot, Reset Token, and copy it. "
        "Empty leaves Discord off.",
        is_secret=True,
    ),
)
_HEAD = """\
# The settings of this Bywalec. Every other setting, with its default, is in config.example.toml:
# copy here what you want to change. This file holds secrets; keep it to yourself.
# `run_bot.py check` says whether all is well, `run_bot.py run` starts the bot.
"""


def ask(read: Read, write: Write, *, again: bool) -> dict[str, dict[str, Any]]:
    """Return the answers by section and key. `read` gets the question and whether to hide what is typed.

    A wrong answer is asked for again, or raises ConfigProblems. Raises EOFError where the answers end too soon.
    """
    answers: dict[str, dict[str, Any]] = {}
    for question in QUESTIONS:
        write(f"\n{question.hint}")
        answers.setdefault(question.section, {})[question.key] = _answer(question, read, write, again=again)
    return answers


def _answer(question: Question, read: Read, write: Write, *, again: bool) -> Any:
    default = _default(question)
    prompt = f"{question.asked} [{default}]: " if default else f"{question.asked}: "
    while True:
        value = _parsed(question, read(prompt, question.is_secret).strip() or default)
        try:
            config_from({question.section: {question.key: value}}, {})
            return value
        except ConfigProblems as problems:
            if not again:
                raise
            write(str(problems))


def _default(question: Question) -> str:
    if question.key == "name":
        return ""
    value = getattr(getattr(Config(), question.section), question.key)
    return value if isinstance(value, str) else ""


def _parsed(question: Question, text: str) -> Any:
    if question.key == "currency":
        return text.upper()
    if question.key == "owner_ids":
        return [_owner(word) for word in re.split(r"[,\s]+", text) if word]
    return text


def _owner(text: str) -> str:
    if not re.fullmatch(r"[0-9]+", text):
        return text
    return f"{'discord' if len(text) >= _DISCORD_ID_DIGITS else 'telegram'}:{text}"


def config_text(answers: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the file with a comment for each answer."""
    lines = [_HEAD]
    for section, values in answers.items():
        lines.append(f"[{section}]")
        for question in QUESTIONS:
            if question.section == section:
                lines += textwrap.wrap(
                    f"{question.asked}. {question.hint}", _WIDTH, initial_indent="# ", subsequent_indent="# "
                )
                lines.append(f"{question.key} = {_toml(values[question.key])}")
        lines.append("")
    return "\n".join(lines)


def _toml(value: Any) -> str:
    """Return a text or a list of texts; the one escape that JSON leaves to TOML is DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def write_config(path: Path, text: str, *, replace: bool) -> None:
    """Write the file, readable by its owner alone. Raises FileExistsError unless it may be replaced."""
    if path.exists() and not replace:
        raise FileExistsError(path)
    beside = path.with_name(path.name + ".new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)
    beside.replace(path)
