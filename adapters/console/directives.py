"""Directives of the demo: the clock, the people, the language, the help."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Final

from adapters.console.clock import ZONE, VirtualClock
from adapters.console.club import PEOPLE, SPACES, Club
from adapters.console.grammar import LONGEST, TOO_FAR, At, BadLine, Directive, Help, SetLanguage, Skip, Who
from adapters.console.guide import HELP
from adapters.console.ports import ConsoleApp
from adapters.console.repeats import Repeats
from adapters.console.screen import Screen
from bot.calendar import first_instant
from bot.events import Command
from bot.members.roles import Role
from bot.replies import Reply

Drain = Callable[[str, Repeats], Awaitable[None]]
# A day more, since days on the calendar are longer than 24 hours where the clocks change.
_FARTHEST: Final = LONGEST + timedelta(days=1)
_TITLES: Final = (Role.OWNER, Role.MODERATOR, Role.CASHIER, Role.MEMBER)
_LANGUAGE_NAMES: Final = {"en": "English", "pl": "Polish"}


class Directives:
    """Does directives. `drain` shows what waits in the outbox, under a heading if anything does, but for repeats."""

    def __init__(self, app: ConsoleApp, clock: VirtualClock, screen: Screen, club: Club, drain: Drain) -> None:
        self._app = app
        self._clock = clock
        self._screen = screen
        self._club = club
        self._drain = drain
        self._asked = count(1)

    async def do(self, directive: Directive) -> None:
        """Do one. Raises BadLine for one that cannot be done."""
        match directive:
            case Skip():
                await self._move_forward_to(directive.after(self._clock.now, ZONE))
            case At(day, at):
                await self._move_forward_to(first_instant(day, at, ZONE))
            case Who():
                await self._who()
            case SetLanguage(language):
                await self._set_language(language)
            case Help():
                for line in HELP:
                    self._screen.tell(line)

    async def move_to(self, until: datetime) -> None:
        """Step from one due instant to the next, showing the posts of each, and on to `until`."""
        repeats = Repeats()
        await self._run_due(repeats)
        while (due := await self._app.next_due()) is not None and due <= until:
            self._clock.now = due
            await self._run_due(repeats)
        self._clock.now = until
        if repeats.left_out:
            self._screen.note(f"-- left out: {repeats.left_out} more like these from quiet weeks")

    async def _move_forward_to(self, until: datetime) -> None:
        if until <= self._clock.now:
            raise BadLine(f"the clock only goes forward, and it is {self._clock.shown}")
        if until - self._clock.now > _FARTHEST:
            raise BadLine(TOO_FAR)
        await self.move_to(until)
        self._screen.note(f"-- {self._clock.shown}")

    async def _run_due(self, repeats: Repeats) -> None:
        await self._app.run_due()
        await self._drain(f"-- {self._clock.shown}", repeats)

    async def _who(self) -> None:
        for name in PEOPLE:
            self._screen.tell(f"{name:8}{await self._title(name)}")

    async def _title(self, name: str) -> str:
        """Ask the app: /help lists what someone may do, by role."""
        space = next(iter(SPACES))
        replies = await self._ask(name, space, "help")
        groups = replies[0].fields.get("groups", ()) if replies else ()
        assert isinstance(groups, Sequence)
        roles = {group["role"] for group in groups}
        return next((title.value for title in _TITLES if title in roles), "has not joined")

    async def _set_language(self, language: str) -> None:
        self._club.language = language
        for name in PEOPLE:
            await self._ask(name, None, "language", language)
        self._screen.tell(f"Everybody speaks {_LANGUAGE_NAMES[language]} now; posts to the group follow its /setup.")

    async def _ask(self, name: str, space: str | None, command: str, *words: str) -> list[Reply]:
        """Say a command for someone without showing the answer."""
        event = Command(
            event_id=f"q{self._club.session}-{next(self._asked)}",
            at=self._clock.now,
            place=self._club.place(name, space),
            person=self._club.person(name),
            name=command,
            words=words,
        )
        return await self._app.handle(event)
