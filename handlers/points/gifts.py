"""Gifts: points that a member gives another one, within limits, after a confirmation."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from itertools import groupby

from bot.calendar import span_around
from bot.commands import MemberParam, PointsParam, TextParam
from bot.errors import UserError
from bot.ledger.ledger import EntryDraft, Reason, Unit, wallet
from bot.ledger.points import spendable
from bot.members.members import Member, NotAMember
from bot.replies import Button, ButtonStyle, Post, Reply, ToMember, reply
from handlers.call import Call
from handlers.registry import button, command
from storage.rewards.gifts import further
from storage.transaction import Transaction

_ACCOUNT = "gifts"
# A line of the history reads so many legs.
_MOST_ENDS = 6
_Part = tuple[int, datetime | None, int]
"""Whose points, when they expire or None, and how many."""


class GiftsOff(UserError):
    """The owner has not switched gifts on."""

    template = "gifts_off"


class GiftToYourself(UserError):
    """Who gives is who would get."""

    template = "gift_to_yourself"


class GiftLimit(UserError):
    """It would be more than one may give on a day."""

    template = "gift_limit"


@command("gift", params=[MemberParam("to"), PointsParam("points"), TextParam("note", required=False)])
def gift(call: Call, tx: Transaction) -> Reply:
    """Ask whether to give a member so many of one's own points."""
    to, points, note = call.args.to, call.args.points, call.args.note
    _check(to, points, call, tx)
    data = {"to": to.id, "points": points, "note": note, "space": call.space.id if call.space else None}
    buttons = (
        (
            Button("gift_yes", "gift.give", data, once=True, style=ButtonStyle.CONFIRM, holds_words=True),
            Button("redeem_no", "gift.drop", once=True),
        ),
    )
    left = tx.accounts.of(call.actor.id).available - points
    return reply("gift_offer", buttons=buttons, to=tx.members.told_apart(to), points=points, note=note, left=left)


@button("gift.give")
def gift_confirmed(call: Call, tx: Transaction) -> Reply:
    """Give them, if that is still possible; who gets them is told."""
    to, points, note = tx.members.by_id(call.data["to"]), call.data["points"], call.data["note"]
    if to is None or not to.is_active:
        raise NotAMember()
    _check(to, points, call, tx)
    give(points, call.actor, to, call.source, tx, note=note, space_id=call.data["space"])
    fields = {"giver": call.actor.display, "points": points, "note": note}
    tx.post(Post(ToMember(to.id), "gift_received", f"gift_received:{call.source}", fields))
    left = tx.accounts.of(call.actor.id).available
    return reply("gift_given", edit=True, to=tx.members.told_apart(to), points=points, left=left)


@button("gift.drop")
def gift_dropped(call: Call, tx: Transaction) -> Reply:
    """Give nothing."""
    return reply("gift_dropped", edit=True)


def _check(to: Member, points: int, call: Call, tx: Transaction) -> None:
    """Raise what keeps the one who acts from giving a member so many points now."""
    rules = call.config.gifts
    if not rules.enabled:
        raise GiftsOff()
    if to.id == call.actor.id:
        raise GiftToYourself()
    today, tomorrow = span_around("day", call.today, call.zone)
    given = tx.gifts.given(call.actor.id, today)
    to_them = sum(member_id == to.id for member_id, _ in given)
    for by, had, most, more in (
        ("gifts", len(given), rules.gifts_per_day, 1),
        ("member", to_them, rules.to_the_same_per_day, 1),
        ("points", sum(amount for _, amount in given), rules.points_per_day, points),
    ):
        if had + more > most:
            raise GiftLimit(by=by, most=most, left=most - had, to=to.display, again_at=tomorrow)
    spendable(tx.accounts.of(call.actor.id).points, points)


def give(
    points: int,
    giver: Member,
    receiver: Member,
    source: str,
    tx: Transaction,
    *,
    note: str | None = None,
    space_id: int | None = None,
) -> None:
    """Move points from one member's wallet to another's, through the account of gifts: what expires first goes first.

    They expire when they would have. The wallet is known to hold them. What is of more ends than a line of the history
    has legs becomes several lines, each with a source of its own.
    """
    for number, parts in enumerate(_in_lines(tx.lots.parts(giver.id, points)), 1):
        is_first = number == 1
        of_line = source if is_first else further(source, number)
        tx.ledger.post_many(
            _legs(parts, giver, receiver, of_line, tx, note=note if is_first else None, space_id=space_id)
        )
        tx.gifts.add(of_line, giver.holder_id, receiver.holder_id, sum(part for *_, part in parts))


def _in_lines(parts: list[_Part]) -> Iterator[list[_Part]]:
    """Yield the parts of a gift line by line, each of so many ends at most; the earliest come first."""
    by_end = [list(of_end) for _, of_end in groupby(parts, key=lambda part: part[1])]
    for first in range(0, len(by_end), _MOST_ENDS):
        yield [part for of_end in by_end[first : first + _MOST_ENDS] for part in of_end]


def _legs(
    parts: list[_Part],
    giver: Member,
    receiver: Member,
    source: str,
    tx: Transaction,
    *,
    note: str | None,
    space_id: int | None,
) -> list[EntryDraft]:
    by_holder, by_end = Counter[int](), Counter[datetime | None]()
    for holder_id, expires_at, part in parts:
        by_holder[holder_id] += part
        by_end[expires_at] += part
    leg_of = partial(
        EntryDraft,
        unit=Unit.POINTS,
        source=source,
        actor_id=giver.holder_id,
        space_id=space_id,
        occurred_at=tx.now,
    )
    taken = [
        leg_of(
            points=part,
            reason=Reason.GIFT,
            leg=leg,
            holder_id=holder_id,
            member_id=giver.id,
            from_account=wallet(holder_id),
            to_programme=_ACCOUNT,
        )
        for leg, (holder_id, part) in enumerate(by_holder.items())
    ]
    given = [
        leg_of(
            points=part,
            reason=Reason.GIFTED,
            leg=leg,
            holder_id=receiver.holder_id,
            member_id=receiver.id,
            from_programme=_ACCOUNT,
            to_account=wallet(receiver.holder_id),
            keeps_expiry=True,
            expires_at=expires_at,
            note=note if leg == len(taken) else None,
        )
        for leg, (expires_at, part) in enumerate(by_end.items(), len(taken))
    ]
    return [*taken, *given]
