"""Rewards: the ladder a member climbs, and redeeming one with a confirmation."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.calendar import local_date, span_around
from bot.commands import WordParam
from bot.config import Config
from bot.config_rewards import words_of
from bot.ledger import Balances
from bot.members import Member
from bot.points import spendable
from bot.replies import Button, ButtonStyle, Reply, Rows, reply
from bot.rewards import (
    Coupon,
    LimitPeriod,
    LimitReached,
    NoSuchReward,
    OnExpiry,
    Reward,
    RewardKind,
    RewardStopped,
    SoldOut,
    Terms,
)
from handlers import coupons
from handlers.call import Call
from handlers.own_coupons import own_coupon, picture_of
from handlers.pages import in_language, page_turns
from handlers.registry import button, command
from storage.transaction import Transaction

_ON_A_PAGE = 8
# Labels of rewards are long: two fit beside each other on a phone.
_IN_A_ROW = 2
_KEYS_TOLD = 8


def fill_catalogue(config: Config, tx: Transaction) -> None:
    """Take over the rewards of the config that the database never had. From then on they are changed in chat."""
    for given in config.reward:
        terms = Terms(
            name=words_of(given.name),
            text=words_of(given.text),
            kind=RewardKind(given.kind),
            valid_days=given.valid_days,
            on_expiry=OnExpiry(given.on_expiry),
        )
        period = LimitPeriod(given.limit_period)
        # Of a pool there is what was imported.
        stock = 0 if terms.kind is RewardKind.POOL else given.stock
        tx.rewards.add(Reward(0, given.id, terms, given.cost, stock, given.limit_count, period))


# Redeeming ------------------------------------------------------------------------------------------------------------


def take(reward: Reward, member: Member, source: str, tx: Transaction, *, space_id: int | None = None) -> Coupon:
    """Spend points on a reward as it stands in this transaction; a replay of the source returns the same coupon.

    Raises RewardStopped, LimitReached, InDebt, NotEnoughPoints and SoldOut.
    """
    known = tx.coupons.by_source(source)
    if known is not None:
        return known
    check_offered(reward, member, tx)
    took_stock = reward.stock is not None
    if took_stock and not tx.rewards.take_one(reward.id):
        raise SoldOut(name=dict(reward.terms.name))
    coupon = coupons.issue(
        member,
        reward.terms,
        source,
        tx,
        reward_id=reward.id,
        cost=reward.cost,
        took_stock=took_stock,
        space_id=space_id,
    )
    if reward.terms.kind is RewardKind.DONATION:
        coupons.use(coupon, member.holder_id, tx, into=f"cause:{reward.key}")
    elif reward.terms.kind is RewardKind.POOL:
        if tx.pool_codes.give(reward.id, coupon.id) is None:
            raise SoldOut(name=dict(reward.terms.name))
        coupons.use(coupon, member.holder_id, tx)
    return coupon


def check_offered(reward: Reward, member: Member, tx: Transaction) -> None:
    """Raise what keeps a member from having a reward now."""
    name = dict(reward.terms.name)
    if reward.is_stopped:
        raise RewardStopped(name=name)
    is_reached, again_at = _limit(reward, member, tx)
    if is_reached:
        raise LimitReached(name=name, limit=reward.limit_count, period=reward.limit_period.value, again_at=again_at)
    spendable(tx.accounts.of(member.id).points, reward.cost)
    if reward.is_sold_out:
        raise SoldOut(name=name)


def _limit(reward: Reward, member: Member, tx: Transaction) -> tuple[bool, datetime | None]:
    """Return whether a member has had as many as one may, and from when on they may have the next."""
    if reward.limit_count is None:
        return False, None
    since, until = span_around(reward.limit_period.value, local_date(tx.now, tx.zone), tx.zone)
    return tx.coupons.had(member.id, reward.id, since) >= reward.limit_count, until


# The ladder -----------------------------------------------------------------------------------------------------------


@command("rewards", read_only=True)
def rewards(call: Call, tx: Transaction) -> Reply:
    """Show what the member can have now and what they are closest to."""
    return _ladder(call, tx, 0)


@button("rewards.page")
def rewards_page(call: Call, tx: Transaction) -> Reply:
    """Turn to another page of the ladder."""
    return _ladder(call, tx, call.data["page"], edit=True)


def _ladder(call: Call, tx: Transaction, page: int, *, edit: bool = False) -> Reply:
    offered, balances = tx.rewards.offered(), tx.accounts.of(call.actor.id)
    on_page = offered[page * _ON_A_PAGE : (page + 1) * _ON_A_PAGE]
    rungs = [_rung(reward, balances, call.actor, tx) for reward in on_page]
    within_reach = [reward for reward, rung in zip(on_page, rungs, strict=True) if rung["hindrance"] is None]
    picks = [_pick(reward, call.language) for reward in within_reach]
    rows: Rows = tuple(tuple(picks[first : first + _IN_A_ROW]) for first in range(0, len(picks), _IN_A_ROW))
    rows += page_turns("rewards.page", page, has_more=len(offered) > (page + 1) * _ON_A_PAGE)
    return reply(
        "rewards",
        buttons=rows,
        edit=edit,
        rungs=rungs,
        closest=_closest(offered, balances),
        available=balances.available,
        owed=balances.owed,
        page=page + 1,
        now=call.now,
    )


def _rung(reward: Reward, balances: Balances, member: Member, tx: Transaction) -> dict[str, Any]:
    """Return a reward with what keeps the member from having it, None for nothing."""
    is_reached, again_at = _limit(reward, member, tx)
    hindrance = None
    if reward.is_sold_out:
        hindrance = "sold_out"
    elif is_reached:
        hindrance = "limit"
    elif balances.owed or reward.cost > balances.available:
        hindrance = "points"
    missing = max(0, reward.cost - balances.points)
    return {"reward": reward.plain(), "hindrance": hindrance, "missing": missing, "again_at": again_at}


def _closest(offered: list[Reward], balances: Balances) -> dict[str, Any] | None:
    """Return the cheapest reward that is still too dear, with what is missing."""
    beyond = [reward for reward in offered if reward.cost > balances.points and not reward.is_sold_out]
    if not beyond:
        return None
    return {"name": dict(beyond[0].terms.name), "missing": beyond[0].cost - balances.points}


def _pick(reward: Reward, language: str) -> Button:
    name = {"name": in_language(reward.terms.name, language), "cost": reward.cost}
    return Button("reward_pick", "reward.pick", {"reward": reward.id}, name)


@command("redeem", params=[WordParam("reward", required=False, completes=True, limit=40)])
def redeem(call: Call, tx: Transaction) -> Reply:
    """Ask whether to redeem the reward of this key, or show the ladder."""
    if call.args.reward is None:
        return _ladder(call, tx, 0)
    return _offer(find(call.args.reward, tx), call, tx)


def find(key: str, tx: Transaction) -> Reward:
    """Return the reward of a key. Raises NoSuchReward, which tells some keys there are."""
    reward = tx.rewards.by_key(key.lower())
    if reward is None:
        raise NoSuchReward(given=key, keys=[reward.key for reward in tx.rewards.offered()[:_KEYS_TOLD]])
    return reward


@button("reward.pick")
def reward_picked(call: Call, tx: Transaction) -> Reply:
    """Ask whether to redeem the reward that was pressed."""
    return _offer(_by_id(call, tx), call, tx)


def _by_id(call: Call, tx: Transaction) -> Reward:
    reward = tx.rewards.by_id(call.data["reward"])
    assert reward is not None
    return reward


def _offer(reward: Reward, call: Call, tx: Transaction, *, has_changed: bool = False) -> Reply:
    check_offered(reward, call.actor, tx)
    space_id = call.space.id if call.space else None
    data = {"reward": reward.id, "version": reward.version, "space": space_id}
    buttons = (
        (
            Button("redeem_yes", "reward.redeem", data, once=True, style=ButtonStyle.CONFIRM),
            Button("redeem_no", "reward.drop", once=True),
        ),
    )
    left = tx.accounts.of(call.actor.id).available - reward.cost
    expires_at = reward.terms.expires_at(call.today, call.zone) if reward.terms.kind.becomes_coupon else None
    fields = reward.plain() | {"left": left, "expires_at": expires_at, "has_changed": has_changed}
    return reply("reward_offer", buttons=buttons, **fields)


@button("reward.redeem")
def redeem_confirmed(call: Call, tx: Transaction) -> Reply:
    """Redeem it, unless it is not any more what was shown: then ask again."""
    reward = _by_id(call, tx)
    if reward.version != call.data["version"]:
        return replace(_offer(reward, call, tx, has_changed=True), edit=True)
    coupon = take(reward, call.actor, call.source, tx, space_id=call.data["space"])
    left = tx.accounts.of(call.actor.id).available
    if reward.terms.kind is RewardKind.DONATION:
        return reply("donated", edit=True, name=dict(reward.terms.name), cost=coupon.cost, left=left)
    if reward.terms.kind is RewardKind.POOL:
        return _code_of_pool(coupon, left, tx)
    buttons, fields = own_coupon(coupon)
    return reply("redeemed", buttons=buttons, edit=True, picture=picture_of(coupon), left=left, **fields)


def _code_of_pool(coupon: Coupon, left: int, tx: Transaction) -> Reply:
    code = tx.pool_codes.of_coupon(coupon.id)
    name = dict(coupon.terms.name)
    copy = ((Button("copy_code", copies=code),),)
    return reply("redeemed_code", buttons=copy, edit=True, name=name, code=code, cost=coupon.cost, left=left)


@button("reward.drop")
def redeem_dropped(call: Call, tx: Transaction) -> Reply:
    """Redeem nothing."""
    return reply("redeem_dropped", edit=True)
