"""Settings of what the computer's clock is compared with."""

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field

from bot.config.section import Section
from bot.config.types import HttpAddress, Switch


class ClockSettings(Section):
    """Whom this computer's clock is compared with, so that a wrong one takes no points."""

    compare: Switch = True
    ask: Annotated[tuple[HttpAddress, ...], Field(max_length=10)] = ()

    def tellers(self, platforms: Iterable[str]) -> tuple[str, ...]:
        """Return the addresses that are asked for the time: those that are set, or else those of the platforms.

        A server on this very computer goes by the clock that is in question.
        """
        if not self.compare:
            return ()
        return self.ask or tuple(address for address in platforms if not _is_here(address))


def _is_here(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
