"""The platform's limits on writing, held by ourselves: per chat, per group, overall, with room kept for answers."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

_MINUTE_S = 60.0
_SECOND_S = 1.0
_ROUNDING_S = 1e-6
_FORGET_ABOVE = 1000


@dataclass(frozen=True, slots=True)
class Limits:
    """How fast we write. Posts leave room for answers, which people are waiting for."""

    chat_interval_s: float = 1.0
    group_per_min: int = 18
    overall_per_s: int = 28
    group_kept_for_answers: int = 3
    overall_kept_for_answers: int = 8


class Crowded(Exception):
    """There is no room now; in `wait_s` seconds there may be."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"no room for {wait_s:.0f} s")
        self.wait_s = wait_s


@dataclass(slots=True)
class _Lane:
    free_at: float = 0.0
    recent: deque[float] = field(default_factory=deque)


class Limiter:
    """Admits writes one by one. `patience_s` of a write is how long it may be held before Crowded is raised."""

    def __init__(
        self,
        limits: Limits = Limits(),
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._sleep = sleep
        self._lanes: dict[tuple[str, str], _Lane] = {}
        self._overall: deque[float] = deque()

    async def admit(
        self, chat_id: str, *, is_group: bool, is_post: bool, is_edit: bool = False, patience_s: float
    ) -> None:
        """Wait until one write to the chat fits. Edits are counted apart, as the platform does. Raises Crowded."""
        give_up_at = self._clock() + patience_s
        key = ("edit" if is_edit else "send", chat_id)
        while (wait_s := self._wait_s(key, is_group=is_group, is_post=is_post)) > _ROUNDING_S:
            if self._clock() + wait_s > give_up_at:
                raise Crowded(wait_s)
            await self._sleep(wait_s)
        self._count(key, is_group=is_group)

    def pause(self, chat_id: str, seconds: float) -> None:
        """Write nothing to the chat for so long, as the platform asked."""
        until = self._clock() + seconds
        for kind in ("send", "edit"):
            lane = self._lanes.setdefault((kind, chat_id), _Lane())
            lane.free_at = max(lane.free_at, until)

    def _wait_s(self, key: tuple[str, str], *, is_group: bool, is_post: bool) -> float:
        now, limits = self._clock(), self._limits
        lane = self._lanes.get(key, _Lane())
        waits = [lane.free_at - now]
        kept = limits.overall_kept_for_answers if is_post else 0
        waits.append(_window_wait_s(self._overall, now, _SECOND_S, limits.overall_per_s - kept))
        if is_group:
            kept = limits.group_kept_for_answers if is_post else 0
            waits.append(_window_wait_s(lane.recent, now, _MINUTE_S, limits.group_per_min - kept))
        return max(waits)

    def _count(self, key: tuple[str, str], *, is_group: bool) -> None:
        now = self._clock()
        if len(self._lanes) > _FORGET_ABOVE:
            self._forget(now)
        lane = self._lanes.setdefault(key, _Lane())
        lane.free_at = now + self._limits.chat_interval_s
        if is_group:
            lane.recent.append(now)
        self._overall.append(now)

    def _forget(self, now: float) -> None:
        self._lanes = {
            key: lane
            for key, lane in self._lanes.items()
            if lane.free_at > now or (lane.recent and lane.recent[-1] > now - _MINUTE_S)
        }


def _window_wait_s(times: deque[float], now: float, span_s: float, most: int) -> float:
    """Return how long until fewer than `most` writes lie within the window."""
    while times and times[0] <= now - span_s:
        times.popleft()
    return times[len(times) - most] + span_s - now if len(times) >= most else 0.0
