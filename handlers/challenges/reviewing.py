"""Moderators look at what was handed in, and accept it or not: each is decided once, and by nobody about their own."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, get_args

from bot.challenges.tasks import HandInDecided, OwnHandIn, Reason
from bot.links import message_link
from bot.members.roles import Role
from bot.replies import Button, ButtonStyle, Post, Reply, Rows, ToMember, reply
from handlers.call import Call
from handlers.challenges.tasks import count
from handlers.registry import button, command
from handlers.resolve import check_role, where_asked
from storage.challenges.contests import IN, OUT, WAITING, Entry
from storage.transaction import Transaction

Waiting = tuple[Entry, int, str]
"""(what waits, the id of its space, what names its message for ever)."""
_AT_ONCE: Final = 4
_ROLE: Final = Role.MODERATOR


@command("handins", role=_ROLE, read_only=True)
def handins(call: Call, tx: Transaction) -> Reply:
    """Show what waits for a moderator, what waits longest first: in a group what was posted there."""
    return _queue(None if call.space is None else call.space.id, call, tx)


@button("handin.queue")
def queue(call: Call, tx: Transaction) -> Reply:
    """Go back to what waits."""
    call = where_asked(call, tx)
    check_role(call, _ROLE)
    return replace(_queue(call.data["space"], call, tx), edit=True)


def _queue(space_id: int | None, call: Call, tx: Transaction) -> Reply:
    found = tx.contests.waiting(call.actor.id, _AT_ONCE + 1, space_id)
    shown, rows = _listed(found[:_AT_ONCE], space_id, tx)
    return reply("handins", buttons=rows, hand_ins=shown, has_more=len(found) > _AT_ONCE)


def _listed(waiting: Sequence[Waiting], space_id: int | None, tx: Transaction) -> tuple[list[dict[str, Any]], Rows]:
    """Return what is said of what waits, with buttons for who is a moderator in a space, or for None of all of them."""
    rows: list[tuple[Button, ...]] = []
    for number, (entry, _, _) in enumerate(waiting, 1):
        data, label = {"id": entry.id, "space": space_id}, {"number": number}
        refuse = Button("handin_refuse", "handin.ask", data, label, style=ButtonStyle.DANGER)
        rows.append((Button("handin_accept", "handin.accept", data, label), refuse))
    return [_shown(one, tx) for one in waiting], tuple(rows)


def _shown(waiting: Waiting, tx: Transaction) -> dict[str, Any]:
    entry, space_id, key = waiting
    member, terms = tx.members.by_id(entry.member_id), tx.challenges.by_id(entry.round_id).terms
    assert member is not None
    assert terms.task is not None
    number, _, message_id = key.rpartition(":")
    link = message_link(tx.spaces.by_id(space_id).platform, number, terms.task.channel_id or "", message_id)
    name = tx.members.for_staff(member)
    return {"name": name, "title": dict(terms.title), "at": entry.posted_at, "task": terms.task.shown(), "link": link}


def tell_moderators(entry: Entry, space_id: int, key: str, tx: Transaction) -> None:
    """Show what was handed in to owners and to who is a moderator there, but not to who handed it in."""
    shown, rows = _listed([(entry, space_id, key)], space_id, tx)
    there = {one for one in tx.roles.moderators() if _ROLE in tx.roles.of(one, space_id)}
    for member_id in sorted({*there, *tx.roles.owners()} - {entry.member_id}):
        fields = {"hand_ins": shown, "has_more": False}
        tx.post(Post(ToMember(member_id), "handins", f"handins:{entry.id}:{member_id}", fields, rows))


@button("handin.accept")
def accepted(call: Call, tx: Transaction) -> Reply:
    """Accept one: it counts from when it was posted. Raises HandInDecided and OwnHandIn."""
    entry = _decide(IN, call, tx)
    of = tx.challenges.by_id(entry.round_id)
    fields = {"title": dict(of.terms.title)}
    tx.post(Post(ToMember(entry.member_id), "handin_accepted", f"handin_accepted:{entry.id}", fields))
    count(of, entry.member_id, entry.posted_at, f"handin:{entry.id}", tx)
    return queue(call, tx)


@button("handin.ask")
def asked(call: Call, tx: Transaction) -> Reply:
    """Ask why one is not accepted."""
    _undecided(call, tx)
    reasons: tuple[str, ...] = get_args(Reason)
    rows = [
        (Button(f"handin_{why}", "handin.refuse", {**call.data, "why": why}, style=ButtonStyle.DANGER),)
        for why in reasons
    ]
    back = (Button("back", "handin.queue", {"space": call.data["space"]}),)
    return reply("handin_why", edit=True, buttons=(*rows, back))


@button("handin.refuse")
def refused(call: Call, tx: Transaction) -> Reply:
    """Do not accept one; its author is told why. Raises HandInDecided and OwnHandIn."""
    entry = _decide(OUT, call, tx)
    terms = tx.challenges.by_id(entry.round_id).terms
    fields = {"title": dict(terms.title), "why": call.data["why"]}
    tx.post(Post(ToMember(entry.member_id), "handin_refused", f"handin_refused:{entry.id}", fields))
    return queue(call, tx)


def _decide(state: str, call: Call, tx: Transaction) -> Entry:
    entry = _undecided(call, tx)
    if not tx.contests.set_state(entry.id, WAITING, state):
        raise HandInDecided()
    return entry


def _undecided(call: Call, tx: Transaction) -> Entry:
    check_role(where_asked(call, tx), _ROLE)
    entry = tx.contests.by_id(call.data["id"])
    if entry is None or entry.state != WAITING:
        raise HandInDecided()
    if entry.member_id == call.actor.id:
        raise OwnHandIn()
    return entry
