"""The routes that shops call: what proves a call, what each answer means, and what is made of odd ones."""

import asyncio
import dataclasses
import io
import json
import random
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from bot.config.shops import ShopSettings
from storage.verify import verify
from tests.adapters.web.hooks import Mall, open_mall, with_shops
from tests.club import MONDAY, config
from tests.conversations.hold import until
from tests.databases import Address, a_settled_club, held
from tests.databases import rows as read_rows
from tests.handlers.looking import balances, count, member, rows
from tests.platforms.shops import KINDS, OLD_SECRET, STORIES, HookCall, Told, signed
from tests.postgres import running_server


@pytest.fixture
async def mall(copy_of_settled: Address) -> AsyncIterator[Mall]:
    """The settled club with a shop of each kind, verified at the end."""
    async with open_mall(copy_of_settled) as opened:
        yield opened
    assert verify(copy_of_settled).problems == []


async def _story(mall: Mall, kind: str, paid: int = 5000, *changes: int) -> tuple[Told, ...]:
    card = (await member(mall.club, "ania")).card_number
    return STORIES[kind](1001, card, paid, changes, MONDAY - timedelta(minutes=2)).told


def _changed(call: HookCall, **headers: str) -> HookCall:
    return dataclasses.replace(call, headers=call.headers | headers)


async def test_a_call_counts_if_it_is_signed_with_either_secret_and_only_then(mall: Mall) -> None:
    draw = random.Random(1)
    for kind in KINDS:
        before = await count(mall.club, "purchase")
        for told in await _story(mall, kind):
            call = told.call
            flipped = bytearray(call.body)
            flipped[draw.randrange(len(flipped))] ^= 1 << draw.randrange(8)
            assert await mall.call(kind, HookCall(bytes(flipped), call.headers)) == (401, "unsigned")
            anew = json.dumps(json.loads(call.body), indent=1).encode()
            assert await mall.call(kind, HookCall(anew, call.headers)) == (401, "unsigned")
            assert await mall.call(kind, HookCall(call.body)) == (401, "unsigned")
            name = next(name for name in call.headers if "sign" in name.lower() or "hmac" in name.lower())
            for wrong in ("", "=", "ł", "t=1,v1=", call.headers[name].swapcase() + "A"):
                assert await mall.call(kind, _changed(call, **{name: wrong})) == (401, "unsigned")
        assert await count(mall.club, "purchase") == before
        for secret in ("of somebody else", OLD_SECRET):
            content = json.loads((await _story(mall, kind))[-1].call.body)
            topic = {"shopify": "orders/paid", "woocommerce": "order.updated"}.get(kind, "")
            resigned = signed(kind, content, mall.club.clock.now, topic, secret)
            expected = 200 if secret == OLD_SECRET else 401
            assert (await mall.call(kind, resigned))[0] == expected
        assert await count(mall.club, "purchase") == before + 1
    assert await balances(mall.club, "ania") == dataclasses.replace(
        await balances(mall.club, "ania"), pending=50 * len(KINDS)
    )


async def test_the_same_call_ten_times_at_once_is_one_purchase_and_two_of_one_second_are_two(
    copy_of_settled: Address,
) -> None:
    async with open_mall(copy_of_settled, inline=False) as mall:
        card = (await member(mall.club, "ania")).card_number
        for number, kind in enumerate(KINDS):
            paid = [STORIES[kind](order, card, 5000, (2000,), MONDAY).told[-1].call for order in (1, 2)]
            outcomes = await asyncio.gather(*(mall.call(kind, call) for call in paid for _ in range(10)))
            assert {status for status, _ in outcomes} == {200}
            assert await count(mall.club, "shop_order") == 2 * (number + 1)
            earned = "SELECT COUNT(*), COUNT(DISTINCT source) FROM entry WHERE reason = 'purchase' AND unit = 'points'"
            # The last that Stripe tells is a refund, which waits for what was paid.
            recorded = 2 * (number + 1 - ("stripe" in KINDS[: number + 1]))
            assert await count(mall.club, "purchase") == recorded
            assert await rows(mall.club, earned) == [(recorded, recorded)]
    assert verify(copy_of_settled).problems == []


@pytest.mark.parametrize("shop", ["stripe", "generic"])
async def test_a_call_five_minutes_old_or_from_the_future_is_refused(mall: Mall, shop: str) -> None:
    told = (await _story(mall, shop))[-1].call
    for seconds, status in ((-301, 401), (301, 401), (365 * 86400, 401), (-299, 200), (299, 200)):
        at = mall.club.clock.now + timedelta(seconds=seconds)
        assert (await mall.call(shop, signed(shop, told.body, at)))[0] == status


async def test_woocommerces_ping_is_answered_well_though_it_is_not_signed_and_so_is_a_deleted_order(mall: Mall) -> None:
    assert await mall.call("woocommerce", HookCall(b"webhook_id=17")) == (200, "ping")
    deleted = signed("woocommerce", {"id": 1001}, MONDAY, "order.deleted")
    assert await mall.call("woocommerce", deleted) == (200, "ignored")
    assert await mall.call("woocommerce", HookCall(b"webhook_id=17&status=processing")) == (401, "unsigned")
    assert await mall.call("shopify", HookCall(b"webhook_id=17")) == (401, "unsigned")


async def test_an_unknown_shop_and_a_body_too_long_are_refused(mall: Mall) -> None:
    assert await mall.call("nobody", HookCall(b"{}")) == (404, "unknown")
    assert await mall.call("generic", signed("generic", b" " * 1_000_001, MONDAY)) == (413, "too_large")

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 65536

    assert (await mall.client.post("/hooks/generic", content=endless())).status_code == 413
    assert (await mall.client.get("/hooks/generic")).status_code == 405


@pytest.mark.parametrize(
    ("announced", "is_read"),
    [(b"1000001", False), (b"10000000", False), (b"1000000", True), (b"9", True), (b"", True), (b"x", True),
     (b"\xb2", True)],
)  # fmt: skip
async def test_nothing_is_read_of_a_body_that_announces_itself_as_too_long(
    mall: Mall, announced: bytes, *, is_read: bool
) -> None:
    read: list[bytes] = []

    async def body() -> AsyncIterator[bytes]:
        read.append(b"{}")
        yield read[-1]

    answer = await mall.client.post("/hooks/generic", content=body(), headers={b"content-length": announced})
    assert (answer.status_code, bool(read)) == ((401, True) if is_read else (413, False))


# A file, which others may lock for long; of a server that goes away the next one tells.
@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_while_the_database_is_away_the_shop_shall_call_again(mall: Mall, copy_of_settled: Address) -> None:
    told = (await _story(mall, "generic"))[-1].call
    with held(copy_of_settled):
        answer = await mall.client.post("/hooks/generic", content=told.body, headers=told.headers)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    answer = await mall.client.post("/hooks/generic", content=told.body, headers=told.headers)
    assert (answer.json(), "Retry-After" in answer.headers) == ({"outcome": "recorded"}, False)
    assert await mall.call("generic", told) == (200, "unchanged")
    assert (await balances(mall.club, "ania")).pending == 50


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_a_shop_is_answered_before_it_gives_up_and_its_call_goes_on(copy_of_settled: Address) -> None:
    async with open_mall(copy_of_settled, inline=False) as mall:
        told = (await _story(mall, "generic"))[-1].call
        with held(copy_of_settled):
            assert await mall.call("generic", told) == (503, "away")
        await until(lambda: read_rows(copy_of_settled, "SELECT COUNT(*) FROM purchase") == [(1,)])
        assert await mall.call("generic", told) == (200, "unchanged")
        assert (await balances(mall.club, "ania")).pending == 50


@pytest.mark.slow
async def test_while_the_server_of_the_database_is_away_every_shop_shall_call_again() -> None:
    with running_server() as server:
        await a_settled_club(server.url())
        async with open_mall(server.url()) as mall:
            told = [(kind, (await _story(mall, kind))[-1].call) for kind in KINDS]
            server.stop()
            for kind, call in told:
                assert await mall.call(kind, call) == (503, "away")
            server.start()
            for kind, call in told:
                assert await mall.call(kind, call) == (200, "recorded")
        earned = "SELECT COUNT(*), SUM(points) FROM entry WHERE reason = 'purchase' AND unit = 'points'"
        assert read_rows(server.url(), earned) == [(len(KINDS), 50 * len(KINDS))]
        assert verify(server.url()).problems == []


async def test_only_who_writes_the_generic_format_is_told_that_it_cannot_be_read(
    mall: Mall, log_lines: io.StringIO
) -> None:
    for kind in KINDS:
        topic = {"shopify": "orders/paid", "woocommerce": "order.updated"}.get(kind, "")
        for body in (b"", b"{", b"[]", b"null", b'"a"', b"[" * 100_000, b'{"type": "payment.updated"}', b"\xff"):
            call = signed(kind, body, mall.club.clock.now, topic)
            assert await mall.call(kind, call) == (400 if kind == "generic" else 200, "unreadable"), (kind, body)
    assert await rows(mall.club, "SELECT DISTINCT kind, event FROM dead_letter") == [("ShopOrder", None)]
    # The same one again is the same letter.
    assert await count(mall.club, "dead_letter") == 8 * len(KINDS)
    odd = signed("shopify", b"[]", MONDAY, "orders/paid")
    answer = await mall.client.post("/hooks/shopify", content=odd.body, headers=odd.headers)
    assert answer.json() == {"outcome": "unreadable"}
    content = {
        "order": "1",
        "paid": "1e99",
        "currency": "zł",
        "occurred_at": "soon",
        "updated_at": 1,
        "extra": "secret",
    }
    odd = signed("generic", content, mall.club.clock.now)
    answer = await mall.client.post("/hooks/generic", content=odd.body, headers=odd.headers)
    problems = answer.json()["problems"]
    assert [problem.partition(":")[0] for problem in problems] == [
        "paid",
        "currency",
        "occurred_at",
        "updated_at",
        "extra",
    ]
    assert "secret" not in answer.text
    order = json.loads((await _story(mall, "generic"))[0].call.body)
    for unreadable, problem in (
        (order | {"paid": "1.00", "refunded": "2.00"}, "the whole: Value error, refunded, counting and paid_with_"),
        (order | {"paid": 10**13}, "an amount is too large"),
        (b"[]", "the whole: Input should be an object"),
        (order | {"lines": [1]}, "lines.0: Input should be an object"),
        (b"{", "the body is no JSON object"),
    ):
        odd = signed("generic", unreadable, mall.club.clock.now)
        [told] = (await mall.client.post("/hooks/generic", content=odd.body, headers=odd.headers)).json()["problems"]
        assert told.startswith(problem)
    refused = [line for line in log_lines.getvalue().splitlines() if "hook_refused" in line]
    # Eight of the bodies, and six more; the other kinds of shop were told that all is well.
    assert len(refused) == 8 + 6
    assert all("unreadable" in line and "generic" in line for line in refused)


async def test_what_is_not_in_the_shops_currency_or_only_a_test_earns_nothing(mall: Mall) -> None:
    [first, *_] = await _story(mall, "generic")
    euros = json.loads(first.call.body) | {"currency": "EUR"}
    assert await mall.call("generic", signed("generic", euros, mall.club.clock.now)) == (200, "other_currency")
    paid = json.loads((await _story(mall, "shopify"))[1].call.body) | {"test": True}
    assert await mall.call("shopify", signed("shopify", paid, MONDAY, "orders/paid")) == (200, "test")
    assert await count(mall.club, "purchase") == 0


@pytest.mark.parametrize(
    ("tax", "shipping", "points"), [(True, True, 100), (False, True, 90), (True, False, 90), (False, False, 81)]
)
async def test_tax_and_shipping_count_or_do_not(
    copy_of_settled: Address, tax: bool, shipping: bool, points: int
) -> None:
    settings = with_shops(include_tax=tax, include_shipping=shipping, points=2)
    async with open_mall(copy_of_settled, settings) as mall:
        for kind in ("woocommerce", "shopify"):
            for told in await _story(mall, kind, 10_000, 5000):
                await mall.call(kind, told.call)
            worth = f"SELECT points, status FROM purchase WHERE shop = '{kind}'"
            # Of 100.00 are 10.00 tax; shipping is 8.13 and 1.87 of that tax. Half of it went back.
            assert await rows(mall.club, worth) == [(points // 2 * 2, points // 2)]
        assert await rows(mall.club, "SELECT DISTINCT rule FROM rule_version WHERE rule LIKE 'purchase:%'") != []
    assert verify(copy_of_settled).problems == []


async def _shopify(mall: Mall, order: int, second: int = 0, **about: Any) -> str:
    """Tell of an order of 100.00 zloty as of a second; return what came of it."""
    content = json.loads((await _story(mall, "shopify", 10_000))[1].call.body)
    content |= {"id": order, "name": f"#{order}", "updated_at": (MONDAY + timedelta(seconds=second)).isoformat()}
    status, outcome = await mall.call("shopify", signed("shopify", content | about, MONDAY, "orders/updated"))
    assert status == 200
    return outcome


async def _worth(mall: Mall) -> int:
    """Return the points of the newest purchase."""
    [(points,)] = await rows(mall.club, "SELECT points FROM purchase ORDER BY id DESC LIMIT 1")
    return int(points)


async def test_a_free_delivery_of_shopify_costs_nothing(copy_of_settled: Address) -> None:
    async with open_mall(copy_of_settled, with_shops(include_shipping=False)) as mall:
        for order, discounted, points in ((1, "0.00", 100), (2, None, 90), (3, "4.00", 96)):
            line = {"price": "10.00", "discounted_price": discounted}
            assert await _shopify(mall, order, shipping_lines=[line]) == "recorded"
            assert await _worth(mall) == points


async def test_that_an_order_is_not_paid_yet_says_nothing_of_what_was_paid(mall: Mall) -> None:
    for order, status in enumerate(("pending", "authorized", "partially_paid", None)):
        before = await count(mall.club, "purchase")
        assert await _shopify(mall, order, financial_status=status) == "unchanged"
        assert await count(mall.club, "purchase") == before
        # It was paid within the same second, and told of in either order.
        assert await _shopify(mall, order, financial_status="paid") == "recorded"
        assert await _shopify(mall, order, financial_status=status) == "unchanged"
        assert await _worth(mall) == 100
    assert await _shopify(mall, 0, 1, financial_status="voided") == "changed"
    assert await _shopify(mall, 1, 1, financial_status="pending", cancelled_at=MONDAY.isoformat()) == "changed"
    assert (await balances(mall.club, "ania")).pending == 200


async def test_an_order_changed_to_one_of_nothing_has_earned_nothing_until_it_is_changed_again(mall: Mall) -> None:
    told = json.loads((await _story(mall, "generic"))[0].call.body)
    earned = 0
    for order, snapshots in enumerate([*permutations((50, 0)), *permutations((50, 0, 80)), (0,)]):
        for paid in snapshots:
            at = (MONDAY + timedelta(seconds=(50, 0, 80).index(paid))).isoformat()
            content = told | {"order": f"O-{order}", "paid": str(paid), "updated_at": at}
            status, outcome = await mall.call("generic", signed("generic", content, mall.club.clock.now))
            assert (status, outcome in ("recorded", "changed", "unchanged")) == (200, True), outcome
        earned += 80 if 80 in snapshots else 0
        assert (await balances(mall.club, "ania")).pending == earned, snapshots
    await mall.club.skip(days=40)
    content = told | {"order": "O-0", "paid": "0", "updated_at": mall.club.clock.now.isoformat()}
    assert await mall.call("generic", signed("generic", content, mall.club.clock.now)) == (200, "unchanged")


async def test_an_old_order_that_is_heard_of_for_the_first_time_earns_nothing(mall: Mall) -> None:
    club = mall.club
    refund = {"id": 5, "order_id": 1, "created_at": MONDAY.isoformat(), "transactions": []}
    old: dict[str, Any] = {"created_at": (MONDAY - timedelta(days=30)).isoformat()}
    # That somebody gave a part of it back is heard of before the order is.
    assert await mall.call("shopify", signed("shopify", refund, MONDAY, "refunds/create")) == (200, "waiting")
    for order in (1, 1, 2, 2):
        assert await _shopify(mall, order, **old) == "too_late"
    assert await _shopify(mall, 2, financial_status="refunded", **old) == "too_late"
    assert [await count(club, table) for table in ("shop_order", "purchase")] == [1, 0]
    young: dict[str, Any] = {"created_at": (MONDAY - timedelta(days=20)).isoformat()}
    assert await _shopify(mall, 3, **young) == "recorded"
    assert await _shopify(mall, 4, financial_status="pending", **young) == "unchanged"
    # Points that are the member's at once are promised for no day that is over.
    thanks = (await club.posts())[0]
    assert "Thank you for your purchase" in thanks
    assert "are yours on" not in thanks
    await club.skip(days=40)
    assert await _shopify(mall, 3, 9, financial_status="refunded", **young) == "changed"
    assert await _shopify(mall, 4, 9, **young) == "recorded"
    assert (await balances(club, "ania")).points == 100


def _paid_back(amount: str, currency: str) -> dict[str, Any]:
    paying = {"kind": "refund", "status": "success", "amount": amount, "currency": currency}
    return {"id": f"{amount}-{currency}", "created_at": MONDAY.isoformat(), "transactions": [paying]}


async def test_what_shopify_paid_back_in_the_buyers_currency_is_reckoned_in_the_orders(mall: Mall) -> None:
    prices = {
        "shop_money": {"amount": "100.00", "currency_code": "PLN"},
        "presentment_money": {"amount": "23.00", "currency_code": "EUR"},
    }
    about: dict[str, Any] = {"total_price_set": prices, "financial_status": "partially_refunded"}
    # 7.67 euros are 33.347... zloty; the points of 66.66 are left.
    assert await _shopify(mall, 1, refunds=[_paid_back("7.67", "EUR")], **about) == "recorded"
    assert await rows(mall.club, "SELECT refunded_minor, points FROM purchase") == [(3334, 66)]
    both = [_paid_back("7.67", "EUR"), _paid_back("20.00", "PLN")]
    assert await _shopify(mall, 1, 1, refunds=both, **about) == "changed"
    assert await rows(mall.club, "SELECT refunded_minor FROM purchase") == [(5334,)]
    alone = _paid_back("1.00", "EUR") | {"order_id": 1}
    assert await mall.call("shopify", signed("shopify", alone, MONDAY, "refunds/create")) == (200, "other_currency")
    # Everything went back, whatever the refunds come to; and that is not so for ever.
    assert await _shopify(mall, 1, 2, refunds=both, financial_status="refunded") == "unreadable"
    assert await _shopify(mall, 1, 2, refunds=both, **about | {"financial_status": "refunded"}) == "changed"
    assert await _worth(mall) == 0
    assert await _shopify(mall, 1, 1, refunds=both, **about) == "unchanged"
    assert await _shopify(mall, 1, 3, refunds=both, **about) == "changed"
    assert await _worth(mall) == 46
    odd = about | {"total_price_set": prices | {"presentment_money": {"amount": "0.00", "currency_code": "EUR"}}}
    assert await _shopify(mall, 2, refunds=both, **odd) == "unreadable"


async def test_parts_paid_back_of_an_order_in_another_currency_count(copy_of_settled: Address) -> None:
    rates = config(currency_rate=[{"currency": "EUR", "rate": 4}]).currency_rate
    async with open_mall(copy_of_settled, with_shops().model_copy(update={"currency_rate": rates})) as mall:
        about: dict[str, Any] = {"currency": "EUR", "financial_status": "partially_refunded"}
        assert await _shopify(mall, 1, refunds=[_paid_back("25.00", "EUR")], **about) == "recorded"
        assert await rows(mall.club, "SELECT refunded_minor, points FROM purchase") == [(10_000, 300)]
        both = [_paid_back("25.00", "EUR"), _paid_back("50.00", "EUR")]
        assert await _shopify(mall, 1, 1, refunds=both, **about) == "changed"
        assert await rows(mall.club, "SELECT refunded_minor, points FROM purchase") == [(30_000, 100)]
    assert verify(copy_of_settled).problems == []


async def test_a_number_that_comes_again_is_another_order(mall: Mall) -> None:
    [_, paid] = await _story(mall, "woocommerce")
    content = json.loads(paid.call.body)
    for order in (1, 2, 3):
        again = signed("woocommerce", content | {"id": order, "number": "7"}, MONDAY, "order.updated")
        assert await mall.call("woocommerce", again) == (200, "recorded")
        assert await mall.call("woocommerce", again) == (200, "unchanged")
    assert (await balances(mall.club, "ania")).pending == 150
    assert await rows(mall.club, "SELECT receipt FROM purchase ORDER BY id") == [("7",), (None,), (None,)]


@pytest.mark.parametrize("waited", ["pending", "on-hold", "checkout-draft", "quote-request"])
@pytest.mark.parametrize("paid_first", [False, True])
async def test_what_woocommerce_calls_paid_and_waiting_in_one_second_is_paid(
    mall: Mall, waited: str, paid_first: bool
) -> None:
    [_, paid] = await _story(mall, "woocommerce")
    content = json.loads(paid.call.body)
    for status in [content["status"], waited] if paid_first else [waited, content["status"]]:
        assert (await mall.call("woocommerce", _woocommerce(content | {"status": status})))[0] == 200
    assert (await balances(mall.club, "ania")).pending == 50
    later = {"status": waited, "date_modified_gmt": "2026-03-16T09:00:00"}
    assert await mall.call("woocommerce", _woocommerce(content | later)) == (200, "changed")
    assert (await balances(mall.club, "ania")).pending == 0


@pytest.mark.parametrize("status", ["quote-request", "partial-payment", "pre-ordered", "wc-custom"])
async def test_a_status_that_a_plugin_of_woocommerce_brought_counts_from_the_date_of_its_payment(
    mall: Mall, status: str
) -> None:
    [_, paid] = await _story(mall, "woocommerce")
    order = json.loads(paid.call.body) | {"status": status}
    for minute, (paid_at, pending) in enumerate([(None, 0), ("2026-03-16T06:30:00", 50), (None, 0)]):
        told = {"date_paid_gmt": paid_at, "date_modified_gmt": f"2026-03-16T06:3{minute}:00"}
        assert (await mall.call("woocommerce", _woocommerce(order | told)))[0] == 200
        assert (await balances(mall.club, "ania")).pending == pending
    # Of those of WooCommerce's own nothing but the name counts.
    for minute, (own, pending) in enumerate([("processing", 50), ("pending", 0), ("completed", 50), ("failed", 0)]):
        paid_at = None if pending else "2026-03-16T06:30:00"
        told = {"status": own, "date_paid_gmt": paid_at, "date_modified_gmt": f"2026-03-16T06:4{minute}:00"}
        assert (await mall.call("woocommerce", _woocommerce(order | told)))[0] == 200
        assert (await balances(mall.club, "ania")).pending == pending


def _woocommerce(order: dict[str, Any]) -> HookCall:
    return signed("woocommerce", order, MONDAY, "order.updated")


async def test_shopify_has_buyers_forgotten_who_are_no_members(mall: Mall) -> None:
    topics = {
        "customers/data_request": ("ignored", 3), "customers/redact": ("forgotten", 1), "shop/redact": ("forgotten", 0),
    }  # fmt: skip
    orders = await _story(mall, "shopify")
    stranger = json.loads(orders[1].call.body) | {"note": None}
    for topic, (outcome, left) in topics.items():
        for number, email in ((7, "ewa@example.com"), (8, "Jan@Example.com"), (9, "Ola@Example.com")):
            call = signed("shopify", stranger | {"id": number, "email": email}, MONDAY, "orders/paid")
            assert await mall.call("shopify", call) == (200, "waiting")
        kept = str(await rows(mall.club, "SELECT * FROM shop_order"))
        assert "example.com" not in kept.casefold()
        content = {"shop_id": 1, "customer": {"id": 2, "email": "jan@example.com"}, "orders_to_redact": [7]}
        assert await mall.call("shopify", signed("shopify", content, MONDAY, topic)) == (200, outcome)
        assert await count(mall.club, "shop_order") == left
    assert await mall.call("shopify", signed("shopify", {}, MONDAY, "app/uninstalled")) == (200, "ignored")


async def test_the_pages_about_the_routes_load_nothing_from_elsewhere(mall: Mall) -> None:
    page = await mall.client.get("/docs")
    assert page.status_code == 200
    assert "POST /hooks/{shop}" in page.text
    assert "<code>outcome</code> says which" in page.text
    assert "`" not in page.text
    assert not any(word in page.text for word in ("<script", "src=", "//cdn", "http://", "https://"))
    described = (await mall.client.get("/openapi.json")).json()
    for path in ("/hooks/{shop}", "/hooks/{shop}/actions"):
        answers = described["paths"][path]["post"]["responses"]
        assert answers.keys() == {"200", "400", "401", "404", "413", "503"}
    assert "components" not in described
    assert "$ref" not in str(described)
    assert all(f"<th><code>{name}</code></th>" in page.text for name in ("paid", "updated_at", "401"))
    await mall.call("generic", HookCall(b"{}"))
    assert b'bywalec_hooks_total{outcome="unsigned",shop="generic"} 1.0' in mall.metrics.page(None, None, ())


def test_secrets_of_shops_are_hidden() -> None:
    from cli.opening import secrets

    settings = config(shop=[{"id": "web", "kind": "generic", "secret": "the-new-one", "old_secret": "the-old-one"}])
    assert {"the-new-one", "the-old-one"} <= set(secrets(settings))
    [shop] = settings.shop
    assert isinstance(shop, ShopSettings)
    assert "the-new-one" not in repr(settings) + settings.model_dump_json()
