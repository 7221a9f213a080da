"""The sender loop: every end of a delivery is noted, a crash and an absent database stop nothing."""

import asyncio

import pytest

from adapters.outbox import Dropped, Later, Outcome, Sender, Sent, Unknown
from bot.errors import TryLater
from bot.replies import Reply, Sending, Waiting
from tests.adapters.telegram.running import until


class Shelf:
    """An outbox in memory."""

    def __init__(self, *posts: Waiting) -> None:
        self.posts = list(posts)
        self.noted: list[tuple[int, str, object]] = []
        self.away = 0

    async def claim(self, platform: str, most: int) -> list[Waiting]:
        self._maybe_away()
        claimed, self.posts = self.posts[:most], self.posts[most:]
        return claimed

    async def sent(self, post_id: int, message_id: str) -> None:
        self._maybe_away()
        self.noted.append((post_id, "sent", message_id))

    async def later(self, post_id: int, after_s: float, error: str) -> None:
        self.noted.append((post_id, "later", after_s))

    async def dropped(self, post_id: int, error: str) -> None:
        self.noted.append((post_id, "dropped", error))

    async def unknown(self, post_id: int, error: str) -> None:
        self.noted.append((post_id, "unknown", error))

    def _maybe_away(self) -> None:
        if self.away:
            self.away -= 1
            raise TryLater


def waiting(post_id: int, sending: Sending = Sending.AT_LEAST_ONCE, tries: int = 0) -> Waiting:
    return Waiting(post_id, Reply("x"), sending, tries, "-1", None, "-1", None)


async def drained(shelf: Shelf, count: int, outcomes: dict[int, Outcome]) -> list[tuple[int, str, object]]:
    async def deliver(post: Waiting) -> Outcome:
        return outcomes[post.id]

    sender = Sender("telegram", shelf, deliver)
    task = asyncio.create_task(sender.run())
    await until(lambda: len(shelf.noted) >= count)
    await sender.stop()
    await task
    return shelf.noted


async def test_every_end_is_noted() -> None:
    shelf = Shelf(*(waiting(number) for number in range(4)))
    ends: dict[int, Outcome] = {0: Sent("5"), 1: Later(3.0, "flood"), 2: Dropped("blocked"), 3: Unknown("timeout")}
    assert sorted(await drained(shelf, 4, ends)) == [
        (0, "sent", "5"),
        (1, "later", 3.0),
        (2, "dropped", "blocked"),
        (3, "unknown", "timeout"),
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
