"""The terms of a round as they were published: they hold for it whatever the config says later."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

from bot.challenges.contests import Contest
from bot.challenges.measures import IN_A_GROUP, Counts, Measure
from bot.challenges.quizzes import Question
from bot.challenges.streaks import Every
from bot.challenges.tasks import Task
from bot.config.types import Weekday
from bot.purchases.money import Money

Repeat = Literal["daily", "weekly", "monthly"]
Kind = Literal["count", "sum", "days", "streak", "quiz"]
_DAYS: tuple[str, ...] = get_args(Weekday)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a round was published with. Older rounds say less: what they do not say is as by default.

    `goal` is how many, how many days or weeks, or how much (money in minor units of `currency`). `best` is how many of
    the best are paid and `first` how many of the first, both 0 for everybody who reaches the goal. `tier` (with the
    status it takes) and `newcomer_days` say for whom it is, `joins` that one has to join, `after` the challenge that
    must be done before. `measure` says what counts. With `together` all that members do is added up, and everybody who
    took part is paid; with `donation` instead of that so many points go to a cause, which is called `cause_name` by
    language. A quiz has `questions`; with `asks_at`, a time of day, one of them is asked a day. `contest` says how one
    runs whose `best` get the most votes, `task` what is handed in. `maker_id` is the member who made it in chat, for
    whom it is not. What
    `of_name`, `tier_name` and `space_name` say is for people; `minimum_currency` is that of the measure's minimum.
    With `repeat` the next round begins as this one ends; those of the config are begun by a job. One that a moderator
    ended before its time was `ended_early`.
    """

    title: Mapping[str, str]
    goal: int
    points: int
    status: int
    rule_version: str
    measure: Measure
    kind: Kind = "count"
    every: Every = "day"
    currency: str = ""
    best: int = 0
    first: int = 0
    tier: str | None = None
    tier_threshold: int = 0
    newcomer_days: int = 0
    joins: bool = False
    is_hidden: bool = False
    after: str | None = None
    reminds: bool = True
    together: bool = False
    questions: tuple[Question, ...] = ()
    asks_at: str = ""
    contest: Contest | None = None
    task: Task | None = None
    cause: str = ""
    cause_name: Mapping[str, str] = field(default_factory=dict)
    donation: int = 0
    maker_id: int | None = None
    of_name: Mapping[str, str] = field(default_factory=dict)
    tier_name: Mapping[str, str] = field(default_factory=dict)
    space_name: str = ""
    minimum_currency: str = ""
    repeat: Repeat | None = None
    ended_early: bool = False

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> "Terms":
        """Return the terms that `plain` wrote, also an older version of it."""
        known = {one.name for one in fields(cls)}
        said = {name: value for name, value in plain.items() if name in known}
        if "questions" in said:
            said["questions"] = tuple(Question.of(one) for one in said["questions"])
        said["measure"] = Measure.of(plain.get("measure") or {"counts": plain["counts"]})
        for name, kind in (("contest", Contest), ("task", Task)):
            said[name] = None if plain.get(name) is None else kind.of(plain[name])
        return cls(**said)

    def plain(self) -> dict[str, Any]:
        """Return them as they are kept."""
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        said |= {name: said[name] and said[name].plain() for name in ("contest", "task")}
        names = ("title", "cause_name", "of_name", "tier_name")
        said |= {name: dict(said[name]) for name in names} | {"measure": self.measure.plain()}
        return said | {"questions": [one.plain() for one in self.questions]}

    @property
    def posted(self) -> Contest | Task | None:
        """What messages in a room of a group take part in, None where they do not."""
        return self.task if self.task is not None and self.task.review else self.contest

    @property
    def needs_part(self) -> bool:
        """Whether it counts for a member only from when they joined, or when it opened for them."""
        return self.joins or self.after is not None

    @property
    def is_contended(self) -> bool:
        """Whether only some of those who reach the goal are paid."""
        return bool(self.best or self.first)

    @property
    def counts_of_others(self) -> bool:
        """Whether what is counted may have been done by members whom it is not for."""
        is_elsewhere = self.measure.space_id is not None and self.measure.counts not in IN_A_GROUP
        return is_elsewhere or self.tier is not None or bool(self.newcomer_days)

    @property
    def reckoned(self) -> Kind:
        """How marks are added up: of a day with messages there may be several, of each right answer there is one."""
        if self.kind == "quiz":
            return "count"
        return "days" if self.measure.counts is Counts.MESSAGE_DAYS and self.kind == "count" else self.kind

    @property
    def tells_at_once(self) -> bool:
        """Whether members are told that they reached the goal before the end."""
        return not (self.best or self.together or self.questions)

    @property
    def reminds_groups(self) -> bool:
        """Whether reminders go to groups, and not to each who takes part and is not done."""
        return self.together or bool(self.questions) or self.contest is not None

    @property
    def is_reminded(self) -> bool:
        """Whether there are reminders at all. With a question of the day there is something new each day anyway."""
        return self.reminds and not self.is_hidden and not self.asks_at

    @property
    def is_by_days(self) -> bool:
        """Whether days are counted, however much is done on one."""
        return self.kind in ("days", "streak")

    def shown_amount(self, amount: int) -> int | Money:
        """Return an amount as templates say it: money where money is summed."""
        return Money(amount, self.currency) if self.currency else amount

    def shown(self) -> dict[str, Any]:
        """Return what templates say: `counted` names what is counted, `goal` is money where money is summed."""
        counts = self.measure.counts.value
        if self.kind in ("count", "quiz"):
            counted = "stamps_collected" if counts == "stamps" else counts
        elif self.kind == "sum":
            counted = "money" if self.currency else counts
        elif self.kind == "days":
            counted = "days"
        else:
            counted = "streak_days" if self.every == "day" else "streak_weeks"
        return {
            "title": dict(self.title),
            "counted": counted,
            "counts": "messages" if self.measure.counts is Counts.MESSAGE_DAYS else counts,
            "goal": self.goal,
            "goal_money": Money(self.goal, self.currency) if self.currency else None,
            "points": self.points,
            "status": self.status,
            "best": self.best,
            "first": self.first,
            "joins": self.joins,
            "together": self.together,
            "questions": len(self.questions),
            "is_daily": bool(self.asks_at),
            "contest": None if self.contest is None else self.contest.shown(),
            "task": None if self.task is None else self.task.shown(),
            "cause": dict(self.cause_name),
            "donation": self.donation,
            "repeat": self.repeat,
            "ended_early": self.ended_early,
            **self._limits(),
        }

    def _limits(self) -> dict[str, Any]:
        """Return what of all that is done counts, and for whom."""
        minimum, currency = self.measure.minimum_minor, self.minimum_currency or self.currency
        return {
            "minimum": Money(minimum, currency) if minimum and currency else None,
            "weekdays": [_DAYS[day] for day in self.measure.weekdays],
            "shop": self.measure.shop,
            "of": dict(self.of_name),
            "tier": dict(self.tier_name),
            "newcomer_days": self.newcomer_days,
            "space": self.space_name,
        }
