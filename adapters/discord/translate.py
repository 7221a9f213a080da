"""Raw gateway payloads into events: pure functions, one payload in, what happened out.

They raise KeyError, TypeError or ValueError for a payload that does not say what it must.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from adapters.pictures import Attached
from bot.events import (
    Answered,
    Author,
    BotPresenceChanged,
    Identity,
    MessageDeleted,
    MessagePosted,
    Person,
    PictureSent,
    Place,
    PresenceChanged,
    ReactionChanged,
    ReactionsCleared,
    SpaceRef,
    VoicePresent,
)
from bot.links import has_link

PLATFORM = "discord"
Json = Mapping[str, Any]

_EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
_REPLY = 19
_SAID_BY_PERSON = frozenset({0, _REPLY})  # all others but a mere message are announcements of the server's app
_FORWARD = 1
_PICTURES = "image/"
_PLACES_KEPT = 1024
_PEOPLE_KEPT = 8192


@dataclass(frozen=True, slots=True)
class Listener:
    """What translation depends on besides the payload: who we are, what we may read, servers' titles, the time.

    `order()` grows with each call, also where the clock is put back. `is_admin(server id, user id, role ids)` says
    whether a member may manage a server.
    """

    bot_id: str
    reads_content: bool
    titles: Mapping[str, str]
    now: Callable[[], datetime]
    order: Callable[[], int]
    is_admin: Callable[[str, str, Sequence[str]], bool]


def instant_of(snowflake: str) -> datetime:
    """Return when an id was made."""
    return _EPOCH + timedelta(milliseconds=int(snowflake) >> 22)


def identity_of(user_id: str) -> Identity:
    """Return the identity behind a user id."""
    return Identity(PLATFORM, str(int(user_id)))


def person_of(user: Json, member: Json | None = None, locale: str | None = None) -> Person:
    """Return the person a user object describes, by the name they bear in that server."""
    username = str(user["username"])
    name = (member.get("nick") if member else None) or user.get("global_name") or username
    is_bot = bool(user.get("bot")) or bool(user.get("system"))
    return _person(str(user["id"]), str(name), username, is_bot, locale)


@lru_cache(maxsize=_PEOPLE_KEPT)
def _person(user_id: str, name: str, username: str, is_bot: bool, locale: str | None) -> Person:
    """Who talks, talks again."""
    return Person(identity_of(user_id), name, username=username, is_bot=is_bot, language=locale)


def place_of(data: Json, titles: Mapping[str, str]) -> Place:
    """Return the place a payload names. A thread is a channel of its own."""
    return _place(str(data["channel_id"]), data.get("guild_id"), titles)


def _place(channel_id: str, guild_id: str | None, titles: Mapping[str, str]) -> Place:
    if guild_id is None:
        return Place(PLATFORM, str(int(channel_id)))
    return _place_in_server(channel_id, str(guild_id), titles.get(str(guild_id), ""))


@lru_cache(maxsize=_PLACES_KEPT)
def _place_in_server(channel_id: str, guild_id: str, title: str) -> Place:
    """Most that is said is said in the same few places."""
    return Place(PLATFORM, str(int(channel_id)), SpaceRef(PLATFORM, str(int(guild_id)), title))


def _server(guild_id: str, titles: Mapping[str, str]) -> Place:
    """Return the place of what happens to a server as a whole; it bears the id of its first channel and role."""
    return _place(guild_id, guild_id, titles)


def posted(message: Json, listener: Listener) -> MessagePosted:
    """Return a message of a server's channel, without its text. A channel's history does not tell names there."""
    message_id = str(message["id"])
    member = message.get("member")
    person = person_of(message["author"], member)
    return MessagePosted(
        event_id=f"m{message_id}",
        at=instant_of(message_id),
        place=place_of(message, listener.titles),
        person=person if member else replace(person, name=""),
        message_id=message_id,
        length=len(message["content"]) if listener.reads_content else None,
        author=_author(message),
        is_forward=(message.get("message_reference") or {}).get("type") == _FORWARD,
        replies_to=_answered_person(message),
        has_picture=_has_picture(message) if listener.reads_content else None,
        has_link=has_link(message["content"]) if listener.reads_content else None,
        is_to_us=_is_reply_to_us(message, listener),
    )


def _has_picture(message: Json) -> bool:
    return any(str(one.get("content_type") or "").startswith(_PICTURES) for one in message.get("attachments") or ())


def _answered_person(message: Json) -> Identity | None:
    """Return whose message is replied to, None where it is none or not a person's own."""
    replied = message.get("referenced_message") if message.get("type") == _REPLY else None
    return None if replied is None or _author(replied) is not Author.PERSON else identity_of(replied["author"]["id"])


def _author(message: Json) -> Author:
    if message.get("webhook_id") is not None or message["author"].get("bot"):
        return Author.BOT
    return Author.PERSON if message.get("type", 0) in _SAID_BY_PERSON else Author.AUTOMATIC


def answered(message: Json, listener: Listener) -> Answered | None:
    """Return what a message says to us: in private, or in reply to one of our messages."""
    if not (_is_for_us(message, listener) and message["content"]):
        return None
    return Answered(**_said(message, listener), text=str(message["content"]))


def sent(message: Json, listener: Listener) -> tuple[PictureSent, Attached] | None:
    """Return the picture, or else the file, that comes with a message to us."""
    files = [attached(one) for one in message.get("attachments") or ()]
    if not (_is_for_us(message, listener) and files):
        return None
    return PictureSent(**_said(message, listener)), next((one for one in files if one.may_be_picture), files[0])


def attached(file: Json) -> Attached:
    """Return a file as the platform announces it."""
    return Attached(str(file["url"]), int(file["size"]), _may_be_picture(file.get("content_type")))


def _may_be_picture(content_type: object) -> bool:
    return content_type is None or str(content_type).startswith(_PICTURES)


def _is_for_us(message: Json, listener: Listener) -> bool:
    is_to_us = message.get("guild_id") is None or _is_reply_to_us(message, listener)
    return is_to_us and _author(message) is Author.PERSON


def _said(message: Json, listener: Listener) -> dict[str, Any]:
    """Return who said something to us, where and when."""
    message_id, member = str(message["id"]), message.get("member")
    return {
        "event_id": f"m{message_id}",
        "at": instant_of(message_id),
        "place": place_of(message, listener.titles),
        "person": person_of(message["author"], member),
        "platform_admin": _is_admin(message, member, listener),
    }


def _is_reply_to_us(message: Json, listener: Listener) -> bool:
    replied = message.get("referenced_message")
    return replied is not None and (replied.get("author") or {}).get("id") == listener.bot_id


def _is_admin(message: Json, member: Json | None, listener: Listener) -> bool:
    """A message's member comes without the permissions that an interaction's has."""
    if member is None or message.get("guild_id") is None:
        return False
    return listener.is_admin(str(message["guild_id"]), str(message["author"]["id"]), member["roles"])


def reaction(change: Json, listener: Listener, *, is_added: bool) -> ReactionChanged | None:
    """Return a reaction in a server. A taken back one comes without a name."""
    if change.get("guild_id") is None:
        return None
    at, user_id, message_id = listener.now(), str(change["user_id"]), str(int(change["message_id"]))
    emoji = _emoji_of(change)
    member, author_id = change.get("member"), change.get("message_author_id")
    return ReactionChanged(
        event_id=f"r{message_id}:{user_id}:{emoji}:{int(is_added)}:{at.timestamp():.6f}",
        at=at,
        place=place_of(change, listener.titles),
        person=person_of(member["user"], member) if member else Person(identity_of(user_id), ""),
        message_id=message_id,
        added=frozenset({emoji} if is_added else ()),
        removed=frozenset(() if is_added else {emoji}),
        message_author=None if author_id is None else identity_of(author_id),
        order=(listener.order(), 0),
    )


def reactions_cleared(change: Json, listener: Listener) -> ReactionsCleared | None:
    """Return that a message of a server lost all its reactions, or all with the emoji that is named."""
    if change.get("guild_id") is None:
        return None
    at, message_id = listener.now(), str(int(change["message_id"]))
    emoji = _emoji_of(change) if "emoji" in change else None
    return ReactionsCleared(
        event_id=f"r{message_id}:cleared:{emoji or ''}:{at.timestamp():.6f}",
        at=at,
        place=place_of(change, listener.titles),
        message_id=message_id,
        emoji=emoji,
        order=(listener.order(), 0),
    )


def deleted(change: Json, listener: Listener) -> list[MessageDeleted]:
    """Return the messages of a server that are gone, one or many at once."""
    if change.get("guild_id") is None:
        return []
    at, place = listener.now(), place_of(change, listener.titles)
    message_ids = [str(int(message_id)) for message_id in change.get("ids") or [change["id"]]]
    return [MessageDeleted(event_id=f"d{one}", at=at, place=place, message_id=one) for one in message_ids]


def _emoji_of(change: Json) -> str:
    return str(change["emoji"].get("id") or change["emoji"]["name"])


def presence(change: Json, listener: Listener, *, is_present: bool) -> PresenceChanged | None:
    """Return a person's coming to a server or leaving it; what the bot itself does is told elsewhere."""
    user = change["user"]
    if user["id"] == listener.bot_id:
        return None
    at = listener.now()
    return PresenceChanged(
        event_id=f"p{user['id']}:{int(is_present)}:{at.timestamp():.6f}",
        at=at,
        place=_server(change["guild_id"], listener.titles),
        person=person_of(user, change),
        is_present=is_present,
    )


def voice_present(
    guild_id: str, people: Sequence[Person], interval: int, at: datetime, titles: Mapping[str, str]
) -> VoicePresent:
    """Return that people spent the interval before this one, named by its number, in voice channels of a server."""
    place = _server(guild_id, titles)
    return VoicePresent(event_id=f"v{interval}", at=at, place=place, people=tuple(people))


def bot_presence(guild_id: str, listener: Listener, *, is_present: bool) -> BotPresenceChanged:
    """Return the bot's coming to a server or leaving it."""
    at = listener.now()
    return BotPresenceChanged(
        event_id=f"own:{int(is_present)}:{at.timestamp():.6f}",
        at=at,
        place=_server(guild_id, listener.titles),
        is_present=is_present,
    )
