"""The platform's limits on writing, on a clock of our own."""

import asyncio
import heapq
from collections.abc import Sequence

import pytest

from adapters.telegram.limits import Crowded, Limiter, Limits


class Time:
    """A clock that jumps to the next one who wakes up."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Event]] = []
        self._count = 0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self._count += 1
        woken = asyncio.Event()
        heapq.heappush(self._sleepers, (self.now + seconds, self._count, woken))
        await woken.wait()

    async def run(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        while not all(task.done() for task in tasks):
            for _ in range(5):
                await asyncio.sleep(0)
            if self._sleepers:
                self.now, _, woken = heapq.heappop(self._sleepers)
                woken.set()


def most_within(times: Sequence[float], span_s: float) -> int:
    """Return the most times in any half-open window of this length."""
    return max(sum(start <= other < start + span_s - 1e-6 for other in times) for start in times)


async def written(
    time: Time, limiter: Limiter, chats: Sequence[str], *, is_group: bool, is_post: bool = False
) -> list[tuple[float, str]]:
    done: list[tuple[float, str]] = []

    async def write(chat: str) -> None:
        await limiter.admit(chat, is_group=is_group, is_post=is_post, patience_s=10_000)
        done.append((time.now, chat))

    await time.run([asyncio.create_task(write(chat)) for chat in chats])
    return done


async def test_one_a_second_to_a_person_and_28_overall() -> None:
    time = Time()
    done = await written(time, Limiter(clock=time, sleep=time.sleep), [f"{n % 60}" for n in range(180)], is_group=False)
    assert most_within([at for at, _ in done], 1.0) == 28
    assert all(most_within([at for at, to in done if to == chat], 1.0) == 1 for chat in {"0", "7"})


async def test_18_a_minute_to_a_group() -> None:
    time = Time()
    done = await written(time, Limiter(clock=time, sleep=time.sleep), ["-1"] * 40, is_group=True)
    times = [at for at, _ in done]
    assert most_within(times, 60.0) == 18
    assert times[-1] < 140


async def test_posts_leave_room_for_answers() -> None:
    time = Time()
    limiter = Limiter(clock=time, sleep=time.sleep)
    await written(time, limiter, ["-1"] * 15, is_group=True, is_post=True)
    with pytest.raises(Crowded):
        await limiter.admit("-1", is_group=True, is_post=True, patience_s=2.0)
    ((answered_at, _),) = await written(time, limiter, ["-1"], is_group=True)
    assert answered_at < 16


async def test_edits_are_counted_apart_and_a_pause_holds_for_both() -> None:
    time = Time()
    limiter = Limiter(clock=time, sleep=time.sleep)
    await limiter.admit("1", is_group=False, is_post=False, patience_s=0)
    await limiter.admit("1", is_group=False, is_post=False, is_edit=True, patience_s=0)
    limiter.pause("1", 30)
    with pytest.raises(Crowded, match="30 s"):
        await limiter.admit("1", is_group=False, is_post=False, is_edit=True, patience_s=29)
    await limiter.admit("2", is_group=False, is_post=False, patience_s=0)


async def test_old_chats_are_forgotten() -> None:
    time = Time()
    limiter = Limiter(Limits(overall_per_s=10**6), clock=time, sleep=time.sleep)
    for chat in range(1100):
        time.now += 2
        await limiter.admit(str(chat), is_group=False, is_post=False, patience_s=0)
    assert len(limiter._lanes) <= 1001
