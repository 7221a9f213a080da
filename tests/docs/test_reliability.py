"""The page of proofs names every file of them, and `make reliability` runs every test that has a full length."""

import re
from pathlib import Path

from tests.reliability import effort

_PROOFS = Path(effort.__file__).parent
_ROOT = _PROOFS.parents[1]
_PAGE = _ROOT / "docs" / "reliability.md"


def test_every_proof_is_on_the_page() -> None:
    page = _PAGE.read_text(encoding="utf-8")
    assert [file.name for file in sorted(_PROOFS.glob("test_*.py")) if f"/{file.name})" not in page] == []


def test_all_that_has_a_full_length_runs_at_it() -> None:
    line = re.search(rf"{effort.VARIABLE}=1 .* pytest -n \S+ (.*)", (_ROOT / "Makefile").read_text(encoding="utf-8"))
    assert line is not None
    run = [_ROOT / folder for folder in line[1].split()]
    asks = re.compile(
        r"^from tests\.reliability\.effort import|^from tests\.reliability import .*\beffort\b", re.MULTILINE
    )
    have = [file for file in (_ROOT / "tests").rglob("test_*.py") if asks.search(file.read_text(encoding="utf-8"))]
    own = {Path(__file__), _PROOFS / "test_effort.py"}
    assert [file for file in have if file not in own and not any(file.is_relative_to(one) for one in run)] == []
