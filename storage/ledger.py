"""The ledger's storage: writing entries, reading balances and history. Nothing here changes or removes an entry."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.ledger import EntryDraft, SourceReused, Unit, is_wallet
from storage import schema
from storage.dialect import Connection, as_list, binds, values_of
from storage.leaderboards import Gain, Leaderboards
from storage.times import from_us, to_us

_entry, _lot, _account = schema.entry, schema.lot, schema.account
_COLUMNS = [
    "unit",
    "from_account",
    "to_account",
    "points",
    "reason",
    "source",
    "leg",
    "input_hash",
    "holder_id",
    "actor_id",
    "space_id",
    "rule_version",
    "occurred_at",
    "recorded_at",
    "reverses",
]
_INSERT_ENTRY = insert(_entry).values(binds(*_COLUMNS)).on_conflict_do_nothing(index_elements=["source", "leg"])
_LAST_ENTRY = select(func.max(_entry.c.id))
_NEW_ENTRIES = select(_entry.c.source, _entry.c.leg, _entry.c.id).where(_entry.c.id > bindparam("after"))
_KNOWN_SOURCES = select(_entry.c.source, _entry.c.leg, _entry.c.input_hash).where(
    _entry.c.source.in_(values_of("sources"))
)
_INSERT_LOT = insert(_lot).values(binds("entry_id", "account_id", "holder_id", "unit", "points", "remaining", "ripens_at"))
_INSERT_NOTE = insert(schema.note).values(entry_id=bindparam("entry_id"), text=bindparam("text"))
_ACCOUNT_ID = select(_account.c.id).where(_account.c.name == bindparam("name"))
_INSERT_ACCOUNT = (
    insert(_account)
    .values(id=select(func.coalesce(func.min(_account.c.id), 0) - 1).scalar_subquery(), name=bindparam("name"))
    .on_conflict_do_nothing(index_elements=["name"])
)
_DUE_LOTS = (
    select(
        _lot.c.id,
        _lot.c.holder_id,
        schema.holder.c.member_id,
        _lot.c.unit,
        _lot.c.remaining,
        _entry.c.space_id,
        _lot.c.ripens_at,
    )
    .join(schema.holder, schema.holder.c.id == _lot.c.holder_id)
    .join(_entry, _entry.c.id == _lot.c.entry_id)
    .where(_lot.c.remaining > 0, _lot.c.ripens_at <= bindparam("now"))
    .order_by(_lot.c.ripens_at, _lot.c.id)
    .limit(bindparam("most"))
)
_LOTS_OF_SOURCES = (
    select(_lot.c.id, _lot.c.remaining)
    .join(_entry, _entry.c.id == _lot.c.entry_id)
    .where(_entry.c.source.in_(values_of("sources")), _lot.c.unit == bindparam("unit"), _lot.c.remaining > 0)
    .order_by(_lot.c.id)
)
_REDUCE_LOT = (
    update(_lot).where(_lot.c.id == bindparam("lot_id")).values(remaining=_lot.c.remaining - bindparam("taken"))
)
_ENTRIES_OF_SOURCE = (
    select(
        _entry.c.id, _entry.c.unit, _entry.c.from_account, _entry.c.to_account, _entry.c.points, _entry.c.holder_id,
        schema.holder.c.member_id, _entry.c.space_id, _entry.c.occurred_at, _entry.c.rule_version, _entry.c.leg,
    )
    .join(schema.holder, schema.holder.c.id == _entry.c.holder_id)
    .where(_entry.c.source == bindparam("source"))
    .order_by(_entry.c.leg)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lot:
    """What is left of one pending award."""

    id: int
    holder_id: int
    member_id: int
    unit: Unit
    remaining: int
    space_id: int | None
    ripens_at: datetime


@dataclass(frozen=True, slots=True)
class WrittenEntry:
    """An entry as it stands in the ledger."""

    id: int
    unit: Unit
    from_account: int
    to_account: int
    points: int
    holder_id: int
    member_id: int
    space_id: int | None
    occurred_at: datetime
    rule_version: str | None
    leg: int


class Ledger:
    """Writes entries and reads what they add up to. Status that reaches a wallet moves the standings with it."""

    def __init__(self, connection: Connection, leaderboards: Leaderboards, now: datetime) -> None:
        self._connection = connection
        self._leaderboards = leaderboards
        self._now = now
        self._programme_accounts: dict[str, int] = {}

    def post(self, draft: EntryDraft) -> bool:
        """Write one entry. Return False for a replay of it. Raises SourceReused where the same source says another."""
        return bool(self.post_many([draft]))

    def post_many(self, drafts: Sequence[EntryDraft]) -> set[str]:
        """Write entries; return the sources that were new. Raises SourceReused as `post` does."""
        drafts = self._without_replays(drafts)
        if not drafts:
            return set()
        before = self._connection.value(_LAST_ENTRY) or 0
        self._connection.run_many(_INSERT_ENTRY, [self._row(draft) for draft in drafts])
        self._add_lots_and_notes(drafts, before)
        self._connection.run_many(
            _REDUCE_LOT, [{"lot_id": draft.from_lot, "taken": draft.points} for draft in drafts if draft.from_lot]
        )
        self._leaderboards.gain(_gains(drafts))
        return {draft.source for draft in drafts}

    def unknown(self, sources: Iterable[str]) -> set[str]:
        """Return those of the sources that have no entry."""
        asked = set(sources)
        rows = self._connection.all(_KNOWN_SOURCES, sources=as_list(asked))
        return asked - {row[0] for row in rows}

    def _without_replays(self, drafts: Sequence[EntryDraft]) -> list[EntryDraft]:
        rows = self._connection.all(_KNOWN_SOURCES, sources=as_list({draft.source for draft in drafts}))
        known = {(source, leg): input_hash for source, leg, input_hash in rows}
        fresh = []
        for draft in drafts:
            key = (draft.source, draft.leg)
            if key not in known:
                known[key] = draft.input_hash
                fresh.append(draft)
            elif known[key] != draft.input_hash:
                raise SourceReused(draft.source)
        return fresh

    def _row(self, draft: EntryDraft) -> dict[str, object]:
        return {
            "unit": draft.unit,
            "from_account": draft.from_account or self._programme_account(draft.from_programme),
            "to_account": draft.to_account or self._programme_account(draft.to_programme),
            "points": draft.points,
            "reason": draft.reason,
            "source": draft.source,
            "leg": draft.leg,
            "input_hash": draft.input_hash,
            "holder_id": draft.holder_id,
            "actor_id": draft.actor_id,
            "space_id": draft.space_id,
            "rule_version": draft.rule_version,
            "occurred_at": to_us(draft.occurred_at),
            "recorded_at": to_us(self._now),
            "reverses": draft.reverses,
        }

    def _programme_account(self, name: str | None) -> int:
        assert name is not None, "an entry needs both accounts"
        if name not in self._programme_accounts:
            self._connection.run(_INSERT_ACCOUNT, name=name)
            self._programme_accounts[name] = self._connection.value(_ACCOUNT_ID, name=name)
        return self._programme_accounts[name]

    def _add_lots_and_notes(self, drafts: Sequence[EntryDraft], before: int) -> None:
        extra = [draft for draft in drafts if draft.ripens_at is not None or draft.note]
        if not extra:
            return
        ids = {(source, leg): entry_id for source, leg, entry_id in self._connection.all(_NEW_ENTRIES, after=before)}
        for draft in extra:
            entry_id = ids[draft.source, draft.leg]
            if draft.ripens_at is not None:
                self._connection.run(
                    _INSERT_LOT,
                    entry_id=entry_id,
                    account_id=draft.to_account,
                    holder_id=draft.holder_id,
                    unit=draft.unit,
                    points=draft.points,
                    remaining=draft.points,
                    ripens_at=to_us(draft.ripens_at),
                )
            if draft.note:
                self._connection.run(_INSERT_NOTE, entry_id=entry_id, text=draft.note)

    def due_lots(self, most: int) -> list[Lot]:
        """Return pending lots whose time has come, oldest first."""
        rows = self._connection.all(_DUE_LOTS, now=to_us(self._now), most=most)
        return [Lot(row[0], row[1], row[2], Unit(row[3]), row[4], row[5], from_us(row[6])) for row in rows]

    def pending_lots(self, sources: Iterable[str], unit: Unit) -> list[tuple[int, int]]:
        """Return (lot id, remaining) of what these sources awarded and has not ripened."""
        rows = self._connection.all(_LOTS_OF_SOURCES, sources=as_list(sources), unit=unit)
        return [(row[0], row[1]) for row in rows]

    def entries_of(self, source: str) -> list[WrittenEntry]:
        """Return the legs of a source in order."""
        rows = self._connection.all(_ENTRIES_OF_SOURCE, source=source)
        return [
            WrittenEntry(
                row[0], Unit(row[1]), row[2], row[3], row[4], row[5], row[6], row[7], from_us(row[8]), row[9], row[10]
            )
            for row in rows
        ]


def _gains(drafts: Iterable[EntryDraft]) -> Iterable[Gain]:
    for draft in drafts:
        if draft.unit is not Unit.STATUS:
            continue
        change = is_wallet(draft.to_account) - is_wallet(draft.from_account)
        if change:
            yield Gain(draft.member_id, draft.space_id, draft.counts_at or draft.occurred_at, change * draft.points)
