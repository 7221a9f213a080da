"""One's own place on a board of newcomers or of who improved most, or why one has none there."""

from datetime import datetime, timedelta
from typing import Any, Final

from bot.boards.leaderboards import improvement, kept_as, usual
from bot.calendar import Period, period_bounds
from bot.replies import Reply, reply
from handlers.boards.showing import numbering_of
from handlers.boards.special import NEW_FOR, WEEKS_BEFORE, improvements, weeks_before
from handlers.call import Call
from handlers.registry import button
from storage.transaction import Transaction

_NONE: Final[dict[str, Any]] = {"place": None, "amount": 0, "participants": None, "usual": None, "why": None}
"""What is said of one who has no place. `why` names the reason, `usual` is what they gain in a usual week."""
_INSTANT: Final = timedelta(microseconds=1)


@button("rank.special")
def my_special_place(call: Call, tx: Transaction) -> Reply:
    """Show the place of whoever presses under a board of newcomers or of who improved, of this week or a past one."""
    kind, space_id, of = call.data["kind"], call.data["space"], Period("week", call.data["period"])
    tx.leaderboards.catch_up()
    week = tx.leaderboards.open_periods(call.now)[0]
    found = {"why": _outside(call)}
    if found["why"] is None:
        found = _improved(space_id, of, call, tx) if kind == "improved" else _new(space_id, of, week, call, tx)
    return reply("own_place", kind=kind, period=of.key, is_past=of != week, **(_NONE | found))


def _outside(call: Call) -> str | None:
    """Return why a member stands on no board at all."""
    if call.actor.is_hidden:
        return "hidden"
    return None if call.actor.is_listed else "staff"


# Newcomers ----------------------------------------------------------------------------------------------------------


def _new(space_id: int, of: Period, week: Period, call: Call, tx: Transaction) -> dict[str, Any]:
    """Return where they stand among the newcomers now, or stood at the end of a week that is over."""
    if of != week:
        return _new_then(space_id, of, call, tx)
    since = call.now - NEW_FOR
    own = tx.special_boards.newcomer(space_id, since, call.actor.id)
    if own is not None:
        return {"place": own.place, "amount": own.amount, "participants": own.participants}
    return {"why": "nothing" if tx.special_boards.is_new(call.actor.id, since) else "joined_before"}


def _new_then(space_id: int, of: Period, call: Call, tx: Transaction) -> dict[str, Any]:
    """Return what was kept of them: of such a week that is its first places."""
    stored = tx.leaderboards.saved(space_id, kept_as("newcomers", of))
    own = next((row for row in stored.rows if row.member_id == call.actor.id), None) if stored else None
    if stored is not None and own is not None:
        return {"place": own.place, "amount": own.amount, "participants": stored.participants}
    ended: datetime = period_bounds(of, call.zone)[1] - _INSTANT
    if call.actor.joined_at > ended:
        return {"why": "joined_since"}
    was_new = tx.special_boards.is_new(call.actor.id, ended - NEW_FOR)
    return {"why": "not_kept" if was_new else "joined_before"}


# Who improved -------------------------------------------------------------------------------------------------------


def _improved(space_id: int, of: Period, call: Call, tx: Transaction) -> dict[str, Any]:
    own_id = call.actor.id
    standing = tx.leaderboards.standing(space_id, of, own_id)
    amount = 0 if standing is None else standing.amount
    past = tx.special_boards.amounts(space_id, weeks_before(of), [own_id]).get(own_id, ())
    by, middle = improvement(amount, past, WEEKS_BEFORE), usual(past, WEEKS_BEFORE)
    if by is None:
        return {"why": "no_usual" if middle is None else "not_improved", "amount": amount, "usual": middle}
    place = _place_of(by, space_id, of, tx)
    if place is not None:
        place = numbering_of(space_id, kept_as("improved", of), tx).place(place, by)
    return {"place": place, "amount": by, "usual": middle, "why": "far_down" if place is None else None}


def _place_of(own: int, space_id: int, of: Period, tx: Transaction) -> int | None:
    """Return the place of who improved by so much; None for one further down than boards are looked at."""
    ahead = 0
    for improved, most_below in improvements(space_id, of, tx):
        ahead += sum(by > own for _, by in improved)
        if most_below <= own:
            return ahead + 1
    return None
