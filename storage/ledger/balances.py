"""Balances and history: what the ledger says of one member."""

from collections.abc import Callable, Mapping, Sequence
from heapq import merge
from itertools import groupby, islice

from sqlalchemy import bindparam, case, func, select

from bot.ledger.ledger import (
    SETTLED,
    SPENDING,
    Balances,
    HistoryLine,
    Reason,
    Unit,
    change_of,
    held,
    is_pending,
    kind_of,
    pending,
    wallet,
)
from bot.rewards.rewards import SpentOn
from storage import schema
from storage.engine.dialect import Connection, Row, as_list, of_member, values_of
from storage.engine.times import from_us
from storage.ledger import lines
from storage.rewards.coupons import Coupons
from storage.rewards.gifts import Gifts

_balance, _holder, _entry = schema.balance, schema.holder, schema.entry
_MOST_LEGS = 6
_FIELDS = {
    (wallet(0), Unit.POINTS.value): "points",
    (wallet(0), Unit.STATUS.value): "status",
    (pending(0), Unit.POINTS.value): "pending",
    (pending(0), Unit.STATUS.value): "pending_status",
    (held(0), Unit.POINTS.value): "held",
}
_BALANCES = (
    select(_balance.c.account_id, _balance.c.unit, _balance.c.amount)
    .join(_balance, _balance.c.account_id.between(_holder.c.id * 4 + 1, _holder.c.id * 4 + 3))
    .where(_holder.c.member_id == bindparam("member"))
)
_POINTS_IN = select(_balance.c.amount).where(
    _balance.c.account_id == bindparam("account"), _balance.c.unit == Unit.POINTS
)
_GIVEN_BY = select(func.coalesce(func.sum(case((_entry.c.from_account < 0, 1), else_=-1) * _entry.c.points), 0)).where(
    _entry.c.source.in_(values_of("sources")), _entry.c.unit == Unit.POINTS
)
_HOLDERS = select(_holder.c.id).where(_holder.c.member_id == bindparam("member"))
_HISTORY = (
    select(*lines.COLUMNS, schema.lot.c.remaining)
    .outerjoin(schema.note, schema.note.c.entry_id == _entry.c.id)
    .outerjoin(schema.lot, schema.lot.c.entry_id == _entry.c.id)
    .where(
        _entry.c.holder_id == bindparam("holder"),
        _entry.c.id < bindparam("before"),
        # What went past all wallets is nobody's.
        (_entry.c.from_account > 0) | (_entry.c.to_account > 0),
    )
    .order_by(_entry.c.id.desc())
    .limit(bindparam("most"))
)


class Accounts:
    """Reads what a member has and how it came to be."""

    def __init__(self, connection: Connection, coupons: Callable[[], Coupons], gifts: Callable[[], Gifts]) -> None:
        self._connection = connection
        self._coupons = coupons
        self._gifts = gifts

    def of(self, member_id: int) -> Balances:
        """Return a member's balances, summed over their holders."""
        amounts: dict[str, int] = {}
        wallets = self._connection.wallets
        for account_id, unit, amount in self._connection.all(_BALANCES, (of_member(member_id),), member=member_id):
            name = _FIELDS[kind_of(account_id), unit]
            amounts[name] = amounts.get(name, 0) + amount
            if name == "points":
                wallets[account_id] = amount
        return Balances(**amounts)

    def points_in(self, account_id: int) -> int:
        """Return the points that one account of a holder has, below zero for a debt."""
        return self._connection.value(_POINTS_IN, (account_id,), account=account_id) or 0

    def given_by(self, sources: Sequence[str]) -> int:
        """Return how many points the entries of these sources gave, less what they took."""
        return int(self._connection.value(_GIVEN_BY, sources=as_list(sources))) if sources else 0

    def history(self, member_id: int, before: int | None, most: int) -> list[HistoryLine]:
        """Return at most `most` lines, newest first, of sources older than the entry `before`."""
        rows = self._newest(member_id, before or lines.NEWEST, (most + 1) * _MOST_LEGS)
        origins = self._origins(rows)
        # What one award gave of each unit ripens by itself, at the same time.
        by_award = [list(legs) for _, legs in groupby(rows, key=lambda row: _award(row, origins))]
        coupons, receivers = self._spent_on(rows), self._receivers(rows)
        return [
            _line(legs, origins.get(legs[0][0]), coupons.get(_held_under(legs[0])), receivers.get(legs[0][1]))
            for legs in by_award[:most]
        ]

    def _newest(self, member_id: int, before: int, most: int) -> list[Row]:
        """Return the newest entries: of each holder along its index, for together all would have to be sorted."""
        holders = [row[0] for row in self._connection.all(_HOLDERS, member=member_id)]
        found = [self._connection.all(_HISTORY, holder=holder, before=before, most=most) for holder in holders]
        return list(islice(merge(*found, key=lambda row: row[0], reverse=True), most))

    def _spent_on(self, rows: Sequence[Row]) -> Mapping[str, SpentOn]:
        sources = {_held_under(row) for row in rows if row[4] in SPENDING}
        return self._coupons().spent_on(sources) if sources else {}

    def _receivers(self, rows: Sequence[Row]) -> Mapping[str, str | None]:
        sources = {row[1] for row in rows if row[4] == Reason.GIFT}
        return self._gifts().receivers(sources) if sources else {}

    def _origins(self, rows: Sequence[Row]) -> dict[int, Row]:
        """Return source, reason and instant of what gave the points at first, for each ripening and expiry."""
        asked = [row[0] for row in rows if row[4] in (Reason.RIPEN, Reason.EXPIRE)]
        found = self._connection.all(lines.ORIGINS, entries=as_list(asked)) if asked else []
        return {row[0]: row[1:] for row in found}


def _award(row: Row, origins: Mapping[int, Row]) -> tuple[str, str]:
    """Return what legs of one line have in common."""
    is_ripening = row[4] == Reason.RIPEN and row[0] in origins
    return (row[4], origins[row[0]][0]) if is_ripening else ("", row[1])


def _held_under(row: Row) -> str:
    """Return the source under which the points of a spending were held."""
    source: str = row[1]
    return source.removeprefix(SETTLED)


def _line(legs: list[Row], origin: Row | None, coupon: SpentOn | None, to: str | None) -> HistoryLine:
    oldest = legs[-1]
    reasons = [Reason(leg[4]) for leg in reversed(legs)]
    changes = {Unit.POINTS: 0, Unit.STATUS: 0}
    pending = []
    for _, _, unit, points, reason, from_account, to_account, _, _, _, remaining in legs:
        changes[Unit(unit)] += change_of(Reason(reason), from_account, to_account, points)
        if remaining and is_pending(to_account):
            pending.append(Unit(unit))
    return HistoryLine(
        entry_id=oldest[0],
        reason=next((reason for reason in reasons if reason is not Reason.CLAWBACK), Reason.CLAWBACK),
        occurred_at=from_us(oldest[7]),
        points=changes[Unit.POINTS],
        status=changes[Unit.STATUS],
        pending=tuple(pending),
        note=oldest[8],
        actor=oldest[9],
        came_from=None if origin is None else Reason(origin[1]),
        came_at=None if origin is None else from_us(origin[2]),
        coupon=coupon,
        to=to if reasons[0] is Reason.GIFT else None,
    )
