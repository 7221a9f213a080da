"""The check of the mail server, for `run_bot.py check`: what is wrong, and what to do."""

import ssl

from aiosmtplib.errors import SMTPAuthenticationError, SMTPException

from adapters.findings import Finding
from adapters.mail.server import AWAY, code_of, server
from bot.config.smtp import SmtpSettings


async def check(settings: SmtpSettings) -> list[Finding]:
    """Return whether the server takes us; nothing where none is set. No mail is sent."""
    if not settings.is_on:
        return []
    try:
        async with server(settings) as smtp:
            await smtp.noop()
    except AWAY as error:
        return [Finding("problem", f"Mail: {_explained(error, settings)}.")]
    return [Finding("ok", f"Mail: the server {settings.host} takes us. Codes go out from {settings.sender}.")]


def _explained(error: BaseException, settings: SmtpSettings) -> str:
    where = f"{settings.host}, port {settings.port}"
    if isinstance(error, SMTPAuthenticationError):
        return (
            f"the server {settings.host} refuses smtp.username and smtp.password. Many providers want a password made "
            "for programs, not the one of the mailbox"
        )
    # The library has no class of its own for a server without STARTTLS.
    if type(error) is SMTPException or isinstance(error.__cause__, ssl.SSLError):
        return f'{where} does not do smtp.security = "{settings.security}". Mostly port 587 is starttls and 465 is tls'
    code = code_of(error)
    if code is not None:
        return f"the server {settings.host} answers with {code}"
    return f"this computer could not reach {where}. Is the name right, and does the network let mail out?"
