"""A mail server on loopback, made of aiosmtpd: it wants a password, refuses on demand, and keeps what it is sent."""

import asyncio
import warnings
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class MailServer:
    """`async with MailServer() as server: server.port`. `mails` has what came, `refusals` the answers to addresses."""

    username, password = "club@example.org", "a-password-for-programs"

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.to: list[str] = []
        self.refusals: dict[str, str] = {}
        self._server: asyncio.Server | None = None
        self._port = 0

    @property
    def port(self) -> int:
        return self._port

    @property
    def settings(self) -> dict[str, Any]:
        """The section [smtp] that leads here."""
        about = {"username": self.username, "password": self.password, "sender": "club@example.org"}
        return {"host": "127.0.0.1", "port": self.port, "security": "none"} | about

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._speaker, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    def _speaker(self) -> SMTP:
        with warnings.catch_warnings():
            # It warns of passwords without encryption, which is what loopback is for.
            warnings.simplefilter("ignore")
            return SMTP(
                self,
                hostname="mail.example.org",
                authenticator=self._is_known,
                auth_required=True,
                auth_require_tls=False,
                loop=asyncio.get_running_loop(),
            )

    def _is_known(self, server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        right = LoginPassword(self.username.encode(), self.password.encode())
        return AuthResult(success=given == right, handled=False)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.to += envelope.rcpt_tos
        return "250 OK"
