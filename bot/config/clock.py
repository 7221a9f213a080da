"""Settings of what the computer's clock is compared with."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from bot.config.section import Section
from bot.config.types import HttpAddress, Switch


class ClockSettings(Section):
    """Whom this computer's clock is compared with, so that a wrong one takes no points."""

    compare: Switch = True
    ask: Annotated[tuple[HttpAddress, ...], Field(max_length=10)] = ()

    def tellers(self, platforms: Iterable[str]) -> tuple[str, ...]:
        """Return the addresses that are asked for the time: those that are set, or else those of the platforms."""
        return (self.ask or tuple(platforms)) if self.compare else ()
