"""The conversation through the real python-telegram-bot client and the Telegram server on loopback."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from pydantic import SecretStr

from adapters.ports import App, Memory, OutboxPort
from adapters.telegram.adapter import TelegramAdapter
from adapters.telegram.limits import Limits
from bot.config.config import TelegramSettings
from handlers.ports import DatabaseMemory, DatabaseOutbox
from messages.render import Renderer
from tests.adapters.web.hooks import Shops, open_shops
from tests.club import config, open_club
from tests.conversations.hold import until
from tests.conversations.script import BEGIN, CHALLENGE, PEOPLE
from tests.conversations.steps import (
    GROUP,
    THREAD,
    Action,
    Answer,
    Chat,
    OpenThread,
    Press,
    React,
    Reader,
    Running,
    Say,
    Wait,
    Where,
)
from tests.databases import Address
from tests.platforms.pictures import png
from tests.platforms.telegram import Shown, TelegramServer
from tests.platforms.telegram.errors import Json

_UNLIMITED = Limits(0.0, 10**6, 10**6)
_MEMBER_ARGS = ("member", "to")
_SOON_S = 1.0


class TelegramDriver:
    """Types, taps and waits as people on Telegram do."""

    shops: Shops

    def __init__(self, server: TelegramServer, club: Running, language: str) -> None:
        self._server = server
        self.club = club
        ids = {name: number for number, name in enumerate(PEOPLE, 7)}
        self._users = {
            name: server.user(number, name.capitalize(), username=name, language_code=language)
            for name, number in ids.items()
        }
        self._group = server.group(-1001234567890, "Klub")
        for user in self._users.values():
            server.set_status(self._group, user, "member")
        self._reader = Reader()
        self._chatted: list[tuple[str, Json]] = []
        self._typed: dict[tuple[str, Where], int] = {}
        self._reacted: dict[str, Json] = {}
        self._topic: int | None = None

    def open_thread(self, name: str) -> None:
        """Make the group a forum and open a topic in it."""
        self._group.is_forum = True
        self._topic = self._server.topic(self._group, self._users["olek"], name)

    def become_supergroup(self) -> None:
        """Let the group become a supergroup, as Telegram has it do by itself when it grows: its id is another then."""
        self._group.type = "group"
        self._group = self._server.migrate(self._group, -1009876543210)

    async def do(self, action: Action) -> None:
        match action:
            case Say(who, name, _, where) as said:
                await until(lambda: len(self._spelled(said)) == len(said.args))
                args = self._spelled(said)
                words = [f"@{value}" if key in _MEMBER_ARGS else value for key, value in args.items()]
                self._type(who, " ".join([f"/{name}", *words]), where)
            case Press(who) as press:
                message, label = await self._with_button(press)
                self._server.press(self._users[who], message, label)
            case Chat(who, has_photo, where) as chat:
                photo, topic = png() if has_photo else None, self._topic_of(where)
                group, user = self._group, self._users[who]
                posted = self._server.group_message(group, user, chat.text, photo=photo, thread_id=topic)
                self._chatted.append((who, posted))
            case Answer(who, text, _, Where.PRIVATE):
                self._type(who, text, Where.PRIVATE)
            case Answer() as answer:
                await self._reply(answer)
            case React() as reaction:
                self._react(reaction)
            case Wait(duration):
                await self.club.skip(seconds=duration.total_seconds())
            case OpenThread(name):
                self.open_thread(name)
        await until(lambda: (self._server.confirmed_offset or 0) >= self._server.queue.next_update_id)

    def _spelled(self, said: Say) -> dict[str, str]:
        return said.spelled(lambda by: self.texts(by).values())

    def _type(self, who: str, text: str, where: Where) -> Json:
        user = self._users[who]
        if where is Where.PRIVATE:
            typed = self._server.private_message(user, text)
        else:
            typed = self._server.group_message(self._group, user, text, thread_id=self._topic_of(where))
        self._typed[who, where] = typed["message_id"]
        return typed

    def _topic_of(self, where: Where) -> int | None:
        return self._topic if where is Where.THREAD else None

    async def _reply(self, answer: Answer) -> None:
        """Let somebody press the button that lets one type, and answer what is asked then: the bot hears no more."""
        group, user, topic = self._group, self._users[answer.who], self._topic_of(answer.where)
        message, label = await self._with_button(Press(answer.who, answer.label, answer.where))
        newest = max(self._server.history[group.id])
        self._server.press(user, message, label)
        asked = await self._server.wait_for_message(group.id, after_id=newest)
        self._server.group_message(group, user, answer.text, thread_id=topic, reply_to=asked)

    def _react(self, reaction: React) -> None:
        who = reaction.who
        if reaction.is_added:
            self._reacted[who] = next(said for author, said in reversed(self._chatted) if author != who)
        self._server.react(self._users[who], self._reacted[who], ["❤"] if reaction.is_added else [])

    def _shown(self, where: Where, who: str) -> list[Shown]:
        """Return the bot's messages in the topic, in the group outside of it, or in private with somebody."""
        if where is Where.PRIVATE:
            return self._server.messages(self._users[who].id)
        topic = self._topic_of(where)
        return [message for message in self._server.messages(self._group.id) if message.thread_id == topic]

    async def _with_button(self, press: Press) -> tuple[Shown, str]:
        """Return the message to press a button of: what came after what they typed, or soon none of that, an older one.

        A question that was answered by typing keeps its buttons, and another one may have such a button as well.
        """
        began, typed = asyncio.get_running_loop().time(), self._typed.get((press.who, press.where), 0)
        async with asyncio.timeout(10):
            while True:
                is_late = asyncio.get_running_loop().time() - began > _SOON_S
                for message in reversed(self._shown(press.where, press.who)):
                    if message.message_id < typed and not is_late:
                        break
                    labels = [button.text for row in message.buttons for button in row]
                    if (label := press.among(labels)) is not None:
                        return message, label
                await asyncio.sleep(0.01)

    async def new_messages(self, by: str) -> list[str]:
        return self._reader.new(by, self.texts(by))

    def texts(self, by: str) -> dict[int, str]:
        """Return the messages that somebody sees as they stand now, by their ids."""
        if by == THREAD and self._topic is None:
            return {}
        where = {GROUP: Where.GROUP, THREAD: Where.THREAD}.get(by, Where.PRIVATE)
        return {message.message_id: message.text for message in self._shown(where, by)}

    def pinned(self) -> list[int]:
        """Return which messages of the group are pinned."""
        return sorted(self._group.pinned)


def telegram_adapter(
    server: TelegramServer,
    app: App,
    outbox: OutboxPort,
    memory: Memory,
    renderer: Renderer,
    now: Callable[[], datetime],
) -> TelegramAdapter:
    """Return the real adapter for the server, in no hurry to keep to limits."""
    settings = TelegramSettings(token=SecretStr(server.token), api_base_url=server.base_url)
    return TelegramAdapter(settings, app, outbox, memory, renderer, now, limits=_UNLIMITED)


@asynccontextmanager
async def on_telegram(where: Address, language: str, **more: Any) -> AsyncIterator[TelegramDriver]:
    """Run the real adapter over the real app against the server; at the end nothing was said that Telegram refuses."""
    settings = config(programme={"owner_ids": ["telegram:7"]}, challenge=[CHALLENGE], **more)
    async with open_club(where, settings, begin=BEGIN) as club:
        clock = club.clock
        async with TelegramServer(now=lambda: clock.now.timestamp(), flood_limits=None) as server:
            driver = TelegramDriver(server, club, language)
            outbox, memory = DatabaseOutbox(club.database), DatabaseMemory(club.database)
            adapter = telegram_adapter(server, club.app, outbox, memory, club.renderer, clock)
            running = asyncio.create_task(adapter.run())
            try:
                async with open_shops(club.database, settings, clock) as driver.shops:
                    yield driver
            finally:
                await adapter.stop()
                await running
            assert server.violations == []
