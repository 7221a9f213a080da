"""Fixtures shared by all tests."""

import gc
import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

from adapters.logs import configure_logs
from tests.club import Club, open_club
from tests.databases import Address, CopyOf, Files, Shelves, Stock, a_settled_club, nothing, problems_of
from tests.postgres import Server, leave_all, shared_server
from tests.reliability.effort import rounds

# Whatever is loaded until the tests begin is no garbage, and there is much of it to look through again and again.
gc.disable()

# A machine that is busy with something else is no failure.
settings.register_profile("bywalec", deadline=None, max_examples=rounds(40, 200))
settings.load_profile("bywalec")


def pytest_collection_finish() -> None:
    """Look for garbage from now on, among what the tests leave."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Database files that were made once."""
    return Files(tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="session")
def settled(files: Files) -> Path:
    """The file of a settled club, to be copied."""
    return files.original(a_settled_club)


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder for all workers of the test run."""
    mine = tmp_path_factory.getbasetemp()
    return mine if worker_id == "master" else mine.parent


@pytest.fixture(scope="session")
def postgres(shared_folder: Path) -> Iterator[Server]:
    """A PostgreSQL server that keeps nothing over a power cut."""
    with shared_server(shared_folder) as running:
        yield running


@pytest.fixture(scope="session")
def shelves(postgres: Server) -> Iterator[Shelves]:
    """Databases on the server that were made once, for this worker."""
    yield Shelves(postgres)
    leave_all()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of database: what uses it runs once on each."""
    name: str = request.param
    return name


@pytest.fixture
def copy_of(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> CopyOf:
    """Return what gives a copy of a database that was made once. On a server the one before of its kind ends."""
    stock: Stock = request.getfixturevalue("files" if kind == "sqlite" else "shelves")
    return lambda make: stock.copy(make, tmp_path)


@pytest.fixture
def blank(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Address]:
    """Where a database may be made: a file that is not there, or one on the server without tables."""
    if kind == "sqlite":
        yield tmp_path / "bywalec.db"
    else:
        with request.getfixturevalue("postgres").database() as url:
            yield url


@pytest.fixture
def empty(copy_of: CopyOf) -> Address:
    """Address a migrated database is with nothing in it."""
    return copy_of(nothing)


@pytest.fixture
def copy_of_settled(copy_of: CopyOf) -> Address:
    """Address a settled club is that a test may change."""
    return copy_of(a_settled_club)


@pytest.fixture
async def club(copy_of_settled: Address) -> AsyncIterator[Club]:
    """A club with everybody joined, #klub set up, marta moderator, kasia cashier, olek owner; verified at the end."""
    async with open_club(copy_of_settled, inline=True) as opened:
        opened.event_prefix = "t"
        yield opened
    assert problems_of(copy_of_settled) == []


@pytest.fixture
async def empty_club(empty: Address) -> AsyncIterator[Club]:
    """The same app with nobody in it; verified at the end."""
    async with open_club(empty) as opened:
        yield opened
    assert problems_of(empty) == []


@pytest.fixture
def log_lines() -> Iterator[io.StringIO]:
    """What is logged, as lines of JSON."""
    stream = io.StringIO()
    configure_logs([], stream=stream)
    yield stream
    structlog.reset_defaults()
