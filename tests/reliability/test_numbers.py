"""A number is taken exactly or refused: what people type, what the ledger writes, what the tables can hold."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.ledger.ledger import MAX_POINTS, EntryDraft, Reason, Unit, wallet
from storage.engine.database import Database, InlineDatabase
from storage.transaction import Transaction
from tests.club import MONDAY, SPACE, Club, config, open_club
from tests.databases import Address, CopyOf
from tests.databases import rows as rows_of
from tests.handlers.looking import rows

_ODD = (
    "-1", "+5", "0", "1_000", "1,000", "٣٤", "5", "1e3", "1.5", "nan", "inf", "NaN", "0x10", "²", "1" * 31,
    str(2**63), str(-(2**63)), str(10**30), "９", "½",
)  # fmt: skip
_PICTURES = "picture", "png"
"""The one column that holds neither whole numbers nor text."""
_AMOUNTS = (*_ODD, "0.00", "1.234", "-0.50", "1.2.3", "1 000.00", "12,345.67")


@pytest.mark.parametrize("typed", [number for number in _ODD if number != "5"])
async def test_an_odd_number_of_points_is_refused(club: Club, typed: str) -> None:
    await club.say("marta", f"/bonus @ania {typed} thanks", SPACE)
    assert await _entries(club, "bonus") == []
    await club.say("marta", "/bonus @ania 0005 thanks", SPACE)
    assert await _entries(club, "bonus") == [5]


@pytest.mark.parametrize("typed", [amount for amount in _AMOUNTS if amount not in ("5", "1.5")])
async def test_an_odd_amount_of_money_is_refused_or_exact(club: Club, typed: str) -> None:
    said = await club.say("kasia", f"/purchase @ania {typed} R1", SPACE)
    if typed == "12,345.67":
        assert "12,345.67 is an unusual amount" in said
        await club.press("kasia", "Yes, record it", SPACE)
    written = [amount for (amount,) in await rows(club, "SELECT amount_minor FROM purchase")]
    exact = {"12,345.67": 1_234_567, "1 000.00": 100_000}.get(typed)
    assert written == ([] if exact is None else [exact])
    assert all(type(amount) is int for amount in written)


async def _entries(club: Club, reason: str) -> list[int]:
    return [row[0] for row in await rows(club, "SELECT points FROM entry WHERE reason = ?", reason)]


async def _ania(where: Address) -> None:
    async with open_club(where, inline=True) as club:
        await club.join("ania")


@pytest.fixture
async def ledger(copy_of: CopyOf) -> AsyncIterator[Database]:
    """A database with one member."""
    async with open_club(copy_of(_ania), inline=True) as club:
        yield club.database


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(points=st.one_of(st.integers(-(2**63), 2**63), st.integers(-3, 3), st.integers(MAX_POINTS - 3, MAX_POINTS + 3)))
def test_the_ledger_takes_a_number_exactly_or_not_at_all(ledger: Database, points: int) -> None:
    draft = EntryDraft(
        unit=Unit.STATUS, points=points, reason=Reason.BONUS, source=f"n:{points}", holder_id=1, member_id=1,
        from_programme="issued:bonus", to_account=wallet(1), occurred_at=MONDAY,
    )  # fmt: skip

    def post(tx: Transaction) -> int:
        """Write it, read it and undo it, so that the next number finds the same balance."""
        try:
            with tx.savepoint():
                tx.ledger.post(draft)
                raise _Undone(tx.ledger.entries_of(draft.source)[0].points)
        except _Undone as undone:
            return int(undone.args[0])

    try:
        kept: int | None = asyncio.run(ledger.write(post))
    except (sqlite3.IntegrityError, OverflowError, psycopg.IntegrityError, psycopg.DataError):
        kept = None
    assert kept == (points if 0 < points <= MAX_POINTS else None)


class _Undone(Exception):
    """Carries out what was read before it was undone."""


# A file by its own catalogue, a server by its below.
def test_no_column_can_hold_a_fraction(tmp_path: Path) -> None:
    path = tmp_path / "club.db"
    asyncio.run(InlineDatabase(path, lambda: MONDAY, config().programme).close())
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
        ours = [name for name, sql in tables if name != "alembic_version" and not name.startswith("sqlite_")]
        assert len(ours) > 20
        for name in ours:
            for _, column, kind, *_ in connection.execute(f"PRAGMA table_info({name})"):
                assert kind in ("INTEGER", "TEXT") or (name, column, kind) == (*_PICTURES, "BLOB")
        strict = {row[1] for row in connection.execute("PRAGMA table_list") if row[5]}
        assert set(ours) <= strict


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_no_column_of_a_server_can_hold_a_fraction(copy_of: CopyOf) -> None:
    columns = rows_of(
        copy_of(_ania),
        "SELECT table_name, column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name <> 'alembic_version'",
    )
    assert len({table for table, _, _ in columns}) > 20
    assert [column for column in columns if column[2] not in ("bigint", "text")] == [(*_PICTURES, "bytea")]
