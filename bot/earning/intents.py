"""Award intents: what taking part is worth, decided without reading a balance, and the entries they become."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple, TypeVar

from bot.ledger import EntryDraft, Reason, Unit, pending, wallet

POINTS_LEG, STATUS_LEG = 0, 1
A = TypeVar("A")


class Intent(NamedTuple):
    """An award to be written unless its source is known or its day's cap is reached.

    `counted` names what the cap counts and `day` the programme's local day (ISO). `ripens_at` sends it to pending.
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
    counted: str = ""
    day: str = ""
    cap: int = 0
    ripens_at: datetime | None = None

    def entries(self) -> Iterator[EntryDraft]:
        """Yield the entries of the award: points and status, the ones above zero."""
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
                    occurred_at=self.occurred_at,
                    rule_version=self.rule_version,
                    ripens_at=self.ripens_at,
                )


def within_caps(
    wanted: Iterable[tuple[A, tuple[str, str], int]], counts: Mapping[tuple[str, str], int]
) -> tuple[list[A], dict[tuple[str, str], int]]:
    """Return the awards that fit their daily caps, and by how much each count grows.

    `wanted` are (award, (what is counted, day), cap), a cap of 0 for none; `counts` what was counted so far.
    """
    grown: dict[tuple[str, str], int] = {}
    fitting = []
    for award, key, cap in wanted:
        if cap:
            more = grown.get(key, 0)
            if counts.get(key, 0) + more >= cap:
                continue
            grown[key] = more + 1
        fitting.append(award)
    return fitting, grown
