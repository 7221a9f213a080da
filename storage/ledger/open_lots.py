"""Asking for lots that are not used up: which are ripe, which expire, which a spending would take."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select

from bot.ledger.ledger import Reason, Unit
from storage import schema
from storage.engine.dialect import Connection, Row, as_list, values_of
from storage.engine.times import from_us, maybe_from_us, to_us
from storage.ledger.lines import NEWEST
from storage.ledger.lots import FIRST_TO_GO, in_parts

_entry, _lot, _use, _holder = schema.entry, schema.lot, schema.lot_use, schema.holder
_OTHER_CLOCKS = timedelta(hours=26)
_ripening, _expiring = _entry.alias("ripening"), _entry.alias("expiring")
_LOT = (
    select(
        _lot.c.id,
        _lot.c.holder_id,
        _holder.c.member_id,
        _lot.c.unit,
        _lot.c.remaining,
        _entry.c.space_id,
        _lot.c.ripens_at,
        _lot.c.expires_at,
        select(func.count()).where(_use.c.lot_id == _lot.c.id).scalar_subquery(),
    )
    .join(_holder, _holder.c.id == _lot.c.holder_id)
    .join(_entry, _entry.c.id == _lot.c.entry_id)
    .where(_lot.c.remaining > 0)
)
_RIPE = _LOT.where(_lot.c.ripens_at <= bindparam("now")).order_by(_lot.c.ripens_at, _lot.c.id).limit(bindparam("most"))
_NEXT_RIPENING = select(func.min(_lot.c.ripens_at)).where(_lot.c.remaining > 0)
_NEXT_EXPIRY = select(func.min(_lot.c.expires_at)).where(_lot.c.remaining > 0)
_EXPIRED = (
    _LOT.where(_lot.c.expires_at <= bindparam("now")).order_by(_lot.c.holder_id, _lot.c.id).limit(bindparam("most"))
)
_OF_SOURCES = _LOT.where(_entry.c.source.in_(values_of("sources", str)), _lot.c.unit == bindparam("unit")).order_by(
    _lot.c.id
)
_SOURCES_FROM = (
    select(_ripening.c.source)
    .join(_use, _use.c.entry_id == _ripening.c.id)
    .join(_lot, _lot.c.id == _use.c.lot_id)
    .join(_entry, _entry.c.id == _lot.c.entry_id)
    .where(_entry.c.source.in_(values_of("sources", str)), _ripening.c.reason == Reason.RIPEN)
)
_EXPIRED_OF = (
    select(func.coalesce(func.sum(_use.c.points), 0))
    .join(_lot, _lot.c.id == _use.c.lot_id)
    .join(_entry, _entry.c.id == _lot.c.entry_id)
    .join(_expiring, _expiring.c.id == _use.c.entry_id)
    .where(
        _entry.c.source.in_(values_of("sources", str)),
        _expiring.c.reason == Reason.EXPIRE,
        _expiring.c.id < bindparam("before"),
    )
)
_GOING_OF = (
    select(func.coalesce(func.sum(_use.c.points), 0))
    .join(_lot, _lot.c.id == _use.c.lot_id)
    .join(_entry, _entry.c.id == _use.c.entry_id)
    .where(_entry.c.source == bindparam("source"), _lot.c.expires_at <= bindparam("by"))
)
_IN_WALLET = (
    _holder.c.member_id == bindparam("member"),
    _lot.c.account_id == _holder.c.id * 4 + 1,
    _lot.c.unit == Unit.POINTS,
    _lot.c.remaining > 0,
)
_OF_MEMBER = (
    select(_lot.c.holder_id, _lot.c.expires_at, _lot.c.remaining)
    .join(_holder, _holder.c.id == _lot.c.holder_id)
    .where(*_IN_WALLET)
    .order_by(*FIRST_TO_GO)
)
_COMING = (
    select(_lot.c.expires_at, func.sum(_lot.c.remaining))
    .join(_holder, _holder.c.id == _lot.c.holder_id)
    .where(*_IN_WALLET, _lot.c.expires_at.is_not(None))
    .group_by(_lot.c.expires_at)
    .order_by(_lot.c.expires_at)
)
_EXPIRING = (
    select(_holder.c.member_id, func.sum(_lot.c.remaining))
    .join(_holder, _holder.c.id == _lot.c.holder_id)
    .where(
        _lot.c.expires_at.between(bindparam("begin"), bindparam("end")),
        _lot.c.remaining > 0,
        _holder.c.member_id > bindparam("after"),
    )
    .group_by(_holder.c.member_id)
    .order_by(_holder.c.member_id)
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class Lot:
    """What is left of a credit: in a pending account until `ripens_at`, in a wallet until `expires_at` or for ever.

    `uses` is how many entries took from it or gave back to it.
    """

    id: int
    holder_id: int
    member_id: int
    unit: Unit
    remaining: int
    space_id: int | None
    ripens_at: datetime | None
    expires_at: datetime | None
    uses: int


def _to_lot(row: Row) -> Lot:
    ripens_at, expires_at, uses = maybe_from_us(row[6]), maybe_from_us(row[7]), row[8]
    return Lot(row[0], row[1], row[2], Unit(row[3]), row[4], row[5], ripens_at, expires_at, uses)


class OpenLots:
    """Reads lots that hold something."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def next_ripening(self) -> datetime | None:
        """Return when the next pending lot ripens; in the past if that was not done yet."""
        return maybe_from_us(self._connection.value(_NEXT_RIPENING))

    def next_expiry(self) -> datetime | None:
        """Return when the next lot of a wallet expires; in the past if that was not done yet."""
        return maybe_from_us(self._connection.value(_NEXT_EXPIRY))

    def ripe(self, most: int) -> list[Lot]:
        """Return pending lots whose time has come, oldest first."""
        return [_to_lot(row) for row in self._connection.all(_RIPE, now=to_us(self._now), most=most)]

    def expired(self, most: int) -> list[Lot]:
        """Return lots of wallets that are past their time, those of one holder together unless they are too many."""
        rows = [_to_lot(row) for row in self._connection.all(_EXPIRED, now=to_us(self._now), most=most)]
        whole = [lot for lot in rows if lot.holder_id != rows[-1].holder_id] if len(rows) == most else rows
        return whole or rows

    def of(self, sources: Iterable[str], unit: Unit) -> list[Lot]:
        """Return what is left of what these sources credited."""
        return [_to_lot(row) for row in self._connection.all(_OF_SOURCES, sources=as_list(sources), unit=unit)]

    def sources_from(self, sources: Sequence[str]) -> tuple[str, ...]:
        """Return the sources and those of the entries that ripened what they credited: all their points came by."""
        return (*sources, *(row[0] for row in self._connection.all(_SOURCES_FROM, sources=as_list(sources))))

    def expired_of(self, sources: Iterable[str], before: int = NEWEST) -> int:
        """Return how many of the points that these sources credited have expired, by entries before that one."""
        return int(self._connection.value(_EXPIRED_OF, sources=as_list(sources), before=before))

    def going_of(self, source: str, by: datetime) -> int:
        """Return how many of the points that a source took are from lots that are over by an instant."""
        return int(self._connection.value(_GOING_OF, source=source, by=to_us(by)))

    def plan(self, member_id: int, points: int) -> list[tuple[int, int]]:
        """Return (holder id, points) that spend a member's oldest points first, whoever of their holders has them."""
        planned: dict[int, int] = defaultdict(int)
        for holder_id, _, taken in self.parts(member_id, points):
            planned[holder_id] += taken
        return list(planned.items())

    def parts(self, member_id: int, points: int) -> list[tuple[int, datetime | None, int]]:
        """Return (holder id, when they expire or None, points) of a member's oldest points, lot by lot."""
        lots = self._connection.all(_OF_MEMBER, member=member_id)
        taken = in_parts((((row[0], row[1]), row[2]) for row in lots), points)
        return [(of[0], maybe_from_us(of[1]), part) for of, part in taken]

    def expiring(self, at: datetime, after_member: int, most: int) -> list[tuple[int, int]]:
        """Return (member id, points) of members above `after_member` who lose points with the month that ends then.

        A month that ended by another clock is meant too: the programme may have moved since the points were given.
        """
        begin, end = to_us(at - _OTHER_CLOCKS), to_us(at + _OTHER_CLOCKS)
        rows = self._connection.all(_EXPIRING, begin=begin, end=end, after=after_member, most=most)
        return [(row[0], int(row[1])) for row in rows]

    def coming_expiries(self, member_id: int) -> list[tuple[datetime, int]]:
        """Return (instant, points) of a member's losses to come, if nothing is spent: with months, and tonight."""
        rows = self._connection.all(_COMING, member=member_id)
        return [(from_us(row[0]), int(row[1])) for row in rows]
