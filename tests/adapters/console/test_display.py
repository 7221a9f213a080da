"""What a terminal sees, and how lines are read and completed."""

import io
import sys
from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from adapters.console.club import demo_config
from adapters.console.guide import HELP
from adapters.console.markup import ConsoleMarkup, TerminalMarkup
from adapters.console.screen import wrapped
from adapters.console.terminal import LineCompleter, is_terminal, reader
from handlers.forms import Forms
from handlers.table import build_registry
from messages.markup import Marked
from tests.adapters.console.room import transcript


async def test_a_pipe_gets_no_colours_and_a_terminal_does(tmp_path: Path) -> None:
    lines = ["ania: /balance", "nonsense"]
    assert "\x1b" not in "".join(await transcript(tmp_path / "plain.db", lines))
    styled = await transcript(tmp_path / "styled.db", lines, style=True)
    assert any("\x1b[1mAnia" in line for line in styled)
    assert styled[-1].startswith("\x1b[31m! ")


def test_a_value_cannot_steer_the_terminal() -> None:
    assert ConsoleMarkup().escape("a\x1b[2Jb\x07\nc") == "a[2Jb\nc"
    assert TerminalMarkup().bold(Marked("x")) == "\x1b[1mx\x1b[22m"


@pytest.mark.parametrize("columns", [20, 50, 80])
def test_a_narrow_terminal_breaks_lines_between_words(columns: int) -> None:
    for line in HELP:
        shown = wrapped(line, columns)
        assert max(map(len, shown)) < columns
        assert " ".join(shown).split() == line.split()
    assert wrapped(HELP[0], None) == [HELP[0]]


def test_what_stands_in_a_right_column_stays_there() -> None:
    first, second = wrapped(HELP[0], 80)
    assert first.startswith("name: text             say it")
    assert second.startswith(" " * 23 + "command")


async def test_a_pipe_is_read_to_its_end_whatever_its_bytes_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("\ufeffania: zażółć\r\n".encode() + b"ania: \xff")))
    assert not is_terminal()
    read_line = reader()
    assert await read_line() == "ania: zażółć\r\n"
    assert await read_line() == "ania: \ufffd"
    assert await read_line() is None


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("an", "ania#klub:"),
        ("!sk", "!skip"),
        ("ania: /bal", "/balance"),
        ("ania#klub: /role", None),
        ("kasia: /purchase @an", "@ania"),
        ("ania: hello /bal", None),
    ],
)
def test_completion_offers_what_may_stand_there(typed: str, offered: str | None) -> None:
    completer = LineCompleter(build_registry(Forms(())).specs)
    completions = [item.text for item in completer.get_completions(Document(typed), CompleteEvent())]
    assert offered in completions if offered else not completions


def test_the_demo_has_an_owner_and_a_challenge_in_every_language() -> None:
    config = demo_config("pl")
    assert config.programme.default_language == "pl"
    assert [str(owner) for owner in config.programme.owners] == ["console:olek"]
    assert config.challenge[0].counts == "message_days"
