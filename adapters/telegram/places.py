"""Who and where, out of raw JSON: people, chats, topics, and who is really behind a message."""

from dataclasses import dataclass
from functools import lru_cache

from adapters.telegram.reading import Json, integer, optional, optional_text, section, text
from bot.events import Author, Identity, Person, Place, SpaceRef

PLATFORM = "telegram"
GROUPS = frozenset({"group", "supergroup"})
_PLACES_KEPT = 1024


@dataclass(frozen=True, slots=True)
class OurBot:
    """Who we are on Telegram."""

    id: int
    username: str


def person_of(user: Json) -> Person:
    """Return the person an API User describes."""
    return Person(
        Identity(PLATFORM, str(integer(user, "id"))),
        full_name(text(user, "first_name"), optional_text(user, "last_name")),
        username=optional_text(user, "username"),
        is_bot=user.get("is_bot") is True,
        language=optional_text(user, "language_code"),
    )


def full_name(first_name: str, last_name: str | None) -> str:
    """Return how a person is called."""
    return f"{first_name} {last_name}" if last_name else first_name


def is_group(chat: Json) -> bool:
    """Whether a chat is a community; channels and private chats are none."""
    return text(chat, "type") in GROUPS


def is_private(chat: Json) -> bool:
    """Whether a chat is one person's chat with the bot."""
    return text(chat, "type") == "private"


def place_of(chat: Json, thread_id: str | None = None) -> Place:
    """Return the place an API Chat describes."""
    chat_id, title = str(integer(chat, "id")), optional_text(chat, "title")
    return _place(chat_id, is_group=is_group(chat), title=title, thread_id=thread_id)


@lru_cache(maxsize=_PLACES_KEPT)
def _place(chat_id: str, *, is_group: bool, title: str | None, thread_id: str | None) -> Place:
    """Most that is said is said in the same few places."""
    return Place(PLATFORM, chat_id, SpaceRef(PLATFORM, chat_id, title or "") if is_group else None, thread_id)


def group_place(chat_id: str, title: str | None) -> Place:
    """Return the place of a group, outside topics."""
    return _place(chat_id, is_group=True, title=title, thread_id=None)


def private_place(user_id: str) -> Place:
    """Return a person's chat with the bot, which has the person's id."""
    return Place(PLATFORM, user_id)


def place_of_message(message: Json) -> Place:
    """Return where a message stands; a thread counts only in a forum, elsewhere it is a chain of replies."""
    in_topic = message.get("is_topic_message") is True
    return place_of(section(message, "chat"), str(integer(message, "message_thread_id")) if in_topic else None)


def author_of(message: Json) -> Author:
    """Return who is behind a message: with a `sender_chat` the `from` is a stand-in."""
    sender_chat = optional(message, "sender_chat")
    if message.get("is_automatic_forward") is True:
        return Author.AUTOMATIC
    if sender_chat is not None:
        own = integer(sender_chat, "id") == integer(section(message, "chat"), "id")
        return Author.ANONYMOUS if own else Author.CHANNEL
    sender = optional(message, "from")
    if sender is None or sender.get("is_bot") is True or message.get("via_bot") is not None:
        return Author.BOT
    return Author.PERSON


def replied_to(message: Json) -> Json | None:
    """Return the message replied to. In a topic every message "replies" to the one that opened it: that is none."""
    replied = optional(message, "reply_to_message")
    if replied is None or "forum_topic_created" in replied:
        return None
    if message.get("is_topic_message") is True and replied.get("message_id") == message.get("message_thread_id"):
        return None
    return replied


def answered_person(message: Json) -> Identity | None:
    """Return whose message is replied to, None where it is none or not a person's own."""
    replied = replied_to(message)
    sender = None if replied is None else optional(replied, "from")
    if replied is None or sender is None or author_of(replied) is not Author.PERSON:
        return None
    return Identity(PLATFORM, str(integer(sender, "id")))
