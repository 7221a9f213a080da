"""Settings of challenges."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from bot.challenges.chance import is_by_chance, promises_a_draw
from bot.challenges.contests import ENTRIES_EACH, VOTES_EACH
from bot.challenges.fitting import longest_round, most_reached
from bot.challenges.tasks import HandsIn
from bot.config.conflict import Conflict, Keys
from bot.config.quizzes import QuestionSettings, quiz_conflicts
from bot.config.section import Section
from bot.config.tasks import task_conflicts
from bot.config.types import (
    Amount,
    Bound,
    Count,
    Id,
    Language,
    Points,
    SpaceAddress,
    Switch,
    Text,
    TimeOfDay,
    Weekday,
    weekday_number,
)

Values = Mapping[str, Any]
Room = Annotated[str, Field(pattern="^[0-9A-Za-z_-]{1,32}$", description="the id of a topic, channel or thread")]
_SUMS = ("purchases", "points", "status")


class ChallengeSettings(Section):
    """A challenge: do something within a period, for a reward in points and status."""

    id: Id
    kind: Literal["count", "sum", "days", "streak", "quiz"] = "count"
    counts: (
        Literal[
            "message_days",
            "messages",
            "reactions_received",
            "purchases",
            "actions",
            "stamps",
            "points",
            "status",
            "thanks_given",
            "thanks_received",
            "newcomers_answered",
            "friends_brought",
            "check_ins",
            "hand_ins",
            "votes",
        ]
        | None
    ) = None
    goal: Count
    every: Literal["day", "week"] = "day"
    points: Points = 0
    status: Points = 0
    reward: Annotated[
        str, Field(min_length=1, max_length=40, description='"everyone" who reaches the goal, or "best"')
    ] = "everyone"
    best: Annotated[int, Field(ge=1, le=100, strict=True)] = 3
    together: Switch = False
    cause: Id | None = None
    donation: Points = 0
    room: Room | None = None
    photos: Switch = False
    entries: Annotated[int, Field(ge=1, le=10, strict=True)] = ENTRIES_EACH
    votes: Annotated[int, Field(ge=1, le=20, strict=True)] = VOTES_EACH
    hands_in: HandsIn | None = None
    review: Switch = False
    least: Bound | None = None
    most: Bound | None = None
    space: SpaceAddress | None = None
    tier: Id | None = None
    newcomer_days: Annotated[int, Field(ge=0, le=365, strict=True)] = 0
    joining: Switch = False
    hidden: Switch = False
    after: Id | None = None
    remind: Switch = True
    minimum_amount: Amount = "0"
    shop: Id | None = None
    of: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$", description="1 to 40 of a-z, 0-9, _ and -")] | None = None
    weekdays: tuple[Weekday, ...] = ()
    repeat: Literal["daily", "weekly", "monthly"] | None = None
    starts: date | None = None
    ends: date | None = None
    time: TimeOfDay = "08:00"
    daily: Switch = False
    title: dict[Language, Text]
    question: Annotated[tuple[QuestionSettings, ...], Field(max_length=200)] = ()


def challenge_conflicts(
    challenges: Sequence[Values],
    tiers: Sequence[Values],
    shops: Sequence[Values],
    products: Sequence[Values],
    actions: Mapping[str, Values],
    rewards: Sequence[Values],
) -> Iterator[Conflict]:
    """Yield what is wrong with challenges although each value is right by itself."""
    for number, challenge in enumerate(challenges):
        here: Keys = ("challenge", number)
        yield from _has_a_period(here, challenge)
        yield from _can_be_reached(here, challenge)
        yield from _is_no_lottery(here, challenge)
        yield from _can_open(here, challenge, challenges)
        yield from quiz_conflicts(here, challenge)
        yield from _kind_suits(here, challenge)
        yield from _is_a_contest(here, challenge)
        yield from task_conflicts(here, challenge)
        yield from _filters_suit(here, challenge)
        yield from _is_of_something(here, challenge, products, actions)
        yield from _is_for_a_cause(here, challenge, rewards)
        known: dict[str, list[Any]] = {
            "tier": [tier.get("id") for tier in tiers],
            "shop": ["till", *(shop.get("id") for shop in shops)],
        }
        for name, ids in known.items():
            given = challenge.get(name)
            if given is not None and given not in ids:
                yield Conflict((*here, name), given, _NAMES[name])


_NAMES = {
    "tier": "should be the id of a [[tier]]",
    "shop": 'should be the id of a [[shop]], or "till"',
}


def _can_open(here: Keys, challenge: Values, challenges: Sequence[Values]) -> Iterator[Conflict]:
    """What follows another one opens for members as they are told that they have done that, within its time."""
    after, by_id = challenge.get("after"), {one.get("id"): one for one in challenges}
    if after is None:
        return
    if after not in by_id or after == challenge.get("id"):
        yield Conflict((*here, "after"), after, "should be the id of another [[challenge]]")
        return
    match by_id[after]:
        case {"kind": "quiz"} | {"counts": "votes"} | {"together": True} | {"reward": "best"}:
            wanted = "tells nobody before its end who has done it, so this one would never open; choose one that is no"
            yield Conflict((*here, "after"), after, f'{wanted} quiz, contest or common goal, and not for "best"')
    if challenge.get("together"):
        wanted = "is not for a common goal, of which groups hear as it opens; leave out after or together"
        yield Conflict((*here, "after"), after, wanted)
    if challenge.get("joining"):
        wanted = "is not for what follows another one: it begins by itself for those who have done that"
        yield Conflict((*here, "joining"), True, wanted)
    passed = [challenge.get("id")]
    while after in by_id and after not in passed:
        passed.append(after)
        after = by_id[after].get("after")
    if after is not None and after == challenge.get("id"):
        wanted = "follows this one in turn, so neither would ever open; let one of them follow none"
        yield Conflict((*here, "after"), challenge["after"], wanted)


def _has_a_period(here: Keys, challenge: Values) -> Iterator[Conflict]:
    match challenge:
        case {"repeat": None, "starts": None} | {"repeat": None, "ends": None}:
            yield Conflict(here, None, 'needs repeat = "daily", "weekly" or "monthly", or both starts and ends')
        case {"repeat": str(), "ends": date() as ends}:
            yield Conflict((*here, "ends"), ends, "a repeating challenge has no ends; leave out repeat or ends")
        case {"repeat": None, "starts": date() as starts, "ends": date() as ends} if ends <= starts:
            yield Conflict((*here, "ends"), ends, f"should be after starts, which is {starts}")


def _can_be_reached(here: Keys, challenge: Values) -> Iterator[Conflict]:
    match challenge:
        case {"together": True}:
            return
        case {"repeat": str() as repeat}:
            first, last = longest_round(repeat)
        case {"starts": date() as first, "ends": date() as last}:
            pass
        case _:
            return
    kind = "days" if challenge.get("counts") == "message_days" else challenge.get("kind", "")
    weekdays = {weekday_number(day) for day in challenge.get("weekdays", ())}
    most, goal = most_reached(kind, challenge.get("every", "day"), first, last, weekdays), challenge.get("goal", 0)
    if most is not None and goal > most:
        unit = "weeks in a row" if challenge.get("every") == "week" else "days"
        yield Conflict((*here, "goal"), goal, f"cannot be reached: {most} {unit} are the most within its time")


def _is_no_lottery(here: Keys, challenge: Values) -> Iterator[Conflict]:
    given = challenge.get("reward")
    offered = 'choose "everyone" (everyone who reaches the goal) or "best" (those who did most; ties share)'
    if isinstance(given, str) and is_by_chance(given):
        yield Conflict((*here, "reward"), given, f"is a prize by chance, a lottery, which needs a permit; {offered}")
    elif given not in ("everyone", "best", "first", None):
        yield Conflict((*here, "reward"), given, 'should be "everyone", "best" or "first"')
    for language, title in challenge.get("title", {}).items():
        if promises_a_draw(title):
            wanted = f"promises a prize by chance, a lottery, which needs a permit; call it otherwise, and {offered}"
            yield Conflict((*here, "title", language), title, wanted)


def _kind_suits(here: Keys, challenge: Values) -> Iterator[Conflict]:
    kind, counts = challenge.get("kind"), challenge.get("counts")
    if counts is None and kind not in (None, "quiz") and "counts" in challenge:
        yield Conflict((*here, "counts"), None, "is missing")
    if kind is None or counts is None:
        return
    if kind == "sum" and counts not in _SUMS:
        yield Conflict((*here, "kind"), kind, 'is for counts = "purchases", "points" or "status"')
    if kind != "sum" and counts in ("points", "status"):
        yield Conflict((*here, "kind"), kind, f'should be "sum" where counts = "{counts}"')
    if kind != "count" and counts == "message_days":
        yield Conflict((*here, "counts"), counts, 'should be "messages": the kind says that days are counted')
    match challenge:
        case {"kind": "count" | "sum" | "days", "every": "week"}:
            yield Conflict((*here, "every"), "week", 'is for kind = "streak"')
    match challenge:
        case {"together": True, "kind": "streak"}:
            yield Conflict((*here, "together"), True, 'is for kind = "count", "sum" or "days"')
        case {"together": True, "reward": "best" | "first" as given}:
            yield Conflict((*here, "reward"), given, 'should be "everyone": all who took part are paid')
        case {"together": True, "hidden": True}:
            yield Conflict((*here, "hidden"), True, "is not for a common goal, whose progress is shown in the group")
    match challenge:
        case {"reward": "first", "kind": "days" | "streak"} | {"reward": "first", "counts": "message_days"}:
            yield Conflict((*here, "reward"), "first", "is not for days: whoever is up at midnight would win")


def _is_a_contest(here: Keys, challenge: Values) -> Iterator[Conflict]:
    """A contest takes place somewhere, and the best of it are paid."""
    if challenge.get("counts") != "votes":
        if challenge.get("photos"):
            yield Conflict((*here, "photos"), True, 'is for counts = "votes"')
        return
    if "space" in challenge and challenge["space"] is None:
        yield Conflict((*here, "space"), None, 'is missing, counts = "votes" needs the group it takes place in')
    if challenge.get("kind", "count") != "count":
        yield Conflict((*here, "kind"), challenge["kind"], 'should be "count" where counts = "votes"')
    if challenge.get("reward", "best") != "best":
        yield Conflict((*here, "reward"), challenge["reward"], 'should be "best" where counts = "votes"')
    for name in ("together", "joining", "hidden", "after", "weekdays"):
        if challenge.get(name):
            yield Conflict((*here, name), challenge[name], 'is not for counts = "votes"')


def _filters_suit(here: Keys, challenge: Values) -> Iterator[Conflict]:
    counts = challenge.get("counts")
    if counts is None:
        return
    if challenge.get("shop") is not None and counts != "purchases":
        yield Conflict((*here, "shop"), challenge["shop"], 'is for counts = "purchases"')
    minimum: str = challenge.get("minimum_amount", "0")
    if counts != "purchases" and minimum.strip("0.") != "":
        yield Conflict((*here, "minimum_amount"), minimum, 'is for counts = "purchases"')


def _is_of_something(
    here: Keys, challenge: Values, products: Sequence[Values], actions: Mapping[str, Values]
) -> Iterator[Conflict]:
    given = challenge.get("of")
    if given is None:
        return
    match challenge.get("counts"):
        case "purchases":
            if given not in [product.get("id") for product in products]:
                yield Conflict((*here, "of"), given, "should be the id of a [[product]]")
        case "actions":
            if given not in actions:
                yield Conflict((*here, "of"), given, "should be the name of an action in [earning.action]")
        case str():
            yield Conflict((*here, "of"), given, 'is for counts = "purchases" or "actions"')


def _is_for_a_cause(here: Keys, challenge: Values, rewards: Sequence[Values]) -> Iterator[Conflict]:
    match challenge:
        case {"cause": None, "donation": int() as donation} if donation:
            yield Conflict((*here, "cause"), None, "is missing, donation needs it")
        case {"cause": str() as cause, "donation": int() as donation}:
            causes = [reward.get("id") for reward in rewards if reward.get("kind", "donation") == "donation"]
            if cause not in causes:
                yield Conflict((*here, "cause"), cause, 'should be the id of a [[reward]] with kind = "donation"')
            if not donation:
                yield Conflict((*here, "donation"), donation, "should say how many points the cause gets")
            if challenge.get("together") is False:
                yield Conflict((*here, "cause"), cause, "is for a common goal: set together = true")
            for name in ("points", "status"):
                if challenge.get(name):
                    wanted = "should be left out: the donation is the reward"
                    yield Conflict((*here, name), challenge[name], wanted)
