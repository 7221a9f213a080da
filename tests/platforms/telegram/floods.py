"""The flood limits: how fast a bot may write."""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from .errors import too_many_requests


@dataclass(frozen=True, slots=True)
class FloodLimits:
    """Per chat a token bucket, per group and overall a sliding window."""

    chat_per_s: float = 1.0
    chat_burst: int = 3
    group_per_min: int = 20
    overall_per_s: int = 30


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float
    recent: deque[float] = field(default_factory=deque)


def _window_wait_s(times: deque[float], now: float, span_s: float, most: int) -> float:
    while times and times[0] <= now - span_s:
        times.popleft()
    return times[len(times) - most] + span_s - now if len(times) >= most else 0.0


class FloodGuard:
    """Admits or refuses writes. `limits` None admits everything."""

    def __init__(self, limits: FloodLimits | None, clock: Callable[[], float]) -> None:
        self.limits = limits
        self._clock = clock
        self._buckets: dict[tuple[str, int], _Bucket] = {}
        self._overall: deque[float] = deque()

    def admit(self, chat_id: int, *, is_group: bool, lane: str = "send") -> None:
        """Count one write to a chat, or raise ApiError 429. Edits have a lane of their own."""
        if self.limits is None:
            return
        now = self._clock()
        bucket = self._buckets.setdefault((lane, chat_id), _Bucket(self.limits.chat_burst, now))
        gained = (now - bucket.filled_at) * self.limits.chat_per_s
        bucket.tokens = min(float(self.limits.chat_burst), bucket.tokens + gained)
        bucket.filled_at = now
        wait_s = max(0.0, (1.0 - bucket.tokens) / self.limits.chat_per_s)
        if is_group:
            wait_s = max(wait_s, _window_wait_s(bucket.recent, now, 60.0, self.limits.group_per_min))
        wait_s = max(wait_s, _window_wait_s(self._overall, now, 1.0, self.limits.overall_per_s))
        # A bucket filled by many small steps may miss a whole token by a rounding error.
        if wait_s > 1e-6:
            raise too_many_requests(math.ceil(wait_s))
        bucket.tokens -= 1.0
        bucket.recent.append(now)
        self._overall.append(now)
