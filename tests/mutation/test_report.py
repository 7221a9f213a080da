"""The report of the mutants is of the files that are changed, and what is known of these is not out of date."""

from pathlib import Path

from tests.mutation import report
from tests.mutation.equivalent import outdated
from tests.mutation.mutants import mutants_of
from tests.mutation.running import ROOT
from tests.mutation.targets import LEFT_OUT, TARGETS


def test_the_report_has_a_row_for_each_target_and_for_no_other_file() -> None:
    assert set(report.read(Path(__file__).with_name("survivors.md"))) == set(TARGETS)


def test_targets_and_their_tests_are_files() -> None:
    named = {*TARGETS, *(test.partition("::")[0] for tests in (*TARGETS.values(), LEFT_OUT) for test in tests)}
    assert [path for path in sorted(named) if not (ROOT / path).is_file()] == []


def test_no_reason_is_of_a_change_that_there_is_no_more() -> None:
    assert [old for path in TARGETS for old in outdated(path, mutants_of(ROOT, path))] == []
