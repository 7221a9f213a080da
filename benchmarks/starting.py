"""From start to ready: what opening a big club costs beyond opening an empty one."""

from benchmarks.bench import Bench
from benchmarks.rows import Measured, Row, alternately, at_most
from benchmarks.serving import serve

_ROUNDS = 5


def _starting(bench: Bench) -> Measured:
    with bench.scratch() as folder:
        big, empty = bench.club(), folder / "empty.db"
        for path in (big, empty):
            serve(path, 0)
        return alternately(lambda: 1000 * serve(big, 0).ready_s, lambda: 1000 * serve(empty, 0).ready_s, _ROUNDS)


ROWS = (
    Row(
        "starting",
        "start to ready: the database open, the app started, without loading Python's modules",
        "the same on an empty database",
        "ms",
        at_most(1.5),
        _starting,
    ),
)
