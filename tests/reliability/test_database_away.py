"""While somebody else holds the database, or the disk is full, nothing is half done; afterwards all goes on."""

import asyncio
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.config.config import Programme
from storage.engine.database import Database, DatabaseFull, DatabaseUnavailable
from storage.engine.location import open_database
from storage.transaction import Transaction
from storage.verify import verify
from tests.adapters.web.hooks import Mall, open_mall
from tests.club import open_club
from tests.databases import Address, CopyOf, held, rows, without_room
from tests.handlers.looking import member
from tests.platforms.shops import signed
from tests.reliability.awarding import award
from tests.reliability.effort import rounds

pytestmark = pytest.mark.slow
_SHORT_S, _PATIENCE_S, _RECOVERY_S = 3.0, 6.5, 10.0
# Of the least patient kind, Shopify.
_SHOP_PATIENCE_S = 5.0
_TMPFS_KIB = 1024
_LARGE = "x" * 4000
# Room is what a file needs; a server says by itself that it has none left.
_ON_SQLITE = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)


async def _ania(where: Address) -> None:
    async with open_club(where, inline=True) as club:
        await club.join("ania")


@pytest.fixture
def where(copy_of: CopyOf) -> Address:
    """The database of a club with one member."""
    return copy_of(_ania)


@pytest.fixture
async def database(where: Address) -> AsyncIterator[Database]:
    opened = await _open(where)
    yield opened
    await opened.close()


async def _open(where: Address) -> Database:
    return await open_database(where, lambda: datetime.now(UTC), Programme())


def _awarded(where: Address) -> set[str]:
    return {source for (source,) in rows(where, "SELECT source FROM entry WHERE reason = 'bonus'")}


async def _give(database: Database, source: str) -> None:
    await database.write(lambda tx: award(source, tx))


async def test_who_holds_the_lock_for_a_moment_only_delays(database: Database, where: Address) -> None:
    with held(where):
        waiting = asyncio.gather(*(_give(database, f"w{number}") for number in range(20)))
        await asyncio.sleep(_SHORT_S)
        assert not waiting.done()
    await waiting
    assert _awarded(where) == {f"w{number}" for number in range(20)}


async def test_who_holds_it_for_long_is_waited_for_in_vain_and_nothing_is_half_done(
    database: Database, where: Address
) -> None:
    until = time.monotonic() + rounds(8, 30)
    given: set[str] = set()
    with held(where):
        while time.monotonic() < until:
            began_at = time.monotonic()
            with pytest.raises(DatabaseUnavailable):
                await _give(database, f"l{len(given)}")
            assert time.monotonic() - began_at < _PATIENCE_S
    assert _awarded(where) == set()
    async with asyncio.timeout(_RECOVERY_S):
        await _give(database, "after")
    assert _awarded(where) == {"after"}
    assert verify(where).problems == []


async def _calls(mall: Mall, card: str, apart_s: float) -> list[tuple[int, str]]:
    """Let a shop tell of six orders, one after the other; return what it was answered, each time in good time."""

    async def call(number: int) -> tuple[int, str]:
        at = mall.club.clock.now
        order = {"order": f"{number}", "paid": "10.00", "currency": "PLN", "member": card}
        told = signed("generic", order | {"occurred_at": at.isoformat(), "updated_at": at.isoformat()}, at)
        async with asyncio.timeout(_SHOP_PATIENCE_S):
            return await mall.call("generic", told)

    calls = []
    for number in range(6):
        calls.append(asyncio.create_task(call(number)))
        await asyncio.sleep(apart_s)
    return await asyncio.gather(*calls)


async def test_a_shop_is_answered_before_it_gives_up_and_what_it_told_counts_once(where: Address) -> None:
    async with open_mall(where, inline=False) as mall:
        card = (await member(mall.club, "ania")).card_number
        with held(where):
            assert await _calls(mall, card, apart_s=0.7) == [(503, "away")] * 6
        assert {status for status, _ in await _calls(mall, card, apart_s=0)} == {200}
        assert await _calls(mall, card, apart_s=0) == [(200, "unchanged")] * 6
    assert rows(where, "SELECT COUNT(*), SUM(points) FROM purchase") == [(6, 60)]
    assert verify(where).problems == []


async def test_a_shop_waits_for_who_holds_the_lock_for_a_moment(where: Address) -> None:
    async with open_mall(where, inline=False) as mall:
        card = (await member(mall.club, "ania")).card_number
        with held(where):
            calls = asyncio.create_task(_calls(mall, card, apart_s=0.1))
            await asyncio.sleep(_SHORT_S)
            assert not calls.done()
        assert await calls == [(200, "recorded")] * 6


async def _until_full(database: Database, prefix: str) -> tuple[set[str], set[str]]:
    """Give until the disk is full, ten at once; return what was acknowledged and what was refused."""
    given: set[str] = set()
    for group in range(2000):
        sources = [f"{prefix}:{group}:{number}" for number in range(10)]
        outcomes = await asyncio.gather(*(_large(database, source) for source in sources), return_exceptions=True)
        failed = {source for source, outcome in zip(sources, outcomes, strict=True) if outcome is not None}
        assert all(isinstance(outcome, DatabaseUnavailable) for outcome in outcomes if outcome is not None)
        given |= set(sources) - failed
        if failed:
            return given, failed
    raise AssertionError("the disk never got full")


async def _large(database: Database, source: str) -> None:
    """Give a point and write down so much besides that the disk fills soon."""

    def work(tx: Transaction) -> None:
        award(source, tx)
        tx.settings.put(f"large:{source}", _LARGE)

    await database.write(work)


@_ON_SQLITE
async def test_a_file_that_may_not_grow_keeps_whole_transactions_only(database: Database, where: Address) -> None:
    await _limit(database, 40)
    given, refused = await _until_full(database, "f")
    assert _awarded(where) == given
    await _limit(database, 100_000)
    async with asyncio.timeout(_RECOVERY_S):
        await asyncio.gather(*(_large(database, source) for source in refused))
    assert _awarded(where) == given | refused
    assert verify(where).problems == []


async def _limit(database: Database, more_pages: int) -> None:
    def work(tx: Transaction) -> None:
        pages = tx.settings._connection.value(text("PRAGMA page_count"))
        tx.settings._connection.script(f"PRAGMA max_page_count = {pages + more_pages}")

    await database.write(work)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with little room."""
    folder = tmp_path / "disk"
    folder.mkdir()
    options = f"size={_TMPFS_KIB}k"
    if shutil.which("mount") is None:
        pytest.skip("no mount here")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", folder], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip(f"cannot mount a small disk: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


@_ON_SQLITE
async def test_a_full_disk_keeps_whole_transactions_only_and_goes_on_when_there_is_room(
    small_disk: Path, where: Address
) -> None:
    there = small_disk / "club.db"
    shutil.copy(where, there)
    database = await _open(there)
    given, refused = await _until_full(database, "d")
    assert _awarded(there) == given
    _resize(small_disk, 64 * _TMPFS_KIB)
    async with asyncio.timeout(_RECOVERY_S):
        await asyncio.gather(*(_large(database, source) for source in refused))
    assert _awarded(there) == given | refused
    await database.close()
    assert verify(there).problems == []


def _resize(folder: Path, kib: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={kib}k", folder], check=True)


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_a_server_without_room_keeps_whole_transactions_only(database: Database, where: Address) -> None:
    await _large(database, "before")
    works = [f"r{number}" for number in range(10)]
    with without_room(where, "setting"):
        # Each has written its award when there is no room for the rest.
        outcomes = await asyncio.gather(*(_large(database, source) for source in works), return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [DatabaseFull] * len(works)
        assert _awarded(where) == {"before"}
        await _give(database, "small")
    async with asyncio.timeout(_RECOVERY_S):
        await asyncio.gather(*(_large(database, source) for source in works))
    assert _awarded(where) == {"before", "small", *works}
    assert verify(where).problems == []
