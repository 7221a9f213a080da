"""An import whose plug was pulled, run again, ends as one that nothing happened to."""

import random
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from storage.verify import verify
from tests.cli.commands import typed
from tests.databases import Address, CopyOf, a_settled_club, rows, url_of
from tests.reliability.effort import rounds
from tests.reliability.importing import LINES, small_batches

_ROOT = Path(__file__).parents[2]
_BATCHES = 10
_DEATHS = rounds(1, 3)
_CONFIG = """\
[programme]
points_expire_after_months = 0
[earning.purchase]
first_bonus_points = 25
daily_cap_count = 3
[[stamp_card]]
id = "coffee"
title = { en = "Coffees", pl = "Kawy" }
reward = { en = "A coffee", pl = "Kawa" }
"""
# What corrects an award of the same import is of the moment at which it runs.
_KEPT = (
    "SELECT source, leg, unit, reason, points, from_account, to_account, holder_id FROM entry",
    "SELECT account_id, unit, amount FROM balance",
    "SELECT e.source, e.leg, l.unit, l.points, l.remaining FROM lot l JOIN entry e ON e.id = l.entry_id",
    "SELECT e.source, e.leg, e.occurred_at, l.ripens_at, l.expires_at FROM lot l JOIN entry e ON e.id = l.entry_id "
    "WHERE e.source LIKE '%:v1'",
    "SELECT shop, receipt, holder_id, amount_minor, eligible_minor, occurred_at FROM purchase",
    "SELECT COUNT(*) FROM stamp",
    "SELECT COUNT(*) FROM outbox",
)


def _file(seed: int) -> str:
    """Return purchases of a few members on a few days, so that the limits of a day reach over batches."""
    chance = random.Random(seed)
    lines = [
        f"@{chance.choice(('ania', 'bartek', 'celina'))},{chance.randint(1, 90)}.50,R-{number},"
        f"2026-0{chance.randint(1, 2)}-{chance.randint(1, 3):02} 1{chance.randint(0, 9)}:00"
        for number in range(_BATCHES * LINES)
    ]
    return "\n".join(["member,amount,receipt,date", *lines, ""])


def _kept(where: Address) -> list[list[tuple[Any, ...]]]:
    """Return what there is, purchases by their receipts: a number may be left out when a process dies."""
    assert verify(where, lambda *_: None).is_clean
    receipts = dict(rows(where, "SELECT id, receipt FROM purchase"))

    def by_receipt(cell: Any) -> Any:
        return (
            re.sub(r"(?<=^shop:till:)\d+", lambda number: receipts[int(number[0])], cell)
            if isinstance(cell, str)
            else cell
        )

    return [sorted((tuple(map(by_receipt, row)) for row in rows(where, sql)), key=repr) for sql in _KEPT]


@pytest.mark.parametrize("seed", range(rounds(1, 10)))
def test_what_was_killed_and_run_again_is_as_if_it_had_not_been_killed(
    seed: int, tmp_path: Path, copy_of: CopyOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_batches(monkeypatch)
    (tmp_path / "till.csv").write_text(_file(seed))
    (tmp_path / "config.toml").write_text(_CONFIG)
    whole = copy_of(a_settled_club)
    arguments = "import", "purchases", "till.csv"
    done = typed(tmp_path, *arguments, BYWALEC_DATABASE__URL=url_of(whole))
    assert f"{_BATCHES * LINES} purchases imported" in done.out, done
    expected = _kept(whole)

    where = copy_of(a_settled_club)
    chance = random.Random(seed)
    for _ in range(_DEATHS):
        batch, is_written = chance.randint(1, _BATCHES - 1), chance.choice("01")
        dead = subprocess.run(
            [sys.executable, "-m", "tests.reliability.importing", str(batch), is_written, *arguments],
            cwd=tmp_path, capture_output=True, check=False, timeout=90,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(_ROOT), "BYWALEC_DATABASE__URL": url_of(where)},
        )  # fmt: skip
        assert dead.returncode == -signal.SIGKILL, dead
    done = typed(tmp_path, *arguments, BYWALEC_DATABASE__URL=url_of(where))
    assert done.code == 0, done
    assert _kept(where) == expected
    assert "Nothing is new" in typed(tmp_path, *arguments, BYWALEC_DATABASE__URL=url_of(where)).out
