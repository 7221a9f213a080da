"""Coupons after they were issued: used at the till, given back, expired; and what becomes of them otherwise."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.calendar import Occurrence
from bot.earning.versions import RuleBook
from bot.events import ButtonPressed
from bot.rewards.coupon_codes import ALPHABET, format_code, parse_code
from bot.rewards.rewards import CouponOver, OnExpiry, Terms
from handlers.coupons import expiry
from handlers.coupons import lifecycle as coupons
from handlers.members.erasing import erase
from handlers.rewards.redeeming import take
from handlers.scheduler import Run, Work
from storage.transaction import Transaction
from tests.cli.commands import typed
from tests.club import SPACE, Club, config
from tests.databases import Address, change, url_of
from tests.handlers.looking import balances, count, labels, member, rows
from tests.handlers.purchases.test_till import scan
from tests.handlers.rewarding import COFFEE, MUG, catalogue, redeem, states, stock, use


@pytest.fixture
async def shop(copy_of_settled: Address) -> AsyncIterator[Club]:
    """A club with a coffee for 100 points and one mug for 300, in which ania has 450 points."""
    async with catalogue(copy_of_settled, COFFEE, MUG) as club:
        await club.say("marta", "/bonus @ania 450 x")
        await club.posts()
        yield club


async def test_a_cashier_sees_whose_it_is_and_uses_it_once(shop: Club) -> None:
    code = await redeem(shop, "ania", "mug")
    shown = await shop.say("kasia", f"/use {code.lower().replace('-', ' ')}")
    assert shown == f"Coupon {code}: The mug\nBlue.\nFor Ania, valid until the end of 23 March 2026\nUse it now?"
    said = await shop.press("kasia", "Yes, use it")
    assert said == f"Used: The mug for Ania ({code}). Hand it over."
    assert await shop.posts() == ["ania: Your coupon was used: The mug. Enjoy!"]
    assert "this coupon was used on 16 March 2026 at 08:00" in await shop.say("kasia", f"/use {code}")
    assert await states(shop) == ["used"]
    assert await rows(shop, "SELECT settled_by FROM coupon") == [((await member(shop, "kasia")).holder_id,)]
    after = await balances(shop, "ania")
    assert (after.points, after.held) == (150, 0)
    assert "used: The mug" in await shop.say("ania", "/history")


async def test_a_coupon_is_picked_after_the_card_was_scanned(shop: Club) -> None:
    await scan(shop, "kasia", "ania")
    assert await shop.press("kasia", "Use a coupon") == "Ania has no coupon that can be used."
    await redeem(shop, "ania", "coffee")
    await scan(shop, "kasia", "ania")
    assert await shop.press("kasia", "Use a coupon") == "Which coupon of Ania?"
    await shop.press("kasia", "A coffee")
    assert "Hand it over." in await shop.press("kasia", "Yes, use it")
    ania = await member(shop, "ania")

    def issue(tx: Transaction) -> None:
        for number in range(11):
            coupons.issue(ania, Terms({"en": f"Gift {number}"}, {}, valid_days=number + 1), f"gift:{number}", tx)

    await shop.database.write(issue)
    await scan(shop, "kasia", "ania")
    assert await shop.press("kasia", "Use a coupon") == "Which coupon of Ania?"
    assert labels(shop, "kasia") == [*(f"Gift {number}" for number in range(8)), "Next"]
    assert len(shop.shown["kasia"].rows) == 5
    await shop.press("kasia", "Next")
    assert labels(shop, "kasia") == ["Gift 8", "Gift 9", "Gift 10", "Previous"]
    assert "Use it now?" in await shop.press("kasia", "Gift 10")
    assert "Hand it over." in await shop.press("kasia", "Yes, use it")


async def test_two_tills_at_once_use_it_once(shop: Club) -> None:
    code = await redeem(shop, "ania", "coffee")
    for name in ("kasia", "olek"):
        await shop.say(name, f"/use {code}")
    said = await asyncio.gather(*(shop.press(name, "Yes, use it") for name in ("kasia", "olek")))
    assert sorted("Hand it over." in reply for reply in said) == [False, True]
    assert sum("this coupon was used" in reply for reply in said) == 1
    assert await rows(shop, "SELECT COUNT(*) FROM entry WHERE reason = 'redeem'") == [(1,)]


async def test_only_cashiers_use_coupons_and_never_their_own(shop: Club, copy_of_settled: Address) -> None:
    ania, kasia = await member(shop, "ania"), await member(shop, "kasia")
    code = await redeem(shop, "ania", "coffee")
    for name in ("ania", "bartek", "marta"):
        assert "cashier" in await shop.say(name, f"/use {code}")
    await shop.say("marta", "/bonus @kasia 100 x")
    own = await redeem(shop, "kasia", "coffee")
    assert "cannot do that for yourself" in await shop.say("kasia", f"/use {own}")
    # One that became their own between question and answer, as when accounts are linked.
    gift = await shop.database.write(lambda tx: coupons.issue(ania, Terms({"en": "A gift"}, {}), "gift", tx))
    await shop.say("kasia", f"/use {format_code(gift.code)}")
    change(copy_of_settled, f"UPDATE coupon SET holder_id = {kasia.holder_id} WHERE id = {gift.id}")
    assert "cannot do that for yourself" in await shop.press("kasia", "Yes, use it")
    assert await states(shop) == ["open"] * 3
    # A cashier of the group asks there, and the answer comes in private.
    await shop.say("olek", "/role @bartek cashier", SPACE)
    await shop.say("bartek", f"/use {code}", SPACE)
    assert "Hand it over." in await shop.press("bartek", "Yes, use it")


async def test_as_many_coupons_as_a_page_has_are_one_page_whatever_page_was_asked_for(shop: Club) -> None:
    ania = await member(shop, "ania")

    def issue(tx: Transaction) -> None:
        for number in range(9):
            coupons.issue(ania, Terms({"en": f"Gift {number}"}, {}, valid_days=number + 1), f"gift:{number}", tx)

    await shop.database.write(issue)
    await scan(shop, "kasia", "ania")
    await shop.press("kasia", "Use a coupon")
    gifts, turn = [f"Gift {number}" for number in range(8)], shop.button("kasia", "Next")
    assert labels(shop, "kasia") == [*gifts, "Next"]
    place, person = shop.place("kasia", None), shop.person("kasia")
    turned = ButtonPressed(event_id="turn", at=shop.true, place=place, person=person, token=turn)
    [reply] = replies = await shop.app.handle(turned)
    assert reply.edit
    shop.show("kasia", replies)
    assert labels(shop, "kasia") == ["Gift 8", "Previous"]
    await shop.press("kasia", "Gift 8")
    assert "Hand it over." in await shop.press("kasia", "Yes, use it")
    await shop.press("kasia", "", token=turn)
    assert labels(shop, "kasia") == gifts


async def test_buttons_of_two_coupons_for_the_same_differ(shop: Club) -> None:
    await redeem(shop, "ania", "mug")
    ends = [(await redeem(shop, "ania", "coffee"))[6:]]
    await shop.say("ania", "/coupons")
    assert labels(shop, "ania")[2:] == ["Show: A coffee", "Give back: A coffee"]
    await shop.say("marta", "/bonus @ania 50 x")
    ends.append((await redeem(shop, "ania", "coffee"))[6:])
    listed = await shop.say("ania", "/coupons")
    of_coffees = [f"{what}: {end}, A coffee" for end in ends for what in ("Show", "Give back")]
    assert labels(shop, "ania") == ["Show: The mug", "Give back: The mug", *of_coffees]
    assert f"A coffee: {(shown := await shop.press('ania', of_coffees[2]))[10:21]}" in listed
    assert shown[16:21] == ends[1]
    await scan(shop, "kasia", "ania")
    await shop.press("kasia", "Use a coupon")
    assert labels(shop, "kasia") == ["The mug", *(f"{end}, A coffee" for end in ends)]
    await shop.say("ania", "/language pl")
    await shop.say("ania", "/coupons")
    assert labels(shop, "ania")[2:4] == [f"Pokaż: {ends[0]}, Kawa", f"Zwróć: {ends[0]}, Kawa"]


async def test_a_coupon_is_shown_as_a_picture_and_scanned_at_the_till(shop: Club) -> None:
    code = await redeem(shop, "ania", "coffee")
    payload = f"use_{code.replace('-', '')}"
    await shop.say("ania", "/coupons")
    assert await shop.press("ania", "Show: A coffee") == f"A coffee: {code}\nValid until the end of 15 April 2026."
    for name in ("ania", "bartek"):
        assert "a cashier scans it" in await shop.say(name, f"/start {payload}")
    assert "a cashier scans it" in await shop.say("nowy", f"/start {payload}")
    assert "For Ania" in await shop.say("kasia", f"/start {payload}")
    assert "Hand it over." in await shop.press("kasia", "Yes, use it")
    assert "this coupon was used" in await shop.say("kasia", f"/start {payload}")
    assert await states(shop) == ["used"]


async def test_who_is_no_cashier_any_more_can_neither_pick_nor_confirm(shop: Club) -> None:
    code = await redeem(shop, "ania", "coffee")
    await scan(shop, "kasia", "ania")
    await shop.press("kasia", "Use a coupon")
    token = shop.button("kasia", "A coffee")
    await shop.say("kasia", f"/use {code}")
    await shop.say("olek", "/role @kasia none")
    await shop.press("kasia", "Yes, use it")
    assert "cashier" in await shop.press("kasia", "", token=token)
    assert await states(shop) == ["open"]


async def test_wrong_codes_are_told_apart_and_guessing_ends(shop: Club) -> None:
    assert "is no coupon code" in await shop.say("kasia", "/use HELLO")
    assert "is no coupon code" in await shop.say("kasia", "/use 0OIL1-AAAAA")
    code = await redeem(shop, "ania", "coffee")
    for _ in range(10):
        assert "There is no coupon AAAAA-AAAAA." in await shop.say("kasia", "/use aaaaaaaaaa")
    blocked = await shop.say("kasia", f"/use {code}")
    assert blocked == "Too many wrong codes. You can use coupons again at 09:00; until then ask a colleague."
    assert "Use it now?" in await shop.say("olek", f"/use {code}")
    await shop.skip(hours=1)
    assert "Hand it over." in await use(shop, code)


async def test_an_unused_coupon_is_given_back_and_its_points_and_stock_return(shop: Club) -> None:
    code = await redeem(shop, "ania", "mug")
    assert await stock(shop, "mug") == 0
    await shop.say("ania", "/coupons")
    assert labels(shop, "ania")[1] == "Give back: The mug"
    await shop.press("ania", "Give back: The mug")
    assert await shop.press("ania", "Keep it") == "The coupon stays as it is."
    await shop.say("ania", "/coupons")
    await shop.press("ania", "Give back: The mug")
    assert await shop.press("ania", "Give it back") == "The mug was given back: 300 points returned."
    assert (await balances(shop, "ania")).points == 450
    assert await stock(shop, "mug") == 1
    assert "this coupon was cancelled on 16 March 2026" in await shop.say("kasia", f"/use {code}")
    assert "given back: The mug, +300 points" in await shop.say("ania", "/history")
    # What was given back does not count against the limit.
    await redeem(shop, "ania", "mug")


async def test_using_and_giving_back_at_once_ends_it_one_way(shop: Club) -> None:
    code = await redeem(shop, "ania", "coffee")
    await shop.press("ania", "Give it back")
    await shop.say("kasia", f"/use {code}")
    said = await asyncio.gather(shop.press("ania", "Give it back"), shop.press("kasia", "Yes, use it"))
    assert sum("It cannot be used" in reply for reply in said) == 1
    after = await balances(shop, "ania")
    assert (after.points, after.held) in ((450, 0), (350, 0))


async def test_an_unused_coupon_expires_as_its_terms_say_after_a_reminder(shop: Club) -> None:
    mug, coffee = await redeem(shop, "ania", "mug"), await redeem(shop, "ania", "coffee")
    await shop.skip(days=5)
    assert [post for post in await shop.posts() if "coupon" in post] == []
    await shop.skip(hours=3)
    [reminder] = [post for post in await shop.posts() if "coupon" in post]
    assert reminder.startswith(f"ania: Your coupon The mug is valid until the end of 23 March 2026: {mug}")
    assert "Unused, its 300 points are lost." in reminder
    await shop.skip(days=2)
    assert "Use it now?" in await shop.say("kasia", f"/use {mug}")
    await shop.skip(hours=14)
    assert "ania: Your coupon The mug has expired. Its 300 points are lost." in await shop.posts()
    assert "expired at the end of 23 March 2026" in await shop.say("kasia", f"/use {mug}")
    assert (await balances(shop, "ania")).held == 100
    assert await stock(shop, "mug") == 1
    assert "lost, coupon expired: The mug" in await shop.say("ania", "/history")
    await shop.skip(days=30)
    posts = [post for post in await shop.posts() if "A coffee" in post]
    assert ["valid until" in post for post in posts] == [True, False]
    assert f"{coffee}\nUnused, its 100 points return to you." in posts[0]
    assert "Its 100 points returned to you" in posts[1]
    assert "given back, coupon expired: A coffee, +100 points" in await shop.say("ania", "/history")
    after = await balances(shop, "ania")
    assert (after.points, after.held) == (150, 0)


@pytest.mark.parametrize(("hours", "reminded_after"), [(1.5, 24.5), (3, 23), (15, 11)])
async def test_one_for_a_day_is_reminded_of_before_its_end_whenever_it_was_got(
    copy_of_settled: Address, hours: float, reminded_after: float
) -> None:
    # It is eight o'clock; members are reminded at ten, of what is new on the next morning.
    async with catalogue(copy_of_settled, COFFEE | {"valid_days": 1, "on_expiry": "forfeit"}) as club:
        await club.say("marta", "/bonus @ania 100 x")
        await club.skip(hours=hours)
        await redeem(club, "ania", "coffee")
        await club.skip(hours=reminded_after - 0.5)
        assert [post for post in await club.posts() if "Your coupon A coffee" in post] == []
        await club.skip(hours=1)
        [reminder] = [post for post in await club.posts() if "Your coupon A coffee" in post]
        assert "is valid until the end of 17 March 2026" in reminder
        await club.skip(days=1)
        [over] = [post for post in await club.posts() if "Your coupon A coffee" in post]
        assert "has expired" in over


async def test_one_past_its_time_cannot_be_used_before_the_job_has_come_round(shop: Club) -> None:
    code = await redeem(shop, "ania", "mug")
    await shop.say("kasia", f"/use {code}")
    shop.clock.now += timedelta(days=8)
    assert "expired at the end of" in await shop.press("kasia", "Yes, use it")
    assert "You have none" in await shop.say("ania", "/coupons")
    assert await states(shop) == ["open"]


@pytest.mark.parametrize(("job", "days"), [(expiry.remind_of_coupons, 28), (expiry.expire_coupons, 31)])
async def test_what_one_run_leaves_over_is_done_at_once_by_another(
    shop: Club, monkeypatch: pytest.MonkeyPatch, job: Work, days: int
) -> None:
    monkeypatch.setattr(expiry, "_AT_ONCE", 2)
    for _ in range(3):
        await redeem(shop, "ania", "coffee")
    shop.clock.now += timedelta(days=days)
    run = Run(Occurrence("coupons", shop.clock.now), None, shop.config, RuleBook.of(shop.config))
    assert [await shop.database.write(lambda tx: job(run, tx)) for _ in range(2)] == ["more", None]
    assert len([post for post in await shop.posts() if "A coffee" in post]) == 3


async def test_points_that_expired_meanwhile_come_back_for_a_day(copy_of_settled: Address) -> None:
    soon = {"points_expire_after_months": 1}
    async with catalogue(copy_of_settled, COFFEE | {"valid_days": 0}, programme=soon) as club:
        await club.say("marta", "/bonus @ania 100 x")
        await redeem(club, "ania", "coffee")
        await club.doze(days=50)
        await club.app.run_due()
        await club.skip(hours=2)
        await club.say("ania", "/coupons")
        asked = await club.press("ania", "Give back: A coffee")
        assert asked.endswith("Its 100 points return to you; 100 points of them are yours until midnight only.")
        said = await club.press("ania", "Give it back")
        assert "100 points of yours expire at midnight: use them today." in said
        assert "Expire after 5 May 2026: 100 points" in await club.say("ania", "/balance")
        await club.posts()
        # Nothing is to be done, nor late, until then.
        await club.app.run_due()
        assert await club.posts() == []
        assert (await balances(club, "ania")).points == 100
        await club.skip(days=1)
        assert "ania: 100 points have expired. /balance shows what you have." in await club.posts()
        assert (await balances(club, "ania")).points == 0


async def test_what_a_short_coupon_needs_at_once_is_not_late(copy_of_settled: Address) -> None:
    """It expires so soon that its reminder would have been due before it was there."""
    async with catalogue(copy_of_settled, COFFEE | {"valid_days": 1}) as club:
        await club.say("marta", "/bonus @ania 300 x")
        for _ in range(3):
            await club.skip(days=2, hours=1)
            await club.app.run_due()
            await redeem(club, "ania", "coffee")
            club.clock.now += timedelta(seconds=30)
            await club.app.run_due()
        assert [text for text in await club.posts() if "was late" in text] == []


async def test_what_was_redeemed_keeps_its_terms(shop: Club) -> None:
    code = await redeem(shop, "ania", "coffee")
    await shop.say("marta", "/reward edit coffee")
    await shop.press("marta", "Name")
    for name in ("Tea", "Herbata"):
        await shop.press("marta", "Type it", text=name)
    assert "A tea" not in await shop.say("ania", "/coupons")
    await shop.say("marta", "/reward stop coffee")
    assert "Coupon" in await shop.say("kasia", f"/use {code}")
    assert "Used: A coffee for Ania" in await shop.press("kasia", "Yes, use it")


async def test_an_entry_of_a_redemption_is_explained(shop: Club) -> None:
    code = await redeem(shop, "ania", "coffee")
    [(hold,)] = await rows(shop, "SELECT id FROM entry WHERE reason = 'hold'")
    said = await shop.say("ania", f"/why {hold}")
    assert "reserved for A coffee, −100 points" in said
    assert "Coupon: A coffee, not used yet, valid until the end of 15 April 2026" in said
    await use(shop, code)
    assert "Coupon: A coffee, used on 16 March 2026" in await shop.say("ania", f"/why {hold}")
    [(bonus,)] = await rows(shop, "SELECT id FROM entry WHERE reason = 'bonus' AND points = 450")
    assert f"Went into #{hold} of 16 March 2026: reserved for A coffee (100 points)" in await shop.say(
        "ania", f"/why {bonus}"
    )
    await shop.say("ania", "/language pl")
    assert "Kupon: Kawa, wykorzystany 16 marca 2026" in await shop.say("ania", f"/why {hold}")


async def test_who_leaves_keeps_their_coupons_and_who_is_erased_loses_them(shop: Club) -> None:
    code, other = await redeem(shop, "ania", "coffee"), await redeem(shop, "ania", "mug")
    assert "2 coupons of yours can still be used." in await shop.say("ania", "/leave")
    await shop.press("ania", "Yes, leave")
    assert "Hand it over." in await use(shop, code)
    ania = await member(shop, "ania")
    await shop.database.write(lambda tx: erase(ania.id, tx.now, tx))
    assert "There is no coupon" in await shop.say("kasia", f"/use {other}")
    await shop.skip(days=1)
    assert await states(shop) == ["used", "expired"]
    assert await rows(shop, "SELECT SUM(amount) FROM balance WHERE account_id % 4 = 3 AND unit = 'points'") == [(0,)]
    assert await stock(shop, "mug") == 1


async def test_a_coupon_may_be_issued_for_nothing_and_once_for_its_source(shop: Club) -> None:
    ania, terms = await member(shop, "ania"), Terms({"en": "The tenth coffee", "pl": "Dziesiąta kawa"}, {})
    issued = [await shop.database.write(lambda tx: coupons.issue(ania, terms, "stamps:1:full", tx)) for _ in range(2)]
    assert issued[0] == issued[1]
    assert await count(shop, "coupon") == 1
    assert "The tenth coffee" in await shop.say("ania", "/coupons")
    assert labels(shop, "ania") == ["Show: The tenth coffee"]
    assert "Hand it over." in await use(shop, format_code(issued[0].code))
    assert await rows(shop, "SELECT COUNT(*) FROM entry WHERE reason IN ('hold', 'redeem')") == [(0,)]


async def test_one_for_nothing_is_had_by_who_owes_and_ends_without_points(shop: Club) -> None:
    await shop.say("kasia", "/purchase @bartek 100 R1")
    await shop.skip(days=15)
    await redeem(shop, "bartek", "coffee")
    await shop.say("kasia", "/refund R1")
    owing, bartek = await balances(shop, "bartek"), await member(shop, "bartek")
    assert owing.points == -100
    free = Terms({"en": "A gift"}, {}, valid_days=1)

    def issue(tx: Transaction) -> None:
        for on_expiry in OnExpiry:
            coupons.issue(bartek, replace(free, on_expiry=on_expiry), f"gift:{on_expiry}", tx)
        coupons.give_back(coupons.issue(bartek, free, "gift:back", tx), bartek.holder_id, tx)

    await shop.database.write(issue)
    reminders = "SELECT reply FROM outbox WHERE post_key LIKE 'coupon_expiring:%'"
    # Who got it this morning knows about it.
    await shop.skip(hours=4)
    assert await rows(shop, reminders) == []
    await shop.skip(days=1)
    assert ["copy_code" in reply for (reply,) in await rows(shop, reminders)] == [True, True]
    assert await rows(shop, "SELECT is_reminded FROM coupon ORDER BY id") == [(0,), (1,), (1,), (0,)]
    await shop.skip(days=1)
    assert await states(shop) == ["open", "expired", "expired", "cancelled"]
    over = await rows(shop, "SELECT reply FROM outbox WHERE post_key LIKE 'coupon_expired:%'")
    assert ["copy_code" in reply for (reply,) in over] == [False, False]
    assert await balances(shop, "bartek") == owing


async def test_what_two_have_in_hand_ends_once_and_not_after_its_time(shop: Club) -> None:
    ania, rules = await member(shop, "ania"), RuleBook.of(config())
    mug = await shop.database.read(lambda tx: tx.rewards.by_key("mug"))
    coffee = await shop.database.read(lambda tx: tx.rewards.by_key("coffee"))
    assert mug is not None
    assert coffee is not None
    # The same tap twice is one coupon, though there was but one and one may have but one.
    first, again = [await shop.database.write(lambda tx: take(mug, ania, "tap", tx, rules)) for _ in range(2)]
    assert first == again
    assert await stock(shop, "mug") == 0
    other = await shop.database.write(lambda tx: take(coffee, ania, "other", tx, rules))
    # It took none of what was counted later.
    await shop.database.write(lambda tx: tx.rewards.change(replace(coffee, stock=5)))
    await shop.database.write(lambda tx: coupons.give_back(other, ania.holder_id, tx))
    assert await stock(shop, "coffee") == 5
    for end in (coupons.use, coupons.give_back):
        with pytest.raises(CouponOver):
            await shop.database.write(lambda tx, end=end: end(other, ania.holder_id, tx))  # type: ignore[misc]
    shop.clock.now += timedelta(days=8)
    for end in (coupons.use, coupons.give_back):
        with pytest.raises(CouponOver):
            await shop.database.write(lambda tx, end=end: end(first, ania.holder_id, tx))  # type: ignore[misc]
    assert await states(shop) == ["open", "cancelled"]


async def test_many_coupons_have_pages(shop: Club) -> None:
    ania = await member(shop, "ania")

    def issue(tx: Transaction) -> None:
        for number in range(5):
            coupons.issue(ania, Terms({"en": f"Gift {number}"}, {}, valid_days=number + 1), f"gift:{number}", tx)

    await shop.database.write(issue)
    assert "Gift 3" in await shop.say("ania", "/coupons")
    assert "Gift 4" in await shop.press("ania", "Next")


async def test_the_database_itself_refuses_what_must_not_be(shop: Club) -> None:
    await use(shop, await redeem(shop, "ania", "mug"))
    for statement, refusal in (
        ("UPDATE reward SET stock = stock - 1 WHERE reward_key = 'mug'", "stock"),
        ("UPDATE coupon SET state = 'cancelled'", "the coupon has ended"),
    ):
        with pytest.raises(Exception, match=refusal):
            await shop.database.write(lambda tx, statement=statement: tx._connection.script(statement))  # type: ignore[misc]


async def test_codes_of_another_system_are_given_out_once(copy_of_settled: Address, tmp_path: Path) -> None:
    web = {"id": "web", "kind": "pool", "cost": 50, "name": {"en": "10 off", "pl": "10 mniej"}}
    free = COFFEE | {"id": "free", "cost": 0}
    (tmp_path / "config.toml").write_text(f"[database]\nurl = '{url_of(copy_of_settled)}'\n")
    (tmp_path / "codes.txt").write_text("WEB-1\n\n WEB-2 \nWEB-1\n")
    async with catalogue(copy_of_settled, web, COFFEE, free) as club:
        await club.say("marta", "/bonus @ania 100 x")
        await club.say("marta", "/bonus @bartek 100 x")
        assert "sold out" in await club.say("ania", "/redeem web")
    refused = typed(tmp_path, "rewards", "import-codes", "coffee", "codes.txt")
    assert "there is no reward coffee that gives out codes; there is: web" in refused.err
    (tmp_path / "shop.csv").write_text("Code;Uses\nWEB-1;1\n")
    refused = typed(tmp_path, "rewards", "import-codes", "web", "shop.csv")
    assert (refused.code, "shop.csv, line 1: a line is one code and nothing else" in refused.err) == (1, True)
    imported = [typed(tmp_path, "rewards", "import-codes", "web", "codes.txt").out for _ in range(2)]
    assert imported == ["2 new codes of 2; 2 left to give out.\n", "0 new codes of 2; 2 left to give out.\n"]
    async with catalogue(copy_of_settled, web, COFFEE, free) as club:
        club.event_prefix = "s"
        for name, code in (("ania", "WEB-1"), ("bartek", "WEB-2")):
            await club.say(name, "/redeem web")
            assert f"10 off is yours. This is your code:\n{code}\n" in await club.press(name, "Yes, redeem")
            assert f"10 off: {code} (code for the shop)" in await club.say(name, "/coupons")
        assert "sold out" in await club.say("ania", "/redeem web")
        after = await balances(club, "ania")
        assert (after.points, after.held) == (50, 0)
        ania, answered = await member(club, "ania"), "SELECT COUNT(*) FROM handled WHERE reply LIKE '%\"WEB-{}\"%'"
        coupon = await redeem(club, "bartek", "free")
        own = await redeem(club, "ania", "free")
        shown = f"SELECT COUNT(*) FROM handled WHERE reply LIKE '%{own}%'"
        before = await rows(club, answered.format(2))
        assert await rows(club, shown) == [(1,)]
        await club.skip(days=1)
        for _ in range(2):
            await club.database.write(lambda tx: erase(ania.id, tx.now, tx))
        # Nothing stored shows what was theirs; of others all is there.
        assert await rows(club, shown) == await rows(club, answered.format(1)) == [(0,)]
        assert await rows(club, answered.format(2)) == before
        assert await rows(club, f"SELECT COUNT(*) FROM handled WHERE reply LIKE '%{coupon}%'") == [(1,)]
        assert await rows(club, "SELECT COUNT(*) FROM pool_code WHERE code LIKE 'WEB-1%'") == [(0,)]
    # Yet what was given out once is known.
    again = typed(tmp_path, "rewards", "import-codes", "web", "codes.txt")
    assert again.out == "0 new codes of 2; 0 left to give out.\n"
    (tmp_path / "codes.txt").write_text("WEB-1\nWEB-3\n")
    assert (
        typed(tmp_path, "rewards", "import-codes", "web", "codes.txt").out == "1 new code of 2; 1 left to give out.\n"
    )


def test_a_code_is_read_however_it_is_typed() -> None:
    assert len(set(ALPHABET)) == 30
    assert parse_code(format_code("AB2CD3EF4G")) == "AB2CD3EF4G"
    for given in ("ab2cd-3ef4g", " AB2CD 3EF4G ", "AB2CD\u20113EF4G", "a b 2 c d 3 e f 4 g"):
        assert parse_code(given) == "AB2CD3EF4G", given
    for wrong in ("", "AB2CD", "AB2CD-3EF4GH", "AB2CD-3EF40", "AB2CD-3EF4Ü"):
        assert parse_code(wrong) is None, wrong
