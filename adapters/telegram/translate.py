"""Raw updates into events: pure functions, one update in, what happened out."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from adapters.telegram.commands import Typed, typed_command
from adapters.telegram.files import attached, has_picture
from adapters.telegram.heard import AnonymousCommand, Heard, Listener
from adapters.telegram.places import (
    PLATFORM,
    answered_person,
    author_of,
    is_group,
    is_private,
    person_of,
    place_of,
    place_of_message,
    replied_to,
)
from adapters.telegram.reading import (
    Json,
    Unreadable,
    instant,
    integer,
    optional,
    optional_text,
    section,
    sections,
    text,
)
from adapters.telegram.standing import join_requested, own_presence, presence, service
from bot.events import (
    Answered,
    AppEvent,
    Author,
    ButtonPressed,
    Command,
    Identity,
    MessagePosted,
    Participation,
    Person,
    PictureSent,
    ReactionChanged,
)

ALLOWED_UPDATES = (
    *("message", "callback_query", "my_chat_member", "chat_member", "message_reaction"),
    "chat_join_request",
)
BUTTON_PREFIX = "b:"
_LINKS = frozenset(("url", "text_link"))
_CONTENT = frozenset(
    {
        "text",
        "animation",
        "audio",
        "checklist",
        "contact",
        "dice",
        "document",
        "game",
        "location",
        "paid_media",
        "photo",
        "poll",
        "sticker",
        "story",
        "venue",
        "video",
        "video_note",
        "voice",
    }
)


def kind_of(update: object) -> str:
    """Return the kind of an update, for logs and dead letters."""
    if isinstance(update, dict):
        return next((kind for kind in ALLOWED_UPDATES if kind in update), "unknown")
    return "unknown"


def translate(update: object, listener: Listener) -> list[Heard]:
    """Return what an update says, nothing where it does not concern us. Raises Unreadable."""
    if not isinstance(update, dict):
        raise Unreadable("the update is no object")
    kind = kind_of(update)
    match kind:
        case "message":
            return _message(section(update, kind), listener)
        case "callback_query":
            return [_press(section(update, kind), listener)]
        case "my_chat_member":
            return own_presence(section(update, kind))
        case "chat_member":
            return presence(section(update, kind), update.get("update_id"), listener)
        case "chat_join_request":
            return join_requested(section(update, kind), update.get("update_id"))
        case "message_reaction":
            return _reaction(section(update, kind), update.get("update_id"))
    return []


def _message(message: Json, listener: Listener) -> list[Heard]:
    chat = section(message, "chat")
    in_group = is_group(chat)
    if not in_group and not is_private(chat):
        return []
    moves = service(message, listener)
    if moves or _CONTENT.isdisjoint(message):
        return moves
    author, typed = author_of(message), typed_command(message)
    if typed is not None:
        return _commanded(message, typed, author, listener)
    is_to_us = _is_to_bot(message, listener)
    posted = [_posted(message, author, is_to_us=is_to_us)] if in_group else []
    is_for_us = not in_group or is_to_us
    if not is_for_us or author is not Author.PERSON:
        return posted
    # The answer first: it would have to wait for a message before it, and so part the batch.
    if message.get("text") is None:
        return [replace(_heard(message, PictureSent), attached=attached(message)), *posted]
    return [_heard(message, partial(Answered, text=text(message, "text"))), *posted]


def _commanded(message: Json, typed: Typed, author: Author, listener: Listener) -> list[Heard]:
    in_group, is_forward = is_group(section(message, "chat")), optional(message, "forward_origin") is not None
    if is_forward or not _is_ours(typed, listener, in_group=in_group):
        return []
    if author is Author.ANONYMOUS and in_group:
        message_id = integer(message, "message_id")
        event = AnonymousCommand(event_id=f"m{message_id}", at=instant(message), place=place_of_message(message))
        return [Heard(event, message_id)]
    return [_command(message, typed)] if author is Author.PERSON else []


def _is_ours(command: Typed, listener: Listener, *, in_group: bool) -> bool:
    if command.addressee:
        return command.addressee == listener.bot.username.lower()
    return not in_group or command.name in listener.commands


def _is_to_bot(message: Json, listener: Listener) -> bool:
    replied = replied_to(message)
    sender = optional(replied, "from") if replied is not None else None
    return sender is not None and sender.get("id") == listener.bot.id


def _heard(message: Json, make: Callable[..., AppEvent | Participation]) -> Heard:
    message_id = integer(message, "message_id")
    event = make(
        event_id=f"m{message_id}",
        at=instant(message),
        place=place_of_message(message),
        person=_sender(message),
    )
    return Heard(event, message_id)


def _sender(message: Json) -> Person:
    """Return the sender; a message may have none but the chat it was sent for, whose author earns nothing."""
    sender = optional(message, "from")
    if sender is not None:
        return person_of(sender)
    chat = optional(message, "sender_chat") or section(message, "chat")
    return Person(Identity(PLATFORM, str(integer(chat, "id"))), optional_text(chat, "title") or "", is_bot=True)


def _command(message: Json, typed: Typed) -> Heard:
    replied = replied_to(message)
    target = None
    if replied is not None and author_of(replied) in {Author.PERSON, Author.BOT} and optional(replied, "from"):
        target = person_of(section(replied, "from"))
    return _heard(message, lambda **common: Command(name=typed.name, words=typed.words, reply_to=target, **common))


def _posted(message: Json, author: Author, *, is_to_us: bool) -> Heard:
    said = optional_text(message, "text") or optional_text(message, "caption") or ""
    message_id = integer(message, "message_id")
    event = MessagePosted(
        event_id=f"m{message_id}",
        at=instant(message),
        place=place_of_message(message),
        person=_sender(message),
        message_id=str(message_id),
        length=len(said),
        author=author,
        is_forward=optional(message, "forward_origin") is not None,
        replies_to=answered_person(message),
        has_picture=has_picture(message),
        has_link=_has_link(message),
        is_to_us=is_to_us,
    )
    return Heard(event, message_id)


def _has_link(message: Json) -> bool:
    entities = sections(message, "entities") or sections(message, "caption_entities")
    return any(optional_text(one, "type") in _LINKS for one in entities)


def _press(query: Json, listener: Listener) -> Heard:
    message = section(query, "message")
    callback_id = text(query, "id")
    data = optional_text(query, "data") or ""
    event = ButtonPressed(
        event_id=f"c{callback_id}",
        at=listener.now(),
        place=place_of_message(message),
        person=person_of(section(query, "from")),
        token=data.removeprefix(BUTTON_PREFIX) if data.startswith(BUTTON_PREFIX) else "",
    )
    return Heard(event, integer(message, "message_id"), callback_id, is_photo="photo" in message)


def _reaction(change: Json, update_id: object) -> list[Heard]:
    chat, user = section(change, "chat"), optional(change, "user")
    if user is None or not is_group(chat):
        return []
    message_id, at = integer(change, "message_id"), instant(change)
    old, new = _emojis(change, "old_reaction"), _emojis(change, "new_reaction")
    event = ReactionChanged(
        event_id=f"r{message_id}:{update_id}",
        at=at,
        place=place_of(chat),
        person=person_of(user),
        message_id=str(message_id),
        added=new - old,
        removed=old - new,
        standing=new,
        order=(int(at.timestamp()), update_id if isinstance(update_id, int) else 0),
    )
    return [Heard(event)] if event.added or event.removed else []


def _emojis(change: Json, name: str) -> frozenset[str]:
    """Return reactions by emoji, custom ones by id; a paid one is the same whoever pays."""
    return frozenset(
        str(reaction.get("emoji") or reaction.get("custom_emoji_id") or reaction.get("type"))
        for reaction in sections(change, name)
    )
