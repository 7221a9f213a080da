"""What taking part needs to remember: daily counts, who wrote a message, who reacted to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from bot import codec
from storage import schema
from storage.dialect import Connection, as_list, binds, values_of
from storage.times import to_us

_count, _author, _reaction = schema.daily_count, schema.message_author, schema.reaction
_COUNTS = select(_count.c.counted, _count.c.day, _count.c.amount).where(_count.c.counted.in_(values_of("counted")))
_upsert_count = insert(_count).values(binds("counted", "day", "amount"))
_ADD_COUNT = _upsert_count.on_conflict_do_update(
    index_elements=["counted", "day"], set_={"amount": _count.c.amount + _upsert_count.excluded.amount}
)
_FORGET_COUNTS = delete(_count).where(_count.c.day < bindparam("before"))
_INSERT_AUTHOR = (
    insert(_author)
    .values(binds("space_id", "message_id", "holder_id", "posted_at"))
    .on_conflict_do_nothing(index_elements=["space_id", "message_id"])
)
_AUTHOR = select(_author.c.holder_id).where(
    _author.c.space_id == bindparam("space"), _author.c.message_id == bindparam("message")
)
_FORGET_AUTHORS = delete(_author).where(_author.c.posted_at < bindparam("before"))
_REACTION = select(
    _reaction.c.id, _reaction.c.author_id, _reaction.c.emojis, _reaction.c.version, _reaction.c.award_source
).where(
    _reaction.c.space_id == bindparam("space"),
    _reaction.c.message_id == bindparam("message"),
    _reaction.c.reactor_id == bindparam("reactor"),
)
_REACTIONS_TO = select(
    _reaction.c.reactor_id, _reaction.c.author_id, _reaction.c.emojis, _reaction.c.version, _reaction.c.award_source
).where(_reaction.c.space_id == bindparam("space"), _reaction.c.message_id == bindparam("message"))
_upsert_reaction = insert(_reaction).values(
    binds("space_id", "message_id", "reactor_id", "author_id", "emojis", "version", "award_source", "changed_at")
)
_SET_REACTION = _upsert_reaction.on_conflict_do_update(
    index_elements=["space_id", "message_id", "reactor_id"],
    set_={name: _upsert_reaction.excluded[name] for name in ("emojis", "version", "award_source", "changed_at")},
)


@dataclass(frozen=True, slots=True)
class ReactionState:
    """One reactor's reactions to one message: `version` counts how often the first was added."""

    author_id: int
    emojis: frozenset[str]
    version: int
    award_source: str | None


class ParticipationStore:
    """Reads and writes what taking part leaves behind."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def counts(self, counted: Iterable[str]) -> dict[tuple[str, str], int]:
        """Return amounts by (what is counted, day)."""
        rows = self._connection.all(_COUNTS, counted=as_list(set(counted)))
        return {(row[0], row[1]): row[2] for row in rows}

    def add_counts(self, amounts: dict[tuple[str, str], int]) -> None:
        """Add to the amounts of (what is counted, day)."""
        self._connection.run_many(
            _ADD_COUNT,
            [
                {"counted": counted, "day": day, "amount": amount}
                for (counted, day), amount in amounts.items()
                if amount
            ],
        )

    def add_authors(self, authors: Iterable[tuple[int, str, int, datetime]]) -> None:
        """Remember (space id, message id, holder id, posted at)."""
        self._connection.run_many(
            _INSERT_AUTHOR,
            [
                {"space_id": space_id, "message_id": message_id, "holder_id": holder_id, "posted_at": to_us(posted_at)}
                for space_id, message_id, holder_id, posted_at in authors
            ],
        )

    def author_of(self, space_id: int, message_id: str) -> int | None:
        """Return the holder who wrote a message, None where we do not know."""
        holder_id: int | None = self._connection.value(_AUTHOR, space=space_id, message=message_id)
        return holder_id

    def reaction(self, space_id: int, message_id: str, reactor_id: int) -> ReactionState | None:
        """Return what a reactor's reactions to a message were."""
        row = self._connection.first(_REACTION, space=space_id, message=message_id, reactor=reactor_id)
        return None if row is None else ReactionState(row[1], frozenset(codec.load(row[2])), row[3], row[4])

    def reactions_to(self, space_id: int, message_id: str) -> list[tuple[int, ReactionState]]:
        """Return what every reactor's reactions to a message were, by the reactor's holder."""
        rows = self._connection.all(_REACTIONS_TO, space=space_id, message=message_id)
        return [(row[0], ReactionState(row[1], frozenset(codec.load(row[2])), row[3], row[4])) for row in rows]

    def set_reaction(self, space_id: int, message_id: str, reactor_id: int, state: ReactionState) -> None:
        """Store what a reactor's reactions to a message are now."""
        self._connection.run(
            _SET_REACTION,
            space_id=space_id,
            message_id=message_id,
            reactor_id=reactor_id,
            author_id=state.author_id,
            emojis=codec.dump(sorted(state.emojis)),
            version=state.version,
            award_source=state.award_source,
            changed_at=to_us(self._now),
        )

    def forget(self, counts_before_day: str, authors_before: datetime) -> None:
        """Drop counts and message authors that nothing can ask for any more."""
        self._connection.run(_FORGET_COUNTS, before=counts_before_day)
        self._connection.run(_FORGET_AUTHORS, before=to_us(authors_before))
