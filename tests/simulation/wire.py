"""Between the platforms and the app: updates that wait, and what becomes of them on their way."""

import random
from collections import Counter, deque
from collections.abc import Sequence

from bot.events import MessagePosted
from tests.simulation.acts import Act

_REMEMBERED = 200


class Wire:
    """The updates of one platform, in order, until they are confirmed."""

    def __init__(self, rng: random.Random, platform: str, old: deque[Act], happened: Counter[str]) -> None:
        self._rng = rng
        self._platform = platform
        self._old = old
        self._happened = happened
        self._queue: deque[Act] = deque()

    def __bool__(self) -> bool:
        return bool(self._queue)

    def append(self, act: Act) -> None:
        """Take one more update."""
        self._queue.append(act)

    def waiting(self, most: int) -> list[Act]:
        """Return the first that wait."""
        return [self._queue[index] for index in range(min(most, len(self._queue)))]

    def confirm(self, count: int) -> None:
        """Let go of the first that wait."""
        for _ in range(count):
            self._old.append(self._queue.popleft())

    def unconfirmed(self) -> bool:
        """Draw whether the confirmation of a batch is lost, so that all of it comes again."""
        is_lost = self._rng.random() < 0.02
        self._happened["redelivered"] += is_lost
        return is_lost

    def died(self, waiting: Sequence[Act]) -> None:
        """The process died over a batch. Discord tells messages again, from the channel's history, and nothing else."""
        if self._platform != "discord":
            self._happened["redelivered"] += 1
            return
        for _ in waiting:
            self._queue.popleft()
        again = [act for act in waiting if isinstance(act.event, MessagePosted)]
        self._happened["dropped"] += len(waiting) - len(again)
        self._queue.extendleft(reversed(again))

    def disturbed(self, waiting: Sequence[Act]) -> list[Act]:
        """Double some, deliver old ones again, change the order between people."""
        rng, batch = self._rng, list(waiting)
        draw = rng.random()
        if draw < 0.05 and batch:
            batch.append(rng.choice(batch))
            self._happened["doubled"] += 1
        elif draw < 0.10 and self._old:
            batch.append(rng.choice(self._old))
            self._happened["told again"] += 1
        elif draw < 0.20:
            lanes: dict[str, deque[Act]] = {}
            for act in batch:
                lanes.setdefault(act.who, deque()).append(act)
            order = [act.who for act in batch]
            rng.shuffle(order)
            batch = [lanes[who].popleft() for who in order]
            self._happened["reordered"] += batch != list(waiting)
        return batch


def wires(rng: random.Random, platforms: Sequence[str], happened: Counter[str]) -> dict[str, Wire]:
    """Return a wire for each platform. What was confirmed long ago is remembered together."""
    old: deque[Act] = deque(maxlen=_REMEMBERED)
    return {platform: Wire(rng, platform, old, happened) for platform in platforms}
