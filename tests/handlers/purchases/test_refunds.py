"""What a cashier and a buyer hear of purchases and refunds, which receipt is meant, and in which group they count."""

import pytest

from bot.events import SpaceRef
from tests.club import PLATFORM, SPACE, Club, config, open_club
from tests.databases import Address, problems_of
from tests.handlers.looking import balances, count, rows

BAR = SpaceRef(PLATFORM, "bar", "Bar")


async def test_a_refund_says_what_was_taken_back_of_each_unit(empty: Address) -> None:
    rates = config(earning={"purchase": {"points": 2, "status": 3, "pending_days": 0}})
    async with open_club(empty, rates, inline=True) as club:
        await club.join("olek", "ania")
        assert "are theirs on" not in await club.say("olek", "/purchase @ania 10 R1")
        said = await club.say("olek", "/refund R1 4")
        assert "R1" in said
        assert "Taken back: 8 points and 12 status points." in said
    assert problems_of(empty) == []


async def test_more_than_is_left_is_refused_by_what_is_left(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 50 R1")
    assert await club.say("kasia", "/refund R1 50.01") == (
        "That purchase was PLN\xa050.00: no more than that can be refunded."
    )
    await club.say("kasia", "/refund R1 20")
    assert await club.say("kasia", "/refund R1 40") == "Of PLN\xa050.00 only PLN\xa030.00 can still be refunded."
    await club.say("kasia", "/refund R1")
    assert await club.say("kasia", "/refund R1") == "All of the PLN\xa050.00 has been refunded already."


async def test_a_buyer_hears_of_a_refund_that_takes_anything_back(empty: Address) -> None:
    async with open_club(empty, config(earning={"purchase": {"status": 0}}), inline=True) as club:
        await club.join("olek", "ania")
        for amount, told in (("0.99", 0), ("10", 1)):
            await club.say("olek", f"/purchase @ania {amount} R{told}")
            await club.posts()
            await club.say("olek", f"/refund R{told}")
            assert len([post for post in await club.posts() if post.startswith("ania: ")]) == told


async def test_a_refund_after_the_points_expired_says_so(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 50 R1")
    await club.doze(days=400)
    await club.posts()
    said = await club.say("kasia", "/refund R1 20")
    assert said.endswith("PLN\xa020.00. Taken back: 20 status points. 20 points had expired already.")
    [told] = await club.posts()
    assert told.endswith("we took back 20 status points. 20 points had expired already.")
    await club.say("ania", "/history")
    number = club.shown["ania"].text.splitlines()[1].split()[0]
    explained = await club.say("ania", f"/why {number}")
    assert "Purchase R1 of 16 March 2026: PLN\xa050.00, refunded of it: PLN\xa020.00\n" in explained
    assert "50 points of it had expired already" in explained
    await club.say("kasia", "/language pl")
    await club.say("ania", "/language pl")
    said = await club.say("kasia", "/refund R1")
    assert said.endswith("Cofnięto: 30 punktów statusu. Wygasło już wcześniej: 30 punktów.")
    [told] = await club.posts()
    assert told.endswith("odjęliśmy: 30 punktów statusu. Wygasło już wcześniej: 30 punktów.")
    explained = await club.say("ania", f"/why {number}")
    assert "z tego zwrócono: 50,00\xa0zł\nWygasło już wcześniej: 50 punktów\n" in explained


@pytest.mark.parametrize("rate", ["4.3", "4.2786", "0.17"])
async def test_what_is_refunded_in_parts_of_another_currency_is_refunded_whole(empty: Address, rate: str) -> None:
    rates = config(earning={"purchase": {"first_bonus_points": 50}}, currency_rate=[{"currency": "EUR", "rate": rate}])
    async with open_club(empty, rates, inline=True) as club:
        await club.join("olek", "ania")
        await club.say("olek", "/purchase @ania 100 EUR R1")
        await club.say("olek", "/refund R1 33.33 EUR")
        await club.say("olek", "/refund R1 65.67 EUR")
        assert (await balances(club, "ania")).pending >= 50
        await club.say("olek", "/refund R1 1 EUR")
        assert "refunded already" in await club.say("olek", "/refund R1")
        # A purchase that is refunded whole is not the first one.
        assert (await balances(club, "ania")).pending == 0
    assert problems_of(empty) == []


async def test_a_purchase_says_what_was_refunded_of_it(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 50 R1")
    number = (await club.say("ania", "/why")).splitlines()[1].split()[0]
    assert "refunded" not in await club.say("ania", f"/why {number}")
    await club.say("kasia", "/refund R1 20")
    await club.say("kasia", "/refund R1 5")
    explained = await club.say("ania", f"/why {number}")
    assert "Purchase R1 of 16 March 2026: PLN\xa050.00, refunded of it: PLN\xa025.00\n" in explained
    assert "expired" not in explained


async def test_of_two_open_purchases_with_one_receipt_the_cashier_says_which(club: Club) -> None:
    for amount in (10, 20):
        await club.say("kasia", f"/purchase @ania {amount} R1")
        await club.skip(days=1)
    asked = await club.say("kasia", "/refund R1")
    assert "Several purchases have the receipt R1" in asked
    assert "#1" in asked
    assert "#2" in asked
    assert (await balances(club, "ania")).pending == 30
    await club.say("kasia", "/refund #2 5")
    assert "Several purchases" in await club.say("kasia", "/refund R1")
    await club.say("kasia", "/refund #2")
    assert "Taken back: 10 points" in await club.say("kasia", "/refund R1")
    assert "refunded already" in await club.say("kasia", "/refund R1")
    assert await rows(club, "SELECT version FROM purchase ORDER BY id") == [(2,), (3,)]


async def test_a_receipt_that_comes_again_on_its_day_is_said_to_be_refunded_if_it_is(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 10 R1")
    assert "Some or all of it was refunded" not in await club.say("kasia", "/purchase @ania 10 R1")
    await club.say("kasia", "/refund R1 0.01")
    assert "Some or all of it was refunded" in await club.say("kasia", "/purchase @ania 10 R1")


async def test_capitals_make_no_difference_in_a_receipt_number(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 10 R-1a")
    await club.say("kasia", "/purchase @ania 20 R-2")
    await club.say("kasia", "/purchase @ania 30 r-3")
    assert "Receipt R-2 was recorded today already" in await club.say("kasia", "/purchase @ania 20 r-2")
    assert "Receipt r-3 was recorded today already" in await club.say("kasia", "/purchase @ania 30 R-3")
    await club.skip(days=1)
    await club.say("kasia", "/purchase @ania 40 r-2")
    assert "Several purchases have the receipt r-2" in await club.say("kasia", "/refund r-2")
    assert "Refund r-2: Ania" in await club.say("kasia", "/refund #4")
    assert "Refund R-2: Ania" in await club.say("kasia", "/refund r-2")
    assert "Refund r-3: Ania" in await club.say("kasia", "/refund R-3")
    assert "Refund R-1a: Ania" in await club.say("kasia", "/refund R-1a")


async def test_what_looks_like_a_number_of_ours_is_no_receipt(club: Club) -> None:
    assert "cannot be a receipt" in await club.say("kasia", "/purchase @ania 10 #5")
    assert await count(club, "purchase") == 0


async def test_who_is_no_cashier_any_more_confirms_nothing(club: Club) -> None:
    for _ in range(2):
        await club.say("kasia", "/purchase @ania 10")
    await club.say("olek", "/role kasia none")
    await club.press("kasia", "Yes, a second purchase")
    assert await count(club, "purchase") == 1


async def test_a_purchase_in_a_group_counts_there_alone(club: Club) -> None:
    await club.set_up(BAR)
    for space in (SPACE, BAR):
        await club.chat("ania", space=space)
    await club.say("olek", "/purchase @ania 30 R1", BAR)
    assert await rows(club, "SELECT title FROM purchase JOIN space ON space.id = purchase.space_id") == [("Bar",)]
    assert "35" in await club.say("bartek", "/leaderboard", BAR)
    assert "35" not in await club.say("bartek", "/leaderboard", SPACE)
