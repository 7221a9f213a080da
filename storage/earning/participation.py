"""What taking part needs to remember: daily counts, who wrote a message, who reacted to it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from bot import codec
from bot.earning.reactions import Reactions
from storage import schema
from storage.engine.dialect import Connection, Row, as_list, binds, values_of
from storage.engine.forgetting import delete_oldest, end_of_part, is_in_part
from storage.engine.times import to_us

_count, _author, _reaction = schema.daily_count, schema.message_author, schema.reaction
_COUNTS = select(_count.c.counted, _count.c.day, _count.c.amount).where(
    _count.c.counted.in_(values_of("counted")), _count.c.day.in_(values_of("days"))
)
_COUNT_COLUMNS = ("counted", "day", "amount")
_upsert_count = insert(_count).values(binds(*_COUNT_COLUMNS))
_ADD_COUNT = _upsert_count.on_conflict_do_update(
    index_elements=["counted", "day"], set_={"amount": _count.c.amount + _upsert_count.excluded.amount}
)
_END_OF_PART = end_of_part(_count.c.counted)
_FORGET_COUNTS = delete(_count).where(is_in_part(_count.c.counted), _count.c.day < bindparam("before"))
_AUTHOR_COLUMNS = ("space_id", "message_id", "holder_id", "posted_at")
_INSERT_AUTHOR = (
    insert(_author).values(binds(*_AUTHOR_COLUMNS)).on_conflict_do_nothing(index_elements=["space_id", "message_id"])
)
_AUTHOR = select(_author.c.holder_id).where(
    _author.c.space_id == bindparam("space"), _author.c.message_id == bindparam("message")
)
_FORGET_AUTHORS = delete_oldest(_author.c.posted_at)
_STATE = (_reaction.c.author_id, _reaction.c.emojis, _reaction.c.newest, _reaction.c.version, _reaction.c.award_source)
_REACTION = select(*_STATE).where(
    _reaction.c.space_id == bindparam("space"),
    _reaction.c.message_id == bindparam("message"),
    _reaction.c.reactor_id == bindparam("reactor"),
)
_REACTIONS_TO = select(_reaction.c.reactor_id, *_STATE).where(
    _reaction.c.space_id == bindparam("space"), _reaction.c.message_id == bindparam("message")
)
_upsert_reaction = insert(_reaction).values(
    binds(
        *("space_id", "message_id", "reactor_id", "author_id"),
        *("emojis", "newest", "version", "award_source", "changed_at"),
    )
)
_SET_REACTION = _upsert_reaction.on_conflict_do_update(
    index_elements=["space_id", "message_id", "reactor_id"],
    set_={
        name: _upsert_reaction.excluded[name] for name in ("emojis", "newest", "version", "award_source", "changed_at")
    },
)


_identity, _holder, _member = schema.identity, schema.holder, schema.member
_PARTICIPANTS = (
    select(
        _identity.c.user_id,
        _holder.c.id,
        _holder.c.member_id,
        _member.c.joined_at,
        _identity.c.name,
        _identity.c.username,
        _identity.c.seen_at,
    )
    .join(_holder, _holder.c.id == _identity.c.holder_id)
    .join(_member, _member.c.id == _holder.c.member_id)
    .where(
        _identity.c.platform == bindparam("platform"),
        _identity.c.user_id.in_(values_of("users")),
        _member.c.left_at.is_(None),
    )
)


class Participant(NamedTuple):
    """An active member as taking part needs them: whole rows of a busy evening. Instants in microseconds."""

    user_id: str
    holder_id: int
    member_id: int
    joined_us: int
    name: str
    username: str | None
    seen_us: int


@dataclass(frozen=True, slots=True)
class ReactionState:
    """One reactor's reactions to one message: `version` counts how often the first was added."""

    author_id: int
    reactions: Reactions
    version: int
    award_source: str | None

    @property
    def stands(self) -> bool:
        """Whether there is a reaction at all."""
        return bool(self.reactions.emojis)


def _to_state(row: Row) -> ReactionState:
    author_id, emojis, newest, version, award_source = row
    return ReactionState(author_id, Reactions(frozenset(codec.load(emojis)), codec.load(newest)), version, award_source)


class ParticipationStore:
    """Reads and writes what taking part leaves behind."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def participants(self, platform: str, user_ids: Iterable[str]) -> dict[str, Participant]:
        """Return the active members among a platform's users, by user id."""
        rows = self._connection.all(_PARTICIPANTS, platform=platform, users=as_list(user_ids))
        return {row[0]: Participant(*row) for row in rows}

    def counts(self, counted: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Return the amounts of (what is counted, day), and maybe of the same on another's day; none for 0."""
        asked, days = zip(*counted, strict=True) if counted else ((), ())
        rows = self._connection.all(_COUNTS, counted=as_list(set(asked)), days=as_list(set(days)))
        return {(row[0], row[1]): row[2] for row in rows}

    def add_counts(self, amounts: dict[tuple[str, str], int]) -> None:
        """Add to the amounts of (what is counted, day)."""
        rows = [(counted, day, amount) for (counted, day), amount in amounts.items() if amount]
        self._connection.run_rows(_ADD_COUNT, _COUNT_COLUMNS, rows)

    def add_authors(self, authors: Sequence[tuple[int, str, int, int]]) -> None:
        """Remember (space id, message id, holder id, posted at in microseconds)."""
        self._connection.run_rows(_INSERT_AUTHOR, _AUTHOR_COLUMNS, authors)

    def author_of(self, space_id: int, message_id: str) -> int | None:
        """Return the holder who wrote a message, None where we do not know."""
        holder_id: int | None = self._connection.value(_AUTHOR, space=space_id, message=message_id)
        return holder_id

    def reaction(self, space_id: int, message_id: str, reactor_id: int) -> ReactionState | None:
        """Return what a reactor's reactions to a message were."""
        row = self._connection.first(_REACTION, space=space_id, message=message_id, reactor=reactor_id)
        return None if row is None else _to_state(row)

    def reactions_to(self, space_id: int, message_id: str) -> list[tuple[int, ReactionState]]:
        """Return what every reactor's reactions to a message were, by the reactor's holder."""
        rows = self._connection.all(_REACTIONS_TO, space=space_id, message=message_id)
        return [(row[0], _to_state(row[1:])) for row in rows]

    def set_reaction(self, space_id: int, message_id: str, reactor_id: int, state: ReactionState) -> None:
        """Store what a reactor's reactions to a message are now."""
        self._connection.run(
            _SET_REACTION,
            space_id=space_id,
            message_id=message_id,
            reactor_id=reactor_id,
            author_id=state.author_id,
            emojis=codec.dump(sorted(state.reactions.emojis)),
            newest=codec.dump(dict(sorted(state.reactions.newest.items()))),
            version=state.version,
            award_source=state.award_source,
            changed_at=to_us(self._now),
        )

    def forget_counts(self, before_day: str, after: str, most: int) -> str | None:
        """Drop old counts among so many that follow the mark `after`; return the next mark, None at the end."""
        upto, count = self._connection.all(_END_OF_PART, after=after, most=most)[0]
        if count:
            self._connection.run(_FORGET_COUNTS, after=after, upto=upto, before=before_day)
        return upto if count == most else None

    def forget_authors(self, before: datetime, most: int) -> bool:
        """Drop about so many old authors of messages; return whether more may be left."""
        return self._connection.run(_FORGET_AUTHORS, before=to_us(before), most=most).rowcount >= most
