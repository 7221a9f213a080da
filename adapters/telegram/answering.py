"""Answers to the one who asked: in private or in the group, as a new message, an edit, an alert or a reaction."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from weakref import WeakValueDictionary

import structlog
from telegram.error import BadRequest, Forbidden, NetworkError, TelegramError

from adapters.background import Background
from adapters.pauses import growing_delays
from adapters.telegram.drafts import Drafts, Target, units
from adapters.telegram.heard import AnonymousCommand, Heard
from adapters.telegram.limits import Crowded
from adapters.telegram.posting import nobody_there
from adapters.telegram.receipts import Receipt
from adapters.telegram.seldom import Seldom
from adapters.telegram.sending import ANSWER, Messenger
from bot.events import Answered, ButtonPressed, Command, PersonEvent, PictureSent
from bot.members.names import clean_name
from bot.replies import Button, MemberName, Reply, Visibility

log = structlog.get_logger("bywalec.telegram")
_ALERT_UNITS = 200
LINE_STANDS_S = 60.0
_TRIES = 4
_FIRST_RETRY_S = 1.0
_LONGEST_RETRY_S = 8.0


class Unreachable(Exception):
    """The person has not started a chat with the bot, or has blocked it."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Sends answers, those of one chat in the order in which they were given.

    `group_commands` are the commands that make sense in a group alone. `hints` admits lines nobody asked for.
    """

    messenger: Messenger
    drafts: Drafts
    background: Background
    turns: WeakValueDictionary[str, asyncio.Lock]
    group_commands: Collection[str]
    hints: Seldom

    def expect(self, callback_id: str | None) -> Receipt | None:
        """Return the receipt of a press, given in time even if its answer is not."""
        if callback_id is None:
            return None
        receipt = Receipt(callback_id, self.messenger)
        self.background.start_idle(receipt.run())
        return receipt

    async def give(self, heard: Heard, replies: list[Reply], receipt: Receipt | None = None) -> None:
        """Send the replies to an event."""
        event = heard.event
        assert isinstance(event, PersonEvent)
        turn = self.turns.setdefault(event.place.channel_id, asyncio.Lock())
        if receipt is not None:
            replies = await self._receipt(receipt, event, replies)
        async with turn:
            try:
                for reply in replies:
                    await self._give_one(heard, event, reply)
            except Unreachable:
                await self._ask_to_write(event, replies[0].language)

    async def explain_anonymity(self, event: AnonymousCommand, message_id: int | None) -> None:
        """Say in the group how its admins may use commands, seldom."""
        place = event.place
        if self.hints.admits(("anonymous_admin", place.channel_id)):
            target = Target(place.channel_id, is_group=True, thread_id=place.thread_id, reply_to=message_id)
            await self._send(Reply("anonymous_admin"), target)

    async def _receipt(self, receipt: Receipt, event: PersonEvent, replies: list[Reply]) -> list[Reply]:
        """Answer a press, with a short private reply as an alert in a group; return the replies still to be sent."""
        if not event.place.is_private and len(replies) == 1 and _is_bare(replies[0]):
            text = self.drafts.plain(replies[0])
            if text and units(text) <= _ALERT_UNITS:
                return [] if await receipt.settle(text) else replies
        await receipt.settle()
        return replies

    async def _give_one(self, heard: Heard, event: PersonEvent, reply: Reply) -> None:
        place = event.place
        here = Target(place.channel_id, is_group=not place.is_private, thread_id=place.thread_id)
        noted = heard.message_id if reply.noted and heard.callback_id is None else None
        if noted is not None and await self.messenger.note(here, noted):
            return
        await self._send(reply, self._target(heard, event, reply))

    def _target(self, heard: Heard, event: PersonEvent, reply: Reply) -> Target:
        place = event.place
        in_group = not place.is_private
        # A question in a group can only be answered by replying to it, and an edit cannot ask for that.
        if reply.edit and isinstance(event, ButtonPressed) and not (reply.asks and in_group):
            return Target(
                place.channel_id, in_group, place.thread_id, edits=heard.message_id, edits_photo=heard.is_photo
            )
        if in_group and reply.visibility is Visibility.PRIVATE and not self._stays(event, reply):
            return Target(event.person.identity.user_id, is_group=False)
        quotes = heard.message_id if in_group and not isinstance(event, ButtonPressed) else None
        return Target(place.channel_id, in_group, place.thread_id, reply_to=quotes)

    def _stays(self, event: PersonEvent, reply: Reply) -> bool:
        """Whether an answer stays in the group though only one person is meant: a dialogue about the group does."""
        begins_one = isinstance(event, Command) and event.name in self.group_commands and bool(reply.buttons)
        return begins_one or reply.asks or isinstance(event, Answered | PictureSent)

    async def _send(self, reply: Reply, target: Target) -> str | None:
        """Send a reply, again after a network error; an answer twice does less harm than none."""
        for tries, delay_s in enumerate(growing_delays(_FIRST_RETRY_S, _LONGEST_RETRY_S), start=1):
            try:
                return await self.messenger.send(reply, target, ANSWER)
            except (Forbidden, BadRequest) as error:
                if not target.is_group and (isinstance(error, Forbidden) or nobody_there(error)):
                    await self.messenger.unreachable(target, error.message)
                    raise Unreachable from error
                log.warning("answer_refused", template=reply.template, error=error.message)
                return None
            except (TelegramError, Crowded) as error:
                if tries >= _TRIES or not isinstance(error, NetworkError):
                    log.warning("answer_lost", template=reply.template, error=type(error).__name__)
                    return None
            await asyncio.sleep(delay_s)
        raise AssertionError("delays never end")

    async def _ask_to_write(self, event: PersonEvent, language: str) -> None:
        """Say in the group, without figures, that the answer waits in private; the line goes away after a while."""
        place, person = event.place, event.person
        if place.is_private or not self.hints.admits(("write_to_me", place.channel_id, person.identity)):
            return
        name = MemberName(clean_name(person.name, person.username or "…"), (person.identity,))
        button = Button("start_chat", opens_chat="hello")
        line = Reply("write_to_me", {"name": name}, ((button,),), language=language)
        target = Target(place.channel_id, is_group=True, thread_id=place.thread_id)
        message_id = await self._send(line, target)
        if message_id is not None:
            self.background.start_idle(self.messenger.delete_later(target, message_id, LINE_STANDS_S))


def _is_bare(reply: Reply) -> bool:
    is_text_alone = not reply.buttons and not reply.asks and reply.picture is None
    return reply.visibility is Visibility.PRIVATE and not reply.edit and is_text_alone
