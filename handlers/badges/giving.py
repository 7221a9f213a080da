"""Badges by hand: given by a moderator, and taken, by rule or by hand as they came."""

from dataclasses import replace

from bot.calendar import local_date
from bot.challenges.badges import Badge, BadgeHad, BadgeNotHad, Counts, NoSuchBadge, offered, years_between
from bot.commands import ChoiceParam, MemberParam, WordParam
from bot.members.members import Member
from bot.members.names import clean_name
from bot.members.roles import Role
from bot.replies import Post, Reply, ToMember, reply
from handlers.badges.awarding import tell
from handlers.call import Call
from handlers.points.bonus import NotToYourself
from handlers.registry import command
from storage.transaction import Transaction


@command(
    "badge",
    params=[
        ChoiceParam("what", choices=("give", "take")),
        MemberParam("member"),
        WordParam("badge", completes=True, limit=40),
    ],
    role=Role.MODERATOR,
)
def badge(call: Call, tx: Transaction) -> Reply:
    """Give a member a badge, or take it from them. What was taken no rule brings back."""
    member = call.args.member
    if member.id == call.actor.id:
        raise NotToYourself()
    if call.args.what == "give":
        return _give(call, tx, member, _offered(call, member, tx))
    return _take(call, tx, member)


def _offered(call: Call, member: Member, tx: Transaction) -> Badge:
    """Return the badge that is meant; that for years as a member is of as many as the member has been one."""
    years = years_between(local_date(member.joined_at, tx.zone), local_date(tx.now, tx.zone))
    badges = [
        replace(badge, level=years) if badge.counts is Counts.YEARS else badge
        for badge in offered(call.config.badge)
        if badge.counts is not Counts.YEARS or years
    ]
    found = next((badge for badge in badges if badge.id == call.args.badge.lower()), None)
    if found is None:
        raise NoSuchBadge(given=clean_name(call.args.badge, "?"), badges=[badge.plain() for badge in badges])
    return found


def _give(call: Call, tx: Transaction, member: Member, badge: Badge) -> Reply:
    name = tx.members.for_staff(member)
    if not tx.badges.give(member.id, badge, call.actor.holder_id):
        raise BadgeHad(name=name, badge=badge.plain())
    tell(member, [badge], tx, mark=f":{call.source}")
    return reply("badge_given", name=name, badge=badge.plain())


def _take(call: Call, tx: Transaction, member: Member) -> Reply:
    name, held = tx.members.for_staff(member), [held.badge for held in tx.badges.of(member.id)]
    taken = next((badge for badge in reversed(held) if badge.id == call.args.badge.lower()), None)
    if taken is None:
        raise BadgeNotHad(name=name, given=clean_name(call.args.badge, "?"), badges=[badge.plain() for badge in held])
    tx.badges.take(member.id, taken.id)
    tx.post(Post(ToMember(member.id), "badge_lost", f"badge_lost:{call.source}", {"badge": taken.plain()}))
    return reply("badge_taken", name=name, badge=taken.plain())
