"""Rewards that need a tier and rewards that a tier makes cheaper, from the config and from chat."""

from collections.abc import AsyncIterator

import pytest

from bot.rewards.rewards import Reward, RewardKind, Terms
from tests.club import Club
from tests.databases import Address
from tests.handlers.looking import balances, labels, rows
from tests.handlers.rewarding import COFFEE, TREE, catalogue

SILVER = {"id": "silver", "name": {"en": "Silver", "pl": "Srebrny"}, "threshold": 100, "reward_discount": 15}
GOLD = {"id": "gold", "name": {"en": "Gold", "pl": "Złoty"}, "threshold": 1000, "reward_discount": 20}
CAKE = {"id": "cake", "cost": 33, "tier": "silver", "name": {"en": "A cake", "pl": "Ciasto"}}
CARD = {"id": "card", "cost": 90, "has_discounts": False, "name": {"en": "A gift card", "pl": "Karta"}}
PURCHASES = {"purchase": {"pending_days": 0, "daily_cap_amount": "100000.00"}}


@pytest.fixture
async def shop(copy_of_settled: Address) -> AsyncIterator[Club]:
    """A club with two tiers, a cake for those who hold one and a gift card that costs everybody the same."""
    rewards = COFFEE, TREE, CAKE, CARD
    async with catalogue(copy_of_settled, *rewards, tier=[SILVER, GOLD], earning=PURCHASES) as club:
        yield club


async def test_a_tier_opens_rewards_and_makes_them_cheaper(shop: Club) -> None:
    await shop.say("marta", "/bonus @ania 300 x")
    said = await shop.say("ania", "/rewards")
    assert "🔒 A cake (cake), 33 points: opens with Silver\n" in said
    assert "✅ A coffee (coffee), 100 points" in said
    assert "A cake · 33" not in labels(shop, "ania")
    refused = "A cake is for those who hold Silver or a higher tier. /tier shows how far away that is."
    assert await shop.say("ania", "/redeem cake") == refused
    await shop.say("ania", "/language pl")
    assert "🔒 Ciasto (cake), 33 punkty: od poziomu Srebrny\n" in await shop.say("ania", "/rewards")
    await shop.say("ania", "/language en")
    await shop.say("kasia", "/purchase @ania 100 R1")
    assert "Rewards cost 15 % less" in await shop.say("ania", "/tier")
    said = await shop.say("ania", "/rewards")
    assert "✅ A cake (cake), 29 points instead of 33\n" in said
    assert "✅ A coffee (coffee), 85 points instead of 100" in said
    assert "✅ A tree (tree), 50 points\n" in said
    assert "✅ A gift card (card), 90 points" in said
    asked = await shop.press("ania", "A cake · 29")
    assert asked.startswith(
        "A cake: 29 points with your tier, instead of 33\nFor those who hold Silver or a higher tier."
    )
    await shop.press("ania", "Yes, redeem")
    assert (await balances(shop, "ania")).held == 29
    assert "It costs everybody the same." in await shop.say("ania", "/redeem card")
    await shop.say("ania", "/coupons")
    await shop.press("ania", "Give back: A cake")
    await shop.press("ania", "Give it back")
    assert ((await balances(shop, "ania")).points, (await balances(shop, "ania")).held) == (400, 0)


async def test_what_another_tier_makes_of_the_cost_is_asked_again(shop: Club) -> None:
    await shop.say("marta", "/bonus @ania 300 x")
    await shop.say("ania", "/redeem coffee")
    confirm = shop.button("ania", "Yes, redeem")
    await shop.say("kasia", "/purchase @ania 100 R1")
    again = await shop.press("ania", "", token=confirm)
    assert again.startswith("This reward, or what it costs you, has just been changed. It is now:\nA coffee: 85 points")
    assert (await balances(shop, "ania")).held == 0
    await shop.press("ania", "Yes, redeem")
    assert (await balances(shop, "ania")).held == 85
    await shop.say("ania", "/redeem cake")
    confirm = shop.button("ania", "Yes, redeem")
    await shop.say("marta", "/reward edit cake")
    await shop.press("marta", "Tier")
    await shop.press("marta", "Gold")
    assert "is for those who hold Gold or a higher tier" in await shop.press("ania", "", token=confirm)


async def test_tiers_of_a_reward_are_asked_for_in_chat(shop: Club) -> None:
    await shop.say("marta", "/reward add")
    await shop.press("marta", "Something to take")
    for typed in ("A bag", "Torba"):
        await shop.press("marta", "Type it", text=typed)
    for label in ("Leave it out", "Leave it out", "200"):
        await shop.press("marta", label)
    assert labels(shop, "marta")[:3] == ["Everybody", "Silver", "Gold"]
    await shop.press("marta", "Gold")
    for label in ("The same for everybody", "Any number", "As often as they like", "7"):
        await shop.press("marta", label)
    said = await shop.press("marta", "They return")
    assert "Only with the tier Gold or a higher one\nThe same cost for every tier\n" in said
    await shop.press("marta", "Save")
    assert await rows(shop, "SELECT tier, has_discounts FROM reward WHERE reward_key = 'a-bag'") == [("gold", 0)]
    assert "For those who hold Gold or a higher tier.\n" in await shop.say("marta", "/reward edit a-bag")
    assert labels(shop, "marta")[-3:] == ["Tier", "Discounts", "Passing on"]
    await shop.press("marta", "Tier")
    said = await shop.press("marta", "Everybody")
    assert "For those who hold" not in said
    await shop.press("marta", "Discounts")
    assert "the same" not in await shop.press("marta", "Cheaper by tier")
    await shop.say("marta", "/reward edit tree")
    assert "Discounts" not in labels(shop, "marta")


async def test_a_tier_taken_out_of_the_config_opens_nothing(copy_of_settled: Address) -> None:
    async with catalogue(copy_of_settled, CAKE, tier=[SILVER], earning=PURCHASES) as club:
        await club.say("marta", "/bonus @ania 300 x")
        await club.say("kasia", "/purchase @ania 100 R1")
        assert "✅ A cake" in await club.say("ania", "/rewards")
    async with catalogue(copy_of_settled, tier=[GOLD], earning=PURCHASES) as club:
        assert "✅ A cake (cake), 29 points" in await club.say("ania", "/rewards")
        await club.say("marta", "/bonus @bartek 300 x")
        assert "🔒 A cake (cake), 33 points: its tier is not offered any more" in await club.say("bartek", "/rewards")
        assert "a tier that is not offered any more" in await club.say("bartek", "/redeem cake")


def test_of_a_discount_the_fraction_is_dropped() -> None:
    reward = Reward(1, "x", Terms({}, {}), 33)
    assert [reward.price(percent) for percent in (0, 3, 15, 90)] == [33, 33, 29, 4]
    assert Reward(1, "x", Terms({}, {}, RewardKind.DONATION), 33).price(50) == 33
    assert Reward(1, "x", Terms({}, {}), 33, has_discounts=False).price(50) == 33
