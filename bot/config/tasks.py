"""Settings of tasks: what is handed in, and who decides about it."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.config.conflict import Conflict, Keys

_OWN = ("hands_in", "review", "least", "most")


def task_conflicts(here: Keys, challenge: Mapping[str, Any]) -> Iterator[Conflict]:
    """Yield what is wrong with what a challenge says of hand-ins. What a moderator looks at is posted in a group."""
    if challenge.get("counts") != "hand_ins":
        for name in _OWN:
            if challenge.get(name) not in (None, False):
                yield Conflict((*here, name), challenge[name], 'is for counts = "hand_ins"')
        return
    hands_in, is_reviewed = challenge.get("hands_in"), challenge.get("review")
    if hands_in is None and "hands_in" in challenge:
        yield Conflict((*here, "hands_in"), None, 'is missing, counts = "hand_ins" needs it')
    if hands_in == "photo" and not challenge.get("review", True):
        yield Conflict((*here, "review"), False, "should be true: a moderator looks at photos")
    if hands_in == "number" and is_reviewed:
        yield Conflict((*here, "review"), True, "is not for numbers, whose bounds are checked")
    if is_reviewed and "space" in challenge and challenge["space"] is None:
        yield Conflict((*here, "space"), None, "is missing, review needs the group where it is posted")
    if challenge.get("review") is False and challenge.get("reward") in ("best", "first"):
        wanted = 'should be "everyone": of what nobody reviews whoever sends most, or first, would win'
        yield Conflict((*here, "reward"), challenge["reward"], wanted)
    if is_reviewed and challenge.get("together"):
        yield Conflict((*here, "together"), True, "is not for what is reviewed, of which the room hears")
    if challenge.get("hidden"):
        yield Conflict((*here, "hidden"), True, "is not for hand-ins: nobody would know what to hand in")
    yield from _bounds_suit(here, challenge)


def _bounds_suit(here: Keys, challenge: Mapping[str, Any]) -> Iterator[Conflict]:
    hands_in, least, most = challenge.get("hands_in"), challenge.get("least"), challenge.get("most")
    if least is not None and hands_in in ("photo", "link"):
        yield Conflict((*here, "least"), least, "is for texts and numbers")
    if least is not None and least < 1 and hands_in == "text":
        yield Conflict((*here, "least"), least, "should be at least 1, of characters")
    if most is not None and hands_in not in ("number", None):
        yield Conflict((*here, "most"), most, "is for numbers")
    if least is not None and most is not None and most < least:
        yield Conflict((*here, "most"), most, f"should not be less than least, which is {least}")
