"""How this program is started again, as one would type it."""

import shlex
import shutil
import sys
from pathlib import Path


def typed(script: Path, *arguments: str) -> str:
    """Return the line that runs `script` from the working folder, such as ".venv/bin/python run_bot.py check"."""
    here = Path.cwd()
    # Never resolved: the Python of a virtual environment is a link to one that lacks what is installed there.
    python = Path(sys.executable)
    if python.is_relative_to(here):
        name = str(python.relative_to(here))
    else:
        name = "python" if shutil.which("python") == sys.executable else sys.executable
    shown = script.relative_to(here) if script.is_relative_to(here) else script
    return shlex.join([name, str(shown), *arguments])
