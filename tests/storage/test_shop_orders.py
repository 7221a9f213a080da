"""Orders of shops as they are kept: what was told of one comes back as it was, also what earlier versions kept."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from bot.events import Identity, Person
from bot.members.members import Member
from bot.purchases.products import Items, Weighed
from bot.purchases.shop_orders import REFUNDED, Fact, refund
from storage.engine.database import prepare
from storage.purchases.purchase_batches import Recorded
from storage.purchases.shop_orders import OrderTerms, StoredOrder
from storage.transaction import Transaction
from tests.club import Club
from tests.databases import Address, transaction
from tests.handlers.looking import member

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


def _joined(tx: Transaction) -> Member:
    return tx.members.add(Person(Identity("telegram", "7"), "Ola"), "000000000", "en", None, is_owner=False)


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


def test_an_order_waits_for_whom_it_names_until_its_time_is_over_or_its_buyer_is_known(empty: Address) -> None:
    later = NOW + timedelta(days=30)
    with transaction(empty, NOW) as tx:
        prepare(tx)
        buyer = _joined(tx)
        order = StoredOrder(0, "web", "", _kept(SALE), NOW, waits_until=later)
        for number, told in enumerate(
            (
                replace(order, email_key="ania"),
                replace(order, phone_key="ania"),
                replace(order, email_key="bartek", phone_key="celina"),
                replace(order, email_key="ania", waits_until=NOW),
                replace(order, email_key="ania", waits_until=None, holder_id=buyer.holder_id),
            )
        ):
            tx.shop_orders.put(replace(told, order_key=f"{number}"))
    with transaction(empty, NOW) as tx:
        assert [order.order_key for order in tx.shop_orders.waiting_for("ania")] == ["0", "1"]
        assert [order.order_key for order in tx.shop_orders.waiting_for("celina")] == ["2"]
        assert tx.shop_orders.waiting_for("darek") == []


def test_only_what_waits_at_a_shop_is_dropped(empty: Address) -> None:
    with transaction(empty, NOW) as tx:
        prepare(tx)
        buyer = _joined(tx)
        for shop in ("web", "till"):
            for key in ("one", "two", "three"):
                order = StoredOrder(0, shop, key, _kept(SALE), NOW, email_key=f"{key}@", phone_key=f"{key}#")
                tx.shop_orders.put(replace(order, waits_until=NOW))
            bought = StoredOrder(0, shop, "bought", _kept(SALE), NOW, holder_id=buyer.holder_id)
            tx.shop_orders.put(bought)

    def kept(shop: str) -> list[str]:
        with transaction(empty, NOW) as tx:
            return [key for key in ("one", "two", "three", "bought") if tx.shop_orders.find(shop, key) is not None]

    with transaction(empty, NOW) as tx:
        tx.shop_orders.drop_waiting("web", ["one@", "two#", "bought"])
    assert (kept("web"), kept("till")) == (["three", "bought"], ["one", "two", "three", "bought"])
    with transaction(empty, NOW) as tx:
        tx.shop_orders.drop_waiting("web", ["three"])
        tx.shop_orders.drop_waiting("till")
    assert (kept("web"), kept("till")) == (["bought"], ["bought"])


async def test_the_purchase_of_an_order_without_a_receipt_is_found_by_the_orders_number(club: Club) -> None:
    ania, bartek = [(await member(club, name)).holder_id for name in ("ania", "bartek")]
    for said in ("@ania 10", "@ania 20", "@bartek 30", "@ania 40", "@ania 50 R-1"):
        await club.say("kasia", f"/purchase {said}")
    orders = (("web", ania, "one"), ("web", ania, None), ("web", bartek, "three"), ("other", ania, "one"))

    def put(tx: Transaction) -> None:
        for purchase_id, (shop, holder_id, number_key) in enumerate((*orders, ("web", ania, "five")), 1):
            order = StoredOrder(0, shop, f"{purchase_id}", _kept(SALE), NOW, holder_id=holder_id)
            terms = OrderTerms("1", number_key=number_key)
            tx.shop_orders.put(replace(order, purchase_id=purchase_id, terms=terms))

    await club.database.write(put)

    def look(tx: Transaction) -> None:
        whose = (1, ania), (3, bartek), (4, ania)
        one, three, four = (Recorded(number, holder, number * 1000, 0, "2026-03-16") for number, holder in whose)
        assert tx.shop_orders.hashed("web", [ania]) == [("one", one)]
        assert sorted(tx.shop_orders.hashed("web", [ania, bartek])) == [("one", one), ("three", three)]
        assert tx.shop_orders.hashed("other", [ania, bartek]) == [("one", four)]
        assert tx.shop_orders.with_orders([1, 2, 9]) == {1, 2}

    await club.database.read(look)


def test_what_waited_in_vain_is_dropped_some_at_a_time(empty: Address) -> None:
    with transaction(empty, NOW) as tx:
        prepare(tx)
        for hours, key in enumerate(("one", "two", "three"), 1):
            tx.shop_orders.put(StoredOrder(0, "web", key, _kept(SALE), NOW, waits_until=NOW - timedelta(hours=hours)))
        tx.shop_orders.put(StoredOrder(0, "web", "four", _kept(SALE), NOW, waits_until=NOW + timedelta(hours=1)))
    with transaction(empty, NOW) as tx:
        assert [tx.shop_orders.forget(2) for _ in range(3)] == [True, False, False]
        assert [tx.shop_orders.find("web", key) is None for key in ("one", "two", "three", "four")] == [
            *[True] * 3,
            False,
        ]


def test_what_was_read_ahead_is_what_would_be_found(empty: Address) -> None:
    with transaction(empty, NOW) as tx:
        prepare(tx)
        for shop, key in (("web", "one"), ("other", "one"), ("other", "two")):
            tx.shop_orders.put(StoredOrder(0, shop, key, _kept(SALE), NOW, waits_until=NOW))
    with transaction(empty, NOW) as tx:
        found = [tx.shop_orders.find("web", key) for key in ("one", "two")]
        assert [order is not None for order in found] == [True, False]
        tx.shop_orders.read_ahead("web", ["one", "two"])
        assert [tx.shop_orders.find("web", key) for key in ("one", "two")] == found
