"""Why an entry of the history is there: a member picks one and reads where it came from and what became of it."""

from dataclasses import replace

from bot.commands import WordParam
from bot.errors import UserError
from bot.ledger.expiry import expiry_of
from bot.replies import Button, Reply, Rows, reply
from handlers.call import Call
from handlers.registry import button, command
from storage.transaction import Transaction

LINES_TO_PICK = 10
# Numbers of seven digits are still readable on a phone.
_IN_A_ROW = 4
_MOST_DIGITS = 16


class NoSuchEntry(UserError):
    """No entry of this member's history has that number."""

    template = "no_such_entry"


class EntryMalformed(UserError):
    """What was given is no number at all."""

    template = "entry_malformed"


@command("why", params=[WordParam("entry", required=False, completes=True, limit=20)], read_only=True)
def why(call: Call, tx: Transaction) -> Reply:
    """Explain the entry of this number, or offer the newest ones."""
    if call.args.entry is None:
        return _pick(call, tx, ())
    number = call.args.entry.removeprefix("#")
    if not (number.isascii() and number.isdigit()):
        raise EntryMalformed(given=call.args.entry)
    if len(number) > _MOST_DIGITS:
        raise NoSuchEntry(given=f"#{number}")
    return _explain(int(number), (), call, tx)


@button("why.pick")
def pick(call: Call, tx: Transaction) -> Reply:
    """Offer the entries of a page of the history. `trail` is where each page after the first begins."""
    return replace(_pick(call, tx, tuple(call.data["trail"])), edit=True)


@button("why.explain")
def explain(call: Call, tx: Transaction) -> Reply:
    """Explain the entry that was picked."""
    return replace(_explain(call.data["entry"], tuple(call.data["trail"]), call, tx), edit=True)


def _pick(call: Call, tx: Transaction, trail: tuple[int, ...]) -> Reply:
    lines = tx.accounts.history(call.actor.id, trail[-1] if trail else None, LINES_TO_PICK + 1)
    shown = lines[:LINES_TO_PICK]
    picks = [
        Button("as_is", "why.explain", {"entry": line.entry_id, "trail": trail}, {"text": f"#{line.entry_id}"})
        for line in shown
    ]
    rows: Rows = tuple(tuple(picks[first : first + _IN_A_ROW]) for first in range(0, len(picks), _IN_A_ROW))
    turns = [Button("newer", "why.pick", {"trail": trail[:-1]})] if trail else []
    if len(lines) > LINES_TO_PICK:
        turns.append(Button("older", "why.pick", {"trail": (*trail, shown[-1].entry_id)}))
    if turns:
        rows += (tuple(turns),)
    return reply("why_which", buttons=rows, lines=shown, now=call.now)


def _explain(number: int, trail: tuple[int, ...], call: Call, tx: Transaction) -> Reply:
    explanation = tx.explanations.of(call.actor.id, number)
    if explanation is None:
        raise NoSuchEntry(given=f"#{number}")
    back = Button("why_another", "why.pick", {"trail": trail})
    months = call.config.programme.points_expire_after_months
    ripens_at = explanation.ripens_at
    expires_at = None if ripens_at is None else expiry_of(ripens_at, months, call.zone)
    return reply("why", buttons=((back,),), line=explanation, expires_at=expires_at)
