"""Bonus points: given by a moderator to a member, with a reason that the member is told."""

from bot.commands import MemberParam, Menu, PointsParam, TextParam
from bot.errors import UserError
from bot.ledger.ledger import EntryDraft, Reason, Unit, wallet
from bot.members.roles import Role
from bot.replies import Post, Reply, ToMember, Visibility, reply
from handlers.call import Call
from handlers.registry import command
from storage.transaction import Transaction


class NotToYourself(UserError):
    """Nobody gives points to themselves."""

    template = "not_to_yourself"


class BonusTooLarge(UserError):
    """More than one bonus may be."""

    template = "bonus_too_large"


class BonusDayOver(UserError):
    """More than a moderator may still give today."""

    template = "bonus_day_over"


def check_at_once(points: int, call: Call) -> None:
    """Raise BonusTooLarge for more points than a moderator may give at once."""
    most = call.config.bonus.max_points
    if points > most:
        raise BonusTooLarge(given=points, most=most)


def allow(points: int, call: Call, tx: Transaction) -> None:
    """Count points towards what a moderator may give at once and on a day. Raises BonusTooLarge and BonusDayOver.

    Else whoever is a friend of one would get without end. Owners, who make the rules, have no limit of a day.
    """
    check_at_once(points, call)
    rule = call.config.bonus
    if call.may(Role.OWNER):
        return
    counted = f"bonus:{call.actor.holder_id}", call.today.isoformat()
    given = tx.participation.counts([counted]).get(counted, 0)
    if given + points > rule.daily_points:
        raise BonusDayOver(most=rule.daily_points, left=max(0, rule.daily_points - given))
    tx.participation.add_counts({counted: points})


@command(
    "bonus",
    params=[MemberParam("to"), PointsParam("points"), TextParam("reason")],
    role=Role.MODERATOR,
    visibility=Visibility.PUBLIC,
    menus=(Menu.PERSON, Menu.MESSAGE),
)
def bonus(call: Call, tx: Transaction) -> Reply:
    """Give bonus points. The reason is kept apart from the entry, so that it can be erased."""
    to, points = call.args.to, call.args.points
    if to.id == call.actor.id:
        raise NotToYourself()
    allow(points, call, tx)
    tx.ledger.post(
        EntryDraft(
            unit=Unit.POINTS,
            points=points,
            reason=Reason.BONUS,
            source=call.source,
            holder_id=to.holder_id,
            member_id=to.id,
            actor_id=call.actor.holder_id,
            space_id=call.space.id if call.space else None,
            from_programme="issued:bonus",
            to_account=wallet(to.holder_id),
            occurred_at=call.at,
            rule_version=call.rules["bonus"],
            note=call.args.reason,
        )
    )
    fields = {"points": points, "reason": call.args.reason, "giver": call.actor.display}
    tx.post(Post(ToMember(to.id), "bonus_received", f"bonus_received:{call.source}", fields))
    return reply("bonus_given", to=tx.members.told_apart(to), **fields)
