"""Taking a person out of what is stored as text: boards and messages that name them."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.events import Identity
from bot.members.cards import format_card_number

NAMELESS = "—"
"""Stands where the name of someone stood who was erased."""


@dataclass(frozen=True, slots=True)
class Person:
    """Everything by which a text may name a member."""

    member_id: int
    card_number: str
    identities: Sequence[Identity]
    names: Sequence[str]

    def marks(self) -> list[str]:
        """Return the pieces of stored JSON of which a text that names the member holds at least one."""
        cards = (self.card_number, format_card_number(self.card_number))
        own_id = f'"member_id":{self.member_id}'
        return [*self.ids(), f"{own_id},", f"{own_id}}}", *(_quoted(text)[1:-1] for text in (*self.names, *cards))]

    def ids(self) -> list[str]:
        """Return those pieces that stand for a platform's id."""
        return [f'"user_id":{_quoted(identity.user_id)}' for identity in self.identities]


def marks_of_codes(codes: Iterable[str]) -> list[str]:
    """Return the pieces of stored JSON by which a text shows one of these codes."""
    return [_quoted(code) for code in codes]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def without(text: str, person: Person) -> str:
    """Return stored JSON in which nobody has the person's name: on a board, or where the person was meant.

    A name that stands alone, as in a list of who reached a goal, may be a namesake's and goes too.
    """
    return json.dumps(_without(json.loads(text), person), ensure_ascii=False, separators=(",", ":"))


def _without(value: object, person: Person) -> object:
    if isinstance(value, list):
        return [_without(item, person) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("$") == "Row":
        return value | {"name": _NAMELESS} if value["member_id"] == person.member_id else value
    if value.get("$") == "MemberName" and _means(value, person):
        return _NAMELESS
    return {key: _without(item, person) for key, item in value.items()}


def _means(shown: dict[str, Any], person: Person) -> bool:
    # What is as by default is not written.
    if (member_id := shown.get("member_id")) is not None:
        return bool(member_id == person.member_id)
    if identities := shown.get("identities"):
        return any(Identity(one["platform"], one["user_id"]) in person.identities for one in identities)
    name, told_apart, end = shown["name"].partition(" (·")
    return name in person.names and (not told_apart or person.card_number.endswith(end.removesuffix(")")))


_NAMELESS = {"$": "MemberName", "name": NAMELESS}
