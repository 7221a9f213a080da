"""The platform's limits on writing, held by ourselves: per chat, per group, overall; answers go before posts."""

import asyncio
import bisect
import itertools
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Self

from bot.config.config import TelegramLimits

_MINUTE_S = 60.0
_SECOND_S = 1.0
_ROUNDING_S = 1e-6
_FORGET_ABOVE = 1000
# Posts keep most of an even distance, so that an answer never comes upon a second that is used up.
_EVEN = 0.8
# What a post's beginning may take, such as a commit.
_BEGIN_BEFORE_S = 0.25
# Every so many posts one goes as if it were an answer: however many of these there are, posts get through.
_EQUAL_POST = 8
# So many refusals in a row, each of another chat, are no longer about the chats.
_REFUSALS_OF_ALL = 8


@dataclass(frozen=True, slots=True)
class Limits:
    """How fast we write. Of several processes one sends the posts; each answers within its share."""

    chat_interval_s: float = 1.0
    group_per_min: int = 18
    overall_per_s: int = 28
    processes: int = 1

    @classmethod
    def of(cls, settings: TelegramLimits, processes: int) -> Self:
        """Return the limits that the config asks for."""
        return cls(settings.chat_interval_s, settings.group_per_minute, settings.overall_per_second, processes)

    def share_per_s(self, *, is_sender: bool) -> int:
        """Return this process' part of the overall rate: equal parts for all, and one more for who sends the posts."""
        if self.processes == 1:
            return self.overall_per_s
        part = max(1, self.overall_per_s // (self.processes + 1))
        return max(1, self.overall_per_s - part * (self.processes - 1)) if is_sender else part

    @property
    def group_share_per_min(self) -> int:
        """This process' part of what a group may get in a minute."""
        return max(1, self.group_per_min // self.processes)

    @property
    def group_posts_per_min(self) -> int:
        """How many of these may be posts: some room is kept for answers, which people are waiting for."""
        return max(1, self.group_share_per_min - self.group_share_per_min // 6)


class Crowded(Exception):
    """There is no room now; in `wait_s` seconds there may be. `everywhere`: for no chat."""

    def __init__(self, wait_s: float, *, everywhere: bool = False) -> None:
        super().__init__(f"no room for {wait_s:.0f} s")
        self.wait_s = wait_s
        self.everywhere = everywhere


async def _at_once() -> None:
    return None


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
        self._forget_above = _FORGET_ABOVE
        self._overall: deque[float] = deque()
        self._overall_free_at = 0.0
        self._per_s = limits.share_per_s(is_sender=limits.processes == 1)
        self._queue: list[tuple[bool, int]] = []
        self._beginning: set[tuple[bool, int]] = set()
        self._arrivals = itertools.count()
        self._posts = itertools.count()
        self._refused: set[str] = set()

    def send_posts(self, is_sender: bool) -> None:
        """Take the sender's share of the overall rate, or leave it to another process."""
        self._per_s = self._limits.share_per_s(is_sender=is_sender)

    async def admit(
        self,
        chat_id: str,
        *,
        is_group: bool,
        is_post: bool,
        is_edit: bool = False,
        patience_s: float,
        begin: Callable[[], Awaitable[None]] = _at_once,
    ) -> None:
        """Wait until one write to the chat fits. Edits are counted apart, as the platform does. Raises Crowded.

        `begin` is awaited shortly before that, so that what it takes costs no room; what it raises ends the waiting.
        """
        give_up_at = self._clock() + patience_s
        key = ("edit" if is_edit else "send", chat_id)
        goes_after_answers = is_post and next(self._posts) % _EQUAL_POST != 0
        place, has_begun = (goes_after_answers, next(self._arrivals)), False
        try:
            while True:
                wait_s = self._next_wait_s(key, place, is_group=is_group, is_post=is_post, has_begun=has_begun)
                if wait_s <= _ROUNDING_S and has_begun:
                    break
                if self._clock() + wait_s > give_up_at:
                    raise Crowded(wait_s, everywhere=place in self._queue)
                if wait_s <= _BEGIN_BEFORE_S and not has_begun:
                    has_begun = True
                    self._beginning.add(place)
                    await begin()
                    self._beginning.discard(place)
                else:
                    await self._sleep(wait_s if has_begun else wait_s - _BEGIN_BEFORE_S)
        finally:
            self._beginning.discard(place)
            self._step_aside(place)
        self._count(key, is_group=is_group)

    def pause(self, chat_id: str, seconds: float) -> bool:
        """Write nothing to the chat for so long, as the platform asked; to nobody, if it asks that of everyone.

        Return whether it does.
        """
        until = self._clock() + seconds
        for kind in ("send", "edit"):
            lane = self._lanes.setdefault((kind, chat_id), _Lane())
            lane.free_at = max(lane.free_at, until)
        self._refused.add(chat_id)
        if len(self._refused) < _REFUSALS_OF_ALL:
            return False
        self.pause_all(seconds)
        return True

    def pause_all(self, seconds: float) -> None:
        """Write nothing at all for so long."""
        self._overall_free_at = max(self._overall_free_at, self._clock() + seconds)
        self._refused.clear()

    def accepted(self) -> None:
        """The platform took a message: what it refused before was about single chats."""
        self._refused.clear()

    def _next_wait_s(
        self, key: tuple[str, str], place: tuple[bool, int], *, is_group: bool, is_post: bool, has_begun: bool
    ) -> float:
        """Return how long to wait before looking again; 0 admits. Who waits for the chat alone is in nobody's way."""
        now = self._clock()
        wait_s = self._lane_wait_s(key, now, is_group=is_group, is_post=is_post)
        if wait_s > _ROUNDING_S:
            self._step_aside(place)
            return wait_s
        if place not in self._queue:
            bisect.insort(self._queue, place)
        ahead = self._queue.index(place)
        if has_begun:
            # Who is ahead and not ready holds nobody up.
            ahead -= sum(other in self._beginning for other in self._queue[:ahead])
        return self._overall_wait_s(now, ahead, is_post=is_post)

    def _step_aside(self, place: tuple[bool, int]) -> None:
        if place in self._queue:
            self._queue.remove(place)

    def _lane_wait_s(self, key: tuple[str, str], now: float, *, is_group: bool, is_post: bool) -> float:
        lane = self._lanes.get(key)
        if lane is None:
            return 0.0
        wait_s = lane.free_at - now
        if is_group:
            limits = self._limits
            most = limits.group_posts_per_min if is_post else limits.group_share_per_min
            wait_s = max(wait_s, _window_wait_s(lane.recent, now, _MINUTE_S, most))
        return wait_s

    def _overall_wait_s(self, now: float, ahead: int, *, is_post: bool) -> float:
        """Return how long until there is room for one more after those `ahead`."""
        wait_s = _window_wait_s(self._overall, now, _SECOND_S, self._per_s, ahead)
        if is_post:
            step_s = _EVEN * _SECOND_S / self._per_s
            turn_at = max(now, self._overall[-1] + step_s) if self._overall else now
            wait_s = max(wait_s, turn_at + ahead * step_s - now)
        return max(wait_s, self._overall_free_at - now)

    def _count(self, key: tuple[str, str], *, is_group: bool) -> None:
        now = self._clock()
        if len(self._lanes) > self._forget_above:
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
        self._forget_above = max(_FORGET_ABOVE, 2 * len(self._lanes))


def _window_wait_s(times: deque[float], now: float, span_s: float, most: int, ahead: int = 0) -> float:
    """Return how long until fewer than `most` writes lie within the window, with so many `ahead` of this one."""
    while times and times[0] <= now - span_s:
        times.popleft()
    index = len(times) - most + ahead
    if index < 0:
        return 0.0
    return times[index] + span_s - now if index < len(times) else span_s
