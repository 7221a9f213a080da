"""Shops as they call: bodies as their documentation shows them, signed as it says, by nothing of ours."""

from tests.platforms.shops.calls import KINDS, NOTIFICATION_URL, OLD_SECRET, SECRET, HookCall, signed
from tests.platforms.shops.lines import KINDS_WITH_LINES, Bought, with_lines
from tests.platforms.shops.stories import READ_BACK, STORIES, Told

__all__ = [
    "KINDS",
    "KINDS_WITH_LINES",
    "NOTIFICATION_URL",
    "OLD_SECRET",
    "READ_BACK",
    "SECRET",
    "STORIES",
    "Bought",
    "HookCall",
    "Told",
    "signed",
    "with_lines",
]
