"""Taking a person out of what is stored as text: boards and messages that name them."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.cards import format_card_number
from bot.events import Identity

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
        return [*self.ids(), f'"member_id":{self.member_id},', *(_quoted(text)[1:-1] for text in (*self.names, *cards))]

    def ids(self) -> list[str]:
        """Return those pieces that stand for a platform's id."""
        return [f'"user_id":{_quoted(identity.user_id)}' for identity in self.identities]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def without(text: str, person: Person) -> str:
    """Return stored JSON in which nobody has the person's name: on a board, or where the person was meant."""
    plain = _without(json.loads(text), person.member_id, set(map(str, person.identities)))
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def _without(value: object, member_id: int, identities: set[str]) -> object:
    if isinstance(value, list):
        return [_without(item, member_id, identities) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("$") == "MemberName" and identities.intersection(_identities(value["identities"])):
        return _nameless()
    shown = {key: _without(item, member_id, identities) for key, item in value.items()}
    if value.get("$") == "Row" and value["member_id"] == member_id:
        shown["name"] = _nameless()
    return shown


def _identities(stored: Iterable[dict[str, str]]) -> set[str]:
    return {str(Identity(identity["platform"], identity["user_id"])) for identity in stored}


def _nameless() -> dict[str, object]:
    return {"$": "MemberName", "name": NAMELESS, "identities": []}
