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
from tests.conversations.steps import GROUP, Action, Answer, Chat, Press, React, Reader, Running, Say, Wait, Where
from tests.databases import Address
from tests.platforms.pictures import png
from tests.platforms.telegram import Shown, TelegramServer
from tests.platforms.telegram.errors import Json

_UNLIMITED = Limits(0.0, 10**6, 10**6)
_MEMBER_ARGS = ("member", "to")


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
        self._reacted: dict[str, Json] = {}

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
            case Chat(who, has_photo) as chat:
                photo = png() if has_photo else None
                posted = self._server.group_message(self._group, self._users[who], chat.text, photo=photo)
                self._chatted.append((who, posted))
            case Answer(who, text):
                self._type(who, text, Where.PRIVATE)
            case React() as reaction:
                self._react(reaction)
            case Wait(duration):
                await self.club.skip(seconds=duration.total_seconds())
        await until(lambda: (self._server.confirmed_offset or 0) >= self._server.queue.next_update_id)

    def _spelled(self, said: Say) -> dict[str, str]:
        return said.spelled(lambda by: self.texts(by).values())

    def _type(self, who: str, text: str, where: Where) -> Json:
        user = self._users[who]
        if where is Where.GROUP:
            return self._server.group_message(self._group, user, text)
        return self._server.private_message(user, text)

    def _react(self, reaction: React) -> None:
        who = reaction.who
        if reaction.is_added:
            self._reacted[who] = next(said for author, said in reversed(self._chatted) if author != who)
        self._server.react(self._users[who], self._reacted[who], ["❤"] if reaction.is_added else [])

    def _chat(self, by: str) -> int:
        return self._group.id if by == GROUP else self._users[by].id

    async def _with_button(self, press: Press) -> tuple[Shown, str]:
        chat_id = self._chat(GROUP if press.where is Where.GROUP else press.who)
        async with asyncio.timeout(10):
            while True:
                for message in reversed(self._server.messages(chat_id)):
                    labels = [button.text for row in message.buttons for button in row]
                    if (label := press.among(labels)) is not None:
                        return message, label
                await asyncio.sleep(0.01)

    async def new_messages(self, by: str) -> list[str]:
        return self._reader.new(by, self.texts(by))

    def texts(self, by: str) -> dict[int, str]:
        """Return the messages that somebody sees as they stand now, by their ids."""
        return {message.message_id: message.text for message in self._server.messages(self._chat(by))}


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
