"""Redeeming: what keeps a member from a reward, and spending points on it, in one transaction."""

from collections.abc import Sequence
from datetime import datetime

from bot import keys
from bot.calendar import local_date, span_around
from bot.earning.versions import RuleBook
from bot.ledger.points import spendable
from bot.members.members import Member
from bot.rewards.offers import Offers, needs
from bot.rewards.rewards import Coupon, LimitReached, Reward, RewardKind, RewardStopped, SoldOut, TierNeeded
from bot.tiers.tiers import ladder_of
from handlers.coupons import lifecycle as coupons
from handlers.rewards.accesses import check_can_be_had, open_access
from handlers.tiers.holding import offers_to
from storage.transaction import Transaction

_MOST_TOLD = 8


def meant(given: str, rewards: Sequence[Reward]) -> Reward | None:
    """Return the reward of a key, or of a name or a word of it that no other has."""
    return keys.meant(given, rewards, lambda reward: (reward.key, dict(reward.terms.name).values()))


def listed(rewards: Sequence[Reward]) -> list[dict[str, object]]:
    """Return what there is, the first few, as a refusal names it."""
    return [{"key": reward.key, "name": dict(reward.terms.name)} for reward in rewards[:_MOST_TOLD]]


def take(
    reward: Reward, member: Member, source: str, tx: Transaction, rules: RuleBook, *, space_id: int | None = None
) -> Coupon:
    """Spend points on a reward as it stands in this transaction; a replay of the source returns the same coupon.

    It costs what it costs who holds the member's tier. Raises RewardStopped, TierNeeded, Elsewhere, HadForGood,
    LimitReached, InDebt, NotEnoughPoints and SoldOut.
    """
    known = tx.coupons.by_source(source)
    if known is not None:
        return known
    offers = check_offered(reward, member, tx, rules)
    took_stock = reward.stock is not None
    if took_stock and not tx.rewards.take_one(reward.id):
        raise SoldOut(name=dict(reward.terms.name))
    coupon = coupons.issue(
        member,
        reward.terms,
        source,
        tx,
        reward_id=reward.id,
        cost=offers.cost(reward),
        took_stock=took_stock,
        space_id=space_id,
    )
    if reward.terms.kind is RewardKind.DONATION:
        coupons.use(coupon, member.holder_id, tx, into=f"cause:{reward.key}")
    elif reward.terms.kind is RewardKind.POOL:
        if tx.pool_codes.give(reward.id, coupon.id) is None:
            raise SoldOut(name=dict(reward.terms.name))
        coupons.use(coupon, member.holder_id, tx)
    elif reward.terms.kind.gives_access:
        coupons.use(coupon, member.holder_id, tx)
        open_access(reward, coupon, member, tx, rules)
    return coupon


def check_offered(reward: Reward, member: Member, tx: Transaction, rules: RuleBook) -> Offers:
    """Raise what keeps a member from having a reward now, else return the catalogue as they see it."""
    name, offers = dict(reward.terms.name), offers_to(member.id, tx, rules)
    if reward.is_stopped:
        raise RewardStopped(name=name)
    if not offers.is_open(reward):
        raise TierNeeded(name=name, needs=needs(reward, ladder_of(rules)))
    check_can_be_had(reward, member, tx)
    is_reached, again_at = limit_of(reward, member, tx)
    if is_reached:
        raise LimitReached(name=name, limit=reward.limit_count, period=reward.limit_period.value, again_at=again_at)
    spendable(tx.accounts.of(member.id).points, offers.cost(reward))
    if reward.is_sold_out:
        raise SoldOut(name=name)
    return offers


def limit_of(reward: Reward, member: Member, tx: Transaction) -> tuple[bool, datetime | None]:
    """Return whether a member has had as many as one may, and from when on they may have the next."""
    if reward.limit_count is None:
        return False, None
    since, until = span_around(reward.limit_period.value, local_date(tx.now, tx.zone), tx.zone)
    return tx.coupons.had(member.id, reward.id, since) >= reward.limit_count, until
