"""What a check of a platform found, as `run_bot.py check` shows it."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact about the set-up. `text` is an English sentence that says what to click where something is wrong."""

    level: Literal["ok", "off", "warning", "problem"]
    text: str


def out_of_reach(name: str, address: str) -> Finding:
    """Return what to say where a platform cannot be reached at all."""
    return Finding(
        "problem", f"This computer could not reach {name} (api_base_url {address}). Is it online? Then try again."
    )
