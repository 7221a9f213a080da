"""Contests: members post entries in one room of a group, others vote for them with a reaction."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

from bot.errors import UserError

ENTRIES_EACH: Final = 1
VOTES_EACH: Final = 3


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
