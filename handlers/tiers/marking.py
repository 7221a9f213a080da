"""The jobs of marks: what their tier says has not come about is tried again daily, everybody looked at once a week."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta

from bot.calendar import Daily, Occurrence, local_date, occurrences
from bot.config.config import Config
from bot.events import Identity
from bot.members.cards import format_card_number
from bot.members.members import Member, Space
from bot.tiers.tiers import ladder_of
from handlers.operating.alerts import Trouble, tell
from handlers.scheduler import CatchUp, Job, Run
from handlers.tiers.groups import is_still_wanted
from handlers.tiers.holding import MARKS, all_looked_at, changed_at, in_step
from handlers.tiers.periods import soon
from storage.transaction import Transaction

_AT_ONCE = 500
_DAYS = 7
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_PATIENCE = timedelta(days=7)
_NAMED = 20
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


def take_out_again(run: Run, tx: Transaction) -> None:
    """Try again to take out who is to leave the group of a tier or reward; after a week the owners are to do it."""
    due_before = tx.now - _PATIENCE
    stuck = [
        (identity, removal.group_id)
        for identity, removal in tx.marks.long_not_taken_out(due_before)
        if is_still_wanted(removal, identity, tx, run.config, run.rules)
    ]
    if not stuck or tell(Trouble("not_taken_out", len(stuck), _by_group(stuck, tx)), tx):
        tx.marks.give_up_taking_out(due_before)
    tx.marks.take_out_again(tx.now)


def _by_group(stuck: Sequence[tuple[Identity, str]], tx: Transaction) -> Mapping[str, object]:
    """Return who is still in which group, of each group the first few by their cards."""
    members: dict[str, list[Member | None]] = {}
    for identity, group_id in stuck:
        members.setdefault(group_id, []).append(tx.members.by_identity(identity))
    groups = [
        {
            "id": group_id,
            "cards": [format_card_number(member.card_number) for member in inside[:_NAMED] if member is not None],
            "more": max(0, len(inside) - _NAMED),
        }
        for group_id, inside in members.items()
    ]
    return {"count": len(stuck), "groups": groups}


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
