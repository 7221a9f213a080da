"""Challenging a member to a duel, answering that, and giving up; what one's duels are and how they stand."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final, get_args

from bot.calendar import span_around
from bot.challenges.duels import DuelState, Outcome, span_of, terms_of
from bot.challenges.measures import Counts
from bot.challenges.reminders import next_reminder
from bot.commands import ChoiceParam, MemberParam
from bot.config.duels import DuelCounts
from bot.errors import UserError
from bot.members.members import Member, NotAMember
from bot.replies import Button, ButtonStyle, Reply, reply
from handlers.call import Call
from handlers.challenges.audience import competes
from handlers.duels.ending import asking, call_off, facts_of, tell
from handlers.pages import page_turns
from handlers.registry import button, command
from storage.challenges.duels import Duel
from storage.transaction import Transaction

_KINDS: Final[tuple[str, ...]] = get_args(DuelCounts)
# Each has a row of buttons, and a message has room for five, one of which turns pages.
_ON_A_PAGE = 4


class DuelRefused(UserError):
    """The two cannot have this duel now; `why` says what is in the way."""

    template = "duel_refused"


class DuelOver(UserError):
    """The invitation or duel that was meant is over, or somebody else's."""

    template = "duel_over"


@command("duel", params=[MemberParam("member", required=False), ChoiceParam("what", required=False, choices=_KINDS)])
def duel(call: Call, tx: Transaction) -> Reply:
    """Challenge a member, or show one's own duels."""
    to, what, offered = call.args.member, call.args.what, call.config.duels.counts
    if to is None:
        return _own(call, tx, 0)
    _check(to, call, tx)
    if what is None and len(offered) > 1:
        about = {"member": to.id, "space": call.space.id if call.space else None}
        rows = tuple((Button(f"duel_{kind}", "duel.pick", about | {"what": kind}, once=True),) for kind in offered)
        return reply("duel_which", buttons=rows, other=tx.members.told_apart(to))
    return _invite(to, what or offered[0], call.space.id if call.space else None, call, tx)


@button("duel.pick")
def picked(call: Call, tx: Transaction) -> Reply:
    """Challenge a member to the kind of duel that was picked."""
    to = tx.members.by_id(call.data["member"])
    if to is None or not to.is_active:
        raise NotAMember()
    _check(to, call, tx)
    return replace(_invite(to, call.data["what"], call.data["space"], call, tx), edit=True)


def _check(to: Member, call: Call, tx: Transaction) -> None:
    """Raise what keeps the one who acts from challenging a member now."""
    rules, own = call.config.duels, call.actor
    about: dict[str, object] = {"other": tx.members.told_apart(to)}
    _may_play([own, to], call, tx)
    if to.id == own.id:
        raise DuelRefused(why="yourself")
    if not to.is_reachable:
        raise DuelRefused(why="unreachable", **about)
    of_own = tx.duels.open_of(own.id)
    if any(to.id in one.members for one in of_own):
        raise DuelRefused(why="already", **about)
    _has_room(own, of_own, call)
    last, cooldown = tx.duels.last_between(own.id, to.id), timedelta(days=rules.pair_cooldown_days)
    if last is not None and last + cooldown > call.now:
        raise DuelRefused(why="pair", again_at=last + cooldown, **about)
    today, tomorrow = span_around("day", call.today, call.zone)
    assert today is not None
    if tx.duels.invited_since(own.id, today) >= rules.invitations_per_day:
        raise DuelRefused(why="invitations", most=rules.invitations_per_day, again_at=tomorrow)


def _has_room(own: Member, open_ones: Iterable[Duel], call: Call) -> None:
    """Raise where a member has as many duels as there may be. Those they asked for may begin any moment."""
    most = call.config.duels.at_once
    if sum(one.state is DuelState.RUNNING or one.challenger_id == own.id for one in open_ones) >= most:
        raise DuelRefused(why="at_once", most=most)


def _may_play(members: list[Member], call: Call, tx: Transaction) -> None:
    if not call.config.duels.enabled:
        raise DuelRefused(why="off")
    if not all(competes(member, tx) for member in members):
        raise DuelRefused(why="staff")


def _invite(to: Member, what: str, space_id: int | None, call: Call, tx: Transaction) -> Reply:
    rules = call.config.duels
    if what not in rules.counts:
        raise DuelRefused(why="kind", offered=list(rules.counts))
    terms = terms_of(rules, Counts(what), call.rules["duels"])
    answer_by = call.now + timedelta(hours=rules.answer_hours)
    tally_id = tx.challenges.tally_of(terms.measure)
    one = tx.duels.invite((call.actor.id, to.id), space_id, terms, rules.days, tally_id, answer_by)
    tell(one, to.id, "duel_invitation", tx, buttons=(asking(one),), answer_by=answer_by)
    take_back = Button("duel_withdraw", "duel.withdraw", {"duel": one.id})
    return reply("duel_invited", buttons=((take_back,),), answer_by=answer_by, **facts_of(one, call.actor.id, tx))


# Answering and giving up --------------------------------------------------------------------------------------------


@button("duel.accept")
def accepted(call: Call, tx: Transaction) -> Reply:
    """Take up a challenge: it runs from the next midnight on."""
    one, own = _mine(call, tx, DuelState.INVITED), call.actor
    if one.challenged_id != own.id or one.answer_by <= call.now:
        raise DuelOver()
    _may_play([own], call, tx)
    _has_room(own, tx.duels.open_of(own.id), call)
    opens_at, closes_at = span_of(call.now, one.days, call.zone)
    tx.duels.accept(one.id, opens_at, closes_at, next_reminder(opens_at, closes_at, call.now, call.zone))
    tell(one, one.challenger_id, "duel_on", tx, opens_at=opens_at, closes_at=closes_at)
    return reply("duel_on", edit=True, opens_at=opens_at, closes_at=closes_at, **facts_of(one, own.id, tx))


@button("duel.decline")
def declined(call: Call, tx: Transaction) -> Reply:
    """Decline a challenge."""
    one = _mine(call, tx, DuelState.INVITED)
    if one.challenged_id != call.actor.id:
        raise DuelOver()
    return _call_off(one, Outcome.DECLINED, call, tx)


@button("duel.withdraw")
def withdrawn(call: Call, tx: Transaction) -> Reply:
    """Take a challenge back that nobody has answered yet."""
    one = _mine(call, tx, DuelState.INVITED)
    if one.challenger_id != call.actor.id:
        raise DuelOver()
    return _call_off(one, Outcome.WITHDRAWN, call, tx)


@button("duel.give_up")
def given_up(call: Call, tx: Transaction) -> Reply:
    """Give up a duel, after asking once."""
    one = _mine(call, tx, DuelState.RUNNING)
    if one.is_over(call.now):
        raise DuelOver()
    if call.data["sure"]:
        return _call_off(one, Outcome.GIVEN_UP, call, tx)
    sure = Button("duel_give_up", "duel.give_up", {"duel": one.id, "sure": True}, style=ButtonStyle.DANGER)
    buttons = ((sure, Button("duel_go_on", "duel.list")),)
    return reply("duel_give_up", edit=True, buttons=buttons, **facts_of(one, call.actor.id, tx))


def _mine(call: Call, tx: Transaction, state: DuelState) -> Duel:
    one = tx.duels.by_id(call.data["duel"])
    if one is None or one.state is not state or call.actor.id not in one.members:
        raise DuelOver()
    return one


def _call_off(one: Duel, outcome: Outcome, call: Call, tx: Transaction) -> Reply:
    call_off(one, outcome, call.actor.id, tx)
    return reply("duel_off", edit=True, outcome=outcome.value, is_yours=True, **facts_of(one, call.actor.id, tx))


# Showing ------------------------------------------------------------------------------------------------------------


@button("duel.list")
def listed(call: Call, tx: Transaction) -> Reply:
    """Show one's own duels in place of a question, or another page of them."""
    return replace(_own(call, tx, call.data.get("page", 0)), edit=True)


def _own(call: Call, tx: Transaction, page: int) -> Reply:
    """Show a page of what waits for an answer first, then what runs, then what the member waits for.

    It is the last page where there are fewer by now.
    """
    found = sorted(tx.duels.open_of(call.actor.id), key=lambda one: (_turn(one, call), one.id))
    page = min(page, max(0, len(found) - 1) // _ON_A_PAGE)
    end = (page + 1) * _ON_A_PAGE
    shown = [(one, _line(one, call, tx)) for one in found[end - _ON_A_PAGE : end]]
    rows = tuple(_buttons(one, line) for one, line in shown if not one.is_over(call.now))
    rows += page_turns("duel.list", page, has_more=end < len(found))
    return reply("duels", buttons=rows, duels=[line for _, line in shown])


def _turn(one: Duel, call: Call) -> int:
    if one.state is DuelState.RUNNING:
        return 1
    return 0 if one.challenged_id == call.actor.id else 2


def _line(one: Duel, call: Call, tx: Transaction) -> dict[str, Any]:
    own = call.actor.id
    line = facts_of(one, own, tx) | {
        "state": ("received", "running", "sent")[_turn(one, call)],
        "answer_by": one.answer_by,
        "opens_at": one.opens_at,
        "closes_at": one.closes_at,
        "has_begun": one.opens_at is not None and one.opens_at <= call.now,
    }
    if one.state is DuelState.RUNNING:
        amounts = amounts_of(one, tx)
        line |= {"mine": amounts[own], "theirs": amounts[one.other(own)]}
    return line


def _buttons(one: Duel, line: Mapping[str, Any]) -> tuple[Button, ...]:
    name = line["other"].name
    match line["state"]:
        case "received":
            return asking(one, names=name)
        case "running":
            return (Button("duel_give_up_of", "duel.give_up", {"duel": one.id, "sure": False}, {"name": name}),)
    return (Button("duel_withdraw_of", "duel.withdraw", {"duel": one.id}, {"name": name}),)


def amounts_of(one: Duel, tx: Transaction) -> dict[int, int]:
    """Return how much each of the two has done of what counts, by member."""
    amounts = tx.challenge_marks.amounts(one.counted, one.members)
    return {member_id: max(0, amounts.get(member_id, 0)) for member_id in one.members}
