"""What somebody had in another programme: an opening entry, at once or, for who has not joined yet, on joining."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from bot.config.config import Config
from bot.earning.versions import RuleBook
from bot.events import Identity
from bot.files.file_lines import Kind, MemberLine, Rejected
from bot.ledger.ledger import EntryDraft, Reason, Unit, wallet
from handlers.purchases.import_lines import Imported, named
from handlers.tiers.holding import climb
from storage.members.named import Named
from storage.transaction import Transaction

_BEFORE_ANY_BOARD = datetime(1970, 1, 1, 12, tzinfo=UTC)


class OpeningImport:
    """Brings in what people had, as points or status; for those who have not joined it waits so many days."""

    def __init__(self, config: Config, unit: Unit, days: int) -> None:
        self._rules = RuleBook.of(config)
        self._unit = unit
        self._days = days

    def look(self, lines: Sequence[MemberLine], tx: Transaction) -> Imported:
        """Return what `write` would make of the lines; write nothing."""
        return self._sort(lines, tx)[0]

    def write(self, lines: Sequence[MemberLine], tx: Transaction) -> Imported:
        """Give each member, once, what the file says; keep for each other platform id what they get when they join."""
        done, credits, waiting = self._sort(lines, tx)
        tx.ledger.post_past([opening_of(member, self._unit, points, tx.now) for member, points in credits])
        tx.openings.add(waiting, self._unit, tx.now + timedelta(days=self._days))
        climb(tx, self._rules)
        given = sum(points for _, points in credits)
        if self._unit is Unit.POINTS:
            done.points = given
        else:
            done.status = given
        return done

    def _sort(
        self, lines: Sequence[MemberLine], tx: Transaction
    ) -> tuple[Imported, list[tuple[Named, int]], list[tuple[str, int]]]:
        """Return the counts, what members get, and what is kept by a person's key."""
        done = Imported()
        members: dict[Named, MemberLine] = {}
        others: dict[str, MemberLine] = {}
        found = named(tx, {line.who for line in lines})
        for line in lines:
            people = found.get(line.who, ())
            if len(people) == 1 and not people[0].has_left:
                done.known += people[0] in members
                members.setdefault(people[0], line)
            elif people:
                why = "has left the programme" if len(people) == 1 else "is another member on each platform"
                done.rejected.append(Rejected(line.line, f"{line.who.name} {why}"))
            elif line.who.kind is not Kind.IDENTITY:
                told = "only what has a platform's id can wait for somebody who has not joined"
                done.rejected.append(Rejected(line.line, f"there is no member {line.who.name}; {told}"))
            else:
                key = key_of(line.who.identity, tx.settings.keyed)
                done.known += key in others
                others.setdefault(key, line)
        fresh = tx.ledger.unknown(_source(member.holder_id) for member in members)
        credits = [(who, line.points) for who, line in members.items() if _source(who.holder_id) in fresh]
        kept = tx.openings.waiting(others)
        waiting = [(key, line.points) for key, line in others.items() if key not in kept]
        done.new, done.waiting = len(credits) + len(waiting), len(waiting)
        done.known += len(members) + len(others) - done.new
        return done, credits, waiting


def key_of(identity: Identity, keyed: Callable[[str], str]) -> str:
    """Return what stands for somebody who has not joined."""
    return keyed(f"opening:{identity}")


def _source(holder_id: int) -> str:
    return f"opening:{holder_id}"


def opening_of(member: Named, unit: Unit, points: int, now: datetime) -> EntryDraft:
    """Return the entry. A holder has at most one; its status counts for all time, on no board that is posted."""
    return EntryDraft(
        unit=unit,
        points=points,
        reason=Reason.OPENING,
        source=_source(member.holder_id),
        holder_id=member.holder_id,
        member_id=member.member_id,
        from_programme="issued:opening",
        to_account=wallet(member.holder_id),
        occurred_at=now,
        counts_at=_BEFORE_ANY_BOARD if unit is Unit.STATUS else None,
        counts_in=(),
    )


def credit_on_joining(identity: Identity, member: Named, tx: Transaction) -> tuple[int, int]:
    """Give a member what waited for them; return (points, status)."""
    found = tx.openings.take(key_of(identity, tx.settings.keyed))
    if found is None or not tx.ledger.unknown([_source(member.holder_id)]):
        return 0, 0
    unit, points = found
    tx.ledger.post_past([opening_of(member, unit, points, tx.now)])
    return (points, 0) if unit is Unit.POINTS else (0, points)
