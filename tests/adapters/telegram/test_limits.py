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


async def test_posts_leave_room_for_answers_in_a_group() -> None:
    time = Time()
    limiter = Limiter(clock=time, sleep=time.sleep)
    await written(time, limiter, ["-1"] * 15, is_group=True, is_post=True)
    with pytest.raises(Crowded) as crowded:
        await limiter.admit("-1", is_group=True, is_post=True, patience_s=2.0)
    assert not crowded.value.everywhere
    ((answered_at, _),) = await written(time, limiter, ["-1"], is_group=True)
    assert answered_at < 16


async def test_posts_use_the_whole_rate_while_nobody_waits_for_an_answer() -> None:
    time = Time()
    limiter = Limiter(clock=time, sleep=time.sleep)
    done = await written(time, limiter, [str(n) for n in range(28 * 20)], is_group=False, is_post=True)
    assert 0.98 * 28 < len(done) / done[-1][0] <= 29
    assert most_within([at for at, _ in done], 1.0) == 28


async def test_an_answer_goes_before_all_posts_that_wait() -> None:
    time = Time()
    limiter = Limiter(clock=time, sleep=time.sleep)
    answered: list[float] = []

    async def answer() -> None:
        await time.sleep(3.3)
        await limiter.admit("someone", is_group=False, is_post=False, patience_s=10)
        answered.append(time.now)

    async def post(number: int) -> None:
        await limiter.admit(str(number), is_group=False, is_post=True, patience_s=10**4)

    posts = [asyncio.create_task(post(number)) for number in range(200)]
    await time.run([asyncio.create_task(answer()), *posts])
    assert answered[0] - 3.3 < 0.25


async def test_some_posts_get_through_however_many_answers_there_are() -> None:
    time = Time()
    limiter = Limiter(clock=time, sleep=time.sleep)
    posted: list[float] = []

    async def post(number: int) -> None:
        await time.sleep(1.0)
        await limiter.admit(str(-number), is_group=False, is_post=True, patience_s=100)
        posted.append(time.now)

    async def answer(number: int) -> None:
        await time.sleep(number / 40)
        await limiter.admit(str(number), is_group=False, is_post=False, patience_s=100)

    posts = [asyncio.create_task(post(number)) for number in range(1, 17)]
    await time.run([*(asyncio.create_task(answer(number)) for number in range(400)), *posts])
    assert len([at for at in posted if at < 3]) == 2
    assert len([at for at in posted if at > 12]) == 14


async def test_what_a_beginning_takes_costs_no_room() -> None:
    time = Time()
    limiter = Limiter(clock=time, sleep=time.sleep)
    early: list[float] = []
    sent: list[float] = []
    on_their_way = asyncio.Semaphore(40)

    async def post(chat: str) -> None:
        begun_at = 0.0

        async def begin() -> None:
            nonlocal begun_at
            begun_at = time.now
            await time.sleep(0.15)

        async with on_their_way:
            await limiter.admit(chat, is_group=False, is_post=True, patience_s=100, begin=begin)
            early.append(time.now - begun_at)
            sent.append(time.now)

    await time.run([asyncio.create_task(post(str(number))) for number in range(280)])
    assert len(sent) / sent[-1] > 0.97 * 28
    assert most_within(sent, 1.0) == 28
    assert max(early) < 0.6


async def test_what_cannot_begin_is_not_admitted_and_leaves_the_room_to_others() -> None:
    time = Time()
    limiter = Limiter(Limits(overall_per_s=1), clock=time, sleep=time.sleep)

    async def refuse() -> None:
        raise KeyError

    with pytest.raises(KeyError):
        await limiter.admit("1", is_group=False, is_post=True, patience_s=0, begin=refuse)
    await limiter.admit("1", is_group=False, is_post=False, patience_s=0)


@pytest.mark.parametrize(
    ("processes", "others", "senders"), [(1, 28, 28), (2, 9, 19), (4, 5, 13), (10, 2, 10), (20, 1, 9)]
)
def test_several_processes_share_the_rate(processes: int, others: int, senders: int) -> None:
    limits = Limits(processes=processes)
    assert limits.share_per_s(is_sender=False) == others
    assert limits.share_per_s(is_sender=True) == senders
    assert others * (processes - 1) + senders <= 28
    assert limits.group_share_per_min * processes <= 20
    assert 1 <= limits.group_posts_per_min <= limits.group_share_per_min


async def test_who_becomes_the_sender_of_several_writes_faster() -> None:
    time = Time()
    limiter = Limiter(Limits(processes=2), clock=time, sleep=time.sleep)
    chats = [str(n) for n in range(57)]
    alone = await written(time, limiter, chats, is_group=False)
    assert most_within([at for at, _ in alone], 1.0) == 9
    limiter.send_posts(True)
    time.now += 1
    both = await written(time, limiter, chats, is_group=False)
    assert most_within([at for at, _ in both], 1.0) == 19
    limiter.send_posts(False)
    again = await written(time, limiter, chats, is_group=False)
    assert most_within([at for at, _ in again], 1.0) == 9


async def test_a_chat_that_was_refused_is_paused_alone() -> None:
    time = Time()
    limiter = Limiter(clock=time, sleep=time.sleep)
    for number in range(7):
        limiter.pause(str(number), 30)
    limiter.accepted()
    limiter.pause("7", 30)
    await limiter.admit("8", is_group=False, is_post=True, patience_s=0)
    with pytest.raises(Crowded) as crowded:
        await limiter.admit("3", is_group=False, is_post=True, patience_s=3)
    assert not crowded.value.everywhere


@pytest.mark.parametrize("is_told", [False, True])
async def test_a_refusal_of_everyone_pauses_all(*, is_told: bool) -> None:
    time = Time()
    limiter = Limiter(clock=time, sleep=time.sleep)
    for number in range(8):
        limiter.pause(str(number), 20)
    if is_told:
        limiter.pause_all(30)
    with pytest.raises(Crowded, match="30 s" if is_told else "20 s") as crowded:
        await limiter.admit("x", is_group=False, is_post=False, patience_s=19)
    assert crowded.value.everywhere


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
