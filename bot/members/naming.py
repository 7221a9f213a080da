"""Whom a message names, by the time it goes out: as they are called then, and only who may be named."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from bot.boards.leaderboards import Board, Row
from bot.members.erasing import NAMELESS
from bot.members.members import Member
from bot.members.names import distinguish
from bot.replies import MemberName, Picture, Reply

_GONE: Final = object()
"""Stands for what cannot be said without somebody who may not be named."""


def named_in(value: object) -> Iterator[int]:
    """Yield the members that a message names, or part of one. Who was erased is named by nobody."""
    match value:
        case MemberName() if value.member_id is not None:
            yield value.member_id
        case Row() if _is_members(value):
            yield value.member_id
        case Board():
            yield from named_in(value.rows)
        case Reply():
            yield from named_in(value.fields)
            yield from named_in(value.picture)
        case Picture():
            yield from named_in(value.fields)
        case Mapping():
            yield from named_in(tuple(value.values()))
        case tuple() | list():
            for item in value:
                yield from named_in(item)


def _is_members(row: Row) -> bool:
    """Whether a line of a board is a member's who can be named: spaces have numbers below zero."""
    return row.member_id > 0 and row.name.name != NAMELESS


def as_named_now(said: Reply, members: Mapping[int, Member]) -> Reply | None:
    """Return a message with the names that those it names have now; None where it is about one who may not be named.

    Who stands on no board by now is left out of boards and lists, where the places of the others stay. News of a member
    who keeps those to themselves by now is not said.
    """
    found = _Names(members).value(said)
    return found if isinstance(found, Reply) else None


class _Names:
    """Puts today's names into values."""

    def __init__(self, members: Mapping[int, Member]) -> None:
        self._listed = {one.id: one for one in members.values() if one.is_listed}
        told_apart = distinguish([(one.name, one.card_number) for one in self._listed.values()])
        self._shown = dict(zip(self._listed, told_apart, strict=True))

    def value(self, value: Any) -> Any:
        """Return a value as it may be said now, or _GONE."""
        match value:
            case MemberName():
                return self._name(value)
            case Row() if _is_members(value):
                shown = self._shown.get(value.member_id)
                return _GONE if shown is None else replace(value, name=MemberName(shown))
            case Board():
                return replace(value, rows=self.value(value.rows))
            case Reply():
                return self._reply(value)
            case Mapping():
                found = {key: self.value(item) for key, item in value.items()}
                return _GONE if _GONE in found.values() else found
            case tuple() | list():
                return tuple(item for item in map(self.value, value) if item is not _GONE)
        return value

    def _name(self, name: MemberName) -> Any:
        if name.member_id is None:
            return name
        member = self._listed.get(name.member_id)
        if member is None or (name.is_news and not member.shares_news):
            return _GONE
        mentions = member.display.identities and name.identities
        return replace(name, name=self._shown[member.id], identities=mentions)

    def _reply(self, said: Reply) -> Any:
        fields = self.value(said.fields)
        return _GONE if fields is _GONE else replace(said, fields=fields, picture=self._picture(said.picture))

    def _picture(self, picture: Picture | None) -> Picture | None:
        """Return the picture, None where nobody stands on its board any more."""
        if picture is None:
            return None
        fields = self.value(picture.fields)
        is_empty = fields is _GONE or any(isinstance(one, Board) and not one.rows for one in fields.values())
        return None if is_empty else replace(picture, fields=fields)
