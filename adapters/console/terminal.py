"""Where the console's lines come from: an edited line with history and completion, or standard input as it is."""

import shutil
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from adapters.console.club import PEOPLE, SPACES
from adapters.console.grammar import DIRECTIVES
from bot.commands import CommandSpec

ReadLine = Callable[[], Awaitable[str | None]]


def is_terminal() -> bool:
    """Whether a person sits at both ends: then lines are edited and colours make sense."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def columns() -> int | None:
    """Return how wide the terminal is now; None for a pipe, whose lines have any length."""
    return shutil.get_terminal_size().columns if is_terminal() else None


def reader(commands: Sequence[CommandSpec] = ()) -> ReadLine:
    """Return what reads the next line, None at the end. `commands` are completed in a terminal."""
    return _edited_lines(commands) if is_terminal() else _plain_lines


async def _plain_lines() -> str | None:
    # Nothing else happens in the demo while it waits for a line, so reading may block.
    line = sys.stdin.buffer.readline()
    return line.decode("utf-8-sig", "replace") if line else None


def _edited_lines(commands: Sequence[CommandSpec]) -> ReadLine:
    session: PromptSession[str] = PromptSession(completer=LineCompleter(commands), complete_while_typing=True)

    async def read_line() -> str | None:
        try:
            return await session.prompt_async("> ")
        except (EOFError, KeyboardInterrupt):
            return None

    return read_line


class LineCompleter(Completer):
    """Completes who speaks, commands, people and directives."""

    def __init__(self, commands: Sequence[CommandSpec]) -> None:
        speakers = [f"{name}{space}:" for space in ("", *(f"#{space}" for space in SPACES)) for name in PEOPLE]
        self._starts = [*speakers, *(f"!{directive}" for directive in DIRECTIVES)]
        self._commands = [f"/{spec.name}" for spec in commands]
        self._people = [f"@{name}" for name in PEOPLE]

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """Yield what may stand where the cursor is."""
        before = document.text_before_cursor
        _, colon, said = before.partition(":")
        word = before.rpartition(" ")[2] if colon else before
        if not colon:
            choices = self._starts
        elif said.strip().startswith("@") or "@" in word:
            choices = self._people
        elif said.strip() == word and word:
            choices = self._commands
        else:
            return
        for choice in choices:
            if choice.startswith(word) and choice != word:
                yield Completion(choice, start_position=-len(word))
