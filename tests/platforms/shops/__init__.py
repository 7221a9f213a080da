"""Shops as they call: bodies as their documentation shows them, signed as it says, by nothing of ours."""

from tests.platforms.shops.calls import KINDS, NOTIFICATION_URL, OLD_SECRET, SECRET, HookCall, signed
from tests.platforms.shops.stories import STORIES, Told

__all__ = ["KINDS", "NOTIFICATION_URL", "OLD_SECRET", "SECRET", "STORIES", "HookCall", "Told", "signed"]
