"""Duels and invitations that are called off, and telling the other one."""

from typing import Any

from bot.challenges.duels import Outcome
from bot.replies import Button, Post, Rows, Sending, ToMember
from storage.challenges.duels import Duel
from storage.transaction import Transaction


def facts_of(one: Duel, member_id: int, tx: Transaction) -> dict[str, Any]:
    """Return what templates say of a duel to one of the two: against whom, about what, how long, for which prize."""
    other = tx.members.by_id(one.other(member_id))
    assert other is not None
    return {"other": tx.members.told_apart(other), "terms": one.terms.shown(), "days": one.days}


def tell(
    one: Duel, member_id: int, template: str, tx: Transaction, *, buttons: Rows = (), key: str = "", **fields: object
) -> None:
    """Tell one of the two something of a duel in private, once for every key."""
    said = facts_of(one, member_id, tx) | fields
    name = f"{template}:{one.id}:{member_id}{key}"
    tx.post(Post(ToMember(member_id), template, name, said, buttons, Sending.AT_MOST_ONCE))


def call_off(one: Duel, outcome: Outcome, by: int, tx: Transaction) -> None:
    """End a duel or an invitation by what one of the two did, or did not do; the other one is told."""
    tx.duels.end(one.id, outcome)
    tell(one, one.other(by), "duel_off", tx, outcome=outcome.value, is_yours=False)


def call_off_all(member_id: int, tx: Transaction) -> None:
    """End every duel of a member who leaves, without a winner. Those that are to be settled are left alone."""
    for one in tx.duels.open_of(member_id):
        if not one.is_over(tx.now):
            call_off(one, Outcome.LEFT, member_id, tx)


def asking(one: Duel, *, names: str | None = None) -> tuple[Button, ...]:
    """Return the buttons with which an invitation is answered; in a list they name who made it."""
    data, fields = {"duel": one.id}, {"name": names}
    yes, no = ("duel_accept", "duel_decline") if names is None else ("duel_accept_of", "duel_decline_of")
    return Button(yes, "duel.accept", data, fields), Button(no, "duel.decline", data, fields)
