"""Sending what waits for mail in the outbox: one process does, and what is too late to be of use is dropped."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

import structlog

from adapters.background import Background
from adapters.mail.server import AWAY, outcome_of, server
from adapters.outbox import Begin, Sender
from adapters.outcomes import Dropped, Later, Outcome, Sent
from adapters.ports import OutboxPort
from bot.config.smtp import SmtpSettings
from bot.mail import PLATFORM
from bot.observing import Observer
from bot.replies import Reply, Waiting
from messages.markup import PlainMarkup
from messages.render import Renderer

log = structlog.get_logger("bywalec.mail")
_PLAIN = PlainMarkup()
# Mail servers take few connections of one client at once.
_AT_ONCE = 2


class MailSender:
    """Delivers mail as the adapters of platforms deliver posts."""

    def __init__(
        self,
        settings: SmtpSettings,
        outbox: OutboxPort,
        renderer: Renderer,
        now: Callable[[], datetime],
        observer: Observer,
    ) -> None:
        self._settings = settings
        self._renderer = renderer
        self._now = now
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._sender = Sender(PLATFORM, outbox, self.deliver, observer)
        self._background = Background()

    async def start(self) -> None:
        """Begin to send."""
        self._background.start_idle(self._sender.run())

    async def stop(self) -> None:
        """Send nothing more; what is on its way is finished if it does not take long."""
        await self._sender.stop()
        await self._background.finish(0)

    async def deliver(self, waiting: Waiting, begin: Begin) -> Outcome:
        """Try once to send a mail."""
        expires_at = waiting.reply.fields["expires_at"]
        assert isinstance(expires_at, datetime)
        if self._now() >= expires_at:
            return Dropped("its code is over")
        message = self._message(waiting.reply)
        async with self._room:
            await begin()
            outcome = await self._send(message, waiting.tries)
        if isinstance(outcome, Later):
            log.warning("mail_away", post_id=waiting.id, error=outcome.error, again_in_s=outcome.after_s)
        return outcome

    async def _send(self, message: EmailMessage, tries: int) -> Outcome:
        outcome: Outcome | None = None
        try:
            async with server(self._settings) as smtp:
                await smtp.send_message(message)
                outcome = Sent(message["Message-ID"])
        except AWAY as error:
            # Once it was taken, a bad farewell is no reason to send it again.
            return outcome or outcome_of(error, tries)
        return outcome

    def _message(self, reply: Reply) -> EmailMessage:
        message = EmailMessage()
        sender = Address(self._renderer.programme_name, addr_spec=self._settings.sender or "")
        subject = Reply(f"{reply.template}_subject", reply.fields, language=reply.language)
        message["From"] = sender
        message["To"] = Address(addr_spec=str(reply.fields["address"]))
        message["Subject"] = " ".join(self._renderer.render(subject, _PLAIN).text.split())
        message["Date"] = format_datetime(self._now())
        message["Message-ID"] = f"<{reply.fields['message_id']}@{sender.domain}>"
        # So that no holiday notice comes back.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(self._renderer.render(reply, _PLAIN).text)
        return message
