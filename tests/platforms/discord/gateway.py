"""The gateway: sessions that outlive their connections, events by intent, RESUME with replay."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.platforms.discord import intents
from tests.platforms.discord.compression import encoder
from tests.platforms.discord.connection import Close, Connection
from tests.platforms.discord.model import Guild, Json, Message, User
from tests.platforms.discord.payloads import (
    application_json,
    bare_member_json,
    guild_create_json,
    member_json,
    readable_message_json,
    user_json,
)
from tests.platforms.discord.world import World

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, RECONNECT, MEMBERS, INVALID, HELLO, ACK = (
    0,
    1,
    2,
    3,
    4,
    6,
    7,
    8,
    9,
    10,
    11,
)


@dataclass(slots=True, eq=False)
class Session:
    """What RESUME needs: every event sent, numbered from 1, as JSON text."""

    id: str
    intents: int
    shard: tuple[int, int]
    events: list[str] = field(default_factory=list)
    connection: Connection | None = None

    def send(self, name: str, data: Json) -> None:
        event = json.dumps({"op": DISPATCH, "s": len(self.events) + 1, "t": name, "d": data})
        self.events.append(event)
        if self.connection is not None:
            self.connection.send(event)

    def hears(self, guild: Guild | None) -> bool:
        number, count = self.shard
        return number == (0 if guild is None else (guild.id >> 22) % count)


class Gateway:
    """Holds the sessions and connections of the one application."""

    def __init__(self, world: World, address: Callable[[], str]) -> None:
        self._world = world
        self._address = address
        self.sessions: dict[str, Session] = {}
        self.connections: set[Connection] = set()
        self.identify_count = 0
        self.resume_count = 0
        self.accepting = True
        self.reject_resume = False
        self.answer_logins: Callable[[Connection], int | None] | None = None

    def publish(self, name: str, data: Json, intent: int = 0, guild: Guild | None = None) -> None:
        """Send an event to each session of the right shard that asked for `intent` (0: sent to all)."""
        for session in self.sessions.values():
            if session.hears(guild) and intent & session.intents == intent:
                session.send(name, data)

    def publish_message(self, name: str, message: Message) -> None:
        """Send MESSAGE_CREATE or MESSAGE_UPDATE, blank where the session may not read content."""
        guild = message.channel.guild
        intent = intents.messages_of(guild)
        for session in self.sessions.values():
            if session.hears(guild) and intent & session.intents:
                readable = bool(session.intents & intents.MESSAGE_CONTENT)
                data = readable_message_json(message, self._world.bot, readable)
                session.send(name, data | _place_of(message))

    def announce_guild(self, guild: Guild) -> None:
        for session in self.sessions.values():
            self._announce_to(session, guild)

    def _announce_to(self, session: Session, guild: Guild) -> None:
        if session.hears(guild) and session.intents & intents.GUILDS and not guild.is_down:
            session.send("GUILD_CREATE", guild_create_json(guild, self._world.bot, session.intents))

    def lose_guild(self, guild: Guild) -> None:
        """Let a server be down, and tell it."""
        guild.is_down = True
        self.publish("GUILD_DELETE", {"id": str(guild.id), "unavailable": True}, intents.GUILDS, guild)

    def restore_guild(self, guild: Guild) -> None:
        """Let a server be back, and tell who and what is there now."""
        guild.is_down = False
        self.announce_guild(guild)

    @staticmethod
    def invalidate(connection: Connection) -> None:
        """Answer with op 9, not resumable."""
        connection.send(json.dumps({"op": INVALID, "d": False}))

    def send_everywhere(self, payload: Json) -> None:
        """Send a payload that is no event (such as op 7 or 9) on every connection."""
        for connection in self.connections:
            connection.send(json.dumps(payload))

    async def drop(self, code: int | None) -> None:
        """Close every connection with `code`; None breaks the line without a close frame."""
        for connection in list(self.connections):
            session = self._session_of(connection)
            if session is not None and code in (Close.INVALID_SEQUENCE, Close.TIMED_OUT):
                self.sessions.pop(session.id, None)
            await connection.drop(code)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one websocket connection until it ends."""
        if not self.accepting:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse(heartbeat=None, max_msg_size=0)
        connection = Connection(socket, request, encoder(request.query.get("compress", "")))
        await socket.prepare(request)
        self.connections.add(connection)
        try:
            async with connection.writing():
                await self._converse(connection, request)
        finally:
            self.connections.discard(connection)
            self._forget(connection)
        return socket

    async def _converse(self, connection: Connection, request: web.Request) -> None:
        if request.query.get("v") != "10" or request.query.get("encoding") != "json":
            await connection.close(Close.INVALID_API_VERSION)
            return
        interval = self._world.settings.heartbeat_interval_ms
        connection.send(json.dumps({"op": HELLO, "d": {"heartbeat_interval": interval}}))
        async for frame in connection.socket:
            if frame.type is not WSMsgType.TEXT:
                break
            code = connection.refuse(frame.data) or self._take(connection, json.loads(frame.data))
            if code is not None:
                await connection.close(code)
                break

    def _take(self, connection: Connection, payload: Json) -> int | None:
        """Handle one payload; return a close code to end the connection."""
        operation, data = payload.get("op"), payload.get("d")
        if operation == HEARTBEAT:
            connection.send(json.dumps({"op": ACK}))
            return None
        if operation == IDENTIFY:
            return self._identify(connection, data)
        if operation == RESUME:
            return self._resume(connection, data)
        session = self._session_of(connection)
        if session is None:
            return Close.NOT_AUTHENTICATED
        if operation == MEMBERS:
            self._send_members(session, data)
        elif operation not in (PRESENCE, VOICE):
            return Close.UNKNOWN_OPCODE
        return None

    def _identify(self, connection: Connection, data: Any) -> int | None:
        self.identify_count += 1
        if self.identify_count > self._world.settings.identify_limit:
            self._world.violations.append(f"IDENTIFY number {self.identify_count}: the token would be reset")
        if self.answer_logins is not None:
            return self.answer_logins(connection)
        if self._session_of(connection) is not None:
            return Close.ALREADY_AUTHENTICATED
        if data.get("token") != self._world.token:
            return Close.AUTHENTICATION_FAILED
        wanted = data.get("intents")
        if not isinstance(wanted, int) or wanted & ~intents.ALL:
            return Close.INVALID_INTENTS
        if wanted & intents.PRIVILEGED & ~self._world.settings.privileged_intents:
            return Close.DISALLOWED_INTENTS
        number, count = data.get("shard") or (0, 1)
        if not 0 <= number < count:
            return Close.INVALID_SHARD
        session = Session(secrets.token_hex(16), wanted, (number, count), connection=connection)
        self.sessions[session.id] = session
        self._greet(session)
        return None

    def _greet(self, session: Session) -> None:
        world = self._world
        guilds = [guild for guild in world.guilds.values() if guild.has_bot and session.hears(guild)]
        application = application_json(world.bot, world.settings.privileged_intents, len(guilds))
        ready = {
            "v": 10,
            "user": user_json(world.bot),
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": self._address(),
            "session_type": "normal",
            "private_channels": [],
            "shard": list(session.shard),
            "application": {"id": application["id"], "flags": application["flags"]},
        }
        session.send("READY", ready)
        for guild in guilds:
            self._announce_to(session, guild)
        world.signal.notify()

    def _resume(self, connection: Connection, data: Any) -> int | None:
        if data.get("token") != self._world.token:
            return Close.AUTHENTICATION_FAILED
        session = self.sessions.get(str(data.get("session_id")))
        if session is None or self.reject_resume:
            self.invalidate(connection)
            return None
        if not 0 <= int(data.get("seq") or 0) <= len(session.events):
            return Close.INVALID_SEQUENCE
        self.resume_count += 1
        for event in session.events[int(data["seq"] or 0) :]:
            connection.send(event)
        session.connection = connection
        session.send("RESUMED", {})
        self._world.signal.notify()
        return None

    def _send_members(self, session: Session, data: Any) -> None:
        guild = self._world.guilds[int(data["guild_id"])]
        asked_ids, query = data.get("user_ids"), data.get("query")
        if not asked_ids and not query and not session.intents & intents.GUILD_MEMBERS:
            self._world.violations.append("the whole member list was requested without the GUILD_MEMBERS intent")
            return
        listed = [asked_ids] if isinstance(asked_ids, str | int) else asked_ids or []
        ids = {int(one) for one in listed}
        found = [m for m in guild.members.values() if (m.user.id in ids if ids else _starts(m.user, query or ""))]
        limit = int(data.get("limit") or 0) or len(found)
        chunk: Json = {"guild_id": str(guild.id), "members": [member_json(member) for member in found[:limit]]}
        chunk |= {"chunk_index": 0, "chunk_count": 1, "not_found": [], "nonce": data.get("nonce")}
        session.send("GUILD_MEMBERS_CHUNK", chunk)

    def _session_of(self, connection: Connection) -> Session | None:
        return next((one for one in self.sessions.values() if one.connection is connection), None)

    def _forget(self, connection: Connection) -> None:
        session = self._session_of(connection)
        if session is None:
            return
        session.connection = None
        if connection.left_for_good:
            del self.sessions[session.id]
        self._world.signal.notify()


def _starts(user: User, query: str) -> bool:
    return (user.global_name or user.name).lower().startswith(query.lower())


def _place_of(message: Message) -> Json:
    guild = message.channel.guild
    if guild is None:
        return {"channel_type": message.channel.type}
    place: Json = {"guild_id": str(guild.id), "channel_type": message.channel.type}
    member = guild.members.get(message.author.id)
    if member is not None:
        place["member"] = bare_member_json(member)
    return place
