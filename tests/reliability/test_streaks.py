"""Streaks of members who live in many zones and move: how they stand and when they are told, beside plain dates."""

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from handlers.challenges.standing import NOTHING, standings
from storage.transaction import Transaction
from tests.bot.walls import DAY, FAR_ZONES, SIX_ZONES, Move, Reckoned, Wall, days_in_a_row, weeks_in_a_row
from tests.club import Club, config, open_club
from tests.databases import Address
from tests.handlers.challenges.test_challenges import challenge
from tests.handlers.looking import member
from tests.reliability.effort import IS_LONG

_CLUB: Final = "Europe/Warsaw"
_NAMES: Final = ("ania", "bartek", "celina", "darek", "ewa", "filip", "gosia", "hania", "iza")
_SECOND: Final = timedelta(seconds=1)
_HOUR: Final = timedelta(hours=1)
_WEEKS: Final = 7
_WARNED: Final = re.compile(r"(\w+): (Days|Weeks): your streak of (\d+) (?:day|week)s? ends tonight unless")
# Clocks change on 4 (by half an hour) and 25 October and 1 November; on 8 and 29 March and 5 April (by half an hour).
_MONDAYS: Final = (date(2026, 9, 28), date(2026, 3, 2))
Told = tuple[str, str, int]
"""To whom, of the streak of what, and how long it is."""


@dataclass(frozen=True)
class Life:
    """Where somebody lives and when they write. `walls` are their calendars before each move and after the last."""

    name: str
    moves: list[Move]
    walls: list[Wall]
    chats: list[datetime]

    def wall(self, at: datetime) -> Wall:
        """Return their calendar as it is known at an instant."""
        return self.walls[sum(said < at for said, _ in self.moves)]

    def reckoned(self, at: datetime) -> dict[str, Reckoned]:
        """Return how their streaks stand."""
        wall = self.wall(at)
        done, today = {wall.day(chat) for chat in self.chats if chat < at}, wall.day(at)
        return {"Days": days_in_a_row(done, today, wall.short), "Weeks": weeks_in_a_row(done, today)}

    def warned(self, opens_at: datetime, closes_at: datetime) -> Iterator[Told]:
        """Yield what they are told, in the hour of their evening."""
        told = set()
        for number in range(1, (closes_at - opens_at) // _HOUR):
            at = opens_at + number * _HOUR
            wall = self.wall(at)
            if at.astimezone(ZoneInfo(wall.zone(at))).hour != 18:
                continue
            for what, streak in self.reckoned(at).items():
                if streak.breaks_tonight and (what, wall.day(at)) not in told:
                    told.add((what, wall.day(at)))
                    yield self.name, what, streak.now


def lived(name: str, zone: str, opens_at: datetime, closes_at: datetime, draw: random.Random) -> Life:
    """Draw a life: who moves there in the first days, writes on most days, often at their edges, and moves again."""
    minute = timedelta(minutes=1)
    moves: list[Move] = []
    if zone != _CLUB:
        moves.append((opens_at + draw.randrange(72 * 60) * minute + _SECOND, zone))
    elsewhere = draw.choice([one for one in (*SIX_ZONES, *FAR_ZONES) if one != zone])
    moves.append((opens_at + 36 * DAY + draw.randrange(9 * 24 * 60) * minute + _SECOND, elsewhere))
    midnight = datetime.combine(opens_at.date() - 2 * DAY, time(), UTC)
    length = closes_at.date() + 2 * DAY - midnight.date()
    walls = [Wall.of(_CLUB, midnight, length, moves[:known]) for known in range(len(moves) + 1)]
    chats = []
    for _, first, end in walls[-1].parts():
        at = draw.choice((first + 2 * _SECOND, end - 2 * _SECOND, first + draw.randrange(23 * 60) * minute + _SECOND))
        if opens_at < at < min(end, closes_at) and draw.random() < 0.7:
            chats.append(at)
    return Life(name, moves, walls, chats)


async def standing(club: Club, lives: Sequence[Life]) -> dict[tuple[str, str], Reckoned]:
    """Return how the streaks of all stand, by name and title."""
    names = {(await member(club, life.name)).id: life.name for life in lives}

    def looked(tx: Transaction) -> dict[tuple[str, str], Reckoned]:
        found = {}
        for of in tx.challenges.open_rounds():
            stand = standings(of, names, tx)
            for member_id, name in names.items():
                one = stand.get(member_id, NOTHING)
                found[name, of.terms.title["en"]] = Reckoned(one.now, one.reached, one.breaks_tonight)
        return found

    return await club.database.read(looked)


@pytest.mark.slow
# Seven weeks, hour by hour, take a server half a minute: at full length alone.
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"] if IS_LONG else ["sqlite"], indirect=True)
@pytest.mark.parametrize(("monday", "seed"), list(product(_MONDAYS, range(4))) if IS_LONG else [(_MONDAYS[0], 0)])
async def test_streaks_stand_and_are_warned_of_by_the_calendar_on_ones_own_wall(
    monday: date, seed: int, empty: Address
) -> None:
    until = monday + 7 * _WEEKS * DAY
    # Nobody is warned of a goal that is out of reach, so there is time for it after all that is looked at.
    period = {"starts": monday, "ends": until + 14 * _WEEKS * DAY}
    about = {"kind": "streak", "counts": "messages", "repeat": None, "remind": False, **period}
    rounds = [
        challenge(id=every, every=every, goal=most, title={"en": title, "pl": title}, **about)
        for every, title, most in (("day", "Days", 7 * _WEEKS + 1), ("week", "Weeks", _WEEKS + 1))
    ]
    eight = [datetime.combine(day, time(8), ZoneInfo(_CLUB)) for day in (monday, until)]
    opens_at, closes_at = (at.astimezone(UTC) for at in eight)
    draw = random.Random(f"{monday} {seed}")
    zones = (*SIX_ZONES, *FAR_ZONES)
    lives = [lived(name, zone, opens_at, closes_at, draw) for name, zone in zip(_NAMES, zones, strict=True)]
    acts = [(at, life.name, "") for life in lives for at in life.chats]
    acts += [(at, life.name, zone.removeprefix("Etc/")) for life in lives for at, zone in life.moves]
    acts += [(opens_at + number * 7 * DAY + DAY // 2 + _SECOND, "", "") for number in range(_WEEKS)]
    warned: list[Told] = []
    async with open_club(empty, config(challenge=rounds), inline=True, begin=opens_at - DAY) as club:
        await club.join("olek", *_NAMES)
        await club.set_up()
        for at, name, zone in sorted(acts):
            await club.skip(seconds=(at - club.clock.now).total_seconds())
            if zone:
                assert f"Your clock is {zone.replace('_', ' ')}" in await club.say(name, f"/timezone {zone}")
            elif name:
                await club.chat(name)
            else:
                expected = {(life.name, what): one for life in lives for what, one in life.reckoned(at).items()}
                assert await standing(club, lives) == expected
                warned += _told(await club.posts())
        await club.skip(seconds=(closes_at - club.clock.now).total_seconds())
        warned += _told(await club.posts())
    expected_words = Counter(told for life in lives for told in life.warned(opens_at, closes_at))
    assert Counter(warned) == expected_words
    assert len(expected_words) > 50


def _told(posts: Iterable[str]) -> list[Told]:
    found = [_WARNED.match(post) for post in posts]
    return [(one[1], one[2], int(one[3])) for one in found if one]
