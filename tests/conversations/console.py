"""The conversation typed into the console, line by line."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from adapters.console.adapter import Console
from adapters.console.clock import VirtualClock
from adapters.console.club import Club, demo_config
from adapters.console.screen import Screen
from bot.config.config import Config
from handlers.ports import DatabaseOutbox
from handlers.table import build_app
from messages.render import Renderer
from storage.engine.location import open_database
from tests.adapters.web.hooks import Shops, open_shops
from tests.conversations.script import BEGIN, CHALLENGE
from tests.conversations.steps import GROUP, Action, Answer, Chat, OpenThread, Press, React, Say, Wait, Where
from tests.databases import Address

_SPACE = "#klub"
_MEMBER_ARGS = ("member", "to")


class ConsoleDriver:
    """Types lines and reads what is written. A new console may take the place of the one there was."""

    console: Console
    shops: Shops

    def __init__(self, written: list[str]) -> None:
        self._written = written
        self._messages: list[tuple[str, str]] = []
        self._read: dict[str, int] = {}

    async def do(self, action: Action) -> None:
        if isinstance(action, OpenThread):
            return  # the group stands for it
        if isinstance(action, Answer) and action.where is not Where.PRIVATE:
            # In a group nothing is an answer before it was asked for.
            await self.do(Press(action.who, action.label, action.where))
        await self.console.do(self._line(action))
        self.take_in()

    def take_in(self) -> None:
        """Read what was written. Raises AssertionError for what is wrong with a line."""
        problems = [line for line in self._written if line.startswith("!")]
        assert not problems, problems
        self._messages += _messages(self._written)
        self._written.clear()

    def _line(self, action: Say | Press | Chat | Answer | React | Wait) -> str:
        match action:
            case Say(who, name, _, where) as said:
                args = said.spelled(lambda by: [text for to, text in self._messages if to == by])
                words = [f"@{value}" if key in _MEMBER_ARGS else value for key, value in args.items()]
                return f"{_speaker(who, where)}: {' '.join([f'/{name}', *words])}"
            case Press(who, _, where) as press:
                return f"{_speaker(who, where)}: [{self._number(press)}]"
            case Chat(who, has_photo) as chat:
                return f"{who}{_SPACE}: {'[photo] ' if has_photo else ''}{chat.text}"
            case Answer(who, text, _, where):
                return f"{_speaker(who, where)}: {text}"
            case React(who, is_added):
                return f"{who}{_SPACE}: {'+' if is_added else '-'}❤"
            case Wait(duration):
                return f"!skip {int(duration.total_seconds()) // 3600}h"

    def _number(self, press: Press) -> int:
        target = press.who if press.where is Where.PRIVATE else _SPACE
        shown = [text for to, text in self._messages if to == target and "[1] " in text][-1]
        parts = shown[shown.index("[1] ") + 1 :].replace("\n", " ").split("[")
        labels = [part.split("] ")[1].strip() for part in parts]
        label = press.among(labels)
        assert label is not None, labels
        return labels.index(label) + 1

    async def new_messages(self, by: str) -> list[str]:
        target = _SPACE if by == GROUP else by
        all_of_them = [text for to, text in self._messages if to == target]
        new = all_of_them[self._read.get(by, 0) :]
        self._read[by] = len(all_of_them)
        return new


def _speaker(who: str, where: Where) -> str:
    return who if where is Where.PRIVATE else f"{who}{_SPACE}"


def _messages(lines: list[str]) -> list[tuple[str, str]]:
    """Return (to, text) of what was written; further lines of a message are indented by two blanks."""
    messages: list[tuple[str, str]] = []
    for line in lines:
        if line.startswith("bot -> "):
            to, _, text = line.removeprefix("bot -> ").partition(": ")
            messages.append((to, text))
        elif line.startswith("  ") and messages:
            to, text = messages[-1]
            messages[-1] = (to, f"{text}\n{line[2:]}")
    return messages


@asynccontextmanager
async def on_console(where: Address, language: str, **more: Any) -> AsyncIterator[ConsoleDriver]:
    """Open a console over an empty club, with more sections of settings if need be."""
    sections = demo_config(language).model_dump() | {"challenge": [CHALLENGE], "tier": [], "reward": []} | more
    settings = Config.model_validate(sections)
    clock = VirtualClock(BEGIN)
    clock.now = BEGIN
    database = await open_database(where, clock, settings.programme)
    app = build_app(database, settings)
    await app.start()
    written: list[str] = []
    screen = Screen(Renderer(settings), written.append, is_styled=False)
    try:
        async with open_shops(database, settings, clock) as shops:
            driver = ConsoleDriver(written)
            driver.console = Console(app, DatabaseOutbox(database), clock, screen, Club(language))
            driver.shops = shops
            yield driver
    finally:
        await database.close()
