"""Why a line of the history is there: a member picks one and reads where it came from and what became of it."""

from dataclasses import replace

from bot.commands import WordParam
from bot.errors import UserError
from bot.replies import Button, Reply, Rows, reply
from handlers.call import Call
from handlers.registry import button, command
from storage.transaction import Transaction

LINES_TO_PICK = 10
_IN_A_ROW = 5
_MOST_DIGITS = 16


class NoSuchEntry(UserError):
    """No line of this member's history has that number."""

    template = "no_such_entry"


@command("why", params=[WordParam("entry", required=False, completes=True, limit=20)], read_only=True)
def why(call: Call, tx: Transaction) -> Reply:
    """Explain the entry of this number, or offer the newest lines."""
    if call.args.entry is None:
        return _pick(call, tx, None)
    number = call.args.entry.removeprefix("#")
    if not (number.isascii() and number.isdigit() and len(number) <= _MOST_DIGITS):
        raise NoSuchEntry(given=call.args.entry)
    return _explain(int(number), None, call, tx)


@button("why.pick")
def pick(call: Call, tx: Transaction) -> Reply:
    """Offer the lines of a page of the history. `before` is the entry after which they begin."""
    return replace(_pick(call, tx, call.data["before"]), edit=True)


@button("why.explain")
def explain(call: Call, tx: Transaction) -> Reply:
    """Explain the line that was picked."""
    return replace(_explain(call.data["entry"], call.data["before"], call, tx), edit=True)


def _pick(call: Call, tx: Transaction, before: int | None) -> Reply:
    lines = tx.accounts.history(call.actor.id, before, LINES_TO_PICK)
    picks = [
        Button("as_is", "why.explain", {"entry": line.entry_id, "before": before}, {"text": str(number)})
        for number, line in enumerate(lines, start=1)
    ]
    rows: Rows = tuple(tuple(picks[first : first + _IN_A_ROW]) for first in range(0, len(picks), _IN_A_ROW))
    return reply("why_which", buttons=rows, lines=lines)


def _explain(number: int, before: int | None, call: Call, tx: Transaction) -> Reply:
    explanation = tx.explanations.of(call.actor.id, number)
    if explanation is None:
        raise NoSuchEntry(given=f"#{number}")
    back = Button("why_another", "why.pick", {"before": before})
    return reply("why", buttons=((back,),), line=explanation)
