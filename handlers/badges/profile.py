"""A member's card to show around: name, tier, place, streak and badges, as a picture."""

from typing import Any

from bot.calendar import local_date, week_of
from bot.commands import MemberParam
from bot.errors import UserError
from bot.members.members import Member
from bot.replies import Picture, Reply, Visibility
from handlers.badges.counting import streak_of
from handlers.badges.showing import badges_of, first_to_come, shown
from handlers.call import Call
from handlers.registry import command
from handlers.tiers.holding import tier_of
from handlers.tiers.levels import shown_level
from storage.schema import CLUB
from storage.transaction import Transaction


class ProfileHidden(UserError):
    """The member keeps their card to themselves."""

    template = "profile_hidden"


@command("profile", params=[MemberParam("member", required=False)], visibility=Visibility.PUBLIC, read_only=True)
def profile(call: Call, tx: Transaction) -> Reply:
    """Show a card: one's own or another's. That of who hides from the boards is for themselves alone."""
    member: Member = call.args.member or call.actor
    is_own = member.id == call.actor.id
    if member.is_hidden and not is_own:
        raise ProfileHidden(name=tx.members.told_apart(member))
    fields = _fields(member, call, tx)
    visibility = Visibility.PRIVATE if member.is_hidden else Visibility.PUBLIC
    return Reply("profile", fields, visibility=visibility, picture=Picture("profile", fields, "profile"))


def _fields(member: Member, call: Call, tx: Transaction) -> dict[str, Any]:
    space_id = call.space.id if call.space else CLUB
    week = week_of(call.now, call.zone)
    standing = tx.leaderboards.standing(space_id, week, member.id) if member.is_listed else None
    shows_badges = member.id == call.actor.id or member.shares_news
    tier = tier_of(member.id, tx, call.rules)
    in_a_row, status = streak_of(member, tx), tx.accounts.of(member.id).status
    level = shown_level(status, call.rules)
    badges = [shown(held) for held in badges_of(member.id, tx, call.config)] if shows_badges else []
    return {
        "name": member.display,
        "member_id": member.id,
        "since": local_date(member.joined_at, tx.zone),
        "tier": None if tier is None else dict(tier.name),
        "place": standing.place if standing else None,
        "participants": tx.leaderboards.participants(space_id, week),
        "status": status,
        "level": None if level is None else level["number"],
        "streak": in_a_row.count,
        "unit": in_a_row.unit,
        "shows_badges": shows_badges,
        "badges": badges,
        "first_badge": first_to_come(member, tx, call.config) if shows_badges and not badges else None,
    }
