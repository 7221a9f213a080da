"""The platforms' sending side: posts arrive, arrive unnoticed, are refused or have to wait; and who sends them."""

import random
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from adapters.outcomes import retry_delay_s
from bot.errors import TryLater
from bot.replies import Sending, Waiting
from handlers.ports import DatabaseOutbox
from storage.engine.database import Database
from storage.operating.leases import LEASE_S
from tests.simulation.accounts import Account
from tests.simulation.clock import Clock
from tests.simulation.oracle import Differs
from tests.simulation.posted import Posted, name_of

_AT_ONCE = 20
_RESTS_S = (3.0, 30.0, 3600.0, 14_400.0)


class Reach(Protocol):
    """Tells the app whether the bot may write to somebody. Raises TryLater."""

    async def __call__(self, name: str, *, is_reachable: bool) -> None: ...


class Post:
    """Sends what waits, one to each chat at a time, as the senders of adapters do, and lets go wrong what may."""

    def __init__(
        self, rng: random.Random, happened: Counter[str], clock: Clock, people: Mapping[str, Account], reach: Reach
    ) -> None:
        self._rng = rng
        self._happened = happened
        self._clock = clock
        self._people = people
        self._reach = reach
        self._posted = Posted()
        self._in_flight: set[int] = set()
        self._owners = 1

    async def round(self, database: Database, platform: str, *, faults: bool = True) -> None:
        """Claim posts and send them, as well as it goes."""
        port = DatabaseOutbox(database)
        if faults:
            await self._unblock(platform)
        await self._send_due(port, platform, self._owner, faults=faults)

    def restarted(self) -> None:
        """Begin as another sender; what was on its way when the process died may have arrived."""
        for post_id in self._in_flight:
            self._happened["died while sending"] += 1
            self._posted.is_in_doubt(post_id)
        self._in_flight.clear()
        self._owners += 1

    def time_is(self) -> None:
        """What is due is looked at, by what the clock shows: what it dated while it was wrong is noticed."""
        self._posted.time_is(self._clock.shown)

    @property
    def _owner(self) -> str:
        return f"owner {self._owners}"

    # Sending --------------------------------------------------------------------------------------------------------

    async def _send_due(self, port: DatabaseOutbox, platform: str, owner: str, *, faults: bool) -> None:
        """Send until nothing is due, the platform wants none of it, or another process is the sender."""
        left, goes_on = _AT_ONCE, True
        self.time_is()
        while goes_on and left:
            posts = (await port.claim(platform, owner, left, ())).posts
            left -= len(posts)
            goes_on = bool(posts)
            for waiting in posts:
                if not await self._sent_one(port, platform, owner, waiting, faults=faults):
                    return

    async def _sent_one(
        self, port: DatabaseOutbox, platform: str, owner: str, waiting: Waiting, *, faults: bool
    ) -> bool:
        """Send one post; return whether its sender may go on."""
        if faults and self._rng.random() < 0.005:
            self._happened["lease lost before sending"] += 1
            other = await self._taken_over(port, platform)
            if await port.begin(platform, owner, waiting.id):
                raise Differs(f"post {waiting.id} is begun by a sender that lost its lease")
            await self._send_due(port, platform, other, faults=False)
            return False
        goes_on = True
        self._in_flight.add(waiting.id)
        try:
            if await port.begin(platform, owner, waiting.id):
                self._check(platform, waiting)
                goes_on = await self._send(port, platform, owner, waiting, self._rng.random() if faults else 1.0)
        except TryLater as reason:
            error = type(reason).__name__
            await _until_noted(lambda: port.put_back(platform, owner, waiting.id, error))
        self._in_flight.discard(waiting.id)
        return goes_on

    def _check(self, platform: str, waiting: Waiting) -> None:
        """Check that a post may be sent now. Raises Differs."""
        self._posted.begins(platform, waiting, self._clock.shown)
        name = name_of(platform, waiting)
        if name is not None and not self._people[name].is_reachable:
            raise Differs(f"post {waiting.id} is sent to {name}, who blocked the bot")

    async def _send(self, port: DatabaseOutbox, platform: str, owner: str, waiting: Waiting, draw: float) -> bool:
        name = name_of(platform, waiting)
        if name is not None and (0.05 <= draw < 0.06 or name in self._posted.blocked):
            await self._unreachable(port, waiting, name)
        elif draw < 0.03:
            await self._too_many(port, platform, owner, waiting, everywhere=draw < 0.01)
            return draw >= 0.01
        elif draw < 0.05:
            self._happened["send refused"] += 1
            self._posted.is_refused(waiting.id)
            await _until_noted(lambda: port.dropped(waiting.id, "400"))
        elif draw < 0.14:
            await self._in_doubt(port, platform, owner, waiting, arrives=draw < 0.1)
        elif draw < 0.15:
            self._happened["lease lost while sending"] += 1
            await self._in_doubt(port, platform, owner, waiting, arrives=draw < 0.145, is_late=True)
            return False
        else:
            self._posted.arrives(waiting.id)
            await _until_noted(lambda: port.sent(waiting.id, str(waiting.id)))
        return True

    async def _too_many(
        self, port: DatabaseOutbox, platform: str, owner: str, waiting: Waiting, *, everywhere: bool
    ) -> None:
        """Nothing more is taken for a while: by this chat, or by the platform. As adapters do, wait a bit longer."""
        self._happened["429 for all" if everywhere else "429 for a chat"] += 1
        rest_s = self._rng.choice(_RESTS_S) + self._rng.random()
        about = platform, owner, waiting.id, "429", rest_s
        await _until_noted(lambda: port.put_back(*about, everywhere=everywhere))
        asked_at = self._clock.shown
        destination = None if everywhere else waiting.destination
        self._posted.wants_rest(platform, destination, asked_at, asked_at + timedelta(seconds=rest_s))

    async def _in_doubt(
        self, port: DatabaseOutbox, platform: str, owner: str, waiting: Waiting, *, arrives: bool, is_late: bool = False
    ) -> None:
        """The connection broke after sending: it may have arrived. Noted late, another sender has dealt with it."""
        self._happened["send arrived unnoticed" if arrives else "send lost"] += 1
        self._happened[f"send in doubt, {waiting.sending.value}"] += 1
        self._posted.is_in_doubt(waiting.id)
        if arrives:
            self._posted.arrives(waiting.id)
        if is_late:
            other = await self._taken_over(port, platform)
            with suppress(TryLater):
                await self._send_due(port, platform, other, faults=False)
        if is_late and arrives:
            await _until_noted(lambda: port.sent(waiting.id, str(waiting.id)))
        elif waiting.sending is Sending.AT_MOST_ONCE:
            await _until_noted(lambda: port.unknown(waiting.id, "timed out"))
        else:
            after_s = retry_delay_s(waiting.tries)
            await _until_noted(lambda: port.later(platform, owner, waiting.id, after_s, "timed out"))
            if not is_late:
                self._posted.is_put_off(waiting.id, self._clock.shown + timedelta(seconds=after_s))

    async def _taken_over(self, port: DatabaseOutbox, platform: str) -> str:
        """This process sleeps until its lease is over, and another one takes it; return who."""
        self._clock.sleep(timedelta(seconds=LEASE_S + 1))
        self._owners += 2
        other = f"owner {self._owners - 1}"
        await _until_noted(lambda: port.claim(platform, other, 0, ()))
        return other

    # Who blocks the bot -----------------------------------------------------------------------------------------------

    async def _unreachable(self, port: DatabaseOutbox, waiting: Waiting, name: str) -> None:
        """Somebody blocks the bot, or did so when the app could not take it in: the app is told, and then the post."""
        self._happened["blocked"] += name not in self._posted.blocked
        self._posted.blocks(name)
        self._posted.is_refused(waiting.id)
        with suppress(TryLater):
            # The next post to them meets the same refusal and tells it again.
            await self._reach(name, is_reachable=False)
        await _until_noted(lambda: port.dropped(waiting.id, "403"))

    async def _unblock(self, platform: str) -> None:
        """Some let the bot write again. Telegram says so; on Discord they only do it."""
        for name in sorted(self._posted.blocked):
            if not name.startswith(platform) or self._rng.random() < 0.8:
                continue
            self._posted.blocked.discard(name)
            self._happened["unblocked"] += 1
            if platform == "telegram":
                with suppress(TryLater):
                    await self._reach(name, is_reachable=True)

    # The end --------------------------------------------------------------------------------------------------------

    def judge(self, path: Path) -> None:
        """Check that no post is lost, and that none came more often than doubt explains. Raises Differs."""
        self._posted.judge(path)

    def nothing_waits(self, path: Path) -> None:
        """Check that every post came to an end. Raises Differs."""
        if waiting := self.waiting(path):
            raise Differs(f"posts that nobody sends: {waiting}")

    def waiting(self, path: Path) -> dict[str, int]:
        """Return how many posts have not come to an end, by state."""
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute("SELECT state, COUNT(*) FROM outbox GROUP BY state").fetchall()
        return {state: count for state, count in rows if state in ("waiting", "sending")}


async def _until_noted(note: Callable[[], Awaitable[object]]) -> None:
    while True:
        try:
            await note()
            return
        except TryLater:
            continue
