"""At the till: a card is scanned, and what it brings."""

import asyncio

import pytest

from bot.events import BotPresenceChanged, ButtonPressed
from bot.replies import Picture
from tests.club import SPACE, Club
from tests.handlers.looking import rows


async def number_of(club: Club, name: str) -> str:
    """Return the digits of someone's card."""
    (shown,) = await club.app.handle(club.command(name, "/card"))
    assert isinstance(shown.picture, Picture)
    return str(shown.picture.fields["number"])


async def scan(club: Club, name: str, of: str) -> str:
    """Let someone scan a member's card."""
    return await club.say(name, f"/start card_{await number_of(club, of)}")


async def test_a_card_is_a_picture_with_a_number_to_scan(club: Club) -> None:
    (shown,) = await club.app.handle(club.command("ania", "/card"))
    drawn = await club.renderer.draw(shown)
    assert drawn is not None
    assert "Ania" in drawn.alt
    assert str(shown.fields["card"]) in drawn.alt


async def test_a_cashier_taps_an_amount_and_records_it_once(club: Club) -> None:
    assert "Ania, card " in await scan(club, "kasia", "ania")
    assert "Ania pays 0 PLN" in await club.press("kasia", "Purchase")
    for key in "0049..957":
        await club.press("kasia", key)
    assert "Ania pays 49.95 PLN" in await club.press("kasia", "8")
    await club.press("kasia", "⌫")
    assert "Ania pays 49.90 PLN" in await club.press("kasia", "0")
    token = club.button("kasia", "Record")
    said = await asyncio.gather(*(club.press("kasia", "Record", token=token) for _ in range(5)))
    assert sum("+49 points" in text for text in said) == 1
    assert sum("no longer open" in text for text in said) == 4
    assert any("49.90" in post for post in await club.posts())


async def test_fast_taps_are_all_counted(club: Club) -> None:
    """The keys of a keypad stay the same, so a tap upon what an edit has not replaced yet says the same."""
    await scan(club, "kasia", "ania")
    await club.press("kasia", "Purchase")
    keys = {key: club.button("kasia", key) for key in "129"}
    for key in "129":
        await club.press("kasia", key, token=keys[key])
    assert "+129 points" in await club.press("kasia", "Record")


async def test_an_amount_may_be_typed_too(club: Club) -> None:
    await scan(club, "kasia", "ania")
    await club.press("kasia", "Purchase")
    record = club.button("kasia", "Record")
    assert "is no amount" in await club.answer("kasia", "much")
    assert "more than zero" in await club.press("kasia", "Record", token=record)
    assert "cannot count" in await club.answer("kasia", "38,50 =40")
    assert "+38 points" in await club.answer("kasia", "38,50")
    await scan(club, "kasia", "bartek")
    assert "type both: 49.90 =30" in await club.press("kasia", "Purchase")
    assert "+20 points" in await club.answer("kasia", "38,50 = 20")
    await scan(club, "kasia", "ania")
    assert "+12 points" in await club.press("kasia", "Purchase", text="12")
    await scan(club, "kasia", "ania")
    assert "already" in await club.press("kasia", "Purchase", text="12")
    assert "+12 points" in await club.press("kasia", "Yes, a second purchase")


async def test_an_old_keypad_is_over_once_another_is_open(club: Club) -> None:
    await scan(club, "kasia", "ania")
    await club.press("kasia", "Purchase")
    old = club.button("kasia", "1")
    await scan(club, "kasia", "bartek")
    await club.press("kasia", "Purchase")
    new = club.button("kasia", "2")
    assert "no longer open" in await club.press("kasia", "1", token=old)
    assert "Bartek pays 2 PLN" in await club.press("kasia", "2", token=new)


@pytest.mark.parametrize("name", ["ania", "bartek", "stranger"])
async def test_who_is_no_cashier_is_told_what_the_code_is_for(club: Club, name: str) -> None:
    assert "for the till" in await scan(club, name, "ania")


async def test_a_card_that_nobody_has_is_said_to_be_unknown(club: Club) -> None:
    assert "There is no card 000 000 000." in await club.say("kasia", "/start card_000000000")
    assert "for yourself" in await scan(club, "kasia", "kasia")
    number = await number_of(club, "ania")
    await club.say("ania", "/leave")
    await club.press("ania", "Yes, leave")
    assert "There is no card" in await club.say("kasia", f"/start card_{number}")


async def test_rights_are_looked_at_again_with_every_tap(club: Club) -> None:
    await scan(club, "kasia", "ania")
    await club.press("kasia", "Purchase")
    keypad = {key: club.button("kasia", key) for key in ("5", "Record")}
    assert await club.say("olek", "/role @kasia none") == "Kasia: no role any more in the whole club."
    await club.say("olek", "/role @kasia none", SPACE)
    for key in ("5", "Record"):
        assert "Only a cashier" in await club.press("kasia", key, token=keypad[key])
    assert "for the till" in await scan(club, "kasia", "ania")


async def test_a_cashier_of_a_group_is_one_in_the_chat_that_a_scan_opens(club: Club) -> None:
    await club.say("olek", "/role @kasia none")
    await club.say("olek", "/role @bartek cashier", SPACE)
    await scan(club, "bartek", "ania")
    await club.press("bartek", "Purchase")
    await club.press("bartek", "7")
    assert "+7 points" in await club.press("bartek", "Record")


async def test_a_group_that_the_bot_was_removed_from_gives_no_rights_at_the_till(club: Club) -> None:
    await club.say("olek", "/role @bartek cashier", SPACE)
    await club.say("bartek", "/purchase @ania 12", SPACE)
    await club.say("bartek", "/purchase @ania 12", SPACE)
    again = club.button("bartek", "Yes, a second purchase")
    await scan(club, "bartek", "ania")
    offers = {label: club.button("bartek", label) for label in ("Purchase", "Use a coupon")}
    await club.press("bartek", "Purchase")
    await club.press("bartek", "7")
    record, place = club.button("bartek", "Record"), club.place("olek", SPACE)
    gone = BotPresenceChanged(event_id=club.next_id(), at=club.clock.now, place=place, is_present=False)
    await club.app.handle(gone)
    for token in (record, again, *offers.values()):
        assert "Only a cashier" in await club.press("bartek", "", token=token)
    assert (await rows(club, "SELECT COUNT(*) FROM purchase")) == [(1,)]


async def test_only_the_cashier_taps_their_keypad(club: Club) -> None:
    await scan(club, "kasia", "ania")
    await club.press("kasia", "Purchase")
    place, person = club.place("marta", None), club.person("marta")
    event = ButtonPressed(
        event_id=club.next_id(), at=club.clock.now, place=place, person=person, token=club.button("kasia", "5")
    )
    assert "for" in club.show("marta", await club.app.handle(event)).lower()
