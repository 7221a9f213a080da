"""What a story is: challenges, what people do on which day at what time, and what each was told and paid in the end."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.calendar import first_instant
from bot.config.config import Config
from tests.club import config
from tests.conversations.script import PEOPLE
from tests.conversations.steps import GROUP, THREAD, Action, Say

WARSAW: Final = ZoneInfo("Europe/Warsaw")
OWNERS: Final = ["console:olek", "telegram:7", "discord:700000000000000007"]
READERS: Final = (GROUP, *PEOPLE)


@dataclass(frozen=True, slots=True)
class Change:
    """A Sunday on which the clocks change. Days are counted from it: -6 is the Monday before, 1 the one after."""

    name: str
    sunday: date

    def day(self, number: int) -> date:
        """Return a day near it."""
        return self.sunday + timedelta(days=number)

    def at(self, number: int, clock_time: str) -> datetime:
        """Return the first instant at which clocks in Warsaw show a time of that day, or later."""
        return first_instant(self.day(number), time.fromisoformat(clock_time), WARSAW)


SPRING: Final = Change("spring", date(2026, 3, 29))
AUTUMN: Final = Change("autumn", date(2026, 10, 25))
CHANGES: Final = (SPRING, AUTUMN)


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody does on a day at a local time, and never within a minute of what the scheduler does."""

    day: int
    time: str
    action: Action


@dataclass(frozen=True, slots=True)
class Story:
    """A script. `told` are texts by reader, each once for every time it is said; whom it does not name was not told it.

    `paid` are the points of challenges by name, or by account for a cause, nobody else's. It ends at noon of the day
    `ends`.
    """

    name: str
    challenges: Sequence[Mapping[str, Any]]
    acts: Sequence[Act]
    told: Mapping[str, Sequence[str]]
    paid: Mapping[str, int]
    ends: int = 2
    settings: Mapping[str, Any] = field(default_factory=dict)

    def config(self, change: Change) -> Config:
        """Return the settings of a club in which it is played around that Sunday."""
        rounds = [
            {name: change.day(value) if name in ("starts", "ends") else value for name, value in one.items()}
            for one in self.challenges
        ]
        earning = {"join": {"points": 0, "status": 0}}
        return config(programme={"owner_ids": OWNERS}, challenge=rounds, earning=earning, **self.settings)

    def problems(self, shown: Mapping[str, Iterable[str]], paid: Mapping[str, int]) -> list[str]:
        """Return what is not as told, by messages shown to each reader, and by who was paid how much."""
        texts = {text for said in self.told.values() for text in said}
        found = []
        told = self.told if THREAD in shown else self._without_threads()
        for reader in shown:
            for text in sorted(texts):
                wanted = list(told.get(reader, ())).count(text)
                times = sum(text in message for message in shown[reader])
                if times != wanted:
                    found.append(f"{reader} was told {text!r} {times} times, not {wanted}")
        if dict(paid) != dict(self.paid):
            found.append(f"paid {dict(paid)}, not {dict(self.paid)}")
        return found

    def _without_threads(self) -> Mapping[str, Sequence[str]]:
        """Return what was told where the group stands for its threads."""
        return {**self.told, GROUP: [*self.told.get(GROUP, ()), *self.told.get(THREAD, ())]}


def challenge(title: str, **about: Any) -> dict[str, Any]:
    """Return the settings of a challenge from the Monday before the change to the Monday after it, for 30 points."""
    base = {"id": title.lower().replace(" ", "-"), "goal": 1, "points": 30, "title": {"en": title, "pl": title}}
    period = {} if "repeat" in about else {"ends": 1}
    return base | {"starts": -6} | period | about


def buy(who: str, receipt: str, amount: str = "10") -> Say:
    """Let the owner record a purchase."""
    return Say("olek", "purchase", {"member": who, "amount": amount, "receipt": receipt})


def refund(receipt: str) -> Say:
    """Let the owner take a purchase back."""
    return Say("olek", "refund", {"receipt": receipt})
