"""Rewards: what they cost, when their coupons are over, what they open."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.events import SpaceRef
from bot.rewards.rewards import Access, Coupon, CouponState, Reward, RewardKind, Terms

WARSAW = ZoneInfo("Europe/Warsaw")
TERMS = Terms({"en": "A mug"}, {})
MUG = Reward(1, "mug", TERMS, 199)
# The midnight after 23 March.
OVER = datetime(2026, 3, 23, 23, tzinfo=UTC)


def test_each_kind_becomes_a_coupon_or_is_had_at_once() -> None:
    assert [kind.value for kind in RewardKind if kind.becomes_coupon] == ["product", "coupon", "event"]
    assert {kind.value: kind.platform for kind in RewardKind if kind.gives_access} == {
        "role": "discord",
        "group": "telegram",
    }


def test_a_discount_drops_the_fraction_of_a_point_and_donations_have_none() -> None:
    assert [MUG.price(percent) for percent in (0, 10, 50, 99, 100)] == [199, 180, 100, 2, 0]
    assert replace(MUG, has_discounts=False).price(50) == 199
    assert replace(MUG, terms=replace(TERMS, kind=RewardKind.DONATION)).price(50) == 199
    assert [replace(MUG, stock=stock).is_sold_out for stock in (None, 0, 1)] == [False, True, False]


def test_a_coupon_is_over_with_the_midnight_after_its_last_day() -> None:
    assert replace(TERMS, valid_days=7).expires_at(date(2026, 3, 16), WARSAW) == OVER
    assert replace(TERMS, valid_days=0).expires_at(date(2026, 3, 16), WARSAW) is None
    coupon = Coupon(1, "AB2CD3EF4G", "r:1", 1, 1, 1, TERMS, 199, False, CouponState.OPEN, OVER, OVER)
    just_before = OVER - timedelta(microseconds=1)
    assert [coupon.state_at(now) for now in (just_before, OVER)] == [CouponState.OPEN, CouponState.EXPIRED]
    assert replace(coupon, state=CouponState.USED).state_at(OVER) is CouponState.USED
    assert replace(coupon, expires_at=None).state_at(OVER) is CouponState.OPEN


def test_a_role_is_opened_in_the_servers_it_is_named_for_alone() -> None:
    access = Access(1, replace(TERMS, kind=RewardKind.ROLE, opens={"discord_roles": {"77": "vip"}}), None)
    refs = SpaceRef("discord", "77"), SpaceRef("discord", "78"), SpaceRef("telegram", "77")
    assert [access.role_in(space) for space in refs] == ["vip", None, None]
    assert access.group is None
