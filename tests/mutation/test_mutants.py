"""Ten wrong ledgers: each must be noticed by the tests of the ledger. `make mutants` makes all there are."""

import pytest

from tests.mutation.mutants import mutants_of
from tests.mutation.running import _KNOWS_BY_TEXT, ROOT, run
from tests.mutation.targets import SERVER_TARGETS, TARGETS

_LEDGER = ("tests/storage/test_ledger.py",)
_SPENDING = ("tests/handlers/points/test_spending.py",)
_PURCHASES = ("tests/handlers/purchases/test_purchases.py",)
_GUARDS = "storage/migrations/versions/0004_fewer_rows_a_message.py"
WRONG = [
    # Every second one is tried by the one of two processes: each has the tests of its own to run beforehand.
    ("storage/ledger/ledger.py", "`draft.unit is Unit.STATUS` becomes `draft.unit is not Unit.STATUS`", _LEDGER),
    ("bot/ledger/points.py", "`cost > balance` becomes `cost >= balance`", _SPENDING),
    (_GUARDS, "`-NEW.points` becomes `NEW.points`", _LEDGER),
    ("bot/ledger/points.py", "`balance < 0` becomes `False`", _SPENDING),
    (_GUARDS, "`<> 'clawback'` becomes `= 'clawback'`", _LEDGER),
    ("storage/ledger/lots.py", "`-taken` becomes `taken`", _SPENDING),
    (_GUARDS, "`BEFORE {verb}` becomes `AFTER INSERT`", _LEDGER),
    ("storage/ledger/lots.py",
     "`_lot.c.remaining - bindparam(\"taken\")` becomes `_lot.c.remaining + bindparam('taken')`", _SPENDING),
    (_GUARDS, "`amount + excluded` becomes `amount - excluded`", _LEDGER),
    ("bot/purchases/purchases.py", "`self.paid.amount_minor - self.refunded_minor` becomes "
     "`self.paid.amount_minor + self.refunded_minor`", _PURCHASES),
]  # fmt: skip


@pytest.mark.slow
def test_a_wrong_ledger_does_not_pass_its_tests() -> None:
    work = []
    for path, change, tests in WRONG:
        made = [mutant for mutant in mutants_of(ROOT, path) if mutant.change == change]
        assert made, f"{path} has no such mutant any more: {change}"
        work.append((made[0], tests))
    survivors = [f"{mutant.path}: {mutant.change}" for mutant, is_killed in run(work, 2) if not is_killed]
    assert survivors == []


def test_what_guards_a_server_is_changed_and_tried_there() -> None:
    of_servers = [path for path in TARGETS if any(mutant.is_of_postgresql for mutant in mutants_of(ROOT, path))]
    assert sorted(of_servers) == sorted(SERVER_TARGETS)
    path, check, _ = _KNOWS_BY_TEXT
    assert check in (ROOT / path).read_text(encoding="utf-8")
