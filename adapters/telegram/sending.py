"""Writing one message: within the limits, in plain text where markup is refused, to where the group moved."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
import telegram
from telegram.error import BadRequest, ChatMigrated, RetryAfter, TelegramError

from adapters.ports import App
from adapters.telegram.client import FloodOfAll, pause_s
from adapters.telegram.drafts import Draft, Drafts, Target
from adapters.telegram.limits import Crowded, Limiter
from adapters.telegram.places import PLATFORM, private_place
from adapters.telegram.writing import send_photo, write
from bot.errors import TryLater
from bot.events import (
    BotPresenceChanged,
    Identity,
    Person,
    Place,
    ReachabilityChanged,
    SpaceMigrated,
    SpaceRef,
)
from bot.replies import Reply
from messages.pictures.drawing import Drawn

log = structlog.get_logger("bywalec.telegram")
_MOST_CHANGES = 5
_NOTED = "👍"


@dataclass(frozen=True, slots=True)
class Haste:
    """How urgent a message is: answers go before posts; no message waits longer than `patience_s`.

    `begin` is awaited right before each request; what it raises keeps the message from being sent.
    """

    is_post: bool
    patience_s: float
    begin: Callable[[], Awaitable[None]]


async def _at_once() -> None:
    return None


ANSWER = Haste(is_post=False, patience_s=90.0, begin=_at_once)
_POST_PATIENCE_S = 3.0


def post_of(begin: Callable[[], Awaitable[None]]) -> Haste:
    """Return the haste of a post, which `begin` lets go."""
    return Haste(is_post=True, patience_s=_POST_PATIENCE_S, begin=begin)


class Messenger:
    """Writes messages, and tells the app what it learns by it: groups that moved, people who cannot be reached."""

    def __init__(
        self, bot: telegram.Bot, drafts: Drafts, limiter: Limiter, app: App, now: Callable[[], datetime]
    ) -> None:
        self._bot = bot
        self._drafts = drafts
        self._limiter = limiter
        self._app = app
        self._now = now

    async def send(self, reply: Reply, target: Target, haste: Haste) -> str:
        """Send a reply (or edit the message it replaces) and return the message's id. Raises Crowded, TelegramError."""
        draft = await self._drafts.of(reply, target)
        message_id = await self._deliver(draft, reply, haste)
        if draft.beside is not None:
            await self._add(draft.beside, target, haste)
        return message_id

    async def _deliver(self, draft: Draft, reply: Reply, haste: Haste) -> str:
        for _ in range(_MOST_CHANGES):
            await self._admit(draft.target, haste)
            try:
                message_id = await write(self._bot, draft)
                self._limiter.accepted()
                return message_id
            except RetryAfter as error:
                refusal: TelegramError = self._paused(draft.target, error)
                if haste.is_post:
                    # It waits in the database, where whoever sends next finds until when.
                    raise refusal from error
            except ChatMigrated as error:
                draft = replace(draft, target=await self._moved(draft.target, str(error.new_chat_id)))
                refusal = error
            except BadRequest as error:
                changed = self._drafts.changed(draft, reply, error)
                if changed is None:
                    raise
                log.warning("message_changed", error=error.message)
                draft, refusal = changed, error
        raise refusal

    async def _add(self, photo: Drawn, target: Target, haste: Haste) -> None:
        """Send a picture after the text that was too long to go under it; the text stands without it too."""
        draft = Draft(replace(target, reply_to=None, edits=None), "", None, None)
        try:
            await self._admit(draft.target, replace(haste, begin=_at_once))
            await send_photo(self._bot, draft, photo)
            self._limiter.accepted()
        except RetryAfter as error:
            self._paused(target, error)
            log.warning("picture_lost", picture=photo.name, error=type(error).__name__)
        except (TelegramError, Crowded) as error:
            log.warning("picture_lost", picture=photo.name, error=type(error).__name__)

    async def delete_later(self, target: Target, message_id: str, after_s: float) -> None:
        """Delete one of our messages after a while, if it is still there."""
        await asyncio.sleep(after_s)
        try:
            await self._bot.delete_message(int(target.chat_id), int(message_id))
        except TelegramError as error:
            log.info("delete_failed", error=type(error).__name__)

    async def note(self, target: Target, message_id: int) -> bool:
        """React to a message in place of an answer; return whether that was taken."""
        try:
            return await self._bot.set_message_reaction(int(target.chat_id), message_id, _NOTED)
        except TelegramError as error:
            log.info("reaction_failed", error=type(error).__name__)
            return False

    async def receipt(self, callback_id: str, text: str | None = None) -> bool:
        """Answer a press, with an alert if there is a text; return whether that was taken in time."""
        try:
            return await self._bot.answer_callback_query(callback_id, text, show_alert=None if text is None else True)
        except TelegramError as error:
            log.info("receipt_failed", error=type(error).__name__)
            return False

    async def unreachable(self, target: Target, error_name: str) -> None:
        """Tell the app that nothing can be written there."""
        log.info("unreachable", is_group=target.is_group, error=error_name)
        at, event_id = self._now(), f"unreachable:{int(self._now().timestamp())}"
        if target.is_group:
            place = Place(PLATFORM, target.chat_id, SpaceRef(PLATFORM, target.chat_id))
            await self._tell(BotPresenceChanged(event_id=event_id, at=at, place=place, is_present=False))
            return
        person = Person(Identity(PLATFORM, target.chat_id), "")
        place = private_place(target.chat_id)
        await self._tell(ReachabilityChanged(event_id=event_id, at=at, place=place, person=person, is_reachable=False))

    async def _admit(self, target: Target, haste: Haste) -> None:
        await self._limiter.admit(
            target.chat_id,
            is_group=target.is_group,
            is_post=haste.is_post,
            is_edit=target.edits is not None,
            patience_s=haste.patience_s,
            begin=haste.begin,
        )

    def _paused(self, target: Target, error: RetryAfter) -> RetryAfter:
        """Hold back what is written next; return the refusal as what it is, one of this chat or of all."""
        seconds = pause_s(error)
        if isinstance(error, FloodOfAll):
            self._limiter.pause_all(seconds)
            return error
        return FloodOfAll(timedelta(seconds=seconds)) if self._limiter.pause(target.chat_id, seconds) else error

    async def _moved(self, target: Target, new_chat_id: str) -> Target:
        place = Place(PLATFORM, target.chat_id, SpaceRef(PLATFORM, target.chat_id))
        await self._tell(
            SpaceMigrated(event_id=f"migrated:{new_chat_id}", at=self._now(), place=place, new_space_id=new_chat_id)
        )
        # Message ids of the old group mean nothing in the new one.
        return replace(target, chat_id=new_chat_id, reply_to=None, edits=None)

    async def _tell(self, event: SpaceMigrated | BotPresenceChanged | ReachabilityChanged) -> None:
        try:
            await self._app.handle(event)
        except TryLater:
            # The next message there meets the same refusal and tells it again.
            log.warning("database_away")
