"""What shops tell: in any order, twice, or lost in part, it ends in the same points."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.verify import verify
from tests.adapters.web.hooks import Mall, open_mall
from tests.club import MONDAY
from tests.databases import Address
from tests.handlers.looking import member, rows
from tests.platforms.shops import KINDS, STORIES, Told
from tests.reliability.effort import rounds

_EXAMPLES = rounds(15, 1000)
_WORTH = (
    "SELECT p.points, p.status, (SELECT COALESCE(SUM(CASE WHEN e.from_account < 0 THEN e.points ELSE -e.points END), 0)"
    " FROM entry e WHERE e.unit = 'points' AND e.source LIKE 'shop:' || p.shop || ':' || p.id || ':v%')"
    " FROM purchase p ORDER BY p.id DESC LIMIT 1"
)
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
    purchases = await rows(mall.club, "SELECT COUNT(*) FROM purchase")
    for one in calls:
        status, outcome = await mall.call(kind, one.call)
        assert status == 200, (outcome, one.call.body)
        assert outcome in ("recorded", "changed", "unchanged", "waiting", "ignored"), (outcome, one.call.body)
    points = left_minor // 100
    recorded = await rows(mall.club, "SELECT COUNT(*) FROM purchase") != purchases
    found = (await rows(mall.club, _WORTH))[0] if recorded else (0, 0, 0)
    assert found == (points, points, points)


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
