"""The report of the mutants is of the files that are changed, and what is known of these is not out of date."""

from dataclasses import replace
from pathlib import Path

from tests.mutation import report
from tests.mutation.equivalent import outdated
from tests.mutation.mutants import mutants_of
from tests.mutation.running import ROOT
from tests.mutation.targets import LEFT_OUT, TARGETS

_REPORT = Path(__file__).with_name("survivors.md")


def test_the_report_has_a_row_for_each_target_and_for_no_other_file() -> None:
    assert set(report.read(_REPORT)) == set(TARGETS)


def test_a_row_is_stale_once_its_file_has_another_rule_or_its_survivor_is_gone() -> None:
    path = "bot/ledger/points.py"
    mutants = mutants_of(ROOT, path)
    row = report.part_of(mutants, mutants[:1])
    assert not report.is_stale(row, mutants)
    assert report.is_stale(row, mutants[:-1])
    assert report.is_stale(row, [replace(mutants[0], change="`a` becomes `b`"), *mutants[1:]])
    assert not report.is_stale(row, [replace(mutant, line=mutant.line + 1) for mutant in mutants])
    # With a reason for one of them since, the others need not run.
    before = replace(row, kinds=(row.kinds[0] + 1, *row.kinds[1:]), equivalent=row.equivalent - 1)
    assert (report.is_stale(before, mutants), report.has_changed(before, mutants)) == (True, False)


def test_the_report_is_what_a_run_would_write(tmp_path: Path) -> None:
    again = tmp_path / "survivors.md"
    report.write(report.read(_REPORT), again)
    assert again.read_text(encoding="utf-8") == _REPORT.read_text(encoding="utf-8"), (
        "python -m tests.mutation --survivors FILE writes it anew"
    )


def test_a_run_of_one_file_leaves_the_rows_of_the_others(tmp_path: Path) -> None:
    parts, written = {path: report.part_of(mutants_of(ROOT, path), ()) for path in TARGETS}, tmp_path / "survivors.md"
    report.write(parts, written)
    run_again = "storage/ledger/seals.py"
    alive = mutants_of(ROOT, run_again)[:2]
    report.write(report.read(written) | {run_again: report.part_of(mutants_of(ROOT, run_again), alive)}, written)
    after = report.read(written)
    assert after.pop(run_again).killed == parts.pop(run_again).killed - 2
    assert after == parts


def test_targets_and_their_tests_are_files() -> None:
    named = {*TARGETS, *(test.partition("::")[0] for tests in (*TARGETS.values(), LEFT_OUT) for test in tests)}
    assert [path for path in sorted(named) if not (ROOT / path).is_file()] == []


def test_no_reason_is_of_a_change_that_there_is_no_more() -> None:
    assert [old for path in TARGETS for old in outdated(path, mutants_of(ROOT, path))] == []
