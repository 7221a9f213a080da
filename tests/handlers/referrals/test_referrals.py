"""Referrals: both sides rewarded once for new members, odd ones looked at, ambassadors told what they brought."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from bot.events import ButtonPressed, Identity, Person, Place
from bot.ledger.ledger import Balances
from bot.members.referrals import invite_code, payload_of
from bot.purchases.money import Money
from bot.purchases.purchases import Sold
from handlers.members.erasing import erase
from handlers.purchases.buying import Buying
from storage.transaction import Transaction
from storage.verify import verify
from tests.club import SPACE, Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import balances, count, labels, member, rows

ABOUT = ("nvit", "ambassador", "code", "settled in")
QUIET = {"join": {"points": 0, "status": 0}, "message": {"status": 0, "points": 1}, "purchase": {"status": 0}}
GIVEN = Balances(pending=50, pending_status=50)


@asynccontextmanager
async def opened(where: Address, **referral: Any) -> AsyncIterator[Club]:
    """Open a settled club whose referrals follow these settings; verified at the end."""
    async with open_club(where, config(earning=QUIET | {"referral": referral}), inline=True) as club:
        club.event_prefix = "r"
        yield club
        assert await count(club, "dead_letter") == 0
    assert verify(where).problems == []


async def code_of(club: Club, name: str) -> str:
    """Return the code that somebody is shown."""
    shown = await club.say(name, "/invite")
    code = shown.split("/start ")[1].split()[0]
    assert invite_code(payload_of(code)) == code
    return code


async def come(club: Club, name: str, word: str) -> str:
    """Let somebody join with what they were given; return what they were asked."""
    asked = await club.say(name, f"/start {word}")
    await club.press(name, "Accept and join")
    return asked


async def news(club: Club) -> list[str]:
    """Return what was told of referrals since the last look."""
    return [post for post in await club.posts() if any(word in post for word in ABOUT)]


async def gained(club: Club, name: str) -> tuple[int, int]:
    """Return points and status that somebody got for referrals, pending or not."""
    has = await balances(club, name)
    bought = await rows(
        club,
        "SELECT COALESCE(SUM(p.points), 0), COALESCE(SUM(p.status), 0) FROM purchase p JOIN holder h "
        "ON h.id = p.holder_id WHERE h.member_id = ?",
        (await member(club, name)).id,
    )
    return has.points + has.pending - bought[0][0], has.status + has.pending_status - bought[0][1]


async def test_a_friend_and_who_brought_them_are_rewarded_once(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled) as club:
        code = await code_of(club, "ania")
        assert code == await code_of(club, "ania")
        assert "So far 0 friends joined, 0 brought you a reward. 10 more can (10 a month at most)." in (
            await club.say("ania", "/invite")
        )
        # The link of Telegram, the code in a command, in any case: all lead to the same, and can be passed on.
        assert "You come by invitation: you get 50 points with your first purchase." in (
            await come(club, "zosia", f"inv_{code}")
        )
        await come(club, "jan", code.lower())
        assert "I do not know that invitation." in await come(club, "ewa", "inv_NOBODY22")
        assert "invitation" not in await come(club, "piotr", "join")
        assert await count(club, "referral") == 2
        await club.say("kasia", "/purchase @zosia 10 R1")
        told = await news(club)
        assert told == [
            "zosia: Because you came by invitation and made your first purchase: +50 points. Thank you!\n"
            "The points are yours on 30 March 2026.",
            "ania: A friend you invited has made a first purchase: +50 points, +50 status points. Thank you!\n"
            "The points are yours on 30 March 2026.",
        ]
        assert await balances(club, "ania") == GIVEN
        await club.say("kasia", "/purchase @zosia 10 R2")
        await club.say("kasia", "/purchase @ewa 10 R3")
        assert await balances(club, "ania") == GIVEN
        assert await gained(club, "zosia") == (50, 0)
        assert "invitation" in await club.say("ania", "/history")
        assert "So far 2 friends joined, 1 brought you a reward." in await club.say("ania", "/invite")
        await club.skip(days=15)
        assert "yours now, for an invitation: 50 points, 50 status" in await club.say("ania", "/history")
        # A member cannot be brought, nor who comes back, nor who left the invitation to somebody that left.
        assert "member already" in await club.say("bartek", f"/start {code}")
        await club.say("bartek", "/leave")
        await club.press("bartek", "Yes, leave")
        await come(club, "bartek", code)
        await club.skip(days=15)
        assert await balances(club, "ania") == Balances(points=50, status=50)
        await club.say("ania", "/leave")
        await club.press("ania", "Yes, leave")
        await come(club, "ula", code)
        await club.say("kasia", "/purchase @jan 10 R4")
        assert await gained(club, "jan") == (50, 0)
        assert await gained(club, "ania") == (50, 50)
        assert await count(club, "referral") == 2
        zosia = await member(club, "zosia")
        await club.database.write(lambda tx: erase(zosia.id, club.clock.now, tx))
        assert await count(club, "referral") == 1


async def test_a_refund_takes_the_reward_back_until_it_ripens(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled) as club:
        code = await code_of(club, "ania")
        await come(club, "zosia", code)
        await club.say("kasia", "/purchase @zosia 10 R1")
        await club.say("kasia", "/purchase @zosia 10 R2")
        await news(club)
        await club.say("kasia", "/refund R1")
        assert await news(club) == []
        await club.say("kasia", "/refund R2")
        assert len(await news(club)) == 2
        assert await balances(club, "ania") == await balances(club, "zosia") == Balances()
        assert "taken back" in await club.say("ania", "/history")
        await club.say("kasia", "/purchase @zosia 10 R3")
        await club.say("kasia", "/refund R3")
        await club.say("kasia", "/purchase @zosia 10 R4")
        assert len(await news(club)) == 6
        assert await balances(club, "ania") == GIVEN
        await club.skip(days=15)
        await club.say("kasia", "/refund R4")
        assert await balances(club, "ania") == Balances(points=50, status=50)
        assert await gained(club, "zosia") == (50, 0)
        # Who takes too long brings nothing.
        await come(club, "late", code)
        club.clock.now += timedelta(days=91)
        await club.say("kasia", "/purchase @late 10 R5")
        assert await gained(club, "late") == (0, 0)
        await club.skip(days=1)
        assert await rows(club, "SELECT state, version FROM referral ORDER BY id") == [("paid", 3), ("over", 0)]


async def test_what_is_odd_waits_for_a_moderator(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled, cap=3, review_over=2) as club:
        code = await code_of(club, "ania")
        for number in range(4):
            await come(club, f"friend{number}", code)
            await club.say("kasia", f"/purchase @friend{number} 10 F{number}")
        await club.say("ania", "/language en", person=club.person("ania", shown_as="TWIN"))
        await come(club, "twin", code)
        assert await balances(club, "ania") == Balances(pending=100, pending_status=100)
        assert await gained(club, "friend2") == (0, 0)
        assert "moderator" in await club.say("kasia", "/referrals")
        shown = await club.say("marta", "/referrals")
        assert (
            "1. TWIN invited Friend2, 16 March 2026\nmany friends in a short time\nThe reward waits for you." in shown
        )
        assert "3. TWIN invited Twin" in shown
        assert "many friends in a short time; same name\nThe friend has not yet done" in shown
        assert labels(club, "marta") == ["✓ 1", "✗ 1", "✓ 2", "✗ 2", "✓ 3", "✗ 3"]
        first = club.button("marta", "✓ 1")
        await news(club)
        await club.skip(hours=3)
        assert await news(club) == [
            f"{name}: Invitations that look odd and wait for a decision: 2. /referrals shows them."
            for name in ("olek", "marta")
        ]
        await club.skip(days=1)
        assert await news(club) == []
        assert "Friend2" not in await club.press("marta", "✓ 1", token=first)
        assert len(await news(club)) == 2
        assert "decided about this one already" in await club.press("marta", "✓ 1", token=first)
        await club.say("kasia", "/refund F3")
        await club.say("marta", "/referrals")
        assert "There are more" not in await club.press("marta", "✗ 1")
        await club.say("kasia", "/purchase @friend3 10 F9")
        await club.say("marta", "/referrals")
        await club.press("marta", "✓ 1")
        await club.say("kasia", "/purchase @twin 10 T1")
        assert await gained(club, "ania") == (150, 150)
        assert [row[0] for row in await rows(club, "SELECT state FROM referral ORDER BY id")] == [
            *("paid", "paid", "paid", "refused", "capped")
        ]
        assert await gained(club, "twin") == (50, 0)
        assert "No more can for now: 3 a month is the limit." in await club.say("ania", "/invite")
        await club.skip(days=20)
        assert "3 more can" in await club.say("ania", "/invite")
        # Staff may invite, but others look at it; nobody decides about their own.
        await come(club, "ola", await code_of(club, "marta"))
        await club.say("marta", "/referrals")
        assert "your own" in await club.press("marta", "✓ 1")
        await club.say("olek", "/referrals")
        await club.press("olek", "✓ 1")
        # Who was invited lately and invites: a chain.
        await come(club, "link", await code_of(club, "ola"))
        assert "recently invited too" in await club.say("marta", "/referrals")


async def test_ones_own_invitations_keep_nobody_from_those_of_others(copy_of_settled: Address) -> None:
    """Who runs a club alone brings the first friends, and nobody else is there to decide about them."""
    async with opened(copy_of_settled, review_over=1, cap=20) as club:
        own, others = await code_of(club, "olek"), await code_of(club, "ania")
        for name, code in (*((f"mine{number}", own) for number in range(5)), ("jan", others), ("ola", others)):
            await come(club, name, code)
            await club.say("kasia", f"/purchase @{name} 10 {name}")
        said = await club.say("olek", "/referrals")
        assert "1. Ania invited Ola" in said
        assert "2. Olek invited Mine0" in said
        assert "There are more" in said
        assert "Ola" not in await club.press("olek", "✓ 1")
        assert await gained(club, "ola") == (50, 0)
        assert "1. Olek invited Mine0" in await club.say("marta", "/referrals")


async def test_a_moderator_of_a_group_decides_in_private_about_what_they_asked_for_there(
    copy_of_settled: Address,
) -> None:
    async with opened(copy_of_settled, review_over=1) as club:
        await club.set_up()
        await club.say("olek", "/role @darek moderator", SPACE)
        code = await code_of(club, "ania")
        for number in range(4):
            await come(club, f"friend{number}", code)
        await club.say("darek", "/referrals", SPACE)
        assert "Friend2" not in await club.press("darek", "✓ 2")
        refuse = club.button("darek", "✗ 1")
        await club.say("olek", "/role @darek none", SPACE)
        assert "moderator" in await club.press("darek", "", token=refuse)
        await club.say("olek", "/role @darek moderator", SPACE)
        assert "Friend1" not in await club.press("darek", "", token=refuse)
        await club.say("darek", "/referrals", SPACE)
        await club.press("darek", "✓ 1", SPACE)
        assert await rows(club, "SELECT COUNT(*) FROM referral WHERE decided_by IS NOT NULL") == [(3,)]


async def test_who_bought_before_is_not_new_and_shared_addresses_are_odd(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled) as club:
        code = await code_of(club, "ania")
        await come(club, "zosia", code)
        await come(club, "jan", code)
        ania, zosia, jan = [await member(club, name) for name in ("ania", "zosia", "jan")]
        order = text(
            "INSERT INTO shop_order (shop, order_key, facts, email_key, holder_id) "
            f"VALUES ('web', 'o1', '{{}}', 'same', {ania.holder_id})"
        )

        def share(tx: Transaction) -> None:
            tx._connection.run(order)
            tx.contacts.link("same", "email", zosia.holder_id)

        await club.database.write(share)
        await club.say("kasia", "/purchase @zosia 10 R1")
        assert "same e-mail address or phone number" in await club.say("marta", "/referrals")
        await club.say("kasia", "/purchase @jan 10 R2")
        assert await balances(club, "ania") == GIVEN
        await news(club)
        # An order of yesterday turns up.
        sold = Sold(
            shop="web",
            receipt="o2",
            buyer=jan,
            paid=Money(1000, "PLN"),
            occurred_at=club.clock.now - timedelta(days=1),
            is_open=True,
            rule_version=club.app._rules["purchase"],
        )
        await club.database.write(lambda tx: Buying(tx, club.config).record(sold))
        assert "had bought from us before" in (await news(club))[0]
        assert await balances(club, "ania") == Balances()
        assert await rows(club, "SELECT state FROM referral ORDER BY id") == [("review",), ("refused",)]


async def test_a_friend_may_also_take_part_on_some_days(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled, needs="days", days=3, pending_days=0) as club:
        await come(club, "zosia", await code_of(club, "ania"))
        for day in range(4):
            await club.chat("zosia")
            assert (await gained(club, "ania"))[1] == (50 if day > 2 else 0)
            await club.skip(days=1)
        assert len(await news(club)) == 2
        await club.skip(days=5)
        assert await gained(club, "ania") == (50, 50)


async def test_what_was_done_in_time_counts_whenever_it_is_looked_at(copy_of_settled: Address) -> None:
    """The third day of a friend is their last one, after the daily look; that of another one comes too late."""
    async with opened(copy_of_settled, needs="days", days=3, within_days=10, pending_days=0) as club:
        code = await code_of(club, "ania")
        for name in ("zosia", "jan"):
            await come(club, name, code)
        for _ in range(2):
            await club.chat("zosia", "jan")
            await club.skip(days=1)
        # Half an hour is left.
        await club.skip(days=7, hours=23, minutes=30)
        await club.chat("zosia")
        await club.skip(hours=1)
        await club.chat("jan")
        await news(club)
        await club.skip(days=1)
        assert len(await news(club)) == 2
        assert await gained(club, "ania") == (50, 50)
        assert await rows(club, "SELECT state FROM referral ORDER BY id") == [("paid",), ("over",)]


async def test_a_purchase_in_time_counts_though_it_is_heard_of_late(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled, within_days=10) as club:
        code = await code_of(club, "ania")
        for name in ("zosia", "jan"):
            await come(club, name, code)
        zosia, jan = [await member(club, name) for name in ("zosia", "jan")]
        await club.skip(days=12)
        assert await rows(club, "SELECT state FROM referral ORDER BY id") == [("over",), ("over",)]

        def record(tx: Transaction) -> None:
            for buyer, days in ((zosia, 3), (jan, 2)):
                sold = Sold(
                    shop="web",
                    receipt=f"o{buyer.id}",
                    buyer=buyer,
                    paid=Money(1000, "PLN"),
                    occurred_at=tx.now - timedelta(days=days),
                    is_open=True,
                    rule_version=club.app._rules["purchase"],
                )
                Buying(tx, club.config).record(sold)

        await club.database.write(record)
        assert await rows(club, "SELECT state FROM referral ORDER BY id") == [("paid",), ("over",)]
        assert await balances(club, "ania") == GIVEN


async def test_ambassadors_have_a_code_of_their_own_and_hear_what_they_brought(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled, review_over=1) as club:
        old = await code_of(club, "ania")
        assert "4 to 20" in await club.say("olek", "/ambassador add @ania a-b")
        said = await club.say("olek", "/ambassador add @ania kawa2026")
        gain = "100 points and 100 status points for each new friend who makes a first purchase"
        assert said == f"Ania is an ambassador with the code KAWA2026: {gain}. They are told."
        assert "somebody else's" in await club.say("olek", "/ambassador add @bartek Kawa2026")
        assert await code_of(club, "ania") == "KAWA2026"
        for name, code in (("zosia", "kawa2026"), ("jan", f"inv_{old}")):
            await come(club, name, code)
            await club.say("kasia", f"/purchase @{name} 10 {name}")
        assert await gained(club, "ania") == (200, 200)
        await news(club)
        await club.skip(days=17)
        assert await news(club) == [
            "ania: Your March 2026 as an ambassador: 2 friends joined with your code, 2 brought you a reward: "
            "200 points and 200 status points. Thank you!"
        ]
        await club.skip(days=1)
        assert await news(club) == []
        listed = "Ania (KAWA2026): 2 friends joined, 2 brought a reward"
        assert await club.say("olek", "/ambassador list") == listed
        assert "Write it like this" in await club.say("olek", "/ambassador add")
        await club.posts()
        assert "no longer an ambassador" in await club.say("olek", "/ambassador end @ania")
        assert [post for post in await club.posts() if "Your April" in post] == []
        assert "is not an ambassador" in await club.say("olek", "/ambassador end @ania")
        assert "There are no ambassadors" in await club.say("olek", "/ambassador list")
        await come(club, "ewa", "KAWA2026")
        await club.say("kasia", "/purchase @ewa 10 ewa")
        assert await gained(club, "ania") == (250, 250)


async def test_who_ends_within_a_month_hears_what_that_brought(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled, review_over=1) as club:
        await club.say("olek", "/ambassador add @ania kawa2026")
        await come(club, "zosia", "kawa2026")
        await club.say("kasia", "/purchase @zosia 10 zosia")
        await come(club, "jan", "kawa2026")
        await news(club)
        await club.say("olek", "/ambassador end @ania")
        brought = (
            "ania: Your March 2026 as an ambassador: 2 friends joined with your code, 1 brought you a reward: "
            "100 points and 100 status points. Thank you!"
        )
        told = await news(club)
        assert told[0] == brought
        assert "no longer an ambassador" in told[1]
        # One again before the month is over, they hear of all of it.
        await club.say("olek", "/ambassador add @ania")
        await news(club)
        await club.skip(days=17)
        assert await news(club) == [brought]


async def test_who_ends_on_the_first_hears_of_the_month_before_once(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled, review_over=1) as club:
        for name in ("ania", "bartek"):
            await club.say("olek", f"/ambassador add @{name}")
        await come(club, "zosia", await code_of(club, "ania"))
        # 00:30 of 1 April; the month is told at 10:00.
        await club.skip(days=15, hours=16, minutes=30)
        await news(club)
        await club.say("olek", "/ambassador end @ania")
        told = await news(club)
        brought = "Your March 2026 as an ambassador: 1 friend joined with your code, 0 brought you a reward. Thank you!"
        assert told[0] == f"ania: {brought}"
        assert "no longer an ambassador" in told[1]
        assert len(told) == 2
        # Who begins on that morning was none in March.
        await club.say("olek", "/ambassador add @ania")
        await club.say("olek", "/ambassador add @celina")
        await news(club)
        await club.skip(days=1)
        assert [one.partition(":")[0] for one in await news(club)] == ["bartek"]
        await club.say("olek", "/ambassador end @bartek")
        assert [one for one in await news(club) if "March" in one] == []


async def test_a_club_may_do_without(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled, enabled=False) as club:
        assert "no rewards for invitations" in await club.say("ania", "/invite")
        assert "invite" not in await club.say("ania", "/help")
        assert "no rewards" in await club.say("olek", "/ambassador add @ania")


async def test_a_link_of_ones_own_for_discord_is_passed_on_and_said_whole(copy_of_settled: Address) -> None:
    """It is there beside Telegram's; who is on Discord has it in the picture. A link that says more keeps that."""
    settings = config(discord={"invite_url": "https://discord.gg/cups?event=1"}, earning=QUIET)
    async with open_club(copy_of_settled, settings, inline=True) as club:
        club.event_prefix = "r"
        code = await code_of(club, "ania")
        link = f"https://discord.gg/cups?event=1&start=inv_{code}"
        assert link in club.shown["ania"].text
        assert "There, or anywhere else, they say to me:" in club.shown["ania"].text
        about: dict[str, Any] = {"person": Person(Identity("discord", "11"), "Ewa"), "place": Place("discord", "dm")}
        club.show("ewa", await club.app.handle(replace(club.command("ewa", "/start"), **about)))
        token = club.button("ewa", "Accept and join")
        await club.app.handle(ButtonPressed(event_id="r-yes", at=club.clock.now, token=token, **about))
        replies = await club.app.handle(replace(club.command("ewa", "/invite"), **about))
        picture = replies[0].picture
        assert picture is not None
        assert str(picture.fields["link"]).startswith("https://discord.gg/cups?event=1&start=inv_")
        assert "You come by invitation" in await come(club, "filip", link)
        assert "You come by invitation" in await club.say("gosia", f"/start https://t.me/cafe_bot?start=inv_{code}")
        assert "I do not know that invitation" in await club.say(
            "gosia", "/start https://t.me/cafe_bot?start=inv_NOBODY99"
        )
        assert await count(club, "referral") == 1
    assert verify(copy_of_settled).problems == []
