"""Tallies: what is marked for challenges and duels, for those that mark alike once, and the span in which any does."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

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


@dataclass(frozen=True, slots=True)
class Tally:
    """Rounds for which the same is marked, and the span in microseconds in which they count, or a duel that does."""

    id: int
    measure: Measure
    rounds: tuple[Round, ...]
    begins_us: int
    ends_us: int

    def including(self, begins_us: int, ends_us: int) -> "Tally":
        """Return it as one that counts in this span too."""
        return replace(self, begins_us=min(self.begins_us, begins_us), ends_us=max(self.ends_us, ends_us))


Tallies = Mapping[Counts, Sequence[Tally]]
"""What is counted, by the kind of event."""


def tally_of(connection: Connection, measure: Measure) -> int:
    """Return the id of what is marked for a measure; it is made if there is none."""
    what = codec.dump(measure.marked.plain())
    connection.run(_INSERT, what=what)
    tally_id: int = connection.value(_ID, what=what)
    return tally_id


def tallies_of(rounds: Iterable[Round]) -> Tallies:
    """Return what is counted by these rounds."""
    together: dict[int, list[Round]] = defaultdict(list)
    for one in rounds:
        together[one.tally_id].append(one)
    return _by_kind(
        Tally(
            tally_id,
            those[0].terms.measure.marked,
            tuple(those),
            min(to_us(one.opens_at) for one in those),
            max(to_us(one.closes_at) for one in those),
        )
        for tally_id, those in together.items()
    )


def with_duels(of_rounds: Tallies, connection: Connection) -> Tallies:
    """Return what is counted by rounds and by the duels that run."""
    duels = connection.all(_OF_DUELS)
    if not duels:
        return of_rounds
    by_id = {tally.id: tally for tallies in of_rounds.values() for tally in tallies}
    for tally_id, what, begins, ends in duels:
        known = by_id.get(tally_id)
        measure = Measure.of(codec.load(what)).marked if known is None else known.measure
        by_id[tally_id] = (known or Tally(tally_id, measure, (), begins, ends)).including(begins, ends)
    return _by_kind(by_id.values())


def _by_kind(tallies: Iterable[Tally]) -> Tallies:
    found: dict[Counts, list[Tally]] = defaultdict(list)
    for tally in tallies:
        found[tally.measure.counts].append(tally)
    return dict(found)
