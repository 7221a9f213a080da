"""What is asked before a purchase is recorded: whether it is a second one, and whether an unusual amount is right."""

from tests.club import SPACE, Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import balances, count, rows


async def test_a_part_is_kept_while_it_is_asked_whether_it_is_a_second_purchase(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 49.90 =30")
    asked = await club.say("kasia", "/purchase @ania 49.90 =20")
    assert "Of it PLN 20.00 would count." in asked.replace("\N{NO-BREAK SPACE}", " ")
    assert "+20 points" in await club.press("kasia", "Yes, a second purchase")


async def test_the_same_amount_soon_without_a_receipt_asks_first(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 10")
    assert "second purchase" in await club.say("kasia", "/purchase @ania 10")
    assert await count(club, "purchase") == 1
    assert "+10 points" in await club.press("kasia", "Yes, a second purchase")
    assert (await balances(club, "ania")).pending == 20


async def test_pressing_yes_twice_records_once(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 10")
    await club.say("kasia", "/purchase @ania 10")
    yes = club.button("kasia", "Yes, a second purchase")
    await club.press("kasia", "", token=yes)
    assert await club.press("kasia", "", token=yes) == "This was done already."
    assert (await balances(club, "ania")).pending == 20


async def test_saying_no_to_a_second_purchase_records_nothing(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 10")
    await club.say("kasia", "/purchase @ania 10")
    assert "nothing more was recorded" in await club.press("kasia", "No, the same one")
    assert await count(club, "purchase") == 1


async def test_another_amount_another_member_or_a_receipt_does_not_ask(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 10")
    for text in ("/purchase @ania 11", "/purchase @bartek 10", "/purchase @ania 10 R-2"):
        assert "second purchase" not in await club.say("kasia", text)


async def test_an_unusual_amount_asks_before_it_is_recorded(club: Club) -> None:
    assert "10,000.00, +1,000 points" in await club.say("kasia", "/purchase @ania 10000 R-0")
    asked = await club.say("kasia", "/purchase @bartek 10000.01 R-1 =60")
    assert asked.replace("\N{NO-BREAK SPACE}", " ") == (
        "Bartek: PLN 10,000.01 is an unusual amount. Is it right? Of it PLN 60.00 would count."
    )
    assert await count(club, "purchase") == 1
    assert await club.press("kasia", "No, a mistake") == "Good, nothing was recorded."
    await club.say("kasia", "/purchase @bartek 10000.01 R-1 =60")
    yes = club.button("kasia", "Yes, record it")
    assert "+60 points" in await club.press("kasia", "", token=yes)
    assert await club.press("kasia", "", token=yes) == "This was done already."
    assert await rows(club, "SELECT receipt FROM purchase ORDER BY id") == [("R-0",), ("R-1",)]
    assert "R-1 was recorded today already" in await club.say("kasia", "/purchase @ania 20000 R-1")


async def test_a_receipt_that_was_used_while_it_was_asked_is_used_once(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 10001 R-1")
    await club.say("olek", "/purchase @bartek 10 R-1")
    assert "R-1 was recorded today already" in await club.press("kasia", "Yes, record it")
    assert await count(club, "purchase") == 1


async def test_what_is_unusual_is_of_the_config_and_in_the_currency_that_was_paid(copy_of_settled: Address) -> None:
    for most, asks in (("100.50", True), ("1000", False), ("0", False)):
        settings = config(
            earning={"purchase": {"ask_above_amount": most}}, currency_rate=[{"currency": "EUR", "rate": "4.00"}]
        )
        async with open_club(copy_of_settled, settings, inline=True) as club:
            club.event_prefix = most
            assert ("unusual" in await club.say("olek", "/purchase @ania 101 EUR")) == asks
            assert "unusual" not in await club.say("olek", f"/purchase @ania 100 EUR R-{most}")


async def test_after_ten_minutes_it_does_not_ask(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 10")
    await club.skip(minutes=9)
    assert "second purchase" in await club.say("kasia", "/purchase @ania 10")
    await club.skip(minutes=2)
    assert "second purchase" not in await club.say("kasia", "/purchase @ania 10")


async def test_a_second_purchase_of_one_who_left_meanwhile_is_refused(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 10")
    await club.say("kasia", "/purchase @ania 10")
    await club.say("ania", "/leave")
    await club.press("ania", "Yes, leave")
    await club.press("kasia", "Yes, a second purchase")
    assert await count(club, "purchase") == 1


async def test_a_cashier_of_one_group_can_confirm_in_private_what_was_asked_in_the_group(club: Club) -> None:
    await club.say("olek", "/role darek cashier", SPACE)
    await club.say("darek", "/purchase @ania 10", SPACE)
    assert "second purchase" in await club.say("darek", "/purchase @ania 10", SPACE)
    assert "+10 points" in await club.press("darek", "Yes, a second purchase")


async def test_what_was_asked_of_an_amount_whose_currency_has_no_rate_any_more_is_not_recorded(
    copy_of_settled: Address,
) -> None:
    rates = [{"currency": "EUR", "rate": "4"}]
    async with open_club(copy_of_settled, config(currency_rate=rates), inline=True) as club:
        club.event_prefix = "t"
        for _ in range(2):
            await club.say("kasia", "/purchase @ania 10 EUR")
        token = club.button("kasia", "Yes, a second purchase")
    async with open_club(copy_of_settled, config(), inline=True) as club:
        club.event_prefix = "later"
        assert "in PLN" in await club.press("kasia", "", token=token)
        assert await count(club, "purchase") == 1


async def test_the_least_amount_may_be_what_more_than_is_asked_about(copy_of_settled: Address) -> None:
    async with open_club(copy_of_settled, config(earning={"purchase": {"ask_above_amount": "0.01"}})) as club:
        assert "unusual amount" in await club.say("kasia", "/purchase @ania 10 R-1")
