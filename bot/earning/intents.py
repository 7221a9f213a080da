"""Award intents: what taking part is worth, decided without reading a balance, and the entries they become."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

from bot.ledger.ledger import EntryDraft, Reason, Unit, pending, wallet

POINTS_LEG, STATUS_LEG = 0, 1
A = TypeVar("A")
Counted = tuple[str, str]
"""(what is counted, the local day as ISO)."""
Cap = tuple[Counted, int]
"""What is counted on a day, and how much of it there may be at most."""


class Intent(NamedTuple):
    """An award to be written unless its source is known or one of its day's caps is reached.

    `caps` are (what is counted, how much of it a day has at most) and `day` the programme's local day (ISO).
    `ripens_at` sends it to pending. `occurred_at` is as the platform dates it.
    """

    reason: Reason
    source: str
    holder_id: int
    member_id: int
    space_id: int | None
    points: int
    status: int
    occurred_at: datetime
    rule_version: str
    caps: tuple[tuple[str, int], ...] = ()
    day: str = ""
    ripens_at: datetime | None = None

    def entries(self, now: datetime) -> Iterator[EntryDraft]:
        """Yield the entries of the award: points and status, the ones above zero, none of them dated after `now`.

        The source and the day stay as the platform dates it: told again at another `now`, it is the same award.
        """
        occurred_at = min(self.occurred_at, now)
        account = wallet(self.holder_id) if self.ripens_at is None else pending(self.holder_id)
        for leg, unit, amount in ((POINTS_LEG, Unit.POINTS, self.points), (STATUS_LEG, Unit.STATUS, self.status)):
            if amount:
                yield EntryDraft(
                    unit=unit,
                    points=amount,
                    reason=self.reason,
                    source=self.source,
                    leg=leg,
                    holder_id=self.holder_id,
                    member_id=self.member_id,
                    space_id=self.space_id,
                    from_programme=f"issued:{self.reason}",
                    to_account=account,
                    occurred_at=occurred_at,
                    rule_version=self.rule_version,
                    ripens_at=self.ripens_at,
                )


def within_caps(
    wanted: Iterable[tuple[A, Sequence[Cap]]], counts: Mapping[Counted, int]
) -> tuple[list[A], dict[Counted, int]]:
    """Return the awards that fit all their daily caps, and by how much each count grows.

    `wanted` are (award, its caps, each on another count); `counts` what was counted so far.
    """
    grown: dict[Counted, int] = {}
    fitting = []
    for award, caps in wanted:
        for key, cap in caps:
            if counts.get(key, 0) + grown.get(key, 0) >= cap:
                break
        else:
            for key, _ in caps:
                grown[key] = grown.get(key, 0) + 1
            fitting.append(award)
    return fitting, grown
