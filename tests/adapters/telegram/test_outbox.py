"""The sender loop: every end of a delivery is noted, a crash and an absent database stop nothing."""

import asyncio
from collections.abc import Collection

import pytest

from adapters.outbox import Begin, Sender
from adapters.outcomes import Dropped, Later, Outcome, Pause, Sent, Unknown
from bot.errors import TryLater
from bot.replies import Claimed, Reply, Sending, Waiting
from tests.adapters.telegram.running import until


class Shelf:
    """An outbox in memory, whose lease is anybody's."""

    def __init__(self, *posts: Waiting) -> None:
        self.posts = list(posts)
        self.noted: list[tuple[int, str, object]] = []
        self.begun: list[int] = []
        self.rooms: list[int] = []
        self.lease_s = 10.0
        self.away = 0

    async def claim(self, platform: str, owner: str, most: int, busy: Collection[int] | None = None) -> Claimed:
        self._maybe_away()
        self.rooms.append(most)
        first = {post.destination: post for post in reversed(self.posts)}
        free = [post for post in self.posts if first[post.destination] is post]
        claimed = [post for post in free if post.destination not in (busy or ())][:most] if self.lease_s else []
        self.posts = [post for post in self.posts if post not in claimed]
        return Claimed(tuple(claimed), self.lease_s)

    async def begin(self, platform: str, owner: str, post_id: int) -> bool:
        self.begun.append(post_id)
        return bool(self.lease_s)

    async def release(self, platform: str, owner: str) -> None:
        return None

    async def sent(self, post_id: int, message_id: str) -> None:
        self._maybe_away()
        self.noted.append((post_id, "sent", message_id))

    async def later(self, platform: str, owner: str, post_id: int, after_s: float, error: str) -> None:
        self.noted.append((post_id, "later", after_s))

    async def put_back(
        self, platform: str, owner: str, post_id: int, error: str, rest_s: float = 0.0, *, everywhere: bool = False
    ) -> None:
        self.noted.append((post_id, "put back", (error, rest_s, everywhere)))

    async def done(self, post_id: int, given: Collection[str]) -> None:
        self.noted.append((post_id, "done", tuple(given)))

    async def refused(self, post_id: int, error: str) -> None:
        self.noted.append((post_id, "refused", error))

    async def dropped(self, post_id: int, error: str) -> None:
        self.noted.append((post_id, "dropped", error))

    async def unknown(self, post_id: int, error: str) -> None:
        self.noted.append((post_id, "unknown", error))

    def _maybe_away(self) -> None:
        if self.away:
            self.away -= 1
            raise TryLater


def waiting(post_id: int, sending: Sending = Sending.AT_LEAST_ONCE, tries: int = 0, to: int = 0) -> Waiting:
    return Waiting(post_id, Reply("x"), sending, tries, "-1", None, "-1", None, to or post_id)


async def drained(shelf: Shelf, count: int, outcomes: dict[int, Outcome]) -> list[tuple[int, str, object]]:
    async def deliver(post: Waiting, begin: Begin) -> Outcome:
        await begin()
        return outcomes[post.id]

    sender = Sender("telegram", shelf, deliver, jitter_s=lambda: 0.25)
    task = asyncio.create_task(sender.run())
    await until(lambda: len(shelf.noted) >= count)
    await sender.stop()
    await task
    return shelf.noted


async def test_every_end_is_noted() -> None:
    shelf = Shelf(*(waiting(number) for number in range(6)))
    ends: dict[int, Outcome] = {
        0: Sent("5"),
        1: Later(3.0, "refused"),
        2: Dropped("blocked"),
        3: Unknown("timeout"),
        4: Pause(9.0, "no room"),
        5: Pause(9.0, "429", everywhere=True, is_asked=True),
    }
    assert sorted(await drained(shelf, 6, ends)) == [
        (0, "sent", "5"),
        (1, "later", 3.0),
        (2, "dropped", "blocked"),
        (3, "unknown", "timeout"),
        (4, "put back", ("no room", 9.0, False)),
        (5, "put back", ("429", 9.25, True)),
    ]


@pytest.mark.parametrize(
    ("post", "end"),
    [
        (waiting(1), (1, "later", 1.0)),
        (waiting(1, tries=4), (1, "dropped", "KeyError")),
        (waiting(1, Sending.AT_MOST_ONCE), (1, "unknown", "KeyError")),
    ],
)
async def test_a_crash_while_delivering_ends_that_post_alone(post: Waiting, end: tuple[int, str, object]) -> None:
    assert await drained(Shelf(post, waiting(2)), 2, {2: Sent("6")}) == [end, (2, "sent", "6")]


async def test_what_arrived_is_noted_once_the_database_is_back() -> None:
    shelf = Shelf(waiting(1))
    shelf.away = 1
    assert await drained(shelf, 1, {1: Sent("5")}) == [(1, "sent", "5")]


async def test_one_chat_gets_one_post_at_a_time_and_holds_up_no_other() -> None:
    shelf = Shelf(*(waiting(number, to=7) for number in range(5)), waiting(9))
    free = asyncio.Event()
    on_their_way: list[int] = []

    async def deliver(post: Waiting, begin: Begin) -> Outcome:
        on_their_way.append(post.id)
        if post.destination == 7:
            await free.wait()
        return Sent("1")

    shelf.posts = shelf.posts[:1] + shelf.posts[5:] + shelf.posts[1:5]
    sender = Sender("telegram", shelf, deliver)
    task = asyncio.create_task(sender.run())
    await until(lambda: (9, "sent", "1") in shelf.noted)
    assert [post for post in on_their_way if post != 9] == [0]
    free.set()
    await until(lambda: len(shelf.noted) == 6)
    assert [post for post in on_their_way if post != 9] == [0, 1, 2, 3, 4]
    await sender.stop()
    await task


async def test_a_pause_for_a_chat_leaves_its_other_posts_where_they_are() -> None:
    shelf = Shelf(waiting(1, to=7), waiting(2, to=8))
    ends: dict[int, Outcome] = {1: Pause(60.0, "429"), 2: Sent("5"), 3: Sent("6")}
    await drained(shelf, 2, ends)
    assert sorted(shelf.noted) == [(1, "put back", ("429", 60.0, False)), (2, "sent", "5")]


async def test_a_platform_that_is_away_is_tried_with_one_post_at_a_time() -> None:
    shelf = Shelf(waiting(1))
    ends: dict[int, Outcome] = {1: Later(1.0, "502", is_away=True), 2: Sent("5"), 3: Sent("6")}

    async def deliver(post: Waiting, begin: Begin) -> Outcome:
        if post.id == 1:
            shelf.posts = [waiting(2), waiting(3)]
        return ends[post.id]

    sender = Sender("telegram", shelf, deliver)
    task = asyncio.create_task(sender.run())
    await until(lambda: len(shelf.noted) == 3)
    assert shelf.noted == [(1, "later", 1.0), (2, "sent", "5"), (3, "sent", "6")]
    assert {0, 1} < set(shelf.rooms)
    await sender.stop()
    await task


async def test_who_lost_the_lease_sends_nothing_more() -> None:
    shelf = Shelf(waiting(1))
    may_begin, held = asyncio.Event(), list[bool]()
    requests: list[int] = []

    async def deliver(post: Waiting, begin: Begin) -> Outcome:
        await may_begin.wait()
        await begin()
        requests.append(post.id)
        return Sent("5")

    sender = Sender("telegram", shelf, deliver, on_hold=held.append)
    task = asyncio.create_task(sender.run())
    await until(lambda: not shelf.posts)
    shelf.lease_s = 0.0
    await until(lambda: held == [True, False])
    may_begin.set()
    await sender.stop()
    await task
    assert (requests, shelf.begun) == ([], [])


async def test_a_lease_that_cannot_be_renewed_ends_by_itself() -> None:
    shelf = Shelf()
    time, held = [0.0], list[bool]()
    sender = Sender(
        "telegram", shelf, lambda post, begin: asyncio.sleep(0, Sent("")), on_hold=held.append, clock=lambda: time[0]
    )
    task = asyncio.create_task(sender.run())
    await until(lambda: held == [True])
    shelf.away = 10**6
    time[0] = 8.4
    await asyncio.sleep(0.7)
    assert held == [True]
    time[0] = 8.6
    await until(lambda: held == [True, False])
    await sender.stop()
    await task
