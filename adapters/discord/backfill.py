"""How far each channel was read, and catching up with what was said while nobody listened."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Self

import discord
import structlog

from adapters.discord.intake import Silent, until_done
from adapters.discord.rest import FAILURES, Rest
from adapters.discord.translate import PLATFORM, Json, Listener, posted
from adapters.failures import failure
from adapters.pauses import growing_delays
from adapters.ports import App, Memory
from bot.events import MessagePosted

log = structlog.get_logger("bywalec.discord")
_WITH_MESSAGES = frozenset({0, 2, 5, 13})  # text, voice, announcements, stage; threads are listed apart
_WITH_THREADS = frozenset({0, 5, 15, 16})  # text, announcements, forum, media
_SERVER = "server:"  # before a server's id, under which it is kept how far the server was known
_AT_ONCE = 4
_FIRST_DELAY_S, _LONGEST_DELAY_S = 1.0, 60.0


class Cursors:
    """The last committed message id by channel.

    A cursor never passes a message that may be missing: it stands still while its channel is being read back, while its
    server has not come back after a lost session or an outage, and while a message to us is answered first.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._known: dict[str, str] = {}
        self._first: dict[str, str] = {}
        self._behind: set[str] = set()
        self._awaited: set[str] = set()
        self._held: defaultdict[str, set[str]] = defaultdict(set)
        self._beyond: dict[str, str] = {}

    @property
    def behind(self) -> int:
        """How many channels are being read back."""
        return len(self._behind)

    async def load(self) -> None:
        """Read what was remembered."""
        self._known = dict(await until_done(partial(self._memory.cursors, PLATFORM)))

    def get(self, channel_id: str) -> str | None:
        """Return a channel's cursor."""
        return self._known.get(channel_id) or self._first.get(channel_id)

    def newest_of(self, guild_id: str, channel_ids: Iterable[str]) -> int | None:
        """Return the newest that is known of a server, which has these channels now; None where it was never seen."""
        known = filter(None, map(self.get, (_SERVER + guild_id, *channel_ids)))
        return max(map(int, known), default=None)

    def await_servers(self, guild_ids: Iterable[str]) -> None:
        """Hold the cursors of servers whose events we are not getting, until `server_is_back`."""
        self._awaited.update(guild_ids)

    def server_is_back(self, guild_id: str, behind: Iterable[str], first: Mapping[str, str]) -> None:
        """Let the cursors of a server move again, but for channels that are behind.

        The first cursors of others are saved with whatever is saved next: no cursor passes them.
        """
        self._first.update(first)
        self._behind.update(behind)
        self._awaited.discard(guild_id)

    def caught_up(self, channel_id: str) -> None:
        """Let a channel's cursor move again."""
        self._behind.discard(channel_id)

    def hold(self, message: MessagePosted) -> None:
        """Let a channel's cursor stand still until this message of it is committed, whatever else is meanwhile."""
        self._held[message.place.channel_id].add(message.message_id)

    async def committed(self, events: Sequence[Silent]) -> None:
        """Move the cursors to the newest of these messages, where nothing before it may be missing."""
        newest: dict[str, str] = {}
        for event in events:
            if not isinstance(event, MessagePosted) or event.place.space is None:
                continue
            channel_id = event.place.channel_id
            self._held[channel_id].discard(event.message_id)
            if channel_id in self._behind or event.place.space.space_id in self._awaited:
                continue
            newest[channel_id] = max(newest.get(channel_id, "0"), event.message_id, key=int)
        for channel_id, last in newest.items():
            self._beyond[channel_id] = max(last, self._beyond.get(channel_id, "0"), key=int)
        free = [channel_id for channel_id in newest if not self._held[channel_id]]
        await self.save({channel_id: self._beyond.pop(channel_id) for channel_id in free})

    async def save(self, cursors: dict[str, str]) -> None:
        """Remember cursors that are further than the known ones, and the first ones."""
        first = dict(self._first)
        wanted = (first | cursors).items()
        moved = {channel: last for channel, last in wanted if int(last) > int(self._known.get(channel, "0"))}
        if moved:
            await self._memory.save_cursors(PLATFORM, moved.items())
            self._known |= moved
        self._first = {channel: last for channel, last in self._first.items() if first.get(channel) != last}


def _archived_at(thread: Json) -> datetime:
    return datetime.fromisoformat(thread["thread_metadata"]["archive_timestamp"])


@dataclass(frozen=True, slots=True)
class _Channel:
    """A channel or thread: its last message, if it has any, and the cursor with which all of it is to be read."""

    id: str
    last: int
    begins: int

    @classmethod
    def of(cls, channel: Json, *, is_thread: bool = False) -> Self:
        number = int(channel["id"])
        # What a forum's thread begins with has the id of the thread.
        return cls(str(number), int(channel.get("last_message_id") or number), number - is_thread)


class Backfill:
    """Reads channels from their cursors up to now."""

    def __init__(
        self, app: App, rest: Rest, cursors: Cursors, listener: Listener, may_read: Callable[[str, str], bool]
    ) -> None:
        self._app = app
        self._rest = rest
        self._cursors = cursors
        self._listener = listener
        self._may_read = may_read
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def archived(self, guild: Json) -> list[Json]:
        """Return the threads of a server that were archived since it was left; none where it was never seen."""
        guild_id, left_at = str(guild["id"]), self._left_at(guild)
        if left_at is None:
            return []
        since = discord.utils.snowflake_time(left_at)
        channels = [str(one["id"]) for one in guild["channels"] if one["type"] in _WITH_THREADS]
        found = await asyncio.gather(
            *(self._archived_in(one, since) for one in channels if self._may_read(guild_id, one))
        )
        return [thread for threads in found for thread in threads]

    async def _archived_in(self, channel_id: str, since: datetime) -> list[Json]:
        for delay_s in growing_delays(_FIRST_DELAY_S, _LONGEST_DELAY_S):
            try:
                async with self._room:
                    return await self._archived_since(channel_id, since)
            except (discord.Forbidden, discord.NotFound) as error:
                log.warning("threads_not_read_back", **failure(error))
                break
            except FAILURES as error:
                log.warning("reading_back_interrupted", **failure(error))
                await asyncio.sleep(delay_s)
        return []

    async def _archived_since(self, channel_id: str, since: datetime) -> list[Json]:
        found: list[Json] = []
        before, has_more = None, True
        while has_more:
            page = await self._rest.archived(channel_id, before)
            new = [thread for thread in page["threads"] if _archived_at(thread) >= since]
            found += new
            has_more = bool(page["has_more"] and new)
            before = new[-1]["thread_metadata"]["archive_timestamp"] if new else None
        return found

    def _left_at(self, guild: Json) -> int | None:
        seen = [*guild["channels"], *(guild.get("threads") or ())]
        return self._cursors.newest_of(str(guild["id"]), [str(one["id"]) for one in seen])

    def survey(self, guild: Json, archived: Sequence[Json] = ()) -> tuple[list[str], dict[str, str]]:
        """Return a server's channels with messages we missed, and first cursors for channels never seen.

        A server that was never seen begins with what is said from now on. In any other one a channel without a cursor
        is new, or was archived or closed to us: it begins where the server was left, or else with itself. With
        `archived`, the threads that were archived meanwhile, of channels that we may read.
        """
        guild_id, behind = str(guild["id"]), []
        channels = [_Channel.of(one) for one in guild["channels"] if one["type"] in _WITH_MESSAGES]
        channels += [_Channel.of(one, is_thread=True) for one in guild.get("threads") or ()]
        readable = [channel for channel in channels if self._may_read(guild_id, channel.id)]
        threads = [_Channel.of(one, is_thread=True) for one in archived]
        left_at, first = self._left_at(guild), dict[str, int]()
        for channel in (*readable, *threads):
            known = self._cursors.get(channel.id)
            if known is None:
                first[channel.id] = channel.last if left_at is None else max(left_at, channel.begins)
            if channel.last > (first[channel.id] if known is None else int(known)):
                behind.append(channel.id)
        first[_SERVER + guild_id] = max(
            [left_at or int(guild_id), *(channel.last for channel in (*channels, *threads))]
        )
        return behind, {one: str(cursor) for one, cursor in first.items()}

    async def catch_up(self, guild_id: str, behind: Sequence[str]) -> None:
        """Note where reading begins in new channels, and read what a server's channels are behind."""
        await until_done(partial(self._cursors.save, {}))
        await asyncio.gather(*(self._read(guild_id, channel_id) for channel_id in behind))

    async def _read(self, guild_id: str, channel_id: str) -> None:
        count = 0
        for delay_s in growing_delays(_FIRST_DELAY_S, _LONGEST_DELAY_S):
            try:
                async with self._room:
                    while read := await self._read_page(guild_id, channel_id):
                        count += read
                break
            except (discord.Forbidden, discord.NotFound) as error:
                log.warning("channel_not_read_back", **failure(error))
                break
            except FAILURES as error:
                log.warning("reading_back_interrupted", **failure(error))
                await asyncio.sleep(delay_s)
        self._cursors.caught_up(channel_id)
        log.info("read_back", messages=count)

    async def _read_page(self, guild_id: str, channel_id: str) -> int:
        """Take part in the next page of a channel and move its cursor. Returns how many messages there were."""
        cursor = self._cursors.get(channel_id) or channel_id
        page = await self._rest.history(channel_id, after=cursor)
        if page:
            await until_done(partial(self._app.take_part, await self._events(guild_id, page)))
            await until_done(partial(self._cursors.save, {channel_id: str(page[-1]["id"])}))
        return len(page)

    async def _events(self, guild_id: str, page: Sequence[Json]) -> list[MessagePosted]:
        """Translate a page; a message that cannot be read is parked and does not hold up the rest."""
        events = []
        for message in page:
            try:
                events.append(posted({**message, "guild_id": guild_id}, self._listener))
            except (KeyError, TypeError, ValueError) as error:
                key, reason = f"{PLATFORM}:history:{message['id']}", type(error).__name__
                await until_done(partial(self._app.park, key, "history", reason))
        return events
