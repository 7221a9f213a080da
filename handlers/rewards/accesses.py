"""Rewards that open something on a platform: a role on Discord, a Telegram group; for a while or for good."""

from datetime import datetime, timedelta

from bot.calendar import local_date
from bot.earning.versions import RuleBook
from bot.errors import UserError
from bot.members.members import Member
from bot.replies import Post, ToMember
from bot.rewards.rewards import Coupon, Reward, RewardKind
from handlers.scheduler import Run
from handlers.tiers.groups import close_groups, groups_closed_by, groups_open_to
from handlers.tiers.holding import in_step
from storage.rewards.accesses import Ended
from storage.transaction import Transaction

_AT_ONCE = 500
_MORE = "more"


class Elsewhere(UserError):
    """It opens something on a platform, or in a server, where the member is not."""

    template = "reward_elsewhere"


class HadForGood(UserError):
    """The member has it already, without an end."""

    template = "reward_had_for_good"


def keeps_from(reward: Reward, member: Member, tx: Transaction) -> str | None:
    """Return what keeps a member from having what a reward opens, None for nothing or if it opens nothing.

    They are on another platform (`elsewhere`), were not seen in a server of the role (`absent`), or have it for good
    (`had`).
    """
    if not reward.terms.kind.gives_access:
        return None
    if reward.terms.kind.platform != member.identity.platform:
        return "elsewhere"
    if reward.terms.kind is RewardKind.ROLE:
        servers = reward.terms.discord_roles
        seen_in = {place.space.space_id for place in tx.marks.places(member.id) if place.is_present}
        if not seen_in.intersection(servers):
            return "absent"
    has_it = any(had.reward_id == reward.id and had.ends_at is None for had in tx.accesses.open_of(member.id))
    return "had" if has_it else None


def check_can_be_had(reward: Reward, member: Member, tx: Transaction) -> None:
    """Raise what keeps a member from having what a reward opens: Elsewhere, HadForGood."""
    name, hindrance = dict(reward.terms.name), keeps_from(reward, member, tx)
    if hindrance == "had":
        raise HadForGood(name=name)
    if hindrance is not None:
        raise Elsewhere(name=name, kind=reward.terms.kind.value, is_elsewhere=hindrance == "elsewhere")


def open_access(reward: Reward, coupon: Coupon, member: Member, tx: Transaction, rules: RuleBook) -> datetime | None:
    """Open it; who has it already has it so much longer. Return when it ends, None for never."""
    had = [access.ends_at for access in tx.accesses.open_of(member.id) if access.reward_id == reward.id]
    last = max((ends_at for ends_at in had if ends_at is not None), default=None)
    # One that is added to another follows its last day, as it would follow today.
    day = local_date(tx.now, tx.zone) if last is None else local_date(last, tx.zone) - timedelta(days=1)
    ends_at = reward.terms.expires_at(day, tx.zone)
    tx.accesses.add(coupon.id, member.holder_id, ends_at)
    in_step(member.id, tx, rules)
    return ends_at


def close_accesses(run: Run, tx: Transaction) -> str | None:
    """See to what is over: the role is taken back, and the member told."""
    over = tx.accesses.ended(_AT_ONCE)
    tx.accesses.over(ended.coupon_id for ended in over)
    for ended in over:
        in_step(ended.member_id, tx, run.rules, retries=True)
        still = [had.reward_id for had in tx.accesses.open_of(ended.member_id)]
        if ended.access.reward_id not in still:
            fields = {"name": dict(ended.access.terms.name)} | _left_with(ended, run, tx)
            tx.post(Post(ToMember(ended.member_id), "access_over", f"access_over:{ended.coupon_id}", fields))
    return _MORE if len(over) == _AT_ONCE else None


def _left_with(ended: Ended, run: Run, tx: Transaction) -> dict[str, bool]:
    """Return what becomes of somebody in the group of what is over: they stay, leave or are taken out."""
    group, member_id = ended.access.group, ended.member_id
    groups = groups_closed_by([] if group is None else [group], tx)
    may_stay = tx.roles.is_staff(member_id) or groups <= groups_open_to(member_id, tx, run.rules)
    return {"has_group": not may_stay, "is_taken_out": close_groups(member_id, groups, tx, run.config, run.rules)}
