"""One-time codes: what claiming one brings, that each is claimed once, and that nobody guesses one."""

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.earning.versions import RuleBook
from bot.ledger.ledger import Balances
from bot.purchases.one_time_codes import ALPHABET, CodeKind, format_code, new_code
from bot.rewards.stamps import CardTerms
from handlers.codes.contents import key_of
from handlers.members.erasing import erase
from handlers.points.actions import terms_of
from storage.verify import verify
from tests.club import SPACE, Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import balances, count, member, rows
from tests.handlers.operating.test_letters import defect

ACTION = {"title": {"en": "A repair", "pl": "Naprawa"}, "points": 50, "status": 5, "per": "week"}
SETTINGS = config(earning={"action": {"repair": ACTION}, "purchase": {"pending_days": 0, "daily_cap_count": 2}})
VALID_UNTIL = datetime(2026, 4, 1, 22, tzinfo=UTC)


async def made(club: Club, kind: CodeKind, terms: dict[str, Any], number: int = 1) -> list[str]:
    """Make a batch; return its codes as they are printed."""
    codes = [new_code() for _ in range(number)]
    await club.database.write(
        lambda tx: tx.codes.add(kind, terms, VALID_UNTIL, [key_of(code, tx.settings.keyed) for code in codes])
    )
    return [format_code(code) for code in codes]


async def for_purchases(club: Club, amount_minor: int = 4990, number: int = 1) -> list[str]:
    """Make codes that are worth a purchase."""
    return await made(club, CodeKind.PURCHASE, {"amount_minor": amount_minor, "currency": "PLN"}, number)


async def for_repairs(club: Club, number: int = 1) -> list[str]:
    """Make codes that are worth an action."""
    terms = asdict(terms_of("repair", SETTINGS, RuleBook.of(SETTINGS)))
    return await made(club, CodeKind.ACTION, terms, number)


async def test_a_code_brings_its_purchase_once(copy_of_settled: Address) -> None:
    async with open_club(copy_of_settled, SETTINGS, inline=True) as club:
        club.event_prefix = "t"
        first, second, third = await for_purchases(club, number=3)
        said = await club.say("ania", f"/claim {first.lower().replace('-', ' ')}", SPACE)
        assert said == "Thank you for your purchase of PLN\u00a049.90: +49 points, +49 status points."
        assert await club.posts() == ["ania: A new badge: First purchase. All of yours: /badges"]
        assert (await balances(club, "ania")).points == 49
        assert await rows(club, "SELECT receipt, cashier_id FROM purchase") == [(None, None)]
        assert await club.say("ania", f"/claim {first}") == (
            "You have claimed this code already, on 16 March 2026. It counts once."
        )
        assert "was claimed already" in await club.say("bartek", f"/claim {first}")
        assert "Purchase #1" in await club.say("ania", f"/why {await last_entry(club)}")
        # What is claimed is refunded as what was bought at the till is.
        assert "Taken back: 49 points" in await club.say("kasia", "/refund #1")
        assert (await balances(club, "ania")).points == 0
        # A day has room for two; the third keeps its worth.
        for code in (second, *(await for_purchases(club))):
            assert "+49 points" in await club.say("ania", f"/claim {code}")
        assert await club.say("ania", f"/claim {third}") == (
            "Today's limit on purchases leaves no room for this one, so I have not used the code up. "
            "Claim it tomorrow; it is valid until 1 April 2026."
        )
        await club.skip(days=1)
        assert "+49 points" in await club.say("ania", f"/claim {third}")
    assert verify(copy_of_settled).problems == []


async def test_a_code_below_the_minimum_is_kept(copy_of_settled: Address) -> None:
    """The minimum may have been raised since it was made."""
    purchase = {"pending_days": 0, "minimum_amount": "50.00"}
    async with open_club(copy_of_settled, config(earning={"purchase": purchase}), inline=True) as club:
        club.event_prefix = "t"
        (code,) = await for_purchases(club)
        for language, told in (
            (
                "en",
                "This code is for a purchase of PLN\u00a049.90, and a purchase earns from PLN\u00a050.00 on, so I have",
            ),
            (
                "pl",
                "Ten kod jest za zakup za 49,90\u00a0zł, a punkty są za zakupy od 50,00\u00a0zł, więc kod pozostaje",
            ),
        ):
            await club.say("ania", f"/language {language}")
            assert told in await club.say("ania", f"/claim {code}")
        assert await count(club, "purchase") == 0
    card = {"id": "cup", "title": {"en": "Cup", "pl": "Kubek"}, "reward": {"en": "Tea", "pl": "Herbata"}}
    async with open_club(
        copy_of_settled, config(earning={"purchase": purchase}, stamp_card=[card]), inline=True
    ) as club:
        club.event_prefix = "u"
        assert "1/10" in await club.say("ania", f"/claim {code}")
    assert verify(copy_of_settled).problems == []


async def last_entry(club: Club) -> int:
    number: int = (await rows(club, "SELECT MAX(id) FROM entry"))[0][0]
    return number


async def test_a_code_brings_its_action_by_the_terms_it_was_made_with(copy_of_settled: Address) -> None:
    async with open_club(copy_of_settled, SETTINGS, inline=True) as club:
        one, two, three = await for_repairs(club, 3)
    richer = config(earning={"action": {"repair": ACTION | {"points": 500}}})
    async with open_club(copy_of_settled, richer, inline=True) as club:
        club.event_prefix = "t"
        assert await club.say("ania", f"/claim {one}") == "A repair: +50 points, +5 status points. Thank you!"
        assert "at most 1 time a week" in await club.say("ania", f"/claim {two}")
        assert "at most 1 time a week" in await club.say("kasia", "/action @ania repair")
        why = await club.say("ania", f"/why {await last_entry(club) - 1}")
        assert "A repair: 50 points and 5 status points, at most 1 time a week" in why
        await club.skip(days=7)
        assert "+50 points" in await club.say("ania", f"/claim {two}")
        assert "+500 points" in await club.say("kasia", "/action @bartek repair")
        await club.skip(days=10)
        await club.say("ania", "/language pl")
        assert await club.say("ania", f"/claim {three}") == "Ten kod był ważny do 1 kwietnia 2026."
    assert verify(copy_of_settled).problems == []


async def test_what_is_no_code_is_told_apart_from_a_wrong_one(club: Club) -> None:
    (code,) = await for_purchases(club)
    typo = code[:-1] + ALPHABET[(ALPHABET.index(code[-1]) + 1) % len(ALPHABET)]
    for given in (typo, code[:-1], f"{code}2", "!", "zażółć", "4" * 40):
        assert "something was mistyped" in await club.say("ania", f"/claim {given}"), given
    assert await count(club, "wrong_try") == 0
    wrong = [format_code(new_code()) for _ in range(6)]
    answers = [await club.say("ania", f"/claim {one}") for one in wrong]
    assert answers[0] == "I do not know this code. Is it really one of ours? You have 4 tries left for now."
    assert answers[4] == "I do not know this code. Is it really one of ours? That was the last try for now."
    assert answers[5] == "Too many wrong codes: 5. You can try again from 16 Mar, 09:00."
    # A right one is not looked at either, or one could go on guessing; others are not concerned.
    assert "Too many wrong codes" in await club.say("ania", f"/claim {code}")
    assert "I do not know" in await club.say("bartek", f"/claim {wrong[0]}")
    await club.skip(minutes=59)
    assert "Too many wrong codes" in await club.say("ania", f"/claim {code}")
    await club.skip(minutes=1)
    assert "I do not know" in await club.say("ania", f"/claim {wrong[0]}")
    assert await rows(club, "SELECT COUNT(*) FROM wrong_try") == [(2,)]
    assert "+49 points" in await club.say("ania", f"/claim {code}")
    ania = (await member(club, "ania")).id
    await club.database.write(lambda tx: erase(ania, tx.now, tx))
    assert await rows(club, "SELECT COUNT(*) FROM wrong_try") == [(1,)]


async def test_a_stopped_batch_brings_nothing_more(club: Club) -> None:
    one, two = await for_purchases(club, number=2)
    assert "+49 points" in await club.say("ania", f"/claim {one}")
    assert await club.database.write(lambda tx: tx.codes.stop(1))
    assert not await club.database.write(lambda tx: tx.codes.stop(1))
    assert "no longer valid" in await club.say("ania", f"/claim {two}")
    counted = await club.database.read(lambda tx: tx.codes.batches())
    assert [(batch.codes, batch.claimed) for batch in counted] == [(2, 1)]


async def test_scanning_a_code_joins_first_and_claims_then(club: Club) -> None:
    one, two, three, four = await for_purchases(club, number=4)
    assert "+49 points" in await club.say("ania", f"/start claim_{one.replace('-', '')}")
    assert "something was mistyped" in await club.say("ania", f"/start claim_{one[:-1]}")
    asked = await club.say("zosia", f"/start claim_{two.replace('-', '')}")
    assert "Then the code you brought is claimed for you, unless somebody else was faster." in asked
    joined = await club.press("zosia", "", token=club.button("zosia", "Accept and join"))
    assert joined.startswith("You are in, Zosia!")
    assert joined.endswith("Thank you for your purchase of PLN\u00a049.90: +49 points, +49 status points.\n"
                           "The points are yours on 30 March 2026.")  # fmt: skip
    # Nobody invited her, and nothing that could be claimed is stored.
    assert await count(club, "referral") == 0
    assert two.replace("-", "") not in json.dumps(await rows(club, "SELECT data FROM button"))
    # Typed, the same; and who joins with a code that is gone by then joins all the same.
    await club.say("yola", f"/claim {three}")
    await club.say("xena", f"/claim {three}")
    assert "+49 points" in await club.press("yola", "Accept and join")
    late = await club.press("xena", "Accept and join")
    assert late.startswith("You are in, Xena!")
    assert late.endswith("Each code counts once.")
    assert (await balances(club, "xena")) == Balances()
    # Who leaves takes no codes; who comes back with one has it.
    await club.say("bartek", "/leave")
    await club.press("bartek", "Yes, leave")
    await club.say("bartek", f"/claim {four}")
    assert "+49 points" in await club.press("bartek", "Accept and join")


async def test_a_code_ends_with_its_last_day(club: Club) -> None:
    one, two = await for_purchases(club, number=2)
    club.clock.now = VALID_UNTIL - timedelta(microseconds=1)
    assert "+49 points" in await club.say("ania", f"/claim {one}")
    club.clock.now = VALID_UNTIL
    assert await club.say("ania", f"/claim {two}") == "This code was valid until 1 April 2026."


async def test_a_code_is_not_kept_of_what_failed(club: Club) -> None:
    (code,) = await for_purchases(club)
    with defect("storage.purchases.codes.Codes.claim"):
        for text in (f"/claim {code}", f"/start claim_{code.replace('-', '')}"):
            assert "Something went wrong" in await club.say("ania", text)
    letters = await club.database.read(lambda tx: tx.events.dead_letters())
    assert [letter.event for letter in letters] == [None, None]
    assert "+49 points" in await club.say("ania", f"/claim {code}")


async def test_a_code_stamps_a_card(copy_of_settled: Address) -> None:
    words = {"title": {"en": "Coffees", "pl": "Kawy"}, "reward": {"en": "A free coffee", "pl": "Kawa gratis"}}
    card = {"id": "coffee", "stamps": 2, "daily_cap": 3} | words
    with_card = SETTINGS.model_copy(update={"stamp_card": config(stamp_card=[card]).stamp_card})
    terms = CardTerms.now(with_card.stamp_card[0]).plain() | {"card": "coffee"}
    async with open_club(copy_of_settled, with_card, inline=True) as club:
        club.event_prefix = "t"
        codes = await made(club, CodeKind.STAMP, terms, 5)
        assert await club.say("ania", f"/claim {codes[0]}") == "Coffees: +1 stamp\n▰▱ 1/2 stamps"
        assert "claimed this code already" in await club.say("ania", f"/claim {codes[0]}")
        assert await club.say("ania", f"/claim {codes[1]}") == "Coffees: +1 stamp\n▰▰ 2/2 stamps"
        assert "It has become a coupon: A free coffee." in (await club.posts())[0]
        await club.say("ania", f"/claim {codes[2]}")
        # The code is kept for another day.
        assert "no more stamps can be given today" in await club.say("ania", f"/claim {codes[3]}")
        await club.skip(days=1)
        assert "2/2" in await club.say("ania", f"/claim {codes[3]}")
        assert await rows(club, "SELECT COUNT(*) FROM coupon") == [(2,)]
    # The config has no such card any more: what was printed is still good.
    async with open_club(copy_of_settled, SETTINGS, inline=True) as club:
        club.event_prefix = "t2"
        assert "1/2 stamps" in await club.say("bartek", f"/claim {codes[4]}")
    assert verify(copy_of_settled).problems == []
