"""Posts of the outbox, delivered into channels and direct channels."""

from collections.abc import Callable
from datetime import datetime

import discord

from adapters.discord.breaker import Paused, guard_pause_s
from adapters.discord.deeds import GONE, do
from adapters.discord.display import Display
from adapters.discord.intake import Silent
from adapters.discord.rest import FAILURES, Rest
from adapters.discord.translate import PLATFORM, identity_of
from adapters.outbox import Begin
from adapters.outcomes import Done, Dropped, Later, Outcome, Pause, Refused, Sent, retry_delay_s
from bot.events import Person, Place, ReachabilityChanged
from bot.replies import Waiting

_CANNOT_WRITE = 50007
_ALREADY_DELETED = 10008


class Delivery:
    """Delivers posts. The nonce of a post makes Discord take it once, however often it is sent in a few minutes."""

    def __init__(
        self, rest: Rest, display: Display, note: Callable[[Silent], None], now: Callable[[], datetime]
    ) -> None:
        self._rest = rest
        self._display = display
        self._note = note
        self._now = now

    async def deliver(self, waiting: Waiting, begin: Begin) -> Outcome:
        """Send a post, or do a deed, and say how it ended."""
        if waiting.deed is not None:
            return await self._do(waiting, begin)
        drawn = await self._display.message(waiting.reply)
        # What is sent in place of an earlier message is another one. A nonce has 25 characters at most.
        again = "" if waiting.edits is None else f"-{waiting.edits[-8:]}"
        message = drawn.also(nonce=f"bywalec-{waiting.id}{again}", enforce_nonce=True)
        try:
            channel_id = waiting.thread_id or waiting.channel_id
            if waiting.user_id is not None:
                channel_id = await self._rest.direct_channel(waiting.user_id)
            if channel_id is None:
                return Dropped("it has nowhere to go")
            await begin()
            if waiting.edits is not None and await self._rest.edit(channel_id, waiting.edits, drawn):
                return Sent(waiting.edits)
            return Sent(await self._rest.post(channel_id, message))
        except FAILURES as error:
            if waiting.user_id is not None and getattr(error, "code", None) == _CANNOT_WRITE:
                self._note(self._unreachable(waiting.user_id, waiting.id))
            return _outcome(error, waiting)

    async def _do(self, waiting: Waiting, begin: Begin) -> Outcome:
        try:
            return await do(waiting, begin, self._rest)
        except FAILURES as error:
            if getattr(error, "code", None) in GONE:
                return Done()
            outcome = _outcome(error, waiting)
            return Refused(outcome.error) if isinstance(outcome, Dropped) else outcome

    def _unreachable(self, user_id: str, post_id: int) -> ReachabilityChanged:
        return ReachabilityChanged(
            event_id=f"post{post_id}",
            at=self._now(),
            place=Place(PLATFORM, user_id),
            person=Person(identity_of(user_id), ""),
            is_reachable=False,
        )


def _outcome(error: BaseException, waiting: Waiting) -> Outcome:
    """Return what becomes of a post that was refused. What may have arrived may come again: the nonce sorts it out."""
    if isinstance(error, Paused):
        return Pause(error.wait_s, f"paused {error.why}", everywhere=True)
    if isinstance(error, discord.RateLimited):
        return Pause(error.retry_after, "429", is_asked=True)
    if not isinstance(error, discord.HTTPException):
        return Later(retry_delay_s(waiting.tries), type(error).__name__, is_away=True)
    reason = f"{error.status} {error.code}"
    asked_s = guard_pause_s(error)
    if asked_s is not None:
        return Pause(asked_s, reason, everywhere=True, is_asked=True)
    if error.code == _ALREADY_DELETED:
        return Dropped(f"{reason}: it was deleted after an earlier send")
    if error.status in (401, 429) or error.status >= 500:
        return Later(retry_delay_s(waiting.tries), reason, is_away=True)
    return Dropped(reason)
