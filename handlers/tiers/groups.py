"""The Telegram groups of tiers and rewards: to whom they are open, and who is taken out of them again."""

from collections.abc import Iterable
from datetime import timedelta

from bot.config.config import Config
from bot.deeds import Removal
from bot.earning.versions import RuleBook
from bot.events import Identity, SpaceRef
from bot.tiers.tiers import ladder_of
from handlers.tiers.holding import tier_of
from storage.transaction import Transaction

_PLATFORM = "telegram"
NOTICE = timedelta(days=1)
"""How long after they were told members are taken out of a group."""


def groups_open_to(member_id: int, tx: Transaction, rules: RuleBook) -> frozenset[str]:
    """Return the groups that a member may be in, by the tier they hold and by what rewards opened for them.

    On other platforms than Telegram there are none.
    """
    member = tx.members.by_id(member_id)
    if member is None or not member.is_active or member.identity.platform != _PLATFORM:
        return frozenset()
    ladder, tier = ladder_of(rules), tier_of(member_id, tx, rules)
    of_tiers = [one.telegram_group for one in ladder.tiers if ladder.is_enough(tier, one.id)]
    # One that is not offered any more is held as it was, its group too.
    of_held = [] if tier is None else [tier.telegram_group]
    of_rewards = [access.group for access in tx.accesses.open_of(member_id)]
    return frozenset(group for group in (*of_tiers, *of_held, *of_rewards) if group is not None)


def is_everybodys(group_id: str, tx: Transaction) -> bool:
    """Whether a group was set up as one of the club's: a tier or reward names it by mistake, and nobody has to go."""
    return tx.spaces.by_ref(SpaceRef(_PLATFORM, group_id)) is not None


def groups_closed_by(groups: Iterable[str], tx: Transaction) -> frozenset[str]:
    """Return those of the groups that who loses what opened them is taken out of."""
    return frozenset(group for group in groups if not is_everybodys(group, tx))


def close_groups(
    member_id: int,
    groups: Iterable[str],
    tx: Transaction,
    config: Config,
    rules: RuleBook,
    notice: timedelta = NOTICE,
) -> bool:
    """Let a member be taken out of those of the groups that are open to them no more; return whether there are any."""
    if not config.telegram.remove_from_groups or tx.roles.is_staff(member_id):
        return False
    member = tx.members.by_id(member_id)
    if member is None:
        return False
    closed = groups_closed_by(frozenset(groups) - groups_open_to(member_id, tx, rules), tx)
    for group in sorted(closed):
        tx.marks.take_out(member, group, tx.now + notice)
    return bool(closed)


def is_still_wanted(removal: Removal, identity: Identity, tx: Transaction, config: Config, rules: RuleBook) -> bool:
    """Whether somebody is to be taken out of a group, now that its time has come."""
    member = tx.members.by_identity(identity)
    return (
        config.telegram.remove_from_groups
        and member is not None
        and not tx.roles.is_staff(member.id)
        and not is_everybodys(removal.group_id, tx)
        and removal.group_id not in groups_open_to(member.id, tx, rules)
    )
