"""A person's plain words in a group, read in one straight line: nearly all that a lively group says."""

from datetime import UTC, datetime
from functools import lru_cache

from adapters.telegram.places import GROUPS, PLATFORM, answered_person, full_name, group_place
from adapters.telegram.reading import LARGEST, Unreadable
from bot.events import Identity, MessagePosted, Person, Place

_FIELDS = frozenset({"message_id", "from", "chat", "date", "text", "reply_to_message"})
_PEOPLE_KEPT = 8192


def plain(update: object, bot_id: int) -> MessagePosted | None:
    """Return what somebody said. None for any other update, one that is for the bot, or one that is not as it must be.

    `translate` reads all of them, and says the same of what is read here.
    """
    message = update.get("message") if type(update) is dict else None
    if type(message) is not dict or not message.keys() <= _FIELDS:
        return None
    try:
        chat, sender, said = message["chat"], message["from"], message["text"]
        message_id, date, chat_id, user_id = message["message_id"], message["date"], chat["id"], sender["id"]
        if not type(message_id) is type(date) is type(chat_id) is type(user_id) is int or type(said) is not str:
            return None
        if "reply_to_message" in message and not _is_to_another(message["reply_to_message"], bot_id):
            return None
        if chat["type"] not in GROUPS or sender["is_bot"] is not False:
            return None
        if not (abs(message_id) <= LARGEST and abs(chat_id) <= LARGEST and abs(user_id) <= LARGEST):
            return None
        get = sender.get
        person = _person(user_id, get("first_name"), get("last_name"), get("username"), get("language_code"))
        place, at = _place(chat_id, chat.get("title")), datetime.fromtimestamp(date, UTC)
        replies_to = answered_person(message) if "reply_to_message" in message else None
    except (Unreadable, AttributeError, KeyError, TypeError, ValueError, OverflowError, OSError):
        return None
    number = str(message_id)
    return MessagePosted(
        event_id=f"m{number}",
        at=at,
        place=place,
        person=person,
        message_id=number,
        length=len(said),
        replies_to=replies_to,
    )


def _is_to_another(replied: object, bot_id: int) -> bool:
    sender = replied.get("from") if type(replied) is dict else None
    return type(sender) is dict and sender.get("id") != bot_id


@lru_cache(maxsize=_PEOPLE_KEPT)
def _person(user_id: int, first_name: object, last_name: object, username: object, language: object) -> Person:
    """Who talks, talks again. Raises TypeError."""
    return Person(
        Identity(PLATFORM, str(user_id)),
        full_name(_text(first_name), _maybe_text(last_name)),
        username=_maybe_text(username),
        language=_maybe_text(language),
    )


@lru_cache(maxsize=_PEOPLE_KEPT)
def _place(chat_id: int, title: object) -> Place:
    """Raises TypeError."""
    return group_place(str(chat_id), _maybe_text(title))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _maybe_text(value: object) -> str | None:
    return None if value is None else _text(value)
