"""What each gateway payload sets going. Nothing here waits, and no payload can end the connection."""

import hashlib
import json
from collections.abc import Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog

from adapters.background import Background
from adapters.discord import interactions, translate
from adapters.discord.answering import Answering
from adapters.discord.backfill import Backfill, Cursors
from adapters.discord.intake import Intake, until_done
from adapters.discord.servers import Servers
from adapters.discord.translate import Json, Listener
from adapters.discord.voices import Voices
from adapters.failures import failure
from adapters.ports import App
from bot.events import MessagePosted

log = structlog.get_logger("bywalec.discord")


@dataclass(frozen=True, slots=True)
class Hearing:
    """Translates payloads and hands them to those who deal with them."""

    app: App
    listener: Listener
    answering: Answering
    intake: Intake
    cursors: Cursors
    backfill: Backfill
    servers: Servers
    voices: Voices
    tasks: Background

    def hear(self, name: str, data: Json) -> None:
        """Take a payload; one that cannot be read is parked."""
        try:
            self._take(name, data)
        except Exception as error:
            log.error("unreadable_payload", payload=name, **failure(error))
            key = f"{translate.PLATFORM}:{name}:{self._digest(data)}"
            self.tasks.start(until_done(partial(self.app.park, key, name, type(error).__name__)))

    def _digest(self, data: Json) -> str:
        """Return what tells a payload from others of its kind; few have an id of their own."""
        heard = json.dumps([self.listener.now().timestamp(), data], sort_keys=True)
        return hashlib.sha256(heard.encode()).hexdigest()

    def _take(self, name: str, data: Json) -> None:
        match name:
            case "INTERACTION_CREATE":
                self.tasks.start(self.answering.interact(interactions.read(data, self.listener)))
            case "MESSAGE_CREATE":
                self._message(data)
            case "MESSAGE_REACTION_ADD" | "MESSAGE_REACTION_REMOVE":
                change = translate.reaction(data, self.listener, is_added=name.endswith("ADD"))
                if change is not None:
                    self.intake.add(change)
            case "MESSAGE_REACTION_REMOVE_ALL" | "MESSAGE_REACTION_REMOVE_EMOJI":
                cleared = translate.reactions_cleared(data, self.listener)
                if cleared is not None:
                    self.intake.add(cleared)
            case "MESSAGE_DELETE" | "MESSAGE_DELETE_BULK":
                for gone in translate.deleted(data, self.listener):
                    self.intake.add(gone)
            case "GUILD_MEMBER_ADD" | "GUILD_MEMBER_REMOVE":
                came = translate.presence(data, self.listener, is_present=name.endswith("ADD"))
                if came is not None:
                    self.intake.add(came)
            case "VOICE_STATE_UPDATE":
                self.voices.changed(data)
            case "READY":
                self._ready(data)
            case "GUILD_CREATE" | "GUILD_UPDATE" | "GUILD_DELETE":
                self._server(name, data)

    def _message(self, data: Json) -> None:
        posted = translate.posted(data, self.listener) if data.get("guild_id") is not None else None
        said, sent = translate.answered(data, self.listener), translate.sent(data, self.listener)
        if sent is not None:
            self._answer(self.answering.look(*sent, said), posted)
        elif said is not None:
            self._answer(self.answering.hear(said), posted)
        elif posted is not None:
            self.intake.add(posted)

    def _answer(self, answer: Coroutine[Any, Any, None], posted: MessagePosted | None) -> None:
        """Answer first: only then it is known whether a message in a server was more than an answer."""
        if posted is None:
            self.tasks.start(answer)
            return

        async def answer_first() -> None:
            try:
                await answer
            finally:
                self.intake.add(posted)

        self.cursors.hold(posted)
        self.tasks.start(answer_first())

    def _ready(self, data: Json) -> None:
        """A new session: its servers follow one by one, each with what was missed there."""
        present = [str(guild["id"]) for guild in data["guilds"]]
        log.info("connected", platform=translate.PLATFORM, bot=data["user"]["username"], servers=len(present))
        self.cursors.await_servers(present)
        for guild_id in present:
            self.voices.server_is_gone(guild_id)
        for guild_id in self.servers.left(present, data.get("shard") or (0, 1)):
            self.voices.server_is_gone(guild_id)
            self.servers.heard(guild_id, is_present=False)
            self.intake.add(translate.bot_presence(guild_id, self.listener, is_present=False))

    def _server(self, name: str, data: Json) -> None:
        guild_id = str(data["id"])
        if name == "GUILD_DELETE":
            self.cursors.await_servers([guild_id])
            self.voices.server_is_gone(guild_id)
            if not data.get("unavailable"):
                self.servers.heard(guild_id, is_present=False)
                self.intake.add(translate.bot_presence(guild_id, self.listener, is_present=False))
        elif not data.get("unavailable"):
            self.servers.name(data)
            if name == "GUILD_CREATE":
                self._server_is_here(guild_id, data)
            else:
                self.voices.server_changed(data)

    def _server_is_here(self, guild_id: str, data: Json) -> None:
        if self.servers.heard(guild_id, is_present=True):
            self.intake.add(translate.bot_presence(guild_id, self.listener, is_present=True))
        # Until it is known what was missed no cursor of it moves.
        self.cursors.await_servers([guild_id])
        self.tasks.start(self._read_back(guild_id, data))
        self.voices.server_is_here(data)

    async def _read_back(self, guild_id: str, data: Json) -> None:
        behind, first = self.backfill.survey(data, await self.backfill.archived(data))
        self.cursors.server_is_back(guild_id, behind, first)
        await self.backfill.catch_up(guild_id, behind)
