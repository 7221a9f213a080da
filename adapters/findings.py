"""What a check of a platform found, as `run_bot.py check` shows it."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact about the set-up. `text` is an English sentence that says what to click where something is wrong."""

    level: Literal["ok", "warning", "problem"]
    text: str
