"""Numbers for what is heard, in the order it is heard: a clock's microseconds that never stand still or go back."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from adapters.discord.intake import Silent
from adapters.discord.translate import PLATFORM
from adapters.ports import Memory
from bot.events import ReactionChanged, ReactionsCleared

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ORDER = "order:"  # before a server's id, under which the newest number is kept, beside the cursors of channels


class Ascending:
    """Each call gives a higher number than the one before."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._last = 0

    def __call__(self) -> int:
        self._last = max(self._last + 1, (self._now() - _EPOCH) // timedelta(microseconds=1))
        return self._last

    async def load(self, memory: Memory) -> None:
        """Begin above every number that was kept, by whichever process: a clock may have been set back since."""
        kept = await memory.cursors(PLATFORM)
        self._last = max([self._last, *(int(number) for key, number in kept.items() if key.startswith(_ORDER))])


async def keep_order(events: Sequence[Silent], memory: Memory) -> None:
    """Keep the newest number of each server among what was committed."""
    newest: dict[str, int] = {}
    for event in events:
        if isinstance(event, ReactionChanged | ReactionsCleared) and event.place.space is not None:
            key = _ORDER + event.place.space.space_id
            newest[key] = max(newest.get(key, 0), event.order[0])
    if newest:
        await memory.save_cursors(PLATFORM, [(key, str(number)) for key, number in newest.items()])
