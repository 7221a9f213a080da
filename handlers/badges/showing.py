"""What a member sees of their badges: the ones they have, as a picture too, and what is next."""

from dataclasses import replace
from typing import Any

from bot.boards.seasons import SeasonState
from bot.calendar import local_date
from bot.challenges.badges import Badge, Counts, anniversary, offered, years_between
from bot.commands import ChoiceParam
from bot.config.config import Config
from bot.members.members import Member
from bot.replies import Picture, Reply, reply
from handlers.badges.counting import done
from handlers.call import Call
from handlers.registry import command
from storage.challenges.badges import Held
from storage.transaction import Transaction

_MOST_DRAWN = 12


@command("badges", params=[ChoiceParam("news", required=False, choices=("open", "private"))])
def badges(call: Call, tx: Transaction) -> Reply:
    """Show the member's badges; or choose whether their groups hear news of them."""
    if call.args.news is not None:
        is_open = call.args.news == "open"
        tx.members.share_news(call.actor.id, shares=is_open)
        fields = {"is_open": is_open, "is_listed": call.actor.is_listed, "is_hidden": call.actor.is_hidden}
        return Reply("badge_news", fields, noted=True)
    held = [shown(one) for one in badges_of(call.actor.id, tx, call.config)]
    picture = Picture("badges", {"badges": held[:_MOST_DRAWN]}, "picture_badges") if held else None
    upcoming = _upcoming(call.actor, {one["id"] for one in held}, tx, call.config)
    return reply("badges", picture=picture, badges=held, upcoming=upcoming, is_open=call.actor.shares_news)


def badges_of(member_id: int, tx: Transaction, config: Config) -> list[Held]:
    """Return what a member has, the newest first, each as it is offered now or else as they got it.

    Of one that they got anew only the last stays.
    """
    now = {badge.id: badge for badge in offered(config.badge)}
    last = {held.badge.id: held for held in tx.badges.of(member_id)}
    return [
        replace(held, badge=replace(now.get(held.badge.id, held.badge), level=held.badge.level))
        for held in sorted(last.values(), key=lambda held: held.awarded_at, reverse=True)
    ]


def shown(held: Held) -> dict[str, Any]:
    """Return a badge that somebody has as templates take it."""
    return held.badge.plain() | {"at": held.awarded_at}


def _upcoming(member: Member, had: set[str], tx: Transaction, config: Config) -> list[dict[str, Any]]:
    """Return what is still to be had: of those for purchases the next one, and what is counted, how far it is."""
    return [_how_far(badge, member, tx) for badge in _missing(member, had, tx, config)]


def first_to_come(member: Member, tx: Transaction, config: Config) -> dict[str, Any] | None:
    """Return the badge that is offered first of those that a member without any can have; None where there is none."""
    missing = _missing(member, set(), tx, config)
    return _how_far(missing[0], member, tx) if missing else None


def _missing(member: Member, had: set[str], tx: Transaction, config: Config) -> list[Badge]:
    all_of_them = offered(config.badge)
    known = tx.badges.known(member.id) | had
    missing = [badge for badge in all_of_them if _can_be_had(badge, tx, config)]
    missing = [badge for badge in missing if badge.counts is Counts.YEARS or badge.id not in known]
    for_purchases = sorted((one for one in missing if one.counts is Counts.PURCHASES), key=lambda one: one.goal)
    return [badge for badge in missing if badge not in for_purchases[1:]]


def _can_be_had(badge: Badge, tx: Transaction, config: Config) -> bool:
    """Whether there is a rule that may bring a badge now."""
    match badge.counts:
        case Counts.HAND:
            return False
        case Counts.THANKS | Counts.HELPS:
            return bool(config.earning.thanks.status)
        case Counts.MESSAGES:
            return bool(config.earning.message.points or config.earning.message.status)
        case Counts.REACTIONS:
            return bool(config.earning.reaction.points or config.earning.reaction.status)
        case Counts.SEASONS | Counts.PODIUMS:
            return any(season.state is SeasonState.OPEN for season in tx.seasons.all())
        case Counts.FRIENDS:
            return config.earning.referral.enabled
    return True


def _how_far(badge: Badge, member: Member, tx: Transaction) -> dict[str, Any]:
    """Return a badge with how much of its goal is done, and the day it is due where the calendar brings it."""
    due = None
    if badge.counts is Counts.YEARS:
        joined = local_date(member.joined_at, tx.zone)
        level = years_between(joined, local_date(tx.now, tx.zone)) + 1
        badge, due = replace(badge, level=level), anniversary(joined, level)
    return badge.plain() | {"done": done(badge, member, tx.now, tx), "due": due}
