"""What the templates of duels are rendered with."""

from datetime import UTC, datetime
from typing import Any

from bot.challenges.duels import Outcome
from bot.events import Identity
from bot.replies import MemberName

_AT = datetime(2026, 3, 16, 7, 0, tzinfo=UTC)
_BARTEK = MemberName("Bartek", (Identity("telegram", "33"),))
_KINDS = ("status", "messages", "purchases", "reactions_received")
_TERMS: dict[str, Any] = {"counted": "messages", "points": 30, "status": 5}
_DUELS: list[dict[str, Any]] = [
    {"other": _BARTEK, "days": 7, "terms": _TERMS | {"counted": counted, "points": points, "status": points}}
    for counted, points in zip(_KINDS, (30, 0, 1, 5), strict=True)
]
_SPAN = {"opens_at": _AT, "closes_at": _AT, "answer_by": _AT, "has_begun": False, "mine": 5, "theirs": 2}
_LINES = [
    _DUELS[0] | _SPAN | {"state": state, "has_begun": has_begun}
    for state, has_begun in (("received", False), ("sent", False), ("running", False), ("running", True))
]
_REASONS = ("off", "yourself", "staff", "unreachable", "already", "at_once", "pair", "invitations", "kind")
DUEL_CASES: dict[str, list[dict[str, Any]]] = {
    "duel_give_up": [_DUELS[0]],
    "duel_invitation": [one | {"answer_by": _AT} for one in _DUELS],
    "duel_invited": [one | {"answer_by": _AT} for one in _DUELS],
    "duel_off": [
        _DUELS[0] | {"outcome": outcome.value, "is_yours": is_yours}
        for outcome in Outcome
        if outcome not in (Outcome.WON, Outcome.TIED)
        for is_yours in (True, False)
    ],
    "duel_on": [one | {"opens_at": _AT, "closes_at": _AT} for one in _DUELS],
    "duel_over": [{}],
    "duel_refused": [
        {"why": why, "other": _BARTEK, "most": 3, "again_at": _AT, "offered": list(_KINDS)} for why in _REASONS
    ],
    "duel_reminder": [one | {"mine": 1, "theirs": 2, "closes_at": _AT} for one in _DUELS],
    "duel_result": [
        one | {"result": result, "mine": 5, "theirs": 2, "is_paid": is_paid, "most": 1}
        for one in _DUELS
        for result in ("won", "lost", "tied")
        for is_paid in (True, False)
        if one["terms"]["points"] or not is_paid
    ],
    "duel_result_in_group": [
        {"terms": _TERMS, "first": _BARTEK, "second": MemberName("Ania"), "amounts": [5, 2], "is_tie": is_tie}
        for is_tie in (True, False)
    ],
    "duel_which": [{"other": _BARTEK}],
    "duels": [{"duels": []}, {"duels": _LINES}],
}
