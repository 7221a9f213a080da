"""The auditor: runs verify over the whole ledger in a process of its own, on copies, while the club goes on."""

import multiprocessing
import sqlite3
from collections import deque
from contextlib import closing
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path

from storage.verify import verify
from tests.simulation.oracle import Differs

_MOST_WAITING = 4


class Auditor:
    """Looks at a database as it was at some moments; what it finds of one it says at a later one or at the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._begun = 0
        self._waiting: deque[str] = deque()

    def look(self, when: str) -> None:
        """Copy the database, which nobody may be writing, and have the copy verified. Raises Differs."""
        self._begun += 1
        copy = self._path.with_name(f"audited-{self._begun}.db")
        with closing(sqlite3.connect(self._path)) as source, closing(sqlite3.connect(copy)) as target:
            target.execute("PRAGMA synchronous = OFF")
            source.backup(target)
        _process().send(copy)
        self._waiting.append(when)
        self._hear(_MOST_WAITING)

    def finish(self) -> None:
        """Wait for all that was begun. Raises Differs."""
        self._hear(0)

    def close(self) -> None:
        """Let go of what was not waited for, so that nobody else hears it."""
        while self._waiting:
            self._answer()

    def _hear(self, most: int) -> None:
        """Hear of what is done; wait until no more than so many are left."""
        while self._waiting and (len(self._waiting) > most or _process().poll()):
            when, problems = self._answer()
            if problems:
                raise Differs(f"verify finds of {when}: {problems[:5]}")

    def _answer(self) -> tuple[str, list[str]]:
        return self._waiting.popleft(), _process().recv()


@cache
def _process() -> Connection:
    """Return the way to the process that verifies: one for all runs, since to start takes longer than a small club."""
    context = multiprocessing.get_context("spawn")
    ours, its = context.Pipe()
    context.Process(target=_verify_all, args=(its,), daemon=True).start()
    its.close()
    return ours


def _verify_all(way: Connection) -> None:
    """Verify each file that is named and remove it, until nobody is there any more."""
    try:
        while True:
            copy: Path = way.recv()
            problems = verify(copy).problems
            for file in copy.parent.glob(f"{copy.name}*"):
                file.unlink()
            way.send(problems)
    except EOFError:
        return
