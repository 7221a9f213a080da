"""What a platform asked one sender to wait, the next one waits: it has a process and a limiter of its own."""

import asyncio
import json
import random

import pytest

from tests.databases import Address, CopyOf, nothing
from tests.reliability.effort import rounds
from tests.reliability.virtual import FIRST_GROUP, FIRST_PERSON, Answer, PostOffice, run

pytestmark = pytest.mark.slow
_GUARD_S = 100.0
# What is on the wire already when a refusal is given.
_UNDER_WAY_S = 0.2
_JITTER_S = 1.0
_A_ROUND_S = 5.0


class Asking:
    """Asks chats to wait once each, or everybody once; knows who was called when."""

    def __init__(self, office: PostOffice, asks: dict[int, int], *, of_all: bool) -> None:
        self._office = office
        self._asks = asks
        self._of_all = of_all
        self.asked: dict[int | None, tuple[float, float]] = {}
        self.calls: list[tuple[float, int]] = []

    def __call__(self, method: str, chat_id: int) -> Answer | None:
        if method != "sendMessage":
            return None
        now = self._office.clock()
        self.calls.append((now, chat_id))
        if self._of_all and (None not in self.asked or now < self.asked[None][0] + _UNDER_WAY_S):
            self.asked.setdefault(None, (now, now + _GUARD_S))
            return 429, b"<html>error code: 1015</html>", {"Retry-After": f"{_GUARD_S:.0f}"}
        if chat_id not in self._asks:
            return None
        seconds = self._asks.pop(chat_id)
        self.asked[chat_id] = now, now + seconds
        answer = {"ok": False, "error_code": 429, "description": "x", "parameters": {"retry_after": seconds}}
        return 429, json.dumps(answer).encode()

    def too_early(self) -> list[tuple[float, int]]:
        """Return the calls before a deadline of theirs."""
        return [
            (at, chat)
            for at, chat in self.calls
            for asked_at, until in (self.asked.get(chat, (0.0, 0.0)), self.asked.get(None, (0.0, 0.0)))
            if asked_at + _UNDER_WAY_S < at < until
        ]


async def _taken_over(where: Address, seed: int, *, is_killed: bool, of_all: bool) -> None:
    office, rng = PostOffice(where), random.Random(seed)
    chats = [*(FIRST_GROUP - number for number in range(5)), *(FIRST_PERSON + number for number in range(15))]
    # Each of these is longer than the takeover, some are longer than ten minutes.
    asks = {chat: rng.choice([rng.randint(30, 60), rng.randint(601, 900)]) for chat in rng.sample(chats, 12)}
    asking = office.wire.weather = Asking(office, {} if of_all else dict(asks), of_all=of_all)
    await office.open(5, 15)
    await office.queue(chats * 2)
    first, lifeline = office.sender, office.lifeline
    sending = [asyncio.create_task(first.run())]
    await asyncio.sleep(rng.uniform(6, 9))
    if is_killed:
        lifeline.is_dead = True
    else:
        await first.stop()
    second = office.new_sender()
    sending.append(asyncio.create_task(second.run()))
    # What is queued meanwhile waits as well.
    await office.queue(chats)
    async with asyncio.timeout(1200):
        while await office.states() != {"sent": 3 * len(chats)}:  # noqa: ASYNC110
            await asyncio.sleep(1.0)
    assert len(asking.asked) == (1 if of_all else len(asks))
    assert asking.too_early() == []
    _goes_on(asking)
    await second.stop()
    sending[0].cancel()
    await asyncio.gather(*sending, return_exceptions=True)
    await office.close()


def _goes_on(asking: Asking) -> None:
    """Nobody waits much longer than they were asked to, and not all end at the same moment."""
    after: list[float] = []
    for chat, (_, until) in asking.asked.items():
        after.append(min(at for at, called in asking.calls if called == (chat or called) and at >= until) - until)
    assert max(after) < _JITTER_S + _A_ROUND_S
    assert len(after) == 1 or max(after) - min(after) > 0.1


@pytest.mark.parametrize("of_all", [False, True])
@pytest.mark.parametrize("is_killed", [False, True])
def test_the_next_sender_waits_as_long_as_the_one_before_was_asked_to(
    copy_of: CopyOf, *, is_killed: bool, of_all: bool
) -> None:
    for seed in range(rounds(1, 20)):
        run(_taken_over(copy_of(nothing), seed, is_killed=is_killed, of_all=of_all))
