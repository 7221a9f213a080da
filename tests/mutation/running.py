"""Runs the tests against mutants, in processes forked from one that has loaded everything but our own code."""

import importlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.mutation.forking import forked
from tests.mutation.in_place import InPlace, Result
from tests.mutation.mutants import Mutant
from tests.mutation.targets import LEFT_OUT

ROOT = Path(__file__).parents[2]
_LEFT_OUT = shutil.ignore_patterns(".*", "*.db", "*.png", "*-pytest-*")
# No plugins of pytest, which wants to see them first.
_LOADED_ONCE = (
    "aiosqlite", "alembic.command", "alembic.config", "babel.dates", "babel.numbers", "jinja2", "psycopg", "pydantic",
    "sqlalchemy.dialects.postgresql", "sqlalchemy.dialects.sqlite", "structlog",
)  # fmt: skip
_DEADLINE_S = 300.0
# On a server verify knows each guard by its text: it would notice any change, and nobody would know if a test does.
_KNOWS_BY_TEXT = ("storage/verify/postgres.py", 'present[name] != ("O", digest)', 'present[name][0] != "O"')
_ALL_IN_PLACE_S = 3600.0 * 4
# As pytest counts them: it cannot load a conftest if what that imports is broken.
_PASSED, _FAILED, _INTERRUPTED, _NOT_LOADED = 0, 1, 2, 4
Tests = tuple[str, ...]
Work = tuple[Mutant, Tests]
Outcome = tuple[Mutant, bool]


@contextmanager
def copied_tree() -> Iterator[Path]:
    """A copy of the program and its tests; the working tree is never touched."""
    with tempfile.TemporaryDirectory(prefix="bywalec-mutants-") as folder:
        copy = Path(folder) / "tree"
        shutil.copytree(ROOT, copy, ignore=_LEFT_OUT)
        # What is not compiled yet is so once here; a mutant's own file is compiled anew in each process.
        subprocess.run([sys.executable, "-m", "compileall", "-q", str(copy)], check=True)
        yield copy


def run(work: Sequence[Work], workers: int, *, in_place_only: bool = False) -> list[Outcome]:
    """Run mutants, each given with the tests that should kill it, several at a time.

    What is alive in place is run once more in a tree that holds it, unless `in_place_only`.
    """
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        parts = pool.map(_run_part, [work[number::workers] for number in range(workers)], [in_place_only] * workers)
        return [outcome for part in parts for outcome in part]


def _run_part(work: Sequence[Work], in_place_only: bool) -> list[Outcome]:
    """Run mutants, those with the same tests together."""
    sys.dont_write_bytecode = True
    for name in _LOADED_ONCE:
        importlib.import_module(name)
    found = []
    with copied_tree() as copy:
        for tests in dict.fromkeys(tests for _, tests in work):
            alike = [mutant for mutant, theirs in work if theirs == tests]
            for mutant, result in zip(alike, _in_place(alike, tests, copy), strict=True):
                is_decided = result is Result.KILLED or (result is Result.ALIVE and in_place_only)
                is_killed = result is Result.KILLED if is_decided else _is_killed(mutant, tests, copy)
                found.append((mutant, is_killed))
                if not is_killed:
                    _show(f"\nsurvived: {mutant.path}:{mutant.line}: {mutant.change}\n")
    return found


def _show(progress: str, to: int = 2) -> None:
    os.write(to, progress.encode())


def _in_place(mutants: Sequence[Mutant], tests: Tests, copy: Path) -> list[Result]:
    """Run mutants in place; show how each fares."""
    results = copy.parent / "results"
    results.write_text("", encoding="utf-8")
    shown = os.dup(2)

    def tell(result: Result) -> None:
        with results.open("a", encoding="utf-8") as file:
            file.write(result.value)
        _show(result.value, shown)

    plugin = InPlace(mutants, copy, copy.parent / "killer", tell)
    code = forked(lambda: _run(tests, copy, plugin), _ALL_IN_PLACE_S)
    os.close(shown)
    assert code == _PASSED, f"without any mutant pytest ends with {code} for {' '.join(tests)}"
    return [Result(mark) for mark in results.read_text(encoding="utf-8")]


def _is_killed(mutant: Mutant, tests: Tests, copy: Path) -> bool:
    """Run a mutant in a tree that holds it."""
    texts = {mutant.path: mutant.text}
    if mutant.is_of_postgresql:
        path, check, other = _KNOWS_BY_TEXT
        texts[path] = (copy / path).read_text(encoding="utf-8").replace(check, other)
    with _changed(copy, texts):
        code = forked(lambda: _run(tests, copy), _DEADLINE_S)
    assert code in (None, _PASSED, _FAILED, _INTERRUPTED, _NOT_LOADED), (
        f"pytest ended with {code} for {mutant.path}:{mutant.line}"
    )
    return code != _PASSED


@contextmanager
def _changed(copy: Path, texts: Mapping[str, str]) -> Iterator[None]:
    """Have other texts of some files in a tree."""
    originals = {copy / path: (copy / path).read_bytes() for path in texts}
    for file, text in zip(originals, texts.values(), strict=True):
        for compiled in (file.parent / "__pycache__").glob(f"{file.stem}.*"):
            compiled.unlink()
        file.write_text(text, encoding="utf-8")
    try:
        yield
    finally:
        for file, original in originals.items():
            file.write_bytes(original)


def _run(tests: Tests, copy: Path, *plugins: object) -> int:
    silent = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(silent, stream)
    os.chdir(copy)
    sys.path[:] = [str(copy), *(path for path in sys.path if Path(path or ".").resolve() != ROOT)]
    for name in [name for name, module in sys.modules.items() if _is_ours(module)]:
        del sys.modules[name]
    options = [
        "-x",
        "-q",
        "-m",
        "not slow",
        "-p",
        "no:xdist",
        "-p",
        "tests.mutation.alone",
        "-o",
        "tmp_path_retention_policy=failed",
    ]
    places = [f"--basetemp={copy.parent / 'pytest'}", f"--rootdir={copy}"]
    left_out = [f"--deselect={test}" for test in LEFT_OUT]
    return int(pytest.main([*options, *places, *left_out, *tests], plugins=plugins))


def _is_ours(module: object) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and ROOT in Path(file).parents and ".venv" not in file
