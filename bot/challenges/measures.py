"""What a challenge counts: one kind of event, and the filters it must pass.

Challenges that count alike but for weekdays, least amounts and the group of messages share marks: those filters are
passed on reading.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any


class Counts(StrEnum):
    """The kinds of events that challenges count. Of messages either their days are kept or their cooldown windows."""

    MESSAGE_DAYS = "message_days"
    MESSAGES = "messages"
    REACTIONS_RECEIVED = "reactions_received"
    PURCHASES = "purchases"
    ACTIONS = "actions"
    STAMPS = "stamps"
    POINTS = "points"
    STATUS = "status"
    RIGHT_ANSWERS = "right_answers"
    THANKS_GIVEN = "thanks_given"
    THANKS_RECEIVED = "thanks_received"
    NEWCOMERS_ANSWERED = "newcomers_answered"
    FRIENDS_BROUGHT = "friends_brought"
    CHECK_INS = "check_ins"
    HAND_INS = "hand_ins"
    VOTES = "votes"


IN_A_GROUP = (Counts.MESSAGE_DAYS, Counts.MESSAGES, Counts.REACTIONS_RECEIVED, Counts.NEWCOMERS_ANSWERED)
"""What never happens but in a group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One event that may count. `mark` names it for ever, `weight` is what it adds to a sum (money in minor units).

    `space_id` is where it happened, None where it happened in none; `products` are the ids of the rules about
    products that its goods fall under, None where that is not known.
    """

    counts: Counts
    member_id: int
    at: datetime
    mark: str
    weight: int = 1
    space_id: int | None = None
    shop: str | None = None
    products: frozenset[str] | None = None
    action: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What is counted: a kind of event and its filters, None or empty for no filter.

    `weekdays`, 0 for Monday, are those of the day that it happened on by the member's clock; `minimum_minor` is the
    least of what is left of a purchase, in minor units. `quiz` names the one round of a quiz, or of a task, in
    which its answers count. `room` tells contests in one group apart.
    """

    counts: Counts
    space_id: int | None = None
    shop: str | None = None
    product: str | None = None
    minimum_minor: int = 0
    weekdays: tuple[int, ...] = ()
    action: str | None = None
    quiz: str | None = None
    room: str | None = None

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> "Measure":
        """Return the measure that `plain` wrote."""
        return cls(**{**plain, "counts": Counts(plain["counts"]), "weekdays": tuple(plain.get("weekdays", ()))})

    def plain(self) -> dict[str, Any]:
        """Return it as it is kept: only what is not as by default, the kind first."""
        default = Measure(counts=self.counts)
        beside = {name: value for name, value in asdict(self).items() if value != getattr(default, name)}
        return {"counts": self.counts.value, **beside}

    @property
    def marked(self) -> "Measure":
        """What is marked of it: the same without the filters that are passed on reading."""
        space_id = None if self.group_is_in_mark else self.space_id
        return replace(self, weekdays=(), minimum_minor=0, space_id=space_id)

    @property
    def group_is_in_mark(self) -> bool:
        """Whether it is for one group, which the marks of what it counts end with."""
        return self.space_id is not None and self.counts is Counts.MESSAGES

    def accepts(self, happened: Happened) -> bool:
        """Whether an event of this kind is marked: whether it passes the filters but those that are passed on reading.

        An event that happened in no group, such as a purchase, passes the filter by space: there the audience decides.
        """
        return (
            (self.space_id is None or happened.space_id is None or happened.space_id == self.space_id)
            and (self.shop is None or happened.shop == self.shop)
            and (self.product is None or self.product in (happened.products or ()))
            and (self.action is None or happened.action == self.action)
        )
