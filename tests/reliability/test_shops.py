"""What shops tell: in any order, twice, or lost in part, it ends in the same points."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.config.boosts import BoostSettings
from bot.config.products import ProductSettings
from storage.verify import verify
from tests.adapters.web.hooks import NO_LIMITS, Mall, open_mall, with_shops
from tests.club import MONDAY
from tests.databases import Address
from tests.handlers.looking import balances, member, rows
from tests.platforms.shops import KINDS, KINDS_WITH_LINES, STORIES, Bought, Told, with_lines
from tests.reliability.effort import rounds

_EXAMPLES = rounds(15, 1000)
_WORTH = (
    "SELECT p.points, p.status, (SELECT COALESCE(SUM(CASE WHEN e.from_account < 0 THEN e.points ELSE -e.points END), 0)"
    " FROM entry e WHERE e.unit = 'points' AND e.source LIKE 'shop:' || p.shop || ':' || p.id || ':v%')"
    " FROM purchase p ORDER BY p.id DESC LIMIT 1"
)
_OUTCOMES = ("recorded", "changed", "unchanged", "waiting", "ignored")
_CHANGES = st.lists(st.integers(-3000, 8000).filter(bool), max_size=4)


def _delivered(told: Sequence[Told], data: st.DataObject) -> list[Told]:
    """Return the calls as they arrive: some lost that a later one makes up for, some doubled, in any order."""
    kept: list[Told] = []
    for one in reversed(told):
        may_be_lost = one.kind == "noise" or any(one.kind in later.covers for later in kept)
        if not (may_be_lost and data.draw(st.booleans())):
            kept.append(one)
    doubled = data.draw(st.lists(st.sampled_from(kept), max_size=3))
    return data.draw(st.permutations([*kept, *doubled]))


async def _ends_at(mall: Mall, kind: str, calls: Sequence[Told], left_minor: int) -> None:
    await _comes_to(mall, kind, calls, left_minor // 100, left_minor // 100)


async def _comes_to(mall: Mall, kind: str, calls: Sequence[Told], points: int, status: int) -> None:
    purchases = await rows(mall.club, "SELECT COUNT(*) FROM purchase")
    for one in calls:
        answered, outcome = await mall.call(kind, one.call)
        assert answered == 200, (outcome, one.call.body)
        assert outcome in _OUTCOMES, (outcome, one.call.body)
    recorded = await rows(mall.club, "SELECT COUNT(*) FROM purchase") != purchases
    found = (await rows(mall.club, _WORTH))[0] if recorded else (0, 0, 0)
    assert found == (points, status, points)


def test_any_order_doubling_and_loss_of_what_a_shop_tells_ends_in_the_same_points(copy_of_settled: Address) -> None:
    orders = count(1001)
    with asyncio.Runner() as runner:
        opened = open_mall(copy_of_settled)
        mall = runner.run(opened.__aenter__())
        mall.club.clock.now = MONDAY + timedelta(minutes=2)
        card = runner.run(member(mall.club, "ania")).card_number

        @settings(max_examples=_EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(kind=st.sampled_from(KINDS), paid=st.integers(1, 30_000), changes=_CHANGES, data=st.data())
        def converges(kind: str, paid: int, changes: list[int], data: st.DataObject) -> None:
            story = STORIES[kind](next(orders), card, paid, changes, MONDAY)
            runner.run(_ends_at(mall, kind, _delivered(story.told, data), story.left_minor))

        try:
            converges()
        finally:
            runner.run(opened.__aexit__(None, None, None))
    assert verify(copy_of_settled).problems == []


# Boosts and the first purchase --------------------------------------------------------------------------------------

_BEFORE = st.lists(st.integers(0, 150), min_size=1, max_size=4, unique=True)
_NAME = {"en": "Boost", "pl": "Promocja"}
_BOOSTS = tuple(
    BoostSettings.model_validate(boost | {"name": _NAME})
    for boost in (
        {"id": "early", "multiplier": 1.5, "until_time": "07:00"},
        {"id": "web", "multiplier": 2, "from_time": "06:30", "until_time": "07:30", "shops": ["shopify"]},
    )
)
_FIRST = 50


def _worth(kind: str, minutes_before: int, left_minor: int) -> int:
    """Return the points of an order that was made so long before eight o'clock in Warsaw, but for the first one's."""
    points, minute = left_minor // 100, 8 * 60 - minutes_before
    if kind == "shopify" and 6 * 60 + 30 <= minute < 7 * 60 + 30:
        return points * 2
    return points * 3 // 2 if minute < 7 * 60 else points


async def _newcomer_has(mall: Mall, name: str, told: Sequence[tuple[str, Told]], points: int) -> None:
    for kind, one in told:
        status, outcome = await mall.call(kind, one.call)
        assert (status, outcome in _OUTCOMES) == (200, True), outcome
    has = await balances(mall.club, name)
    assert (has.points, has.pending) == (0, points)


def test_any_order_of_several_orders_ends_in_the_same_boosts_and_one_first_purchase(copy_of_settled: Address) -> None:
    orders = count(500_001)
    purchase = NO_LIMITS | {"first_bonus_points": _FIRST}
    with asyncio.Runner() as runner:
        opened = open_mall(copy_of_settled, with_shops(purchase).model_copy(update={"boost": _BOOSTS}))
        mall = runner.run(opened.__aenter__())
        mall.club.clock.now = MONDAY + timedelta(minutes=2)

        @settings(max_examples=_EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(before=_BEFORE, data=st.data())
        def converges(before: list[int], data: st.DataObject) -> None:
            name, told, points = f"newcomer{next(orders)}", list[tuple[str, Told]](), 0
            runner.run(mall.club.join(name))
            card, has_bought = runner.run(member(mall.club, name)).card_number, False
            for minutes in before:
                kind = data.draw(st.sampled_from(("shopify", "woocommerce")))
                begin = MONDAY - timedelta(minutes=minutes)
                story = STORIES[kind](next(orders), card, data.draw(st.integers(1, 30_000)), data.draw(_CHANGES), begin)
                told += [(kind, one) for one in _delivered(story.told, data)]
                points += _worth(kind, minutes, story.left_minor)
                has_bought |= story.left_minor > 0
            points += _FIRST if has_bought else 0
            runner.run(_newcomer_has(mall, name, data.draw(st.permutations(told)), points))

        try:
            converges()
        finally:
            runner.run(opened.__aexit__(None, None, None))
    assert verify(copy_of_settled).problems == []


# Products -----------------------------------------------------------------------------------------------------------

_PRODUCTS = tuple(
    ProductSettings.model_validate({"id": sku, "name": _NAME, "multiplier": multiplier, "skus": [sku]})
    for sku, multiplier in (("book", 2), ("tea", 1.5), ("wine", 0))
)
_MULTIPLIERS = {"book": 2000, "tea": 1500, "wine": 0}
_LINES = st.lists(
    st.builds(
        Bought,
        st.sampled_from(["book", "tea", "wine", "mug"]),
        st.integers(1, 9000),
        st.integers(1, 3),
        st.sampled_from([False, False, True]),
    ),
    min_size=1,
    max_size=4,
)


def _worth_of(kind: str, lines: Sequence[Bought], rest: int, back: Sequence[int], left_minor: int) -> tuple[int, int]:
    """Return points and status: line by line where the shop tells what came back, in proportion where it does not."""
    kept = [line for number, line in enumerate(lines) if kind == "woocommerce" or number not in back]
    counting, weighted = rest, rest * 1000
    for line in kept:
        # WooCommerce does not say what is a gift card.
        is_out = line.sku == "wine" or (line.is_gift_card and kind != "woocommerce")
        counting += 0 if is_out else line.amount_minor
        weighted += 0 if is_out else line.amount_minor * _MULTIPLIERS.get(line.sku, 1000)
    if kind == "woocommerce":
        paid = sum(line.amount_minor for line in lines) + rest
        counting, weighted = counting * left_minor // paid, weighted * left_minor // paid
    return (weighted // 100_000, counting // 100) if left_minor and counting else (0, 0)


def test_any_order_of_what_is_told_of_products_ends_in_what_is_kept_of_each(copy_of_settled: Address) -> None:
    orders = count(900_001)
    with asyncio.Runner() as runner:
        opened = open_mall(copy_of_settled, with_shops().model_copy(update={"product": _PRODUCTS}))
        mall = runner.run(opened.__aenter__())
        mall.club.clock.now = MONDAY + timedelta(minutes=2)
        card = runner.run(member(mall.club, "ania")).card_number

        @settings(max_examples=_EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(kind=st.sampled_from(KINDS_WITH_LINES), lines=_LINES, rest=st.integers(0, 1500), data=st.data())
        def converges(kind: str, lines: list[Bought], rest: int, data: st.DataObject) -> None:
            numbers = range(len(lines))
            back = data.draw(st.lists(st.sampled_from(numbers), unique=True))
            story = with_lines(kind, next(orders), card, lines, rest, back, MONDAY)
            points, status = _worth_of(kind, lines, rest, back, story.left_minor)
            runner.run(_comes_to(mall, kind, _delivered(story.told, data), points, status))

        try:
            converges()
        finally:
            runner.run(opened.__aexit__(None, None, None))
    assert verify(copy_of_settled).problems == []
