"""Orders of shops: the facts told of each, its buyer once that is a member, and what waits for one."""

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import bindparam, delete, insert, or_, select, update

from bot.purchases.products import Weighed
from bot.purchases.shop_orders import Fact
from bot.values import value
from storage import schema
from storage.engine.ahead import Ahead
from storage.engine.dialect import Connection, Row, as_list, binds, values_of
from storage.engine.forgetting import delete_oldest
from storage.engine.times import from_us, maybe_from_us, to_us
from storage.purchases.purchase_batches import RECORDED, Recorded
from storage.purchases.purchase_texts import items_of, items_plain

_order, _purchase = schema.shop_order, schema.purchase
_NAMES = (
    "id",
    "shop",
    "order_key",
    "heard_at",
    "facts",
    "email_key",
    "phone_key",
    "holder_id",
    "purchase_id",
    "waits_until",
    "terms",
)
_KEPT = _NAMES[4:]
# In the order of the table.
_COLUMNS = (*_NAMES[1:3], *_NAMES[4:10], "heard_at", "terms")
_ORDERS = select(*(_order.c[name] for name in _NAMES))
_FIND = _ORDERS.where(_order.c.shop == bindparam("of_shop"), _order.c.order_key == bindparam("key"))
_FIND_MANY = _ORDERS.where(_order.c.shop == bindparam("of_shop"), _order.c.order_key.in_(values_of("keys", str)))
_WAITING = _ORDERS.where(
    _order.c.holder_id.is_(None),
    _order.c.waits_until > bindparam("now"),
    or_(_order.c.email_key == bindparam("contact"), _order.c.phone_key == bindparam("contact")),
).order_by(_order.c.id)
_HASHED = (
    select(_order.c.terms, *RECORDED)
    .join(_purchase, _purchase.c.id == _order.c.purchase_id)
    .where(
        _order.c.shop == bindparam("of_shop"),
        _order.c.holder_id.in_(values_of("holders", int)),
        _order.c.terms.is_not(None),
        _purchase.c.receipt.is_(None),
    )
)
_OF_PURCHASE = select(_order.c.id).where(_order.c.purchase_id == bindparam("purchase"))
_OF_PURCHASES = select(_order.c.purchase_id).where(_order.c.purchase_id.in_(values_of("purchases", int)))
_ADD = insert(_order).values(binds(*_NAMES[1:]))
_PUT = update(_order).where(_order.c.id == bindparam("this")).values({name: bindparam(f"new_{name}") for name in _KEPT})
_DROP_ALL = delete(_order).where(_order.c.shop == bindparam("of_shop"), _order.c.holder_id.is_(None))
_DROP = _DROP_ALL.where(
    or_(
        *(column.in_(values_of("keys", str)) for column in (_order.c.order_key, _order.c.email_key, _order.c.phone_key))
    )
)
_FORGET = delete_oldest(_order.c.waits_until)
_OF_GOODS = 5
"""How many things are stored of what a fact is of."""


@value
class OrderTerms:
    """What an order is reckoned by since it was first heard of: the version of the purchase rule that says what its
    products bring, and by currency what one of it is worth in the shop's own.

    `number_key` is the hash of the number that people call it by, of an order that had no purchase when it was told, or
    whose purchase cannot have that number since another of the same day has it.
    """

    rule_version: str
    rates: Mapping[str, str] = field(default_factory=dict)
    number_key: str | None = None


@value
class StoredOrder:
    """An order of a shop. `id` is 0 as long as it is not stored; `waits_until` is None once its buyer is known.

    `heard_at` is when it was first heard of. `terms` is None where it was first heard of by a version of the bot that
    did not know products. `order_key`, `email_key` and `phone_key` are keyed hashes.
    """

    id: int
    shop: str
    order_key: str
    facts: Mapping[str, Fact]
    heard_at: datetime
    email_key: str | None = None
    phone_key: str | None = None
    holder_id: int | None = None
    purchase_id: int | None = None
    waits_until: datetime | None = None
    terms: OrderTerms | None = None


class ShopOrders:
    """Stores orders and finds them again."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self._ahead: Ahead[tuple[str, str], StoredOrder | None] = Ahead()

    def read_ahead(self, shop: str, order_keys: Iterable[str]) -> None:
        """Read what `find` will be asked for."""
        keys = set(order_keys)
        orders = map(_to_order, self._connection.all(_FIND_MANY, of_shop=shop, keys=as_list(keys)))
        found = {(order.shop, order.order_key): order for order in orders}
        self._ahead.keep([(shop, key) for key in keys], found, None)

    def find(self, shop: str, order_key: str) -> StoredOrder | None:
        """Return an order of which something was told before."""
        return self._ahead.take((shop, order_key), lambda: self._find(shop, order_key))

    def _find(self, shop: str, order_key: str) -> StoredOrder | None:
        row = self._connection.first(_FIND, of_shop=shop, key=order_key)
        return None if row is None else _to_order(row)

    def has_purchase(self, purchase_id: int) -> bool:
        """Whether a purchase is that of an order."""
        return self._connection.first(_OF_PURCHASE, purchase=purchase_id) is not None

    def with_orders(self, purchase_ids: Iterable[int]) -> set[int]:
        """Return those of the purchases that are orders'."""
        return {row[0] for row in self._connection.all(_OF_PURCHASES, purchases=as_list(purchase_ids))}

    def put(self, order: StoredOrder) -> None:
        """Store an order."""
        values = _values(order)
        if order.id:
            self._connection.run(_PUT, this=order.id, **{f"new_{name}": values[name] for name in _KEPT})
        else:
            self._connection.insert_later(_ADD, _COLUMNS, [[values[name] for name in _COLUMNS]])

    def waiting_for(self, contact_key: str) -> list[StoredOrder]:
        """Return the orders without a buyer that name this address or number."""
        rows = self._connection.all(_WAITING, contact=contact_key, now=to_us(self._now))
        return [_to_order(row) for row in rows]

    def hashed(self, shop: str, holder_ids: Iterable[int]) -> list[tuple[str, Recorded]]:
        """Return the purchases without a number of these holders, each after the hash of the one its order has."""
        rows = self._connection.all(_HASHED, of_shop=shop, holders=as_list(holder_ids))
        found = [(_to_terms(terms).number_key, Recorded(*about)) for terms, *about in rows]
        return [(key, about) for key, about in found if key is not None]

    def drop_waiting(self, shop: str, keys: Iterable[str] | None = None) -> None:
        """Drop orders without a buyer: those with one of these keys of order, address or number; or all of a shop."""
        if keys is None:
            self._connection.run(_DROP_ALL, of_shop=shop)
        else:
            self._connection.run(_DROP, of_shop=shop, keys=as_list(keys))

    def forget(self, most: int) -> bool:
        """Drop about so many orders whose buyers did not turn up in time; return whether more may be left."""
        return bool(self._connection.run(_FORGET, before=to_us(self._now), most=most).rowcount >= most)


def _values(order: StoredOrder) -> dict[str, Any]:
    values = {name: getattr(order, name) for name in _NAMES[1:]}
    values["facts"] = orjson.dumps([_plain(fact) for fact in order.facts.values()]).decode()
    values["heard_at"] = to_us(order.heard_at)
    values["waits_until"] = None if order.waits_until is None else to_us(order.waits_until)
    terms = order.terms
    values["terms"] = None if terms is None else orjson.dumps(_plain_terms(terms)).decode()
    return values


def _plain_terms(terms: OrderTerms) -> list[object]:
    numbered = [] if terms.number_key is None else [terms.number_key]
    return [terms.rule_version, dict(terms.rates), *numbered]


def _plain(fact: Fact) -> list[object]:
    occurred_at, goods = None if fact.occurred_at is None else to_us(fact.occurred_at), fact.weighed
    weighed: list[object] = []
    if goods is not None:
        weighed = [goods.of_minor, goods.counting_minor, goods.weighted, goods.rules, items_plain(goods.items)]
    told = [fact.name, to_us(fact.told_at), fact.amount_minor, fact.is_void, fact.counting_minor, occurred_at]
    # What most facts do not have takes no room, and those of before it was known are read like them.
    seen = [] if fact.seen_at is None else [to_us(fact.seen_at)]
    return [*told, *weighed, *seen]


def _to_order(row: Row) -> StoredOrder:
    values = dict(zip(_NAMES, row, strict=True))
    values["facts"] = {fact.name: fact for fact in _facts(orjson.loads(values["facts"]))}
    values["heard_at"] = from_us(values["heard_at"])
    values["waits_until"] = maybe_from_us(values["waits_until"])
    values["terms"] = None if values["terms"] is None else _to_terms(values["terms"])
    return StoredOrder(**values)


def _to_terms(text: str) -> OrderTerms:
    return OrderTerms(*orjson.loads(text))


def _facts(plain: Iterable[list[Any]]) -> Iterable[Fact]:
    for name, told_at, amount_minor, is_void, counting_minor, occurred_at, *more in plain:
        goods = _weighed(*more[:_OF_GOODS]) if len(more) >= _OF_GOODS else None
        yield Fact(
            name,
            from_us(told_at),
            amount_minor,
            is_void,
            counting_minor,
            maybe_from_us(occurred_at),
            goods,
            seen_at=from_us(more[-1]) if len(more) % _OF_GOODS else None,
        )


def _weighed(of_minor: int, counting_minor: int, weighted: int, rules: list[str], items: list[list[Any]]) -> Weighed:
    return Weighed(of_minor, counting_minor, weighted, tuple(rules), items_of(items, counting_minor))
