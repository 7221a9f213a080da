"""A session for each test, over a club that was seeded once."""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from adapters.console.guide import BANNER
from tests.adapters.console.room import transcript

Talk = Callable[..., Awaitable[list[str]]]


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a demo that has just begun."""
    path = tmp_path_factory.mktemp("seeded") / "demo.db"
    asyncio.run(transcript(path, []))
    return path


@pytest.fixture
def talk(tmp_path: Path, seeded: Path) -> Talk:
    """Return what pipes lines into a demo and returns what it wrote after the banner."""
    path = tmp_path / "demo.db"
    shutil.copy(seeded, path)

    async def pipe(*lines: str) -> list[str]:
        return (await transcript(path, lines))[len(BANNER) :]

    return pipe


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep pictures where they go away with the test."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
