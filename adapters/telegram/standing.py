"""Raw updates about who is where: people and the bot who come and go, groups that move."""

from adapters.telegram.heard import Heard, Listener
from adapters.telegram.places import is_group, is_private, person_of, place_of
from adapters.telegram.reading import Json, instant, integer, optional, section, sections, text
from bot.events import BotPresenceChanged, JoinRequested, Place, PresenceChanged, ReachabilityChanged, SpaceMigrated

_SERVICE = frozenset({"migrate_to_chat_id", "migrate_from_chat_id", "new_chat_members", "left_chat_member"})
_PRESENT = frozenset({"creator", "administrator", "member"})


def service(message: Json, listener: Listener) -> list[Heard]:
    """Return what a service message says: who came, who left, where the group moved."""
    if _SERVICE.isdisjoint(message):
        return []
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


def _was_and_is_present(change: Json) -> tuple[bool, bool]:
    before, after = section(change, "old_chat_member"), section(change, "new_chat_member")
    return _is_present(before), _is_present(after)


def _is_present(member: Json) -> bool:
    status = text(member, "status")
    return status in _PRESENT or (status == "restricted" and member.get("is_member") is True)


def presence(change: Json, update_id: object, listener: Listener) -> list[Heard]:
    """Return what a change of somebody's standing says: who came or left."""
    chat, (before, after) = section(change, "chat"), _was_and_is_present(change)
    user = section(section(change, "new_chat_member"), "user")
    if not is_group(chat) or before == after or integer(user, "id") == listener.bot.id:
        return []
    at = instant(change)
    event = PresenceChanged(
        event_id=f"p{integer(user, 'id')}:{update_id}:{'in' if after else 'out'}",
        at=at,
        place=place_of(chat),
        person=person_of(user),
        is_present=after,
    )
    return [Heard(event)]


def join_requested(request: Json, update_id: object) -> list[Heard]:
    """Return what a request to join a group says: who asks."""
    chat, user = section(request, "chat"), section(request, "from")
    event_id = f"j{integer(user, 'id')}:{update_id}"
    event = JoinRequested(event_id=event_id, at=instant(request), place=place_of(chat), person=person_of(user))
    return [Heard(event)] if is_group(chat) else []


def own_presence(change: Json) -> list[Heard]:
    """Return what a change of our own standing says: in a group, or with a person who blocks us."""
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
