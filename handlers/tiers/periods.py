"""The jobs of tiers: who climbed by chatting or by other rules, who is warned, and what holds when a period ends."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

from bot.calendar import Monthly, Occurrence, first_instant, local_date, month_key, occurrences
from bot.config.config import Config
from bot.members.members import Space
from bot.replies import Post, ToMember
from bot.tiers.tiers import Ladder, Tier, ladder_of, last_day, shifted
from handlers.points.month_ends import warning_jobs
from handlers.scheduler import CatchUp, Job, Run
from handlers.tiers.groups import close_groups, groups_open_to, is_everybodys
from handlers.tiers.holding import LADDER, all_looked_at, as_now, changed_at, climb_all, in_step, this_month
from handlers.tiers.levels import tell_levels
from storage.tiers.tiers import Held
from storage.transaction import Transaction

_AT_ONCE = 1000
_ENTRIES_AT_ONCE = 5000
_EVERY = timedelta(minutes=10)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_MONTH_BEGINS = Monthly(1, time(0, 0))
_WARNED_ENOUGH = timedelta(days=2)
"""Who was told so short a time ago is not told again."""


def tier_jobs(config: Config) -> list[Job]:
    """Return the jobs of tiers and levels, none where there are neither."""
    climbing = Job("climb", soon, climb_by_chat, CatchUp.EVERY, needed_from=lambda tx: tx.status_months.behind_since())
    if not config.tier:
        return [climbing] if config.levels.enabled else []
    zone, rules = config.programme.zone, config.tiers

    def month_begins(after: datetime, until: datetime, _: Space | None) -> Iterable[Occurrence]:
        return occurrences(_MONTH_BEGINS, zone, after, until)

    def next_end(tx: Transaction) -> datetime | None:
        month = tx.tiers.next_end()
        return None if month is None else first_instant(_first_day(shifted(month, 1)), time(), zone)

    def look_ahead(tx: Transaction) -> datetime | None:
        end = next_end(tx)
        return None if end is None else end - timedelta(days=max(rules.warn_days_before_end) + 1)

    return [
        climbing,
        Job("climb_by_new_tiers", soon, climb_by_new_tiers, CatchUp.EVERY, needed_from=partial(changed_at, LADDER)),
        *warning_jobs("warn_of_tier_end", rules.warn_days_before_end, config.programme, _warn, look_ahead),
        Job("end_tiers", month_begins, end_tiers, CatchUp.EVERY, needed_from=next_end),
    ]


def _first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def soon(after: datetime, until: datetime, _: Space | None) -> Iterable[Occurrence]:
    """Yield the first whole ten minutes: once done then, nothing is left to do for those that follow."""
    at = _BEGINNING + ((after - _BEGINNING) // _EVERY + 1) * _EVERY
    if at <= until:
        yield Occurrence(at.strftime("%Y-%m-%dT%H:%MZ"), at)


def climb_by_chat(run: Run, tx: Transaction) -> str | None:
    """Count what chat gave, and let everybody climb who was given status since the last time."""
    if run.progress is None:
        tx.leaderboards.catch_up()
    members, is_more = tx.status_months.follow(_ENTRIES_AT_ONCE)
    climb_all(members, tx, run.rules)
    tell_levels(members, tx, run.rules)
    return "more" if is_more else None


def climb_by_new_tiers(run: Run, tx: Transaction) -> str | None:
    """Look at everybody once the tiers have changed. Nobody is moved down by that."""
    ladder, after = ladder_of(run.rules), int(run.progress or 0)
    since = ladder.counts_from(this_month(tx))
    members = tx.status_months.reached(since, ladder.tiers[0].threshold, after, _AT_ONCE)
    climb_all(members, tx, run.rules)
    if len(members) == _AT_ONCE:
        return str(members[-1])
    all_looked_at(LADDER, tx)
    return None


def _warn(run: Run, tx: Transaction, days: int) -> str | None:
    """Tell whose tier ends when the month begins that the occurrence is named after, and what is missing to keep it."""
    end = shifted(run.occurrence.key, -1)
    if end < this_month(tx):
        # Too late: `end_tiers` sees to who was not warned.
        return None
    ending = tx.tiers.ending(end, _WARNED_ENOUGH, int(run.progress or 0), _AT_ONCE)
    ladder = ladder_of(run.rules)
    collected = tx.status_months.since(ladder.counts_after(end), [held.member_id for held in ending])
    short = [held for held in ending if not ladder.keeps(held.tier, collected[held.member_id])]
    for held in short:
        _tell_of_end(held, end, collected[held.member_id], f"{days}", ladder, tx)
    tx.tiers.warned(held.member_id for held in short)
    return str(ending[-1].member_id) if len(ending) == _AT_ONCE else None


def _tell_of_end(held: Held, end: str, collected: int, when: str, ladder: Ladder, tx: Transaction) -> None:
    tier, lower = as_now(held, ladder), ladder.after(held.tier, collected)
    fields = {
        "tier": tier.shown(),
        "until": last_day(end),
        "missing": tier.threshold - collected if ladder.get(tier.id) else None,
        "lower": None if lower is None else lower.shown(),
        "has_group": _loses_group(held.member_id, tier, lower, tx),
    }
    tx.post(Post(ToMember(held.member_id), "tier_ending", f"tier_ending:{held.member_id}:{end}:{when}", fields))


def end_tiers(run: Run, tx: Transaction) -> str | None:
    """See to the tiers whose last month is over: kept, or one step down."""
    ended = tx.tiers.ended(run.occurrence.key, int(run.progress or 0), _AT_ONCE)
    by_end: dict[str, list[Held]] = defaultdict(list)
    for held in ended:
        by_end[held.held_through].append(held)
    for end, those in by_end.items():
        _end(end, those, run, tx)
    return str(ended[-1].member_id) if len(ended) == _AT_ONCE else None


def _end(end: str, ended: Sequence[Held], run: Run, tx: Transaction) -> None:
    ladder, days = ladder_of(run.rules), run.config.tiers.warn_days_before_end
    through = ladder.goes_on_through(end)
    collected = tx.status_months.since(ladder.counts_after(end), [held.member_id for held in ended])
    for held in ended:
        status = collected[held.member_id]
        if ladder.keeps(held.tier, status):
            tx.tiers.go_on(held.member_id, through)
            fields = {"tier": as_now(held, ladder).shown(), "until": last_day(through)}
            tx.post(Post(ToMember(held.member_id), "tier_kept", f"tier_kept:{held.member_id}:{through}", fields))
        elif days and held.warned_at is None and not held.has_left:
            _put_off(held, min(days), ladder, tx)
        else:
            _step_down(held, status, through, run, tx)
            in_step(held.member_id, tx, run.rules)


def _put_off(held: Held, days: int, ladder: Ladder, tx: Transaction) -> None:
    """Let a tier go on to the end of a month for one who could not be warned in time, and warn them now."""
    through = month_key(local_date(tx.now, tx.zone) + timedelta(days=days))
    tx.tiers.go_on(held.member_id, through, is_warned=True)
    status = tx.status_months.since(ladder.counts_after(through), [held.member_id])[held.member_id]
    _tell_of_end(held, through, status, "late", ladder, tx)


def _step_down(held: Held, status: int, through: str, run: Run, tx: Transaction) -> None:
    ladder, groups = ladder_of(run.rules), groups_open_to(held.member_id, tx, run.rules)
    lower = ladder.after(held.tier, status)
    tx.tiers.lose(held, lower, through)
    tier = as_now(held, ladder)
    fields = {
        "tier": tier.shown(),
        "lower": None if lower is None else lower.shown(),
        "until": None if lower is None else last_day(through),
        "has_group": _loses_group(held.member_id, tier, lower, tx),
        "is_taken_out": close_groups(held.member_id, groups, tx, run.config, run.rules),
    }
    tx.post(Post(ToMember(held.member_id), "tier_ended", f"tier_ended:{held.member_id}:{held.held_through}", fields))


def _loses_group(member_id: int, tier: Tier, lower: Tier | None, tx: Transaction) -> bool:
    """Whether a tier has a group of its own on the member's platform, which they have to leave. Staff may stay."""
    member = tx.members.by_id(member_id)
    if member is None or tx.roles.is_staff(member_id):
        return False
    platform = member.identity.platform
    if platform == "telegram" and tier.telegram_group is not None and is_everybodys(tier.telegram_group, tx):
        return False
    invite = tier.invites.get(platform)
    return invite is not None and (lower is None or lower.invites.get(platform) != invite)
