"""Who administers a group: asked from the platform, remembered for a minute."""

import time
from collections.abc import Callable

import structlog
import telegram
from telegram.error import TelegramError

log = structlog.get_logger("bywalec.telegram")
_KNOWN_FOR_S = 60.0
_FORGET_ABOVE = 1000
_ADMINS = frozenset({"creator", "administrator"})


class Admins:
    """Administrators of groups, by (chat id, user id)."""

    def __init__(self, bot: telegram.Bot, clock: Callable[[], float] = time.monotonic) -> None:
        self._bot = bot
        self._clock = clock
        self._known: dict[tuple[str, str], tuple[float, bool]] = {}

    async def has(self, chat_id: str, user_id: str) -> bool:
        """Whether the person administers the group now; no, if the platform does not say."""
        now = self._clock()
        known = self._known.get((chat_id, user_id))
        if known is not None and known[0] > now:
            return known[1]
        try:
            member = await self._bot.get_chat_member(int(chat_id), int(user_id))
        except TelegramError as error:
            log.warning("rights_unknown", error=type(error).__name__)
            return False
        if len(self._known) >= _FORGET_ABOVE:
            self._known.clear()
        is_admin = member.status in _ADMINS
        self._known[chat_id, user_id] = (now + _KNOWN_FOR_S, is_admin)
        return is_admin
