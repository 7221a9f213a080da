"""Purchases by the thousand, as a file brings them: what is known of them already, and recording the rest."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, insert, or_, select, update

from bot.purchases.purchases import Counted, Terms
from storage import schema
from storage.engine.dialect import Connection, as_list, binds, values_of
from storage.engine.times import to_us
from storage.purchases.purchase_texts import goods_of, terms_text

_purchase = schema.purchase
RECORDED = (
    *(_purchase.c.id, _purchase.c.holder_id, _purchase.c.amount_minor, _purchase.c.refunded_minor),
    _purchase.c.day,
)
"""The columns of Recorded."""
_KNOWN = select(_purchase.c.receipt, *RECORDED).where(
    _purchase.c.shop == bindparam("shop"), _purchase.c.receipt.in_(values_of("receipts"))
)
_BY_HAND = (
    select(_purchase.c.receipt, *RECORDED)
    .where(
        _purchase.c.shop == bindparam("shop"),
        or_(_purchase.c.receipt.is_(None), _purchase.c.cashier_id.is_not(None)),
        _purchase.c.day.in_(values_of("days")),
        _purchase.c.holder_id.in_(values_of("holders", int)),
    )
    .order_by(_purchase.c.occurred_at, _purchase.c.id)
)
_NUMBER = update(_purchase).where(_purchase.c.id == bindparam("purchase")).values(receipt=bindparam("new_receipt"))
_COUNTED = (
    select(
        *(_purchase.c.currency, _purchase.c.eligible_minor, _purchase.c.amount_minor, _purchase.c.refunded_minor),
        *(_purchase.c.counting_minor, _purchase.c.goods),
    )
    .join(schema.holder, schema.holder.c.id == _purchase.c.holder_id)
    .where(
        schema.holder.c.member_id == bindparam("member"),
        _purchase.c.day == bindparam("day"),
        _purchase.c.eligible_minor > 0,
        _purchase.c.refunded_minor < _purchase.c.amount_minor,
    )
)


class Recorded(NamedTuple):
    """What is known of a purchase that a file may be about, on a local day (ISO)."""

    id: int
    holder_id: int
    amount_minor: int
    refunded_minor: int
    day: str


class NewPurchase(NamedTuple):
    """A purchase that nothing is known of yet, on a local day (ISO)."""

    shop: str
    receipt: str | None
    day: str
    holder_id: int
    cashier_id: int | None
    space_id: int | None
    amount_minor: int
    eligible_minor: int
    refunded_minor: int
    currency: str
    points: int
    status: int
    terms: Terms
    rule_version: str
    occurred_at: datetime


_COLUMNS = NewPurchase._fields
_INSERT = insert(_purchase).values(binds(*_COLUMNS))


class PurchaseBatches:
    """Looks purchases up and records them, many with each statement."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def known(self, shop: str, receipts: Iterable[str]) -> dict[tuple[str, str], Recorded]:
        """Return those of a shop's purchases that have one of the receipts, by receipt and local day."""
        rows = self._connection.all(_KNOWN, shop=shop, receipts=as_list(receipts))
        found = [(receipt, Recorded(*about)) for receipt, *about in rows]
        return {(receipt, purchase.day): purchase for receipt, purchase in found}

    def by_hand(self, shop: str, days: Iterable[str], holder_ids: Iterable[int]) -> list[tuple[str | None, Recorded]]:
        """Return those of a shop's purchases on local days by holders that a cashier recorded, or a code, with the
        receipt numbers that were typed."""
        found = self._connection.all(_BY_HAND, shop=shop, days=as_list(days), holders=as_list(holder_ids))
        return [(receipt, Recorded(*about)) for receipt, *about in found]

    def number(self, receipts: Mapping[int, str]) -> None:
        """Give purchases that have none their receipts, by their ids."""
        for purchase_id, receipt in receipts.items():
            self._connection.run(_NUMBER, purchase=purchase_id, new_receipt=receipt)

    def counted(self, members_and_days: Iterable[tuple[int, str]]) -> dict[tuple[int, str], Counted]:
        """Return what counts already for each member on each local day, without what was refunded."""
        # All are asked before one is waited for, where statements are sent ahead.
        asked = {pair: self._connection.run(_COUNTED, member=pair[0], day=pair[1]) for pair in members_and_days}
        counted = {pair: Counted() for pair in asked}
        for pair, cursor in asked.items():
            for currency, *about in cursor.fetchall():
                counted[pair].add(_net(*about), currency)
        return counted

    def add(self, purchases: Iterable[NewPurchase]) -> None:
        """Record purchases, whose ids `known` tells then."""
        terms = _Terms()
        rows = [
            (*about, points, status, terms[of], version, to_us(at))
            for *about, points, status, of, version, at in purchases
        ]
        self._connection.run_rows(_INSERT, _COLUMNS, rows)


def _net(eligible: int, paid: int, refunded: int, counting: int | None, goods: str | None) -> int:
    """Return what `Purchase.net_eligible_minor` does."""
    if goods is not None and counting:
        return eligible * goods_of(goods).kept_minor // counting
    return eligible * (paid - refunded) // paid


class _Terms(dict[Terms, str]):
    """Terms as they are stored: most purchases of a file have the same."""

    def __missing__(self, terms: Terms) -> str:
        dumped = self[terms] = terms_text(terms)
        return dumped
