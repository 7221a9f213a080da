"""Every sentence in every language; and names that try to be more than names."""

import re
from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError

import messages
from adapters.discord.markup import DiscordMarkdown
from adapters.telegram.markup import TelegramHtml
from bot.boards.leaderboards import Board, Row
from bot.errors import UserError
from bot.ledger.ledger import Reason
from bot.replies import MemberName, Reply
from messages.markup import Markup, PlainMarkup
from messages.render import Renderer
from messages.words import (
    LANGUAGES,
)
from tests.club import config
from tests.messages.cases import AT, CASES, LATER_LINES

FOLDER = Path(messages.__file__).parent
INCLUDED = {
    *("history_line", "history_origin", "history_reason", "why_rule", "rules_short"),
    *("reward_facts", "reward_limit", "purchase_counts", "challenge_goal", "challenge_reward", "duel_prize"),
    *("challenge_race", "challenge_limits", "challenge_best", "challenge_won", "challenge_repeats"),
    *("challenge_donation", "challenge_ties", "challenge_reminder"),
    *("board_title", "board_line", "season_prizes"),
}
MARKUPS: list[Markup] = [PlainMarkup(), TelegramHtml(), DiscordMarkdown()]
RENDERER = Renderer(config())


def templates(language: str) -> set[str]:
    return {path.stem for path in (FOLDER / language).glob("*.j2")}


def subclasses(cls: type[UserError]) -> set[type[UserError]]:
    return {cls, *(found for direct in cls.__subclasses__() for found in subclasses(direct))}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_template_and_no_more(language: str) -> None:
    assert templates(language) == templates("en")


def test_every_template_has_a_case_here() -> None:
    assert templates("en") - INCLUDED == set(CASES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_has_its_template(language: str) -> None:
    wanted = {found.template for found in subclasses(UserError) if found.__module__.startswith(("bot.", "handlers."))
              and found is not UserError}  # fmt: skip
    assert wanted - templates(language) == set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CASES)
def test_every_template_renders(name: str, language: str) -> None:
    for fields in CASES[name]:
        for markup in MARKUPS:
            text = RENDERER.render(Reply(name, fields, language=language), markup).text
            assert text, name
            assert "  \n" not in text
            assert "\n\n\n" not in text
            assert " ." not in text
            assert " ," not in text
            assert not re.search(r"\b(None|True|False|Undefined)\b", text), text
            assert not re.search(r"[{}]", text), text
        plain = RENDERER.render(Reply(name, fields, language=language), MARKUPS[0]).text
        assert len(plain) < 4096
        assert not re.search(r"[^\S\n]{2,}(?![▲▼]|\d)", plain), plain
        assert not any(line != line.strip() for line in plain.splitlines()), plain


@pytest.mark.parametrize("name", ["balance", "bonus_given", "leaderboard", "purchase_recorded", "unexpected"])
def test_a_missing_field_is_an_error_and_no_blank(name: str) -> None:
    with pytest.raises(UndefinedError):
        RENDERER.render(Reply(name, {}, language="en"), MARKUPS[0])


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_do_not_use_the_other_language(language: str) -> None:
    polish = re.compile("[ąćęłńóśźż]", re.IGNORECASE)
    for path in (FOLDER / language).glob("*.j2"):
        if language == "en":
            assert not polish.search(path.read_text(encoding="utf-8")), path.name


# Hostile names --------------------------------------------------------------------------------------------------------

HOSTILE = [
    "<b>x</b>", "**x**", "{{ 7*7 }}", "{% if %}", "`code`", "@everyone", "<@11>", "[a](http://x)", "_x_", "||x||",
    "&amp;", "</b><a href='tg://user?id=1'>", "\\", "# x", "\u202eabc", "a|b~c",
]  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize(
    "name", ["balance", "bonus_given", "challenge_closed", "leaderboard", "weekly_leaderboard", "card"]
)
def test_a_hostile_name_is_shown_and_does_nothing(name: str, hostile: str) -> None:
    for fields in CASES[name]:
        reply = Reply(name, renamed(fields, hostile), language="en")
        as_html = RENDERER.render(reply, MARKUPS[1]).text
        tags = set(re.findall(r"</?([a-z]+)[^>]*>", as_html))
        assert tags <= {"b", "i", "code", "a"}
        assert as_html.count("<b>") == as_html.count("</b>")
        assert "<b>x</b>" not in as_html
        assert "<a href='" not in as_html
        as_markdown = re.sub(r"\\.", "", RENDERER.render(reply, MARKUPS[2]).text)
        assert "@everyone" not in as_markdown
        assert "<@11>" not in as_markdown
        assert "](http" not in as_markdown
        assert "49" not in as_markdown.replace("4990", "")


def renamed(value: Any, name: str) -> Any:
    """Return the fields with every name replaced, without identities, so that it is shown."""
    match value:
        case MemberName():
            return MemberName(name)
        case dict():
            return {key: renamed(item, name) for key, item in value.items()}
        case list() | tuple():
            return type(value)(renamed(item, name) for item in value)
        case Board():
            rows = tuple(Row(row.place, row.member_id, MemberName(name), row.amount, row.change) for row in value.rows)
            return Board(value.period, rows, value.participants)
    return value


@pytest.mark.parametrize(("language", "otherwise"), [("en", "what was given back"), ("pl", "ze zwrotu")])
def test_what_became_yours_says_what_it_was_for(language: str, otherwise: str) -> None:
    reasons = list(Reason)
    vague = {
        line.came_from
        for line in LATER_LINES[0]
        if otherwise
        in RENDERER.render(Reply("history_line", {"line": line, "now": AT}, language=language), PlainMarkup()).text
    }
    assert vague == set(reasons[reasons.index(Reason.RIPEN) :])


def test_a_mention_reaches_the_person_on_their_platform() -> None:
    reply = Reply("bonus_given", CASES["bonus_given"][0], language="en")
    assert '<a href="tg://user?id=11">Ania</a>' in RENDERER.render(reply, MARKUPS[1]).text
    assert "<@22>" in RENDERER.render(reply, MARKUPS[2]).text
