"""Updates handed to the app: at once where they are independent, in order for each person in each chat."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import structlog

from adapters.failures import failure
from adapters.pauses import growing_delays, rest
from adapters.pictures import Fetch, with_picture
from adapters.ports import App
from adapters.telegram.answering import Answers
from adapters.telegram.heard import AnonymousCommand, Heard, Listener
from adapters.telegram.places import PLATFORM
from adapters.telegram.plain import plain
from adapters.telegram.reading import Unreadable
from adapters.telegram.receipts import Receipt
from adapters.telegram.rights import Admins
from adapters.telegram.translate import kind_of, translate
from bot.errors import TryLater
from bot.events import (
    Answered,
    BotPresenceChanged,
    ButtonPressed,
    Command,
    Identity,
    Participation,
    PersonEvent,
    PictureSent,
    SpaceMigrated,
)
from bot.tracing import about

log = structlog.get_logger("bywalec.telegram")
_FIRST_WAIT_S = 0.5
# Within ten seconds of the database coming back everybody is heard again.
_LONGEST_WAIT_S = 5.0
T = TypeVar("T")


class Stopped(Exception):
    """We are stopping; what was not done will be delivered again."""


@dataclass(frozen=True, slots=True)
class _Item:
    """One thing to do for one update: `heard`, or None for an update that is given up for `reason`."""

    index: int
    update: object
    heard: Heard | None
    reason: str = ""
    receipt: Receipt | None = None


class Intake:
    """Takes updates in. What a call returns for is committed."""

    def __init__(
        self,
        app: App,
        listener: Listener,
        admins: Admins,
        answers: Answers,
        fetch: Fetch,
        stopping: asyncio.Event,
    ) -> None:
        self._app = app
        self._fetch = fetch
        self._listener = listener
        self._admins = admins
        self._answers = answers
        self._stopping = stopping

    async def take_one(self, update: object) -> None:
        """Take one update in. Raises TryLater if nothing was done."""
        for item in self._items(0, update):
            event = item.heard.event if item.heard else None
            if isinstance(event, Participation):
                await self._take_part([event])
            else:
                await self._do_or_park(item)

    async def take_all(self, updates: Sequence[object]) -> int:
        """Take a batch in, waiting while the database is away; return how many of its first updates are committed.

        Fewer than all of them only when stopping.
        """
        said = self._plain(updates)
        if said is not None:
            return len(updates) if await self._is_taken(said) else 0
        undone = [0] * len(updates)
        items = [item for index, update in enumerate(updates) for item in self._items(index, update)]
        for item in items:
            undone[item.index] += 1
        for segment in _segments(items):
            await self._take_segment(segment, undone)
        return next((index for index, count in enumerate(undone) if count), len(updates))

    def _plain(self, updates: Sequence[object]) -> list[Participation] | None:
        """Return what was said where all of it is plain words in groups, as it mostly is, and None where it is not."""
        said: list[Participation] = []
        for update in updates:
            event = plain(update, self._listener.bot.id)
            if event is None:
                return None
            said.append(event)
        if said:
            self._listener.now.heard(said[-1].at)
        return said

    def _items(self, index: int, update: object) -> list[_Item]:
        try:
            items = [
                _Item(index, update, heard, receipt=self._answers.expect(heard.callback_id))
                for heard in translate(update, self._listener)
            ]
        except Unreadable as error:
            return [_Item(index, update, None, str(error))]
        except Exception as error:
            log.error("translation_failed", kind=kind_of(update), **failure(error))
            return [_Item(index, update, None, type(error).__name__)]
        for item in items:
            if item.heard is not None and item.heard.callback_id is None:
                self._listener.now.heard(item.heard.event.at)
        return items

    async def _take_segment(self, segment: Sequence[_Item], undone: list[int]) -> None:
        lanes: defaultdict[object, list[_Item]] = defaultdict(list)
        participation: list[tuple[int, Participation]] = []
        for item in segment:
            event = item.heard.event if item.heard else None
            if isinstance(event, Participation):
                participation.append((item.index, event))
            else:
                lanes[_lane(item)].append(item)
        await asyncio.gather(*(self._take_lane(lane, undone) for lane in lanes.values()))
        if participation:
            await self._take_participation(participation, undone)

    async def _take_lane(self, lane: Sequence[_Item], undone: list[int]) -> None:
        for item in lane:
            try:
                await self._when_possible(lambda item=item: self._do_or_park(item))  # type: ignore[misc]
            except Stopped:
                return
            undone[item.index] -= 1

    async def _take_participation(self, batch: Sequence[tuple[int, Participation]], undone: list[int]) -> None:
        if await self._is_taken([event for _, event in batch]):
            for index, _ in batch:
                undone[index] -= 1

    async def _is_taken(self, events: Sequence[Participation]) -> bool:
        """Have the events committed; return whether they are, which is so unless we are stopping."""
        try:
            await self._when_possible(lambda: self._take_part(events))
        except Stopped:
            return False
        return True

    async def _when_possible(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do it, again and again while the database is away. Raises Stopped."""
        for wait_s in growing_delays(_FIRST_WAIT_S, _LONGEST_WAIT_S):
            if self._stopping.is_set():
                break
            try:
                return await work()
            except TryLater:
                log.warning("database_away", wait_s=wait_s)
                await rest(wait_s, self._stopping)
        raise Stopped

    async def _take_part(self, events: Sequence[Participation]) -> None:
        try:
            await self._app.take_part(events)
        except TryLater:
            raise
        except Exception as error:
            # The app sets a bad event apart itself; should that fail, the updates behind it still count.
            log.error("participation_failed", count=len(events), **failure(error))
            await self._app.park(events[0].key, "participation", type(error).__name__)

    async def _do_or_park(self, item: _Item) -> None:
        try:
            with about(_update_key(item.update) if item.heard is None else item.heard.event.key):
                await self._do(item)
        except TryLater:
            raise
        except Exception as error:
            # The app parks what it cannot handle; this is about ourselves, and must not hold up the others either.
            log.error("intake_failed", kind=kind_of(item.update), **failure(error))
            await self._park(item.update, type(error).__name__)

    async def _do(self, item: _Item) -> None:
        if item.heard is None:
            await self._park(item.update, item.reason)
            return
        event = item.heard.event
        assert not isinstance(event, Participation)
        if isinstance(event, AnonymousCommand):
            self._answers.background.start(self._answers.explain_anonymity(event, item.heard.message_id))
            return
        if isinstance(event, Command | ButtonPressed | Answered | PictureSent):
            event = replace(event, platform_admin=await self._is_admin(event))
        if isinstance(event, PictureSent):
            event = await with_picture(event, item.heard.attached, self._app, self._fetch)
        replies = await self._app.handle(event)
        if replies or item.heard.callback_id is not None:
            self._answers.background.start(self._answers.give(item.heard, replies, item.receipt))

    async def _is_admin(self, event: PersonEvent) -> bool:
        """Whether the person administers the group they are in, or that a button is about that went out in private."""
        group = event.place.channel_id
        if event.place.is_private:
            asked_in = await self._app.asked_in(event) if isinstance(event, ButtonPressed) else None
            if asked_in is None:
                return False
            group = asked_in
        return await self._admins.has(group, event.person.identity.user_id)

    async def _park(self, update: object, reason: str) -> None:
        await self._app.park(_update_key(update), kind_of(update), reason)


def _update_key(update: object) -> str:
    update_id = update.get("update_id") if isinstance(update, dict) else None
    return f"{PLATFORM}:update:{str(update_id)[:40]}"


def _segments(items: Sequence[_Item]) -> Iterator[list[_Item]]:
    """Split where order counts; within a segment commands and the like are done first, participation in bulk after.

    Where a space itself changes, what came before belongs to the old one. And who leaves, or says anything to the
    bot, took part before that in whatever came before, even if in another chat.
    """
    segment: list[_Item] = []
    took_part: set[Identity] = set()
    for item in items:
        event = item.heard.event if item.heard else None
        if isinstance(event, SpaceMigrated | BotPresenceChanged):
            yield from (segment, [item])
            segment, took_part = [], set()
            continue
        if isinstance(event, PersonEvent):
            if isinstance(event, Participation):
                took_part.add(event.person.identity)
            elif event.person.identity in took_part:
                yield segment
                segment, took_part = [], set()
        segment.append(item)
    yield segment


def _lane(item: _Item) -> object:
    if item.heard is None:
        return item.index
    event = item.heard.event
    who = event.person.identity.user_id if isinstance(event, PersonEvent) else None
    return event.place.channel_id, who
