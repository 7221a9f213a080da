"""A strict Telegram Bot API server on loopback, and the people who use it."""

from .calls import Call
from .entities import compose
from .floods import FloodLimits
from .people import Press
from .people_and_groups import Button, Group, Shown, User
from .server import TelegramServer

__all__ = ["Button", "Call", "FloodLimits", "Group", "Press", "Shown", "TelegramServer", "User", "compose"]
