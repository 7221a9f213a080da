"""Runs tests on many mutants from one process of pytest: each in a fork, in which it is put into what is loaded.

That is quick, since nothing is loaded or set up again. What others worked out beforehand from the program as it is,
such as what a cache holds, is not the mutant's: so only what is killed here is known to be killed.
"""

import ast
import gc
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType

import pytest

from tests.mutation.forking import forked
from tests.mutation.mutants import Mutant

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

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a failure."""
        if report.failed:
            self._has_failed = True
            self._killer.write_text(report.nodeid, encoding="utf-8")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run everything, and once again as the mutants do: with what is set up for all tests as it was left."""
        began_s = time.process_time()
        if self._passes(session.items, session) and self._passes(session.items, session):
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
        ordered = sorted(session.items, key=lambda item: item.nodeid != first)
        return _PASSED if self._passes(ordered, session) else _FAILED

    def _passes(self, items: Sequence[pytest.Item], session: pytest.Session) -> bool:
        for item, following in zip(items, [*items[1:], session], strict=True):
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            if self._has_failed:
                return False
        return True


def put_in(mutant: Mutant, root: Path) -> bool:
    """Put a mutant into the program that is loaded; return whether what it changes could be reached."""
    path = str(root / mutant.path)
    return _give_code(mutant, path) if mutant.inside else _assign_anew(mutant, path)


def _give_code(mutant: Mutant, path: str) -> bool:
    """Give every function of the file the mutant's code."""
    codes = {code.co_qualname: code for code in _codes(compile(mutant.text, path, "exec"))}
    changed = False
    for function in [found for found in gc.get_objects() if isinstance(found, FunctionType)]:
        old = function.__code__
        new = codes.get(old.co_qualname) if old.co_filename == path else None
        if new is not None and new.co_freevars == old.co_freevars:
            function.__code__ = new
            changed |= mutant.inside in new.co_qualname.split(".")
    return changed


def _assign_anew(mutant: Mutant, path: str) -> bool:
    """Work out again a constant that is the module's own, and those after it, which may be made of it."""
    module = next((found for found in sys.modules.values() if getattr(found, "__file__", None) == path), None)
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


def _codes(code: CodeType) -> Iterator[CodeType]:
    """Yield the code of functions; those without a name of their own cannot be told apart."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            if not constant.co_name.startswith("<"):
                yield constant
            yield from _codes(constant)
