"""What each test reaches of the files that are changed: the others cannot notice a change there."""

import ast
import gc
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

import pytest

from tests.mutation.mutants import Mutant

_MARK = "_comes_by"
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


def give_code(text: str | ast.Module, path: str) -> set[str]:
    """Give every function of a file that is loaded the code of another text of it; return the functions' names."""
    codes = {code.co_qualname: code for code in _codes(compile(text, path, "exec"))}
    given = set()
    # What was loaded before the tests began is put aside, and not listed.
    gc.unfreeze()
    for function in [found for found in gc.get_objects() if isinstance(found, FunctionType)]:
        old = function.__code__
        new = codes.get(old.co_qualname) if old.co_filename == path else None
        if new is not None and new.co_freevars == old.co_freevars:
            function.__code__ = new
            given.add(new.co_qualname)
    return given


def loaded(path: str) -> ModuleType | None:
    """Return the module of a file."""
    return next((found for found in sys.modules.values() if getattr(found, "__file__", None) == path), None)


class Reach:
    """Notes by which statements of some files of the tree at `root` a test comes, once each is told of that."""

    def __init__(self, root: Path, paths: Iterable[str]) -> None:
        self._trees = {path: ast.parse((root / path).read_text(encoding="utf-8")) for path in paths}
        self._root = root
        self._at: dict[str, set[tuple[str, int]]] = defaultdict(set)
        self._took_s: dict[str, float] = {}
        self._test = ""

    def install(self) -> None:
        """Let the functions that are loaded tell of each of their statements."""
        for path in self._trees:
            file = str(self._root / path)
            module = loaded(file)
            if module is not None:
                module.__dict__[_MARK] = lambda line, path=path: self._at[self._test].add((path, line))
                tree = _Marking().visit(ast.parse((self._root / path).read_text(encoding="utf-8")))
                give_code(ast.fix_missing_locations(tree), file)

    @contextmanager
    def noted(self, test: str) -> Iterator[None]:
        """Note what is reached, and how long it takes."""
        self._test, began_s = test, time.monotonic()
        yield
        self._took_s[test] = time.monotonic() - began_s

    def noticing(self, mutant: Mutant, items: Sequence[pytest.Item], first: str) -> list[pytest.Item]:
        """Return the tests that may notice a mutant: those that come by it, or all where none is known to.

        `first` is at the front; then by turns those that are named first, are the fastest, and reach most of the file.
        """
        lines = {(mutant.path, line) for line in _lines(self._trees[mutant.path], mutant)}
        there = [item for item in items if self._at[item.nodeid] & lines] or list(items)
        fastest = sorted(there, key=lambda item: self._took_s[item.nodeid])
        thorough = sorted(there, key=lambda item: -sum(path == mutant.path for path, _ in self._at[item.nodeid]))
        by_turns = [item for three in zip(there, fastest, thorough, strict=True) for item in three]
        return sorted(dict.fromkeys(by_turns), key=lambda item: item.nodeid != first)


class _Marking(ast.NodeTransformer):
    """Puts a mark before each statement of a function."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list) and not isinstance(node, ast.Module | ast.ClassDef):
                setattr(node, name, [one for statement in block for one in _marked(statement)])
        return node


def _marked(statement: ast.stmt) -> tuple[ast.stmt, ...]:
    match statement:
        case ast.Expr(value=ast.Constant()):
            # What documents a function must stay its first statement.
            return (statement,)
    return ast.Expr(ast.Call(ast.Name(_MARK, ast.Load()), [ast.Constant(statement.lineno)], [])), statement


def _lines(tree: ast.Module, mutant: Mutant) -> set[int]:
    """Return the lines of the statements that a mutant is in, or of the functions that use the constant it changes."""
    if mutant.inside:
        around = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.stmt) and node.lineno <= mutant.line <= (node.end_lineno or 0)
        ]
        return {max(node.lineno for node in around)}
    return {statement.lineno for function in _users(tree, mutant.line) for statement in function.body}


def _users(tree: ast.Module, line: int) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield the functions that use what is assigned in this line, or what is made of that."""
    changed: set[str] = set()
    for statement in tree.body:
        is_it = statement.lineno <= line <= (statement.end_lineno or 0)
        if is_it or (not isinstance(statement, (*_FUNCTION, ast.ClassDef)) and _names(statement) & changed):
            changed |= _names(statement, ast.Store)
    for node in ast.walk(tree):
        if isinstance(node, _FUNCTION) and _names(node) & changed:
            yield node


def _names(tree: ast.AST, context: type[ast.expr_context] = ast.Load) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, context)}


def _codes(code: CodeType) -> Iterator[CodeType]:
    """Yield the code of functions; those without a name of their own cannot be told apart."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            if not constant.co_name.startswith("<"):
                yield constant
            yield from _codes(constant)
