"""Telling the owners in chat of trouble that only they can mend: each kind at most once an hour."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import structlog

from bot.clock import WELL, ClockState
from bot.errors import TryLater
from bot.observing import Observer
from bot.replies import Post, ToMember
from storage.engine.database import Database, DatabaseFull
from storage.transaction import Transaction

log = structlog.get_logger("bywalec.alerts")
_PAUSE = timedelta(hours=1)
_REMIND = timedelta(days=1)
_DAY = timedelta(days=1)
_LATE = timedelta(minutes=15)
_STUCK = timedelta(minutes=15)
_UNSURE = timedelta(minutes=15)
_FEWEST_DROPPED = 5
_DROPPED_OF_TEN = 1
_FREE_AT_LEAST = 500 * 10**6
_FREE_AT_MOST = 5 * 10**9
_FREE_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Disk:
    """Room on the disk of the database, in bytes."""

    free: int
    total: int

    @property
    def is_low(self) -> bool:
        """Less than 500 MB, or less than 5 % (of a large disk less than 5 GB)."""
        return self.free < max(_FREE_AT_LEAST, min(_FREE_AT_MOST, int(self.total * _FREE_SHARE)))


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something the owners should know: `amount` of a kind. More of it is news; the same is, once `again_after`."""

    kind: str
    amount: int
    fields: Mapping[str, object] = field(default_factory=dict)
    again_after: timedelta = _REMIND

    def is_news(self, tx: Transaction) -> bool:
        """Whether the owners should be told now."""
        told_at, known = tx.alerts.known(self.kind)
        if told_at is None or self.amount == 0:
            return self.amount > 0
        since = tx.now - told_at
        return since >= _PAUSE and (self.amount > known or since >= self.again_after)


class Alarms:
    """What this process saw that the database does not say, until the owners were told."""

    def __init__(self, disk: Callable[[], Disk | None], observer: Observer) -> None:
        self._disk = disk
        self._observer = observer
        self._late: dict[str, timedelta] = {}
        self._was_full = False
        self._clock = WELL
        self._clock_is_fine: set[str] = set()

    def clock(self, state: ClockState) -> None:
        """Note how far the clock can be relied on."""
        self._clock = state

    def away(self, error: TryLater) -> None:
        """Note why nothing could be done."""
        self._was_full = self._was_full or isinstance(error, DatabaseFull)

    def ran(self, job: str, late: timedelta) -> None:
        """Note how late a job was."""
        self._observer.ran(job, late.total_seconds())
        if late > _LATE:
            self._late[job] = max(late, self._late.get(job, late))

    def seen(self) -> Iterator[Trouble]:
        """Yield what is noted, and what there is to say of the disk."""
        if self._late:
            fields = {"jobs": sorted(self._late), "minutes": _minutes(max(self._late.values()))}
            yield Trouble("late_jobs", 1, fields, again_after=_PAUSE)
        if self._was_full:
            yield Trouble("disk_full", 1, again_after=_PAUSE)
        # That it is fine here is news once: the clock of another process may be wrong all the time.
        yield from (one for one in _of_clock(self._clock) if one.amount or one.kind not in self._clock_is_fine)
        disk = self._disk()
        if disk is not None:
            yield Trouble("disk_low", int(disk.is_low), {"megabytes": disk.free // 10**6})

    def noted(self) -> None:
        """What is seen of the clock now is written down."""
        self._clock_is_fine = {one.kind for one in _of_clock(self._clock) if not one.amount}

    def told(self, kind: str) -> None:
        """Forget what the owners know now."""
        if kind == "late_jobs":
            self._late.clear()
        elif kind == "disk_full":
            self._was_full = False


async def alert(database: Database, alarms: Alarms) -> None:
    """Tell the owners what is news. Raises TryLater if nothing was done."""
    seen = tuple(alarms.seen())
    if await database.read(lambda tx: any(_is_due(trouble, tx) for trouble in _all(seen, tx))):
        for kind in await database.write(lambda tx: _tell_all(seen, tx)):
            alarms.told(kind)
    alarms.noted()


def tell(trouble: Trouble, tx: Transaction) -> bool:
    """Tell the owners in their chats, by the template `alert_<kind>`; False within an hour of the last time."""
    if not tx.alerts.claim(trouble.kind, _PAUSE, trouble.amount):
        return False
    log.warning("alert", kind=trouble.kind, amount=trouble.amount)
    for member_id in tx.roles.owners():
        key = f"alert:{trouble.kind}:{member_id}:{tx.now.isoformat()}"
        post = Post(ToMember(member_id), f"alert_{trouble.kind}", key, trouble.fields, is_urgent=True)
        tx.post(post)
    return True


def _of_clock(clock: ClockState) -> Iterator[Trouble]:
    leapt, wrong_by, is_unsure = clock.leapt, clock.wrong_by, clock.unsure_for > _UNSURE
    yield Trouble("clock_leapt", int(bool(leapt)), {"minutes": _minutes(leapt)}, again_after=_PAUSE)
    about = {"minutes": _minutes(abs(wrong_by)), "is_ahead": wrong_by > timedelta(0)}
    yield Trouble("clock_wrong", int(bool(wrong_by)), about)
    yield Trouble("clock_unsure", int(is_unsure))


def _tell_all(seen: Sequence[Trouble], tx: Transaction) -> list[str]:
    told = []
    for trouble in _all(seen, tx):
        if trouble.is_news(tx):
            told += [trouble.kind] if tell(trouble, tx) else []
        elif trouble.amount < tx.alerts.known(trouble.kind)[1]:
            tx.alerts.ease(trouble.kind, trouble.amount)
    return told


def _is_due(trouble: Trouble, tx: Transaction) -> bool:
    """Whether there is something to tell, or less of it to note."""
    return trouble.is_news(tx) or trouble.amount < tx.alerts.known(trouble.kind)[1]


def _all(seen: Sequence[Trouble], tx: Transaction) -> Iterator[Trouble]:
    """Yield every kind of trouble with its amount, 0 where there is none."""
    yield from seen
    count, _ = tx.health.dead_letters()
    yield Trouble("dead_letters", count, {"count": count})
    unknown = tx.health.unknown_sends()
    yield Trouble("sends_unknown", unknown, {"count": unknown})
    yield _dropped(tx)
    refused = tx.health.refused_since(tx.now - _DAY)
    count = sum(refused.values())
    yield Trouble("deeds_refused", count, {"count": count, "platforms": sorted(refused)})
    yield _stuck(tx)


def _dropped(tx: Transaction) -> Trouble:
    """Some people always block a bot; when one of ten messages cannot be delivered it is something else."""
    sent, dropped = tx.health.ended_since(tx.now - _DAY)
    is_many = dropped >= _FEWEST_DROPPED and dropped * 10 >= (sent + dropped) * _DROPPED_OF_TEN
    return Trouble("sends_dropped", dropped if is_many else 0, {"count": dropped, "of": sent + dropped})


def _stuck(tx: Transaction) -> Trouble:
    trouble = Trouble("sends_stuck", int(tx.health.waits_longer(_STUCK)))
    # How much waits is counted for who is told.
    return replace(trouble, fields=_queued(tx)) if trouble.is_news(tx) else trouble


def _queued(tx: Transaction) -> Mapping[str, object]:
    stuck = {platform: queue for platform, queue in tx.health.queues().items() if queue.oldest > _STUCK}
    waiting, oldest = sum(queue.waiting for queue in stuck.values()), max(queue.oldest for queue in stuck.values())
    return {"platforms": sorted(stuck), "count": waiting, "minutes": _minutes(oldest)}


def _minutes(span: timedelta) -> int:
    return span // timedelta(minutes=1)
