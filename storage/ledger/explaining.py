"""What the ledger knows about one line of a member's history: its legs, lots, uses and reversals."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, func, select

from bot.ledger.explanation import Explanation, Receipt, Related, Rule
from bot.ledger.ledger import SETTLED, SPENDING, Reason, Unit, change_of, is_wallet
from bot.purchases.money import Money
from bot.purchases.purchases import particulars, sources_of
from bot.rewards.rewards import SpentOn
from bot.tiers.tiers import decimal
from storage import schema
from storage.engine.dialect import Connection, Row, as_list, values_of
from storage.engine.times import from_us, maybe_from_us
from storage.ledger import lines
from storage.ledger.open_lots import OpenLots
from storage.purchases.purchases import Purchases
from storage.rewards.coupons import Coupons
from storage.rewards.gifts import Gifts

_entry, _lot, _use, _holder = schema.entry, schema.lot, schema.lot_use, schema.holder
_origin = _entry.alias("origin")
_undoing = _entry.alias("undoing")
_LEGS = (
    select(
        *lines.COLUMNS,
        schema.space.c.title,
        _entry.c.rule_version,
        schema.rule_version.c.first_used_at,
        schema.rule_version.c.rule,
        schema.rule_version.c.content,
    )
    .join(_holder, _holder.c.id == _entry.c.holder_id)
    .outerjoin(schema.note, schema.note.c.entry_id == _entry.c.id)
    .outerjoin(schema.space, schema.space.c.id == _entry.c.space_id)
    .outerjoin(schema.rule_version, schema.rule_version.c.id == _entry.c.rule_version)
    .where(
        _holder.c.member_id == bindparam("member"),
        _entry.c.source.in_(values_of("sources", str)),
    )
    .order_by(_entry.c.leg, _entry.c.id)
)
_SOURCE = select(_entry.c.source, _entry.c.reason, _entry.c.occurred_at).where(_entry.c.id == bindparam("entry"))
_RIPENED_WITH = (
    select(_entry.c.source)
    .join(_use, _use.c.entry_id == _entry.c.id)
    .join(_lot, _lot.c.id == _use.c.lot_id)
    .join(_origin, _origin.c.id == _lot.c.entry_id)
    .where(
        _origin.c.source == bindparam("source"),
        _entry.c.reason == Reason.RIPEN,
        _entry.c.occurred_at == bindparam("at"),
    )
)
_LOTS = select(
    _lot.c.id, _lot.c.entry_id, _lot.c.points, _lot.c.remaining, _lot.c.ripens_at, _lot.c.expires_at, _lot.c.unit
).where(_lot.c.entry_id.in_(values_of("entries", int)))
_USES = (
    select(_entry.c.id, _entry.c.reason, _entry.c.occurred_at, _use.c.points, _entry.c.unit, _use.c.lot_id)
    .join(_entry, _entry.c.id == _use.c.entry_id)
    .where(
        _use.c.lot_id.in_(values_of("lots", int)),
        _use.c.points > 0,
        ~exists().where(_undoing.c.reverses == _use.c.entry_id),
    )
    .order_by(_entry.c.id)
)
_TAKEN = (
    select(_origin.c.id, _origin.c.reason, _origin.c.occurred_at, _use.c.points, _use.c.entry_id, _origin.c.unit)
    .join(_lot, _lot.c.id == _use.c.lot_id)
    .join(_origin, _origin.c.id == _lot.c.entry_id)
    .where(_use.c.entry_id.in_(values_of("entries", int)), _use.c.points > 0)
    .order_by(_origin.c.id)
)
_PUT_BACK = select(func.coalesce(func.sum(-_use.c.points), 0)).where(
    _use.c.entry_id.in_(values_of("entries", int)), _use.c.points < 0
)
_OF_SOURCE = select(_entry.c.id).where(_entry.c.source == bindparam("source"))
_REVERSED_BY = (
    select(_entry.c.id, _entry.c.reason, _entry.c.occurred_at, _entry.c.points)
    .where(_entry.c.reverses.in_(values_of("entries", int)), _entry.c.unit == bindparam("unit"))
    .order_by(_entry.c.id)
)
_REVERSES = (
    select(_origin.c.id, _origin.c.reason, _origin.c.occurred_at, _origin.c.points)
    .join(_entry, _entry.c.reverses == _origin.c.id)
    .where(_entry.c.id.in_(values_of("entries", int)), _origin.c.unit == bindparam("unit"))
    .order_by(_origin.c.id)
)
_GIVEN_BACK = (Reason.RELEASE, Reason.REVERSE)
_PURCHASE = re.compile(r"shop:[^:]+:([0-9]+):v[0-9]+")


class Explanations:
    """Explains lines of the history to the member they belong to."""

    def __init__(
        self, connection: Connection, purchases: Purchases, lots: OpenLots, coupons: Coupons, gifts: Gifts
    ) -> None:
        self._connection = connection
        self._purchases = purchases
        self._lots = lots
        self._coupons = coupons
        self._gifts = gifts

    def of(self, member_id: int, entry_id: int) -> Explanation | None:
        """Return what is known about an entry and the other legs of its source; None if it is not the member's."""
        legs = self._connection.all(_LEGS, member=member_id, sources=as_list(self._sources(entry_id)))
        if not legs:
            return None
        first, ids = legs[0], [leg[0] for leg in legs]
        unit = Unit.POINTS if any(leg[2] == Unit.POINTS for leg in legs) else Unit.STATUS
        own = self._connection.all(_LOTS, entries=as_list(ids))
        ripening = [use for use in self._uses(own) if use[1] == Reason.RIPEN]
        wallets = own + self._connection.all(_LOTS, entries=as_list(use[0] for use in ripening))
        uses = self._uses(wallets)
        credits = [*_direct(legs), *((use[0], use[3]) for use in ripening if use[4] == Unit.POINTS)]
        reasons = [Reason(leg[4]) for leg in legs]
        spent = self._connection.all(_TAKEN, entries=as_list(self._held_by(first[1]) or ids))
        return Explanation(
            number=first[0],
            reason=next((reason for reason in reasons if reason is not Reason.CLAWBACK), Reason.CLAWBACK),
            occurred_at=from_us(first[7]),
            points=_sum(legs, Unit.POINTS),
            status=_sum(legs, Unit.STATUS),
            actor=first[9],
            note=first[8],
            place=first[10],
            rule=_rule(*first[11:15]),
            receipt=self._receipt(first[1], first[0]),
            ripens_at=next((from_us(lot[4]) for lot in own if lot[4] is not None and lot[3] > 0), None),
            ripened_at=max((from_us(use[2]) for use in ripening), default=None),
            left=_left(wallets),
            repaid=_repaid(credits, wallets) + _repaid_later(wallets, uses) + self._repaid_by_return(legs, own),
            used=self._in_words(use[:4] for use in uses if use[1] != Reason.RIPEN and use[4] == unit),
            taken_from=self._origins(taken for taken in spent if taken[5] == unit),
            owed=sum(leg[3] for leg in legs if Reason(leg[4]) is Reason.CLAWBACK) - _clawed_back(legs, spent),
            reverses=_related(self._connection.all(_REVERSES, entries=as_list(ids), unit=unit)),
            reversed_by=_related(self._connection.all(_REVERSED_BY, entries=as_list(ids), unit=unit)),
            coupon=self._spent_on(first[1]) if reasons[0] in SPENDING else None,
            to=self._gifts.receivers([first[1]]).get(first[1]) if reasons[0] is Reason.GIFT else None,
        )

    def _repaid_by_return(self, legs: Iterable[Row], own: Iterable[Row]) -> int:
        """Return how much of what was given back went into a debt: neither into lots it was of nor into new ones."""
        returned: dict[int, int] = {leg[0]: leg[3] for leg in _to_wallets(legs) if Reason(leg[4]) in _GIVEN_BACK}
        if not returned:
            return 0
        put_back = int(self._connection.value(_PUT_BACK, entries=as_list(returned)))
        in_lots: int = sum(lot[2] for lot in own if lot[1] in returned)
        return sum(returned.values()) - put_back - in_lots

    def _spent_on(self, source: str) -> SpentOn | None:
        held = source.removeprefix(SETTLED)
        return self._coupons.spent_on([held]).get(held)

    def _in_words(self, rows: Iterable[Sequence[Any]]) -> tuple[Related, ...]:
        """Return other entries, those that spend points with what they were spent on, gifts with who got them."""
        related = _related(rows)
        spent = [other.number for other in related if other.reason in SPENDING]
        given = [other.number for other in related if other.reason is Reason.GIFT]
        coupons = self._coupons.spent_by(spent) if spent else {}
        receivers = self._gifts.receivers_by(given) if given else {}
        return tuple(
            replace(other, coupon=coupons.get(other.number), to=receivers.get(other.number)) for other in related
        )

    def _sources(self, entry_id: int) -> list[str]:
        """Return the source of an entry, for a ripening also those of what else of its award ripened with it."""
        found = self._connection.first(_SOURCE, entry=entry_id)
        if found is None:
            return []
        source, reason, at = found
        origin = self._connection.first(lines.ORIGINS, entries=as_list([entry_id])) if reason == Reason.RIPEN else None
        if origin is None:
            return [source]
        return [row[0] for row in self._connection.all(_RIPENED_WITH, source=origin[1], at=at)]

    def _uses(self, lots: Iterable[Row]) -> list[Row]:
        return self._connection.all(_USES, lots=as_list(lot[0] for lot in lots))

    def _held_by(self, source: str) -> list[int]:
        """Return the entries that held what an entry of this source used up, none where it did not."""
        held = source.removeprefix(SETTLED)
        return [] if held == source else [row[0] for row in self._connection.all(_OF_SOURCE, source=held)]

    def _origins(self, spent: Iterable[Row]) -> tuple[Related, ...]:
        """Return what points came from, seen through the ripening that moved them to the wallet."""
        rows: list[Row] = []
        for taken in spent:
            before = self._connection.all(_TAKEN, entries=as_list([taken[0]])) if taken[1] == Reason.RIPEN else []
            rows.append((*before[0][:3], taken[3]) if before else taken[:4])
        return _related(rows)

    def _receipt(self, source: str, entry_id: int) -> Receipt | None:
        """Return the purchase of a source, with what had expired of it before the entry."""
        found = _PURCHASE.fullmatch(source)
        purchase = None if found is None else self._purchases.by_id(int(found[1]))
        if found is None or purchase is None:
            return None
        refunded = Money(purchase.refunded_minor, purchase.paid.currency) if purchase.refunded_minor else None
        sources = self._lots.sources_from(sources_of(purchase))
        return Receipt(
            number=purchase.receipt or f"#{purchase.id}",
            paid=purchase.paid,
            at=purchase.occurred_at,
            refunded=refunded,
            expired=self._lots.expired_of(sources, before=entry_id),
            multiplier=decimal(purchase.terms.thousandths),
            boost=None if purchase.terms.boost is None else purchase.terms.boost.shown(),
            first_points=purchase.first_points,
            **particulars(purchase),
        )


def _rule(version: str | None, since: int | None, rule: str | None, content: str | None) -> Rule | None:
    if version is None or since is None or rule is None or content is None:
        return None
    return Rule(rule.partition(":")[0], version, from_us(since), json.loads(content))


def _sum(legs: Iterable[Row], unit: Unit) -> int:
    return sum(change_of(Reason(leg[4]), leg[5], leg[6], leg[3]) for leg in legs if leg[2] == unit)


def _to_wallets(legs: Iterable[Row]) -> Iterator[Row]:
    return (leg for leg in legs if leg[2] == Unit.POINTS and is_wallet(leg[6]))


def _direct(legs: Iterable[Row]) -> Iterator[tuple[int, int]]:
    """Yield (entry id, points) of what went straight to a wallet, but for what was given back to older lots."""
    return ((leg[0], leg[3]) for leg in _to_wallets(legs) if Reason(leg[4]) not in _GIVEN_BACK)


def _clawed_back(legs: Iterable[Row], spent: Iterable[Row]) -> int:
    """Return how much of the clawbacks among the legs lots covered."""
    clawbacks = {leg[0] for leg in legs if Reason(leg[4]) is Reason.CLAWBACK}
    return sum(use[3] for use in spent if use[4] in clawbacks)


def _left(lots: Iterable[Row]) -> tuple[tuple[int, datetime | None], ...]:
    """Return what wallets still hold of the lots, each with its expiry."""
    return tuple((lot[3], maybe_from_us(lot[5])) for lot in lots if lot[3] and lot[4] is None)


def _repaid(credits: Iterable[tuple[int, int]], lots: Iterable[Row]) -> int:
    """Return how much of (entry id, points) credited to wallets made no lot, because it paid back a debt."""
    in_lots = {lot[1]: lot[2] for lot in lots}
    return sum(points - in_lots.get(entry_id, 0) for entry_id, points in credits)


def _repaid_later(lots: Iterable[Row], uses: Sequence[Row]) -> int:
    """Return how much of the lots of wallets was taken, and went into a debt as it was given back."""
    taken: dict[int, int] = {lot[0]: lot[2] - lot[3] for lot in lots if lot[4] is None and lot[6] == Unit.POINTS}
    gone: int = sum(use[3] for use in uses if use[5] in taken)
    return sum(taken.values()) - gone


def _related(rows: Iterable[Sequence[Any]]) -> tuple[Related, ...]:
    """Return other entries, each once, from (entry id, reason, occurred at, points)."""
    points: dict[tuple[int, str, int], int] = defaultdict(int)
    for entry_id, reason, occurred_at, shared in rows:
        points[entry_id, reason, occurred_at] += shared
    return tuple(Related(which[0], Reason(which[1]), from_us(which[2]), shared) for which, shared in points.items())
