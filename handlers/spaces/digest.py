"""The digest: what a group would have had too many posts of on one day, together in one the next morning."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from bot.calendar import first_instant, local_date
from bot.replies import Post, Reply, Rows, ToSpace
from handlers.scheduler import Run
from storage.transaction import Transaction

DIGEST_AT = time(9, 0)
# More would not fit into one message, nor would the buttons: Discord shows 25.
_MOST_PARTS, _MOST_BUTTONS = 8, 25


def digest_needed(tx: Transaction) -> datetime | None:
    """Return when the day after the first post that was held back begins, None where none is."""
    since = tx.outbox.held.first_at()
    return None if since is None else _midnight(since + timedelta(days=1), tx)


def _midnight(at: datetime, tx: Transaction) -> datetime:
    return first_instant(local_date(at, tx.zone), time(), tx.zone)


def post_digests(run: Run, tx: Transaction) -> None:
    """Post to each space what was held back for it until yesterday, each part in short."""
    for space_id, parts in tx.outbox.held.gather(_midnight(run.occurrence.at, tx)).items():
        shown = parts[:_MOST_PARTS]
        rows = _buttons(shown)
        fields = {"parts": [part.beside_picture() for part in shown], "others": len(parts) - len(shown)}
        key = f"digest:{space_id}:{run.occurrence.key}"
        # It is what the limit leaves, so that it goes before it is counted.
        tx.post(Post(ToSpace(space_id), "digest", key, fields, buttons=rows, is_urgent=True))


def _buttons(parts: Sequence[Reply]) -> Rows:
    """Return the buttons of the parts: of each all or none, for some of the answers to a question would mislead."""
    rows: Rows = ()
    for part in parts:
        if sum(map(len, (*rows, *part.buttons))) <= _MOST_BUTTONS:
            rows += part.buttons
    return rows
