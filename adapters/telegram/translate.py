"""Raw updates into events: pure functions, one update in, what happened out."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from adapters.telegram.commands import Typed, typed_command
from adapters.telegram.places import (
    PLATFORM,
    OurBot,
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
from bot.events import (
    Answered,
    AppEvent,
    Author,
    BotPresenceChanged,
    ButtonPressed,
    Command,
    Identity,
    MessagePosted,
    Participation,
    Person,
    Place,
    PresenceChanged,
    ReachabilityChanged,
    ReactionChanged,
    SpaceMigrated,
)

ALLOWED_UPDATES = ("message", "callback_query", "my_chat_member", "chat_member", "message_reaction")
BUTTON_PREFIX = "b:"
_PRESENT = frozenset({"creator", "administrator", "member"})
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


@dataclass(frozen=True, slots=True)
class Heard:
    """An event with what answering it needs: the message it came with (or whose button was pressed), the press."""

    event: AppEvent | Participation
    message_id: int | None = None
    callback_id: str | None = None


@dataclass(frozen=True, slots=True)
class Listener:
    """What translation depends on besides the update: who we are, which commands we know, the time."""

    bot: OurBot
    commands: Collection[str]
    now: Callable[[], datetime]


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
            return _own_presence(section(update, kind))
        case "chat_member":
            return _presence(section(update, kind), listener)
        case "message_reaction":
            return _reaction(section(update, kind), update.get("update_id"))
    return []


def _message(message: Json, listener: Listener) -> list[Heard]:
    chat = section(message, "chat")
    if not is_group(chat) and not is_private(chat):
        return []
    service = _service(message, listener)
    if service or not _CONTENT & message.keys():
        return service
    author, command = author_of(message), typed_command(message)
    if command is not None:
        is_forward = optional(message, "forward_origin") is not None
        runs = author is Author.PERSON and not is_forward and _is_ours(command, listener, in_group=is_group(chat))
        return [_command(message, command)] if runs else []
    if is_private(chat) or _is_to_bot(message, listener):
        if author is not Author.PERSON or message.get("text") is None:
            return []
        return [_heard(message, lambda **common: Answered(text=text(message, "text"), **common))]
    return [_posted(message, author)]


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


def _posted(message: Json, author: Author) -> Heard:
    said = optional_text(message, "text") or optional_text(message, "caption") or ""
    is_forward = optional(message, "forward_origin") is not None
    message_id = str(integer(message, "message_id"))
    return _heard(
        message,
        lambda **common: MessagePosted(
            message_id=message_id, length=len(said), author=author, is_forward=is_forward, **common
        ),
    )


def _service(message: Json, listener: Listener) -> list[Heard]:
    """Return what a service message says: who came, who left, where the group moved."""
    chat = section(message, "chat")
    if "migrate_to_chat_id" in message:
        return [_migrated(place_of(chat), integer(message, "migrate_to_chat_id"), message)]
    if "migrate_from_chat_id" in message:
        old = place_of({**chat, "id": integer(message, "migrate_from_chat_id")})
        return [_migrated(old, integer(chat, "id"), message)]
    left = optional(message, "left_chat_member")
    came = [(user, True) for user in sections(message, "new_chat_members")] + ([(left, False)] if left else [])
    message_id = integer(message, "message_id")
    return [
        Heard(
            PresenceChanged(
                event_id=f"m{message_id}:{integer(user, 'id')}",
                at=instant(message),
                place=place_of(chat),
                person=person_of(user),
                is_present=is_present,
            )
        )
        for user, is_present in came
        if integer(user, "id") != listener.bot.id
    ]


def _migrated(old: Place, new_id: int, message: Json) -> Heard:
    return Heard(SpaceMigrated(event_id=f"migrated:{new_id}", at=instant(message), place=old, new_space_id=str(new_id)))


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
    return Heard(event, integer(message, "message_id"), callback_id)


def _was_and_is_present(change: Json) -> tuple[bool, bool]:
    before, after = section(change, "old_chat_member"), section(change, "new_chat_member")
    return _is_present(before), _is_present(after)


def _is_present(member: Json) -> bool:
    status = text(member, "status")
    return status in _PRESENT or (status == "restricted" and member.get("is_member") is True)


def _presence(change: Json, listener: Listener) -> list[Heard]:
    chat, (before, after) = section(change, "chat"), _was_and_is_present(change)
    user = section(section(change, "new_chat_member"), "user")
    if not is_group(chat) or before == after or integer(user, "id") == listener.bot.id:
        return []
    at = instant(change)
    event = PresenceChanged(
        event_id=f"p{integer(user, 'id')}:{int(at.timestamp())}:{'in' if after else 'out'}",
        at=at,
        place=place_of(chat),
        person=person_of(user),
        is_present=after,
    )
    return [Heard(event)]


def _own_presence(change: Json) -> list[Heard]:
    chat, (before, after), at = section(change, "chat"), _was_and_is_present(change), instant(change)
    event_id = f"own:{int(at.timestamp())}:{'in' if after else 'out'}"
    if before == after:
        return []
    if is_private(chat):
        person = person_of(section(change, "from"))
        return [
            Heard(
                ReachabilityChanged(event_id=event_id, at=at, place=place_of(chat), person=person, is_reachable=after)
            )
        ]
    if is_group(chat):
        return [Heard(BotPresenceChanged(event_id=event_id, at=at, place=place_of(chat), is_present=after))]
    return []


def _reaction(change: Json, update_id: object) -> list[Heard]:
    chat, user = section(change, "chat"), optional(change, "user")
    if user is None or not is_group(chat):
        return []
    message_id = integer(change, "message_id")
    old, new = _emojis(change, "old_reaction"), _emojis(change, "new_reaction")
    event = ReactionChanged(
        event_id=f"r{message_id}:{update_id}",
        at=instant(change),
        place=place_of(chat),
        person=person_of(user),
        message_id=str(message_id),
        added=new - old,
        removed=old - new,
    )
    return [Heard(event)] if event.added or event.removed else []


def _emojis(change: Json, name: str) -> frozenset[str]:
    """Return reactions by emoji, custom ones by id; a paid one is the same whoever pays."""
    return frozenset(
        str(reaction.get("emoji") or reaction.get("custom_emoji_id") or reaction.get("type"))
        for reaction in sections(change, name)
    )
