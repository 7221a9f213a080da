"""The commands `dead-letters`: what was given up after errors, and running it again once the cause is mended."""

import asyncio
import json
import logging
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.logs import configure_logs
from adapters.trusted_clock import utc_now
from bot.config.config import Config
from cli.clock import Now, clock_for
from cli.opening import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigFile,
    alone,
    database_of,
    load,
    opening,
    require_this_version,
    secrets,
)
from cli.screen import Refusal, ids_of, say, show_json, show_table
from handlers.operating.letters import Outcome, Retried
from handlers.table import build_app
from storage.answering.events import DeadLetter
from storage.engine.location import Location

group = typer.Typer(no_args_is_help=True, help="See what was given up after errors; run it again or drop it.")
_READ_ID = ids_of("dead-letters list")
LetterIds = Annotated[
    list[int] | None, typer.Argument(metavar="ID", help="The numbers that `list` shows.", parser=_READ_ID)
]
All = Annotated[bool, typer.Option("--all", help="All of them.")]
_NONE = "Nothing was given up."
_NOT_KEPT = "cannot be run again: nothing was kept but what is shown; drop it, and ask whoever it is from to do it anew"


@group.command(name="list")
def list_letters(config: ConfigFile = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List what was given up, oldest first. The bot may run meanwhile."""
    letters = _letters(load(config), config)
    if as_json:
        show_json([_plain(letter) for letter in letters])
    elif letters:
        columns = "ID", "given up", "what", "reason", "id in the log", "can be run again"
        show_table(columns, [_row(letter) for letter in letters])
    else:
        say(_NONE)


@group.command()
def show(
    letter_id: Annotated[int, typer.Argument(metavar="ID", help="The number that `list` shows.", parser=_READ_ID)],
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show all that is kept of one. The bot may run meanwhile."""
    found = [letter for letter in _letters(load(config), config) if letter.id == letter_id]
    if not found:
        raise Refusal(f"there is no dead letter {letter_id}")
    plain = _plain(found[0])
    if as_json:
        show_json(plain)
        return
    for name, value in plain.items():
        say(f"{name + ':':11}{json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value}")
    if found[0].event is None:
        say(f"It {_NOT_KEPT}.")


@group.command()
def retry(ids: LetterIds = None, everything: All = False, config: ConfigFile = DEFAULT_CONFIG) -> None:
    """Run them again, oldest first; who asked is told in private. What fails stays. Exit code 1 unless all worked."""
    settings = load(config)
    database = database_of(settings, config)
    with alone(database), opening(database):
        chosen = _chosen(ids, everything, settings, config)
        outcomes = asyncio.run(_retry(chosen, settings, database, clock_for(settings)))
    for letter_id, retried in outcomes:
        say(f"{letter_id}: {_said(retried)}")
    raise typer.Exit(0 if all(retried.outcome is Outcome.DONE for _, retried in outcomes) else 1)


@group.command()
def drop(ids: LetterIds = None, everything: All = False, config: ConfigFile = DEFAULT_CONFIG) -> None:
    """Forget them. What they were about stays undone."""
    settings = load(config)
    database = database_of(settings, config)
    with alone(database), opening(database):
        dropped = asyncio.run(_drop(_chosen(ids, everything, settings, config), settings, database))
    say(f"{dropped} dropped")


async def _retry(ids: list[int], config: Config, place: Location, now: Now) -> list[tuple[int, Retried]]:
    configure_logs(secrets(config), logging.ERROR)
    database = await place.open(now, config.programme)
    try:
        app = build_app(database, config)
        await app.start()
        return [(letter_id, await app.retry(letter_id)) for letter_id in ids]
    finally:
        await database.close()


async def _drop(ids: list[int], config: Config, place: Location) -> int:
    configure_logs(secrets(config), logging.ERROR)
    database = await place.open(utc_now, config.programme)
    try:
        return await database.write(lambda tx: tx.events.drop(ids))
    finally:
        await database.close()


def _letters(config: Config, config_path: Path) -> list[DeadLetter]:
    database = database_of(config, config_path)
    with opening(database):
        require_this_version(database, config_path)
        return database.look(lambda tx: tx.events.dead_letters(), utc_now(), config.programme) or []


def _chosen(ids: list[int] | None, everything: bool, config: Config, config_path: Path) -> list[int]:
    if bool(ids) == everything:
        raise Refusal("name dead letters by their numbers, or say --all", 2)
    known = [letter.id for letter in _letters(config, config_path)]
    if everything and not known:
        say(_NONE)
        raise typer.Exit
    unknown = [str(letter_id) for letter_id in ids or [] if letter_id not in known]
    if unknown:
        raise Refusal(f"there is no dead letter {', '.join(unknown)}")
    return [letter_id for letter_id in known if everything or letter_id in (ids or [])]


def _said(retried: Retried) -> str:
    match retried.outcome:
        case Outcome.DONE:
            return "done"
        case Outcome.REFUSED:
            return f"refused: {retried.reason}"
        case Outcome.GONE:
            return "is gone: somebody was faster"
        case Outcome.NOT_KEPT:
            return _NOT_KEPT
        case Outcome.FAILED:
            return f"failed again with {retried.reason} (error_id {retried.error_id} above); it stays"


def _row(letter: DeadLetter) -> tuple[object, ...]:
    about = json.loads(letter.arguments)
    what = " ".join(str(value) for value in (letter.kind, about.get("command"), about.get("job")) if value)
    when = letter.parked_at.isoformat(" ", "minutes")
    return letter.id, when, what, letter.reason, letter.error_id, "yes" if letter.event is not None else "no"


def _plain(letter: DeadLetter) -> dict[str, Any]:
    return {
        "id": letter.id,
        "parked_at": letter.parked_at.isoformat(),
        "kind": letter.kind,
        "reason": letter.reason,
        "error_id": letter.error_id,
        "about": json.loads(letter.arguments),
        "event": None if letter.event is None else json.loads(letter.event),
    }
