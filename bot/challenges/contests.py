"""Contests: members post entries in one room of a group, others vote for them with a reaction."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, Final, Self

from bot.errors import UserError
from bot.events import MessagePosted

_AGAINST: Final = frozenset("👎💩🤮")
_VARIANTS: Final = "\N{VARIATION SELECTOR-16}🏻🏼🏽🏾🏿"
ENTRIES_EACH: Final = 1
VOTES_EACH: Final = 3
_TIED_AT_MOST: Final = 2


def most_paid(best: int) -> int:
    """Return how many are paid at most in a contest for so many of the best, when they tie."""
    return _TIED_AT_MOST * best


def is_vote(emojis: Iterable[str]) -> bool:
    """Whether somebody whose reactions these are votes for what they react to; a thumb down alone does not."""
    return any(emoji.rstrip(_VARIANTS) not in _AGAINST for emoji in emojis)


class ContestRunning(UserError):
    """In this room there is one already, and a message is an entry of one contest."""

    template = "contest_running"


class ContestInGroup(UserError):
    """A contest is made where it takes place."""

    template = "contest_in_group"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """Where a contest takes place, whether its entries are photos, and how many entries and votes a member has.

    `most_paid` is how many are paid at most when they tie, 0 for any number, as in older contests.
    """

    channel_id: str
    thread_id: str | None = None
    photos: bool = False
    entries: int = ENTRIES_EACH
    votes: int = VOTES_EACH
    most_paid: int = 0

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        """Return the contest that `plain` wrote."""
        return cls(**plain)

    @property
    def room(self) -> str:
        """What tells it from contests elsewhere."""
        return f"{self.channel_id}/{self.thread_id or ''}"

    def plain(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return asdict(self)

    def shown(self) -> dict[str, Any]:
        """Return what templates say of it."""
        names = ("photos", "entries", "votes", "most_paid")
        return {name: getattr(self, name) for name in names}

    def fits(self, message: MessagePosted) -> bool:
        """Whether a message may be an entry, as far as its platform shows what it holds."""
        return not self.photos or message.has_picture is not False

    def least_paid(self, amounts: Iterable[int], best: int) -> int | None:
        """Return how many votes at least are paid, of the amounts of all who reached the goal, the most first.

        They are those of the last of the best, or more where too many have as many: a ring in which everybody has the
        votes of some others would tie with any number of members. None if there are no amounts.
        """
        found = list(islice(amounts, max(best, self.most_paid + 1)))
        if not found:
            return None
        last = found[:best][-1]
        is_too_wide = 0 < self.most_paid < len(found) and found[self.most_paid] == last
        return last + 1 if is_too_wide else last
