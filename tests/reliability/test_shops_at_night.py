"""What shops that are read back tell: whatever is lost of it, after the next night each order has its points."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import count
from random import Random

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from storage.verify import verify
from tests.adapters.shops.town import Town, open_town
from tests.databases import Address
from tests.handlers.looking import count as count_of
from tests.handlers.looking import member, rows
from tests.platforms.shops import READ_BACK, Told
from tests.reliability.effort import rounds

_KINDS = tuple(READ_BACK)
_CHANGES = st.lists(st.integers(-3000, 8000).filter(bool), max_size=4)
# A night comes at half past four, and its shops are read hours later here: seven days before it began some 147.5 hours
# before the orders are drawn.
_OLDEST_H = 147
# Which of what an order's shop tells comes, by bits; the most are eleven.
_HEARD = st.integers(0, 2**11 - 1)
# How many seconds lie between what happens to an order, over and over: some of it, or all, happens within one.
_APART = st.lists(st.sampled_from((0, 7)), min_size=1, max_size=4)
_Sale = tuple[str, int, list[int], int, int, list[int]]
_ORDERS = st.lists(
    st.tuples(st.sampled_from(_KINDS), st.integers(1, 30_000), _CHANGES, st.integers(0, _OLDEST_H), _HEARD, _APART),
    min_size=1,
    max_size=8,
)
# A refund may be heard of before its order is, which has to wait then; that a bank inquires is of no interest.
_OUTCOMES = ("recorded", "changed", "unchanged", "waiting", "ignored")
# What a purchase is said to be worth, and what the ledger has of it. One whose order had nothing left when it told its
# number has none: it is known by its order.
_WORTH = (
    "SELECT o.shop, o.order_key, p.points, (SELECT COALESCE(SUM(CASE WHEN e.from_account < 0 THEN e.points"
    " ELSE -e.points END), 0) FROM entry e WHERE e.unit = 'points' AND e.source LIKE 'shop:' || p.shop || ':' || p.id"
    " || ':v%') FROM purchase p JOIN shop_order o ON o.purchase_id = p.id"
)
_Left = dict[tuple[str, str], int]


async def _tell(town: Town, told: Sequence[tuple[str, Told]]) -> None:
    for kind, one in told:
        status, outcome = await town.mall.call(kind, one.call)
        assert (status, outcome in _OUTCOMES) == (200, True), outcome


async def _is_worth(town: Town, left_minor: Mapping[tuple[str, str], int]) -> None:
    """Whether each order has the points of what is left of it. One that was lost and given back whole has none."""
    club = town.mall.club
    found = {(shop, key): worth for shop, key, *worth in await rows(club, _WORTH)}
    assert len(found) == await count_of(club, "purchase")
    for (shop, order), left in left_minor.items():
        key = await club.database.read(lambda tx: tx.settings.keyed(f"order:{shop}:{order}"))  # noqa: B023
        assert found.get((shop, key), [0, 0]) == [left // 100] * 2, (shop, order)


def test_whatever_is_lost_of_what_is_told_a_night_makes_up_for_it(copy_of_settled: Address) -> None:
    numbers = count(1001)
    with asyncio.Runner() as runner:
        opened = open_town(copy_of_settled)
        town = runner.run(opened.__aenter__())
        club, card = town.mall.club, runner.run(member(town.mall.club, "ania")).card_number
        every: _Left = {}

        @settings(max_examples=rounds(4, 400), deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(orders=_ORDERS, chance=st.randoms())
        @example(orders=[(kind, 20_000, [], _OLDEST_H, 0, [7]) for kind in _KINDS], chance=Random(0))
        @example(orders=[(kind, 20_000, [500, -500], 0, 2**11 - 1, [0]) for kind in _KINDS], chance=Random(0))
        def heals(orders: list[_Sale], chance: Random) -> None:
            kept, left_minor = list[tuple[str, Told]](), _Left()
            for server in town.servers.values():
                server.orders.clear()
            for kind, paid, changes, hours_ago, heard, apart in orders:
                number = next(numbers)
                begin = club.clock.now - timedelta(hours=hours_ago, minutes=9)
                story = READ_BACK[kind](number, card, paid, changes, begin, apart)
                town.servers[kind].keep(one.call for one in story.told)
                # Any of them may be lost, also the last, which no other makes up for; but of disputes a shop says
                # nothing when it is asked for its orders.
                kept += [(kind, one) for bit, one in enumerate(story.told) if heard >> bit & 1 or one.kind == "dispute"]
                left_minor[kind, str(number)] = story.left_minor
            # And those that are not come anyhow, and some twice.
            kept += chance.sample(kept, len(kept) // 4)
            chance.shuffle(kept)
            runner.run(_tell(town, kept))
            runner.run(town.night())
            every.update(left_minor)
            runner.run(_is_worth(town, left_minor))

        try:
            heals()
            # And no night changed what another had made right.
            runner.run(_is_worth(town, every))
        finally:
            runner.run(opened.__aexit__(None, None, None))
    assert verify(copy_of_settled).problems == []
