"""Why an entry of the history is there: a member picks one and reads where it came from and what became of it."""

from dataclasses import replace

from bot.commands import WordParam
from bot.errors import UserError
from bot.expiry import expiry_of
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
        return _pick(call, tx, None)
    number = call.args.entry.removeprefix("#")
    if not (number.isascii() and number.isdigit()):
        raise EntryMalformed(given=call.args.entry)
    if len(number) > _MOST_DIGITS:
        raise NoSuchEntry(given=f"#{number}")
    return _explain(int(number), None, call, tx)


@button("why.pick")
def pick(call: Call, tx: Transaction) -> Reply:
    """Offer the entries of a page of the history. `before` is the entry after which they begin."""
    return replace(_pick(call, tx, call.data["before"]), edit=True)


@button("why.explain")
def explain(call: Call, tx: Transaction) -> Reply:
    """Explain the entry that was picked."""
    return replace(_explain(call.data["entry"], call.data["before"], call, tx), edit=True)


def _pick(call: Call, tx: Transaction, before: int | None) -> Reply:
    lines = tx.accounts.history(call.actor.id, before, LINES_TO_PICK + 1)
    picks = [
        Button("as_is", "why.explain", {"entry": line.entry_id, "before": before}, {"text": f"#{line.entry_id}"})
        for line in lines[:LINES_TO_PICK]
    ]
    rows: Rows = tuple(tuple(picks[first : first + _IN_A_ROW]) for first in range(0, len(picks), _IN_A_ROW))
    if len(lines) > LINES_TO_PICK:
        rows += ((Button("older", "why.pick", {"before": lines[LINES_TO_PICK - 1].entry_id}),),)
    return reply("why_which", buttons=rows, lines=lines[:LINES_TO_PICK], now=call.now)


def _explain(number: int, before: int | None, call: Call, tx: Transaction) -> Reply:
    explanation = tx.explanations.of(call.actor.id, number)
    if explanation is None:
        raise NoSuchEntry(given=f"#{number}")
    back = Button("why_another", "why.pick", {"before": before})
    months = call.config.programme.points_expire_after_months
    ripens_at = explanation.ripens_at
    expires_at = None if ripens_at is None else expiry_of(ripens_at, months, call.zone)
    return reply("why", buttons=((back,),), line=explanation, expires_at=expires_at)
