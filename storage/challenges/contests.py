"""Messages that take part: entries of contests, the votes for them, and what is handed in.

Of a message its id and author are kept, never what it says.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, case, delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert

from storage import schema
from storage.engine.dialect import Connection, Row, binds
from storage.engine.times import from_us, to_us

IN, OUT, GONE, WAITING = "in", "out", "gone", "waiting"
_entry, _vote, _holder = schema.contest_entry, schema.contest_vote, schema.holder
_COLUMNS = ("round_id", "space_id", "message_id", "holder_id", "posted_at", "state")
_ENTER = insert(_entry).values(binds(*_COLUMNS)).on_conflict_do_nothing(index_elements=["space_id", "message_id"])
_ENTERED = select(func.count()).where(
    _entry.c.round_id == bindparam("round"), _entry.c.holder_id == bindparam("holder"), _entry.c.state != GONE
)
_WAITING_OF = select(func.count()).where(
    _entry.c.round_id == bindparam("round"), _entry.c.holder_id == bindparam("holder"), _entry.c.state == WAITING
)
_COUNT = select(func.count()).where(_entry.c.round_id == bindparam("round"), _entry.c.state == IN)
_ITS = (_entry.c.id, _entry.c.round_id, _entry.c.holder_id, _holder.c.member_id, _entry.c.posted_at, _entry.c.state)
_ENTRY = select(*_ITS).join(_holder, _holder.c.id == _entry.c.holder_id)
_BY_MESSAGE = _ENTRY.where(_entry.c.space_id == bindparam("space"), _entry.c.message_id == bindparam("message"))
_BY_ID = _ENTRY.where(_entry.c.id == bindparam("of_id"))
_ALL_WAITING = (
    select(*_ITS, _entry.c.space_id, _entry.c.message_id)
    .join(_holder, _holder.c.id == _entry.c.holder_id)
    .where(_entry.c.state == WAITING)
    # Those that the viewer may not decide about come last.
    .order_by(case((_holder.c.member_id == bindparam("viewer"), 1), else_=0), _entry.c.id)
    .limit(bindparam("most"))
)
_WAITING_IN = _ALL_WAITING.where(_entry.c.space_id == bindparam("space"))
_WHO_WAITS = (
    select(_holder.c.member_id)
    .join(_entry, _entry.c.holder_id == _holder.c.id)
    .where(_entry.c.round_id == bindparam("round"), _entry.c.state == WAITING)
    .distinct()
)
_votes = func.count(_vote.c.voter_id)
_SHOWN = (
    select(*_ITS, _votes)
    .join(_holder, _holder.c.id == _entry.c.holder_id)
    .outerjoin(_vote, _vote.c.entry_id == _entry.c.id)
    .where(_entry.c.round_id == bindparam("round"), _entry.c.state != GONE)
    .group_by(*_ITS)
    .order_by(_votes.desc(), _entry.c.id)
    .limit(bindparam("most"))
)
_SHOWN_OF = _SHOWN.where(_holder.c.member_id == bindparam("member"))
_SET_STATE = (
    update(_entry)
    .where(_entry.c.id == bindparam("of_id"), _entry.c.state == bindparam("before"))
    .values(state=bindparam("new_state"))
)
_ADD_VOTE = (
    insert(_vote)
    .values(binds("entry_id", "voter_id", "voted_at"))
    .on_conflict_do_nothing(index_elements=["entry_id", "voter_id"])
)
_TAKE_VOTE = delete(_vote).where(_vote.c.entry_id == bindparam("entry"), _vote.c.voter_id == bindparam("voter"))
_VOTES_OF = (
    select(_vote.c.entry_id, _holder.c.member_id, _vote.c.voted_at, case((_entry.c.state == IN, 1), else_=0))
    .join(_entry, _entry.c.id == _vote.c.entry_id)
    .join(_holder, _holder.c.id == _entry.c.holder_id)
    .where(_entry.c.round_id == bindparam("round"), _vote.c.voter_id == bindparam("voter"))
    .order_by(_vote.c.voted_at, _vote.c.entry_id)
)
_VOTERS = select(_vote.c.voter_id).where(_vote.c.entry_id == bindparam("entry")).order_by(_vote.c.voter_id)
_OLD = select(_entry.c.id).where(_entry.c.posted_at < bindparam("before"))
_FORGET_VOTES = delete(_vote).where(
    _vote.c.entry_id.in_(_OLD.where(exists().where(_vote.c.entry_id == _entry.c.id)).limit(bindparam("most")))
)
_FORGET = delete(_entry).where(
    _entry.c.posted_at < bindparam("before"), ~exists().where(_vote.c.entry_id == _entry.c.id)
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A message that takes part: IN, OUT once a moderator took it out, GONE once it was deleted.

    One that was handed in is WAITING before a moderator accepts it or not.
    """

    id: int
    round_id: int
    holder_id: int
    member_id: int
    posted_at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class Vote:
    """A vote that stands: for which entry, whose that is, and whether the entry takes part."""

    entry_id: int
    author_id: int
    voted_at: datetime
    is_in: bool


class Contests:
    """Keeps entries and votes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def enter(self, round_id: int, space_id: int, message_id: str, holder_id: int, at: datetime, most: int) -> None:
        """Let a message take part, unless its author has as many entries as they may."""
        if int(self._connection.value(_ENTERED, round=round_id, holder=holder_id)) < most:
            self._put(round_id, space_id, message_id, holder_id, at, IN)

    def hand_in(
        self, round_id: int, space_id: int, message_id: str, holder_id: int, at: datetime, most: int
    ) -> Entry | None:
        """Let a message wait for a moderator, unless so many of its author wait; return it if it is new."""
        if int(self._connection.value(_WAITING_OF, round=round_id, holder=holder_id)) >= most:
            return None
        is_new = self._put(round_id, space_id, message_id, holder_id, at, WAITING)
        return self.by_message(space_id, message_id) if is_new else None

    def _put(self, round_id: int, space_id: int, message_id: str, holder_id: int, at: datetime, state: str) -> bool:
        values = round_id, space_id, message_id, holder_id, to_us(at), state
        return self._connection.run(_ENTER, **dict(zip(_COLUMNS, values, strict=True))).rowcount == 1

    def waiting(self, viewer_id: int, most: int, space_id: int | None) -> list[tuple[Entry, int, str]]:
        """Return (what waits for a moderator, its space, its message), of one space or all, the oldest at the front.

        What the one who looks handed in is at the end.
        """
        statement, asked = (_ALL_WAITING, {}) if space_id is None else (_WAITING_IN, {"space": space_id})
        rows = self._connection.all(statement, viewer=viewer_id, most=most, **asked)
        return [(_to_entry(row[:6]), row[6], row[7]) for row in rows]

    def who_waits(self, round_id: int) -> list[int]:
        """Return the members of whom something waits for a moderator in a round."""
        return [row[0] for row in self._connection.all(_WHO_WAITS, round=round_id)]

    def by_message(self, space_id: int, message_id: str) -> Entry | None:
        """Return the entry that a message is."""
        return _maybe(self._connection.first(_BY_MESSAGE, space=space_id, message=message_id))

    def by_id(self, entry_id: int) -> Entry | None:
        """Return an entry, None once it is forgotten."""
        return _maybe(self._connection.first(_BY_ID, of_id=entry_id))

    def entries(self, round_id: int, most: int, member_id: int | None = None) -> list[tuple[Entry, int]]:
        """Return the entries that were not deleted, of everybody or of a member, with their votes, the most first."""
        of_one, asked = (_SHOWN, {}) if member_id is None else (_SHOWN_OF, {"member": member_id})
        rows = self._connection.all(of_one, round=round_id, most=most, **asked)
        return [(_to_entry(row[:6]), row[6]) for row in rows]

    def count(self, round_id: int) -> int:
        """Return how many entries take part in a round."""
        return int(self._connection.value(_COUNT, round=round_id))

    def set_state(self, entry_id: int, before: str, after: str) -> bool:
        """Move an entry from one state to another; return whether it was in the first."""
        return self._connection.run(_SET_STATE, of_id=entry_id, before=before, new_state=after).rowcount == 1

    def vote(self, entry_id: int, voter_id: int, at: datetime) -> None:
        """Note that a holder votes for an entry."""
        self._connection.run(_ADD_VOTE, entry_id=entry_id, voter_id=voter_id, voted_at=to_us(at))

    def take_back(self, entry_id: int, voter_id: int) -> None:
        """Note that a holder does not vote for an entry any more."""
        self._connection.run(_TAKE_VOTE, entry=entry_id, voter=voter_id)

    def votes_of(self, round_id: int, voter_id: int) -> list[Vote]:
        """Return the votes of a holder in a round, the first at the front."""
        rows = self._connection.all(_VOTES_OF, round=round_id, voter=voter_id)
        return [Vote(row[0], row[1], from_us(row[2]), bool(row[3])) for row in rows]

    def voters(self, entry_id: int) -> Iterable[int]:
        """Return the holders who vote for an entry."""
        return [row[0] for row in self._connection.all(_VOTERS, entry=entry_id)]

    def forget(self, before: datetime, most: int) -> bool:
        """Drop votes for entries from before an instant, and then those; return whether more may be left."""
        if self._connection.run(_FORGET_VOTES, before=to_us(before), most=most).rowcount:
            return True
        self._connection.run(_FORGET, before=to_us(before))
        return False


def _maybe(row: Row | None) -> Entry | None:
    return None if row is None else _to_entry(row)


def _to_entry(row: Row) -> Entry:
    entry_id, round_id, holder_id, member_id, posted_at, state = row
    return Entry(entry_id, round_id, holder_id, member_id, from_us(posted_at), state)
