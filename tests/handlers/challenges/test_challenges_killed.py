"""The process is killed between any two steps of what challenges have to do; the next one goes on from there."""

from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest

from bot.earning.versions import RuleBook
from bot.errors import TryLater
from handlers import scheduler
from handlers.challenges import celebrating, reminding, rounds
from handlers.duels import settling
from handlers.timetable import build_jobs
from storage.engine.database import Database
from storage.engine.group_commit import Work
from tests.club import SPACE, Club, config, open_club
from tests.databases import Address, CopyOf, problems_of
from tests.handlers.challenges.test_challenges import SUNDAY, challenge
from tests.handlers.looking import rows
from tests.handlers.quizzes.test_quizzes import question, quiz

T = TypeVar("T")
_KEYS = " OR ".join(f"post_key LIKE '{kind}%'" for kind in ("challenge", "contest", "duel", "quiz"))
_POSTS = f"SELECT post_key FROM outbox WHERE {_KEYS} ORDER BY post_key"
_ENTRIES = "SELECT source, points FROM entry WHERE reason IN ('challenge', 'duel') ORDER BY source, leg"
# Two minutes after the chat, the reminders of the eve, also of duels, of which some were not answered, the warning in
# the evening (the clock is put forward in the night between), the close, and the first warning of the next week, when
# duels are over.
INSTANTS = [
    datetime(2026, 3, 28, 12, 2, tzinfo=UTC),
    datetime(2026, 3, 29, 8, 0, tzinfo=UTC),
    datetime(2026, 3, 29, 16, 0, tzinfo=UTC),
    datetime(2026, 3, 30, 6, 0, tzinfo=UTC),
    datetime(2026, 4, 2, 8, 0, tzinfo=UTC),
]
_OF_DUELS = ("duel_reminder", "duel_off")
SETTINGS = config(
    challenge=[
        challenge(goal=1, counts="messages"),
        challenge(id="next", goal=1, after="hello", points=7),
        challenge(id="best", goal=1, counts="messages", reward="best", best=1, points=9),
        challenge(id="streak", goal=6, kind="streak", counts="messages"),
        quiz(*map(question, range(9)), daily=True, goal=1),
        challenge(id="first", goal=5, counts="messages", reward="first", best=1, points=3),
        challenge(
            **{"id": "stories", "goal": 1, "counts": "votes", "reward": "best", "best": 1, "points": 4},
            entries=10,
            space="console:klub",
        ),
        challenge(id="all", goal=100, counts="messages", together=True),
        quiz(*map(question, range(2)), id="tea"),
    ],
    duels={"days": 2, "counts": ["messages"]},
    earning={"join": {"points": 0, "status": 0}},
)


class Mortal:
    """A database whose process dies after so many transactions."""

    def __init__(self, database: Database, lives: int) -> None:
        self._database = database
        self._lives = lives

    async def write(self, work: Work[T]) -> T:
        if not self._lives:
            raise TryLater
        self._lives -= 1
        return await self._database.write(work)

    async def read(self, work: Work[T]) -> T:
        return await self._database.read(work)

    async def close(self) -> None:
        return None


async def before(where: Address) -> None:
    """Make a club on a Saturday: four members wrote every day but this one, on which only three did."""
    async with open_club(where, SETTINGS, inline=True, begin=SUNDAY) as club:
        await club.join("olek", "ania", "bartek", "celina", "darek")
        await club.set_up(SPACE)
        await club.skip(days=1)
        for names in (("ania", "bartek", "celina", "darek"),) * 3 + (("ania",), ("ania", "bartek")):
            await club.chat(*names)
            if len(names) < 4:
                await _challenge(club, *names)
            await club.skip(days=1)
        story = club.message("darek")
        await club.app.take_part([story, club.reaction("ania", story, added=frozenset("👍"))])
        club.clock.now = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
        await club.app.run_due()
        await club.chat("ania", "celina")
        await club.posts()
        for name in ("ania", "bartek"):
            await club.press(name, "", SPACE, token=await _right_answer(club))


async def _challenge(club: Club, *names: str) -> None:
    """Let somebody begin a duel, or two of them also challenge others who do not answer."""
    for other in ("celina", "darek")[: len(names)]:
        await club.say(names[-1], f"/duel @{other}")
        await club.posts()
        if len(names) == 1 or other == "celina":
            await club.press(other, "Accept")
    if len(names) == 2:
        await club.say("celina", "/duel @darek")
        await club.posts()
        await club.press("darek", "Accept")
        await club.say("darek", "/duel @ania")


async def _right_answer(club: Club) -> str:
    """Return the token of the button under the last question that answers it rightly."""
    newest = "SELECT token, data FROM button WHERE action = 'quiz.answer' ORDER BY expires_at DESC LIMIT 2"
    token: str = next(token for token, data in await rows(club, newest) if '"answer":0' in data)
    return token


async def what_it_comes_to(where: Address, at: int, lives: int) -> tuple[list[Any], bool]:
    """Let the process of one instant die after so many transactions; return what there is in the end, and if it did."""
    async with open_club(where, SETTINGS, inline=True, begin=INSTANTS[0]) as club:
        club.event_prefix = "later"
        did_die = False
        for number, instant in enumerate(INSTANTS):
            club.clock.now = instant
            if number == at:
                did_die = await _dies(club, lives)
            await club.app.run_due()
        posts = await rows(club, _POSTS)
        entries = await rows(club, _ENTRIES)
    assert problems_of(where) == []
    return [posts, entries], did_die


async def _dies(club: Club, lives: int) -> bool:
    jobs = [job for job in build_jobs(SETTINGS) if _is_of_challenges(job.name)]
    try:
        await scheduler.run_due(Mortal(club.database, lives), jobs, SETTINGS, RuleBook.of(SETTINGS))
    except TryLater:
        return True
    return False


def _is_of_challenges(job: str) -> bool:
    return job.startswith("challenge:") or job in (
        "celebrate",
        "close_rounds",
        "remind_of_challenges",
        "warn_of_streaks",
        "settle_duels",
        "lapse_duels",
        "ask_questions",
    )


async def test_nothing_is_lost_or_doubled_wherever_it_dies(copy_of: CopyOf, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (celebrating, reminding, rounds, settling):
        # Parts are tiny.
        monkeypatch.setattr(module, "_AT_ONCE", 2)
    expected, _ = await what_it_comes_to(copy_of(before), -1, 0)
    posts, entries = expected
    assert sum(source.startswith("challenge:") for source, _ in entries) == 14
    assert sum(source.startswith("duel:") for source, _ in entries) == 2
    told = [row[0].partition(":")[0] for row in posts]
    assert told.count("challenge_paid") == 14
    assert told.count("duel_result") == 6
    assert (told.count("quiz_question"), told.count("quiz_closed")) == (13, 1)
    ended = "challenge_closed", "contest_closed", "challenge_together"
    for template in ("challenge_together_ends", "quiz_ends", "contest_ends"):
        assert told.count(template) == 2, template
    for template in ("challenge_done", "challenge_reminder", "challenge_streak_breaks", *ended, *_OF_DUELS):
        assert told.count(template) >= 1, template
    died = 0
    for at in range(len(INSTANTS)):
        for lives in range(1, 40):
            found, did_die = await what_it_comes_to(copy_of(before), at, lives)
            if not did_die:
                break
            died += 1
            assert found == expected, (at, lives)
    assert died > 12
