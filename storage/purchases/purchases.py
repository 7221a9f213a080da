"""Purchases as they were recorded, with what each is worth now."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from bot.purchases.money import Money
from bot.purchases.purchases import Purchase
from storage import schema
from storage.engine.ahead import Ahead
from storage.engine.dialect import Connection, Row, as_list, binds, values_of
from storage.engine.times import from_us, to_us
from storage.purchases.purchase_texts import goods_of, goods_text, terms_of, terms_text

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
_NUMBERED = (
    _PURCHASE.add_columns(_purchase.c.day)
    .where(_purchase.c.shop == bindparam("shop"), _purchase.c.receipt.in_(values_of("receipts", str)))
    .order_by(_purchase.c.occurred_at.desc())
)
_OF_DAYS = (
    _PURCHASE.add_columns(schema.holder.c.member_id, _purchase.c.day)
    .join(schema.holder, schema.holder.c.id == _purchase.c.holder_id)
    .where(schema.holder.c.member_id.in_(values_of("members", int)), _purchase.c.day.in_(values_of("days", str)))
)
_OF_DAY = _OF_MEMBER.where(_purchase.c.day == bindparam("day"))
_IN_SHOP = (
    _OF_MEMBER.add_columns(_purchase.c.day)
    .where(
        _purchase.c.shop == bindparam("shop"), _purchase.c.receipt.is_not(None), _purchase.c.day >= bindparam("since")
    )
    .order_by(_purchase.c.occurred_at.desc())
)
_FIRST = (
    _OF_MEMBER.where(_purchase.c.eligible_minor > 0, _IS_KEPT)
    .order_by(_purchase.c.occurred_at, _purchase.c.id)
    .limit(1)
)
_SOME_THAT_COUNT = (
    select(_purchase.c.id)
    .join(schema.holder, schema.holder.c.id == _purchase.c.holder_id)
    .where(schema.holder.c.member_id == bindparam("member"), _purchase.c.eligible_minor > 0, _IS_KEPT)
    .limit(bindparam("most"))
    .subquery()
)
_COUNT = select(func.count()).select_from(_SOME_THAT_COUNT)
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


DatedPurchase = tuple[str, Purchase]
"""A purchase with its local day (ISO), as it was when it was recorded."""


def _maybe(row: Row | None) -> Purchase | None:
    return None if row is None else _to_purchase(row)


def _to_purchase(row: Sequence[Any]) -> Purchase:
    values = dict(zip(_COLUMNS, row, strict=True))
    values["paid"] = Money(values.pop("amount_minor"), values.pop("currency"))
    values["terms"] = terms_of(values["terms"])
    values["occurred_at"] = from_us(values["occurred_at"])
    values["goods"] = None if values["goods"] is None else goods_of(values["goods"])
    return Purchase(**values)


def _dated(row: Sequence[Any]) -> DatedPurchase:
    return row[-1], _to_purchase(row[:-1])


class Purchases:
    """Records purchases and finds them again."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._numbered: Ahead[tuple[str, str], list[DatedPurchase]] = Ahead()
        self._of_day: Ahead[tuple[int, str], list[Purchase]] = Ahead()

    def read_receipts_ahead(self, shop: str, receipts: Iterable[str]) -> None:
        """Read what `numbered` will be asked for."""
        asked = set(receipts)
        found: dict[tuple[str, str], list[DatedPurchase]] = defaultdict(list)
        for day, purchase in self._read_numbered(shop, asked) if asked else []:
            assert purchase.receipt is not None
            found[shop, purchase.receipt].append((day, purchase))
        self._numbered.keep([(shop, receipt) for receipt in asked], found, [])

    def _read_numbered(self, shop: str, receipts: Iterable[str]) -> list[DatedPurchase]:
        return [_dated(row) for row in self._connection.all(_NUMBERED, shop=shop, receipts=as_list(receipts))]

    def read_days_ahead(self, members_and_days: Iterable[tuple[int, str]]) -> None:
        """Read what `of_day` will be asked for."""
        asked = set(members_and_days)
        members, days = {member_id for member_id, _ in asked}, {day for _, day in asked}
        rows = self._connection.all(_OF_DAYS, members=as_list(members), days=as_list(days)) if asked else []
        found: dict[tuple[int, str], list[Purchase]] = defaultdict(list)
        for *about, member_id, day in rows:
            found[member_id, day].append(_to_purchase(about))
        self._of_day.keep(asked, found, [])

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
            goods=goods_text(purchase.goods),
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

    def numbered(self, shop: str, receipt: str) -> list[DatedPurchase]:
        """Return the purchases with this receipt, of which a day has one, the newest first."""
        return self._numbered.take((shop, receipt), lambda: self._read_numbered(shop, [receipt]))

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

    def like(self, holder_id: int, paid: Money, since: datetime) -> Purchase | None:
        """Return a purchase of the same amount by the same holder after an instant."""
        row = self._connection.first(_LIKE, holder=holder_id, amount=paid.amount_minor, since=to_us(since))
        return _maybe(row)

    def of_day(self, member_id: int, day: str) -> list[Purchase]:
        """Return a member's purchases of a local day."""

        def read() -> list[Purchase]:
            return [_to_purchase(row) for row in self._connection.all(_OF_DAY, member=member_id, day=day)]

        return self._of_day.take((member_id, day), read)

    def in_shop(self, member_id: int, shop: str, since: str) -> list[DatedPurchase]:
        """Return a member's purchases in a shop that have a receipt, since a local day, the newest first."""
        return [_dated(row) for row in self._connection.all(_IN_SHOP, member=member_id, shop=shop, since=since)]

    def first_of(self, member_id: int) -> Purchase | None:
        """Return the earliest of a member's purchases that count."""
        return _maybe(self._connection.first(_FIRST, member=member_id))

    def count(self, member_id: int, most: int) -> int:
        """Return how many of a member's purchases count now, at most so many."""
        return int(self._connection.value(_COUNT, member=member_id, most=most))

    def with_first_points(self, member_id: int) -> list[Purchase]:
        """Return those of a member's purchases that bring points as the first one: one at most, or it has changed."""
        return [_to_purchase(row) for row in self._connection.all(_WITH_FIRST_POINTS, member=member_id)]

    def day_of(self, purchase_id: int) -> str:
        """Return the local day of a purchase, as it was when it was recorded."""
        day: str = self._connection.value(_DAY, purchase=purchase_id)
        return day

    def update(self, purchase: Purchase) -> None:
        """Store what is known now of what was paid and kept, and what the purchase is worth now."""
        self._numbered.forget()
        self._of_day.forget()
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
            new_goods=goods_text(purchase.goods),
        )
