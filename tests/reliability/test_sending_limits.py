"""Telegram's limits are kept in every window, and storms of refusals hold up nobody else. In virtual time."""

import asyncio
import json
import random
from collections import defaultdict
from functools import partial

import pytest

from adapters.telegram.drafts import Target
from adapters.telegram.sending import ANSWER
from bot.events import Place, SpaceMigrated, SpaceRef
from bot.replies import Reply
from storage.verify import verify
from tests.club import MONDAY
from tests.databases import Address, CopyOf, nothing, rows
from tests.reliability.awarding import award
from tests.reliability.effort import rounds
from tests.reliability.virtual import FIRST_GROUP, FIRST_PERSON, NETWORK_S, Answer, PostOffice, most_within, run

pytestmark = pytest.mark.slow
LASTING_S = rounds(90, 600)


async def _broadcast(where: Address) -> None:
    office = PostOffice(where)
    people, groups = 28 * LASTING_S // 8, 40
    await office.open(groups, people)
    chats = [FIRST_PERSON + number for number in range(people) for _ in range(6)]
    chats += [FIRST_GROUP - number % groups for number in range(groups * LASTING_S // 6)]
    random.Random(9).shuffle(chats)
    await office.queue(chats)
    answering = asyncio.create_task(_answer(office, people))
    sending = asyncio.create_task(office.sender.run())
    await asyncio.sleep(LASTING_S)
    await office.sender.stop()
    answering.cancel()
    await asyncio.gather(sending, answering, return_exceptions=True)
    assert [call for call in office.server.calls("sendMessage") if not call.ok] == []
    _keeps_limits(office)
    assert len(office.sent_at()) > 0.95 * 28 * LASTING_S
    await office.close()


async def _answer(office: PostOffice, people: int) -> None:
    """Let somebody ask for something every second, now in private, now in a group."""
    rng = random.Random(8)
    while True:
        chat = FIRST_PERSON + rng.randrange(people) if rng.random() < 0.7 else FIRST_GROUP - rng.randrange(3)
        asked_at = office.clock()
        await office.messenger.send(Reply("cancelled"), Target(str(chat), is_group=chat < 0), ANSWER)
        if chat > 0:
            assert office.clock() - asked_at < 1.3 + 2 * NETWORK_S
        await asyncio.sleep(1.0)


def _keeps_limits(office: PostOffice) -> None:
    sent = office.sent_at()
    chats: defaultdict[int, list[float]] = defaultdict(list)
    for at, chat in sent:
        chats[chat].append(at)
    assert most_within([at for at, _ in sent], 1.0) <= 30
    assert max(most_within(times, 1.0) for times in chats.values()) == 1
    assert max(most_within(times, 60.0) for chat, times in chats.items() if chat < 0) <= 20


def test_a_broadcast_with_answers_between_never_passes_a_limit_in_any_window(empty: Address) -> None:
    run(_broadcast(empty))


class Storm:
    """Refuses three calls of ten for a while of that chat alone, and at times everybody; counts who does not wait.

    A refusal is `avoidable` where by then the bot had been told: to wait with this chat, or with all. That all are
    meant it is told by a guard's answer, or by so many refusals in a row, each of another chat.
    """

    GLOBAL = (40.0, 52.0)
    GUARD = (90.0, 95.0)
    GUARD_S = 75.0
    IN_A_ROW = 8

    def __init__(self, office: PostOffice) -> None:
        self._office = office
        self._rng = random.Random(7)
        self._until: dict[int, float] = {}
        self._in_a_row: set[int] = set()
        self._all_wait = (0.0, 0.0)
        self._guarded = (0.0, 0.0)
        self.avoidable = 0
        self.refused: list[tuple[float, int]] = []
        self.too_early = 0
        self.calls = 0

    def __call__(self, method: str, chat_id: int) -> Answer | None:
        if method != "sendMessage":
            return None
        now = self._office.clock()
        self.calls += 1
        self.too_early += now < self._until.get(chat_id, 0.0) or self._guarded[0] <= now < self._guarded[1]
        if self.GUARD[0] <= now < self.GUARD[1]:
            self._note(now, chat_id, self.GUARD_S, is_of_all=True)
            if not self._guarded[1]:
                self._guarded = (now + 2 * NETWORK_S, now + self.GUARD_S)
            return 429, b"<html>error code: 1015</html>", {"Retry-After": f"{self.GUARD_S:.0f}"}
        if self.GLOBAL[0] <= now < self.GLOBAL[1]:
            return self._refuse(now, chat_id, round(self.GLOBAL[1] - now + 1))
        if self._rng.random() < 0.3:
            return self._refuse(now, chat_id, self._rng.randint(1, 30))
        self._in_a_row.clear()
        return None

    def _refuse(self, now: float, chat_id: int, seconds: int) -> tuple[int, bytes]:
        self._in_a_row.add(chat_id)
        self._note(now, chat_id, seconds, is_of_all=len(self._in_a_row) >= self.IN_A_ROW)
        self._until[chat_id] = now + seconds
        return 429, json.dumps(
            {"ok": False, "error_code": 429, "description": "x", "parameters": {"retry_after": seconds}}
        ).encode()

    def _note(self, now: float, chat_id: int, seconds: float, *, is_of_all: bool) -> None:
        self.refused.append((now, chat_id))
        self.avoidable += now < self._until.get(chat_id, 0.0) or self._all_wait[0] <= now < self._all_wait[1]
        if is_of_all and now >= self._all_wait[1]:
            # What is on the wire until the answer has come could not know.
            self._all_wait = now + 2 * NETWORK_S, now + seconds

    def within(self, span: tuple[float, float]) -> int:
        """Return how many calls were refused in a span of time."""
        return sum(span[0] <= at < span[1] for at, _ in self.refused)


async def _storm(where: Address, each: int) -> None:
    office = PostOffice(where)
    storm = office.wire.weather = Storm(office)
    await office.open(10, 40)
    chats = [*(FIRST_GROUP - number for number in range(10)), *(FIRST_PERSON + number for number in range(40))]
    # The posts to one chat stand together: those to the others wait behind them.
    await office.queue([chat for chat in chats for _ in range(each)])
    await office.until_sent(within_s=40 * each)
    assert await office.states() == {"sent": 50 * each}
    assert storm.too_early == 0
    # A refusal of everybody costs a few calls, not one for each chat.
    assert storm.within(Storm.GLOBAL) < 60
    assert 1 <= storm.within(Storm.GUARD) < 60
    # Everything else that was refused was refused by the storm's own will: nothing by the limits.
    beyond_limits = [call for call in office.server.calls("sendMessage") if not call.ok]
    assert beyond_limits == []
    assert storm.avoidable + len(beyond_limits) < 0.01 * storm.calls
    _keeps_limits(office)
    assert len({chat for at, chat in office.sent_at() if at < 30}) > 35
    await office.close()


def test_a_storm_of_refusals_delays_nobody_else_and_loses_nothing(empty: Address) -> None:
    run(_storm(empty, rounds(20, 40)))


async def _away(where: Address) -> None:
    office = PostOffice(where)
    await office.open(0, 300)
    calls: list[float] = []

    def weather(method: str, chat_id: int) -> tuple[int, bytes] | None:
        if method != "sendMessage":
            return None
        calls.append(office.clock())
        return (502, b"<html>Bad Gateway</html>") if office.clock() < 600 else None

    office.wire.weather = weather
    await office.queue([FIRST_PERSON + number for number in range(300)])
    await office.until_sent(within_s=720)
    assert await office.states() == {"sent": 300}
    # One round of what was on its way, then one post at a time, ever more seldom.
    assert sum(at < 600 for at in calls) < 60
    await office.close()


def test_ten_minutes_without_telegram_cost_a_few_calls(empty: Address) -> None:
    run(_away(empty))


async def _followed(where: Address, seed: int, set_back_s: float) -> None:
    office = PostOffice(where)
    rng = random.Random(seed)
    await office.open(1, 0)
    first = asyncio.create_task(office.sender.run())
    lifeline = office.lifeline
    await asyncio.sleep(0.1)
    second = asyncio.create_task(office.new_sender().run())
    await office.queue([FIRST_GROUP])
    await asyncio.sleep(rng.uniform(4, 9))
    assert (await office.states(), office.held) == ({"sent": 1}, [True])
    lifeline.is_dead = True
    office.set_back_s = set_back_s
    await office.queue([FIRST_GROUP])
    async with asyncio.timeout(15):
        while await office.states() != {"sent": 2}:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    # The first one ended by itself before the second one began.
    assert office.held == [True, False, True]
    for task in (first, second):
        task.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    await office.close()


@pytest.mark.parametrize("set_back_s", [0.0, 5.0, 30.0])
def test_a_dead_sender_is_followed_within_fifteen_seconds(copy_of: CopyOf, set_back_s: float) -> None:
    for seed in range(rounds(3, 50)):
        run(_followed(copy_of(nothing), seed, set_back_s))


async def _set_back(where: Address) -> None:
    office = PostOffice(where)
    await office.open(1, 0)
    first = asyncio.create_task(office.sender.run())
    await asyncio.sleep(0.1)
    second = asyncio.create_task(office.new_sender().run())
    for _ in range(10):
        await asyncio.sleep(12.5)
        office.set_back_s += 30.0
    assert office.held == [True]
    for task in (first, second):
        task.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    await office.close()


def test_a_sender_that_lives_is_not_followed_when_clocks_are_set_back(empty: Address) -> None:
    run(_set_back(empty))


async def _moved(where: Address, *, is_told: bool) -> None:
    office = PostOffice(where)
    await office.open(3, 30)
    chats = [FIRST_GROUP - number % 3 for number in range(30)] + [FIRST_PERSON + number for number in range(30)]
    for number in range(30):
        await office.database.write(partial(award, f"before {number}"))
    before = _ledger(where)
    await office.queue(chats)
    sending = asyncio.create_task(office.sender.run())
    await asyncio.sleep(4.5)
    old, new_id = office.server.groups[FIRST_GROUP], -1009999
    office.server.migrate(old, new_id)
    moved = SpaceMigrated(
        event_id="m1",
        at=MONDAY,
        place=Place("telegram", str(old.id), SpaceRef("telegram", str(old.id))),
        new_space_id=str(new_id),
    )
    if is_told:
        await office.app.handle(moved)
    await asyncio.sleep(120)
    await office.app.handle(moved)
    assert await office.states() == {"sent": 60}
    sent = [chat for _, chat in office.sent_at()]
    assert sent.count(old.id) + sent.count(new_id) == 10
    assert min(sent.count(old.id), sent.count(new_id)) > 0
    # At most what was on its way already went to the old address.
    assert sum(not call.ok for call in office.server.calls("sendMessage")) <= 1
    spaces = await office.database.read(lambda tx: tx.spaces.active())
    assert [space.platform_space_id for space in spaces] == [str(new_id), *(str(FIRST_GROUP - n) for n in (1, 2))]
    await office.sender.stop()
    await sending
    assert _ledger(where) == before
    await office.close()


def _ledger(where: Address) -> tuple[str, list[tuple[object, ...]]]:
    """Return the hash over every entry, and every balance. Everything in it agrees."""
    report = verify(where)
    assert report.problems == []
    balances = rows(where, "SELECT * FROM balance ORDER BY account_id")
    assert balances
    return report.entries_hash, balances


@pytest.mark.parametrize("is_told", [True, False])
def test_a_group_that_moves_amid_a_broadcast_gets_all_of_it(empty: Address, *, is_told: bool) -> None:
    run(_moved(empty, is_told=is_told))
