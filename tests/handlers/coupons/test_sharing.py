"""Coupons that are passed on: the link and its end, who may take one and when, and where the points stay."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.purchases.one_time_codes import format_code as format_one_time
from bot.purchases.one_time_codes import new_code
from bot.rewards.coupon_codes import format_code
from handlers.coupons import lifecycle as coupons
from handlers.coupons.lifecycle import CouponWasGiven
from handlers.members.erasing import erase
from storage.members.exporting import Exports
from storage.transaction import Transaction
from tests.club import Club, config, open_club
from tests.databases import Address, change
from tests.handlers.looking import balances, count, labels, member, rows
from tests.handlers.rewarding import COFFEE, MUG, catalogue, redeem, states, stock, use

SHARED = COFFEE | {"shareable": True, "stock": 5, "limit_count": 1, "limit_period": "month"}
_CODE = re.compile(r"/claim ([0-9A-Z-]{14})")


@pytest.fixture
async def shop(copy_of_settled: Address) -> AsyncIterator[Club]:
    """A club in which ania has 350 points left and a coupon for a coffee that may be passed on."""
    async with catalogue(copy_of_settled, SHARED, MUG) as club:
        await club.say("marta", "/bonus @ania 450 x")
        await redeem(club, "ania", "coffee")
        await club.posts()
        yield club


async def link(club: Club, name: str = "ania") -> str:
    """Press the button that makes a link; return its code."""
    await club.say(name, "/coupons")
    found = _CODE.search(said := await club.press(name, "Give to a friend: A coffee"))
    assert found, said
    return found[1]


async def take(club: Club, name: str, code: str) -> str:
    """Follow a link and say yes."""
    assert "Do you take it?" in await club.say(name, f"/claim {code}")
    return await club.press(name, "Yes, I take it")


async def code_of(club: Club) -> str:
    """Return the code that is on the coupon now."""
    [(code,)] = await rows(club, "SELECT code FROM coupon")
    return format_code(code)


async def erased(club: Club, name: str) -> None:
    """Erase somebody."""
    member_id = (await member(club, name)).id
    await club.database.write(lambda tx: erase(member_id, tx.now, tx))


async def test_the_first_to_say_yes_has_the_coupon_and_both_are_told_once(shop: Club) -> None:
    old = await code_of(shop)
    code = await link(shop)
    assert labels(shop, "ania") == ["Copy the code", "Take it back"]
    assert f"A coffee: {old}, until the end of 15 April 2026 (waiting for a friend)" in await shop.say(
        "ania", "/coupons"
    )
    asked = await shop.say("bartek", f"/start claim_{code.replace('-', '')}")
    assert asked == "🎁 Ania gives you A coffee.\nValid until the end of 15 April 2026.\nDo you take it?"
    assert labels(shop, "bartek") == ["Yes, I take it", "Not now"]
    token = shop.button("bartek", "Yes, I take it")
    said = await shop.press("bartek", "", token=token, event_id="the same")
    new = await code_of(shop)
    assert new != old
    assert said == (
        f"A coffee is yours, from Ania. Show this code at the till:\n{new}\n"
        "Valid until the end of 15 April 2026.\nFind it again with /coupons."
    )
    assert await shop.press("bartek", "", token=token, event_id="the same") == said
    assert "done already" in await shop.press("bartek", "", token=token)
    assert await shop.posts() == ["ania: 🎁 Bartek has taken your coupon A coffee. It is theirs now."]
    assert "You have this coupon already" in await shop.say("bartek", f"/claim {code}")
    assert "Somebody else was faster" in await shop.say("celina", f"/claim {code}")
    # Who had it knows a code that is none any more.
    assert "There is no coupon" in await shop.say("kasia", f"/use {old}")
    assert "For Bartek" in await shop.say("kasia", f"/use {new}")
    assert "Hand it over." in await shop.press("kasia", "Yes, use it")
    assert await shop.posts() == ["bartek: Your coupon was used: A coffee. Enjoy!"]
    ania, bartek = await balances(shop, "ania"), await balances(shop, "bartek")
    assert (ania.points, ania.held, bartek.points, bartek.held) == (350, 0, 0, 0)
    [(held,)] = await rows(shop, "SELECT id FROM entry WHERE reason = 'hold'")
    assert "Coupon: A coffee, passed on to a friend on 16 March 2026, used on 16 March 2026" in await shop.say(
        "ania", f"/why {held}"
    )
    assert "A coffee" not in await shop.say("bartek", "/history")


async def test_an_export_says_who_passed_it_on(shop: Club) -> None:
    async def cards() -> list[tuple[str, str | None]]:
        def read(tx: Transaction) -> list[tuple[str, str | None]]:
            exported = Exports(tx._connection).coupons(lambda _done, _of: None)
            return [(one["card_number"], one["passed_by_card_number"]) for one in exported]

        return await shop.database.read(read)

    ania, bartek = await member(shop, "ania"), await member(shop, "bartek")
    assert await cards() == [(ania.card_number, None)]
    await take(shop, "bartek", await link(shop))
    assert await cards() == [(bartek.card_number, ania.card_number)]


async def test_only_who_was_asked_may_press(shop: Club) -> None:
    code = await link(shop)
    await shop.say("bartek", f"/claim {code}")
    yes, back = shop.button("bartek", "Yes, I take it"), shop.button("ania", "Take it back")
    await shop.press("celina", "", token=yes)
    await shop.press("celina", "", token=back)
    assert await rows(shop, "SELECT ended_at FROM coupon_link") == [(None,)]
    await shop.say("bartek", "/leave")
    await shop.press("bartek", "Yes, leave")
    await shop.press("bartek", "", token=yes)
    assert await rows(shop, "SELECT ended_at FROM coupon_link") == [(None,)]


async def test_who_leaves_has_given_it_all_the_same_and_invites_nobody(shop: Club) -> None:
    code = await link(shop)
    await shop.say("ania", "/leave")
    await shop.press("ania", "Yes, leave")
    assert "invitation" not in await shop.say("nowy", f"/claim {code}")
    assert "Ania gives you A coffee." in await shop.press("nowy", "Accept and join")
    assert "A coffee is yours" in await shop.press("nowy", "Yes, I take it")
    assert await count(shop, "referral") == 0


async def test_it_speaks_polish(shop: Club) -> None:
    for name in ("ania", "bartek"):
        await shop.say(name, "/language pl")
    await shop.say("ania", "/coupons")
    assert labels(shop, "ania") == ["Pokaż: Kawa", "Podaruj komuś: Kawa"]
    found = _CODE.search(said := await shop.press("ania", "Podaruj komuś: Kawa"))
    assert found, said
    assert "Kawa w prezencie\nKto ma dostać kupon, niech napisze do mnie: /claim" in said
    assert "Prezent dla Ciebie: Kawa. Daje: Ania." in await shop.say("bartek", f"/claim {found[1]}")
    assert "Kawa: kupon jest Twój. Daje: Ania." in await shop.press("bartek", "Tak, przyjmuję")
    assert await shop.posts() == ["ania: 🎁 Twój kupon Kawa jest już odebrany. Ma go teraz: Bartek."]


async def test_of_two_at_the_same_moment_one_has_it(shop: Club) -> None:
    code = await link(shop)
    names = ("bartek", "celina", "darek")
    for name in names:
        await shop.say(name, f"/claim {code}")
    said = await asyncio.gather(*(shop.press(name, "Yes, I take it") for name in names))
    assert sum("is yours" in reply for reply in said) == 1
    assert sum("Somebody else was faster" in reply for reply in said) == 2
    assert len(await shop.posts()) == 1
    assert await rows(shop, "SELECT COUNT(*) FROM coupon_link WHERE is_taken = 1") == [(1,)]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_of_two_in_two_processes_one_has_it(shop: Club, copy_of_settled: Address) -> None:
    code = await link(shop)
    async with open_club(copy_of_settled, shop.config) as other:
        other.event_prefix = "o"
        for club, name in ((shop, "bartek"), (other, "celina")):
            await club.say(name, f"/claim {code}")
        said = await asyncio.gather(shop.press("bartek", "Yes, I take it"), other.press("celina", "Yes, I take it"))
    assert sorted("is yours" in reply for reply in said) == [False, True]
    assert sum("Somebody else was faster" in reply for reply in said) == 1


async def test_nobody_takes_their_own_and_nobody_takes_it_after_it_was_used(shop: Club) -> None:
    code = await link(shop)
    assert await shop.say("ania", f"/claim {code}") == "This coupon is your own. Pass it on to somebody else."
    await shop.say("bartek", f"/claim {code}")
    assert "Hand it over." in await use(shop, await code_of(shop))
    assert await shop.press("bartek", "Yes, I take it") == "This coupon is not to be had any more."
    assert await shop.say("celina", f"/claim {code}") == "This coupon is not to be had any more."
    # Each of them was a real code: none counts as guessing.
    assert await count(shop, "wrong_try") == 0


async def test_a_link_is_taken_back_or_replaced(shop: Club) -> None:
    first = await link(shop)
    await shop.say("bartek", f"/claim {first}")
    await shop.say("ania", "/coupons")
    said = await shop.press("ania", "Give to a friend: A coffee")
    assert said.startswith("A coffee has been waiting for a friend since 16 March 2026, 08:00")
    found = _CODE.search(await shop.press("ania", "Make another"))
    assert found
    assert "not to be had" in await shop.press("bartek", "Yes, I take it")
    await shop.say("bartek", f"/claim {found[1]}")
    assert "A coffee stays with you" in await shop.press("ania", "Take it back")
    assert "not to be had" in await shop.press("bartek", "Yes, I take it")
    assert "waiting" not in await shop.say("ania", "/coupons")
    assert "A coffee is yours" in await take(shop, "bartek", await link(shop))
    assert await count(shop, "coupon_link") == 3


async def test_a_link_dies_with_a_coupon_that_is_given_back_or_expires(shop: Club) -> None:
    code = await link(shop)
    await shop.say("ania", "/coupons")
    await shop.press("ania", "Show: A coffee")
    assert labels(shop, "ania") == ["Copy the code", "Give to a friend", "Give it back"]
    token = shop.button("ania", "Give to a friend")
    await shop.press("ania", "Give it back")
    await shop.press("ania", "Give it back")
    assert "not to be had" in await shop.say("bartek", f"/claim {code}")
    assert "was cancelled" in await shop.press("ania", "", token=token)
    await redeem(shop, "ania", "coffee")
    code = await link(shop)
    await shop.say("bartek", f"/claim {code}")
    shop.clock.now = shop.clock.now.replace(month=5)
    assert "not to be had" in await shop.press("bartek", "Yes, I take it")


async def test_who_gave_it_can_do_nothing_with_it_any_more(shop: Club) -> None:
    await shop.say("ania", "/coupons")
    await shop.press("ania", "Show: A coffee")
    tokens = [shop.button("ania", label) for label in ("Give to a friend", "Give it back")]
    await shop.press("ania", "Give it back")
    confirm = shop.button("ania", "Give it back")
    code = await link(shop)
    back = shop.button("ania", "Take it back")
    # A cashier has the coupon in hand while it is passed on: they are shown whose it is now, and asked again.
    await shop.say("kasia", f"/use {await code_of(shop)}")
    await take(shop, "bartek", code)
    for token in (*tokens, confirm, back):
        assert await shop.press("ania", "", token=token) == "A coffee: somebody else has this coupon by now."
    assert "For Bartek" in await shop.press("kasia", "Yes, use it")
    assert await states(shop) == ["open"]
    assert "Hand it over." in await shop.press("kasia", "Yes, use it")
    assert "A coffee" not in await shop.say("ania", "/coupons")


@pytest.mark.parametrize("names_the_holder", [True, False], ids=["button", "earlier_button"])
async def test_a_cashier_who_was_given_it_before_the_yes_cannot_use_it(
    shop: Club, copy_of_settled: Address, *, names_the_holder: bool
) -> None:
    code = await link(shop)
    await shop.say("kasia", f"/use {await code_of(shop)}")
    token = shop.button("kasia", "Yes, use it")
    if not names_the_holder:
        # Buttons of an earlier version say only which coupon it is.
        [(data,)] = await rows(shop, "SELECT data FROM button WHERE action = 'coupon.use'")
        about = {name: value for name, value in json.loads(data).items() if name != "holder"}
        change(copy_of_settled, f"UPDATE button SET data = '{json.dumps(about)}' WHERE action = 'coupon.use'")
    await take(shop, "kasia", code)
    assert "cannot do that for yourself" in await shop.press("kasia", "", token=token)
    assert await states(shop) == ["open"]


async def test_who_was_given_it_can_only_use_it_and_the_limit_is_the_givers(shop: Club) -> None:
    await take(shop, "bartek", await link(shop))
    assert labels(shop, "bartek") == ["Copy the code"]
    await shop.say("bartek", "/coupons")
    assert labels(shop, "bartek") == ["Show: A coffee"]
    bartek = await member(shop, "bartek")

    def give_back(tx: Transaction) -> None:
        [coupon] = tx.coupons.open_of(bartek.id)
        coupons.give_back(coupon, bartek.holder_id, tx)

    with pytest.raises(CouponWasGiven):
        await shop.database.write(give_back)
    assert "at most 1 a month for each member, and that is reached" in await shop.say("ania", "/redeem coffee")
    await shop.say("marta", "/bonus @bartek 100 x")
    await redeem(shop, "bartek", "coffee")


@pytest.mark.parametrize("on_expiry", ["return", "forfeit"])
async def test_what_expires_returns_to_who_paid(copy_of_settled: Address, on_expiry: str) -> None:
    async with catalogue(copy_of_settled, SHARED | {"on_expiry": on_expiry, "valid_days": 7}) as club:
        await club.say("marta", "/bonus @ania 100 x")
        await redeem(club, "ania", "coffee")
        await take(club, "bartek", await link(club))
        await club.posts()
        await club.skip(days=6)
        [reminder] = [post for post in await club.posts() if "coupon" in post]
        assert reminder.startswith("bartek: Your coupon A coffee is valid until the end of 23 March 2026")
        assert "points" not in reminder
        await club.skip(days=2)
        told = [post for post in await club.posts() if "coupon" in post]
        returned = (
            "ania: The coupon A coffee that you passed on has expired unused. Its 100 points returned to you. /balance "
            "shows when points expire."
        )
        is_returned = on_expiry == "return"
        assert told == ["bartek: Your coupon A coffee has expired.", *[returned] * is_returned]
        assert (await balances(club, "ania")).points == 100 * is_returned
        assert (await balances(club, "bartek")).points == 0
        assert await stock(club, "coffee") == 5


async def test_a_giver_who_is_erased_takes_open_links_along_and_leaves_what_was_taken(shop: Club) -> None:
    await take(shop, "bartek", await link(shop))
    await shop.say("marta", "/bonus @celina 100 x")
    await redeem(shop, "celina", "coffee")
    waiting = await link(shop, "celina")
    await shop.say("darek", f"/claim {waiting}")
    for name in ("ania", "celina"):
        await erased(shop, name)
    assert await shop.press("darek", "Yes, I take it") == "This coupon is not to be had any more."
    assert "I do not know this code" in await shop.say("darek", f"/claim {waiting}")
    [(code,)] = await rows(shop, "SELECT code FROM coupon WHERE code NOT LIKE 'erased:%'")
    assert "For Bartek" in await shop.say("kasia", f"/use {format_code(code)}")
    await shop.skip(days=1)
    assert await states(shop) == ["open", "expired"]


async def test_of_a_friend_who_is_erased_the_points_return_to_who_paid(shop: Club) -> None:
    await take(shop, "bartek", await link(shop))
    await erased(shop, "bartek")
    await shop.skip(days=1)
    assert await states(shop) == ["expired"]
    assert (await balances(shop, "ania")).points == 450


async def test_a_friend_who_is_new_joins_first_and_was_brought_by_who_gives(shop: Club) -> None:
    code = await link(shop)
    asked = await shop.say("nowy", f"/start claim_{code.replace('-', '')}")
    assert "You come by invitation" in asked
    said = await shop.press("nowy", "Accept and join")
    assert "You are in, Nowy!" in said
    assert "🎁 Ania gives you A coffee." in said
    assert "A coffee is yours, from Ania." in await shop.press("nowy", "Yes, I take it")
    ania, nowy = await member(shop, "ania"), await member(shop, "nowy")
    assert await rows(shop, "SELECT inviter_id, friend_id FROM referral") == [(ania.id, nowy.id)]
    # Who comes too late joins without it.
    assert "invitation" not in await shop.say("late", f"/start claim_{code.replace('-', '')}")
    assert "Somebody else was faster" in await shop.press("late", "Accept and join")
    assert await count(shop, "referral") == 1


async def test_without_referrals_a_new_friend_just_joins(copy_of_settled: Address) -> None:
    async with catalogue(copy_of_settled, SHARED, earning={"referral": {"enabled": False}}) as club:
        await club.say("marta", "/bonus @ania 100 x")
        await redeem(club, "ania", "coffee")
        assert "invitation" not in await club.say("nowy", f"/claim {await link(club)}")
        assert "Ania gives you A coffee." in await club.press("nowy", "Accept and join")
        assert await count(club, "referral") == await count(club, "referral_code") == 0


async def test_wrong_codes_are_counted_with_those_of_other_kinds(shop: Club) -> None:
    code = await link(shop)
    for _ in range(shop.config.codes.wrong_tries):
        await shop.say("bartek", f"/claim {format_one_time(new_code())}")
    assert "wrong codes" in await shop.say("bartek", f"/claim {code}")
    assert "Do you take it?" in await shop.say("celina", f"/claim {code}")


async def test_only_the_hash_of_the_code_is_kept_with_the_link(shop: Club) -> None:
    code = (await link(shop)).replace("-", "")
    [(key, is_taken)] = await rows(shop, "SELECT code_key, is_taken FROM coupon_link")
    assert code not in key
    assert is_taken == 0


async def test_what_does_not_allow_it_is_not_passed_on(shop: Club) -> None:
    await redeem(shop, "ania", "mug")
    assert "Give to a friend" not in labels(shop, "ania")
    await shop.say("ania", "/coupons")
    of_the_mug, of_the_coffee = (
        ["Show: The mug", "Give back: The mug"],
        ["Show: A coffee", "Give to a friend: A coffee"],
    )
    assert labels(shop, "ania") == of_the_mug + of_the_coffee
    # A coupon keeps the terms it was redeemed with.
    await shop.say("marta", "/reward edit mug")
    await shop.press("marta", "Passing on")
    assert "Whoever redeems it may pass the coupon on" in await shop.press("marta", "Yes, once")
    await shop.say("ania", "/coupons")
    assert "Give to a friend: The mug" not in labels(shop, "ania")
    await shop.say("marta", "/reward edit mug")
    await shop.press("marta", "Passing on")
    assert "pass the coupon on" not in await shop.press("marta", "No")


@pytest.mark.parametrize("kind", ["event", "donation", "pool", "role", "group"])
def test_what_belongs_to_a_person_cannot_be_shared(kind: str) -> None:
    opens: dict[str, dict[str, Any]] = {
        "role": {"discord_roles": {"1029384756102938475": "1092837465109283746"}},
        "group": {"telegram_group": "-1001234567890", "telegram_invite": "https://t.me/+AbCdEfGh"},
    }
    reward = COFFEE | {"kind": kind} | opens.get(kind, {})
    config(reward=[reward])
    with pytest.raises(Exception, match=r'shareable\n  is for kind = "product" and kind = "coupon"'):
        config(reward=[reward | {"shareable": True}])
