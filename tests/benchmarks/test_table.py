"""The harness of the benchmarks: what passes, what is refused, which rows are run, what the page is given."""

import io
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from rich.console import Console

from benchmarks import club, plain
from benchmarks.__main__ import ROWS, main
from benchmarks.bench import Bench, InMemory, file_system, head, open_folder
from benchmarks.deciding import decide
from benchmarks.growth import GROWING, save
from benchmarks.rows import (
    Measured,
    Reach,
    Row,
    UnknownRows,
    Verdict,
    alternately,
    at_least,
    at_most,
    at_most_more,
    chosen,
    percentile,
)
from benchmarks.table import BEGIN, END, FAILED, PAGE, Line, figure, measure, printed, write_page

MOUNTS = """\
/dev/vda / ext4 rw 0 0
tmpfs /dev/shm tmpfs rw 0 0
tmpfs /mnt/in\\040memory tmpfs rw 0 0
/dev/vdb /mnt/in\\040memory/disk xfs rw 0 0
"""


def row(name: str = "one", reach: Reach | None = None, run: Callable[[Bench], Measured] | None = None) -> Row:
    return Row(name, f"what {name} is", "the baseline", "ms", reach, run or (lambda _: Measured([3.0], [1.0])))


@pytest.mark.parametrize(
    ("reach", "ours", "baseline", "verdict"),
    [
        (at_least(3), 300.0, 100.0, Verdict.OK),
        (at_least(3), 299.0, 100.0, Verdict.SHORT),
        (at_most(6), 6.0, 1.0, Verdict.OK),
        (at_most(6), 6.1, 1.0, Verdict.SHORT),
        (at_most(0.1), 0.11, 1.0, Verdict.SHORT),
        (at_most_more(64, "MiB"), 164.0, 100.0, Verdict.OK),
        (at_most_more(64, "MiB"), 165.0, 100.0, Verdict.SHORT),
        (None, 1.0, 100.0, Verdict.NO_BAR),
    ],
)
def test_a_bar_is_passed_or_not(reach: Reach | None, ours: float, baseline: float, verdict: Verdict) -> None:
    assert row(reach=reach).verdict(Measured([ours], [baseline])) is verdict


def test_medians_are_compared_not_the_luckiest_round() -> None:
    measured = Measured([100.0, 900.0, 200.0], [100.0, 1.0, 100.0])
    assert (measured.our_median, measured.baseline_median, measured.ratio) == (200.0, 100.0, 2.0)
    assert row(reach=at_most(1.9)).verdict(measured) is Verdict.SHORT


def test_both_are_measured_in_turn() -> None:
    order: list[str] = []

    def of(who: str) -> Callable[[], float]:
        return lambda: order.append(who) or float(len(order))  # type: ignore[func-returns-value]

    measured = alternately(of("ours"), of("baseline"), rounds=2)
    assert order == ["ours", "baseline"] * 2
    assert (measured.ours, measured.baseline) == ([1.0, 3.0], [2.0, 4.0])


def test_a_percentile_is_one_of_the_values() -> None:
    values = [float(value) for value in range(1, 101)]
    assert [percentile(values, percent) for percent in (1, 50, 99, 100)] == [1.0, 50.0, 99.0, 100.0]
    assert percentile([7.0], 99) == 7.0


def test_rows_are_chosen_by_name_in_the_order_of_the_table() -> None:
    rows = [row("a"), row("b"), row("c")]
    assert [one.name for one in chosen(rows, " c, a")] == ["a", "c"]
    assert chosen(rows, "") == rows
    with pytest.raises(UnknownRows, match="no such row: d, e; there are a, b, c"):
        chosen(rows, "e,a,d")


def test_names_of_rows_are_unique_and_those_that_grow_exist() -> None:
    names = [one.name for one in ROWS]
    assert len(set(names)) == len(names)
    assert set(GROWING) <= set(names)


def test_the_file_system_is_that_of_the_nearest_mount() -> None:
    assert file_system(Path("/srv/club"), MOUNTS) == "ext4"
    assert file_system(Path("/dev/shm/bench"), MOUNTS) == "tmpfs"
    assert file_system(Path("/mnt/in memory/x"), MOUNTS) == "tmpfs"
    assert file_system(Path("/mnt/in memory/disk/x"), MOUNTS) == "xfs"
    assert file_system(Path("/mnt/in memoryless"), MOUNTS) == "ext4"


def test_a_folder_in_memory_is_refused() -> None:
    shared_memory = Path("/dev/shm/bywalec-bench")
    if file_system(shared_memory) != "tmpfs":
        pytest.skip("no tmpfs here")
    try:
        with pytest.raises(InMemory, match="is on tmpfs, where an fsync costs nothing"):
            open_folder(shared_memory)
    finally:
        shared_memory.rmdir()


def test_a_wrong_row_ends_with_its_own_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended:
        main(rows="nonsense", folder=tmp_path)
    assert ended.value.exit_code == 2
    assert "no such row: nonsense" in capsys.readouterr().out


def test_a_row_that_fails_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    def fails(_: Bench) -> Measured:
        raise ValueError("lost a row")

    console = Console(file=io.StringIO(), width=200)
    rows = [row("a", at_most(1), fails), row("b", at_most(5)), row("c", at_most(2))]
    lines = list(measure(rows, Bench(tmp_path, 10), console))
    assert [line.verdict for line in lines] == [FAILED, Verdict.OK, Verdict.SHORT]
    assert [line.is_good for line in lines] == [False, True, False]
    console.print(printed("head", lines))
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    assert "lost a row" in shown
    assert "3.00×" in shown


def test_figures_have_three_digits_that_count() -> None:
    shown = [figure(value, unit) for value, unit in ((18432.4, "1/s"), (0.614, "ms"), (12.34, "MiB"), (456.7, "µs"))]
    assert shown == ["18,432/s", "0.61 ms", "12.3 MiB", "457 µs"]


def test_the_page_keeps_what_is_around_the_table(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    write_page(page, "head", [Line(row(reach=at_most(5)), Measured([3.0], [1.0]))])
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{BEGIN}")
    assert text.endswith(f"{END}\nafter\n")
    assert "| what one is | 3.00 ms | 1.00 ms: the baseline | 3.00× | ≤ 5× | ok |" in text
    assert "old" not in text


def test_the_page_has_a_place_for_the_table_and_names_every_row() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.count(BEGIN) == text.count(END) == 1
    assert [one.name for one in ROWS if f"`{one.name}`" not in text] == []


def test_the_head_says_on_what_it_was_measured(tmp_path: Path) -> None:
    said = head(tmp_path, 1_000_000)
    assert file_system(tmp_path) in said
    assert f"SQLite {sqlite3.sqlite_version}" in said
    assert "1,000,000 members" in said
    assert "µs" in said


def test_the_chart_is_drawn(tmp_path: Path) -> None:
    rows = [one for one in ROWS if one.name in GROWING]
    measured = {one.name: [Measured([1.0], [2.0]), Measured([3.0], [4.0])] for one in rows}
    save(rows, measured, [10, 100], tmp_path / "chart.png")
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")


def test_what_is_recorded_gives_the_same_rows_when_it_is_replayed(tmp_path: Path) -> None:
    path, copy = tmp_path / "club.db", tmp_path / "copy.db"
    club.build(path, 50)
    copy.write_bytes(path.read_bytes())
    calls = plain.record(path, [decide(number, 50) for number in range(20)], club.NOW, club.CONFIG.programme)
    connection = plain.open_plain(copy)
    plain.replay(connection, calls)
    query = "SELECT source, to_account, points, (SELECT remaining FROM lot WHERE entry_id = entry.id) FROM entry"
    replayed = connection.execute(query).fetchall()
    connection.close()
    original = sqlite3.connect(path)
    recorded = original.execute(query).fetchall()
    original.close()
    assert recorded == replayed
    assert sum(source.startswith("decide:") for source, *_ in replayed) == 20
