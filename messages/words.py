"""Short words outside templates: buttons, questions, command descriptions, plural forms, one file per language."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_args

from bot.config.types import Language

_HERE = Path(__file__).parent
LANGUAGES: tuple[str, ...] = get_args(Language)


@dataclass(frozen=True, slots=True)
class CommandWords:
    """What a command is, in one language: shown in menus and in help."""

    description: str
    example: str
    params: dict[str, str]
    menu: str | None


@cache
def _load(language: str) -> dict[str, Any]:
    return tomllib.loads((_HERE / language / "words.toml").read_text(encoding="utf-8"))


def locale_name(language: str) -> str:
    """Return the locale whose numbers, dates and plurals a language uses, such as pl_PL."""
    name: str = _load(language)["locale"]
    return name


def date_patterns(language: str) -> dict[str, str]:
    """Return the patterns of short dates: day, moment and day_of_month, in Unicode's date field symbols."""
    patterns: dict[str, str] = _load(language)["dates"]
    return patterns


def button_words(language: str) -> dict[str, str]:
    """Return button labels and questions by key; they may hold `{field}`."""
    words: dict[str, str] = _load(language)["buttons"]
    return words


def picture_words(language: str) -> dict[str, str]:
    """Return what is written in pictures beside the values."""
    words: dict[str, str] = _load(language)["pictures"]
    return words


def badge_words(language: str) -> dict[str, str]:
    """Return the names of the badges that every programme has, by id."""
    words: dict[str, str] = _load(language)["badges"]
    return words


def challenge_words(language: str) -> dict[str, str]:
    """Return the names of the challenges that are made with one press."""
    words: dict[str, str] = _load(language)["challenges"]
    return words


def choice_words(language: str) -> dict[str, str]:
    """Return labels of choice values, such as days of the week and roles."""
    words: dict[str, str] = _load(language)["choices"]
    return words


def noun_forms(language: str) -> dict[str, dict[str, str]]:
    """Return the plural forms of counted words by plural category (one, few, many, other)."""
    forms: dict[str, dict[str, str]] = _load(language)["nouns"]
    return forms


def command_words(command: str, language: str) -> CommandWords:
    """Return a command's words. Raises KeyError for a command without any."""
    words = _load(language)["commands"][command]
    return CommandWords(words["description"], words.get("example", ""), words.get("params", {}), words.get("menu"))


def about_words(language: str) -> dict[str, str]:
    """Return what the bot is, for who has not started it yet: description and short_description."""
    words: dict[str, str] = _load(language)["about"]
    return words


def group_words(language: str) -> dict[str, str]:
    """Return the headings under which help lists commands, by role."""
    words: dict[str, str] = _load(language)["groups"]
    return words


def sheet_words(language: str) -> dict[str, str]:
    """Return what is printed beside one-time codes; it may hold `{field}`."""
    words: dict[str, str] = _load(language)["sheet"]
    return words
