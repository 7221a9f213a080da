"""The demo: a seeded club, then one line after the other until there are no more."""

from collections.abc import Awaitable, Callable

from adapters.console.adapter import Console
from adapters.console.clock import VirtualClock
from adapters.console.club import OWNER, Club, demo_config, seeding
from adapters.console.guide import BANNER
from adapters.console.ports import ConsoleApp
from adapters.console.screen import Columns, Screen
from adapters.ports import OutboxPort
from bot.events import Command
from messages.render import Renderer

__all__ = ["VirtualClock", "demo_config", "run_demo", "seed"]


async def run_demo(
    app: ConsoleApp,
    outbox: OutboxPort,
    renderer: Renderer,
    clock: VirtualClock,
    *,
    read_line: Callable[[], Awaitable[str | None]],
    write: Callable[[str], None],
    style: bool,
    columns: Columns = lambda: None,
) -> int:
    """Seed the club where it is not there yet and talk until the input ends; return the exit code, 0.

    `read_line` returns None at the end. `write` gets one line at a time, without its end. `style` asks for colours.
    `columns` tells the width of the terminal, None without one.
    """
    await seed(app, outbox, renderer, clock)
    screen = Screen(renderer, write, is_styled=style, columns=columns)
    console = Console(app, outbox, clock, screen, Club(renderer.language("")))
    for line in BANNER:
        screen.tell(line.format(now=clock.shown))
    while (line_read := await read_line()) is not None:
        if not await console.do(line_read):
            break
    return 0


async def seed(app: ConsoleApp, outbox: OutboxPort, renderer: Renderer, clock: VirtualClock) -> None:
    """Make the club by what its people say in the days before, unless it is there; then it is `clock.start`.

    The clock must show those days already when the database is opened, which is what a new VirtualClock does.
    """
    club = Club(renderer.language(""))
    problems: list[str] = []
    console = Console(app, outbox, clock, _Silent(renderer, problems), club)
    if clock.now >= clock.start:
        return
    if await _is_there(app, clock, club):
        clock.now = clock.start
    else:
        for line in seeding(club.language):
            await console.do(line)
    await console.move_to(clock.start)
    if problems:
        raise RuntimeError(f"the club could not be seeded: {problems[0]}")


async def _is_there(app: ConsoleApp, clock: VirtualClock, club: Club) -> bool:
    """Whether the owner is a member already: only members are told their card number."""
    place, person = club.place(OWNER, None), club.person(OWNER)
    card = Command(event_id=f"s{club.session}", at=clock.now, place=place, person=person, name="card")
    return any(reply.template == "card" for reply in await app.handle(card))


class _Silent(Screen):
    """A screen that nobody sees. It keeps errors, since a line of the seeding must have none."""

    def __init__(self, renderer: Renderer, problems: list[str]) -> None:
        super().__init__(renderer, lambda _: None, is_styled=False)
        self._problems = problems

    def error(self, text: str) -> None:
        self._problems.append(text)
