"""Runs the tests against mutants, each in a process forked from one that has loaded everything but our own code."""

import importlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

from tests.mutation.mutants import Mutant

ROOT = Path(__file__).parents[2]
_LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "*.db", "docs", "*.png")
# No plugins of pytest, which wants to see them first.
_LOADED_ONCE = (
    "aiosqlite", "alembic.command", "alembic.config", "babel.dates", "babel.numbers", "jinja2", "psycopg", "pydantic",
    "pytest", "sqlalchemy.dialects.postgresql", "sqlalchemy.dialects.sqlite", "structlog",
)  # fmt: skip
_DEADLINE_S = 300
# As pytest counts them: it cannot load a conftest if what that imports is broken.
_PASSED, _FAILED, _INTERRUPTED, _BROKEN, _NOT_LOADED = 0, 1, 2, 3, 4
Work = tuple[Mutant, tuple[str, ...]]
Outcome = tuple[Mutant, bool]


@contextmanager
def copied_tree() -> Iterator[Path]:
    """A copy of the program and its tests; the working tree is never touched."""
    with tempfile.TemporaryDirectory(prefix="bywalec-mutants-") as folder:
        copy = Path(folder) / "tree"
        shutil.copytree(ROOT, copy, ignore=_LEFT_OUT)
        # Compiled once here; a mutant's own file is compiled anew in each process.
        subprocess.run([sys.executable, "-m", "compileall", "-q", str(copy)], check=True)
        yield copy


def run(work: Sequence[Work], workers: int) -> list[Outcome]:
    """Run mutants, each given with the tests that should kill it, several at a time."""
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        parts = pool.map(_run_part, [work[number::workers] for number in range(workers)])
        return [outcome for part in parts for outcome in part]


def _run_part(work: Sequence[Work]) -> list[Outcome]:
    """Run mutants one after another, with a dot for each that was killed and a line for each survivor."""
    sys.dont_write_bytecode = True
    for name in _LOADED_ONCE:
        importlib.import_module(name)
    found = []
    with copied_tree() as copy:
        for tests in {tests for _, tests in work}:
            code = _forked(tests, copy)
            assert code == _PASSED, f"without any mutant pytest ends with {code} for {' '.join(tests)}"
        for mutant, tests in work:
            is_killed = _is_killed(mutant, tests, copy)
            found.append((mutant, is_killed))
            sys.stderr.write("." if is_killed else f"\nsurvived: {mutant.path}:{mutant.line}: {mutant.change}\n")
            sys.stderr.flush()
    return found


def _is_killed(mutant: Mutant, tests: Sequence[str], copy: Path) -> bool:
    changed = copy / mutant.path
    original = changed.read_bytes()
    for compiled in (changed.parent / "__pycache__").glob(f"{changed.stem}.*"):
        compiled.unlink()
    changed.write_text(mutant.text, encoding="utf-8")
    try:
        code = _forked(tests, copy)
    finally:
        changed.write_bytes(original)
    assert code in (None, _PASSED, _FAILED, _INTERRUPTED, _NOT_LOADED), (
        f"pytest ended with {code} for {mutant.path}:{mutant.line}"
    )
    return code != _PASSED


def _forked(tests: Sequence[str], copy: Path) -> int | None:
    """Run the tests in a process of its own; return pytest's exit code, None if it had to be ended."""
    child = os.fork()
    if not child:
        code = _BROKEN
        try:
            os.setsid()
            code = _run(tests, copy)
        finally:
            # Whatever happens, this process must not go on as its parent's twin.
            os._exit(code)
    ends_at = time.monotonic() + _DEADLINE_S
    while time.monotonic() < ends_at:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.05)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _run(tests: Sequence[str], copy: Path) -> int:
    silent = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(silent, stream)
    os.chdir(copy)
    sys.path[:] = [str(copy), *(path for path in sys.path if Path(path or ".").resolve() != ROOT)]
    for name in [name for name, module in sys.modules.items() if _is_ours(module)]:
        del sys.modules[name]
    import pytest

    options = ["-x", "-q", "-m", "not slow", "-p", "no:xdist", f"--basetemp={copy.parent / 'pytest'}"]
    return int(pytest.main([*options, f"--rootdir={copy}", *tests]))


def _is_ours(module: object) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and ROOT in Path(file).parents and ".venv" not in file
