"""The ledger's storage: writing entries, reading balances and history. Nothing here changes or removes an entry."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert

from bot.ledger import EntryDraft, SourceReused, Unit, is_wallet
from bot.observing import ENTRY
from storage import schema
from storage.dialect import Connection, as_list, binds, values_of
from storage.leaderboards import Gain, Leaderboards
from storage.lots import LotKeeper, touches_lots
from storage.times import from_us, to_us

_entry, _account = schema.entry, schema.account
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
_INSERT_ENTRY = insert(_entry).values(binds(*_COLUMNS))
_KNOWN_SOURCES = select(_entry.c.source, _entry.c.leg, _entry.c.input_hash).where(
    _entry.c.source.in_(values_of("sources", str))
)
_INSERT_NOTE = insert(schema.note).from_select(
    ["entry_id", "text"],
    select(_entry.c.id, bindparam("text", type_=Text)).where(
        _entry.c.source == bindparam("source"), _entry.c.leg == bindparam("leg")
    ),
)
_ACCOUNT_ID = select(_account.c.id).where(_account.c.name == bindparam("name"))
_INSERT_ACCOUNT = (
    insert(_account)
    .values(id=select(func.coalesce(func.min(_account.c.id), 0) - 1).scalar_subquery(), name=bindparam("name"))
    .on_conflict_do_nothing(index_elements=["name"])
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
    """Writes entries, and with them what follows: lots, notes, and the standings of status that reaches a wallet."""

    def __init__(
        self,
        connection: Connection,
        lots: LotKeeper,
        leaderboards: Leaderboards,
        now: datetime,
        count: Callable[[str, str, int], None],
    ) -> None:
        self._connection = connection
        self._count = count
        self._lots = lots
        self._leaderboards = leaderboards
        self._now = now
        self._programme_accounts: dict[str, int] = {}

    def post(self, draft: EntryDraft) -> bool:
        """Write one entry. Return False for a replay of it. Raises SourceReused where the same source says another."""
        return bool(self.post_many([draft]))

    def post_many(self, drafts: Sequence[EntryDraft]) -> set[str]:
        """Write entries; return the sources that were new. Raises SourceReused as `post` does."""
        fresh = self._without_replays(drafts)
        self.post_new(fresh)
        return {draft.source for draft in fresh}

    def post_new(self, drafts: Sequence[EntryDraft]) -> None:
        """Write entries whose sources are known to be new; the schema refuses them all if one is not."""
        if not drafts:
            return
        in_lots = [draft for draft in drafts if touches_lots(draft)]
        amounts = self._lots.amounts(in_lots)
        self._connection.run_many(_INSERT_ENTRY, [self._row(draft) for draft in drafts])
        self._lots.follow(in_lots, amounts)
        self._connection.run_many(
            _INSERT_NOTE,
            [{"text": draft.note, "source": draft.source, "leg": draft.leg} for draft in drafts if draft.note],
        )
        self._leaderboards.gain(_gains(drafts))
        for reason, times in Counter(draft.reason for draft in drafts).items():
            self._count(ENTRY, reason, times)

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
