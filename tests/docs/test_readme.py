"""The conversation in the README is what the demo says."""

import re
from pathlib import Path

from tests.adapters.console.room import transcript

README = Path(__file__).parents[2] / "README.md"


async def test_the_conversation_in_the_readme_is_real(tmp_path: Path) -> None:
    block = re.search(r"^```text\n(.*?)^```", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert block is not None
    lines = block[1].splitlines()
    typed = [line.removeprefix("> ") for line in lines if line.startswith("> ")]
    answers = [line for line in lines if not line.startswith("> ")]
    said = [_at_home(line.rstrip()) for line in await transcript(tmp_path / "demo.db", typed)]
    assert said[-len(answers) :] == answers


def _at_home(line: str) -> str:
    """Return a line without the temporary folder that a picture was written to."""
    return re.sub(r"(\[picture: ).*/\d+-", r"\1", line)
