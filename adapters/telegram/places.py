"""Who and where, out of raw JSON: people, chats, topics, and who is really behind a message."""

from dataclasses import dataclass

from adapters.telegram.reading import Json, integer, optional, optional_text, section, text
from bot.events import Author, Identity, Person, Place, SpaceRef

PLATFORM = "telegram"
GROUPS = frozenset({"group", "supergroup"})


@dataclass(frozen=True, slots=True)
class OurBot:
    """Who we are on Telegram."""

    id: int
    username: str


def person_of(user: Json) -> Person:
    """Return the person an API User describes."""
    last_name = optional_text(user, "last_name")
    first_name = text(user, "first_name")
    return Person(
        Identity(PLATFORM, str(integer(user, "id"))),
        f"{first_name} {last_name}" if last_name else first_name,
        username=optional_text(user, "username"),
        is_bot=user.get("is_bot") is True,
        language=optional_text(user, "language_code"),
    )


def is_group(chat: Json) -> bool:
    """Whether a chat is a community; channels and private chats are none."""
    return text(chat, "type") in GROUPS


def is_private(chat: Json) -> bool:
    """Whether a chat is one person's chat with the bot."""
    return text(chat, "type") == "private"


def place_of(chat: Json, thread_id: str | None = None) -> Place:
    """Return the place an API Chat describes."""
    chat_id = str(integer(chat, "id"))
    if not is_group(chat):
        return Place(PLATFORM, chat_id, thread_id=thread_id)
    return Place(PLATFORM, chat_id, SpaceRef(PLATFORM, chat_id, optional_text(chat, "title") or ""), thread_id)


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
