"""Stamp cards: by purchases and at the till, each stamp once, full ones become a coupon, terms kept."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

from bot.replies import Picture
from handlers.members.erasing import erase
from storage.verify import verify
from tests.club import MONDAY, Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import count, member, rows
from tests.handlers.purchases.test_till import scan
from tests.handlers.rewarding import use

COFFEE = {
    "id": "coffee", "stamps": 3, "daily_cap": 100, "title": {"en": "Ten coffees", "pl": "Dziesięć kaw"},
    "reward": {"en": "A free coffee", "pl": "Kawa gratis"},
}  # fmt: skip
CAKE = {
    "id": "cake", "stamps": 2, "by_purchase": False, "title": {"en": "Two cakes", "pl": "Dwa ciasta"},
    "reward": {"en": "A third cake", "pl": "Trzecie ciasto"},
}  # fmt: skip


@asynccontextmanager
async def opened(
    where: Address, *cards: dict[str, Any], begin: datetime = MONDAY, prefix: str = "s"
) -> AsyncIterator[Club]:
    """Open a settled club with these cards; verified at the end."""
    async with open_club(where, config(stamp_card=list(cards)), inline=True, begin=begin) as club:
        club.event_prefix = prefix
        yield club
        assert await count(club, "dead_letter") == 0
    assert verify(where).problems == []


async def news(club: Club, *about: str) -> list[str]:
    """Return what members were told since the last look that has one of the words in it."""
    return [post for post in await club.posts() if any(word in post for word in about or ("Ten coffees",))]


async def test_purchases_and_cashiers_fill_a_card_that_becomes_a_coupon(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled, COFFEE | {"minimum_amount": "8.00"}) as club:
        shown = await club.say("ania", "/stamps")
        assert "Ten coffees\n▱▱▱ 0/3 stamps\nFor a full card: A free coffee" in shown
        assert await count(club, "stamp_card") == 0
        assert "Stamp card" not in await club.say("kasia", "/purchase @ania 7.99 R1")
        assert "Stamp card Ten coffees: 1/3" in await club.say("kasia", "/purchase @ania 8 R2")
        assert "Stamp card Ten coffees: 1/3" in (await news(club))[0]
        assert await club.say("kasia", "/stamp @ania") == "Ania, Ten coffees: +1 stamp. Now 2/3."
        assert await news(club) == ["ania: Ten coffees: +1 stamp\n▰▰▱ 2/3 stamps"]
        said = await club.say("kasia", "/stamp @ania coffee 3")
        assert "+3 stamps. Now 2/3.\nFull! Ania now has 1 coupon: A free coffee." in said
        told, more = sorted(await news(club), key=len, reverse=True)
        assert "your card is full! It has become a coupon: A free coffee." in told
        assert "until the end of 15 April 2026" in told
        assert more == "ania: Ten coffees: +3 stamps\n▰▰▱ 2/3 stamps"
        assert "+4 stamps. Now 3/3.\nFull! Ania now has 2 coupons" in await club.say("kasia", "/stamp @ania 4")
        assert len(await news(club, "your card is full")) == 2
        assert await news(club) == []
        code = re.search(r"[2-9A-Z]{5}-[2-9A-Z]{5}", told)
        assert code
        assert "A free coffee" in await club.say("ania", "/coupons")
        shown = await club.press("ania", f"Show: {code[0][6:]}, A free coffee")
        assert code[0] in shown
        assert [button.label for row in club.shown["ania"].rows for button in row] == ["Copy the code"]
        assert "A free coffee" in await use(club, code[0])
        await club.say("ania", "/language pl")
        assert "Dziesięć kaw\n▱▱▱ 0/3 stempelki\nZa pełną kartę: Kawa gratis" in await club.say("ania", "/stamps")
        assert await rows(club, "SELECT COUNT(*), COUNT(DISTINCT card_id) FROM stamp") == [(9, 3)]


async def test_a_card_is_meant_by_a_word_of_what_it_or_its_reward_is_called(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled, COFFEE, CAKE) as club:
        await member(club, "ania")
        for word in ("coffees", "kaw", "kawa", "DZIESIĘĆ", "dziesiec"):
            assert "Ten coffees: +1 stamp" in await club.say("kasia", f"/stamp @ania {word}")
        assert "Two cakes: +1 stamp" in await club.say("kasia", "/stamp @ania ciasta")
        assert "I know no stamp card caf. It should be coffee or cake." in await club.say("kasia", "/stamp @ania caf")


async def test_stamps_are_refused_where_they_make_no_sense(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled) as club:
        assert "no stamp cards" in await club.say("ania", "/stamps")
        assert "no stamp cards" in await club.say("kasia", "/stamp @ania")
        await scan(club, "kasia", "ania")
        assert "Stamp a card" not in [button.label for row in club.shown["kasia"].rows for button in row]
    async with opened(copy_of_settled, COFFEE | {"daily_cap": 2}, prefix="s2") as club:
        assert "I know no stamp card tea. It should be coffee." in await club.say("kasia", "/stamp @ania tea")
        assert "for yourself" in await club.say("kasia", "/stamp @kasia")
        for bad in ("0", "coffee 0", "-1 x", "coffee many"):
            said = await club.say("kasia", f"/stamp @ania {bad}")
            assert "+1" not in said, said
        assert "only 2 stamps can be given today, not 3" in await club.say("kasia", "/stamp @ania 3")
        for number in ("-1", "0", "1.5", "1,5"):
            said = await club.say("kasia", f"/stamp @ania {number}")
            assert said.startswith(f"{number} will not do. Give a whole number from 1 up,")
        assert await count(club, "stamp") == await count(club, "stamp_card") == 0
        await club.say("kasia", "/stamp @ania 2")
        assert "no more stamps can be given today. A member gets at most 2 a day" in await club.say(
            "kasia", "/stamp @ania"
        )
        assert "Stamp card" not in await club.say("kasia", "/purchase @ania 10")
        assert await count(club, "stamp") == 2


async def test_a_tap_after_a_scan_stamps_once_whichever_it_is(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled, COFFEE, CAKE) as club:
        await scan(club, "kasia", "ania")
        assert "how many stamps, and on which card?\nTen coffees: 0/3" in await club.press("kasia", "Stamp a card")
        taps = {label: club.button("kasia", label) for label in ("+1 Ten coffees", "+2", "+1 Two cakes")}
        ones = [club.press("kasia", "", token=taps["+1 Ten coffees"]) for _ in range(3)]
        said = await asyncio.gather(*ones, club.press("kasia", "", token=taps["+2"]))
        assert sum("Nothing was changed" in text for text in said) == 3
        assert "Two cakes: +1 stamp. Now 1/2." in await club.press("kasia", "", token=taps["+1 Two cakes"])
        assert "how many stamps" in await club.say("kasia", "/stamp @ania")
        event = club.command("kasia", "/stamp @ania cake")
        assert [len(await club.app.handle(event)) for _ in range(2)] == [1, 1]
        assert await rows(club, "SELECT COUNT(*) FROM coupon") == [(1,)]
        shown = (await club.app.handle(club.command("ania", "/stamps")))[0]
        drawn = await club.renderer.draw(shown)
        assert drawn is not None
        assert drawn.alt in (
            "Bywalec: Ten coffees, 1 of 3 stamps; Two cakes, 0 of 2 stamps.",
            "Bywalec: Ten coffees, 2 of 3 stamps; Two cakes, 0 of 2 stamps.",
        )
        await scan(club, "kasia", "bartek")
        await club.press("kasia", "Stamp a card")
        tap = club.button("kasia", "+1 Two cakes")
        await club.say("olek", "/role @kasia none")
        assert "Only a cashier" in await club.press("kasia", "", token=tap)


async def test_every_card_can_be_tapped_and_each_is_stamped_once_whatever_page_it_is_on(
    copy_of_settled: Address,
) -> None:
    cards = [CAKE | {"id": f"card{number}", "title": {"en": f"Card {number}", "pl": "K"}} for number in range(1, 7)]
    async with opened(copy_of_settled, *cards) as club:
        for begin in ("scan", "command"):
            if begin == "scan":
                await scan(club, "kasia", "ania")
                said = await club.press("kasia", "Stamp a card")
            else:
                said = await club.say("kasia", "/stamp @bartek")
            assert "Card 4: 0/2" in said
            assert "Card 5" not in said
            assert len(club.shown["kasia"].rows) == 5
            tap = club.button("kasia", "+1 Card 1")
            assert "Card 6: 0/2" in await club.press("kasia", "Next")
            last = club.button("kasia", "+1 Card 6")
            await club.press("kasia", "Previous")
            assert "+1 stamp. Now 1/2." in await club.press("kasia", "+1 Card 1")
            assert "Nothing was changed" in await club.press("kasia", "", token=tap)
            assert "+1 stamp. Now 1/2." in await club.press("kasia", "", token=last)
        assert await rows(club, "SELECT COUNT(*) FROM stamp") == [(4,)]


async def test_a_started_card_keeps_its_terms_and_the_next_begins_on_the_present_ones(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled, COFFEE, CAKE) as club:
        await club.say("kasia", "/stamp @ania coffee")
        await club.say("kasia", "/stamp @ania cake")
    changed = COFFEE | {"stamps": 4, "reward": {"en": "A bun", "pl": "Bułka"}, "minimum_amount": "100"}
    async with opened(copy_of_settled, changed, prefix="s2") as club:
        shown = await club.say("ania", "/stamps")
        assert "1/3 stamps\nFor a full card: A free coffee" in shown
        assert "1/2 stamps\nFor a full card: A third cake" in shown
        assert "0/4 stamps\nFor a full card: A bun" in await club.say("bartek", "/stamps")
        assert "Ten coffees: 2/3" in await club.say("kasia", "/purchase @ania 5 R1")
        assert "Stamp card" not in await club.say("kasia", "/purchase @bartek 5 R2")
        await club.say("kasia", "/stamp @ania coffee")
        assert "A free coffee" in (await club.say("ania", "/coupons"))
        assert "0/4 stamps\nFor a full card: A bun" in await club.say("ania", "/stamps")
        assert "only 1 stamp can be given" in await club.say("kasia", "/stamp @ania cake 2")
        assert "Full!" in await club.say("kasia", "/stamp @ania cake")
        assert "Two cakes" not in await club.say("ania", "/stamps")


async def test_a_whole_refund_takes_its_stamp_off_a_card_that_is_not_full(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled, COFFEE) as club:
        for number in (1, 2):
            await club.say("kasia", f"/purchase @ania 1{number} R{number}")
        await news(club)
        await club.say("kasia", "/refund R1 4")
        assert await news(club, "its stamp") == []
        await club.say("kasia", "/refund R1")
        assert await news(club, "its stamp") == [
            "ania: Ten coffees: the purchase was refunded, so its stamp was taken back. Now 1/3."
        ]
        for number in (3, 4):
            await club.say("kasia", f"/purchase @ania 1{number} R{number}")
        assert await coupons(club) == ["open"]
        assert "0/3 stamps" in await club.say("ania", "/stamps")


async def coupons(club: Club) -> list[str]:
    """Return what became of each coupon, the oldest first."""
    return [state for (state,) in await rows(club, "SELECT state FROM coupon ORDER BY id")]


async def test_a_full_card_that_loses_a_stamp_is_being_filled_again_and_its_unused_coupon_is_no_more(
    copy_of_settled: Address,
) -> None:
    async with opened(copy_of_settled, COFFEE) as club:
        for number in (1, 2, 3):
            await club.say("kasia", f"/purchase @ania 1{number} R{number}")
        code = re.search(r"[2-9A-Z]{5}-[2-9A-Z]{5}", str(await news(club, "your card is full")))
        assert code
        await club.say("kasia", "/refund R3")
        assert await news(club, "its stamp") == [
            "ania: Ten coffees: the purchase was refunded, so its stamp was taken back. Too few are left for a full "
            "card, so you lose 1 coupon that you had not used: A free coffee. Now 2/3."
        ]
        assert "this coupon was cancelled on 16 March 2026" in await club.say("kasia", f"/use {code[0]}")
        assert "2/3 stamps" in await club.say("ania", "/stamps")
        assert await coupons(club) == ["cancelled"]
        # The next stamp fills the card again.
        assert "Now 3/3.\nFull!" in await club.say("kasia", "/stamp @ania")
        assert await coupons(club) == ["cancelled", "open"]
        code = re.search(r"[2-9A-Z]{5}-[2-9A-Z]{5}", str(await news(club, "your card is full")))
        # One on the next card takes the place of one that goes.
        await club.say("kasia", "/purchase @ania 14 R4")
        await club.say("kasia", "/refund R1")
        assert await news(club, "its stamp") == [
            "ania: Ten coffees: the purchase was refunded, so its stamp was taken back. Now 0/3."
        ]
        assert await coupons(club) == ["cancelled", "open"]
        assert await rows(club, "SELECT COUNT(*), COUNT(DISTINCT card_id) FROM stamp") == [(3, 1)]
        assert code
        # What was used stays used, and what is over is over.
        assert "A free coffee" in await use(club, code[0])
        await club.say("kasia", "/refund R4")
        assert await news(club, "its stamp") == []
        assert await coupons(club) == ["cancelled", "used"]
        for number in (5, 6, 7):
            await club.say("kasia", f"/purchase @ania 1{number} R{number}")
        await club.skip(days=31)
        await club.say("kasia", "/refund R6")
        assert await coupons(club) == ["cancelled", "used", "expired"]
        assert await news(club, "its stamp") == []


async def test_of_several_full_cards_as_many_are_left_as_there_are_stamps_for(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled, COFFEE) as club:
        for number in range(10, 16):
            await club.say("kasia", f"/purchase @ania {number} R{number}")
        assert await coupons(club) == ["open"] * 2
        for number, left, stamps in ((10, 1, 2), (15, 1, 1), (11, 1, 0), (13, 0, 2), (12, 0, 1), (14, 0, 0)):
            await club.say("kasia", f"/refund R{number}")
            assert (await coupons(club)).count("open") == left, number
            assert f"{stamps}/3 stamps" in await club.say("ania", "/stamps")


async def test_a_stamp_is_for_the_part_that_counts_and_is_kept(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled, COFFEE | {"minimum_amount": "8.00"}) as club:
        assert "Stamp card" not in await club.say("kasia", "/purchase @ania 50 = 0.01")
        assert "Stamp card" not in await club.say("kasia", "/purchase @ania 51 =7.99")
        assert "Stamp card Ten coffees: 1/3" in await club.say("kasia", "/purchase @ania 52 P-1 =8")
        assert "Stamp card Ten coffees: 2/3" in await club.say("kasia", "/purchase @ania 8 A-1")
        await news(club)
        # One grosz of 52 is less than one of the 8 that count.
        for receipt, amount, left in (("P-1", "0.01", 1), ("A-1", "7.99", 0)):
            await club.say("kasia", f"/refund {receipt} {amount}")
            assert await news(club, "its stamp") == [
                f"ania: Ten coffees: part of the purchase was refunded, so its stamp was taken back. Now {left}/3."
            ]
        await club.say("kasia", "/refund A-1")
        assert await news(club, "its stamp") == []
    async with opened(copy_of_settled, COFFEE, prefix="s2") as club:
        # What counts at all is enough where the card asks for no minimum.
        assert "Stamp card Ten coffees: 1/3" in await club.say("kasia", "/purchase @bartek 50 B-1 =0.01")
        await club.say("kasia", "/refund B-1 1")
        assert "0/3 stamps" in await club.say("bartek", "/stamps")


async def test_a_day_is_one_by_the_programmes_clock_also_when_the_clocks_change(copy_of_settled: Address) -> None:
    # Clocks go forward on 29 March: the local day begins at 23:00 UTC and ends at 22:00 UTC.
    begin = datetime(2026, 3, 28, 22, 59, tzinfo=UTC)
    async with opened(copy_of_settled, COFFEE | {"daily_cap": 1, "stamps": 5}, begin=begin) as club:
        assert "Now 1/5" in await club.say("kasia", "/stamp @ania")
        for when, now in (
            (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), "Now 2/5"),
            (datetime(2026, 3, 29, 21, 59, tzinfo=UTC), "no more stamps"),
            (datetime(2026, 3, 29, 22, 0, tzinfo=UTC), "Now 3/5"),
        ):
            club.clock.now = when
            assert now in await club.say("kasia", "/stamp @ania"), when


async def test_the_last_stamp_is_raced_for(copy_of_settled: Address) -> None:
    async with open_club(copy_of_settled, config(stamp_card=[COFFEE])) as club:
        club.event_prefix = "s"
        await club.say("kasia", "/stamp @ania 2")
        await asyncio.gather(
            *(club.say(name, "/stamp @ania") for name in ("kasia", "olek") for _ in range(4)),
            *(club.say("kasia", f"/purchase @ania {amount}.00 R{amount}") for amount in range(10, 14)),
        )
        # 2 before and 12 at once: four full cards of three and two on the next.
        assert await rows(club, "SELECT COUNT(*) FROM coupon") == [(4,)]
        assert await rows(club, "SELECT COUNT(*) FROM stamp_card WHERE coupon_id IS NULL") == [(1,)]
        assert len(await news(club, "your card is full")) == 4
        assert "2/3" in await club.say("ania", "/stamps")
    assert verify(copy_of_settled).problems == []


async def test_who_left_finds_their_cards_again_and_who_is_erased_has_none(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled, COFFEE) as club:
        await club.say("kasia", "/purchase @ania 10 R1")
        await club.say("kasia", "/stamp @ania")
        await club.say("ania", "/leave")
        await club.press("ania", "Yes, leave")
        assert "Now" not in await club.say("kasia", "/stamp @ania")
        await club.say("kasia", "/refund R1")
        assert await rows(club, "SELECT COUNT(*) FROM stamp") == [(1,)]
        await club.join("ania")
        assert "1/3" in await club.say("ania", "/stamps")
        of_ania = (await member(club, "ania")).id
        await club.database.write(partial(erase, of_ania, club.clock.now))
        assert await count(club, "stamp") == await count(club, "stamp_card") == 0
        # The next full card of somebody else is one of its own, though its number may be one that was had before.
        await news(club)
        for name in ("bartek", "celina"):
            await club.say("kasia", f"/stamp @{name} 3")
            of_member = (await member(club, name)).id
            assert len(await news(club, "your card is full")) == 1
            await club.database.write(partial(erase, of_member, club.clock.now))
        assert await count(club, "coupon") == 2


async def test_pictures_have_room_for_every_card(copy_of_settled: Address) -> None:
    long = {"en": "Zażółć gęślą jaźń: every tenth coffee is on the house", "pl": "x"}
    async with opened(copy_of_settled, COFFEE | {"stamps": 20, "title": long, "reward": long}) as club:
        await club.say("kasia", "/stamp @ania 19")
        [shown] = await club.app.handle(club.command("ania", "/stamps"))
        assert isinstance(shown.picture, Picture)
        svg = club.renderer.svg(shown.picture, "en")
        assert svg.count("<circle") == 20
        assert "19/20" in svg
