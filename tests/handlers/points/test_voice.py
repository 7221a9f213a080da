"""Time in voice channels: status for whole intervals, each once, so many a day, for members in set-up groups."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.config.earning import VoiceRule
from bot.earning.voice import interval_at
from bot.events import Person, SpaceRef, VoicePresent
from handlers.operating.letters import Outcome
from storage.verify import verify
from tests.club import PLATFORM, SPACE, Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import balances, count, member, rows
from tests.handlers.operating.test_letters import AWARDS, defect, only_letter

EVERY = timedelta(minutes=10)
OTHER = SpaceRef(PLATFORM, "inny", "Inny")
TIER = {"id": "silver", "name": {"en": "Silver", "pl": "Srebrny"}, "threshold": 9}


def of_voice(**rule: Any) -> dict[str, Any]:
    return {"voice": {"status": 3} | rule}


def looked(club: Club, *names: str | Person, space: SpaceRef | None = SPACE, **about: Any) -> VoicePresent:
    """Return what an adapter tells after a look at the voice channels."""
    people = tuple(name if isinstance(name, Person) else club.person(name) for name in names)
    about.setdefault("event_id", club.next_id())
    about.setdefault("at", club.clock.now)
    return VoicePresent(place=club.place("voice", space), people=people, **about)


async def status(club: Club, name: str) -> int:
    return (await balances(club, name)).status


async def test_each_interval_earns_once_however_often_it_is_told(copy_of_settled: Address) -> None:
    async with open_club(copy_of_settled, config(earning=of_voice()), inline=True) as club:
        event = looked(club, "ania", "marta")
        await club.app.handle(event)
        await club.app.handle(event)
        await club.app.handle(looked(club, "ania", at=club.clock.now + EVERY - timedelta(seconds=1)))
        assert (await status(club, "ania"), await status(club, "marta")) == (3, 3)
        club.clock.now += EVERY
        await club.app.handle(looked(club, "ania"))
        assert (await status(club, "ania"), await status(club, "marta")) == (6, 3)
        assert (await balances(club, "ania")).points == 0
        ania = (await member(club, "ania")).holder_id
        sources = await rows(club, "SELECT source FROM entry WHERE reason = 'voice' AND holder_id = ?", ania)
        first = interval_at(event.at, VoiceRule())
        assert sorted(sources) == [(f"voice:10:{one}:{ania}:1",) for one in (first, first + 1)]
    assert verify(copy_of_settled).problems == []


async def test_it_is_shown_where_status_is_shown(copy_of_settled: Address) -> None:
    settings = config(earning=of_voice(), tier=[TIER])
    async with open_club(copy_of_settled, settings, inline=True) as club:
        for _ in range(3):
            await club.app.handle(looked(club, "ania"))
            club.clock.now += EVERY
        assert "1. Ania  9" in await club.say("bartek", "/leaderboard", SPACE)
        assert "time in a voice channel, +3 status points" in await club.say("ania", "/history")
        number = (await rows(club, "SELECT max(id) FROM entry WHERE reason = 'voice'"))[0][0]
        why = await club.say("ania", f"/why {number}")
        assert "In Klub" in why
        assert "3 status points for every 10 minutes in a voice channel, at most 12 times a day" in why
        assert any("Silver" in post for post in await club.posts() if post.startswith("ania"))
        await club.say("ania", "/language pl")
        assert "czas na kanale głosowym, +3 punkty statusu" in await club.say("ania", "/history")
        assert "3 punkty statusu co 10 minut na kanale głosowym, dziennie najwyżej 12 razy" in await club.say(
            "ania", f"/why {number}"
        )


@pytest.mark.parametrize(
    ("language", "least", "said"),
    [
        ("en", 2, "brings 3 status points for every 10 minutes, at most 12 times a day, with your microphone and sound"
            " on, where at least 2 people have them on."),
        ("en", 1, "at most 12 times a day, with your microphone and sound on."),
        ("pl", 5, "daje 3 punkty statusu co 10 minut, dziennie najwyżej 12 razy, przy włączonym mikrofonie i dźwięku,"
            " w gronie co najmniej 5 osób."),
    ],
)  # fmt: skip
async def test_the_rules_say_it(copy_of_settled: Address, language: str, least: int, said: str) -> None:
    async with open_club(copy_of_settled, config(earning=of_voice(least_people=least)), inline=True) as club:
        await club.say("ania", f"/language {language}")
        assert said in await club.say("ania", "/rules")


async def test_nothing_is_said_of_it_and_nothing_earned_while_it_is_off(club: Club) -> None:
    await club.app.handle(looked(club, "ania"))
    assert await status(club, "ania") == 0
    assert "voice" not in await club.say("ania", "/rules")


async def test_a_day_has_so_many_intervals_by_the_clock_of_the_programme(copy_of_settled: Address) -> None:
    async with open_club(copy_of_settled, config(earning=of_voice(daily_cap=4)), inline=True) as club:
        # On 29 March 2026 the clocks in Warsaw leave out the hour from two: the day begins at 23:00 UTC, it has 23.
        club.clock.now = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)
        earned = []
        for _ in range(24 * 6 + 3):
            before = await status(club, "ania")
            await club.app.handle(looked(club, "ania"))
            if await status(club, "ania") > before:
                earned.append(club.clock.now.strftime("%d %H:%M"))
            club.clock.now += EVERY
        assert earned[:7] == ["28 22:30", "28 22:40", "28 22:50", "28 23:00", "28 23:10", "28 23:20", "28 23:30"]
        assert earned[7:] == ["29 22:00", "29 22:10", "29 22:20", "29 22:30"]


async def test_an_hour_that_the_clock_shows_twice_counts_twice(copy_of_settled: Address) -> None:
    async with open_club(copy_of_settled, config(earning=of_voice()), inline=True) as club:
        for minute in (0, 60):
            club.clock.now = datetime(2026, 10, 25, 0, 20, tzinfo=UTC) + timedelta(minutes=minute)
            await club.app.handle(looked(club, "ania"))
        assert await status(club, "ania") == 6


async def test_only_members_in_groups_that_were_set_up_earn_and_of_others_nothing_is_kept(
    copy_of_settled: Address,
) -> None:
    async with open_club(copy_of_settled, config(earning=of_voice()), inline=True) as club:
        await club.app.handle(looked(club, "ania", space=OTHER))
        await club.app.handle(looked(club, "ania", space=None))
        await club.app.handle(looked(club, "zosia", club.person("bartek", is_bot=True)))
        await club.say("celina", "/leave")
        await club.press("celina", "Yes, leave")
        await club.app.handle(looked(club, "celina"))
        await club.app.handle(looked(club, "darek", at=datetime(2026, 1, 1, tzinfo=UTC)))
        assert await rows(club, "SELECT id FROM entry WHERE reason = 'voice'") == []
        assert await rows(club, "SELECT user_id FROM identity WHERE user_id = 'zosia'") == []
        await club.database.write(lambda tx: tx.spaces.retire(1))
        await club.app.handle(looked(club, "ania"))
        assert await status(club, "ania") == 0


async def test_who_is_heard_in_a_group_is_in_it(copy_of_settled: Address) -> None:
    async with open_club(copy_of_settled, config(earning=of_voice()), inline=True) as club:
        await club.set_up(OTHER)
        await club.app.handle(looked(club, club.person("ania", shown_as="Anna"), space=OTHER))
        ania = (await member(club, "ania")).holder_id
        assert len(await rows(club, "SELECT id FROM entry WHERE source = ?", f"join:{ania}:2")) == 2
        assert "Anna" in await club.say("bartek", "/leaderboard", OTHER)
        left_at = club.clock.now + timedelta(minutes=1)
        club.clock.now = left_at
        await club.app.handle(club.presence("ania", is_present=False, space=OTHER))
        await club.app.handle(looked(club, "ania", space=OTHER, at=left_at - timedelta(seconds=30)))
        assert await club.database.read(lambda tx: tx.spaces.absent(2, [ania])) == {ania}


async def test_an_interval_that_was_given_up_is_made_up_for_without_naming_strangers(copy_of_settled: Address) -> None:
    async with open_club(copy_of_settled, config(earning=of_voice()), inline=True) as club:
        event = looked(club, "ania", "zosia")
        with defect(AWARDS):
            await club.app.handle(event)
        letter = await only_letter(club)
        [(kept,)] = await rows(club, "SELECT event FROM dead_letter")
        assert "ania" in kept
        assert "zosia" not in kept
        assert (await club.app.retry(letter)).outcome is Outcome.DONE
        await club.app.handle(event)
        assert await status(club, "ania") == 3
        assert await count(club, "dead_letter") == 0


async def test_another_length_of_intervals_begins_anew(copy_of_settled: Address) -> None:
    for minutes, earned in ((10, 3), (5, 6)):
        async with open_club(copy_of_settled, config(earning=of_voice(every_minutes=minutes)), inline=True) as club:
            await club.app.handle(looked(club, "ania", event_id=f"v{minutes}"))
            assert await status(club, "ania") == earned
