"""What was handled and how it was answered, what was tried, what was given up."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from storage import schema
from storage.engine.dialect import Connection, Row, binds
from storage.engine.forgetting import delete_oldest, end_of_part, is_in_part
from storage.engine.times import from_us, to_us

_handled, _attempt, _letter = schema.handled, schema.attempt, schema.dead_letter
# Much longer than any platform delivers an event again; the ledger knows its sources for ever.
HANDLED_KEPT = timedelta(days=40)
_ANSWER = select(_handled.c.input_hash, _handled.c.reply).where(_handled.c.event_key == bindparam("key"))
_REMEMBERED = ("event_key", "input_hash", "reply", "handled_at")
_REMEMBER = insert(_handled).values(binds(*_REMEMBERED))
_CHANGE_ANSWER = update(_handled).where(_handled.c.event_key == bindparam("key")).values(reply=bindparam("new_reply"))
_END_OF_PART = end_of_part(_handled.c.handled_at)
_FORGET_REPLIES = (
    update(_handled)
    .where(
        is_in_part(_handled.c.handled_at), _handled.c.handled_at < bindparam("before"), _handled.c.reply.is_not(None)
    )
    .values(reply=None)
)
_FORGET_HANDLED = delete_oldest(_handled.c.handled_at)
_upsert = insert(_attempt).values(event_key=bindparam("key"), tries=1, tried_at=bindparam("now"))
_TRY = _upsert.on_conflict_do_update(
    index_elements=["event_key"], set_={"tries": _attempt.c.tries + 1, "tried_at": _upsert.excluded.tried_at}
).returning(_attempt.c.tries)
_END_TRIES = delete(_attempt).where(_attempt.c.event_key == bindparam("key"))
_FORGET_TRIES = delete_oldest(_attempt.c.tried_at)
_PARK = (
    insert(_letter)
    .values(binds("event_key", "kind", "reason", "arguments", "event", "error_id", "parked_at"))
    .on_conflict_do_nothing(index_elements=["event_key"])
)
_LETTER = select(
    _letter.c.id,
    _letter.c.kind,
    _letter.c.reason,
    _letter.c.arguments,
    _letter.c.event,
    _letter.c.error_id,
    _letter.c.parked_at,
)
_LETTERS = _LETTER.order_by(_letter.c.id)
_ONE_LETTER = _LETTER.where(_letter.c.id == bindparam("letter"))
_FAILED_AGAIN = (
    update(_letter)
    .where(_letter.c.id == bindparam("letter"))
    .values(reason=bindparam("new_reason"), error_id=bindparam("new_error_id"))
)
_DROP_LETTER = delete(_letter).where(_letter.c.id == bindparam("letter"))
_FORGET_LETTERS = delete_oldest(_letter.c.parked_at)


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """How an event was answered. `reply` is None once the retention time is over."""

    input_hash: str
    reply: str | None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event or job that was given up, without any text a person wrote.

    `arguments` is JSON that says what it was; `event`, JSON too, is what it takes to run it again, None where that
    may not be kept.
    """

    id: int
    kind: str
    reason: str
    arguments: str
    event: str | None
    error_id: str
    parked_at: datetime


class Events:
    """Remembers what happened to events, by their keyed hash."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def answer_to(self, key: str) -> StoredAnswer | None:
        """Return how this event was answered before."""
        row = self._connection.first(_ANSWER, (key,), key=key)
        return None if row is None else StoredAnswer(row[0], row[1])

    def remember(self, key: str, input_hash: str, reply: str) -> None:
        """Store the answer to an event."""
        row = (key, input_hash, reply, to_us(self._now))
        self._connection.insert_later(_REMEMBER, _REMEMBERED, [row], (key,))

    def change_answer(self, key: str, reply: str) -> None:
        """Replace the stored answer to an event that was done after all."""
        self._connection.run(_CHANGE_ANSWER, key=key, new_reply=reply)

    def count_try(self, key: str) -> int:
        """Count one more failed try; return how many there were."""
        tries: int = self._connection.value(_TRY, key=key, now=to_us(self._now))
        return tries

    def park(
        self, key: str, kind: str, reason: str, arguments: str, error_id: str, *, event: str | None = None
    ) -> None:
        """Give an event up. Neither `arguments` nor `event` holds chat text."""
        self._connection.run(
            _PARK,
            event_key=key,
            kind=kind,
            reason=reason,
            arguments=arguments,
            event=event,
            error_id=error_id,
            parked_at=to_us(self._now),
        )
        self._connection.run(_END_TRIES, key=key)

    def dead_letters(self) -> list[DeadLetter]:
        """Return what was given up, oldest first."""
        return [_to_letter(row) for row in self._connection.all(_LETTERS)]

    def dead_letter(self, letter_id: int) -> DeadLetter | None:
        """Return one of what was given up."""
        row = self._connection.first(_ONE_LETTER, letter=letter_id)
        return None if row is None else _to_letter(row)

    def failed_again(self, letter_id: int, reason: str, error_id: str) -> None:
        """Note why it failed when it was run again. How long it is kept counts from the first time."""
        self._connection.run(_FAILED_AGAIN, letter=letter_id, new_reason=reason, new_error_id=error_id)

    def drop(self, letter_ids: Iterable[int]) -> int:
        """Drop dead letters; return how many there were."""
        return sum(self._connection.run(_DROP_LETTER, letter=letter_id).rowcount for letter_id in letter_ids)

    def forget(self, letters_before: datetime, most: int) -> bool:
        """Drop about so many of what was handled long ago, of tries and of letters; return whether more may be left."""
        dropped = [
            self._connection.run(_FORGET_HANDLED, before=to_us(self._now - HANDLED_KEPT), most=most).rowcount,
            self._connection.run(_FORGET_TRIES, before=to_us(letters_before), most=most).rowcount,
            self._connection.run(_FORGET_LETTERS, before=to_us(letters_before), most=most).rowcount,
        ]
        return max(dropped) >= most

    def forget_answers(self, before: datetime, after: int, most: int) -> int | None:
        """Drop old answers among so many that follow the mark `after`; return the next mark, None at the end."""
        upto, count = self._connection.all(_END_OF_PART, after=after, most=most)[0]
        if count:
            self._connection.run(_FORGET_REPLIES, after=after, upto=upto, before=to_us(before))
        return upto if count == most and upto < to_us(before) else None


def _to_letter(row: Row) -> DeadLetter:
    return DeadLetter(row[0], row[1], row[2], row[3], row[4], row[5], from_us(row[6]))
