"""Discord's Markdown, and messages made of it."""

import re

import pytest

from adapters.discord.display import Display, clip, without_embeds
from adapters.discord.markup import DiscordMarkdown, keep_numbers
from bot.events import Identity
from bot.replies import MemberName, Reply
from messages.markup import Marked
from messages.render import Renderer
from tests.club import config

MARKDOWN = DiscordMarkdown()
_SPECIAL = re.compile(r"(?<!\\)(?:\\\\)*([*_~`|<>@#\[\]])")


def shown(text: str) -> str:
    """What Discord shows of escaped text."""
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", text)


HOSTILE = [
    "**bold** __under__ ~~gone~~ ||spoiler|| `code` ```block```",
    "<@80351110224678912> <@&1> <#2> </bonus:3> <:mug:4> <t:1> @everyone @here",
    "[click](https://evil.example/x) https://evil.example discord.gg/abc <https://x.example>",
    "# heading\n## two\n> quote\n>>> all\n- item\n* item\n+ item\n1. one\n-# small\n  - deeper\n 12) twelve",
    "back\\slash \\*not escaped\\* \\\\",
    ":smile: 12:30 a:b ¯\\_(ツ)_/¯",
    "\u2068\u05d0\u05d1\u2069 zażółć 🧑‍🧑‍🧒",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_exactly_and_means_nothing(text: str) -> None:
    escaped = MARKDOWN.escape(text)
    assert shown(escaped) == text
    assert not _SPECIAL.search(escaped)
    assert "://" not in escaped
    assert "discord.gg/" not in escaped
    assert not re.search(r"^\s*([-+]|[0-9]+[.)])", escaped, re.MULTILINE)


def test_ordinary_text_stays_readable() -> None:
    assert MARKDOWN.escape("Ania (·4821), 12:30, 1 249,00 zł – dzięki!") == "Ania (·4821), 12:30, 1 249,00 zł – dzięki!"
    assert MARKDOWN.command("balance") == "/balance"


def test_marks_around_escaped_text_hold() -> None:
    assert MARKDOWN.bold(Marked(MARKDOWN.escape("a*b"))) == r"**a\*b**"
    assert MARKDOWN.italic(Marked("x")) == "*x*"
    assert MARKDOWN.bold(Marked("")) == ""
    assert MARKDOWN.code("A-1") == "`A-1`"
    assert MARKDOWN.code("a`b") == r"a\`b"


def test_a_mention_needs_an_identity_here() -> None:
    both = MemberName("*Ania*", (Identity("telegram", "11"), Identity("discord", "5")))
    assert MARKDOWN.mention(both) == "<@5>"
    assert MARKDOWN.mention(MemberName("*Ania*", (Identity("telegram", "11"),))) == r"\*Ania\*"
    assert MARKDOWN.mention(MemberName("Ania", (Identity("discord", "@everyone"),))) == "Ania"


def test_shared_places_are_not_counted_anew() -> None:
    assert keep_numbers("1. Ania\n1. Bartek\n3. Celina") == "1\\. Ania\n1\\. Bartek\n3\\. Celina"
    assert keep_numbers("at 9.30") == "at 9.30"


def test_long_answers_are_embeds_and_short_ones_are_not() -> None:
    display = Display(Renderer(config()))
    short = display.body(Reply("nothing_to_cancel", {}, language="en"))
    assert short["content"]
    assert short["embeds"] == []
    assert short["allowed_mentions"] == {"parse": []}
    own = "\n".join(f"Rule {number}: be kind" for number in range(400))
    fields = {"giver": "Olek", "points": 5, "reason": own}
    long = display.body(Reply("bonus_received", fields, language="en"))
    assert long["content"] == ""
    description = long["embeds"][0]["description"]
    assert len(description) <= 4096
    assert description.endswith("be kind\n…")
    long |= {"nonce": "bywalec-1", "components": ["a row"]}
    plain = without_embeds(long)
    assert "\n".join(part["content"] for part in plain) == description
    assert [part["components"] for part in plain] == [[], [], ["a row"]]
    assert len({part["nonce"] for part in plain}) == 3
    assert all(part["embeds"] == [] and len(part["content"]) <= 2000 for part in plain)


def test_a_line_that_no_message_holds_is_cut_between_characters() -> None:
    line = "a" * 1999 + r"\*" + "b" * 2100
    parts = [part["content"] for part in without_embeds({"embeds": [{"description": line}]})]
    assert [len(part) for part in parts] == [1999, 2000, 102]
    assert "".join(parts) == line


def test_clipping_keeps_whole_lines_where_there_are_any() -> None:
    assert clip("one\ntwo\nthree", 9) == "one\ntwo\n…"
    assert clip("abcdef", 4) == "abc…"
    assert clip("ab\\*cd", 4) == "ab…"
    assert clip("abc", 3) == "abc"
