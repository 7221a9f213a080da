"""Challenge progress: counted in the transaction of the event that moved it, moved back while the round is open."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

from bot.calendar import local_date, local_date_in_minute
from bot.challenges.measures import Counts, Happened
from bot.config.earning import MessageRule
from bot.earning.message import MessageAward, Said
from bot.ledger.ledger import EntryDraft
from handlers.challenges.paying import pay_late
from storage.challenges.challenge_marks import MarkRow
from storage.challenges.tallies import Tally
from storage.engine.times import to_us
from storage.transaction import Transaction

_SECOND_US, _MINUTE_US = 1_000_000, 60_000_000


class Progress:
    """Marks what happened for the rounds that count it, and takes marks back."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._tallies = tx.challenges.tallies()

    def counts(self, counts: Counts) -> bool:
        """Whether there is a round that counts this."""
        return counts in self._tallies

    def add(self, happened: Happened) -> None:
        """Count what happened in every round that counts it; told again, with another weight, that one counts."""
        self.add_many([happened])

    def add_many(self, happened: Iterable[Happened]) -> None:
        """Count what happened, as `add` does. Who reached a goal by it is told with the next job."""
        self._mark(happened, self._tx.challenge_marks.put)

    def add_first(self, happened: Iterable[Happened]) -> None:
        """Count what happened; what has the mark of something before counts no more."""
        self._mark(happened, self._tx.challenge_marks.add)

    def _mark(self, happened: Iterable[Happened], keep: Callable[[Sequence[MarkRow]], object]) -> None:
        by_tally: list[tuple[Tally, MarkRow]] = []
        counting = [one for one in happened if one.counts in self._tallies]
        zones = self._tx.member_zones.of_many({one.member_id for one in counting}) if counting else {}
        for one in counting:
            at, day = to_us(one.at), local_date(one.at, self._tx.zone).toordinal()
            theirs = zones[one.member_id].day(one.at).toordinal() if one.member_id in zones else day
            by_tally += [
                (tally, (tally.id, one.member_id, one.mark, at, theirs, one.weight))
                for tally in self._tallies[one.counts]
                if tally.begins_us <= at < tally.ends_us and tally.measure.accepts(one)
            ]
        if by_tally:
            rows = [row for _, row in by_tally]
            keep(rows)
            moved = {(row[0], row[1]) for tally, row in by_tally if tally.rounds}
            self._tx.challenge_marks.note_moved(moved, self._tx.now)
            for tally, row in by_tally:
                self._pay_late(tally, [row])

    def _pay_late(self, tally: Tally, rows: Iterable[MarkRow]) -> None:
        for one in tally.rounds:
            if not one.is_open:
                begins, ends = to_us(one.opens_at), to_us(one.closes_at)
                pay_late(one, {row[1] for row in rows if begins <= row[3] < ends}, self._tx)

    def remove(self, counts: Counts, member_id: int, mark: str) -> None:
        """Take a mark back from everything that counts this."""
        tallies = self._tallies.get(counts)
        if tallies:
            self._tx.challenge_marks.remove([tally.id for tally in tallies], member_id, mark)
            shown = {(tally.id, member_id) for tally in tallies if any(one.terms.together for one in tally.rounds)}
            self._tx.challenge_marks.note_moved(shown, self._tx.now)

    # What was earned ------------------------------------------------------------------------------------------------

    def earned(self, entries: Iterable[EntryDraft]) -> None:
        """Count what entries give for something done, and what they take back of it, in the period it was done in."""
        if self.counts(Counts.POINTS) or self.counts(Counts.STATUS):
            self.add_many(
                Happened(
                    counts=Counts(entry.unit.value),
                    member_id=entry.member_id,
                    at=entry.counts_at or entry.occurred_at,
                    mark=f"{entry.source}:{entry.leg}",
                    weight=entry.points if entry.from_programme is not None else -entry.points,
                    space_id=entry.space_id,
                )
                for entry in entries
            )

    def earned_by_messages(self, awards: Iterable[MessageAward], status: int) -> None:
        """Count the status that messages gave."""
        if self.counts(Counts.STATUS):
            now, of_status = self._tx.now, Counts.STATUS
            self.add_many(
                Happened(
                    counts=of_status,
                    member_id=said[1],
                    at=min(said[3], now),
                    mark=source,
                    weight=status,
                    space_id=said[2],
                )
                for source, said, _ in awards
            )

    def reversed(self, source: str, leg: int, member_id: int) -> None:
        """Take back what a leg of a source gave."""
        for counts in (Counts.POINTS, Counts.STATUS):
            self.remove(counts, member_id, f"{source}:{leg}")

    # Messages -------------------------------------------------------------------------------------------------------

    def add_messages(self, said: Sequence[Said], rule: MessageRule) -> None:
        """Count messages that are long enough: one of each cooldown window and space, and the days of messages."""
        tallies = [*self._tallies.get(Counts.MESSAGES, ()), *self._tallies.get(Counts.MESSAGE_DAYS, ())]
        if not tallies:
            return
        minimum = rule.minimum_length
        long_enough = [one for one in said if one[5] is None or one[5] >= minimum]
        in_zones = self._by_zone(long_enough)
        days = {zone: _days_of(of_zone, zone) for zone, of_zone in in_zones.items()}
        for tally in tallies:
            by_day = tally.measure.counts is Counts.MESSAGE_DAYS
            # A day also counts for who joins at noon, if they write after it.
            at_last = by_day and any(one.terms.needs_part for one in tally.rounds)
            rows: list[MarkRow] = []
            for zone, of_zone in in_zones.items():
                cuts = _cuts(tally, zone) if by_day else {}
                fits = _fitting(tally, of_zone)
                rows += _rows(tally, fits, days[zone], 0 if by_day else rule.cooldown_s, cuts, at_last=at_last)
            if len(in_zones) > 1:
                rows = _each_once(rows, at_last=at_last)
            if not rows:
                continue
            if at_last:
                self._tx.challenge_marks.put_last(rows)
            elif not self._tx.challenge_marks.add(rows):
                continue
            if tally.rounds:
                self._tx.challenge_marks.note_moved({(tally.id, row[1]) for row in rows}, self._tx.now)
            self._pay_late(tally, rows)

    def _by_zone(self, said: Sequence[Said]) -> Mapping[ZoneInfo, Sequence[Said]]:
        """Return messages by the time zone of who wrote them."""
        zones = self._tx.member_zones.of_many({one[1] for one in said})
        if not zones:
            return {self._tx.zone: said}
        found: dict[ZoneInfo, list[Said]] = defaultdict(list)
        for one in said:
            found[zones[one[1]].at(one[3]) if one[1] in zones else self._tx.zone].append(one)
        return found


def _days_of(said: Iterable[Said], zone: ZoneInfo) -> dict[int, tuple[int, str]]:
    """Return the local day of each minute, as an ordinal and as ISO."""
    days = {}
    for minute in {one[4] // _MINUTE_US for one in said}:
        day = local_date_in_minute(minute, zone)
        days[minute] = day.toordinal(), day.isoformat()
    return days


def _cuts(tally: Tally, zone: ZoneInfo) -> dict[int, list[int]]:
    """Return when rounds of a tally begin and end, in microseconds, by the local day (an ordinal) that is cut so."""
    cuts: dict[int, set[int]] = defaultdict(set)
    for one in tally.rounds:
        for at in (to_us(one.opens_at), to_us(one.closes_at)):
            cuts[local_date_in_minute(at // _MINUTE_US, zone).toordinal()].add(at)
    return {day: sorted(found) for day, found in cuts.items()}


def _fitting(tally: Tally, said: Iterable[Said]) -> Iterator[Said]:
    """Yield the messages that were written in the time of a tally and in its space."""
    begins, ends, space = tally.begins_us, tally.ends_us, tally.measure.space_id
    return (one for one in said if begins <= one[4] < ends and space in (None, one[2]))


def _rows(
    tally: Tally,
    said: Iterable[Said],
    days: Mapping[int, tuple[int, str]],
    cooldown_s: int,
    cuts: Mapping[int, Sequence[int]],
    *,
    at_last: bool,
) -> list[MarkRow]:
    """Return the marks of messages that fit a tally, each once: of cooldown windows, or of days if the cooldown is 0.

    A day on which a round begins or ends has a mark before and one after that: it counts in both. Of the messages of
    one mark the first is its instant, or the last one.
    """
    tally_id, cooldown_us = tally.id, cooldown_s * _SECOND_US
    rows: dict[tuple[int, str], MarkRow] = {}
    for _, member_id, space_id, _, at, _ in said:
        day, iso = days[at // _MINUTE_US]
        mark = f"{at // cooldown_us}:{space_id}" if cooldown_us else iso
        if day in cuts:
            begun = bisect_right(cuts[day], at)
            mark = f"{iso}:{cuts[day][begun - 1]}" if begun else iso
        known = rows.get((member_id, mark))
        if known is None or (at_last and known[3] < at):
            rows[member_id, mark] = (tally_id, member_id, mark, at, day, 1)
    return list(rows.values())


def _each_once(rows: Iterable[MarkRow], *, at_last: bool) -> list[MarkRow]:
    """Return of the marks of one name, such as a day in two zones, the first or the last one."""
    ordered = sorted(rows, key=lambda row: row[3], reverse=not at_last)
    return list({(row[1], row[2]): row for row in ordered}.values())
