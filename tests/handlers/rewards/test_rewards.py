"""Rewards as members see them: the ladder, redeeming, and what keeps one from it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.club import SPACE, Club
from tests.databases import Address
from tests.handlers.looking import balances, count, labels, rows
from tests.handlers.rewarding import COFFEE, MUG, TREE, catalogue, redeem, states, stock


@pytest.fixture
async def shop(copy_of_settled: Address) -> AsyncIterator[Club]:
    """A club with a coffee for 100 points, one mug for 300 and a tree for 50."""
    async with catalogue(copy_of_settled, COFFEE, MUG, TREE) as club:
        yield club


async def test_the_ladder_says_what_one_can_have_and_what_is_closest(shop: Club) -> None:
    await shop.say("marta", "/bonus @ania 220 x")
    said = await shop.say("ania", "/rewards")
    assert "You have 220 points." in said
    assert "Closest: The mug, 80 more points" in said
    assert "✅ A tree (tree), 50 points\n✅ A coffee (coffee), 100 points\n" in said
    assert "▫️ The mug (mug), 300 points: 80 more points" in said
    assert labels(shop, "ania") == ["A tree · 50", "A coffee · 100"]
    await shop.say("bartek", "/language pl")
    assert "Najbliżej: Drzewo, jeszcze 50 punktów" in await shop.say("bartek", "/rewards")


async def test_what_one_has_had_as_often_as_one_may_is_not_what_is_closest(copy_of_settled: Address) -> None:
    often, once = COFFEE | {"limit_count": 1, "limit_period": "week"}, TREE | {"limit_count": 1}
    async with catalogue(copy_of_settled, often, once, MUG) as club:
        await club.say("marta", "/bonus @ania 150 x")
        await club.say("ania", "/redeem tree")
        await club.press("ania", "Yes, give them")
        await redeem(club, "ania", "coffee")
        said = await club.say("ania", "/rewards")
        assert "▫️ A tree (tree), 50 points: you have had it" in said
        assert "▫️ A coffee (coffee), 100 points: again from" in said
        assert "Closest: The mug, 300 more points" in said
        await club.skip(days=7)
        assert "Closest: A coffee, 100 more points" in await club.say("ania", "/rewards")


async def test_a_reward_is_redeemed_with_one_tap_and_a_confirmation(shop: Club) -> None:
    await shop.say("marta", "/bonus @ania 220 x")
    await shop.say("ania", "/rewards")
    asked = await shop.press("ania", "A coffee · 100")
    assert "You will have 120 points left." in asked
    assert "until the end of 15 April 2026" in asked
    confirm = shop.button("ania", "Yes, redeem")
    assert (await balances(shop, "ania")).held == 0
    said = await shop.press("ania", "Yes, redeem")
    assert said.startswith("A coffee is yours. Show this code at the till:")
    assert "100 points held; you have 120 points left." in said
    [copies] = [button.copies for row in shop.shown["ania"].rows for button in row if button.copies]
    assert copies is not None
    assert copies in said
    assert "done already" in await shop.press("ania", "", token=confirm)
    assert (await balances(shop, "ania")).held == 100
    assert f"A coffee: {copies}, until the end of 15 April 2026" in await shop.say("ania", "/coupons")
    assert "reserved for A coffee, −100 points" in await shop.say("ania", "/history")


async def test_many_taps_at_once_redeem_once(shop: Club) -> None:
    await shop.say("marta", "/bonus @ania 500 x")
    await shop.say("ania", "/redeem coffee")
    token = shop.button("ania", "Yes, redeem")
    said = await asyncio.gather(*(shop.press("ania", "", token=token) for _ in range(20)))
    assert sum("is yours" in reply for reply in said) == 1
    assert (await balances(shop, "ania")).held == 100
    await shop.say("ania", "/redeem coffee")
    token = shop.button("ania", "Yes, redeem")
    first, again = [await shop.press("ania", "", token=token, event_id="the same") for _ in range(2)]
    assert first == again
    assert await count(shop, "coupon") == 2


async def test_saying_no_redeems_nothing(shop: Club) -> None:
    await shop.say("marta", "/bonus @ania 100 x")
    await shop.say("ania", "/redeem coffee")
    assert await shop.press("ania", "Not now") == "Nothing was redeemed."
    assert await count(shop, "coupon") == 0
    assert "You have 100 points." in await shop.say("ania", "/redeem")


async def test_what_keeps_one_from_a_reward_is_said(shop: Club) -> None:
    said = await shop.say("ania", "/redeem cofee")
    assert "There is no reward cofee. There are: A tree (tree), A coffee (coffee), The mug (mug)." in said
    assert "100 points to go" in await shop.say("ania", "/redeem COFFEE")
    await shop.say("marta", "/bonus @ania 500 x")
    await shop.say("marta", "/bonus @ania 200 x")
    await shop.say("marta", "/bonus @bartek 300 x")
    await redeem(shop, "ania", "mug")
    limited = await shop.say("ania", "/redeem mug")
    assert limited == "The mug: at most 1 a month for each member, and that is reached. Again from 1 April 2026."
    assert "The mug is sold out." in await shop.say("bartek", "/redeem mug")
    assert "The mug (mug), 300 points: sold out" in await shop.say("bartek", "/rewards")
    await shop.say("marta", "/reward stop coffee")
    assert "A coffee is not offered any more." in await shop.say("ania", "/redeem coffee")
    assert "A coffee" not in await shop.say("ania", "/rewards")


async def test_the_last_one_goes_to_who_confirms_first(shop: Club) -> None:
    for name in ("ania", "bartek"):
        await shop.say("marta", f"/bonus @{name} 300 x")
        await shop.say(name, "/redeem mug")
    said = await asyncio.gather(*(shop.press(name, "Yes, redeem") for name in ("ania", "bartek")))
    assert sorted("is yours" in reply for reply in said) == [False, True]
    assert sum("sold out. Nothing was taken" in reply for reply in said) == 1
    assert await stock(shop, "mug") == 0
    held = [(await balances(shop, name)).held for name in ("ania", "bartek")]
    assert sorted(held) == [0, 300]


async def test_who_owes_points_redeems_nothing(shop: Club) -> None:
    await shop.say("kasia", "/purchase @ania 100 R1")
    await shop.skip(days=15)
    await redeem(shop, "ania", "coffee")
    await shop.say("kasia", "/refund R1")
    assert "You owe 100 points" in await shop.say("ania", "/rewards")
    assert labels(shop, "ania") == []
    assert "You owe 100 points after a refund." in await shop.say("ania", "/redeem tree")
    # What was redeemed before stays good; given back, it pays the debt.
    await shop.say("ania", "/coupons")
    await shop.press("ania", "Give back: A coffee")
    said = await shop.press("ania", "Give it back")
    assert said == (
        "A coffee was given back: 100 points returned.\n100 points of it paid back what you owed after a refund."
    )
    assert (await balances(shop, "ania")).points == 0


async def test_the_points_of_a_coupon_that_expires_pay_what_is_owed_and_that_is_said(shop: Club) -> None:
    await shop.say("kasia", "/purchase @ania 100 R1")
    await shop.skip(days=15)
    await redeem(shop, "ania", "coffee")
    await shop.say("kasia", "/refund R1")
    await shop.posts()
    await shop.skip(days=32)
    [over] = [post for post in await shop.posts() if "has expired" in post]
    assert "returned to you. 100 points of them paid back what you owed after a refund." in over
    assert (await balances(shop, "ania")).points == 0


async def test_the_points_of_a_coupon_that_expires_may_pay_a_part_of_what_is_owed(shop: Club) -> None:
    await shop.say("kasia", "/purchase @ania 300 R1")
    await shop.skip(days=15)
    await shop.say("ania", "/redeem tree")
    await shop.press("ania", "Yes, give them")
    await redeem(shop, "ania", "coffee")
    await shop.say("kasia", "/refund R1")
    owed = (await balances(shop, "ania")).owed
    assert owed > 100
    await shop.posts()
    await shop.skip(days=32)
    [over] = [post for post in await shop.posts() if "has expired" in post]
    assert "returned to you. 100 points of them paid back what you owed after a refund." in over
    assert (await balances(shop, "ania")).owed == owed - 100


async def test_a_reward_that_changed_between_question_and_answer_is_asked_about_again(shop: Club) -> None:
    await shop.say("marta", "/bonus @ania 400 x")
    await shop.say("ania", "/redeem coffee")
    await shop.say("marta", "/reward edit coffee")
    await shop.press("marta", "Cost")
    await shop.press("marta", "200")
    said = await shop.press("ania", "Yes, redeem")
    assert "has just been changed" in said
    assert "A coffee: 200 points" in said
    assert (await balances(shop, "ania")).held == 0
    await shop.press("ania", "Yes, redeem")
    assert (await balances(shop, "ania")).held == 200


async def test_what_opens_something_elsewhere_cannot_be_had_here(copy_of_settled: Address) -> None:
    vip = {"id": "vip", "kind": "role", "cost": 1, "name": {"en": "VIP", "pl": "VIP"}}
    async with catalogue(copy_of_settled, vip | {"discord_roles": {"7" * 18: "8" * 18}}) as club:
        await club.say("marta", "/bonus @ania 9 x")
        assert await club.say("ania", "/redeem vip") == "VIP is for members on Discord."
        assert await count(club, "coupon") == 0


async def test_a_donation_is_done_at_once(shop: Club) -> None:
    await shop.say("marta", "/bonus @ania 120 x")
    await shop.say("ania", "/redeem tree")
    said = await shop.press("ania", "Yes, give them")
    assert said == "Thank you! 50 points went to A tree. You have 70 points left."
    assert await states(shop) == ["used"]
    accounts = await rows(
        shop, "SELECT account.name FROM entry JOIN account ON account.id = to_account WHERE reason = 'redeem'"
    )
    assert accounts == [("cause:tree",)]
    assert "given to A tree" in await shop.say("ania", "/history")
    assert "You have none" in await shop.say("ania", "/coupons")


async def test_a_reward_or_cause_goes_by_a_word_of_its_name_in_any_language(shop: Club) -> None:
    await shop.say("marta", "/bonus @ania 120 x")
    assert await shop.say("ania", "/donate Drzewo 70") == "Give 70 points to A tree? You will have 50 points left."
    assert "You will have 20 points left." in await shop.say("ania", "/redeem kawa")
    await shop.say("ania", "/language pl")
    assert await shop.say("ania", "/donate drzewo 70") == "Drzewo: przekazać 70 punktów? Zostanie Ci: 50 punktów."
    assert await shop.say("ania", "/donate drzewa 70") == (
        "Nie ma celu drzewa. Są: Drzewo (tree). Podaj krótką nazwę i liczbę punktów: /donate tree 20"
    )
    assert "Nie ma nagrody kawka. Są: Drzewo (tree), Kawa (coffee), " in await shop.say("ania", "/redeem kawka")


async def test_what_can_be_given_to_is_said_where_something_is_left_out(shop: Club) -> None:
    shown = "Which cause, and how many points? Write it like this: /donate tree 20\nA tree (tree)"
    assert await shop.say("ania", "/donate") == await shop.say("ania", "/donate tree") == shown
    assert "There is no cause 20. There are: A tree (tree)." in await shop.say("ania", "/donate 20")
    await shop.say("marta", "/reward stop tree")
    assert await shop.say("ania", "/donate") == "There is no cause to give points to at the moment."
    assert await shop.say("ania", "/donate tree 5") == "There is no cause tree. There are none at the moment."


async def test_a_word_that_names_several_rewards_names_none(copy_of_settled: Address) -> None:
    names = ({"en": "A large coffee", "pl": "Duża kawa"}, {"en": "A small coffee", "pl": "Mała kawa"})
    large, small = ({**COFFEE, "id": f"c{number}", "name": name} for number, name in enumerate(names))
    async with catalogue(copy_of_settled, large, small) as club:
        await club.say("marta", "/bonus @ania 120 x")
        said = await club.say("ania", "/redeem coffee")
        assert "There is no reward coffee. There are: A large coffee (c0), A small coffee (c1)." in said
        assert "A small coffee" in await club.say("ania", "/redeem mala")
        assert "There is no reward a." in await club.say("ania", "/redeem a")


async def test_any_number_of_points_is_donated(shop: Club) -> None:
    await shop.say("marta", "/bonus @ania 120 x")
    assert await shop.say("ania", "/donate coffee 10") == (
        "There is no cause coffee. There are: A tree (tree). Write its short name and the points: /donate tree 20"
    )
    assert "60 points to go" in await shop.say("ania", "/donate tree 180")
    assert await shop.say("ania", "/donate tree 70") == "Give 70 points to A tree? You will have 50 points left."
    assert "70 points went to A tree. You have 50 points left." in await shop.press("ania", "Yes, give them")
    assert (await balances(shop, "ania")).points == 50
    await shop.say("ania", "/donate tree 20")
    await shop.say("marta", "/reward edit tree")
    await shop.press("marta", "Name")
    await shop.press("marta", "Type it", text="An oak")
    await shop.press("marta", "Type it", text="Dąb")
    assert await shop.press("ania", "Yes, give them") == (
        "This cause has just been changed.\nGive 20 points to An oak? You will have 30 points left."
    )
    assert (await balances(shop, "ania")).points == 50
    assert "20 points went to An oak." in await shop.press("ania", "Yes, give them")
    found = await shop.app.complete("donate", "cause", "", shop.person("ania").identity)
    assert [value for _, value in found] == ["tree"]


async def test_an_answer_in_a_group_stays_private_and_the_place_is_noted(shop: Club) -> None:
    await shop.say("marta", "/bonus @ania 120 x")
    await shop.say("ania", "/redeem coffee", SPACE)
    await shop.press("ania", "Yes, redeem")
    await shop.say("ania", "/donate tree 20", SPACE)
    await shop.press("ania", "Yes, give them")
    assert await rows(shop, "SELECT COUNT(*) FROM entry WHERE reason = 'hold' AND space_id IS NOT NULL") == [(2,)]


async def test_a_long_catalogue_has_pages(copy_of_settled: Address) -> None:
    many = [COFFEE | {"id": f"coffee-{cost}", "cost": cost} for cost in range(1, 11)]
    async with catalogue(copy_of_settled, *many) as club:
        await club.say("marta", "/bonus @ania 100 x")
        assert "coffee-8" in await club.say("ania", "/rewards")
        assert "coffee-10" in await club.press("ania", "Next")
        assert labels(club, "ania") == ["A coffee · 9", "A coffee · 10", "Previous"]
        assert "coffee-1)" in await club.press("ania", "Previous")


async def test_the_first_rewards_of_the_file_are_taken_over_once(copy_of_settled: Address) -> None:
    async with catalogue(copy_of_settled, COFFEE) as club:
        await club.say("marta", "/reward edit coffee")
        await club.press("marta", "Cost")
        await club.press("marta", "50")
    async with catalogue(copy_of_settled, COFFEE | {"cost": 700}, TREE) as club:
        assert await rows(club, "SELECT reward_key, cost FROM reward ORDER BY id") == [("coffee", 50), ("tree", 50)]
