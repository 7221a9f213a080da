"""Rewards that open something: used at once, and open from then on for those whom the platform knows."""

import pytest

from bot.earning.versions import RuleBook
from bot.events import Identity, Person
from bot.members.members import Member
from bot.rewards.rewards import CouponState, Reward, RewardKind, Terms
from handlers.rewards.accesses import Elsewhere, HadForGood, keeps_from
from handlers.rewards.redeeming import take
from storage.transaction import Transaction
from tests.club import Club, config
from tests.databases import Address
from tests.handlers.looking import member
from tests.handlers.rewarding import COFFEE
from tests.handlers.tiers.test_tier_groups import ROOM as ROOM_FOR_POINTS
from tests.handlers.tiers.test_tier_groups import opened, settings

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


async def test_what_one_has_for_good_is_not_what_one_can_have_or_is_closest_to(empty: Address) -> None:
    room = ROOM_FOR_POINTS | {"valid_days": 0}
    role = {"id": "role", "kind": "role", "cost": 15, "name": {"en": "The role", "pl": "Rola"}}
    role |= {"discord_roles": {"1" * 18: "2" * 18}}
    async with opened(empty, settings(reward=[room, role, COFFEE])) as (_, guest):
        assert "Closest: The room, 10 more points" in await guest.says("rewards")
        await guest.buys(10)
        await guest.says("redeem room")
        await guest.presses()
        for points in (0, 11):
            if points:
                await guest.buys(points)
            said = await guest.says("rewards")
            assert "▫️ The room (room), 10 points: you have it for good" in said
            assert f"Closest: A coffee, {100 - points} more points" in said


async def test_a_member_who_was_not_seen_in_the_server_of_a_role_is_told_so(club: Club) -> None:
    role = Terms({"en": "The role"}, {}, kind=RewardKind.ROLE, valid_days=0, opens={"discord_roles": {"1": "2"}})

    def look(tx: Transaction) -> str | None:
        tx.rewards.add(Reward(0, "role", role, 0))
        person = Person(Identity("discord", "7"), "Ola")
        ola = tx.members.add(person, "000000000", "en", None, is_owner=False)
        return keeps_from(tx.rewards.offered()[0], ola, tx)

    assert await club.database.write(look) == "absent"


async def test_a_member_of_another_platform_is_not_let_into_a_group(club: Club) -> None:
    ania = await member(club, "ania")

    def redeem(tx: Transaction) -> None:
        with pytest.raises(Elsewhere):
            take(_room(tx), ania, "tap", tx, RULES)
        assert tx.accesses.open_of(ania.id) == []

    await club.database.write(redeem)
