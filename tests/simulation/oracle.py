"""The judge: what the database holds beside what the model says, after each step in part, now and then in full."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from bot import codec
from bot.config.config import Programme
from storage.engine.dialect import Connection
from storage.transaction import Transaction
from tests.simulation.model import Model
from tests.simulation.plan import SETTINGS

_ENTRIES = (
    "SELECT id, unit, from_account, to_account, points, occurred_at <= recorded_at FROM entry WHERE id > ? ORDER BY id"
)
_BALANCES = "SELECT account_id, unit, amount FROM balance WHERE account_id IN (SELECT value FROM json_each(?))"
_IDENTITIES = """
    SELECT identity.platform || ':' || identity.user_id, holder.id, holder.member_id
    FROM identity JOIN holder ON holder.id = identity.holder_id
"""
_COUPONS = """
    SELECT id, reward_id, holder_id, cost, took_stock, state, issued_at, expires_at, is_reminded, settled_at IS NOT NULL
    FROM coupon WHERE id > ? OR id IN (SELECT value FROM json_each(?))
"""
_STOCK = "SELECT id, stock, version, is_stopped FROM reward"
# To move the standings is no matter of time.
_ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)
_ALL_ENTRIES = 10**9
_THRESHOLDS = {tier.id: tier.threshold for tier in SETTINGS.tier}
Amounts = dict[tuple[int, str], int]


class Differs(AssertionError):
    """The database and the model do not agree."""


class Oracle:
    """Looks at the database file from outside, through a connection that outlives every crash."""

    def __init__(self, path: Path, model: Model, programme: Programme) -> None:
        self._programme = programme
        self._model = model
        self._connection = sqlite3.connect(path)
        self._holders: dict[str, int] = {}
        self._members: dict[int, str] = {}
        self._last_entry = self._last_coupon = 0
        self._redeemed_account = 0
        self._moved: defaultdict[tuple[int, str], int] = defaultdict(int)

    def close(self) -> None:
        """Look no more."""
        self._connection.close()

    def step(self) -> str:
        """Check what the last step touched; return it in words, for the trace."""
        accounts = self._follow_entries()
        self._agree("a balance and its entries", self._kept(accounts), self._by_entries(accounts))
        touched = sorted(self._model.touched)
        self._model.touched.clear()
        for name in touched:
            self._account(name)
        self._coupons(self._last_coupon, self._model.touched_coupons)
        self._last_coupon = len(self._model.coupons)
        self._model.touched_coupons.clear()
        return " ".join(f"{name}={self._held(name)}" for name in touched)

    def _follow_entries(self) -> set[int]:
        """Add up the new entries; return the members' accounts they moved."""
        accounts: set[int] = set()
        new = self._connection.execute(_ENTRIES, (self._last_entry,))
        for entry_id, unit, taken_from, given_to, points, is_over in new:
            self._agree(f"entry {entry_id} is dated in the future", not is_over, False)
            self._last_entry = entry_id
            self._moved[taken_from, unit] -= points
            self._moved[given_to, unit] += points
            accounts |= {account for account in (taken_from, given_to) if account > 0}
        return accounts

    def _kept(self, accounts: Iterable[int]) -> Amounts:
        rows = self._connection.execute(_BALANCES, (json.dumps(sorted(accounts)),))
        return {(account, unit): amount for account, unit, amount in rows}

    def _by_entries(self, accounts: Iterable[int]) -> Amounts:
        keys = [(account, unit) for account in accounts for unit in ("points", "status")]
        return {key: self._moved[key] for key in keys if key in self._moved}

    def _holder(self, name: str) -> int:
        if name not in self._holders:
            for known, holder, member in self._connection.execute(_IDENTITIES):
                self._holders[known], self._members[member] = holder, known
        return self._holders[name]

    def _held(self, name: str) -> tuple[int, ...]:
        """Return (points, status, pending points, pending status, held) as the entries say."""
        first = self._holder(name) * 4
        keys = ((1, "points"), (1, "status"), (2, "points"), (2, "status"), (3, "points"))
        return tuple(self._moved.get((first + kind, unit), 0) for kind, unit in keys)

    def _account(self, name: str) -> None:
        account = self._model.people[name]
        expected = (
            account.points,
            account.status,
            account.pending_of("points"),
            account.pending_of("status"),
            account.held,
        )
        self._agree(f"{name}: points, status, pending points, pending status, held", self._held(name), expected)

    def _coupons(self, after: int, touched: Iterable[int]) -> None:
        """Check the catalogue, what was spent on it, and of the coupons the new and the touched ones."""
        rows = self._connection.execute(_STOCK)
        kept = {number: (stock, version, bool(is_stopped)) for number, stock, version, is_stopped in rows}
        catalogue = self._model.catalogue.values()
        expected = {reward.number: (reward.stock, reward.version, reward.is_stopped) for reward in catalogue}
        self._agree("stock, version and end of rewards", kept, expected)
        self._agree("points spent", self._moved.get((self._redeemed(), "points"), 0), self._model.spent)
        wanted = {*touched, *range(after + 1, len(self._model.coupons) + 1)}
        found = self._connection.execute(_COUPONS, (after, json.dumps(sorted(wanted))))
        self._agree("coupons", {row[0]: row[1:] for row in found}, {number: self._coupon(number) for number in wanted})

    def _redeemed(self) -> int:
        """Return the account of what was spent, 0 before anything was."""
        if not self._redeemed_account and self._model.spent:
            found = self._connection.execute("SELECT id FROM account WHERE name = 'redeemed'").fetchone()
            self._redeemed_account = found[0] if found else 0
        return self._redeemed_account

    def _coupon(self, number: int) -> tuple[object, ...]:
        coupon = self._model.coupons[number - 1]
        instants = (None if at is None else _us(at.timestamp()) for at in (coupon.issued_at, coupon.expires_at))
        whose = coupon.reward.number, self._holder(coupon.owner.name), coupon.cost, int(coupon.took_stock)
        return (*whose, coupon.state, *instants, int(coupon.is_reminded), int(coupon.state != "open"))

    # In full ------------------------------------------------------------------------------------------------------

    def recount(self) -> None:
        """Check everything beside the model: every member, the boards, the challenges, the coupons, the outbox."""
        self.step()
        for name in self._model.people:
            self._account(name)
        self._agree("members", sorted(self._holders), sorted(self._model.people))
        every = {account for account, _ in self._moved if account > 0}
        self._agree("balances and entries", self._kept(every), self._by_entries(every))
        self._presences()
        self._standings()
        self._tiers()
        self._boards()
        self._marks()
        self._lots()
        self._coupons(0, ())
        self._posts()

    def _presences(self) -> None:
        rows = self._connection.execute("SELECT holder_id, space_id, left_at IS NULL FROM presence")
        kept = {(holder, space): bool(is_there) for holder, space, is_there in rows}
        expected = {
            (self._holder(account.name), space): presence.left_at is None
            for account in self._model.people.values()
            for space, presence in account.spaces.items()
        }
        self._agree("who is where", kept, expected)

    def _standings(self) -> None:
        rows = [
            (space, period, self._members[member], amount, is_listed)
            for space, period, member, amount, is_listed in self._shown()
        ]
        listed = {(space, period, name): bool(is_listed) for space, period, name, _, is_listed in rows}
        shown = {board: self._model.people[board[2]].is_listed for board in listed}
        self._agree("who is on boards", listed, shown)
        kept = {(space, period, name): amount for space, period, name, amount, _ in rows if amount}
        expected = {
            (*board, name): amount
            for board, amounts in self._model.standings.amounts.items()
            for name, amount in amounts.items()
            if amount
        }
        self._agree("standings", kept, expected)

    def _shown(self) -> list[tuple[int, str, int, int, int]]:
        """Return the standings as they would be shown now, once chat has moved them; the file is left as it is."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._caught_up()
            shown = "SELECT space_id, period, member_id, amount, is_listed FROM standing"
            return self._connection.execute(shown).fetchall()
        finally:
            self._connection.rollback()

    def _caught_up(self) -> None:
        """Let chat move the boards and the months, with what waits to be written."""
        connection = Connection(self._connection)
        tx = Transaction(connection, _ANY_TIME, self._programme)
        tx.leaderboards.catch_up()
        tx.status_months.follow(_ALL_ENTRIES)
        connection.settle()

    def _tiers(self) -> None:
        """Check that everybody holds what the months give them, and the months, once chat has moved them."""
        stored = "SELECT member_id, SUM(amount) FROM status_month GROUP BY member_id"
        held: dict[int, str] = dict(self._connection.execute("SELECT member_id, tier FROM tier_held").fetchall())
        for member, status in self._connection.execute(stored).fetchall():
            account, most = self._model.people[self._members[member]], self._model.standings.most[self._members[member]]
            threshold = _THRESHOLDS[held[member]] if member in held else 0
            self._agree(f"{account.name} has reached a tier of {threshold}", threshold <= most, True)
            missed = [other for other in _THRESHOLDS.values() if threshold < other <= status and account.is_active]
            self._agree(f"tiers that {account.name} does not hold", missed, [])
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._caught_up()
            rows = self._connection.execute("SELECT member_id, month, amount FROM status_month").fetchall()
        finally:
            self._connection.rollback()
        kept = {(self._members[member], month): amount for member, month, amount in rows if amount}
        expected = {which: amount for which, amount in self._model.standings.months.items() if amount}
        self._agree("status by month", kept, expected)

    def _boards(self) -> None:
        kept = {}
        # Boards besides status, whose keys name their kind, are reckoned from these.
        query = "SELECT space_id, period, content FROM board WHERE period NOT LIKE '%:%'"
        for space, period, content in self._connection.execute(query):
            amounts, participants = board_figures(content)
            kept[space, period] = (amounts, participants)
        self._agree("closed boards", kept, self._model.standings.boards)

    def _marks(self) -> None:
        rows = self._connection.execute(
            # Of a day on which a round begins there are two marks.
            "SELECT challenge, opens_at, member_id, "
            "COUNT(DISTINCT CASE WHEN what LIKE '%message_days%' THEN CAST(day AS TEXT) ELSE mark END) "
            "FROM challenge_round JOIN challenge_tally ON challenge_tally.id = challenge_round.tally_id "
            "JOIN challenge_mark ON challenge_mark.tally_id = challenge_round.tally_id "
            "AND at >= opens_at AND at < closes_at WHERE state = 'open' GROUP BY challenge, opens_at, member_id"
        )
        kept = {(name, opens_at, self._members[member]): amount for name, opens_at, member, amount in rows}
        expected = {
            (round_.challenge, int(round_.opens_at.timestamp()) * 1_000_000, name): len(marks)
            for round_ in self._model.rounds.rounds
            for name, marks in round_.marks.items()
            if marks and round_.is_open
        }
        self._agree("progress in challenges", kept, expected)

    def _lots(self) -> None:
        kept = sorted(
            self._connection.execute(
                "SELECT holder_id, unit, remaining, ripens_at FROM lot WHERE remaining > 0 AND ripens_at IS NOT NULL"
            )
        )
        expected = sorted(
            (self._holder(account.name), lot.unit, lot.left, _us(lot.ripens_at.timestamp()))
            for account in self._model.people.values()
            for lot in account.pending
            if lot.left
        )
        self._agree("pending lots", kept, expected)
        kept = sorted(
            self._connection.execute(
                "SELECT holder_id, unit, remaining, expires_at FROM lot WHERE remaining > 0 AND ripens_at IS NULL"
            )
        )
        expected = sorted(
            (self._holder(account.name), "points", lot.left, _us(lot.expires_at.timestamp()))
            for account in self._model.people.values()
            for lot in account.lots
        )
        self._agree("lots of wallets", kept, expected)

    def _posts(self) -> None:
        rows = self._connection.execute(
            "SELECT substr(post_key, 1, instr(post_key, ':') - 1) AS kind, COUNT(*) FROM outbox GROUP BY kind"
        )
        kept = {kind: count for kind, count in rows if kind in self._model.told}
        self._agree("posts to members", kept, {kind: count for kind, count in self._model.told.items() if count})

    def _agree(self, what: str, kept: object, expected: object) -> None:
        if kept != expected:
            raise Differs(f"{what}: the database says {_difference(kept, expected)}")


def board_figures(content: str) -> tuple[list[int], int]:
    """Return (amounts, members taking part) of a stored board."""
    board = codec.load(content)
    return [row.amount for row in board.rows], board.participants


def _us(seconds: float) -> int:
    return round(seconds * 1_000_000)


def _difference(kept: object, expected: object) -> str:
    if isinstance(kept, dict) and isinstance(expected, dict):
        keys = [key for key in {**kept, **expected} if kept.get(key) != expected.get(key)]
        return "; ".join(f"{key}: {kept.get(key)}, the model {expected.get(key)}" for key in keys[:5])
    if isinstance(kept, list) and isinstance(expected, list):
        more, less = [item for item in kept if item not in expected], [item for item in expected if item not in kept]
        return f"more {more[:5]}, less {less[:5]}"
    return f"{kept}, the model {expected}"
