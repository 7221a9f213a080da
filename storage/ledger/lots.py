"""Keeping lots in step with the entries: each credit makes one, each debit uses some up.

The open lots of a wallet hold its points together, or nothing while it is in debt: what comes in repays first.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import bindparam, case, func, insert, select, update

from bot.calendar import end_of, local_date
from bot.config.config import Programme
from bot.ledger.expiry import expiry_of
from bot.ledger.ledger import EntryDraft, Unit, is_pending, is_wallet
from storage import schema
from storage.engine.dialect import Connection, Key, as_list, binds, values_of
from storage.engine.times import maybe_to_us, to_us

_entry, _lot, _use, _balance = schema.entry, schema.lot, schema.lot_use, schema.balance
K = TypeVar("K")
_Use = tuple[EntryDraft, int, int]
"""An entry, a lot, and how many points it took out of it; below zero for what it put back."""
_NEVER_US = 2**62
_AT_ONCE = 100
FIRST_TO_GO = func.coalesce(_lot.c.expires_at, _NEVER_US), _lot.c.id
"""The order in which lots are used up."""
_THIS_ENTRY = (
    select(_entry.c.id)
    .where(_entry.c.source == bindparam("source"), _entry.c.leg == bindparam("leg"))
    .scalar_subquery()
)
_INSERT = insert(_lot).values(
    entry_id=_THIS_ENTRY,
    **binds("account_id", "holder_id", "unit", "points", "remaining", "ripens_at", "expires_at"),
)
_COLUMNS = ("source", "leg", "account_id", "holder_id", "unit", "points", "remaining", "ripens_at", "expires_at")
_TAKE = update(_lot).where(_lot.c.id == bindparam("lot")).values(remaining=_lot.c.remaining - bindparam("taken"))
_KEEP = (
    update(_lot)
    .where(_lot.c.id == bindparam("lot"), _lot.c.expires_at <= bindparam("now"))
    .values(expires_at=bindparam("until"))
)
_NOTE_USE = insert(_use).values(entry_id=_THIS_ENTRY, lot_id=bindparam("lot"), points=bindparam("taken")).inline()
_POINTS = select(_balance.c.account_id, _balance.c.amount).where(_balance.c.unit == Unit.POINTS)
_AMOUNT = _POINTS.where(_balance.c.account_id == bindparam("account"))
_AMOUNTS = _POINTS.where(_balance.c.account_id.in_(values_of("accounts", int)))
_OPEN = (
    select(_lot.c.id, _lot.c.remaining)
    .where(_lot.c.account_id == bindparam("account"), _lot.c.unit == bindparam("unit"), _lot.c.remaining > 0)
    .limit(_AT_ONCE)
)
_OF_ACCOUNT = _OPEN.order_by(*FIRST_TO_GO)
_PREFERRED = _OPEN.join(_entry, _entry.c.id == _lot.c.entry_id).order_by(
    case((_entry.c.source.in_(values_of("first", str)), 0), else_=1), *FIRST_TO_GO
)
_USED_BY = (
    select(_use.c.lot_id, _use.c.points)
    .join(_lot, _lot.c.id == _use.c.lot_id)
    .where(_use.c.entry_id == bindparam("entry"), _use.c.points > 0)
    .order_by(func.coalesce(_lot.c.expires_at, _NEVER_US).desc(), _lot.c.id.desc())
)


class LotKeeper:
    """Follows the entries: `look` is called before they are written, `follow` after."""

    def __init__(self, connection: Connection, programme: Programme, now: datetime) -> None:
        self._connection = connection
        self._programme = programme
        self._now = now

    def look(self, drafts: Iterable[EntryDraft]) -> None:
        """See what is in each wallet whose points the drafts change, where nobody saw it before."""
        wallets = self._connection.wallets
        unseen: set[int] = set()
        for draft in drafts:
            if draft.unit is Unit.POINTS:
                for end in (draft.from_account, draft.to_account):
                    if end not in wallets and is_wallet(end):
                        unseen.add(end)
        if not unseen:
            return
        if len(unseen) == 1:
            (end,) = unseen
            rows = self._connection.all(_AMOUNT, (end,), account=end)
        else:
            rows = self._connection.all(_AMOUNTS, accounts=as_list(unseen))
        wallets.update(dict.fromkeys(unseen, 0))
        wallets.update(rows)

    def follow(self, drafts: Sequence[EntryDraft], touching: Iterable[Key] | None) -> None:
        """Make and use up lots for entries just written, in their order, and know what is in their wallets now.

        `touching` are the keys that the entries touch, None if any.
        """
        wallets = self._connection.wallets
        made: list[Sequence[object]] = []
        named: list[_Use] = []
        for draft in drafts:
            giver, taker = draft.from_account, draft.to_account
            # Status in a wallet is never used up, so it has no lots.
            is_in_wallets = draft.unit is Unit.POINTS
            if giver and (is_pending(giver) or (is_in_wallets and is_wallet(giver))):
                if draft.from_lot is not None:
                    named.append((draft, draft.from_lot, draft.points))
                else:
                    self._insert(made, touching)
                    self._take(named)
                    self._debit(draft)
                if giver in wallets:
                    wallets[giver] -= draft.points
            if is_in_wallets and is_wallet(taker):
                wallets[taker] += draft.points
                left = min(draft.points, max(0, wallets[taker]))
                if draft.reverses is not None:
                    left = self._give_back(draft, left)
                if left:
                    made.append(_row(draft, left, None, self._expiry(draft)))
            elif is_pending(taker):
                made.append(_row(draft, draft.points, draft.ripens_at, None))
        self._insert(made, touching)
        self._take(named)

    def _insert(self, made: list[Sequence[object]], touching: Iterable[Key] | None) -> None:
        self._connection.insert_later(_INSERT, _COLUMNS, made, touching)
        made.clear()

    def _expiry(self, draft: EntryDraft) -> datetime | None:
        """Return when a credit expires, counted from when it ripened: never from so long ago that it is over now.

        What was a member's before and only went to another one expires as it would have.
        """
        if draft.keeps_expiry:
            return draft.expires_at
        months, zone = self._programme.points_expire_after_months, self._programme.zone
        expires_at = expiry_of(draft.counts_at or draft.occurred_at, months, zone)
        if expires_at is not None and expires_at <= self._now:
            return expiry_of(self._now, months, zone)
        return expires_at

    def _debit(self, draft: EntryDraft) -> None:
        """Take an entry's points from the lots of the sources it prefers, then from the oldest.

        What no lot covers is debt; that only a clawback makes one is the schema's business.
        """
        left = draft.points
        while left:
            whose = {"account": draft.from_account, "unit": draft.unit}
            if draft.prefers:
                open_lots = self._connection.all(_PREFERRED, **whose, first=as_list(draft.prefers))
            else:
                open_lots = self._connection.all(_OF_ACCOUNT, **whose)
            parts: list[tuple[int, int]] = list(in_parts(open_lots, left))
            if not parts:
                return
            self._take([(draft, *part) for part in parts])
            left -= sum(taken for _, taken in parts)

    def _give_back(self, draft: EntryDraft, most: int) -> int:
        """Put at most `most` points back into the lots that the reversed entry used; return what is left over.

        A lot whose time is over by now lives on to the end of the local day, so that its owner can use what came back.
        """
        used = self._connection.all(_USED_BY, entry=draft.reverses)
        parts: list[tuple[int, int]] = list(in_parts(used, most))
        self._take([(draft, lot_id, -taken) for lot_id, taken in parts])
        zone, now_us = self._programme.zone, to_us(self._now)
        until_us = to_us(end_of(local_date(self._now, zone), zone))
        self._connection.run_rows(_KEEP, ("until", "lot", "now"), [(until_us, lot_id, now_us) for lot_id, _ in parts])
        return most - sum(taken for _, taken in parts)

    def _take(self, uses: list[_Use]) -> None:
        """Take points out of lots, or put them back, and note for which entries; `uses` is empty after it."""
        self._connection.run_rows(_TAKE, ("taken", "lot"), [(taken, lot_id) for _, lot_id, taken in uses])
        notes = [(draft.source, draft.leg, lot_id, taken) for draft, lot_id, taken in uses]
        self._connection.run_rows(_NOTE_USE, ("source", "leg", "lot", "taken"), notes)
        uses.clear()


def in_parts(lots: Iterable[tuple[K, int]], points: int) -> Iterator[tuple[K, int]]:
    """Yield (key, taken) that together make up `points`, in order, as far as (key, remaining) of the lots reach."""
    for key, remaining in lots:
        if points <= 0:
            return
        taken = min(remaining, points)
        points -= taken
        yield key, taken


def _row(draft: EntryDraft, points: int, ripens_at: datetime | None, expires_at: datetime | None) -> Sequence[object]:
    """Return a lot as `_COLUMNS` orders it."""
    return (
        draft.source, draft.leg, draft.to_account, draft.holder_id, str(draft.unit), points, points,
        maybe_to_us(ripens_at), maybe_to_us(expires_at),
    )  # fmt: skip
