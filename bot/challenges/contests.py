"""Contests: members post entries in one room of a group, others vote for them with a reaction."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

from bot.errors import UserError

_AGAINST: Final = frozenset("👎💩🤮")
_VARIANTS: Final = "\N{VARIATION SELECTOR-16}🏻🏼🏽🏾🏿"
ENTRIES_EACH: Final = 1
VOTES_EACH: Final = 3


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
    """Where a contest takes place, whether its entries are photos, and how many entries and votes a member has."""

    channel_id: str
    thread_id: str | None = None
    photos: bool = False
    entries: int = ENTRIES_EACH
    votes: int = VOTES_EACH

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
        return {"photos": self.photos, "entries": self.entries, "votes": self.votes}
