"""Donating: any number of points to a cause of the catalogue, with a confirmation."""

from dataclasses import replace

from bot.commands import PointsParam, WordParam
from bot.errors import UserError
from bot.replies import Button, ButtonStyle, Reply, reply
from bot.rewards.rewards import Reward, RewardKind
from handlers.call import Call
from handlers.registry import button, command
from handlers.rewards.redeeming import check_offered, listed, meant, take
from storage.transaction import Transaction


class NoSuchCause(UserError):
    """No donation of the catalogue has that key or name."""

    template = "no_such_cause"


def causes(tx: Transaction) -> list[Reward]:
    """Return what can be donated to."""
    return [reward for reward in tx.rewards.offered() if reward.terms.kind is RewardKind.DONATION]


@command(
    "donate",
    params=[WordParam("cause", required=False, completes=True, limit=40), PointsParam("points", required=False)],
)
def donate(call: Call, tx: Transaction) -> Reply:
    """Ask whether to give so many points to a cause, or say which there are."""
    there_are = causes(tx)
    if call.args.cause is None:
        return reply("donate_how", causes=listed(there_are))
    cause = meant(call.args.cause, there_are)
    if cause is None:
        raise NoSuchCause(given=call.args.cause, causes=listed(there_are))
    if call.args.points is None:
        return reply("donate_how", causes=listed([cause]))
    space_id = call.space.id if call.space else None
    return _asked(cause, call.args.points, space_id, call, tx)


def _asked(
    cause: Reward, points: int, space_id: int | None, call: Call, tx: Transaction, *, has_changed: bool = False
) -> Reply:
    check_offered(replace(cause, cost=points), call.actor, tx, call.rules)
    data = {"reward": cause.id, "version": cause.version, "points": points, "space": space_id}
    buttons = (
        (
            Button("donate_yes", "donate.confirm", data, once=True, style=ButtonStyle.CONFIRM),
            Button("redeem_no", "reward.drop", once=True),
        ),
    )
    left = tx.accounts.of(call.actor.id).available - points
    name = dict(cause.terms.name)
    return reply(
        "donate", buttons=buttons, edit=has_changed, name=name, points=points, left=left, has_changed=has_changed
    )


@button("donate.confirm")
def donate_confirmed(call: Call, tx: Transaction) -> Reply:
    """Give them, unless the cause is not any more what was shown: then ask again."""
    cause = tx.rewards.by_id(call.data["reward"])
    assert cause is not None
    if cause.version != call.data["version"]:
        return _asked(cause, call.data["points"], call.data["space"], call, tx, has_changed=True)
    given = replace(cause, cost=call.data["points"])
    take(given, call.actor, call.source, tx, call.rules, space_id=call.data["space"])
    left = tx.accounts.of(call.actor.id).available
    return reply("donated", edit=True, name=dict(cause.terms.name), cost=given.cost, left=left)
