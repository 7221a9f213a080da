"""The queue of updates: what the bot has asked for, what it has confirmed, who waits for more."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress

from .errors import ApiError, Json

KINDS = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "guest_message",
    "message_reaction",
    "message_reaction_count",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "shipping_query",
    "pre_checkout_query",
    "purchased_paid_media",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
    "managed_bot",
)
NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}
LONGEST_POLL_S = 50
# How far past the newest update an offset may lie before the platform takes it for another server's.
FUTURE_OFFSETS = 10

SECOND_CONSUMER = "terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_SET = "terminated by setWebhook request"


class Signal:
    """Wakes everyone who waits for something to change."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def notify(self) -> None:
        """Wake all who wait."""
        event, self._event = self._event, asyncio.Event()
        event.set()

    async def wait(self, timeout_s: float) -> None:
        """Return on the next change, or after `timeout_s`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._event.wait()


class UpdateQueue:
    """Unconfirmed updates in order. `confirmed_offset`: every update below it is confirmed."""

    def __init__(self, first_update_id: int, signal: Signal) -> None:
        self.next_update_id = first_update_id
        self.pending: list[tuple[int, Json]] = []
        self.confirmed_offset = 0
        self.polls = 0
        self.closing = False
        self._allowed: list[str] = []
        self._signal = signal
        self._consumer: object = None
        self._conflict = SECOND_CONSUMER

    @property
    def allowed(self) -> Sequence[str]:
        """What the bot asked for; empty for the default set."""
        return self._allowed

    def allow(self, kinds: list[str] | None) -> None:
        """Remember which kinds of updates the bot wants from now on; None keeps the former choice."""
        if kinds is not None:
            self._allowed = list(kinds)

    def wants(self, kind: str) -> bool:
        """Whether updates of this kind are queued."""
        return kind in self._allowed if self._allowed else kind not in NOT_BY_DEFAULT

    def add(self, kind: str, payload: Json) -> int | None:
        """Queue an update; returns its id, or None if the bot did not ask for this kind."""
        return self.inject({kind: payload}) if self.wants(kind) else None

    def inject(self, update: Json) -> int:
        """Queue an update as it is; without an "update_id" it gets the next one. Returns the id it is confirmed by."""
        update_id = self.next_update_id
        self.next_update_id += 1
        self.pending.append((update_id, {"update_id": update_id, **update}))
        self._signal.notify()
        return update_id

    def remove(self, update_id: int) -> None:
        """Forget one delivered update."""
        self.pending = [(known, update) for known, update in self.pending if known != update_id]
        self.confirmed_offset = max(self.confirmed_offset, update_id + 1)

    def drop_all(self) -> None:
        """Forget everything that waits."""
        self.pending = []

    def interrupt(self, conflict: str) -> None:
        """End the poll under way with 409."""
        self._consumer, self._conflict = None, conflict
        self._signal.notify()

    async def fetch(self, offset: int, limit: int, timeout_s: int) -> list[Json]:
        """getUpdates: confirm what lies below `offset`, wait for something to hand out. Raises ApiError 409."""
        self.polls += 1
        self.interrupt(SECOND_CONSUMER)
        me = self._consumer = object()
        self._confirm(offset)
        deadline = time.monotonic() + min(max(timeout_s, 0), LONGEST_POLL_S)
        while not self.pending and not self.closing and (left_s := deadline - time.monotonic()) > 0:
            await self._signal.wait(left_s)
            if self._consumer is not me:
                raise ApiError(409, self._conflict)
        return [update for _, update in self.pending[: limit if 1 <= limit <= 100 else 100]]

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            offset = max(self.next_update_id + offset, self.pending[0][0] if self.pending else 0)
        elif offset > self.next_update_id + FUTURE_OFFSETS:
            return
        self.pending = [(update_id, update) for update_id, update in self.pending if update_id >= offset]
        self.confirmed_offset = max(self.confirmed_offset, offset)
