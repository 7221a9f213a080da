"""The conversation through the real discord.py client and the Discord server on loopback."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from pydantic import SecretStr
from sqlalchemy import text

from adapters.discord.adapter import DiscordAdapter
from adapters.ports import App, Memory, OutboxPort
from bot.config.config import DiscordSettings
from handlers.ports import DatabaseMemory, DatabaseOutbox
from messages.render import Renderer
from storage.transaction import Transaction
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
from tests.platforms.discord import DiscordServer
from tests.platforms.discord.cdn import File
from tests.platforms.discord.model import Channel, Message
from tests.platforms.pictures import png

_OLEK_ID, _KLUB_ID = 700_000_000_000_000_007, 700_000_000_000_000_001
_REACTIONS = text("SELECT message_id, reactor_id, emojis FROM reaction ORDER BY message_id, reactor_id")
_MEMBER_ARGS = ("member", "to")


class DiscordDriver:
    """Uses slash commands, buttons and channels as people on Discord do."""

    shops: Shops

    def __init__(self, server: DiscordServer, club: Running, language: str) -> None:
        self._server = server
        self.club = club
        self._locale = {"en": "en-US", "pl": "pl"}[language]
        self._users = {
            name: server.user(name, global_name=name.capitalize(), user_id=_OLEK_ID if name == "olek" else None)
            for name in PEOPLE
        }
        guild = server.guild("Klub", ["general"], list(self._users.values()), guild_id=_KLUB_ID)
        self._general = guild.channel("general")
        self._names = {user.id: name.capitalize() for name, user in self._users.items()}
        self._reader = Reader()
        self._chatted: list[Message] = []
        self._reacted: dict[str, Message] = {}
        self.thread: Channel | None = None

    def open_thread(self, name: str) -> None:
        """Open a thread in the channel."""
        self.thread = self._server.thread(self._general, self._users["olek"], name)

    def archive_thread(self) -> None:
        """Let Discord close the thread, as it does after some time without a word."""
        assert self.thread is not None
        self._server.archive(self.thread)

    async def do(self, action: Action) -> None:
        match action:
            case Say(who, name, _, where) as said:
                args = said.spelled(lambda by: self.texts(by).values())
                options = {key: self._option(key, value) for key, value in args.items()}
                channel = self._channel(who, where)
                handle = self._server.slash(self._users[who], channel, name, options, locale=self._locale)
                await handle.response()
            case Press(who) as press:
                message, label = await self._with_button(press)
                await self._server.press(self._users[who], message, label, locale=self._locale).response()
            case Chat(who, has_photo, where) as chat:
                files = [File("photo.png", png(), "image/png")] if has_photo else []
                posted = self._server.say(self._users[who], self._channel(who, where), chat.text, files=files)
                self._chatted.append(posted)
                await self._until_committed(self._chatted[-1])
            case Answer(who, text, label, where):
                message, _ = await self._with_button(Press(who, label, where))
                asking = self._server.press(self._users[who], message, label, locale=self._locale)
                modal = (await asking.response()).modal
                assert modal is not None, message.visible_text
                await self._server.submit_modal(asking, {modal["components"][0]["label"]: text}).response()
            case React() as reaction:
                await self._react(reaction)
            case Wait(duration):
                await self.club.skip(seconds=duration.total_seconds())
            case OpenThread(name):
                self.open_thread(name)

    def _option(self, key: str, value: str) -> Any:
        if key in _MEMBER_ARGS:
            return self._users[value]
        return int(value) if key == "points" else value

    def _channel(self, who: str, where: Where) -> Channel:
        if where is Where.THREAD:
            assert self.thread is not None
            return self.thread
        return self._general if where is Where.GROUP else self._server.dm(self._users[who])

    async def _until_committed(self, said: Message) -> None:
        memory = DatabaseMemory(self.club.database)

        async def is_committed() -> bool:
            cursors = await memory.cursors("discord")
            return int(cursors.get(str(said.channel.id), "0")) >= said.id

        await until(is_committed)

    async def _react(self, reaction: React) -> None:
        who, user = reaction.who, self._users[reaction.who]
        before = await self.club.database.read(_reactions)
        if reaction.is_added:
            self._reacted[who] = next(said for said in reversed(self._chatted) if said.author is not user)
            self._server.react(user, self._reacted[who], "❤")
        else:
            self._server.unreact(user, self._reacted[who], "❤")

        async def is_committed() -> bool:
            return await self.club.database.read(_reactions) != before

        await until(is_committed)

    async def _with_button(self, press: Press) -> tuple[Message, str]:
        async with asyncio.timeout(10):
            while True:
                for message in reversed(self._shown(press.who, press.where)):
                    if (label := press.among(message.labels)) is not None:
                        return message, label
                await asyncio.sleep(0.01)

    async def new_messages(self, by: str) -> list[str]:
        return self._reader.new(by, self.texts(by))

    def texts(self, by: str) -> dict[int, str]:
        """Return the messages that somebody sees as they stand now, by their ids."""
        if by == GROUP:
            messages = self._server.messages(self._general)
        elif by == THREAD:
            messages = [] if self.thread is None else self._server.messages(self.thread)
        else:
            messages = self._shown(by, Where.PRIVATE)
        return {message.id: self._plain(message.visible_text) for message in messages}

    def pinned(self) -> list[int]:
        """Return which messages of the channel are pinned."""
        return [message.id for message in self._server.messages(self._general) if message.pinned]

    def _shown(self, who: str, where: Where) -> list[Message]:
        """Return what somebody sees somewhere; in private also what they alone see elsewhere, the oldest first."""
        user = self._users[who]
        found = self._server.messages(self._channel(who, where), seen_by=user)
        if where is Where.PRIVATE:
            elsewhere = [self._general] if self.thread is None else [self._general, self.thread]
            found += [m for one in elsewhere for m in self._server.messages(one, seen_by=user) if m.ephemeral]
        return sorted(found, key=lambda message: message.id)

    def _plain(self, text: str) -> str:
        named = re.sub(r"<@([0-9]+)>", lambda found: self._names[int(found[1])], text)
        return re.sub(r"\\(.)", r"\1", re.sub(r"(?<!\\)[*`]", "", named))


def _reactions(tx: Transaction) -> list[tuple[Any, ...]]:
    return tx._connection.all(_REACTIONS)


def discord_adapter(
    server: DiscordServer, app: App, outbox: OutboxPort, memory: Memory, renderer: Renderer, now: Callable[[], datetime]
) -> DiscordAdapter:
    """Return the real adapter for the server."""
    token, url = SecretStr(server.token), server.api_base_url
    settings = DiscordSettings(token=token, api_base_url=url, message_content_intent=True)
    return DiscordAdapter(settings, app, outbox, memory, renderer, now)


@asynccontextmanager
async def on_discord(where: Address, language: str, **more: Any) -> AsyncIterator[DiscordDriver]:
    """Run the real adapter over the real app against the server; at the end nobody was pinged, nothing refused."""
    settings = config(programme={"owner_ids": [f"discord:{_OLEK_ID}"]}, challenge=[CHALLENGE], **more)
    async with open_club(where, settings, begin=BEGIN) as club, DiscordServer(now=club.clock) as server:
        driver = DiscordDriver(server, club, language)
        outbox, memory = DatabaseOutbox(club.database), DatabaseMemory(club.database)
        adapter = discord_adapter(server, club.app, outbox, memory, club.renderer, club.clock)
        running = asyncio.create_task(adapter.run())
        await server.wait_until_connected()
        try:
            async with open_shops(club.database, settings, club.clock) as driver.shops:
                yield driver
        finally:
            await adapter.stop()
            await running
        assert server.violations == []
