"""The time that a command goes by which writes beside the bot, or in its place."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from adapters.trusted_clock import TOLERANCE, TrustedClock, utc_now
from bot.config.config import Config
from cli.screen import say

Now = Callable[[], datetime]


def clock_for(config: Config) -> Now:
    """Return the clock of a command: as for the bot, this computer's does not count where others tell another time."""
    if not config.time_tellers:
        return utc_now
    # What speaks HTTP takes a while to load.
    from adapters.told_time import ask, how_far

    clock = TrustedClock(is_told=True)
    at = asyncio.run(ask(config.time_tellers))
    if at is None:
        say("Nobody who was asked told the time; what is done now is dated by this computer's clock.", style="yellow")
    else:
        clock.told(at)
        ahead = utc_now() - at
        if abs(ahead) > TOLERANCE:
            told = f"This computer's clock is {how_far(ahead)} the time that others tell"
            say(f"{told}; what is done now is dated by theirs.", style="yellow")
    return clock
