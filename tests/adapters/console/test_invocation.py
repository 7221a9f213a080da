"""How the program says it is started again."""

import sys
from pathlib import Path

import pytest

from adapters.console.invocation import typed


def test_a_python_below_the_folder_is_named_by_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "executable", str(tmp_path / ".venv/bin/python"))
    assert typed(tmp_path / "run_bot.py", "check") == ".venv/bin/python run_bot.py check"


def test_a_python_elsewhere_is_named_so_that_it_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "python"
    python.touch(mode=0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    script = Path("/my bots/run_bot.py")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert typed(script, "check") == "python '/my bots/run_bot.py' check"
    monkeypatch.setenv("PATH", "")
    assert typed(script, "check") == f"{python} '/my bots/run_bot.py' check"
