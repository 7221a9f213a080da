"""Finding many members by what a file calls them: card numbers, platform ids, usernames, addresses they linked."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import bindparam, select

from bot.events import Identity
from bot.files.file_lines import PLATFORMS
from storage import schema
from storage.engine.dialect import Connection, as_list, values_of

_member, _holder, _identity, _contact = schema.member, schema.holder, schema.identity, schema.contact
_BY_CARD = (
    select(_member.c.card_number, _member.c.id, _holder.c.id, _member.c.left_at)
    .join(_holder, _holder.c.member_id == _member.c.id)
    .where(_member.c.card_number.in_(values_of("names")))
    .order_by(_holder.c.id.desc())
)
_OF_IDENTITY = (
    select(_identity.c.user_id, _member.c.id, _holder.c.id, _member.c.left_at)
    .join(_holder, _holder.c.id == _identity.c.holder_id)
    .join(_member, _member.c.id == _holder.c.member_id)
)
_BY_ID = _OF_IDENTITY.where(_identity.c.platform == bindparam("platform"), _identity.c.user_id.in_(values_of("names")))
_BY_USERNAME = (
    select(_identity.c.username, _member.c.id, _holder.c.id, _member.c.left_at)
    .join(_holder, _holder.c.id == _identity.c.holder_id)
    .join(_member, _member.c.id == _holder.c.member_id)
    .where(_identity.c.platform == bindparam("platform"), _identity.c.username.in_(values_of("names")))
)
_BY_CONTACT = (
    select(_contact.c.contact_key, _member.c.id, _holder.c.id, _member.c.left_at)
    .join(_holder, _holder.c.id == _contact.c.holder_id)
    .join(_member, _member.c.id == _holder.c.member_id)
    .where(_contact.c.contact_key.in_(values_of("names")))
)


class Named(NamedTuple):
    """A member as a file's lines need them."""

    member_id: int
    holder_id: int
    has_left: bool


class NamedMembers:
    """Finds members by name, any number with one query."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def by_cards(self, cards: Iterable[str]) -> dict[str, Named]:
        """Return members by card number, those found."""
        rows = self._connection.all(_BY_CARD, names=as_list(cards))
        return {card: _named(*about) for card, *about in rows}

    def by_identities(self, identities: Iterable[Identity]) -> dict[Identity, Named]:
        """Return members by platform id, those found."""
        found: dict[Identity, Named] = {}
        identities = set(identities)
        for platform in {identity.platform for identity in identities}:
            ids = as_list(identity.user_id for identity in identities if identity.platform == platform)
            for user_id, *about in self._connection.all(_BY_ID, platform=platform, names=ids):
                found[Identity(platform, user_id)] = _named(*about)
        return found

    def by_contacts(self, contact_keys: Iterable[str]) -> dict[str, Named]:
        """Return members by the keyed hash of an address or number that they linked, those found."""
        rows = self._connection.all(_BY_CONTACT, names=as_list(contact_keys))
        return {contact_key: _named(*about) for contact_key, *about in rows}

    def by_usernames(self, usernames: Iterable[str]) -> dict[str, list[Named]]:
        """Return the members, on any platform, by username in small letters: two platforms may know two by one."""
        found: dict[str, dict[int, Named]] = {}
        names = as_list(usernames)
        for platform in PLATFORMS:
            for username, *about in self._connection.all(_BY_USERNAME, platform=platform, names=names):
                named = _named(*about)
                found.setdefault(username, {})[named.member_id] = named
        return {username: list(members.values()) for username, members in found.items()}


def _named(member_id: int, holder_id: int, left_at: int | None) -> Named:
    return Named(member_id, holder_id, left_at is not None)
