"""The house rule of sizes: files under 300 lines and functions under 40, but for a few, and none beyond a limit."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PARTS = ("adapters", "bot", "cli", "handlers", "messages", "storage")
# What a migration did is never split up afterwards, and the list of handlers is one list.
MIGRATIONS, HANDLERS = ROOT / "storage/migrations/versions", "build_registry"


def files() -> list[Path]:
    """Return the files of the program, but for migrations."""
    found = [path for part in PARTS for path in (ROOT / part).rglob("*.py")]
    return [ROOT / "run_bot.py", *(path for path in found if MIGRATIONS not in path.parents)]


def functions() -> Iterator[tuple[str, int]]:
    """Yield each function as `file: name`, and how many lines it has."""
    for path in files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name != HANDLERS:
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                yield f"{path.relative_to(ROOT)}: {node.name}", lines


def test_files_are_short() -> None:
    sizes = {str(path.relative_to(ROOT)): path.read_bytes().count(b"\n") for path in files()}
    assert {name: size for name, size in sizes.items() if size > 500} == {}
    long = {name: size for name, size in sizes.items() if size >= 300}
    assert len(long) * 100 <= 3 * len(sizes), long


def test_functions_are_short() -> None:
    sizes = list(functions())
    assert [one for one in sizes if one[1] > 100] == []
    long = [one for one in sizes if one[1] >= 40]
    assert len(long) * 100 <= len(sizes), long
