"""Purchases as they were recorded, with what each is worth now."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, insert, select, update

from bot import codec
from bot.money import Money
from bot.purchases import Purchase, Terms
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
            "currency",
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
_COUNTED = _PURCHASE.join(schema.holder, schema.holder.c.id == _purchase.c.holder_id).where(
    schema.holder.c.member_id == bindparam("member"),
    _purchase.c.day == bindparam("day"),
    _purchase.c.eligible_minor > 0,
    _IS_KEPT,
)
_UPDATE = (
    update(_purchase)
    .where(_purchase.c.id == bindparam("purchase"))
    .values(
        refunded_minor=bindparam("refunded"),
        version=bindparam("new_version"),
        points=bindparam("new_points"),
        status=bindparam("new_status"),
    )
)


def _maybe(row: Row | None) -> Purchase | None:
    return None if row is None else _to_purchase(row)


def _to_purchase(row: Row) -> Purchase:
    values = dict(zip(_COLUMNS, row, strict=True))
    values["paid"] = Money(values.pop("amount_minor"), values.pop("currency"))
    values["terms"] = Terms(**codec.load(values["terms"]))
    values["occurred_at"] = from_us(values["occurred_at"])
    return Purchase(**values)


class Purchases:
    """Records purchases and finds them again."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def add(self, purchase: Purchase, day: str) -> int:
        """Record a purchase made on a local day; return its id (the one given is not used)."""
        terms = purchase.terms
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
            points=purchase.points,
            status=purchase.status,
            terms=codec.dump({name: getattr(terms, name) for name in Terms.__slots__}),
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

    def counted(self, member_id: int, day: str) -> tuple[int, int]:
        """Return (purchases, minor units) that count for the member on a local day, without what was refunded."""
        kept = [_to_purchase(row) for row in self._connection.all(_COUNTED, member=member_id, day=day)]
        return len(kept), sum(purchase.net_eligible_minor for purchase in kept)

    def update(self, purchase: Purchase) -> None:
        """Store what was refunded and what the purchase is worth now."""
        self._connection.run(
            _UPDATE,
            purchase=purchase.id,
            refunded=purchase.refunded_minor,
            new_version=purchase.version,
            new_points=purchase.points,
            new_status=purchase.status,
        )
