"""The commands `outbox`: posts that may or may not have arrived, and what is to become of each."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from adapters.logs import configure_logs
from adapters.trusted_clock import utc_now
from bot.config.config import Config
from cli.clock import clock_for
from cli.opening import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigFile,
    alone,
    as_typed,
    database_of,
    load,
    opening,
    require_idle,
    require_this_version,
    secrets,
)
from cli.screen import Refusal, counted, ids_of, say, show_json, show_table
from storage.engine.location import Location
from storage.transaction import Transaction

T = TypeVar("T")

group = typer.Typer(no_args_is_help=True, help="See posts that may or may not have arrived; send them again or not.")
PostIds = Annotated[
    list[int],
    typer.Argument(metavar="ID", help="The numbers that `unknown` shows.", parser=ids_of("outbox unknown")),
]
_NO_SUCH_POST = "{}: there is no post of this number whose outcome is unknown"
_NO_TEXT = "{0}: its text is gone, so it cannot be sent again; `outbox forget {0}` leaves it at that"
_MOST = 1000


@group.command()
def unknown(config: ConfigFile = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List the posts whose sending was cut off, the oldest first, at most 1000. The bot may run meanwhile."""
    settings = load(config)
    database = database_of(settings, config)
    with opening(database):
        require_this_version(database, config)
        posts = database.look(lambda tx: tx.outbox.unknown(_MOST), utc_now(), settings.programme) or []
    if as_json:
        show_json([asdict(post) | {"created_at": post.created_at.isoformat()} for post in posts])
    elif posts:
        columns = "ID", "written", "platform", "to", "what", "error"
        rows = [
            (post.id, post.created_at.isoformat(" ", "minutes"), post.platform, post.to, post.kind, post.error)
            for post in posts
        ]
        show_table(columns, rows)
    else:
        say("Every post has arrived, waits, or was given up.")


@group.command()
def again(ids: PostIds, config: ConfigFile = DEFAULT_CONFIG) -> None:
    """Send them again, though they may arrive twice."""
    _settle(ids, config, lambda post_id, tx: tx.outbox.again(post_id), "will be sent again")


@group.command()
def forget(ids: PostIds, config: ConfigFile = DEFAULT_CONFIG) -> None:
    """Leave it at that: they are not sent again."""
    _settle(ids, config, lambda post_id, tx: tx.outbox.forget(post_id), "forgotten")


@group.command()
def restored(config: ConfigFile = DEFAULT_CONFIG) -> None:
    """After pg_restore: do not send what must not come twice and may have gone out since the dump. No bot may run."""
    settings = load(config)
    place = database_of(settings, config)
    with alone(place):
        with opening(place):
            require_this_version(place, config)
        require_idle(place)
        found = _written(place, settings, lambda tx: tx.outbox.restored())
    if found:
        say(f"{counted(found, 'post')} may have gone out since: see {as_typed('outbox unknown', config)}")
    else:
        say("Nothing waited that must not come twice.")


def _settle(ids: list[int], config: Path, settle: Callable[[int, Transaction], bool], done: str) -> None:
    settings = load(config)
    place = database_of(settings, config)

    def problem_of(post_id: int, tx: Transaction) -> str | None:
        if settle(post_id, tx):
            return None
        return (_NO_TEXT if tx.outbox.is_unknown(post_id) else _NO_SUCH_POST).format(post_id)

    with alone(place):
        with opening(place):
            require_this_version(place, config)
        problems = _written(place, settings, lambda tx: {post_id: problem_of(post_id, tx) for post_id in ids})
    for post_id, problem in problems.items():
        if problem is None:
            say(f"{post_id}: {done}")
    told = [problem for problem in problems.values() if problem is not None]
    if told:
        raise Refusal("\n".join(told))


def _written(place: Location, settings: Config, work: Callable[[Transaction], T]) -> T:
    """Run `work` in one transaction of a database."""
    now = clock_for(settings)

    async def write() -> T:
        configure_logs(secrets(settings), logging.ERROR)
        database = await place.open(now, settings.programme)
        try:
            return await database.write(work)
        finally:
            await database.close()

    with opening(place):
        return asyncio.run(write())
