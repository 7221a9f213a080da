"""Looking at voice channels once in each interval of the wall clock: who was there twice has spent one there."""

import asyncio
from collections.abc import Callable, Mapping

from adapters.discord.translate import Listener, voice_present
from adapters.discord.voices import Voices
from bot.config.earning import VoiceRule
from bot.earning.voice import interval_at
from bot.events import Person, VoicePresent

LOOK_EVERY_S = 1.0


class VoiceWatch:
    """Tells of each server who had company at the last look and has it at this one.

    What it remembers need not outlive it: an interval that it did not see from one end to the other earns nothing.
    """

    def __init__(
        self,
        rule: VoiceRule,
        voices: Voices,
        listener: Listener,
        hears: Callable[[str], bool],
        take: Callable[[VoicePresent], None],
    ) -> None:
        self._rule = rule
        self._voices = voices
        self._listener = listener
        self._hears = hears
        self._take = take
        self._interval: int | None = None
        self._before: Mapping[str, Mapping[str, Person]] = {}

    async def run(self) -> None:
        """Look whenever an interval begins, until cancelled. The clock is read often, since it may be put right."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_EVERY_S)

    def look(self) -> None:
        """Look at the voice channels if another interval has begun; one that follows on no other is not seen whole."""
        at = self._listener.now()
        interval = interval_at(at, self._rule)
        if interval == self._interval:
            return
        there: dict[str, Mapping[str, Person]] = {}
        if self._interval == interval - 1:
            heard = [guild_id for guild_id in self._voices.servers if self._hears(guild_id)]
            there = {guild_id: self._voices.in_company(guild_id, self._rule.least_people) for guild_id in heard}
        for guild_id, people in there.items():
            before = self._before.get(guild_id, {})
            stayed = [person for user_id, person in people.items() if user_id in before]
            if stayed:
                self._take(voice_present(guild_id, stayed, interval, at, self._listener.titles))
        self._interval, self._before = interval, there
