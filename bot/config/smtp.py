"""Settings of the mail server that codes are sent through."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from bot.config.section import Section
from bot.config.types import OptionalSecret, Text
from bot.mail import mailable


def _mailable(text: str) -> str:
    if mailable(text) != text:
        raise ValueError("is no address")
    return text


MailAddress = Annotated[
    str, AfterValidator(_mailable), Field(description='an e-mail address such as "club@example.org"')
]


class SmtpSettings(Section):
    """The mail server for codes that prove a member's e-mail address. Without a host the cashier confirms addresses."""

    host: Text | None = None
    port: Annotated[int, Field(ge=1, le=65535, strict=True)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: Text | None = None
    password: OptionalSecret = None
    sender: MailAddress | None = None

    @property
    def is_on(self) -> bool:
        """Whether mail is sent."""
        return self.host is not None
