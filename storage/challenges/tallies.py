"""Tallies: what is marked for challenges and duels, for those that mark alike once, and the span in which any does."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import insert

from bot import codec
from bot.challenges.duels import DuelState
from bot.challenges.measures import Counts, Measure
from storage import schema
from storage.challenges.rounds import Round
from storage.engine.dialect import Connection, binds
from storage.engine.times import to_us

_tally, _duel = schema.challenge_tally, schema.duel
_INSERT = insert(_tally).values(binds("what")).on_conflict_do_nothing(index_elements=["what"])
_ID = select(_tally.c.id).where(_tally.c.what == bindparam("what"))
_OF_DUELS = (
    select(_tally.c.id, _tally.c.what, func.min(_duel.c.opens_at), func.max(_duel.c.closes_at))
    .join(_duel, _duel.c.tally_id == _tally.c.id)
    .where(_duel.c.state == DuelState.RUNNING)
    .group_by(_tally.c.id, _tally.c.what)
)


@dataclass(slots=True)
class Tally:
    """Rounds for which the same is marked, and the span in microseconds in which they count, or a duel that does."""

    id: int
    measure: Measure
    rounds: list[Round]
    begins_us: int
    ends_us: int

    def include(self, begins_us: int, ends_us: int) -> None:
        """Count in this span too."""
        self.begins_us, self.ends_us = min(self.begins_us, begins_us), max(self.ends_us, ends_us)


def tally_of(connection: Connection, measure: Measure) -> int:
    """Return the id of what is marked for a measure; it is made if there is none."""
    what = codec.dump(measure.marked.plain())
    connection.run(_INSERT, what=what)
    tally_id: int = connection.value(_ID, what=what)
    return tally_id


def tallies_of(rounds: Iterable[Round], connection: Connection) -> Mapping[Counts, Sequence[Tally]]:
    """Return what is counted by these rounds and by the duels that run, by the kind of event."""
    by_id: dict[int, Tally] = {}
    for one in rounds:
        begins, ends = to_us(one.opens_at), to_us(one.closes_at)
        tally = by_id.setdefault(one.tally_id, Tally(one.tally_id, one.terms.measure.marked, [], begins, ends))
        tally.rounds.append(one)
        tally.include(begins, ends)
    for tally_id, what, begins, ends in connection.all(_OF_DUELS):
        tally = by_id.setdefault(tally_id, Tally(tally_id, Measure.of(codec.load(what)).marked, [], begins, ends))
        tally.include(begins, ends)
    found: dict[Counts, list[Tally]] = defaultdict(list)
    for tally in by_id.values():
        found[tally.measure.counts].append(tally)
    return found
