"""The ledger's storage: writing entries, reading balances and history. Nothing here changes or removes an entry."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Text, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert

from bot.earning.intents import STATUS_LEG
from bot.earning.message import MessageAward
from bot.ledger.ledger import MOVES_LATER, EntryDraft, Reason, SourceReused, Unit, input_hash, is_wallet, wallet
from bot.observing import ENTRY
from storage import schema
from storage.boards.leaderboards import Leaderboards
from storage.boards.past_standings import Gain
from storage.engine.dialect import Connection, Cursor, Key, Row, as_list, binds, of_member, values_of
from storage.engine.times import from_us, to_us
from storage.ledger.lots import LotKeeper

_entry, _account = schema.entry, schema.account
_WHO_TALKS_KEPT = 8192
_FEW = 8
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
# What is the same for every message stands in the statement.
_CHAT_COLUMNS = (
    "from_account", "to_account", "points", "source", "input_hash", "holder_id", "space_id", "rule_version",
    "occurred_at", "recorded_at",
)  # fmt: skip
_INSERT_CHAT = (
    insert(_entry)
    .values(
        binds(*_CHAT_COLUMNS)
        | {
            "unit": literal_column(f"'{Unit.STATUS}'"),
            "reason": literal_column(f"'{MOVES_LATER}'"),
            "leg": literal_column(str(STATUS_LEG)),
        }
    )
    .on_conflict_do_nothing(index_elements=["source", "leg"])
)
_SOURCES_AFTER = select(_entry.c.source).where(_entry.c.id > bindparam("last"))
_KNOWN = select(_entry.c.source, _entry.c.leg, _entry.c.input_hash)
_KNOWN_SOURCE = _KNOWN.where(_entry.c.source == bindparam("source"))
_KNOWN_SOURCES = _KNOWN.where(_entry.c.source.in_(values_of("sources", str)))
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
        _entry.c.reason,
    )
    .join(schema.holder, schema.holder.c.id == _entry.c.holder_id)
    .where(_entry.c.source == bindparam("source"))
    .order_by(_entry.c.leg)
)  # fmt: skip


@lru_cache(maxsize=_WHO_TALKS_KEPT)
def _says_chat(status: int, holder_id: int, programme: str) -> str:
    """Return the input hash of an award for a message. Who writes in a chat earns the same again and again."""
    to_account = wallet(holder_id)
    return input_hash(f"{Unit.STATUS} {status} {MOVES_LATER} {holder_id} None {programme} 0 None {to_account}")


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
    reason: Reason


class Ledger:
    """Writes entries, and with them what follows: lots, notes, and the standings of status that reaches a wallet."""

    def __init__(
        self,
        connection: Connection,
        lots: LotKeeper,
        leaderboards: Callable[[], Leaderboards],
        now: datetime,
        count: Callable[[str, str, int], None],
    ) -> None:
        self._connection = connection
        self._count = count
        self._lots = lots
        self._leaderboards = leaderboards
        self._now = now

    def post(self, draft: EntryDraft) -> bool:
        """Write one entry. Return False for a replay of it. Raises SourceReused where the same source says another."""
        return bool(self._post((draft,), self._known_by(draft.source)))

    def post_many(self, drafts: Sequence[EntryDraft]) -> set[str]:
        """Write entries; return the sources that were new. Raises SourceReused as `post` does."""
        fresh = self._post(drafts, self._known({draft.source for draft in drafts}))
        return {draft.source for draft in fresh}

    def _post(self, drafts: Sequence[EntryDraft], known: Cursor) -> Sequence[EntryDraft]:
        self._look_before(drafts)
        fresh = _without_replays(drafts, known.fetchall())
        self._write(fresh)
        return fresh

    def post_new(self, drafts: Sequence[EntryDraft]) -> None:
        """Write entries whose sources are known to be new; the schema refuses them all if one is not."""
        self._look_before(drafts)
        self._write(drafts)

    def post_past(self, drafts: Sequence[EntryDraft]) -> None:
        """Write entries of long ago, whose sources are known to be new.

        Each counts in the week and month it is from, also in closed ones, on the boards of the spaces in `counts_in`.
        """
        self._look_before(drafts)
        self._write(drafts, self._leaderboards().gain_past)

    def post_messages(self, awards: Sequence[MessageAward], status: int, rule_version: str) -> Sequence[MessageAward]:
        """Write awards of status for messages, but for those whose sources are known; return what was written.

        That is one row each, without lots or notes; they move the standings later. None is dated in the future.
        """
        programme, recorded_at = f"issued:{MOVES_LATER}", to_us(self._now)
        account, last = self._programme_account(programme), self._leaderboards().last_entry()
        rows = [
            (account, wallet(said[0]), status, source, _says_chat(status, said[0], programme), said[0], said[2],
             rule_version, min(said[4], recorded_at), recorded_at)
            for source, said, _ in awards
        ]  # fmt: skip
        if self._connection.count_rows(_INSERT_CHAT, _CHAT_COLUMNS, rows) < len(rows):
            written = {row[0] for row in self._connection.all(_SOURCES_AFTER, last=last)}
            awards = [award for award in awards if award[0] in written]
        self._leaderboards().chat_gained((said[1] for _, said, _ in awards), last + len(awards))
        self._count(ENTRY, MOVES_LATER.value, len(awards))
        return awards

    def _programme_account(self, name: str) -> int:
        accounts = self._connection.accounts
        if name not in accounts:
            known: int | None = self._connection.value(_ACCOUNT_ID, name=name)
            accounts[name] = self._new_account(name) if known is None else known
        return accounts[name]

    def _new_account(self, name: str) -> int:
        self._connection.run(_INSERT_ACCOUNT, name=name)
        account_id: int = self._connection.value(_ACCOUNT_ID, name=name)
        return account_id

    def _look_before(self, drafts: Sequence[EntryDraft]) -> None:
        """Know what the wallets hold before the entries, and the programme's accounts by their names.

        Where statements are sent ahead, all of it costs one wait together with what was sent before.
        """
        accounts = self._connection.accounts
        asked: dict[str, Cursor] = {}
        for draft in drafts:
            for name in (draft.from_programme, draft.to_programme):
                if name is not None and name not in accounts and name not in asked:
                    asked[name] = self._connection.run(_ACCOUNT_ID, name=name)
        self._lots.look(drafts)
        for name, cursor in asked.items():
            found = cursor.fetchone()
            accounts[name] = self._new_account(name) if found is None else found[0]

    def _write(self, drafts: Sequence[EntryDraft], move: Callable[[Iterable[Gain]], None] | None = None) -> None:
        if not drafts:
            return
        recorded_at = to_us(self._now)
        rows, touching = [self._row(draft, recorded_at) for draft in drafts], _touched_by(drafts)
        self._connection.insert_later(_INSERT_ENTRY, _COLUMNS, rows, touching)
        self._lots.follow(drafts, touching)
        notes: list[dict[str, object]] = []
        gains: list[Gain] = []
        chatted: list[int] = []
        for draft in drafts:
            # An enum's members are hashed in Python, strings are not.
            self._count(ENTRY, str(draft.reason), 1)
            if draft.note:
                notes.append({"text": draft.note, "source": draft.source, "leg": draft.leg})
            if draft.unit is Unit.STATUS and draft.reason is not MOVES_LATER:
                gains += _gains(draft)
            elif draft.reason is MOVES_LATER:
                chatted.append(draft.member_id)
        if notes:
            self._connection.run_many(_INSERT_NOTE, notes)
        if gains:
            (move or self._leaderboards().gain)(gains)
        if chatted:
            self._leaderboards().chat_gained(chatted, self._leaderboards().last_entry())

    def unknown(self, sources: Iterable[str]) -> set[str]:
        """Return those of the sources that have no entry."""
        asked = set(sources)
        return asked - {row[0] for row in self._known(asked).fetchall()}

    def _known(self, sources: Collection[str]) -> Cursor:
        if len(sources) == 1:
            return self._known_by(next(iter(sources)))
        return self._connection.run(_KNOWN_SOURCES, sources=as_list(sources))

    def _known_by(self, source: str) -> Cursor:
        return self._connection.run(_KNOWN_SOURCE, (source,), source=source)

    def _row(self, draft: EntryDraft, recorded_at: int) -> tuple[object, ...]:
        """Return an entry as `_COLUMNS` orders it. The driver takes long to bind what only derives from a str."""
        return (
            str(draft.unit),
            draft.from_account or self._connection.accounts[draft.from_programme or ""],
            draft.to_account or self._connection.accounts[draft.to_programme or ""],
            draft.points,
            str(draft.reason),
            draft.source,
            draft.leg,
            draft.input_hash,
            draft.holder_id,
            draft.actor_id,
            draft.space_id,
            draft.rule_version,
            recorded_at if draft.occurred_at is self._now else to_us(draft.occurred_at),
            recorded_at,
            draft.reverses,
        )

    def entries_of(self, source: str) -> list[WrittenEntry]:
        """Return the legs of a source in order."""
        return [_written(row) for row in self._connection.all(_ENTRIES_OF_SOURCE, source=source)]


def _written(row: Row) -> WrittenEntry:
    occurred_at, rule_version, leg, reason = row[8:]
    return WrittenEntry(
        row[0],
        Unit(row[1]),
        row[2],
        row[3],
        row[4],
        row[5],
        row[6],
        row[7],
        from_us(occurred_at),
        rule_version,
        leg,
        Reason(reason),
    )


def _without_replays(drafts: Sequence[EntryDraft], written: Sequence[Row]) -> Sequence[EntryDraft]:
    if not written and len(drafts) == 1:
        return drafts
    known = {(source, leg): input_hash for source, leg, input_hash in written}
    fresh = []
    for draft in drafts:
        key = (draft.source, draft.leg)
        if key not in known:
            known[key] = draft.input_hash
            fresh.append(draft)
        elif known[key] != draft.input_hash:
            raise SourceReused(draft.source)
    return fresh


def _touched_by(drafts: Sequence[EntryDraft]) -> list[Key] | None:
    """Return by which keys somebody may look at what entries change, None for many of them."""
    if len(drafts) > _FEW:
        return None
    touched: list[Key] = []
    for draft in drafts:
        touched += (draft.source, of_member(draft.member_id), draft.from_account, draft.to_account)
    return touched


def _gains(draft: EntryDraft) -> Iterable[Gain]:
    change = is_wallet(draft.to_account) - is_wallet(draft.from_account)
    if change:
        at = draft.counts_at or draft.occurred_at
        yield Gain(draft.member_id, draft.space_id, at, change * draft.points, draft.counts_in)
