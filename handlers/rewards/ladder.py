"""Rewards: the ladder a member climbs, and redeeming one with a confirmation."""

from dataclasses import replace
from typing import Any

from bot.commands import WordParam
from bot.config.config import Config
from bot.config.rewards import words_of
from bot.files.pictures import is_kept
from bot.ledger.ledger import Balances
from bot.members.members import Member
from bot.replies import Button, ButtonStyle, Picture, Reply, Rows, reply
from bot.rewards.offers import Offers
from bot.rewards.rewards import (
    Coupon,
    LimitPeriod,
    NoSuchReward,
    OnExpiry,
    Reward,
    RewardKind,
    Terms,
)
from handlers.call import Call
from handlers.coupons.own import own_coupon, picture_of
from handlers.pages import in_language, page_turns
from handlers.registry import button, command
from handlers.rewards.accesses import keeps_from
from handlers.rewards.redeeming import check_offered, limit_of, listed, meant, take
from handlers.tiers.holding import offers_to
from storage.transaction import Transaction

_ON_A_PAGE = 8
# Labels of rewards are long: two fit beside each other on a phone.
_IN_A_ROW = 2


def fill_catalogue(config: Config, tx: Transaction) -> None:
    """Take over the rewards of the config that the database never had. From then on they are changed in chat."""
    for given in config.reward:
        terms = Terms(
            name=words_of(given.name),
            text=words_of(given.text),
            kind=RewardKind(given.kind),
            valid_days=given.valid_days,
            on_expiry=OnExpiry(given.on_expiry),
            opens=given.opens,
            picture=given.picture,
            is_shareable=given.shareable,
        )
        period = LimitPeriod(given.limit_period)
        # Of a pool there is what was imported.
        stock = 0 if terms.kind is RewardKind.POOL else given.stock
        reward = Reward(0, given.id, terms, given.cost, stock, given.limit_count, period)
        tx.rewards.add(replace(reward, tier=given.tier, has_discounts=given.has_discounts))


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
    offers = offers_to(call.actor.id, tx, call.rules)
    on_page = offered[page * _ON_A_PAGE : (page + 1) * _ON_A_PAGE]
    rungs = [_rung(reward, offers, balances, call.actor, tx) for reward in on_page]
    within_reach = [reward for reward, rung in zip(on_page, rungs, strict=True) if rung["hindrance"] is None]
    picks = [_pick(reward, offers.cost(reward), call.language) for reward in within_reach]
    rows: Rows = tuple(tuple(picks[first : first + _IN_A_ROW]) for first in range(0, len(picks), _IN_A_ROW))
    rows += page_turns("rewards.page", page, has_more=len(offered) > (page + 1) * _ON_A_PAGE)
    return reply(
        "rewards",
        buttons=rows,
        edit=edit,
        rungs=rungs,
        closest=None if page else _closest(offered, offers, balances, call.actor, tx),
        available=balances.available,
        owed=balances.owed,
        page=page + 1,
        now=call.now,
    )


def _rung(reward: Reward, offers: Offers, balances: Balances, member: Member, tx: Transaction) -> dict[str, Any]:
    """Return a reward with what keeps the member from having it, None for nothing."""
    is_reached, again_at = limit_of(reward, member, tx)
    cost, hindrance = offers.cost(reward), keeps_from(reward, member, tx)
    if not offers.is_open(reward):
        hindrance = "tier"
    elif hindrance is None and reward.is_sold_out:
        hindrance = "sold_out"
    elif hindrance is None and is_reached:
        hindrance = "limit"
    elif hindrance is None and (balances.owed or cost > balances.available):
        hindrance = "points"
    missing = max(0, cost - balances.points)
    return {"reward": offers.plain(reward), "hindrance": hindrance, "missing": missing, "again_at": again_at}


def _closest(
    offered: list[Reward], offers: Offers, balances: Balances, member: Member, tx: Transaction
) -> dict[str, Any] | None:
    """Return the cheapest reward that a member lacks nothing but points for, with how many."""
    for reward in sorted(offered, key=offers.cost):
        missing = offers.cost(reward) - balances.points
        if missing > 0 and _rung(reward, offers, balances, member, tx)["hindrance"] == "points":
            return {"name": dict(reward.terms.name), "missing": missing}
    return None


def _pick(reward: Reward, cost: int, language: str) -> Button:
    name = {"name": in_language(reward.terms.name, language), "cost": cost}
    return Button("reward_pick", "reward.pick", {"reward": reward.id}, name)


@command("redeem", params=[WordParam("reward", required=False, completes=True, limit=40)])
def redeem(call: Call, tx: Transaction) -> Reply:
    """Ask whether to redeem the reward of this key or name, or show the ladder."""
    if call.args.reward is None:
        return _ladder(call, tx, 0)
    reward = meant(call.args.reward, tx.rewards.offered()) or find(call.args.reward, tx)
    return _offer(reward, call, tx)


def find(key: str, tx: Transaction) -> Reward:
    """Return the reward of a key or a word of its name. Raises NoSuchReward, which tells some that there are."""
    reward = meant(key, tx.rewards.all())
    if reward is None:
        raise NoSuchReward(given=key, rewards=listed(tx.rewards.offered()))
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
    offers = check_offered(reward, call.actor, tx, call.rules)
    cost, space_id = offers.cost(reward), call.space.id if call.space else None
    data = {"reward": reward.id, "version": reward.version, "cost": cost, "space": space_id}
    yes = "donate_yes" if reward.terms.kind is RewardKind.DONATION else "redeem_yes"
    buttons = (
        (
            Button(yes, "reward.redeem", data, once=True, style=ButtonStyle.CONFIRM),
            Button("redeem_no", "reward.drop", once=True),
        ),
    )
    left = tx.accounts.of(call.actor.id).available - cost
    expires_at = reward.terms.expires_at(call.today, call.zone) if reward.terms.kind.becomes_coupon else None
    fields = offers.plain(reward) | {"left": left, "expires_at": expires_at, "has_changed": has_changed}
    return reply("reward_offer", buttons=buttons, picture=picture_of_reward(reward, cost), **fields)


def picture_of_reward(reward: Reward, cost: int) -> Picture | None:
    """Return the picture of a reward with what it costs, None where it has none."""
    name = reward.terms.picture
    if not name:
        return None
    photo = name if is_kept(name) else None
    return Picture("reward", {"terms": reward.terms.plain(), "cost": cost}, "picture_reward", photo=photo)


@button("reward.redeem")
def redeem_confirmed(call: Call, tx: Transaction) -> Reply:
    """Redeem it, unless it is not any more what was shown, or costs something else now: then ask again."""
    reward = _by_id(call, tx)
    cost = offers_to(call.actor.id, tx, call.rules).cost(reward)
    if (reward.version, cost) != (call.data["version"], call.data.get("cost")):
        return replace(_offer(reward, call, tx, has_changed=True), edit=True)
    coupon = take(reward, call.actor, call.source, tx, call.rules, space_id=call.data["space"])
    left = tx.accounts.of(call.actor.id).available
    if reward.terms.kind is RewardKind.DONATION:
        return reply("donated", edit=True, name=dict(reward.terms.name), cost=coupon.cost, left=left)
    if reward.terms.kind is RewardKind.POOL:
        return _code_of_pool(coupon, left, tx)
    if reward.terms.kind.gives_access:
        return _opened(reward, coupon, left, call, tx)
    buttons, fields = own_coupon(coupon)
    return reply("redeemed", buttons=buttons, edit=True, picture=picture_of(coupon), left=left, **fields)


def _code_of_pool(coupon: Coupon, left: int, tx: Transaction) -> Reply:
    code = tx.pool_codes.of_coupon(coupon.id)
    name = dict(coupon.terms.name)
    copy = ((Button("copy_code", copies=code),),)
    return reply("redeemed_code", buttons=copy, edit=True, name=name, code=code, cost=coupon.cost, left=left)


def _opened(reward: Reward, coupon: Coupon, left: int, call: Call, tx: Transaction) -> Reply:
    had = [access.ends_at for access in tx.accesses.open_of(call.actor.id) if access.reward_id == reward.id]
    ends_at = None if None in had else max(at for at in had if at is not None)
    terms = coupon.terms.plain()
    return reply("redeemed_access", edit=True, terms=terms, cost=coupon.cost, left=left, ends_at=ends_at)


@button("reward.drop")
def redeem_dropped(call: Call, tx: Transaction) -> Reply:
    """Redeem nothing."""
    return reply("redeem_dropped", edit=True)
