"""The demo as a pipe sees it: lines in, the whole transcript out, over the real app and database."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from adapters.console.clock import START, VirtualClock
from adapters.console.demo import demo_config, run_demo
from cli.demo_codes import give_codes
from handlers.ports import DatabaseOutbox, DatabasePhotos
from handlers.table import build_app
from messages.render import Renderer
from storage.engine.database import InlineDatabase


async def transcript(
    path: Path, lines: Iterable[str], *, start: datetime = START, language: str = "en", style: bool = False
) -> list[str]:
    """Run a session over a database file and return what it wrote, without the banner."""
    config, clock = demo_config(language), VirtualClock(start)
    database = InlineDatabase(path, clock, config.programme)
    app = build_app(database, config)
    await app.start()
    await give_codes(database, config)
    written: list[str] = []
    waiting = iter(lines)

    async def read_line() -> str | None:
        return next(waiting, None)

    try:
        outbox, renderer = DatabaseOutbox(database), Renderer(config, DatabasePhotos(database))
        code = await run_demo(app, outbox, renderer, clock, read_line=read_line, write=written.append, style=style)
    finally:
        await database.close()
    assert code == 0
    return written
