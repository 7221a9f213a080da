"""Resident memory: what a big club costs a process that serves it, beyond what an empty one does."""

from benchmarks.bench import Bench
from benchmarks.rows import Measured, Row, alternately, at_most_more
from benchmarks.serving import serve
from storage.engine.migrate import migrate

_ROUNDS = 3
_CALLS = 60


def _memory(bench: Bench) -> Measured:
    with bench.own_club() as path:
        empty = path.with_name("empty.db")
        migrate(empty)
        return alternately(lambda: serve(path, _CALLS).peak_mib, lambda: serve(empty, _CALLS).peak_mib, _ROUNDS)


ROWS = (
    Row(
        "memory",
        "most resident memory of a process that answers commands and takes messages in a club with five entries a "
        "member",
        "the same process on an empty database",
        "MiB",
        at_most_more(64, "MiB"),
        _memory,
    ),
)
