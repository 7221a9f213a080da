"""Purchases as they were recorded, with what each is worth now."""

from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import bindparam, func, insert, select, update

from bot import codec
from bot.boosts import Boost
from bot.money import Money
from bot.products import Applied, Goods
from bot.purchases import Limits, Purchase, Terms
from bot.tiers import ONCE
from storage import schema
from storage.dialect import Connection, Row, binds
from storage.times import from_us, to_us

_purchase = schema.purchase
_COLUMNS = [
    "id",
    "shop",
    "receipt",
    "holder_id",
    "cashier_id",
    "space_id",
    "amount_minor",
    "currency",
    "eligible_minor",
    "refunded_minor",
    "version",
    "points",
    "status",
    "terms",
    "rule_version",
    "occurred_at",
    "counting_minor",
    "first_points",
    "goods",
]
_PURCHASE = select(*(_purchase.c[name] for name in _COLUMNS))
_INSERT = (
    insert(_purchase)
    .values(
        binds(
            "shop",
            "receipt",
            "day",
            "holder_id",
            "cashier_id",
            "space_id",
            "amount_minor",
            "eligible_minor",
            "counting_minor",
            "first_points",
            "goods",
            "refunded_minor",
            "currency",
            "version",
            "points",
            "status",
            "terms",
            "rule_version",
            "occurred_at",
        )
    )
    .returning(_purchase.c.id)
)
_IS_KEPT = _purchase.c.refunded_minor < _purchase.c.amount_minor
_BY_RECEIPT = (
    _PURCHASE.where(_purchase.c.shop == bindparam("shop"), _purchase.c.receipt == bindparam("receipt"))
    .order_by(_purchase.c.occurred_at.desc())
    .limit(bindparam("most"))
)
_RECEIPTS = (
    select(_purchase.c.receipt)
    .where(
        _purchase.c.shop == bindparam("shop"),
        _purchase.c.receipt.is_not(None),
        func.substr(_purchase.c.receipt, 1, bindparam("length")) == bindparam("begin"),
    )
    .order_by(_purchase.c.id.desc())
    .limit(bindparam("most"))
)
_BY_RECEIPT_AND_DAY = _PURCHASE.where(
    _purchase.c.shop == bindparam("shop"),
    _purchase.c.receipt == bindparam("receipt"),
    _purchase.c.day == bindparam("day"),
)
_BY_ID = _PURCHASE.where(_purchase.c.id == bindparam("purchase"))
_LIKE = _PURCHASE.where(
    _purchase.c.holder_id == bindparam("holder"),
    _purchase.c.amount_minor == bindparam("amount"),
    _purchase.c.occurred_at > bindparam("since"),
    _IS_KEPT,
)
_OF_MEMBER = _PURCHASE.join(schema.holder, schema.holder.c.id == _purchase.c.holder_id).where(
    schema.holder.c.member_id == bindparam("member")
)
_OF_DAY = _OF_MEMBER.where(_purchase.c.day == bindparam("day"))
_FIRST = (
    _OF_MEMBER.where(_purchase.c.eligible_minor > 0, _IS_KEPT)
    .order_by(_purchase.c.occurred_at, _purchase.c.id)
    .limit(1)
)
_WITH_FIRST_POINTS = _OF_MEMBER.where(_purchase.c.first_points > 0)
_DAY = select(_purchase.c.day).where(_purchase.c.id == bindparam("purchase"))
_UPDATE = (
    update(_purchase)
    .where(_purchase.c.id == bindparam("purchase"))
    .values(
        amount_minor=bindparam("paid"),
        eligible_minor=bindparam("eligible"),
        counting_minor=bindparam("counting"),
        refunded_minor=bindparam("refunded"),
        version=bindparam("new_version"),
        points=bindparam("new_points"),
        status=bindparam("new_status"),
        first_points=bindparam("new_first_points"),
        goods=bindparam("new_goods"),
    )
)


@lru_cache
def terms_text(terms: Terms) -> str:
    """Return terms as they are stored. Most purchases of a time have the same."""
    parts: dict[str, object] = {name: getattr(terms, name) for name in Terms.__slots__}
    limits, boost = terms.limits, terms.boost
    if limits is not None:
        parts["limits"] = limits.minimum_minor, limits.cap_minor, limits.cap_count
    if boost is not None:
        parts["boost"] = boost.id, boost.thousandths, boost.name
    # Most purchases have neither, and there are many.
    if terms.partner_thousandths == ONCE:
        del parts["partner_thousandths"]
    if terms.rate is None:
        del parts["rate"]
    return codec.dump(parts)


def _terms(text: str) -> Terms:
    parts = codec.load(text)
    limits, boost = parts.pop("limits", None), parts.pop("boost", None)
    return Terms(
        **parts,
        limits=None if limits is None else Limits(*limits),
        boost=None if boost is None else Boost(*boost),
    )


def _goods_text(goods: Goods | None) -> str | None:
    if goods is None:
        return None
    rules = [(rule.id, rule.thousandths, rule.name) for rule in goods.rules]
    return codec.dump((goods.kept_minor, goods.weighted, rules, goods.items))


def goods_of(text: str) -> Goods:
    """Read what is known of what a purchase was of, as it is stored."""
    kept_minor, weighted, rules, items = codec.load(text)
    return Goods(kept_minor, weighted, tuple(Applied(*rule) for rule in rules), items)


def _maybe(row: Row | None) -> Purchase | None:
    return None if row is None else _to_purchase(row)


def _to_purchase(row: Row) -> Purchase:
    values = dict(zip(_COLUMNS, row, strict=True))
    values["paid"] = Money(values.pop("amount_minor"), values.pop("currency"))
    values["terms"] = _terms(values["terms"])
    values["occurred_at"] = from_us(values["occurred_at"])
    values["goods"] = None if values["goods"] is None else goods_of(values["goods"])
    return Purchase(**values)


class Purchases:
    """Records purchases and finds them again."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def add(self, purchase: Purchase, day: str) -> int:
        """Record a purchase made on a local day; return its id (the one given is not used)."""
        new_id: int = self._connection.value(
            _INSERT,
            shop=purchase.shop,
            receipt=purchase.receipt,
            day=day,
            holder_id=purchase.holder_id,
            cashier_id=purchase.cashier_id,
            space_id=purchase.space_id,
            amount_minor=purchase.paid.amount_minor,
            currency=purchase.paid.currency,
            eligible_minor=purchase.eligible_minor,
            counting_minor=purchase.counting_minor,
            first_points=purchase.first_points,
            goods=_goods_text(purchase.goods),
            refunded_minor=purchase.refunded_minor,
            version=purchase.version,
            points=purchase.points,
            status=purchase.status,
            terms=terms_text(purchase.terms),
            rule_version=purchase.rule_version,
            occurred_at=to_us(purchase.occurred_at),
        )
        return new_id

    def by_receipt(self, shop: str, receipt: str, most: int) -> list[Purchase]:
        """Return the newest purchases with this receipt, which is unique for a day only."""
        rows = self._connection.all(_BY_RECEIPT, shop=shop, receipt=receipt, most=most)
        return [_to_purchase(row) for row in rows]

    def receipts(self, shop: str, typed: str, most: int) -> list[str]:
        """Return the newest receipt numbers that begin like what was typed."""
        rows = self._connection.all(_RECEIPTS, shop=shop, begin=typed, length=len(typed), most=most)
        return [row[0] for row in rows]

    def on_day(self, shop: str, receipt: str, day: str) -> Purchase | None:
        """Return the purchase with this receipt on this local day."""
        return _maybe(self._connection.first(_BY_RECEIPT_AND_DAY, shop=shop, receipt=receipt, day=day))

    def by_id(self, purchase_id: int) -> Purchase | None:
        """Return a purchase by its number."""
        return _maybe(self._connection.first(_BY_ID, purchase=purchase_id))

    def like(self, holder_id: int, paid: Money, within: timedelta) -> Purchase | None:
        """Return a recent purchase of the same amount by the same holder."""
        since = to_us(self._now - within)
        row = self._connection.first(_LIKE, holder=holder_id, amount=paid.amount_minor, since=since)
        return _maybe(row)

    def of_day(self, member_id: int, day: str) -> list[Purchase]:
        """Return a member's purchases of a local day."""
        return [_to_purchase(row) for row in self._connection.all(_OF_DAY, member=member_id, day=day)]

    def first_of(self, member_id: int) -> Purchase | None:
        """Return the earliest of a member's purchases that count."""
        return _maybe(self._connection.first(_FIRST, member=member_id))

    def with_first_points(self, member_id: int) -> list[Purchase]:
        """Return those of a member's purchases that bring points as the first one: one at most, or it has changed."""
        return [_to_purchase(row) for row in self._connection.all(_WITH_FIRST_POINTS, member=member_id)]

    def day_of(self, purchase_id: int) -> str:
        """Return the local day of a purchase, as it was when it was recorded."""
        day: str = self._connection.value(_DAY, purchase=purchase_id)
        return day

    def update(self, purchase: Purchase) -> None:
        """Store what is known now of what was paid and kept, and what the purchase is worth now."""
        self._connection.run(
            _UPDATE,
            purchase=purchase.id,
            paid=purchase.paid.amount_minor,
            eligible=purchase.eligible_minor,
            counting=purchase.counting_minor,
            refunded=purchase.refunded_minor,
            new_version=purchase.version,
            new_points=purchase.points,
            new_status=purchase.status,
            new_first_points=purchase.first_points,
            new_goods=_goods_text(purchase.goods),
        )
