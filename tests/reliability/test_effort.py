"""The proofs at full length, which run by `make reliability` alone, can be collected at all."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.reliability.effort import VARIABLE

_ROOT = Path(__file__).parents[2]


def test_every_proof_can_be_collected_at_full_length() -> None:
    line = re.search(rf"{VARIABLE}=1 .* pytest -n \S+ (.*)", (_ROOT / "Makefile").read_text(encoding="utf-8"))
    assert line is not None
    asked = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *line[1].split()]
    done = subprocess.run(
        asked, cwd=_ROOT, env=os.environ | {VARIABLE: "1"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
