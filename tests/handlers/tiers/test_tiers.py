"""Tiers: reached at once, held for a year, warned before they end, one step down at a time, and never by new rules."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.discord.markup import DiscordMarkdown
from adapters.telegram.markup import TelegramHtml
from bot.config.config import Config
from bot.earning.versions import RuleBook
from bot.errors import TryLater
from bot.events import ButtonPressed, Command, Identity, Person, Place
from bot.replies import Reply
from handlers.members.erasing import erase
from handlers.scheduler import run_due
from handlers.tiers.holding import tier_of
from handlers.tiers.periods import tier_jobs
from storage.verify import verify
from tests.club import MONDAY, Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import balances, count, member, rows


def tier(name: str, threshold: int, multiplier: float = 1, **about: Any) -> dict[str, Any]:
    words = {"en": name.capitalize(), "pl": {"silver": "Srebrny", "gold": "Złoty"}.get(name, "Platynowy")}
    return {"id": name, "name": words, "threshold": threshold, "multiplier": multiplier} | about


COFFEE = {"en": "A coffee on your birthday", "pl": "Kawa na urodziny"}
TIERS = [tier("gold", 300, 1.5, perks=COFFEE), tier("silver", 100, 1.25), tier("platinum", 1000, 2)]
NEWS = ("You have reached", "is yours until", "You keep", "has ended")


def settings(tiers: list[dict[str, Any]] = TIERS, rules: dict[str, Any] | None = None, **sections: Any) -> Config:
    purchase = {"pending_days": 0, "daily_cap_amount": "100000.00"}
    return config(tiers=rules or {}, earning={"purchase": purchase}, tier=tiers, **sections)


@asynccontextmanager
async def opened(
    where: Address, tiers: list[dict[str, Any]] = TIERS, begin: datetime = MONDAY, **sections: Any
) -> AsyncIterator[Club]:
    """Open a club with tiers; verify it at the end."""
    async with open_club(where, settings(tiers, **sections), inline=True, begin=begin) as club:
        club.event_prefix = f"at{begin:%y%m%d}-"
        yield club
        assert await count(club, "dead_letter") == 0
    assert verify(where).problems == []


async def at(club: Club, *when: int) -> None:
    """Move the clock to an instant of UTC and do what fell due of tiers; all that falls due in a year takes long."""
    club.clock.now = datetime(*when, tzinfo=UTC)  # type: ignore[arg-type, misc]
    await run_due(club.database, tier_jobs(club.config), club.config, RuleBook.of(club.config))


async def news(club: Club) -> dict[str, list[str]]:
    """Return what people were told about tiers since the last look."""
    told: dict[str, list[str]] = defaultdict(list)
    for post in await club.posts():
        name, _, text = post.partition(": ")
        if any(word in text for word in NEWS):
            told[name].append(text)
    return told


async def held(club: Club, name: str) -> str | None:
    member_id, rules = (await member(club, name)).id, RuleBook.of(club.config)
    found = await club.database.read(lambda tx: tier_of(member_id, tx, rules))
    return None if found is None else found.id


async def test_a_purchase_reaches_a_tier_at_once_and_the_next_one_earns_more(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled) as club:
        assert "No tier yet" in (first := await club.say("ania", "/tier"))
        assert "Next: Silver\n▱▱▱▱▱▱▱▱▱▱ 0/100 status points since 1 March 2025\nMissing: 100" in first
        await club.say("kasia", "/purchase @ania 99 R1")
        assert await news(club) == {}
        await club.say("kasia", "/purchase @ania 3 R2")
        assert (await balances(club, "ania")).points == 102
        [told] = (await news(club))["ania"]
        assert "You have reached Silver! From now on you get × 1.25 points" in told
        assert "yours until the end of 31 March 2027" in told
        shown = await club.say("ania", "/tier")
        assert shown.startswith("Silver\nPoints for purchases: × 1.25\nYours until the end of 31 March 2027.")
        kept = "▱▱▱▱▱▱▱▱▱▱ 0/100 status points, counted from 1 April 2026"
        assert f"To keep it after that, collect 100 status points more by then.\n{kept}\n\nNext: Gold\n" in shown
        assert "▰▰▰▱▱▱▱▱▱▱ 102/300 status points" in shown
        assert "Points for purchases: × 1.5\nA coffee on your birthday" in shown
        await club.say("kasia", "/purchase @ania 7 R3")
        assert (await balances(club, "ania")).points == 102 + 8
        assert (await balances(club, "ania")).status == 109
        [number] = (await rows(club, "SELECT MAX(id) FROM entry"))[0]
        assert "Points × 1.25 for the tier held then" in await club.say("ania", f"/why {number}")
        await club.say("kasia", "/refund R3 4")
        assert (await balances(club, "ania")).points == 102 + 3
        assert "Tier: Silver" in await club.say("ania", "/balance")
        await club.say("ania", "/language pl")
        assert "Srebrny\nPunkty za zakupy: × 1,25\nTwój do końca dnia 31 marca 2027" in await club.say("ania", "/tier")
        await club.say("kasia", "/purchase @bartek 350 R4")
        assert await held(club, "bartek") == "gold"
        assert len((await news(club))["bartek"]) == 1


async def test_groups_hear_of_a_new_tier_from_whoever_lets_them(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled) as club:
        await club.chat("ania", "bartek", "celina")
        for name in ("ania", "celina"):
            assert "badges and tiers" in await club.say(name, "/badges open")
        await club.say("celina", "/leaderboard hide")
        for number, name in enumerate(("ania", "bartek", "celina")):
            await club.say("kasia", f"/purchase @{name} 100 R{number}")
        posts = await club.posts()
        assert sum("You have reached Silver!" in post for post in posts) == 3
        assert [post for post in posts if "has reached" in post] == ["#klub: Ania has reached Silver!"]
        await club.say("ania", "/badges private")
        await club.say("kasia", "/purchase @ania 200 R3")
        posts = await club.posts()
        assert any("You have reached Gold!" in post for post in posts)
        assert not any("has reached" in post for post in posts)


async def test_purchases_at_the_same_moment_reach_a_tier_once(copy_of_settled: Address) -> None:
    async with open_club(copy_of_settled, settings()) as club:
        club.event_prefix = "t"
        await asyncio.gather(*[club.say("kasia", f"/purchase @ania 90 R{number}") for number in range(4)])
        assert await held(club, "ania") == "gold"
        told = (await news(club))["ania"]
        assert ["Silver" in text for text in told] == [True, False]
    assert verify(copy_of_settled).problems == []


async def test_a_refund_takes_back_status_but_no_tier(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled) as club:
        await club.say("kasia", "/purchase @ania 120 R1")
        await club.skip(days=20)
        await club.say("kasia", "/refund R1")
        assert await held(club, "ania") == "silver"
        assert "Next: Gold\n▱▱▱▱▱▱▱▱▱▱ 0/300" in await club.say("ania", "/tier")
        # What was given in March was taken back from March, though it was April by then.
        of_ania = (await member(club, "ania")).id
        assert await rows(club, "SELECT month, amount FROM status_month WHERE member_id = ? ORDER BY 1", of_ania) == [
            ("2026-03", 0)
        ]


@pytest.mark.parametrize("points", [0, 1])
async def test_chat_reaches_a_tier_within_seconds_and_writes_nothing_beside_it(
    copy_of_settled: Address, points: int
) -> None:
    written = ("entry", "status_month", "job_run", "setting", "waiting_gain")
    message = {"purchase": {"pending_days": 0}, "message": {"points": points}}
    async with open_club(copy_of_settled, config(tier=[tier("silver", 10)], earning=message), inline=True) as club:
        club.event_prefix = "t"
        before = [await count(club, table) for table in written[1:]]
        await club.chat("ania", "bartek")
        await club.app.run_soon()
        club.clock.now += timedelta(seconds=61)
        await club.chat("ania")
        assert "10/10 status points since 1 March 2025\nReached! It is yours in a moment." in (
            await club.say("ania", "/tier")
        )
        await club.app.run_soon()
        assert [await held(club, name) for name in ("ania", "bartek")] == ["silver", None]
        assert [await count(club, table) for table in written[1:]] == before
        assert {name: len(told) for name, told in (await news(club)).items()} == {"ania": 1}
        await club.skip(minutes=11)
        assert await news(club) == {}


async def _away(_: object) -> None:
    raise TryLater


async def _broken(_: object) -> None:
    raise ValueError


async def test_who_reached_a_tier_by_chat_is_not_forgotten_while_the_database_is_away(
    copy_of_settled: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(copy_of_settled, [tier("silver", 5)]) as club:
        await club.chat("ania")
        with monkeypatch.context() as patched:
            patched.setattr(club.database, "read", _away)
            with pytest.raises(TryLater):
                await club.app.run_soon()
        await club.app.run_soon()
        assert await held(club, "ania") == "silver"


async def test_what_fails_while_somebody_climbs_is_left_to_the_job(
    copy_of_settled: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(copy_of_settled, [tier("silver", 5)]) as club:
        await club.chat("ania")
        with monkeypatch.context() as patched:
            patched.setattr(club.database, "read", _broken)
            await club.app.run_soon()
        await club.app.run_soon()
        assert await held(club, "ania") is None
        await club.skip(minutes=10)
        assert await held(club, "ania") == "silver"


async def test_what_chat_gave_before_the_bot_ended_reaches_a_tier_within_minutes(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled, [tier("silver", 30)]) as club:
        for _ in range(6):
            await club.chat("ania", "bartek")
            club.clock.now += timedelta(seconds=61)
        assert await rows(club, "SELECT amount FROM status_month WHERE month = '2026-03'") == []
    async with opened(copy_of_settled, [tier("silver", 30)], MONDAY + timedelta(minutes=7)) as club:
        await club.app.run_soon()
        assert await held(club, "ania") is None
        await club.skip(minutes=10)
        assert await held(club, "ania") == await held(club, "bartek") == "silver"
        assert {name: len(told) for name, told in (await news(club)).items()} == {"ania": 1, "bartek": 1}
        ran = await count(club, "job_run")
        await club.skip(hours=5)
        assert await count(club, "job_run") <= ran + 1
        assert "30/30" not in await club.say("ania", "/tier")
        await club.chat("celina")
        await club.skip(minutes=10)
        assert await news(club) == {}


async def test_reactions_and_challenges_reach_a_tier_in_the_same_moment(copy_of_settled: Address) -> None:
    challenge = {
        "id": "buy", "counts": "purchases", "goal": 1, "status": 40, "repeat": "weekly",
        "title": {"en": "Buy", "pl": "Kup"},
    }  # fmt: skip
    async with opened(copy_of_settled, [tier("silver", 1), tier("gold", 42)], challenge=[challenge]) as club:
        message = club.message("ania")
        await club.app.take_part([message, club.reaction("bartek", message, added=frozenset("👍"))])
        assert await held(club, "ania") == "silver"
        await club.skip(minutes=1)
        await club.say("kasia", "/purchase @bartek 2 R1")
        assert await held(club, "bartek") == "silver"
        await club.skip(days=7)
        assert await held(club, "bartek") == "gold"
        first, second = (await news(club))["bartek"]
        assert "Silver" in first
        assert "Gold" in second


async def test_a_rolling_year_ends_after_two_warnings_one_step_at_a_time(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled) as club:
        for name, amount in (("ania", 1200), ("bartek", 150), ("celina", 150)):
            await club.say("kasia", f"/purchase @{name} {amount}")
        assert set(await news(club)) == {"ania", "bartek", "celina"}
        await at(club, 2027, 2, 20, 12)
        await club.say("kasia", "/purchase @bartek 80")
        assert await news(club) == {}
        await at(club, 2027, 3, 2, 9)
        told = await news(club)
        assert told["ania"] == [
            "Platinum is yours until the end of 31 March 2027. "
            "To keep it after that, collect 1,000 status points more by then. Otherwise you continue with Gold."
        ]
        assert told["bartek"] == [
            "Silver is yours until the end of 31 March 2027. "
            "To keep it after that, collect 20 status points more by then."
        ]
        await club.say("kasia", "/purchase @bartek 25")
        await club.say("celina", "/leave")
        await club.press("celina", "Yes, leave")
        await at(club, 2027, 3, 25, 9)
        assert set(await news(club)) == {"ania"}
        await at(club, 2027, 3, 31, 21, 59)
        assert [await held(club, name) for name in ("ania", "bartek", "celina")] == ["platinum", "silver", "silver"]
        await at(club, 2027, 3, 31, 22)
        assert [await held(club, name) for name in ("ania", "bartek", "celina")] == ["gold", "silver", None]
        assert await news(club) == {
            "ania": ["Platinum has ended. You have Gold now, until the end of 31 March 2028. "
                     "/tier shows what is missing for the next one."],
            "bartek": ["You keep Silver: it is yours until the end of 31 March 2028. Thank you!"],
        }  # fmt: skip
        await at(club, 2028, 3, 25, 9)
        await at(club, 2028, 4, 1)
        assert [await held(club, name) for name in ("ania", "bartek")] == ["silver", None]
    assert await _told_of_the_end(copy_of_settled) == "Silver has ended. /tier shows what is missing for the next one."


async def _told_of_the_end(where: Address) -> str:
    async with opened(where, begin=datetime(2028, 4, 1, tzinfo=UTC)) as club:
        return (await news(club))["bartek"][-1]


async def test_by_the_calendar_a_tier_is_held_to_the_end_of_the_next_year(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled, rules={"period": "calendar_year", "warn_days_before_end": [7]}) as club:
        await club.say("kasia", "/purchase @ania 120")
        assert "yours until the end of 31 December 2027" in (await news(club))["ania"][0]
        assert "120/300 status points since 1 January 2026" in await club.say("ania", "/tier")
        await at(club, 2027, 1, 5)
        assert "Next: Gold\n▱▱▱▱▱▱▱▱▱▱ 0/300 status points since 1 January 2027" in await club.say("ania", "/tier")
        await club.say("kasia", "/purchase @ania 100 R2")
        assert "What keeps it after that is collected already." in await club.say("ania", "/tier")
        await club.say("kasia", "/refund R2 30")
        assert "▰▰▰▰▰▰▰▱▱▱ 70/100 status points, counted from 1 January 2027" in await club.say("ania", "/tier")
        await at(club, 2027, 12, 25, 9)
        [warned] = (await news(club))["ania"]
        assert "until the end of 31 December 2027. To keep it after that, collect 30 status points more" in warned
        await at(club, 2027, 12, 31, 23)
        assert "Silver has ended. /tier shows" in (await news(club))["ania"][0]
        assert await held(club, "ania") is None


async def test_other_rules_move_nobody_down_before_the_end_and_some_up_soon(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled) as club:
        await club.say("kasia", "/purchase @ania 350")
        await club.say("kasia", "/purchase @bartek 150")
        await news(club)
    dearer = [tier("silver", 1000), tier("platinum", 160, 3), tier("gold", 2000, 1.5)]
    async with opened(copy_of_settled, dearer, datetime(2026, 4, 1, 12, tzinfo=UTC)) as club:
        await club.skip(minutes=10)
        assert [await held(club, name) for name in ("ania", "bartek", "celina")] == ["gold", "silver", None]
        assert await news(club) == {}
        shown = await club.say("ania", "/tier")
        kept = "▱▱▱▱▱▱▱▱▱▱ 0/2,000 status points, counted from 1 April 2026"
        assert f"To keep it after that, collect 2,000 status points more by then.\n{kept}\n\n" in shown
        assert shown.endswith("It is the highest tier.")
    # Gold is not offered any more, but what it gives is theirs for its time.
    async with opened(copy_of_settled, [tier("platinum", 140, 3)], datetime(2026, 5, 1, 12, tzinfo=UTC)) as club:
        await club.skip(minutes=10)
        assert [await held(club, name) for name in ("ania", "bartek")] == ["gold", "platinum"]
        [told] = (await news(club))["bartek"]
        assert "You have reached Platinum! From now on you get × 3 points" in told
        shown = await club.say("ania", "/tier")
        assert shown.startswith("Gold\nPoints for purchases: × 1.5\nA coffee on your birthday\nYours until")
        assert shown.endswith("It is not offered any more after that.\n\nIt is the highest tier.")
        await club.say("kasia", "/purchase @ania 11")
        assert (await balances(club, "ania")).points == 350 + 16
        await at(club, 2027, 3, 25, 9)
        [warned] = (await news(club))["ania"]
        assert warned.endswith("It is not offered any more after that. You continue with Platinum.")
        await at(club, 2027, 3, 31, 22)
        assert await held(club, "ania") == "platinum"
    # Without any tiers there are none, whoever held which.
    async with opened(copy_of_settled, [], datetime(2027, 5, 1, 12, tzinfo=UTC)) as club:
        assert await held(club, "ania") is None
        assert await club.say("ania", "/tier") == "There are no tiers here."
        assert "Tier:" not in await club.say("ania", "/balance")


async def test_who_was_not_warned_in_time_is_warned_before_anything_ends(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled) as club:
        await club.say("kasia", "/purchase @ania 120")
        await club.say("kasia", "/purchase @bartek 120")
        await at(club, 2026, 4, 5)
        await club.say("kasia", "/purchase @bartek 110")
        await news(club)
        # The bot was away from before the warnings until after the end.
        await at(club, 2027, 5, 28, 12)
        assert await news(club) == {
            "ania": ["Silver is yours until the end of 30 June 2027. "
                     "To keep it after that, collect 100 status points more by then."],
            "bartek": ["You keep Silver: it is yours until the end of 31 March 2028. Thank you!"],
        }  # fmt: skip
        await at(club, 2027, 6, 30, 21, 59)
        assert await held(club, "ania") == "silver"
        await at(club, 2027, 6, 30, 22)
        assert await held(club, "ania") is None


async def test_a_warning_that_comes_after_the_end_is_none(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled) as club:
        await club.say("kasia", "/purchase @ania 120")
        await at(club, 2027, 3, 1, 12)
        await news(club)
        # The bot was away from the day before the warnings until some minutes after the end.
        await at(club, 2027, 3, 31, 22, 30)
        assert await news(club) == {
            "ania": ["Silver is yours until the end of 30 April 2027. "
                     "To keep it after that, collect 100 status points more by then."],
        }  # fmt: skip


async def test_a_club_that_begins_with_tiers_counts_what_was_collected_before(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled, []) as club:
        for _ in range(3):
            await club.chat("ania", "bartek")
            await club.skip(seconds=61)
        await club.say("kasia", "/purchase @ania 20")
        await club.say("kasia", "/purchase @celina 40")
        await news(club)
    async with opened(copy_of_settled, [tier("silver", 35)], datetime(2026, 3, 20, 12, tzinfo=UTC)) as club:
        await club.skip(minutes=10)
        assert [await held(club, name) for name in ("ania", "bartek", "celina")] == ["silver", None, "silver"]
        assert {name: len(told) for name, told in (await news(club)).items()} == {"ania": 1, "celina": 1}
        ran = await count(club, "job_run")
        await club.skip(minutes=55)
        assert await count(club, "job_run") == ran


async def test_who_holds_a_tier_gets_the_link_of_their_platform_and_nobody_else(empty: Address) -> None:
    silver = tier("silver", 10, telegram_invite="https://t.me/+a_b", discord_invite="https://discord.gg/x")
    async with opened(empty, [silver]) as club:
        await club.join("olek")
        telegram = Person(Identity("telegram", "5"), "Tomek", username="tomek")
        private = Place("telegram", "5")

        async def says(text: str) -> Reply:
            head, *words = text.split()
            about: dict[str, Any] = {
                "event_id": club.next_id(),
                "at": club.clock.now,
                "place": private,
                "person": telegram,
            }
            return (await club.app.handle(Command(name=head, words=tuple(words), **about)))[0]

        token = (await says("start")).buttons[0][0].token
        press = ButtonPressed(event_id=club.next_id(), at=club.clock.now, place=private, person=telegram, token=token)
        await club.app.handle(press)
        assert "t.me" not in str(await says("tier"))
        card = (await says("card")).fields["card"]
        await club.say("olek", f"/purchase {str(card).replace(' ', '')} 10")
        assert "https://t.me/+a_b" in str(await says("tier"))
        [waiting] = [
            post
            for post in await club.database.write(lambda tx: tx.outbox.claim("telegram", 10))
            if post.reply.template == "tier_reached"
        ]
        html, markdown = (club.renderer.render(waiting.reply, markup) for markup in (TelegramHtml(), DiscordMarkdown()))
        assert "\nIts own group: https://t.me/+a_b\n" in html.text
        assert "\nIts own group: <https://t.me/+a_b>\n" in markdown.text


async def test_many_members_are_looked_at_in_parts(copy_of_settled: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handlers.tiers.periods._AT_ONCE", 2)
    monkeypatch.setattr("handlers.tiers.periods._ENTRIES_AT_ONCE", 2)
    async with opened(copy_of_settled, []) as club:
        await club.chat("ania", "bartek", "celina", "darek", "marta")
    async with opened(copy_of_settled, [tier("silver", 5)], datetime(2026, 3, 17, tzinfo=UTC)) as club:
        await club.skip(minutes=20)
        assert len(await news(club)) == 5
        await at(club, 2027, 3, 25, 9)
        assert len(await news(club)) == 5
        await at(club, 2027, 4, 1)
        assert await count(club, "tier_held") == 0
        assert all(told[-1].startswith("Silver has ended") for told in (await news(club)).values())


async def test_who_has_left_climbs_no_more_and_who_is_erased_holds_nothing(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled, [tier("silver", 50)]) as club:
        await club.say("kasia", "/purchase @ania 60 R1")
        await club.chat(*["bartek"])
        for name in ("ania", "bartek"):
            await club.say(name, "/leave")
            await club.press(name, "Yes, leave")
        assert await held(club, "ania") == "silver"
        await club.join("ania", "bartek")
        assert await held(club, "bartek") is None
        assert (await club.say("ania", "/tier")).startswith("Silver")
        ania = (await member(club, "ania")).id
        await club.database.write(lambda tx: erase(ania, tx.now, tx))
        await club.say("kasia", "/refund R1 5")
        await club.skip(minutes=10)
        assert await count(club, "tier_held") == 0


async def test_tiers_end_at_midnight_of_the_programmes_clock_and_once(copy_of_settled: Address) -> None:
    async with opened(copy_of_settled, rules={"warn_days_before_end": []}) as club:
        await club.say("kasia", "/purchase @ania 120")
        await at(club, 2027, 3, 31, 21, 59)
        assert await held(club, "ania") == "silver"
        await at(club, 2027, 3, 31, 22)
        assert await held(club, "ania") is None
        await at(club, 2027, 3, 31, 22)
        assert [text[:8] for text in (await news(club))["ania"]] == ["You have", "Silver h"]
