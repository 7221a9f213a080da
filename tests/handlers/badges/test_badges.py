"""Badges: by rules and by hand, each once, told once, kept through refunds."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.challenges.badges import anniversary, years_before, years_between
from bot.replies import Picture, Reply
from handlers.badges import scheduled
from handlers.members.erasing import erase
from storage.verify import verify
from tests.club import SPACE, Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import count, member, rows

NAMED = {"en": "A workshop", "pl": "Warsztat"}
SETTINGS = config(
    earning={"action": {"workshop": {"title": NAMED, "points": 5, "limit": 9}}, "purchase": {"daily_cap_count": 99}},
    badge=[
        {"id": "event-goer", "actions": ["workshop"], "goal": 1},
        {"id": "purchases-10", "name": {"en": "Ten!", "pl": "Dziesięć!"}},
        {"id": "purchases-50", "enabled": False},
        {"id": "three", "counts": "purchases", "goal": 3, "name": {"en": "Three", "pl": "Trzy"}},
        {"id": "fan", "name": {"en": "Fan", "pl": "Fan"}, "picture": "heart"},
    ],
)


async def news(club: Club) -> list[str]:
    """Return what was told of badges since the last look."""
    return sorted(post for post in await club.posts() if "badge" in post.lower())


async def test_purchases_and_events_bring_badges_that_a_refund_leaves(copy_of_settled: Address) -> None:
    async with open_club(copy_of_settled, SETTINGS, inline=True) as club:
        club.event_prefix = "b"
        assert "No badges yet" in await club.say("ania", "/badges")
        await club.chat("ania")
        assert "First purchase: ▱▱▱▱▱▱▱▱▱▱ 0/1" in await club.say("ania", "/badges")
        await club.say("kasia", "/purchase @ania 10 R0")
        assert await news(club) == ["ania: A new badge: First purchase. All of yours: /badges"]
        await club.say("kasia", "/refund R0")
        assert (
            await club.say("ania", "/badges open")
            == "Your groups hear of your new badges and tiers and of challenges you have done from now on."
        )
        for number in range(1, 3):
            await club.say("kasia", f"/purchase @ania 10 R{number}")
        assert await news(club) == []
        await club.say("kasia", "/purchase @ania 10 R3")
        assert await news(club) == [
            "#klub: Ania has a new badge: Three.",
            "ania: A new badge: Three. All of yours: /badges",
        ]
        await club.say("kasia", "/action @ania workshop")
        assert [post[:6] for post in await news(club)] == ["#klub:", "ania: "]
        assert (
            await club.say("ania", "/badges private")
            == "Only you hear of your new badges and tiers and of challenges you have done from now on."
        )
        for number in range(4, 11):
            await club.say("kasia", f"/purchase @ania 10 R{number}")
        await club.say("kasia", "/refund R10")
        assert await news(club) == ["ania: A new badge: Ten!. All of yours: /badges"]
        shown = await club.say("ania", "/badges")
        assert "Ten!, 16 March 2026\n" in shown
        assert "100 purchases: ▱▱▱▱▱▱▱▱▱▱ 9/100" in shown
        assert "1 year with us: on 16 March 2027" in shown
        assert "50" not in shown
        replies = await club.app.handle(club.command("ania", "/badges"))
        assert isinstance(replies[0].picture, Picture)
        assert {badge["id"] for badge in replies[0].picture.fields["badges"]} == {  # type: ignore[attr-defined]
            *("first-purchase", "three", "purchases-10", "event-goer")
        }
        await club.say("ania", "/language pl")
        assert "Bywa na wydarzeniach, 16 marca 2026" in await club.say("ania", "/badges")
        ania = await member(club, "ania")
        await club.database.write(lambda tx: erase(ania.id, club.clock.now, tx))
        assert await rows(club, "SELECT COUNT(*) FROM badge_held WHERE member_id = ?", ania.id) == [(0,)]
    assert verify(copy_of_settled).problems == []


async def test_moderators_give_and_take_badges_by_hand(copy_of_settled: Address) -> None:
    async with open_club(copy_of_settled, SETTINGS, inline=True) as club:
        club.event_prefix = "b"
        assert "moderator" in await club.say("kasia", "/badge give @ania fan")
        assert await count(club, "badge_held") == 0
        assert "yourself" in await club.say("marta", "/badge give @marta fan")
        assert "I know no badge goose" in await club.say("marta", "/badge give @ania goose")
        assert "I know no badge year" in await club.say("marta", "/badge give @ania year")
        command = club.command("marta", "/badge give @ania FAN", SPACE, event_id="again")
        for _ in range(2):
            said = await club.app.handle(command)
            assert club.show("marta", said) == "Ania now has the badge Fan."
        assert "has the badge Fan already" in await club.say("marta", "/badge give @ania fan")
        assert await news(club) == ["ania: A new badge: Fan. All of yours: /badges"]
        await club.say("marta", "/badge give @ania first-purchase")
        await club.say("kasia", "/purchase @ania 10 R1")
        assert len(await news(club)) == 1
        assert "has no badge three" in await club.say("marta", "/badge take @ania three")
        assert "does not come back" in await club.say("marta", "/badge take @ania first-purchase")
        assert await news(club) == [
            "ania: A moderator took back your badge First purchase. If you think that is a mistake, ask in the club."
        ]
        await club.say("kasia", "/purchase @ania 10 R2")
        assert await news(club) == []
        assert "First purchase" not in await club.say("ania", "/badges")
        await club.say("marta", "/badge give @ania first-purchase")
        assert await news(club) == ["ania: A new badge: First purchase. All of yours: /badges"]
        suggested = await club.app.complete("badge", "badge", "ten", club.person("marta").identity)
        assert suggested == []
        assert ("fan", "fan") in await club.app.complete("badge", "badge", "f", club.person("marta").identity)


async def test_the_badge_for_events_is_there_though_no_action_brings_it(club: Club) -> None:
    assert "Event goer" in await club.say("ania", "/badges")
    assert await club.say("marta", "/badge give @ania event-goer") == "Ania now has the badge Event goer."


async def test_years_and_first_places_are_awarded_by_the_calendar_once(copy_of_settled: Address) -> None:
    # Only what happens on the way counts: the week's board, then the anniversaries over a year that has a 29 February.
    async with open_club(copy_of_settled, SETTINGS, inline=True) as club:
        club.event_prefix = "b"
        await club.chat("ania", "bartek", "marta")
        await club.say("celina", "/leaderboard hide")
        await club.chat("celina")
        await club.skip(days=7)
        assert await news(club) == [
            f"{name}: A new badge: First place of a week. All of yours: /badges" for name in ("ania", "bartek")
        ]
        await club.chat("ania", "bartek")
        await club.skip(days=7)
        assert await news(club) == []
        await club.say("darek", "/leave")
        await club.press("darek", "Yes, leave")
        club.clock.now = datetime(2027, 3, 15, 7, 30, tzinfo=UTC)
        await club.app.run_due()
        assert await news(club) == []
        club.clock.now = datetime(2027, 3, 16, 9, 30, tzinfo=UTC)
        await club.app.run_due()
        told = await news(club)
        assert len(told) == 6
        assert "ania: A new badge: 1 year with us. All of yours: /badges" in told
        club.clock.now = datetime(2028, 3, 20, 9, 30, tzinfo=UTC)
        await club.app.run_due()
        assert "ania: A new badge: 2 years with us. All of yours: /badges" in await news(club)
        shown = await club.say("ania", "/badges")
        assert "2 years with us, 20 March 2028" in shown
        assert "3 years with us: on 16 March 2029" in shown
        assert "1 year" not in shown
        # What was taken by mistake is given back by hand, as the rule gives it no more.
        await club.say("marta", "/badge take @ania year")
        assert "years with us," not in await club.say("ania", "/badges")
        assert await club.say("marta", "/badge give @ania year") == "Ania now has the badge 2 years with us."
        assert "already" in await club.say("marta", "/badge give @ania year")
        assert "2 years with us, 20 March 2028" in await club.say("ania", "/badges")


async def test_all_who_share_a_first_place_get_its_badge(
    copy_of_settled: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Boards have ten lines; so many more are as good, by status and among the helpers."""
    monkeypatch.setattr(scheduled, "_FIRST_AT_ONCE", 3)
    names = [f"guest{number:02}" for number in range(18)]
    async with open_club(copy_of_settled, config(), inline=True) as club:
        club.event_prefix = "b"
        await club.join(*names, space=SPACE)
        await club.chat(*names)
        for number in range(12):
            await club.say(["ania", "bartek", "celina", "darek"][number % 4], f"/thanks @{names[number]}", SPACE)
        await club.skip(days=7)
        told = await news(club)
        first = [name for name in names if any(one.startswith(f"{name}: ") and "First place" in one for one in told)]
        helpers = [name for name in names if any(one.startswith(f"{name}: ") and "Helper of" in one for one in told)]
        assert (first, helpers) == (names[:12], names[:12])
        assert len(told) == 24


async def test_thanks_and_seasons_bring_badges(copy_of_settled: Address) -> None:
    kind = {"id": "kind", "counts": "thanks", "goal": 2, "name": {"en": "Kind", "pl": "Na pomoc"}}
    spring = {"id": "spring", "title": NAMED, "starts": "2026-03-16", "ends": "2026-03-25"}
    async with open_club(copy_of_settled, config(badge=[kind], season=[spring]), inline=True) as club:
        club.event_prefix = "b"
        said = await club.say("bartek", "/badges")
        assert "Helper: ▱▱▱▱▱▱▱▱▱▱ 0/10" in said
        assert "On the podium of a season: be among the first three" in said
        await club.say("ania", "/thanks @bartek", SPACE)
        await club.say("ania", "/thanks @darek", SPACE)
        assert await news(club) == []
        await club.say("celina", "/thanks @bartek", SPACE)
        assert await news(club) == ["bartek: A new badge: Kind. All of yours: /badges"]
        assert "Helper: ▰▰▱▱▱▱▱▱▱▱ 2/10" in await club.say("bartek", "/badges")
        await club.chat("ania", "celina", "kasia", "marta")
        await club.skip(days=7)
        told = await news(club)
        assert "bartek: A new badge: Helper of a week. All of yours: /badges" in told
        assert sum("Helper of a week" in one for one in told) == 1
        await club.chat("ania")
        await club.skip(days=3, hours=3)
        told = await news(club)
        assert sum("Part of a season" in one for one in told) == 4
        # Bartek, Darek and Ania; Celina came after them, and staff stands on no board.
        assert sum("On the podium of a season" in one for one in told) == 3
        assert not any(name in one for one in told for name in ("kasia", "marta"))
        await club.skip(days=20)
        assert not any("season" in one for one in await news(club))


async def test_days_in_a_row_messages_and_reactions_bring_badges_the_morning_after(copy_of_settled: Address) -> None:
    goals = {"streak": 3, "messages": 4, "reactions": 1}
    own = [
        {"id": counts, "counts": counts, "goal": goal, "name": {"en": counts.title(), "pl": counts.title()}}
        for counts, goal in goals.items()
    ]
    async with open_club(copy_of_settled, config(badge=own), inline=True) as club:
        club.event_prefix = "b"
        for _ in range(2):
            await club.chat("ania", "bartek")
            await club.skip(days=1)
        said = await club.say("ania", "/badges")
        assert "Streak: ▰▰▰▰▰▰▱▱▱▱ 2/3" in said
        assert "Messages: ▰▰▰▰▰▱▱▱▱▱ 2/4" in said
        assert "Reactions: ▱▱▱▱▱▱▱▱▱▱ 0/1" in said
        await club.chat("ania")
        story, back = club.message("bartek"), club.message("celina")
        await club.app.take_part([story, club.reaction("ania", story, added=frozenset("👍"))])
        await club.app.take_part([back, club.reaction("ania", back, added=frozenset("👍"))])
        await club.skip(minutes=5)
        await club.app.take_part([club.reaction("ania", back, removed=frozenset("👍"))])
        assert await news(club) == []
        await club.skip(days=1)
        assert [one for one in await news(club) if "week" not in one] == [
            "ania: A new badge: Streak. All of yours: /badges",
            "bartek: New badges: Streak, Reactions. All of yours: /badges",
        ]
        # Nothing more comes of a day without; and of one with no more than the day before, nothing twice.
        await club.skip(days=1)
        await club.chat("ania")
        await club.skip(days=1)
        assert [one for one in await news(club) if "week" not in one] == [
            "ania: A new badge: Messages. All of yours: /badges"
        ]
    assert verify(copy_of_settled).problems == []


async def test_who_was_active_is_looked_at_some_at_a_time(
    copy_of_settled: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduled, "_ACTIVE_AT_ONCE", 2)
    monkeypatch.setattr(scheduled, "_AT_ONCE", 3)
    own = {"id": "word", "counts": "messages", "name": {"en": "A word", "pl": "Słowo"}}
    async with open_club(copy_of_settled, config(badge=[own]), inline=True) as club:
        club.event_prefix = "b"
        names = ["ania", "bartek", "celina", "darek", "kasia", "marta", "olek"]
        await club.chat(*names)
        await club.skip(days=1)
        told = [one for one in await news(club) if "A word" in one]
        assert told == [f"{name}: A new badge: A word. All of yours: /badges" for name in names]


async def test_friends_brought_along_bring_a_badge(copy_of_settled: Address) -> None:
    own = {"id": "friends", "counts": "friends", "name": {"en": "A friend", "pl": "Nowa osoba"}}
    async with open_club(copy_of_settled, config(badge=[own]), inline=True) as club:
        club.event_prefix = "b"
        assert "A friend: ▱▱▱▱▱▱▱▱▱▱ 0/1" in await club.say("ania", "/badges")
        code = (await club.say("ania", "/invite")).split("/start ")[1].split()[0]
        await club.say("zosia", f"/start {code}")
        await club.press("zosia", "Accept and join")
        await club.skip(days=1)
        assert await news(club) == []
        await club.say("kasia", "/purchase @zosia 10 R1")
        await news(club)
        await club.skip(days=1)
        assert await news(club) == ["ania: A new badge: A friend. All of yours: /badges"]


async def test_badges_of_a_streak_come_though_the_bot_was_off(copy_of_settled: Address) -> None:
    own = {"id": "row", "counts": "streak", "goal": 2, "name": {"en": "In a row", "pl": "Seria"}}
    async with open_club(copy_of_settled, config(badge=[own]), inline=True) as club:
        club.event_prefix = "b"
        await club.chat("ania", "bartek")
        await club.skip(days=1)
        await club.chat("ania")
        club.clock.now += timedelta(days=5)
        for _ in range(3):
            await club.app.run_due()
        assert [one for one in await news(club) if "week" not in one] == [
            "ania: A new badge: In a row. All of yours: /badges"
        ]


async def test_what_cannot_be_had_for_lack_of_a_rule_is_not_shown(copy_of_settled: Address) -> None:
    own = [
        {"id": counts, "counts": counts, "name": {"en": counts.title(), "pl": counts.title()}}
        for counts in ("messages", "reactions", "friends")
    ]
    for status, is_shown in ((0, False), (5, True)):
        earning = {"message": {"status": status}, "reaction": {"status": status}, "referral": {"enabled": is_shown}}
        async with open_club(copy_of_settled, config(badge=own, earning=earning), inline=True) as club:
            club.event_prefix = f"b{status}"
            said = await club.say("ania", "/badges")
            assert [word in said for word in ("Messages", "Reactions", "Friends")] == [is_shown] * 3


async def test_a_card_shows_what_its_owner_lets_others_see(copy_of_settled: Address) -> None:
    async with open_club(copy_of_settled, SETTINGS, inline=True) as club:
        club.event_prefix = "b"

        async def card(reader: str, text: str = "/profile") -> Reply:
            (answer,) = await club.app.handle(club.command(reader, text, SPACE))
            return answer

        await club.chat("ania", "bartek")
        await club.say("kasia", "/purchase @ania 10 R1")
        for _ in range(3):
            await club.skip(days=1)
            await club.chat("ania")
        mine = await card("ania")
        assert mine.visibility == "public"
        assert mine.picture is not None
        assert (mine.fields["place"], mine.fields["streak"], mine.fields["unit"]) == (1, 4, "days")
        assert [badge["id"] for badge in mine.fields["badges"]] == ["first-purchase"]  # type: ignore[attr-defined]
        assert "Active in a row: 4 days" in club.show("ania", [mine])
        assert (await card("bartek", "/profile @ania")).fields["badges"] == []
        await club.say("ania", "/badges open")
        assert len((await card("bartek", "/profile @ania")).fields["badges"]) == 1  # type: ignore[arg-type]
        await club.say("ania", "/leaderboard hide")
        assert (await card("ania")).visibility == "private"
        assert (await club.say("ania", "/badges open")).endswith("/leaderboard show brings you back there.")
        hidden = await card("bartek", "/profile @ania")
        assert hidden.template == "profile_hidden"
        assert (await card("marta")).fields["place"] is None
        assert "No badges yet. The first to come: First purchase" in await club.say("marta", "/profile")
        await club.say("marta", "/language pl")
        assert "Jeszcze bez odznak. Pierwsza do zdobycia: Pierwszy zakup" in await club.say("marta", "/profile")
        assert "badges" not in await club.say("bartek", "/profile @celina")
        await club.skip(days=1)
        assert (await card("ania")).fields["streak"] == 4
        for _ in range(8):
            club.clock.now += timedelta(days=7)
            await club.chat("bartek")
        longest = await card("bartek")
        assert (longest.fields["streak"], longest.fields["unit"]) == (9, "weeks")


async def test_a_streak_is_read_as_far_back_as_it_goes(copy_of_settled: Address) -> None:
    async with open_club(copy_of_settled, SETTINGS, inline=True) as club:
        club.event_prefix = "b"
        for _ in range(30):
            for _ in range(10):
                await club.chat("ania")
                club.clock.now += timedelta(minutes=2)
            club.clock.now += timedelta(days=1) - timedelta(minutes=20)
        assert "Active in a row: 30 days" in await club.say("ania", "/profile")


def test_a_leap_day_has_its_anniversary_on_the_first_of_march() -> None:
    leap = date(2024, 2, 29)
    for day, years in ((date(2025, 2, 28), 0), (date(2025, 3, 1), 1), (date(2028, 2, 28), 3), (date(2028, 2, 29), 4)):
        assert years_between(leap, day) == years
        assert [leap <= years_before(day, number) for number in range(1, 6)] == [
            years >= number for number in range(1, 6)
        ]
    assert anniversary(leap, 1) == date(2025, 3, 1)
    assert anniversary(leap, 4) == date(2028, 2, 29)


async def test_a_badge_that_is_new_in_the_config_comes_with_a_purchase_and_not_with_a_refund(
    copy_of_settled: Address,
) -> None:
    async with open_club(copy_of_settled, inline=True) as club:
        club.event_prefix = "before"
        for number in range(3):
            await club.say("kasia", f"/purchase @ania 10 R{number}")
        await club.posts()
    async with open_club(copy_of_settled, SETTINGS, inline=True) as club:
        club.event_prefix = "after"
        await club.say("kasia", "/refund R0 1")
        assert await news(club) == []
        await club.say("kasia", "/purchase @ania 10 R4")
        assert await news(club) == ["ania: A new badge: Three. All of yours: /badges"]
