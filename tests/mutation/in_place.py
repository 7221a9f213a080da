"""Runs tests on many mutants from one process of pytest: each in a fork, in which it is put into what is loaded.

That is quick, since nothing is loaded or set up again. What others worked out beforehand from the program as it is,
such as what a cache holds, is not the mutant's: so only what is killed here is known to be killed.
"""

import ast
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from enum import Enum
from functools import partial
from pathlib import Path

import pytest

from tests.mutation.forking import forked
from tests.mutation.mutants import Mutant
from tests.mutation.reach import Reach, give_code, loaded

_PASSED, _FAILED, _UNREACHED = 0, 1, 4
_DEADLINE_S = 300.0
_LEAST_CPU_S = 5


class Result(Enum):
    """How a mutant fared: if it could not be put in, it has to be run in another way."""

    KILLED = "."
    ALIVE = "?"
    UNREACHED = "-"


_RESULTS: dict[int | None, Result] = {_PASSED: Result.ALIVE, _UNREACHED: Result.UNREACHED}


class InPlace:
    """A plugin that runs the tests as they are, and then for each mutant until one fails; `tell` learns how each fared.

    `killer` is a file to write in which test failed: what killed one mutant often kills the next, and goes first.
    """

    def __init__(self, mutants: Sequence[Mutant], root: Path, killer: Path, tell: Callable[[Result], None]) -> None:
        self._mutants = mutants
        self._root = root
        self._killer = killer
        self._tell = tell
        self._has_failed = False
        self._reach = Reach(root, {mutant.path for mutant in mutants})

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a failure."""
        if report.failed:
            self._has_failed = True
            self._killer.write_text(report.nodeid, encoding="utf-8")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run everything, and once again as the mutants do: with what is set up for all tests as it was left."""
        began_s = time.process_time()
        if self._passes(session.items, session) and self._passes_noted(session):
            # As much as two runs.
            most_cpu_s = _LEAST_CPU_S + int(time.process_time() - began_s)
            for mutant in self._mutants:
                work = partial(self._try, mutant, session)
                code = forked(work, _DEADLINE_S, most_cpu_s)
                self._tell(_RESULTS.get(code, Result.KILLED))
        return True

    def _try(self, mutant: Mutant, session: pytest.Session) -> int:
        if not put_in(mutant, self._root):
            return _UNREACHED
        first = self._killer.read_text(encoding="utf-8") if self._killer.exists() else ""
        noticing = self._reach.noticing(mutant, session.items, first)
        return _PASSED if self._passes(noticing, session) else _FAILED

    def _passes_noted(self, session: pytest.Session) -> bool:
        self._reach.install()
        return self._passes(session.items, session, self._reach.noted)

    def _passes(
        self,
        items: Sequence[pytest.Item],
        session: pytest.Session,
        around: Callable[[str], AbstractContextManager[None]] | None = None,
    ) -> bool:
        for item, following in zip(items, [*items[1:], session], strict=True):
            with around(item.nodeid) if around else nullcontext():
                item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            if self._has_failed:
                return False
        return True


def put_in(mutant: Mutant, root: Path) -> bool:
    """Put a mutant into the program that is loaded; return whether what it changes could be reached."""
    path = str(root / mutant.path)
    if not mutant.inside:
        return _assign_anew(mutant, path)
    return any(mutant.inside in name.split(".") for name in give_code(mutant.text, path))


def _assign_anew(mutant: Mutant, path: str) -> bool:
    """Work out again a constant that is the module's own, and those after it, which may be made of it."""
    module = loaded(path)
    rest = [statement for statement in ast.parse(mutant.text).body if (statement.end_lineno or 0) >= mutant.line]
    if module is None or not rest or not _is_own(rest[0]):
        return False
    for statement in filter(_is_own, rest):
        exec(compile(ast.Module([statement], []), path, "exec"), module.__dict__)
    return True


def _is_own(statement: ast.stmt) -> bool:
    """Whether it assigns what others do not import."""
    if not isinstance(statement, ast.Assign):
        return False
    names = [name for target in statement.targets for name in ast.walk(target) if isinstance(name, ast.Name)]
    return all(name.id.startswith("_") for name in names)
