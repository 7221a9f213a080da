"""What adapters need from the database, as the ports they are given: the outbox and a memory."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.config.config import Config
from bot.deeds import Removal
from bot.earning.versions import RuleBook
from bot.events import Identity
from bot.quiet_hours import QuietHours
from bot.replies import Claimed, Waiting
from handlers.tiers.groups import is_still_wanted
from storage.engine.database import Database
from storage.operating.leases import LEASE_S
from storage.outgoing.outbox import DROPPED, REFUSED, SENT, UNKNOWN
from storage.transaction import Transaction

_MEMORY = "memory:"


class DatabaseOutbox:
    """The posts that wait, for each platform's sender. Every method raises TryLater if nothing was done.

    A sender is an owner of the platform's lease: a word of its own. `config` says when what is not urgent waits, and
    who is still to be taken out of a group; without it nothing waits, and everybody is. `steady_s` is a clock that
    nobody sets: by it another sender is known to be gone, whatever became of the clock that its lease was written by.
    """

    def __init__(
        self, database: Database, config: Config | None = None, steady_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._config = config
        self._steady_s = steady_s
        self._signs: dict[str, tuple[str | None, float]] = {}
        self._rules = None if config is None else RuleBook.of(config)

    async def claim(self, platform: str, owner: str, most: int, busy: Collection[int] | None = None) -> Claimed:
        """Take or keep the platform's lease and return what is due; with `busy`, one for each other destination.

        What a sender before this one was sending when it died is settled first.
        """
        return await self._database.write(lambda tx: self._claim(tx, platform, owner, most, busy))

    def _claim(self, tx: Transaction, platform: str, owner: str, most: int, busy: Collection[int] | None) -> Claimed:
        hold = tx.leases.take(_lease(platform), owner, self._gone(platform))
        if hold is None:
            self._hear(platform, tx.leases.sign(_lease(platform)))
            return Claimed((), 0.0)
        if hold.is_new:
            tx.outbox.settle(platform)
        if self._config is not None and (hours := self._config.quiet_hours.hours) is not None:
            self._keep_quiet(tx, platform, hours)
        claimed = tx.outbox.claim(platform, most, busy)
        pointless = [post for post in claimed if self._is_pointless(post, platform, tx)]
        for post in pointless:
            tx.marks.done(post.id, ())
        return Claimed(tuple(post for post in claimed if post not in pointless), hold.left_s)

    def _hear(self, platform: str, sign: str | None) -> None:
        """Note since when another sender's sign of life is the last one."""
        if self._signs.get(platform, (None, 0.0))[0] != sign:
            self._signs[platform] = sign, self._steady_s()

    def _gone(self, platform: str) -> str | None:
        """Return another sender's last sign of life, if it is that for as long as a lease lasts."""
        sign, since_s = self._signs.get(platform, (None, 0.0))
        return sign if self._steady_s() - since_s >= LEASE_S else None

    def _is_pointless(self, waiting: Waiting, platform: str, tx: Transaction) -> bool:
        """Whether it is a deed that nobody wants done any more."""
        if not isinstance(waiting.deed, Removal) or self._config is None or self._rules is None:
            return False
        whom = Identity(platform, waiting.user_id or "")
        return not is_still_wanted(waiting.deed, whom, tx, self._config, self._rules)

    def _keep_quiet(self, tx: Transaction, platform: str, hours: QuietHours) -> None:
        """Put off what would disturb somebody by their own clock, that of the club where they chose none."""
        for zone in (None, *tx.member_zones.chosen()):
            quiet_until = hours.until(tx.now, tx.zone if zone is None else ZoneInfo(zone))
            if quiet_until is not None:
                tx.outbox.put_off(platform, quiet_until, zone)

    async def begin(self, platform: str, owner: str, post_id: int) -> bool:
        """Note that a post is about to be sent; False if this is not the platform's sender any more."""
        return await self._database.write(
            lambda tx: tx.leases.is_held(_lease(platform), owner) and tx.outbox.begin(post_id)
        )

    async def release(self, platform: str, owner: str) -> None:
        """Let another sender take over at once."""
        await self._database.write(lambda tx: tx.leases.release(_lease(platform), owner))

    async def sent(self, post_id: int, message_id: str) -> None:
        """It arrived."""
        await self._end(post_id, SENT, message_id, None)

    async def later(self, platform: str, owner: str, post_id: int, after_s: float, error: str) -> None:
        """It may be tried again after so many seconds, unless another sender has it by now."""
        await self._database.write(lambda tx: self._later(tx, platform, owner, post_id, after_s, error))

    def _later(self, tx: Transaction, platform: str, owner: str, post_id: int, after_s: float, error: str) -> None:
        if tx.leases.is_nobody_elses(_lease(platform), owner):
            tx.outbox.later(post_id, tx.now + timedelta(seconds=after_s), error)

    async def put_back(
        self, platform: str, owner: str, post_id: int, error: str, rest_s: float = 0.0, *, everywhere: bool = False
    ) -> None:
        """It did not arrive, for a reason that is not its own: it waits as before, unless another sender has it.

        Nothing is sent to its destination for `rest_s`, to nobody if `everywhere`: by no sender, whoever it will be.
        """

        def write(tx: Transaction) -> None:
            if rest_s > 0:
                tx.outbox.rest(post_id, tx.now + timedelta(seconds=rest_s), everywhere=everywhere)
            self._put_back(tx, platform, owner, post_id, error)

        await self._database.write(write)

    def _put_back(self, tx: Transaction, platform: str, owner: str, post_id: int, error: str) -> None:
        if tx.leases.is_nobody_elses(_lease(platform), owner):
            tx.outbox.put_back(post_id, error)

    async def done(self, post_id: int, given: Collection[str]) -> None:
        """It was a deed, and is done; `given` are the marks of ours that the member has now."""
        await self._database.write(lambda tx: tx.marks.done(post_id, given))

    async def refused(self, post_id: int, error: str) -> None:
        """It was a deed, and the platform does not let us do it."""
        await self._end(post_id, REFUSED, None, error)

    async def dropped(self, post_id: int, error: str) -> None:
        """It will never arrive."""
        await self._end(post_id, DROPPED, None, error)

    async def unknown(self, post_id: int, error: str) -> None:
        """It may have arrived, and must not be sent twice."""
        await self._end(post_id, UNKNOWN, None, error)

    async def _end(self, post_id: int, state: str, message_id: str | None, error: str | None) -> None:
        await self._database.write(lambda tx: tx.outbox.end(post_id, state, message_id, error))


def _lease(platform: str) -> str:
    return f"sender:{platform}"


class DatabaseMemory:
    """What adapters remember over a restart. Every method raises TryLater if nothing was done."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, key: str) -> str | None:
        """Return a small value."""
        return await self._database.read(lambda tx: tx.settings.get(_MEMORY + key))

    async def put(self, key: str, value: str) -> None:
        """Keep a small value."""
        await self._database.write(lambda tx: tx.settings.put(_MEMORY + key, value))

    async def cursors(self, platform: str) -> Mapping[str, str]:
        """Return the last committed message id by channel."""
        return await self._database.read(lambda tx: tx.spaces.cursors(platform))

    async def save_cursors(self, platform: str, cursors: Iterable[tuple[str, str]]) -> None:
        """Keep the last committed message ids."""
        kept = list(cursors)
        await self._database.write(lambda tx: tx.spaces.save_cursors(platform, kept))


class DatabasePhotos:
    """The pictures that people sent, by their names. Raises TryLater."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, name: str) -> bytes | None:
        """Return a picture as PNG, None where it is not kept any more."""
        return await self._database.read(lambda tx: tx.pictures.png(name))
