"""A busy fortnight around a change of the clocks: every job has something to do, with challenges of many kinds on."""

from typing import Any, Final

from bot.config.config import Config
from tests.club import SPACE, Club, config
from tests.conversations.stories.story import Change
from tests.handlers.looking import rows

_TITLE = {"en": "A title", "pl": "Tytuł"}
_QUESTIONS = 14
_BOARDS = ("helpers", "improved", "newcomers", "club", "spaces", "month", "all")


def busy_settings(change: Change, timezone: str = "Europe/Warsaw") -> Config:
    """Return settings under which every job there is has its place in the timetable, and something to do."""
    shop = {"id": "web", "kind": "woocommerce", "secret": "long-enough", "api_base_url": "https://127.0.0.1/"}
    shop |= {"api_key": "key", "api_secret": "secret"}
    challenges: list[dict[str, Any]] = [
        {"id": "weekly", "counts": "message_days", "goal": 2, "repeat": "weekly", "starts": change.day(-6)},
        {"id": "monthly", "counts": "purchases", "goal": 1, "repeat": "monthly"},
        # Rounds of a day that is missed are not opened later, so it begins once no clock is wrong by days.
        {"id": "daily", "counts": "messages", "goal": 1, "repeat": "daily", "starts": change.day(2)},
        *(
            {"starts": change.day(-6), "ends": change.day(7)} | about
            for about in (
                {"id": "streak", "kind": "streak", "counts": "messages", "goal": 9, "time": "02:30"},
                {"id": "quiz", "kind": "quiz", "goal": 2, "daily": True, "time": "02:30", "question": _questions()},
                {"id": "together", "counts": "messages", "goal": 12, "together": True},
                {"id": "best", "counts": "messages", "goal": 4, "reward": "best", "best": 1},
                {"id": "first", "counts": "messages", "goal": 4, "reward": "first", "best": 1},
                {"id": "second", "counts": "messages", "goal": 2, "after": "weekly"},
                {"id": "far", "counts": "purchases", "goal": 9},
                {"id": "spend", "kind": "sum", "counts": "purchases", "goal": 20},
                {"id": "visits", "counts": "check_ins", "goal": 2},
                {"id": "haiku", "counts": "hand_ins", "hands_in": "text", "goal": 2},
                {"id": "trees", "counts": "messages", "goal": 8, "together": True, "cause": "trees"}
                | {"donation": 500, "points": 0},
                {"id": "contest", "counts": "votes", "goal": 1, "reward": "best", "best": 1, "space": "console:klub"},
            )
        ),
    ]
    season = {
        "id": "spring",
        "title": _TITLE,
        "starts": change.day(-6),
        "ends": change.day(0),
        "prize_points": [50, 20],
    }
    referral = {"needs": "days", "days": 2, "pending_days": 0}
    return config(
        programme={"group_posts_per_day": 4, "timezone": timezone},
        challenge=[{"points": 30, "title": _TITLE} | one for one in challenges],
        reward=[{"id": "trees", "kind": "donation", "cost": 10, "name": _TITLE}],
        season=[season],
        tier=[{"id": "silver", "name": _TITLE, "threshold": 60}],
        shop=[shop],
        leaderboard={kind: {"post": True} for kind in _BOARDS},
        earning={"join": {"points": 0, "status": 0}, "referral": referral},
        badge=[{"id": "chatty", "counts": "messages", "goal": 3, "name": _TITLE}],
        duels={"days": 4, "counts": ["messages"], "points": 30},
    )


def _questions() -> list[dict[str, Any]]:
    """Return a question for each day, whose first answer is right."""
    yes, no = {"en": "Yes", "pl": "Tak"}, {"en": "No", "pl": "Nie"}
    return [{"text": _TITLE, "answers": [yes, no], "right": 1} for _ in range(_QUESTIONS)]


async def day_of(club: Club, day: int) -> None:
    """Let people do what they do at noon of a day."""
    if day == -6:
        await club.say("zosia", "/start KAWA2026")
        await club.press("zosia", "Accept and join")
        await _make(club)
    if day in (-6, -5):
        await club.chat("zosia")
    if day in (-6, -5, -4, 2):
        await club.chat("bartek")
    if -6 <= day < 7 and day not in (-2, 3):
        await club.chat("ania")
    if day in (-5, 1):
        await club.say("ania", await _code(club))
        await club.say("bartek", "/handin")
        await club.answer("bartek", "Plop")
    if day == -5:
        await _compete(club)
    if day == -4:
        await club.say("olek", "/purchase @celina 10 A")
        await club.say("ania", "/thanks @bartek")
    if day == 1:
        await club.say("olek", "/purchase @celina 15 B")
    if day in (-5, -4):
        for name, answer in (("ania", 0), ("bartek", day + 5)):
            await _press_newest(club, name, "quiz.answer", f'"answer":{answer}', in_group=True)


async def _make(club: Club) -> None:
    """Make an event, and a challenge that begins anew each week."""
    await club.say("olek", "/event new")
    await club.answer("olek", "Repair")
    for label in ("Now", "30 days", "Once a day"):
        await club.press("olek", label)
    await club.say("olek", "/challenge new")
    await club.press("olek", "Come to events")
    await club.answer("olek", "1")
    for label in ("7", "25", "Everyone who reaches it"):
        await club.press("olek", label)
    for title in _TITLE.values():
        await club.answer("olek", title)
    for label in ("More options", "Repeat", "Every week", "Publish"):
        await club.press("olek", label)


async def _code(club: Club) -> str:
    """Return what is said to check in at the event."""
    [(code,)] = await rows(club, "SELECT code FROM meetup")
    return f"/checkin {code}"


async def _compete(club: Club) -> None:
    """Begin a duel, make another one that is not answered, and vote in the contest."""
    await club.say("bartek", "/duel @ania")
    await _press_newest(club, "ania", "duel.accept")
    await club.say("bartek", "/duel @celina")
    story = club.message("zosia")
    await club.app.take_part([story, club.reaction("ania", story, added=frozenset("👍"))])


async def _press_newest(club: Club, name: str, action: str, about: str = "", *, in_group: bool = False) -> None:
    """Press the newest button of an action whose data says something, wherever it is shown."""
    made = "SELECT token, data FROM button WHERE action = ? ORDER BY expires_at DESC"
    token = next(token for token, data in await rows(club, made, action) if about in data)
    await club.press(name, "", SPACE if in_group else None, token=token)


TOLD: Final = {
    # Rounds are opened, reminded of at half time and before the end, closed, paid and announced; streaks are warned of.
    **{"challenge_opened": 23, "challenge_reminder": 10, "challenge_streak_breaks": 2, "challenge_done": 20},
    **{"challenge_opened_for_you": 3, "challenge_together": 2, "pin": 2, "challenge_paid": 24, "challenge_closed": 17},
    **{"challenge_missed": 1, "challenge_donated": 1},
    # A question a day, and what was right in the end; a contest; a duel that is played and one that is not answered.
    **{"quiz_question": 13, "quiz_closed": 1, "contest_opened": 1, "contest_ends": 1, "contest_closed": 1},
    **{"duel_invitation": 2, "duel_on": 1, "duel_reminder": 4, "duel_result": 2, "duel_off": 1},
    # A season begins and ends, weeks have their boards (one of helpers, two of newcomers, two of the club), the month
    # and all time have theirs, and an ambassador hears of her month.
    **{"season_opened": 1, "season_over": 1, "season_prize": 2, "leaderboard": 10, "ambassador_month": 1},
}
"""How often each kind of scheduled thing is told in a busy fortnight, by what its key begins with."""
GOES_STALE: Final = {"duel_reminder", "quiz_question", "challenge_streak_breaks"}
"""What is of its day: told late it would be wrong, so that in three days off or leapt over some of it is missed."""
