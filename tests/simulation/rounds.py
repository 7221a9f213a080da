"""What the timetable and the challenges should do: due jobs in order, rounds, marks, who is to be paid."""

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta

from bot.config.challenges import ChallengeSettings
from bot.config.config import Config
from tests.simulation.accounts import Round
from tests.simulation.calendar import LocalCalendar, hours

_HEARD_LATE = timedelta(days=2)
_YEAR = timedelta(days=366)
_REMEMBERED = timedelta(days=60)
_AHEAD = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)
# What is missed of these is not made up for.
_LATEST = ("remind_of_coupons", "close_rounds", "forget")
_AT = {"forget": time(3, 30), "remind_of_coupons": time(10, 0)}
_DAILY = ("expire", "expire_coupons", *_AT)


class Rounds:
    """The jobs that move points, each with the occurrences it did; the rounds of every challenge."""

    def __init__(self, config: Config, calendar: LocalCalendar) -> None:
        self._calendar = calendar
        self._terms = {challenge.id: challenge for challenge in config.challenge}
        coupons = ("expire_coupons", "remind_of_coupons")
        self._names = ["ripen", "expire", *coupons, "close_week", "close_month", *self._terms, "close_rounds", "forget"]
        self._done: dict[str, list[datetime]] = {}
        self.rounds: list[Round] = []

    def install(self, now: datetime) -> None:
        """Begin: challenges look back for the round that is running already."""
        self._done = {name: [now - _YEAR if name in self._terms else now] for name in self._names}

    def terms(self, challenge: str) -> ChallengeSettings:
        """Return a challenge's settings."""
        return self._terms[challenge]

    def due(self, now: datetime, needed: Mapping[str, datetime | None]) -> list[tuple[str, datetime]]:
        """Return (job, instant) of what is due by now, in order, and take it as done.

        `needed` says from when on there is something to do for a job, None for never.
        """
        due: list[tuple[datetime, int, str]] = []
        # What a clock that was wrong did of later days is done again in its time.
        for done in self._done.values():
            while len(done) > 1 and done[-1] > now + _AHEAD:
                done.pop()
        for order, name in enumerate(self._names):
            instants = list(self._needed(name, now, needed))
            if not instants:
                continue
            self._done[name] += instants
            due += [(at, order, name) for at in (instants[-1:] if name in _LATEST else instants)]
        return [(name, at) for at, _, name in sorted(due)]

    def _needed(self, name: str, now: datetime, needed: Mapping[str, datetime | None]) -> Iterator[datetime]:
        if name not in needed:
            yield from self._occurrences(name, self._done[name][-1], now)
        elif (first := needed[name]) is not None:
            yield from self._occurrences(name, max(self._done[name][-1], first - _INSTANT), now)

    def next_close(self) -> datetime | None:
        """Return when the next open round closes."""
        return min((round_.closes_at for round_ in self.rounds if round_.is_open), default=None)

    def _occurrences(self, name: str, after: datetime, now: datetime) -> Iterator[datetime]:
        if name in ("ripen", "close_rounds"):
            yield from hours(after, now)
            return
        challenge = self._terms.get(name)
        at = _AT.get(name, time(0, 0)) if challenge is None else time.fromisoformat(challenge.time)
        is_weekly = name == "close_week" if challenge is None else challenge.repeat == "weekly"
        for day, instant in self._calendar.days(after, now, at):
            if name in _DAILY or (day.weekday() == 0 if is_weekly else day.day == 1):
                yield instant

    def open(self, challenge: str, opens_at: datetime, now: datetime) -> None:
        """Open the round that begins at an instant, unless it is over or there already."""
        closes_at = next(self._occurrences(challenge, opens_at, opens_at + timedelta(days=40)))
        known = any(round_.challenge == challenge and round_.opens_at == opens_at for round_ in self.rounds)
        if closes_at > now and not known:
            self.rounds.append(Round(challenge, opens_at, closes_at))

    def close(self, now: datetime) -> Iterator[Round]:
        """Close and yield every round whose time is over; forget those that nothing can count in any more."""
        self.rounds = [round_ for round_ in self.rounds if round_.closes_at > now - _REMEMBERED]
        for round_ in sorted(self.rounds, key=lambda round_: round_.closes_at):
            if round_.is_open and round_.closes_at <= now:
                round_.is_open = False
                yield round_

    def mark(self, counts: str, name: str, at: datetime, mark: str, now: datetime) -> Iterator[Round]:
        """Count a mark where it counts; yield closed rounds whose goal it reaches and that have not paid yet."""
        heard_since = now - _HEARD_LATE
        for round_ in self.rounds:
            if not round_.is_open and round_.closes_at <= heard_since:
                continue
            terms = self._terms[round_.challenge]
            if terms.counts != counts or not round_.opens_at <= at < round_.closes_at:
                continue
            marks = round_.marks.setdefault(name, set())
            if mark in marks:
                continue
            marks.add(mark)
            if not round_.is_open and len(marks) >= terms.goal and name not in round_.paid:
                round_.paid.add(name)
                yield round_

    def unmark(self, counts: str, name: str, mark: str) -> None:
        """Take a mark back, so that what is heard late of a closed round does not count it either."""
        for round_ in self.rounds:
            if self._terms[round_.challenge].counts == counts:
                round_.marks.get(name, set()).discard(mark)
