"""Payloads as Discord sends them, with the parts that matter."""

from datetime import UTC, datetime
from typing import Any

from adapters.discord.ascending import Ascending
from adapters.discord.translate import Listener

Json = dict[str, Any]

BOT_ID = "900000000000000001"
SERVER_ID = "41771983423143937"
CHANNEL_ID = "127121515262115840"
VOICE_CHANNEL_ID = "157733188964188161"
NOW = datetime(2026, 3, 16, 8, 0, tzinfo=UTC)
ADMIN_ROLE = "41771983423143938"
LISTENER = Listener(
    bot_id=BOT_ID,
    reads_content=True,
    titles={SERVER_ID: "Café"},
    now=lambda: NOW,
    order=Ascending(lambda: NOW),
    is_admin=lambda _server, _user, roles: ADMIN_ROLE in roles,
)

ANIA: Json = {
    "id": "80351110224678912",
    "username": "ania.n",
    "discriminator": "0",
    "global_name": "Ania",
    "avatar": None,
    "public_flags": 64,
}
BARTEK: Json = {"id": "82198898841029460", "username": "bartek", "discriminator": "0", "global_name": None}
OUR_BOT: Json = {"id": BOT_ID, "username": "Bywalec", "discriminator": "0042", "global_name": None, "bot": True}
MEMBER: Json = {"roles": [], "joined_at": "2025-01-01T00:00:00.000000+00:00", "nick": "Ania z kasy", "flags": 0}


def message(**fields: Any) -> Json:
    """A message by Ania in the server."""
    base = {
        "id": "1482981986304000000",
        "channel_id": CHANNEL_ID,
        "guild_id": SERVER_ID,
        "type": 0,
        "author": ANIA,
        "member": MEMBER,
        "content": "dzień dobry",
        "timestamp": "2026-03-16T08:00:00.000000+00:00",
        "edited_timestamp": None,
        "mentions": [],
        "flags": 0,
    }
    return {key: value for key, value in {**base, **fields}.items() if value is not ...}


def interaction(kind: int, data: Json, **fields: Any) -> Json:
    """An interaction of Ania's in the server."""
    base = {
        "id": "1482981986304000001",
        "application_id": BOT_ID,
        "type": kind,
        "data": data,
        "guild_id": SERVER_ID,
        "channel_id": CHANNEL_ID,
        "member": {**MEMBER, "user": ANIA, "permissions": "2248473465835105"},
        "token": "token",
        "version": 1,
        "locale": "pl",
        "guild_locale": "en-US",
        "context": 0,
    }
    return {key: value for key, value in {**base, **fields}.items() if value is not ...}


def reaction(**fields: Any) -> Json:
    """A reaction of Ania's to a message by Bartek."""
    base = {
        "user_id": ANIA["id"],
        "channel_id": CHANNEL_ID,
        "message_id": "1482981986304000000",
        "guild_id": SERVER_ID,
        "member": {**MEMBER, "user": ANIA},
        "emoji": {"id": None, "name": "👍"},
        "message_author_id": BARTEK["id"],
        "burst": False,
        "type": 0,
    }
    return {key: value for key, value in {**base, **fields}.items() if value is not ...}


def cleared(**fields: Any) -> Json:
    """A moderator's removal of every reaction to a message."""
    base = {"channel_id": CHANNEL_ID, "message_id": "1482981986304000000", "guild_id": SERVER_ID}
    return {key: value for key, value in {**base, **fields}.items() if value is not ...}


def voice_state(user: Json = ANIA, channel_id: str | None = VOICE_CHANNEL_ID, **fields: Any) -> Json:
    """Somebody's coming to a voice channel of the server, or what they switch off there."""
    base = {
        "guild_id": SERVER_ID,
        "channel_id": channel_id,
        "user_id": user["id"],
        "member": {**MEMBER, "nick": None, "user": user},
        "session_id": "90326bd25d71d39b9ef95b299e3872ff",
        "deaf": False,
        "mute": False,
        "self_deaf": False,
        "self_mute": False,
        "self_video": False,
        "suppress": False,
        "request_to_speak_timestamp": None,
    }
    return {key: value for key, value in {**base, **fields}.items() if value is not ...}
