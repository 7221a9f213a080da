"""Fixtures shared by all tests."""

import asyncio
import io
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog

from adapters.logs import configure_logs
from storage.verify import verify
from tests.club import Club, open_club
from tests.postgres import Server, Shelf, shared_server


async def _settle(where: Path | str) -> None:
    async with open_club(where, inline=True) as opened:
        await opened.join("olek", "ania", "bartek", "celina", "darek", "marta", "kasia")
        await opened.set_up()
        await opened.say("olek", "/role marta moderator")
        await opened.say("olek", "/role kasia cashier")
        await opened.posts()


@pytest.fixture(scope="session")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a club with everybody joined, made once: migrating and joining cost more than most tests."""
    path = tmp_path_factory.mktemp("settled") / "club.db"
    asyncio.run(_settle(path))
    return path


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder for all workers of the test run."""
    mine = tmp_path_factory.getbasetemp()
    return mine if worker_id == "master" else mine.parent


@pytest.fixture(scope="session")
def server(shared_folder: Path) -> Iterator[Server]:
    """A PostgreSQL server that keeps nothing over a power cut."""
    with shared_server(shared_folder) as running:
        yield running


@pytest.fixture(scope="session")
def shelf(server: Server) -> Shelf:
    """A database like `settled` on the server, for this worker."""
    made = Shelf(server)
    asyncio.run(_settle(made.url))
    made.put_aside()
    return made


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of database: what uses it runs once on each."""
    name: str = request.param
    return name


@pytest.fixture
def empty(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where an empty database may be made, or is."""
    if kind == "sqlite":
        return tmp_path / "club.db"
    shelf: Shelf = request.getfixturevalue("shelf")
    shelf.empty()
    return shelf.url


@pytest.fixture
def copy_of_settled(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where a settled club is that a test may change."""
    if kind == "sqlite":
        return Path(shutil.copy(request.getfixturevalue("settled"), tmp_path / "club.db"))
    shelf: Shelf = request.getfixturevalue("shelf")
    shelf.bring_back()
    return shelf.url


@pytest.fixture
async def club(copy_of_settled: Path | str) -> AsyncIterator[Club]:
    """A club with everybody joined, #klub set up, marta moderator, kasia cashier, olek owner; verified at the end."""
    async with open_club(copy_of_settled, inline=True) as opened:
        opened.event_prefix = "t"
        yield opened
    assert verify(copy_of_settled).problems == []


@pytest.fixture
async def empty_club(empty: Path | str) -> AsyncIterator[Club]:
    """The same app with nobody in it; verified at the end."""
    async with open_club(empty) as opened:
        yield opened
    assert verify(empty).problems == []


@pytest.fixture
def log_lines() -> Iterator[io.StringIO]:
    """What is logged, as lines of JSON."""
    stream = io.StringIO()
    configure_logs([], stream=stream)
    yield stream
    structlog.reset_defaults()
