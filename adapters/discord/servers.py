"""Which servers the bot is in: their titles, and coming and going, even while nobody listened."""

import json
from collections.abc import Iterable, Sequence
from functools import partial

from adapters.discord.intake import Silent, until_done
from adapters.discord.translate import Json
from adapters.ports import Memory
from bot.config.config import DiscordSettings
from bot.events import BotPresenceChanged

_KEY = "discord.servers"


class Servers:
    """The servers as last committed to the app, so that a removal during an absence is noticed."""

    def __init__(self, memory: Memory, settings: DiscordSettings) -> None:
        self._memory = memory
        self._key = _key(settings)
        self._known: set[str] = set()
        # What was heard and may not be committed yet: a server that comes right after it went must not be missed.
        self._heard: set[str] = set()
        self.titles: dict[str, str] = {}

    async def load(self) -> None:
        """Read what was remembered."""
        stored = await until_done(partial(self._memory.get, self._key))
        if stored is None:
            # The first start as one of several processes: what the one before it knew is a beginning.
            stored = await until_done(partial(self._memory.get, _KEY))
        self._known = set(json.loads(stored or "[]"))
        self._heard = set(self._known)

    def name(self, guild: Json) -> None:
        """Note a server's title."""
        self.titles[str(guild["id"])] = str(guild["name"])

    def left(self, present: Iterable[str], shard: Sequence[int]) -> set[str]:
        """Return servers of a shard that the bot was in and no longer is."""
        number, count = shard
        return {one for one in self._known if (int(one) >> 22) % count == number} - set(present)

    def heard(self, guild_id: str, *, is_present: bool) -> bool:
        """Note that the bot is in a server or no longer is; return whether that is news."""
        is_news = (guild_id in self._heard) is not is_present
        (self._heard.add if is_present else self._heard.discard)(guild_id)
        return is_news

    async def committed(self, events: Sequence[Silent]) -> None:
        """Remember the comings and goings that the app knows now."""
        before = set(self._known)
        for event in events:
            if isinstance(event, BotPresenceChanged) and event.place.space is not None:
                change = self._known.add if event.is_present else self._known.discard
                change(event.place.space.space_id)
        if self._known != before:
            await self._memory.put(self._key, json.dumps(sorted(self._known)))


def _key(settings: DiscordSettings) -> str:
    """Return where this process remembers: each of several has a place of its own, or they would overwrite it."""
    if not settings.shard_ids:
        return _KEY
    return f"{_KEY}.{','.join(map(str, sorted(settings.shard_ids)))}/{settings.shard_count}"
