"""Rewards that open something: used at once, and open from then on for those whom the platform knows."""

import pytest

from bot.earning.versions import RuleBook
from bot.events import Identity, Person
from bot.members.members import Member
from bot.rewards.rewards import CouponState, Reward, RewardKind, Terms
from handlers.rewards.accesses import Elsewhere, HadForGood
from handlers.rewards.redeeming import take
from storage.transaction import Transaction
from tests.club import Club, config
from tests.handlers.looking import member

ROOM = Terms({"en": "The room"}, {}, kind=RewardKind.GROUP, valid_days=0, opens={"telegram_group": "-1009"})
RULES = RuleBook.of(config())


def _room(tx: Transaction) -> Reward:
    tx.rewards.add(Reward(0, "room", ROOM, 0))
    [room] = tx.rewards.offered()
    return room


def _on_telegram(tx: Transaction) -> Member:
    return tx.members.add(Person(Identity("telegram", "7"), "Ola"), "000000000", "en", None, is_owner=False)


async def test_what_opens_a_group_is_used_at_once_and_had_once_for_good(club: Club) -> None:
    def redeem(tx: Transaction) -> None:
        room, ola = _room(tx), _on_telegram(tx)
        coupon = tx.coupons.by_id(take(room, ola, "tap", tx, RULES).id)
        assert (coupon.state, coupon.settled_at) == (CouponState.USED, tx.now)
        [access] = tx.accesses.open_of(ola.id)
        assert (access.reward_id, access.group, access.ends_at) == (room.id, "-1009", None)
        with pytest.raises(HadForGood):
            take(room, ola, "another tap", tx, RULES)

    await club.database.write(redeem)


async def test_a_member_of_another_platform_is_not_let_into_a_group(club: Club) -> None:
    ania = await member(club, "ania")

    def redeem(tx: Transaction) -> None:
        with pytest.raises(Elsewhere):
            take(_room(tx), ania, "tap", tx, RULES)
        assert tx.accesses.open_of(ania.id) == []

    await club.database.write(redeem)
