"""The clocks of the simulation: time goes on, the machine's clock jumps, the machine sleeps for days."""

import random
from collections import Counter
from datetime import datetime, timedelta

_JUMPS = {
    "clock an hour back": timedelta(hours=-1),
    "clock an hour ahead": timedelta(hours=1),
    "clock three days ahead": timedelta(days=3),
}
_SLEEP = timedelta(days=3)


class Clock:
    """`now` is the true time, `shown` what the machine's clock shows, `latest` the latest it has ever shown."""

    def __init__(self, rng: random.Random, begin: datetime, jumps: float, happened: Counter[str]) -> None:
        self._rng = rng
        self._jumps = jumps
        self._happened = happened
        self._skew = timedelta(0)
        self.now = begin
        self.latest = begin

    @property
    def shown(self) -> datetime:
        return self.now + self._skew

    def pass_time(self, pause_s: float) -> None:
        """Let a step's time go by; seldom the clock jumps, is put right again, or the machine sleeps."""
        self.now += timedelta(seconds=int(self._rng.expovariate(1 / pause_s)))
        draw = self._rng.random()
        if draw < self._jumps:
            kind = self._rng.choice(list(_JUMPS))
            self._skew = _JUMPS[kind]
            self._happened[kind] += 1
        elif draw < self._jumps * 5:
            self.put_right()
        elif draw < self._jumps * 5.5:
            self.now += _SLEEP
            self._happened["machine asleep"] += 1
        self.latest = max(self.latest, self.shown)

    def sleep(self, duration: timedelta) -> None:
        """Let time go by of which the process notices nothing."""
        self.now += duration
        self.latest = max(self.latest, self.shown)

    def put_right(self) -> None:
        """Show the true time."""
        self._skew = timedelta(0)
