"""Rewards, their coupons and codes as they are kept: which ones are found at which instant, and what is taken once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.events import Identity, Person
from bot.members.members import Member
from bot.rewards.rewards import Coupon, CouponState, Reward, Terms
from storage.engine.database import prepare
from storage.transaction import Transaction
from tests.databases import Address, transaction

NOW = datetime(2026, 3, 16, 7, 0, tzinfo=UTC)
INSTANT, DAY = timedelta(microseconds=1), timedelta(days=1)
MUG = Reward(0, "mug", Terms({"en": "A mug"}, {}), 300, stock=1)


@pytest.fixture
def tx(empty: Address) -> Iterator[Transaction]:
    """A transaction on an empty database."""
    with transaction(empty, NOW) as opened:
        prepare(opened)
        yield opened


@pytest.fixture
def ania(tx: Transaction) -> Member:
    return tx.members.add(Person(Identity("console", "ania"), "Ania"), "000000000", "en", None, is_owner=False)


@pytest.fixture
def mug(tx: Transaction) -> Reward:
    assert tx.rewards.add(MUG)
    [mug] = tx.rewards.all()
    return mug


def issued(
    tx: Transaction, to: Member, of: Reward, source: str, expires_at: datetime | None, at: datetime = NOW
) -> int:
    """Store an open coupon."""
    code = f"{source:A>10}"
    open_ = CouponState.OPEN
    return tx.coupons.add(
        Coupon(0, code, source, of.id, to.holder_id, to.id, of.terms, 0, False, open_, at, expires_at)
    )


def test_a_reward_is_added_once_and_the_last_one_taken_once(tx: Transaction, mug: Reward) -> None:
    assert not tx.rewards.add(replace(MUG, cost=1))
    assert tx.rewards.by_id(mug.id) == tx.rewards.by_key("mug") == mug
    assert tx.rewards.by_id(mug.id + 1) is tx.rewards.by_key("cup") is None
    assert [tx.rewards.take_one(mug.id) for _ in range(2)] == [True, False]
    tx.rewards.add_stock(mug.id, 2)
    tx.rewards.change(replace(mug, cost=200, stock=2))
    assert tx.rewards.all() == [replace(mug, cost=200, stock=2, version=2)]


def test_a_coupon_is_open_until_the_very_instant_at_which_it_expires(
    tx: Transaction, ania: Member, mug: Reward
) -> None:
    for source, expires_at in (("never", None), ("later", NOW + DAY), ("next", NOW + INSTANT), ("now", NOW)):
        issued(tx, ania, mug, source, expires_at)
    issued(tx, ania, mug, "past", NOW - DAY)
    assert [coupon.source for coupon in tx.coupons.open_of(ania.id)] == ["next", "later", "never"]
    assert [coupon.source for coupon in tx.coupons.expired(9)] == ["past", "now"]
    assert [coupon.source for coupon in tx.coupons.expired(1)] == ["past"]
    assert (tx.coupons.open_of_reward(mug.id), tx.coupons.open_of_reward(mug.id + 1)) == (5, 0)


def test_who_got_one_in_time_is_reminded_once(tx: Transaction, ania: Member, mug: Reward) -> None:
    until, issued_by = NOW + DAY, NOW - DAY
    for source, expires_at, at in (
        ("fresh", until, issued_by + INSTANT),
        ("last", until, issued_by),
        ("after", until + INSTANT, issued_by),
        ("over", NOW, issued_by),
        ("first", NOW + 2 * INSTANT, issued_by),
        ("urgent", NOW + INSTANT, NOW),
    ):
        issued(tx, ania, mug, source, expires_at, at)
    assert [coupon.source for coupon in tx.coupons.to_remind(until, issued_by, NOW, 9)] == ["first", "last"]
    at_once = NOW + INSTANT
    found = tx.coupons.to_remind(until, issued_by, at_once, 9)
    assert [coupon.source for coupon in found] == ["urgent", "first", "last"]
    assert [coupon.source for coupon in tx.coupons.to_remind(until, issued_by, at_once, 1)] == ["urgent"]
    tx.coupons.reminded([found[0].id, found[1].id])
    assert [coupon.source for coupon in tx.coupons.to_remind(until, issued_by, at_once, 9)] == ["last"]


def test_what_was_given_back_was_not_had_and_what_has_ended_ends_no_more(
    tx: Transaction, ania: Member, mug: Reward
) -> None:
    ids = [issued(tx, ania, mug, source, None, at) for source, at in (("old", NOW - DAY), ("a", NOW), ("b", NOW))]
    assert [tx.coupons.had(ania.id, mug.id, since) for since in (None, NOW - DAY, NOW)] == [3, 3, 2]
    assert [tx.coupons.settle(ids[0], state) for state in (CouponState.CANCELLED, CouponState.USED)] == [True, False]
    assert tx.coupons.settle(ids[1], CouponState.USED)
    assert [tx.coupons.had(ania.id, mug.id, since) for since in (None, NOW)] == [2, 2]
    assert tx.coupons.had(ania.id, mug.id + 1, None) == 0
    assert tx.coupons.by_id(ids[0]).state is CouponState.CANCELLED


def test_codes_are_given_in_their_order_and_the_newest_shown_first(tx: Transaction, ania: Member, mug: Reward) -> None:
    assert [tx.pool_codes.add(mug.id, codes) for codes in (["X", "Y"], ["Y", "Z"])] == [2, 1]
    at = (NOW - DAY, NOW - DAY, NOW)
    coupons = [issued(tx, ania, mug, f"{number}", None, when) for number, when in enumerate(at)]
    assert [tx.pool_codes.give(mug.id, coupon) for coupon in coupons] == ["X", "Y", "Z"]
    assert tx.pool_codes.give(mug.id, issued(tx, ania, mug, "more", None)) is None
    assert [code for _, code in tx.pool_codes.of_member(ania.id, NOW - DAY, 2)] == ["Z", "Y"]
    assert [code for _, code in tx.pool_codes.of_member(ania.id, NOW - DAY, 9)] == ["Z", "Y", "X"]
    assert [code for _, code in tx.pool_codes.of_member(ania.id, NOW, 9)] == ["Z"]
    assert tx.pool_codes.of_member(ania.id + 1, NOW - DAY, 9) == []
