"""The owner's mail server: how it is spoken to, and what its refusals mean."""

import aiosmtplib
from aiosmtplib.errors import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPResponseException

from adapters.outcomes import Dropped, Later, Outcome, retry_delay_s
from bot.config.smtp import SmtpSettings

_TIMEOUT_S = 20.0
_FOR_GOOD = 500
AWAY = (SMTPException, OSError, TimeoutError, ValueError)
"""What speaking to a server may raise."""


def server(settings: SmtpSettings) -> aiosmtplib.SMTP:
    """Return a connection to be opened: `async with server(settings) as smtp`. Opening it may raise one of AWAY."""
    password = settings.password
    return aiosmtplib.SMTP(
        hostname=settings.host,
        port=settings.port,
        username=settings.username,
        password=None if password is None else password.get_secret_value(),
        use_tls=settings.security == "tls",
        start_tls=settings.security == "starttls",
        timeout=_TIMEOUT_S,
    )


def outcome_of(error: BaseException, tries: int) -> Outcome:
    """Return what becomes of a mail. Of what the server says only the number is kept: its words name the address."""
    code = code_of(error)
    said = type(error).__name__ if code is None else f"SMTP {code}"
    is_its_own = isinstance(error, SMTPRecipientsRefused | SMTPDataError)
    if is_its_own and code is not None and code >= _FOR_GOOD:
        return Dropped(said)
    return Later(retry_delay_s(tries), said, is_away=not is_its_own)


def code_of(error: BaseException) -> int | None:
    """Return the number a server answered, None where it did not."""
    if isinstance(error, SMTPRecipientsRefused):
        return min(one.code for one in error.recipients)
    return error.code if isinstance(error, SMTPResponseException) else None
