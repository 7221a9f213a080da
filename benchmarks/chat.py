"""The raw JSON of chat messages as platforms send it: a lively group, every message in a cooldown window of its own."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from benchmarks.awards import BEGIN
from bot.events import Identity, Person, SpaceRef

MEMBERS = 500
WINDOWS = 40
_WINDOW_S = 60
_BATCH = 100
_GROUP_ID = -1001234567890
_SAYINGS = (
    "Dzień dobry wszystkim, kto dziś będzie na kawie?",
    "I will be there around five, keep me a seat by the window please",
    "haha exactly 😄",
    "Has anybody tried the new cheesecake? It is better than the last one, I promise.",
    "ok, see you",
)


def telegram_people() -> tuple[list[Person], SpaceRef]:
    """Return the members of the Telegram group, and the group."""
    people = [
        Person(Identity("telegram", str(_telegram_id(number))), f"Person {number}", f"person{number}")
        for number in range(MEMBERS)
    ]
    return people, SpaceRef("telegram", str(_GROUP_ID), "Bench")


def telegram_answers() -> Iterator[bytes]:
    """Yield getUpdates answers of 100 messages each; one in four replies to another."""
    total = MEMBERS * WINDOWS
    for first in range(0, total, _BATCH):
        result = [
            {"update_id": 700_000_000 + number, "message": _telegram_message(number)}
            for number in range(first, first + _BATCH)
        ]
        yield json.dumps({"ok": True, "result": result}).encode()


def _telegram_message(number: int, *, is_replied_to: bool = False) -> dict[str, Any]:
    member, window = number % MEMBERS, number // MEMBERS
    message = {
        "message_id": 1000 + number,
        "from": {
            "id": _telegram_id(member),
            "is_bot": False,
            "first_name": "Person",
            "last_name": str(member),
            "username": f"person{member}",
            "language_code": "pl",
        },
        "chat": {"id": _GROUP_ID, "title": "Bench", "type": "supergroup"},
        "date": int((BEGIN + timedelta(seconds=_WINDOW_S * window)).timestamp()) + number % _WINDOW_S,
        "text": _SAYINGS[number % len(_SAYINGS)],
    }
    if number % 4 == 3 and not is_replied_to:
        message["reply_to_message"] = _telegram_message(number - 2, is_replied_to=True)
    return message


def _telegram_id(member: int) -> int:
    return 5_000_000_000 + member


_SERVER_ID = 1_100_000_000_000_000_000
_CHANNEL_ID = _SERVER_ID + 1
_DISCORD_EPOCH_MS = 1_420_070_400_000
DISCORD_BOT_ID = _SERVER_ID + 2


def discord_people() -> tuple[list[Person], SpaceRef]:
    """Return the members of the Discord server, and the server."""
    people = [
        Person(Identity("discord", str(_discord_id(number))), f"Person {number}", f"person{number}")
        for number in range(MEMBERS)
    ]
    return people, SpaceRef("discord", str(_SERVER_ID), "Bench")


def discord_greetings() -> Iterator[str]:
    """Yield what the gateway says first: READY, and the server with its one channel."""
    bot = {"id": str(DISCORD_BOT_ID), "username": "bywalec", "discriminator": "0", "avatar": None, "bot": True}
    yield _dispatched(
        "READY",
        {
            "v": 10,
            "user": bot,
            "session_id": "bench",
            "resume_gateway_url": "wss://gateway.discord.gg",
            "shard": [0, 1],
            "application": {"id": str(DISCORD_BOT_ID), "flags": 0},
            "guilds": [{"id": str(_SERVER_ID), "unavailable": True}],
        },
        1,
    )
    everyone = {"id": str(_SERVER_ID), "name": "@everyone", "permissions": str(2**40 - 1), "position": 0, "color": 0}
    everyone |= {"hoist": False, "managed": False, "mentionable": False, "colors": {"primary_color": 0}}
    channel = {"id": str(_CHANNEL_ID), "type": 0, "name": "general", "position": 0, "permission_overwrites": []}
    server: dict[str, Any] = {"id": str(_SERVER_ID), "name": "Bench", "owner_id": str(_discord_id(0))}
    server |= {"member_count": MEMBERS + 1, "roles": [everyone], "emojis": [], "stickers": [], "features": []}
    server |= {"channels": [channel], "threads": [], "presences": [], "voice_states": [], "stage_instances": []}
    server |= {"members": [{"user": bot, "roles": [], "joined_at": BEGIN.isoformat(), "flags": 0}]}
    server |= {"preferred_locale": "en-US", "premium_tier": 0, "verification_level": 0, "large": True}
    yield _dispatched("GUILD_CREATE", server, 2)


def discord_messages() -> Iterator[str]:
    """Yield the gateway's payloads of messages in the server; one in four replies to another."""
    for number in range(MEMBERS * WINDOWS):
        yield _dispatched("MESSAGE_CREATE", _discord_message(number), 3 + number)


def _dispatched(name: str, data: dict[str, Any], sequence: int) -> str:
    return json.dumps({"op": 0, "t": name, "s": sequence, "d": data})


def _discord_message(number: int, *, is_replied_to: bool = False) -> dict[str, Any]:
    member, window = number % MEMBERS, number // MEMBERS
    at = BEGIN + timedelta(seconds=_WINDOW_S * window + number % _WINDOW_S)
    message = {
        "id": str(((int(at.timestamp() * 1000) - _DISCORD_EPOCH_MS) << 22) + number),
        "type": 0,
        "channel_id": str(_CHANNEL_ID),
        "author": {
            "id": str(_discord_id(member)),
            "username": f"person{member}",
            "global_name": f"Person {member}",
            "discriminator": "0",
            "avatar": "8342729096ea3675442027381ff50dfe",
            "public_flags": 0,
        },
        "content": _SAYINGS[number % len(_SAYINGS)],
        "timestamp": at.isoformat(),
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "components": [],
        "pinned": False,
        "flags": 0,
        "nonce": str(number),
    }
    if not is_replied_to:
        message["guild_id"] = str(_SERVER_ID)
        message["member"] = {"roles": [], "joined_at": BEGIN.isoformat(), "deaf": False, "mute": False, "flags": 0}
        if number % 4 == 3:
            replied = _discord_message(number - 2, is_replied_to=True)
            reference = {"channel_id": str(_CHANNEL_ID), "guild_id": str(_SERVER_ID), "message_id": replied["id"]}
            message |= {"type": 19, "message_reference": reference, "referenced_message": replied}
    return message


def _discord_id(member: int) -> int:
    return 900_000_000_000_000_000 + member
