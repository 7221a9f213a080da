"""What is said at most once in a while."""

import time
from collections.abc import Callable, Hashable

_FORGET_ABOVE = 1000


class Seldom:
    """Admits each thing once in `every_s` seconds."""

    def __init__(self, every_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._every_s = every_s
        self._clock = clock
        self._again_at: dict[Hashable, float] = {}

    def admits(self, thing: Hashable) -> bool:
        """Whether it may be said now; it then counts as said."""
        now = self._clock()
        if thing in self._again_at and now < self._again_at[thing]:
            return False
        if len(self._again_at) > _FORGET_ABOVE:
            self._again_at = {other: at for other, at in self._again_at.items() if now < at}
        self._again_at[thing] = now + self._every_s
        return True
