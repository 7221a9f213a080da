"""Every word in every language: commands, buttons, choices, plurals, and how each language writes what is shown."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import messages
from bot.commands import ChoiceParam
from bot.config.config import PluralForms
from bot.keys import meant
from bot.members.roles import Role
from bot.replies import Button, Reply
from bot.rewards.rewards import LimitPeriod, OnExpiry, RewardKind
from handlers.forms import Forms
from handlers.rewards.editing import CHANGED
from handlers.spaces.setup import SETUP, WEEKDAYS
from handlers.table import FORMS, build_registry
from messages.formats import Formats
from messages.markup import PlainMarkup
from messages.render import Renderer
from messages.words import (
    LANGUAGES,
    button_words,
    choice_words,
    command_words,
    group_words,
    noun_forms,
)
from tests.club import config
from tests.messages.cases import AT, CASES, PAID, TERMS

FOLDER = Path(messages.__file__).parent
RENDERER = Renderer(config())


def keys(value: Any, prefix: str = "") -> set[str]:
    if not isinstance(value, dict):
        return {prefix}
    return {found for key, item in value.items() for found in keys(item, f"{prefix}.{key}")}


def test_words_of_both_languages_have_the_same_keys() -> None:
    import tomllib

    words = {
        language: tomllib.loads((FOLDER / language / "words.toml").read_text(encoding="utf-8"))
        for language in LANGUAGES
    }
    nouns = {language: set(words[language].pop("nouns")) for language in LANGUAGES}
    assert keys(words["en"]) == keys(words["pl"])
    assert nouns["en"] == nouns["pl"]


REGISTRY = build_registry(Forms((SETUP,)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", REGISTRY.commands)
def test_every_command_and_parameter_has_words(name: str, language: str) -> None:
    spec = REGISTRY.commands[name][0]
    words = command_words(name, language)
    assert 0 < len(words.description) <= 100
    assert words.example.startswith(f"/{name}")
    assert set(words.params) == {param.name for param in spec.params}
    assert all(0 < len(text) <= 100 for text in words.params.values())
    assert bool(words.menu) == bool(spec.menus)
    assert words.menu is None or len(words.menu) <= 32
    labels = choice_words(language)
    for param in spec.params:
        if isinstance(param, ChoiceParam):
            assert set(param.choices) <= set(labels)
            for choice in param.choices:
                understood = [
                    meant(word, param.choices, lambda one: (one, (labels[one],))) for word in labels[choice].split()
                ]
                assert choice in understood, f"nobody can say {choice} in {language}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_role_day_and_language_has_words(language: str) -> None:
    assert set(group_words(language)) == {role.value for role in Role}
    assert {role.value for role in Role if role is not Role.ANYONE} <= set(choice_words(language))
    assert {*WEEKDAYS, *LANGUAGES} <= set(choice_words(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_button_in_the_code_has_a_label(language: str) -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (FOLDER.parent / "handlers").glob("*.py"))
    used = set(re.findall(r'(?:Button|Choice)\(\s*"([a-z_]+)"', code)) | set(WEEKDAYS)
    used |= {f"language_{code}" for code in LANGUAGES}
    steps = [step for form in FORMS for step in form.steps]
    used |= {step.asks for step in steps if step.asks} | {step.types for step in steps}
    used |= {f"reward_kind_{kind.value}" for kind in RewardKind} | {f"reward_limit_{one.value}" for one in LimitPeriod}
    used |= {f"reward_on_expiry_{end.value}" for end in OnExpiry} | {f"reward_change_{field}" for field in CHANGED}
    assert used - set(button_words(language)) == set()
    assert all(len(label) <= 80 for label in button_words(language).values())


def test_a_button_with_a_field_shows_it_as_it_stands() -> None:
    reply = Reply("stayed", buttons=((Button("as_is", fields={"text": "{text}<b>"}),),), language="en")
    assert RENDERER.render(reply, PlainMarkup()).rows[0][0].label == "{text}<b>"


# Plurals --------------------------------------------------------------------------------------------------------------

ZONE = ZoneInfo("Europe/Warsaw")
POLISH = {1: "one", 2: "few", 5: "many", 12: "many", 22: "few", 102: "few", 0: "many", 111: "many", 1_002: "few"}


@pytest.mark.parametrize("noun", noun_forms("pl"))
def test_polish_plurals(noun: str) -> None:
    formats, forms = Formats("pl", ZONE), noun_forms("pl")[noun]
    assert set(forms) == {"one", "few", "many", "other"}
    for number, form in POLISH.items():
        assert formats.noun(number, noun) == forms[form], number


@pytest.mark.parametrize("noun", noun_forms("en"))
def test_english_plurals(noun: str) -> None:
    formats, forms = Formats("en", ZONE), noun_forms("en")[noun]
    for number in (0, 2, 5, 21, 101):
        assert formats.noun(number, noun) == forms["other"]
    assert formats.noun(1, noun) == formats.noun(-1, noun) == forms["one"]


def test_points_in_polish_as_people_say_them() -> None:
    formats = Formats("pl", ZONE)
    said = [
        formats.count(number, "points").replace("\N{NO-BREAK SPACE}", " ") for number in (1, 2, 5, 12, 22, 102, 10_000)
    ]
    assert said == ["1 punkt", "2 punkty", "5 punktów", "12 punktów", "22 punkty", "102 punkty", "10 000 punktów"]


@pytest.mark.parametrize(
    ("number", "made_it", "took_part", "were_right"),
    [
        (1, "1 osoba osiągnęła cel. Brawo!", "celu. 1 osoba wzięła udział.", "0 of 1 answer was."),
        (3, "3 osoby osiągnęły cel. Brawo!", "celu. 3 osoby wzięły udział.", "0 of 3 answers were."),
        (12, "12 osób osiągnęło cel. Brawo!", "celu. 12 osób wzięło udział.", "0 of 12 answers were."),
    ],
)
def test_verbs_agree_with_their_numbers(number: int, made_it: str, took_part: str, were_right: str) -> None:
    closed = {"terms": TERMS, "reached": number, "names": []}
    before = CASES["quiz_closed"][0]["results"][0] | {"answered": number, "were_right": 0}
    asked = CASES["quiz_question"][0] | {"before": before}
    assert made_it in RENDERER.render(Reply("challenge_closed", closed, language="pl"), PlainMarkup()).text
    missed = {"terms": TERMS, "members": number}
    assert took_part in RENDERER.render(Reply("challenge_missed", missed, language="pl"), PlainMarkup()).text
    assert were_right in RENDERER.render(Reply("quiz_question", asked, language="en"), PlainMarkup()).text


def test_an_owners_own_currency_replaces_points() -> None:
    beans = PluralForms(one="ziarenko", few="ziarenka", many="ziarenek", other="ziarenka")
    formats = Formats("pl", ZONE, beans)
    assert [formats.count(number, "points") for number in (1, 3, 5)] == ["1 ziarenko", "3 ziarenka", "5 ziarenek"]
    renderer = Renderer(config(programme={"currency_name": {"en": {"one": "bean", "other": "beans"}}}))
    assert "5 beans" in renderer.render(Reply("leave", {"points": 5, "coupons": 0}, language="en"), PlainMarkup()).text


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", ["PLN 49.90", "16 March 2026", "08:00"]), ("pl", ["49,90 zł", "16 marca 2026", "08:00"])],
)
def test_money_dates_and_times_as_each_language_writes_them(language: str, said: list[str]) -> None:
    formats = Formats(language, ZONE)
    shown = [formats.money(PAID), formats.date(AT), formats.time(AT)]
    assert [text.replace("\N{NO-BREAK SPACE}", " ") for text in shown] == said


def test_a_week_is_shown_by_its_days_across_years() -> None:
    assert Formats("en", ZONE).week("2026-W53") == "28 Dec 2026 – 3 Jan 2027"


def test_times_are_the_programmes_local_ones() -> None:
    summer = AT + timedelta(days=30)
    assert Formats("en", ZONE).time(summer) == "09:00"
