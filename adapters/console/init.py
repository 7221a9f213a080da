"""The questions of `run_bot.py init`, and the config file made of the answers."""

import json
import os
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.config.config import Config
from bot.config.file import ConfigProblems, Problem, config_from
from bot.files.file_lines import DISCORD_ID_DIGITS
from bot.purchases.money import MINOR_DIGITS

_TELEGRAM_TOKEN = re.compile(r"[0-9]{6,}:[A-Za-z0-9_-]{30,}")
_OWNER = re.compile(r"(?:(?:telegram|discord):)?[0-9]{1,20}")
_SIGNS = {"ZŁ": "PLN", "ZL": "PLN", "$": "USD", "€": "EUR", "£": "GBP"}
FILE_WIDTH = 118
_SCREEN_WIDTH = 78
Read = Callable[[str, bool], str]
Write = Callable[[str], None]
Answers = dict[str, dict[str, Any]]


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
    Question("programme", "default_language", "Language, en or pl", "Each member and group can choose another."),
    Question("programme", "currency", "Currency", "What purchases are paid in: PLN, EUR, GBP, …"),
    Question("programme", "timezone", "Time zone", "Weeks begin and leaderboards are posted by its clock."),
    Question(
        "telegram",
        "token",
        "Telegram token",
        "On Telegram write to @BotFather, send /newbot, copy the token. Without one Telegram is off.",
        is_secret=True,
    ),
    Question(
        "discord",
        "token",
        "Discord token",
        "On discord.com/developers/applications press New Application, then Bot, Reset Token, and copy it. "
        "Without one Discord is off.",
        is_secret=True,
    ),
    Question(
        "programme",
        "owner_ids",
        "Your own id",
        "On Telegram @userinfobot tells it. On Discord: Settings, Advanced, Developer Mode; then right-click your "
        "name, Copy User ID. You will own the programme. Several with a comma between; empty for later.",
    ),
)
_HEAD = """\
# The settings of this Bywalec. Every other setting, with its default, is in config.example.toml:
# copy here what you want to change. This file holds secrets; keep it to yourself.
# `.venv/bin/python run_bot.py check` says whether all is well, `.venv/bin/python run_bot.py run` starts the bot.
"""


def ask(read: Read, write: Write, *, again: bool) -> Answers:
    """Return the answers by section and key. `read` gets a prompt and whether to hide what is typed.

    A wrong answer is asked for again, or raises ConfigProblems. Raises EOFError where the answers end too soon.
    """
    answers: Answers = {}
    for question in QUESTIONS:
        write(f"\n{_asked(question, answers)}")
        for line in textwrap.wrap(question.hint, _SCREEN_WIDTH, initial_indent="  ", subsequent_indent="  "):
            write(line)
        answers.setdefault(question.section, {})[question.key] = _answer(question, answers, read, write, again=again)
    return answers


def _asked(question: Question, answers: Answers) -> str:
    """Return the question with all that one needs to know to answer it."""
    if question.is_secret:
        return f"{question.asked} (not shown as you type or paste; Enter for none):"
    if question.key == "owner_ids":
        places = [section.capitalize() for section in _platforms(answers)]
        return f"Your own id on {' or '.join(places or ['Telegram', 'Discord'])} (a number; Enter for later):"
    default = _default(question)
    return f"{question.asked} (Enter for {default}):" if default else f"{question.asked}:"


def _platforms(answers: Answers) -> list[str]:
    return [section for section in ("telegram", "discord") if answers.get(section, {}).get("token")]


def _answer(question: Question, answers: Answers, read: Read, write: Write, *, again: bool) -> Any:
    while True:
        text = read("> ", question.is_secret).strip() or _default(question)
        try:
            if told := _complaint(question, text):
                raise ConfigProblems([Problem(f"{question.section}.{question.key}", "", told)])
            value = _parsed(question, text, _platforms(answers))
            config_from({question.section: {question.key: value}}, {})
            if question.key == "currency" and text.upper() in _SIGNS:
                write(f"  Taken as {value}.")
            return value
        except ConfigProblems as problems:
            if not again:
                raise
            for problem in problems.problems:
                write(f"  {problem.wanted.replace('should be', 'It should be', 1)}")


def _complaint(question: Question, text: str) -> str:
    """Return what to say of the mistakes that beginners make; nothing where there is none of them."""
    match question.section, question.key:
        case "telegram", "token" if text and not _TELEGRAM_TOKEN.fullmatch(text):
            return "That is no token of Telegram: it looks like 123456789:AAE…, 40 or more characters."
        case "programme", "currency" if _currency(text) not in MINOR_DIGITS:
            return "Use a code: PLN, EUR, GBP, USD, CZK and others (docs/configuration.md has all)."
        case "programme", "owner_ids" if not all(_OWNER.fullmatch(word) for word in _words(text)):
            return "Type the number, such as 123456789."
    return ""


def _default(question: Question) -> str:
    if question.key == "name":
        return ""
    value = getattr(getattr(Config(), question.section), question.key)
    return value if isinstance(value, str) else ""


def _parsed(question: Question, text: str, platforms: Sequence[str]) -> Any:
    if question.key == "currency":
        return _currency(text)
    if question.key == "owner_ids":
        return [_owner(word, platforms) for word in _words(text)]
    return text


def _currency(text: str) -> str:
    """Return the code of a currency that was given by its code or by its sign."""
    return _SIGNS.get(text.upper(), text.upper())


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[,\s]+", text) if word]


def _owner(text: str, platforms: Sequence[str]) -> str:
    if ":" in text:
        return text
    by_length = "discord" if len(text) >= DISCORD_ID_DIGITS else "telegram"
    return f"{platforms[0] if len(platforms) == 1 else by_length}:{text}"


def config_text(answers: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the file with a comment for each answer."""
    lines = [_HEAD]
    for section, values in answers.items():
        lines.append(f"[{section}]")
        for question in QUESTIONS:
            if question.section == section:
                lines += textwrap.wrap(
                    f"{question.asked}. {question.hint}", FILE_WIDTH, initial_indent="# ", subsequent_indent="# "
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
