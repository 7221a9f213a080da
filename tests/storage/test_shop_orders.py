"""Orders of shops as they are kept: what was told of one comes back as it was, also what earlier versions kept."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from bot.purchases.products import Items, Weighed
from bot.purchases.shop_orders import REFUNDED, Fact, refund
from storage.engine.database import prepare
from storage.purchases.shop_orders import OrderTerms, StoredOrder
from tests.databases import Address, transaction

NOW = datetime(2026, 3, 16, 7, 0, tzinfo=UTC)
SALE = Fact(
    "sale",
    NOW,
    100,
    True,
    90,
    NOW - timedelta(days=1),
    Weighed(100, 80, 160, ("coffee", "books"), (Items("coffee", 3, 2, 50),)),
    seen_at=NOW + timedelta(microseconds=1),
)


def _kept(*facts: Fact) -> dict[str, Fact]:
    return {fact.name: fact for fact in facts}


def test_facts_come_back_as_they_were_told(empty: Address) -> None:
    facts = [
        SALE,
        replace(SALE, name="payment", seen_at=None),
        replace(SALE, name="charge", weighed=None),
        Fact(REFUNDED, NOW, 5),
        Fact(refund(1), NOW, 5, seen_at=NOW),
    ]
    order = StoredOrder(0, "web", "key", _kept(*facts), NOW, waits_until=NOW, terms=OrderTerms("1", {"EUR": "4.2"}))
    with transaction(empty, NOW) as tx:
        prepare(tx)
        tx.shop_orders.put(order)
    with transaction(empty, NOW) as tx:
        found = tx.shop_orders.find("web", "key")
        assert found is not None
        assert replace(found, id=0) == order
        tx.shop_orders.put(replace(found, facts=_kept(*facts[1:])))
    with transaction(empty, NOW) as tx:
        assert tx.shop_orders.find("web", "key") == replace(found, facts=_kept(*facts[1:]))


def test_facts_of_before_readings_were_known_are_read_as_such_of_calls(empty: Address) -> None:
    at = int(NOW.timestamp() * 1_000_000)
    kept = f'[["sale",{at},100,true,90,{at},100,80,160,["coffee"],[["coffee",3]]],["refunded",{at},5,false,null,null]]'
    with transaction(empty, NOW) as tx:
        prepare(tx)
        tx.shop_orders.put(StoredOrder(0, "web", "key", _kept(SALE), NOW, waits_until=NOW))
    with transaction(empty, NOW) as tx:
        tx._connection.run(text("UPDATE shop_order SET facts = '" + kept.replace(":", r"\:") + "'"))
    with transaction(empty, NOW) as tx:
        found = tx.shop_orders.find("web", "key")
    assert found is not None
    sale = Fact("sale", NOW, 100, True, 90, NOW, Weighed(100, 80, 160, ("coffee",), (Items("coffee", 3, 3, 80),)))
    assert found.facts == _kept(sale, Fact(REFUNDED, NOW, 5))
