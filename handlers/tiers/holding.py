"""Tiers: members climb at once; what /tier shows; which tier somebody holds."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from bot.calendar import local_date, month_key
from bot.config.config import Config
from bot.earning.versions import RuleBook
from bot.replies import Post, Reply, ToMember, reply
from bot.rewards.offers import Offers
from bot.tiers.tiers import ONCE, Ladder, Tier, ladder_of, last_day, thousandths
from handlers.call import Call
from handlers.registry import command
from handlers.spaces.news import tell_groups
from handlers.tiers.in_step import keep_in_step
from handlers.tiers.levels import tell_levels
from storage.tiers.tiers import Held
from storage.transaction import Transaction

LADDER, MARKS = "tiers.ladder", "tiers.marks"
_CHANGED_AT = ".changed_at"


def tier_of(member_id: int, tx: Transaction, rules: RuleBook) -> Tier | None:
    """Return the tier that a member holds, as it is now; one that is not offered any more as it was.

    Whether it is enough for something that needs another tier, their thresholds say.
    """
    ladder = ladder_of(rules)
    held = tx.tiers.of(member_id) if ladder else None
    return None if held is None else as_now(held, ladder)


def offers_to(member_id: int, tx: Transaction, rules: RuleBook) -> Offers:
    """Return the catalogue as a member sees it."""
    return Offers(ladder_of(rules), tier_of(member_id, tx, rules))


def in_step(member_id: int, tx: Transaction, rules: RuleBook, *, retries: bool = False, again: bool = False) -> None:
    """Let a member be marked as who holds their tier and has their accesses is, as `keep_in_step` says.

    Who has left the programme is not marked at all.
    """
    member = tx.members.by_id(member_id)
    is_active = member is not None and member.is_active
    tier = tier_of(member_id, tx, rules) if is_active else None
    accesses = tx.accesses.open_of(member_id) if is_active else []
    keep_in_step(member_id, tier, accesses, ladder_of(rules), tx, retries=retries, again=again)


def multiplier_of(member_id: int, tx: Transaction, config: Config) -> int:
    """Return what the points of a purchase that a member makes now are multiplied by, in thousandths."""
    held = tx.tiers.of(member_id) if config.tier else None
    if held is None:
        return ONCE
    now = next((settings.multiplier for settings in config.tier if settings.id == held.tier.id), None)
    return held.tier.thousandths if now is None else thousandths(now)


def message_multipliers_of(member_ids: Iterable[int], tx: Transaction, config: Config) -> dict[int, int]:
    """Return by member what the tier that they hold multiplies their messages by, in thousandths; none for no tier."""
    now = {settings.id: thousandths(settings.message_multiplier) for settings in config.tier}
    held = tx.tiers.of_many(member_ids)
    return {member_id: now.get(one.tier.id, one.tier.message_thousandths) for member_id, one in held.items()}


def as_now(held: Held, ladder: Ladder) -> Tier:
    """Return a tier that is held with the settings it has now."""
    return ladder.get(held.tier.id) or held.tier


def this_month(tx: Transaction) -> str:
    """Return the month it is by the programme's clock."""
    return month_key(local_date(tx.now, tx.zone))


def climb(tx: Transaction, rules: RuleBook) -> None:
    """Let whoever gained status in this transaction climb to what they reached, be it a tier or a level.

    Chat is seen to by a job.
    """
    gained = tx.status_months.gained
    if gained:
        climb_all(gained, tx, rules)
        tell_levels(gained, tx, rules)
        gained.clear()


def climb_all(member_ids: Iterable[int], tx: Transaction, rules: RuleBook) -> None:
    """Let those of the members climb who reached a higher tier than they hold, and tell them."""
    through = ladder_of(rules).held_through(this_month(tx))
    for member_id, tier in sorted(reached(member_ids, tx, rules).items()):
        _reach(member_id, tier, through, tx)
        in_step(member_id, tx, rules)


def reached(member_ids: Iterable[int], tx: Transaction, rules: RuleBook) -> dict[int, Tier]:
    """Return which of the members reached a higher tier than they hold, and which one."""
    ladder = ladder_of(rules)
    if not ladder:
        return {}
    collected = tx.status_months.since(ladder.counts_from(this_month(tx)), member_ids)
    lowest = ladder.tiers[0].threshold
    high = {member_id: status for member_id, status in collected.items() if status >= lowest}
    held = tx.tiers.of_many(high) if high else {}
    now = {member_id: as_now(one, ladder) for member_id, one in held.items()}
    climbed = {member_id: ladder.climbed(now.get(member_id), status) for member_id, status in high.items()}
    return {member_id: tier for member_id, tier in climbed.items() if tier is not None}


def _reach(member_id: int, tier: Tier, through: str, tx: Transaction) -> None:
    member = tx.members.by_id(member_id)
    if member is None or not member.is_active:
        return
    tx.tiers.put(member_id, tier, through)
    fields = {"tier": tier.shown_to_holder(member.identity.platform), "until": last_day(through)}
    key = f"tier_reached:{member_id}:{tier.id}:{through}"
    tx.post(Post(ToMember(member_id), "tier_reached", key, fields))
    tell_groups(member, "tier_of_member", key, {"tier": tier.shown()}, tx)


def note_ladder(tx: Transaction, rules: RuleBook) -> None:
    """Note that other tiers, or marks of theirs, are in force than when the bot was last started.

    Some members may climb by them, or be marked otherwise.
    """
    ladder = ladder_of(rules)
    for change, version in ((LADDER, ladder.version if ladder else ""), (MARKS, ladder.marks)):
        if (tx.settings.get(change) or "") != version:
            tx.settings.put(change, version)
            tx.settings.put(f"{change}{_CHANGED_AT}", tx.now.isoformat())


def changed_at(change: str, tx: Transaction) -> datetime | None:
    """Return since when there are other tiers (LADDER) or MARKS, None if everybody was looked at since then."""
    changed = tx.settings.get(f"{change}{_CHANGED_AT}")
    return datetime.fromisoformat(changed) if changed else None


def all_looked_at(change: str, tx: Transaction) -> None:
    """Note that everybody climbed who could by the tiers in force, or is marked by their marks."""
    tx.settings.put(f"{change}{_CHANGED_AT}", "")


@command("tier", read_only=True)
def tier(call: Call, tx: Transaction) -> Reply:
    """Show the tier held and what keeps it, and how far the next one is."""
    ladder, month = ladder_of(call.rules), this_month(tx)
    if not ladder:
        return reply("no_tiers")
    held = tx.tiers.of(call.actor.id)
    now = None if held is None else as_now(held, ladder)
    since = ladder.counts_from(month)
    status = max(0, _since(since, call, tx))
    higher = ladder.above(now)
    return reply(
        "tier",
        held=None if held is None else _held(held, ladder, call, tx),
        next=None if higher is None else higher.shown() | {"missing": max(0, higher.threshold - status)},
        status=status,
        since=_first_day(since),
    )


def _first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _since(month: str, call: Call, tx: Transaction) -> int:
    return tx.status_months.since(month, [call.actor.id])[call.actor.id]


def _held(held: Held, ladder: Ladder, call: Call, tx: Transaction) -> dict[str, Any]:
    """Return what is shown of a tier that is held.

    `to_keep` is the status still missing for it to go on, `collected` what there is of that since the day `from`, which
    may be to come.
    """
    now, month = as_now(held, ladder), ladder.counts_after(held.held_through)
    collected = max(0, _since(month, call, tx))
    return now.shown_to_holder(call.actor.identity.platform) | {
        "until": last_day(held.held_through),
        "is_offered": ladder.get(now.id) is not None,
        "to_keep": max(0, now.threshold - collected),
        "collected": collected,
        "from": _first_day(month),
    }
