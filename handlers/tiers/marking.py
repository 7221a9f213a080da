"""The jobs of marks: what their tier says has not come about is tried again daily, everybody looked at once a week."""

from collections.abc import Iterable
from datetime import UTC, datetime, time

from bot.calendar import Daily, Occurrence, local_date, occurrences
from bot.config.config import Config
from bot.members import Space
from bot.tiers import ladder_of
from handlers.scheduler import CatchUp, Job, Run
from handlers.tiers.holding import MARKS, all_looked_at, changed_at, in_step
from handlers.tiers.periods import soon
from storage.transaction import Transaction

_AT_ONCE = 500
_DAYS = 7
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_EARLY = Daily(time(5, 0))


def mark_jobs(config: Config) -> list[Job]:
    """Return the jobs of marks. Without any in the config they still take back what was given before."""
    zone, has_marks = config.programme.zone, any(tier.discord_roles or tier.telegram_tag for tier in config.tier)

    def is_needed(tx: Transaction) -> datetime | None:
        return _BEGINNING if has_marks or tx.marks.has_any() else None

    def daily(after: datetime, until: datetime, _: Space | None) -> Iterable[Occurrence]:
        return occurrences(_EARLY, zone, after, until)

    return [
        Job("mark", daily, keep_marks, CatchUp.LATEST, needed_from=is_needed),
        Job("take_out", daily, take_out_again, CatchUp.LATEST, needed_from=any_not_taken_out),
        Job("mark_by_new_tiers", soon, mark_by_new_tiers, CatchUp.EVERY, needed_from=lambda tx: changed_at(MARKS, tx)),
    ]


def any_not_taken_out(tx: Transaction) -> datetime | None:
    """Return since when there is somebody whom a platform did not let us take out of a group, None for nobody."""
    return _BEGINNING if tx.marks.any_not_taken_out() else None


def take_out_again(_: Run, tx: Transaction) -> None:
    """Try again to take out who is to leave the group of a tier or reward."""
    tx.marks.take_out_again(tx.now)


def keep_marks(run: Run, tx: Transaction) -> str | None:
    """Try again what has not come about, and look at one in seven whatever the platform shows there."""
    turn = local_date(run.occurrence.at, run.config.programme.zone).toordinal() % _DAYS
    return _mark(run, tx, turn)


def mark_by_new_tiers(run: Run, tx: Transaction) -> str | None:
    """Mark everybody as the tiers in the config say now."""
    progress = _mark(run, tx, None)
    if progress is None:
        all_looked_at(MARKS, tx)
    return progress


def _mark(run: Run, tx: Transaction, turn: int | None) -> str | None:
    if run.progress is None and not ladder_of(run.rules).marks and not tx.marks.has_any():
        return None
    members = tx.marks.members(int(run.progress or 0), _AT_ONCE)
    for member_id in members:
        in_step(member_id, tx, run.rules, retries=True, again=member_id % _DAYS == turn)
    return str(members[-1]) if len(members) == _AT_ONCE else None
