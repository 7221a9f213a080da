"""Makes mutants: a module with one small change, such as `<` for `<=`, a sign turned, a condition gone."""

import ast
import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Mod: ast.FloorDiv,
}  # fmt: skip
_OTHER_FUNCTION = {"min": "max", "max": "min", "any": "all", "all": "any"}
_REMOVED_METHODS = ("on_conflict_do_nothing", "on_conflict_do_update", "order_by", "desc", "limit", "with_for_update")
# In statements of plain SQL: what is sought, and what takes its place.
_IN_SQL = (
    (r"BEFORE \{verb\}", "AFTER INSERT"),
    (r"RAISE\(ABORT", "CHAR(0"),
    (r"-NEW\.points", "NEW.points"),
    (r"(?<!-)NEW\.points", "-NEW.points"),
    (r"> 0", "< 0"),
    (r"(?<!{)< 0", "<= 0"),
    (r"amount \+ excluded", "amount - excluded"),
    (r"<> 'clawback'", "= 'clawback'"),
    (r"<> 'open'", "= 'open'"),
    (r" AND NEW\.reason <> 'clawback'", ""),
    (r"NEW\.from_account", "NEW.to_account"),
    (r"NEW\.to_account", "NEW.from_account"),
    (r"    CONSTRAINT (?:uq|ck)_\w+ .*,\n", ""),
)
# The constraints of entries and their balances' trigger were made anew by a later migration.
_STATEMENTS = r'_(?:NEVER|TAKES|GIVES|ENTRY|ENDS_ONCE) = """.*?"""'
_IN_PLPGSQL = (
    (r"RAISE EXCEPTION [^;]*;", "RETURN COALESCE(NEW, OLD);"),
    (r"FOR EACH ROW(?= EXECUTE)", "FOR EACH ROW WHEN (false)"),
    (r"FOR EACH STATEMENT(?= EXECUTE)", "FOR EACH STATEMENT WHEN (false)"),
    (r"UPDATE OF state", "UPDATE OF holder_id"),
    (r"-NEW\.points", "NEW.points"),
    (r"(?<!-)NEW\.points", "-NEW.points"),
    (r"> 0", "< 0"),
    (r"< 0", "<= 0"),
    (r"amount \+ excluded", "amount - excluded"),
    (r"<> 'clawback'", "= 'clawback'"),
    (r"<> 'open'", "= 'open'"),
    (r" AND NEW\.reason <> 'clawback'", ""),
    (r"NEW\.from_account", "NEW.to_account"),
    (r"NEW\.to_account", "NEW.from_account"),
)
_STATEMENTS_ON_POSTGRESQL = r'_\w+_ON_POSTGRESQL = """.*?"""'
_UNIQUE = (
    (r"sa\.UniqueConstraint\(.*\),\n", ""),
    (r"(?<=\], )unique=True", "unique=False"),
)


class Kind(StrEnum):
    """What a mutant changes."""

    COMPARISON = "comparisons"
    ARITHMETIC = "sums and signs"
    LOGIC = "and, or, not"
    CONDITION = "conditions"
    NUMBER = "numbers"
    CALL = "calls"
    SQL = "SQL"


Change = tuple[Kind, ast.expr | ast.stmt, ast.expr | ast.stmt]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed text of one file. `code` is the line as it was, `inside` the function around the change, if any.

    What is changed may be there on PostgreSQL alone.
    """

    path: str
    line: int
    code: str
    inside: str
    kind: Kind
    change: str
    text: str
    is_of_postgresql: bool = False


def mutants_of(root: Path, path: str) -> list[Mutant]:
    """Return every mutant of a module."""
    text = (root / path).read_text(encoding="utf-8")
    return list(_in_sql(path, text)) if "migrations" in path else list(_in_code(path, text))


def _in_code(path: str, text: str) -> Iterator[Mutant]:
    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line.encode()))
    data, tree = text.encode(), ast.parse(text)
    for kind, node, other in _changes(tree):
        begin = starts[node.lineno - 1] + node.col_offset
        end = starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
        before = " ".join(data[begin:end].decode().split())
        after = ast.unparse(other)
        in_place = f"({after})" if isinstance(other, ast.expr) else after
        changed = data[:begin] + in_place.encode() + data[end:]
        change = f"`{_short(before)}` becomes `{_short(after)}`"
        inside = _inside(tree, node.lineno)
        yield Mutant(path, node.lineno, lines[node.lineno - 1].strip(), inside, kind, change, changed.decode())


def _inside(tree: ast.Module, line: int) -> str:
    """Return the innermost function around a line."""
    around = ""
    for node in ast.walk(tree):
        is_around = isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or 0)
        if is_around and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            around = node.name
    return around


def _short(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:60]} … {text[-37:]}"


def _changes(tree: ast.Module) -> Iterator[Change]:
    for node in ast.walk(tree):
        match node:
            case ast.Compare() | ast.BinOp() | ast.BoolOp() | ast.UnaryOp():
                yield from ((kind, node, other) for kind, other in _other_operators(node))
            case ast.If() | ast.IfExp():
                yield from ((Kind.CONDITION, node.test, ast.Constant(value)) for value in (False, True))
            case ast.Call():
                yield from ((Kind.CALL, node, other) for other in _other_calls(node))
            case ast.Expr(value=ast.Call()):
                yield Kind.CALL, node, ast.Pass()
            case ast.comprehension(ifs=[condition]):
                yield Kind.CONDITION, condition, ast.Constant(True)
            case ast.AugAssign(op=operator) if type(operator) in _OPERATORS:
                other_assignment = deepcopy(node)
                other_assignment.op = _OPERATORS[type(operator)]()
                yield Kind.ARITHMETIC, node, other_assignment


def _other_operators(node: ast.expr) -> Iterator[tuple[Kind, ast.expr]]:
    other = deepcopy(node)
    if isinstance(other, ast.Compare):
        for index, operator in enumerate(other.ops):
            changed = deepcopy(other)
            changed.ops[index] = _COMPARISONS[type(operator)]()
            yield Kind.COMPARISON, changed
    elif isinstance(other, ast.BinOp) and type(other.op) in _OPERATORS:
        other.op = _OPERATORS[type(other.op)]()
        yield Kind.ARITHMETIC, other
    elif isinstance(other, ast.BinOp):
        return
    elif isinstance(other, ast.BoolOp):
        other.op = ast.Or() if isinstance(other.op, ast.And) else ast.And()
        yield Kind.LOGIC, other
    elif isinstance(other, ast.UnaryOp):
        yield (Kind.LOGIC if isinstance(other.op, ast.Not) else Kind.ARITHMETIC), other.operand
    yield from ((Kind.NUMBER, off) for off in _off_by_one(node))


def _off_by_one(node: ast.expr) -> Iterator[ast.expr]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Constant) and type(child.value) is int and not isinstance(node, ast.UnaryOp):
            other = deepcopy(node)
            for twin in ast.iter_child_nodes(other):
                if isinstance(twin, ast.Constant) and twin.value == child.value:
                    twin.value = child.value + 1
            yield other
            return


def _other_calls(node: ast.Call) -> Iterator[ast.expr]:
    match node.func:
        case ast.Name(id=name) if name in _OTHER_FUNCTION:
            other = deepcopy(node)
            other.func = ast.Name(_OTHER_FUNCTION[name])
            yield other
        case ast.Attribute(attr=name, value=receiver) if name in _REMOVED_METHODS:
            yield receiver


def _in_sql(path: str, text: str) -> Iterator[Mutant]:
    """Change the text of triggers, and unique keys."""
    for match, other in _within(_STATEMENTS, _IN_SQL, text):
        yield _replaced(path, text, match, other)
    for match, other in _within(_STATEMENTS_ON_POSTGRESQL, _IN_PLPGSQL, text):
        yield replace(_replaced(path, text, match, other), is_of_postgresql=True)
    for pattern, other in _UNIQUE:
        for match in re.finditer(pattern, text):
            yield _replaced(path, text, match, other)


def _within(statements: str, changes: Sequence[tuple[str, str]], text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Yield what may be changed within some statements, and what takes its place."""
    spans = [match.span() for match in re.finditer(statements, text, re.DOTALL)]
    for pattern, other in changes:
        for match in re.finditer(pattern, text):
            if any(begin <= match.start() and match.end() <= end for begin, end in spans):
                yield match, other


def _replaced(path: str, text: str, match: re.Match[str], other: str) -> Mutant:
    line = text.count("\n", 0, match.start()) + 1
    change = f"`{match.group().strip()}` becomes `{other}`"
    code = text.splitlines()[line - 1].strip()
    return Mutant(path, line, code, "", Kind.SQL, change, text[: match.start()] + other + text[match.end() :])
