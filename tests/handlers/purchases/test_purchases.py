"""Purchases at the till and refunds, as cashiers say them."""

import pytest

from bot.ledger.ledger import Balances
from storage.verify import verify
from tests.club import SPACE, Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import balances, count, member


async def test_a_purchase_waits_for_the_return_window_and_counts_as_status_at_once(club: Club) -> None:
    said = await club.say("kasia", "/purchase @ania 49.90 R-1")
    assert "Ania, PLN 49.90, +49 points, +49 status" in said.replace("\N{NO-BREAK SPACE}", " ")
    assert await balances(club, "ania") == Balances(points=0, status=49, pending=49)
    await club.skip(days=13)
    assert (await balances(club, "ania")).pending == 49
    await club.skip(days=2)
    assert await balances(club, "ania") == Balances(points=49, status=49)


async def test_the_buyer_is_told(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 49.90 R-1")
    posts = await club.posts()
    assert posts[0].startswith("ania: Thank you for your purchase")
    assert posts[1:] == ["ania: A new badge: First purchase. All of yours: /badges"]
    assert "30 March 2026" in posts[0]


@pytest.mark.parametrize("written", ["49.90", "49,90", "49,90 zł", "PLN 49.90", "49.90zl"])
async def test_amounts_are_read_as_people_write_them(club: Club, written: str) -> None:
    assert "+49 points" in await club.say("kasia", f"/purchase @ania {written}")


async def test_a_thousand_with_blanks_and_currency_is_one_amount(club: Club) -> None:
    assert "1,249.00" in await club.say("kasia", "/purchase @ania 1 249,00 zł")


async def test_an_ambiguous_amount_is_refused(club: Club) -> None:
    assert "can be read as" in await club.say("kasia", "/purchase @ania 1,249")
    assert await count(club, "purchase") == 0


@pytest.mark.parametrize("written", ["50 zł 123", "50 PLN 123", "50.00 123", "zł 50 R123", "50 1234"])
async def test_a_receipt_of_digits_after_the_amount_stays_a_receipt(club: Club, written: str) -> None:
    said = await club.say("kasia", f"/purchase @ania {written}")
    assert "50.00" in said, said
    assert "123" in said


async def test_an_amount_and_digits_that_may_be_either_are_asked_about(club: Club) -> None:
    assert "may be one amount" in await club.say("kasia", "/purchase @ania 49 123")
    assert await count(club, "purchase") == 0


WORDS_OF_A_PART = ["49.90 =30", "49.90 = 30.00", "=30 49.90", "49,90 zł =30,00 zł", "49.90 R-1 =30", "49.90 =30 R-1"]


@pytest.mark.parametrize("written", WORDS_OF_A_PART)
async def test_of_a_purchase_a_part_may_count(club: Club, written: str) -> None:
    said = await club.say("kasia", f"/purchase @ania {written}")
    assert "PLN 49.90, +30 points, +30 status" in said.replace("\N{NO-BREAK SPACE}", " ")
    assert "Amount that counts: PLN 30.00" in said.replace("\N{NO-BREAK SPACE}", " ")
    assert "limit" not in said
    assert ("R-1" in said) == ("R-1" in written)
    [told, *_] = await club.posts()
    assert "Amount that counts: PLN 30.00" in told.replace("\N{NO-BREAK SPACE}", " ")
    assert await balances(club, "ania") == Balances(points=0, status=30, pending=30)


@pytest.mark.parametrize(
    ("written", "answer"),
    [
        ("49.90 =50", "cannot count of a purchase of PLN 49.90. After = write what of it counts"),
        ("49.90 =", "= is no amount"),
        ("49.90 =0", "more than zero"),
        ("49.90 =x", "x is no amount"),
        ("49.90 =30 EUR", "EUR"),
        ("49.90 =30 =20", "Write it like this"),
    ],
)
async def test_a_part_that_makes_no_sense_records_nothing(club: Club, written: str, answer: str) -> None:
    assert answer in (await club.say("kasia", f"/purchase @ania {written}")).replace("\N{NO-BREAK SPACE}", " ")
    assert await count(club, "purchase") == 0


async def test_all_of_it_may_be_said_to_count(club: Club) -> None:
    said = await club.say("kasia", "/purchase @ania 49.90 =49.90")
    assert "+49 points" in said
    assert "Amount that counts" not in said


async def test_a_refund_takes_the_part_that_counts_in_proportion_and_whole_with_the_last(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 100 R-1 =60")
    await club.say("kasia", "/refund R-1 50")
    assert (await balances(club, "ania")).pending == 30
    await club.say("kasia", "/refund R-1 25")
    assert (await balances(club, "ania")).pending == 15
    await club.say("kasia", "/refund R-1")
    assert await balances(club, "ania") == Balances(points=0, status=0, pending=0)


async def test_minimum_and_limit_go_by_the_part_that_counts(empty: Address) -> None:
    rule = {"purchase": {"minimum_amount": "10.00", "daily_cap_amount": "100.00", "pending_days": 0}}
    async with open_club(empty, config(earning=rule), inline=True) as club:
        await club.join("olek", "ania")
        assert "below the minimum" in await club.say("olek", "/purchase @ania 50 =9.99")
        assert "+80 points" in await club.say("olek", "/purchase @ania 200 =80")
        said = await club.say("olek", "/purchase @ania 90 =30")
        assert "+20 points" in said
        assert "not all of it earns" in said
        # What was given at the till stays, whatever else is recorded or refunded of that day.
        await club.say("olek", "/refund #2")
        assert (await balances(club, "ania")).points == 20
    assert verify(empty).problems == []


async def test_a_part_that_is_too_large_is_refused_at_once_not_after_a_question(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 49.90")
    assert "cannot count" in await club.say("kasia", "/purchase @ania 49.90 =50")
    assert "would count" not in await club.say("kasia", "/purchase @ania 49.90 =49.90")


async def test_a_part_of_another_currency_is_in_that_one(empty: Address) -> None:
    async with open_club(empty, config(currency_rate=[{"currency": "EUR", "rate": "4.00"}]), inline=True) as club:
        await club.join("olek", "ania")
        said = await club.say("olek", "/purchase @ania 10 EUR =5")
        assert "PLN 40.00, +20 points" in said.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("written", ["0", "-5", "٤٩", "1_000", "NaN", "10000000000000", "49.999", "5 EUR"])
async def test_what_is_no_amount_records_nothing(club: Club, written: str) -> None:
    await club.say("kasia", f"/purchase @ania {written}")
    assert await count(club, "purchase") == 0


async def test_the_same_receipt_on_a_day_shows_the_first_result(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 49.90 R-1")
    said = await club.say("kasia", "/purchase @bartek 12.00 R-1")
    assert "R-1 was recorded today already" in said
    assert "Ania" in said
    assert "+49 points" in said
    assert await balances(club, "bartek") == Balances()


async def test_a_receipt_may_come_again_another_day(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 10 R-1")
    await club.skip(days=1)
    await club.say("kasia", "/purchase @bartek 20 R-1")
    assert (await balances(club, "bartek")).pending == 20
    assert "Bartek" in await club.say("kasia", "/refund R-1")
    assert (await balances(club, "ania")).pending == 10


async def test_the_day_of_a_receipt_is_the_programmes_local_day(club: Club) -> None:
    await club.skip(hours=15, minutes=30)  # 23:30 in Warsaw
    await club.say("kasia", "/purchase @ania 10 R-1")
    await club.skip(hours=1)
    assert "R-1" in await club.say("kasia", "/purchase @ania 10 R-1")
    assert await count(club, "purchase") == 2


async def test_nobody_records_their_own_purchase(club: Club) -> None:
    assert "for yourself" in await club.say("kasia", "/purchase @kasia 10")


async def test_daily_caps_bound_count_and_amount(empty: Address) -> None:
    rule = {"daily_cap_count": 2, "daily_cap_amount": "100.00", "pending_days": 0}
    async with open_club(empty, config(earning={"purchase": rule}), inline=True) as club:
        await club.join("olek", "ania")
        assert "limit is reached" not in await club.say("olek", "/purchase @ania 80 A")
        assert "limit is reached" in await club.say("olek", "/purchase @ania 50 B")
        assert (await balances(club, "ania")).points == 100
        await club.say("olek", "/purchase @ania 5 C")
        assert (await balances(club, "ania")).points == 100
        await club.skip(days=1)
        await club.say("olek", "/purchase @ania 5 D")
        assert (await balances(club, "ania")).points == 105
    assert verify(empty).problems == []


async def test_below_the_minimum_nothing_is_earned(empty: Address) -> None:
    rule = {"minimum_amount": "20.00"}
    async with open_club(empty, config(earning={"purchase": rule}), inline=True) as club:
        await club.join("olek", "ania")
        await club.say("olek", "/purchase @ania 19.99 A")
        assert await balances(club, "ania") == Balances()
        await club.say("olek", "/purchase @ania 20.00 B")
        assert (await balances(club, "ania")).pending == 20
        await club.say("olek", "/refund A")


async def test_fractions_of_a_unit_earn_nothing(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 0.99")
    assert await balances(club, "ania") == Balances()


async def test_a_full_refund_before_ripening_takes_pending_back(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 49.90 R-1")
    await club.posts()
    said = await club.say("kasia", "/refund R-1")
    assert "Taken back: 49 points and 49 status points." in said
    assert await balances(club, "ania") == Balances()
    assert [post.split(":")[0] for post in await club.posts()] == ["ania"]
    await club.skip(days=20)
    assert await balances(club, "ania") == Balances()


async def test_a_partial_refund_takes_back_in_proportion_and_a_second_what_is_left(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 49.90 R-1")
    await club.say("kasia", "/refund R-1 20")
    assert await balances(club, "ania") == Balances(points=0, status=29, pending=29)
    assert "PLN 29.90" in (await club.say("kasia", "/refund R-1 30")).replace("\N{NO-BREAK SPACE}", " ")
    await club.say("kasia", "/refund R-1")
    assert await balances(club, "ania") == Balances()
    assert "refunded already" in await club.say("kasia", "/refund R-1")


async def test_many_small_refunds_end_where_one_large_would(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 10.00 A")
    await club.say("kasia", "/purchase @bartek 10.00 B")
    for _ in range(7):
        await club.say("kasia", "/refund A 0.55")
    await club.say("kasia", "/refund B 3.85")
    assert await balances(club, "ania") == await balances(club, "bartek")


async def test_a_refund_of_a_capped_purchase_is_in_proportion_to_what_earned(empty: Address) -> None:
    rule = {"daily_cap_amount": "100.00", "pending_days": 0}
    async with open_club(empty, config(earning={"purchase": rule}), inline=True) as club:
        await club.join("olek", "ania")
        await club.say("olek", "/purchase @ania 200 A")
        assert (await balances(club, "ania")).points == 100
        await club.say("olek", "/refund A 100")
        assert (await balances(club, "ania")).points == 50


async def test_a_refund_after_ripening_takes_from_the_wallet(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 49.90 R-1")
    await club.skip(days=15)
    await club.say("kasia", "/refund R-1 20")
    assert await balances(club, "ania") == Balances(points=29, status=29)


async def test_a_refund_of_spent_points_leaves_a_debt_that_later_points_repay(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 49.90 R-1")
    await club.skip(days=15)
    await take(club, "ania", 40)
    await club.say("kasia", "/refund R-1")
    assert (await balances(club, "ania")).points == -40
    assert "Owed: 40 points" in await club.say("ania", "/balance")
    await club.say("marta", "/bonus @ania 50 for tidying up")
    assert (await balances(club, "ania")).points == 10


async def test_the_terms_of_the_purchase_hold_for_its_refund(empty: Address) -> None:
    async with open_club(empty, inline=True) as club:
        await club.join("olek", "ania")
        await club.say("olek", "/purchase @ania 100 A")
    doubled = config(earning={"purchase": {"points": 2, "status": 3}})
    async with open_club(empty, doubled, inline=True) as club:
        await club.say("olek", "/refund A 40", event_id="later-1")
        assert await balances(club, "ania") == Balances(points=0, status=60, pending=60)
    assert verify(empty).problems == []


async def test_a_purchase_without_receipt_is_refunded_by_its_number(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 10")
    assert "Purchase #1" in club.shown["kasia"].text
    assert "Ania" in await club.say("kasia", "/refund #1")
    assert await balances(club, "ania") == Balances()


async def test_an_unknown_receipt_is_said_to_be_unknown(club: Club) -> None:
    assert "There is no purchase with the receipt R-9. " in await club.say("kasia", "/refund R-9")


@pytest.mark.parametrize("number", ["#9", "#", "#-1", "#99999999999999999999", "#٣"])
async def test_an_unknown_number_is_not_called_a_receipt(club: Club, number: str) -> None:
    said = await club.say("kasia", f"/refund {number}")
    assert said == f"There is no purchase {number}. Look at the number again, or use that of the receipt."
    await club.say("kasia", "/language pl")
    assert f"Nie ma zakupu {number}. " in await club.say("kasia", f"/refund {number}")


async def test_a_replayed_refund_takes_back_once(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 49.90 R-1")
    first = await club.say("kasia", "/refund R-1 20", event_id="r")
    assert await club.say("kasia", "/refund R-1 20", event_id="r") == first
    assert (await balances(club, "ania")).pending == 29


async def test_two_refunds_of_one_receipt_at_once_take_back_once(empty_club: Club) -> None:
    import asyncio

    club = empty_club
    await club.join("olek", "ania")
    await club.say("olek", "/purchase @ania 50 R-1")
    said = await asyncio.gather(*[club.say("olek", "/refund R-1") for _ in range(20)])
    assert sum("Taken back" in text for text in said) == 1
    assert await balances(club, "ania") == Balances()


async def test_a_refund_lowers_the_week_of_the_purchase(club: Club) -> None:
    await club.chat("ania")
    await club.say("kasia", "/purchase @ania 30 R-1", SPACE)
    assert "35" in await club.say("bartek", "/leaderboard", SPACE)
    await club.say("kasia", "/refund R-1 10", SPACE)
    assert "25" in await club.say("bartek", "/leaderboard", SPACE)


async def test_a_refund_lowers_the_boards_the_purchase_raised(club: Club) -> None:
    """Recorded in private, a purchase counts in the groups the buyer is in at that time."""
    await club.chat("ania")
    await club.say("kasia", "/purchase @ania 30 R-1")
    await club.app.handle(club.presence("ania", is_present=False))
    await club.say("kasia", "/refund R-1")
    buyer = await member(club, "ania")
    await club.database.write(lambda tx: tx.leaderboards.catch_up())
    standings = await club.database.read(
        lambda tx: [
            (space.id, tx.leaderboards.top(space.id, period, 10))
            for space in tx.spaces.active()
            for period in tx.leaderboards.open_periods(tx.now)
        ]
    )
    assert all(dict(top).get(buyer.id) == 5 for _, top in standings), standings


async def test_a_refund_leaves_the_boards_alone_that_the_purchase_did_not_raise(club: Club) -> None:
    """Whoever was not in the group when they bought, and is in it again, loses nothing there."""
    await club.chat("ania")
    await club.app.handle(club.presence("ania", is_present=False))
    await club.skip(days=1)
    await club.say("kasia", "/purchase @ania 30 R-1")
    await club.skip(days=1)
    await club.app.handle(club.presence("ania", is_present=True))
    before = await club.say("bartek", "/leaderboard", SPACE)
    await club.say("kasia", "/refund R-1")
    assert await club.say("bartek", "/leaderboard", SPACE) == before


async def take(club: Club, name: str, points: int) -> None:
    """Spend points, as a reward would."""
    from bot.ledger.ledger import EntryDraft, Reason, Unit, wallet

    spender = await member(club, name)
    draft = EntryDraft(
        unit=Unit.POINTS,
        points=points,
        reason=Reason.BONUS,
        source=f"spend:{name}:{points}",
        holder_id=spender.holder_id,
        member_id=spender.id,
        occurred_at=club.clock.now,
        from_account=wallet(spender.holder_id),
        to_programme="redeemed",
    )
    await club.database.write(lambda tx: tx.ledger.post(draft))


async def test_an_amount_in_another_currency_is_reckoned_at_its_rate(copy_of_settled: Address) -> None:
    rates = [{"currency": "EUR", "rate": "4.275"}, {"currency": "HUF", "rate": "0.0099"}]
    async with open_club(copy_of_settled, config(currency_rate=rates), inline=True) as club:
        club.event_prefix = "t"
        said = await club.say("kasia", "/purchase @ania 10 EUR R-1")
        assert "PLN\xa042.75, +42 points" in said
        assert "Paid in EUR: 1 EUR counts as 4.275 PLN" in said
        assert "+42 points" in await club.say("kasia", "/purchase @bartek €10")
        assert "Is this a second purchase?" in await club.say("kasia", "/purchase @bartek 10,00 EUR")
        assert "+42 points" in await club.press("kasia", "Yes, a second purchase")
        assert "more than zero" in await club.say("kasia", "/purchase @ania 1 HUF")
        assert "PLN\xa00.01, +0 points" in await club.say("kasia", "/purchase @ania 2 HUF")
        assert "more than any till takes" in await club.say("kasia", "/purchase @ania 9999999999.99 EUR")
        assert "in PLN" in await club.say("kasia", "/purchase @ania 5 USD")
        assert "in PLN" in await club.say("kasia", "/refund R-1 5 HUF")
        assert "Taken back: 21 points" in await club.say("kasia", "/refund R-1 5 EUR")
        assert "Taken back: 21 points" in await club.say("kasia", "/refund R-1 21.38")
    assert verify(copy_of_settled).problems == []


async def test_the_largest_amount_in_another_currency_is_recorded_and_no_larger_one(copy_of_settled: Address) -> None:
    rates = [{"currency": "EUR", "rate": "2"}]
    async with open_club(copy_of_settled, config(currency_rate=rates), inline=True) as club:
        club.event_prefix = "t"
        assert "more than any till takes" in await club.say("kasia", "/purchase @ania 5000000000.01 EUR R-1")
        await club.say("kasia", "/purchase @ania 5000000000.00 EUR R-1")
        assert "PLN\xa010,000,000,000.00" in await club.press("kasia", "Yes, record it")
