"""The commands `init` and `check`: writing the config file, and saying what is not in order yet."""

import asyncio
import logging
import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from adapters.console.answers import answer_reader
from adapters.console.init import ask, config_text, write_config
from adapters.console.presets import NoSuchPlace, ask_place, with_preset
from adapters.findings import Finding
from adapters.logs import configure_logs
from adapters.trusted_clock import utc_now
from bot.config.config import Config
from bot.members.members import Space
from bot.rewards.rewards import Reward
from cli.opening import DEFAULT_CONFIG, ConfigFile, as_typed, database_of, load, opening, secrets
from cli.screen import Refusal, say
from storage.engine.location import FileLocation, Location
from storage.engine.migrate import newest_revision
from storage.transaction import Transaction

_STYLES = {"ok": "green", "off": "dim", "warning": "yellow", "problem": "red"}
_MOST_IDS = 5


def init(
    config: ConfigFile = DEFAULT_CONFIG,
    force: Annotated[bool, typer.Option("--force", help="Replace a config file that is there.")] = False,
) -> None:
    """Ask a few questions and write the config file. Without a terminal, read the answers line by line."""
    if config.exists() and not force:
        raise Refusal(f"{config} is there already; --force replaces it")
    try:
        read, again = answer_reader(say), sys.stdin.isatty()
        answers = ask(read, say, again=again)
        preset = ask_place(read, say, again=again)
        text = with_preset(config_text(answers), preset, answers["programme"]["currency"])
        write_config(config, text, replace=force)
    except EOFError:
        raise Refusal("the answers ended too soon; nothing was written") from None
    except NoSuchPlace as error:
        raise Refusal(str(error), 2) from None
    except OSError as error:
        raise Refusal(f"cannot write {config}: {error.strerror}") from None
    if preset is not None:
        say(f"\nTurned on for a {preset.name}: {preset.does}.")
        say("To turn on more later, copy it from config.example.toml and start the bot again.")
        say("There is one reward, a sample: change it in the file now, or with /reward in the chat once it runs.")
    say(f"\nWrote {config}. Next, type this and see whether all is well:\n\n  {as_typed('check', config)}")
    say(f"\nThen start the bot:\n\n  {as_typed('run', config)}")


def check(config: ConfigFile = DEFAULT_CONFIG) -> None:
    """Say whether the config, the database and the platforms are in order, and what to click where they are not."""
    # What speaks to platforms takes seconds to load, and most commands do without.
    from adapters.checks import check_config, check_platforms

    settings = load(config)
    configure_logs(secrets(settings), logging.CRITICAL)
    database = database_of(settings, config)
    findings = [*check_config(settings, config, secrets(settings)), *_check_database(settings, database)]
    findings += asyncio.run(check_platforms(settings, *_known(settings, database), utc_now()))
    for finding in findings:
        say(f"{finding.level:8} {finding.text}", style=_STYLES[finding.level])
    raise typer.Exit(1 if any(finding.level == "problem" for finding in findings) else 0)


def _check_database(settings: Config, database: Location) -> Iterator[Finding]:
    if isinstance(database, FileLocation) and not database.path.parent.is_dir():
        folder = database.path.parent
        yield Finding("problem", f"There is no folder {folder} for the database. Make it, or change database.url.")
        return
    try:
        with opening(database):
            present = database.revision()
    except Refusal as refusal:
        yield Finding("problem", f"Database: {refusal}")
        return
    if present is None:
        yield Finding("ok", f"The database {database} will be made when the bot starts.")
    elif present == newest_revision():
        yield Finding("ok", f"The database {database} is in order.")
        yield from _check_left_over(settings, database)
    else:
        yield Finding("warning", f"The database {database} is of another version; run brings an older one up to date.")


def _check_left_over(settings: Config, database: Location) -> Iterator[Finding]:
    """Say what waits for the owner: what was given up, and posts that may or may not have arrived."""
    letters = database.look(lambda tx: tx.events.dead_letters(), utc_now(), settings.programme) or []
    if letters:
        ids = ", ".join(letter.error_id for letter in letters[-_MOST_IDS:])
        yield Finding("warning", f"Given up after errors: {len(letters)}. Look for these ids in the log: {ids}.")
    unknown = database.look(lambda tx: tx.health.unknown_sends(), utc_now(), settings.programme)
    if unknown:
        see = as_typed("outbox unknown")
        yield Finding("warning", f"Posts that may or may not have arrived: {unknown}. See {see}.")


def _known(config: Config, database: Location) -> tuple[list[Space], list[Reward]]:
    """Return the spaces and the rewards that are offered, none where there is no database yet."""
    try:
        with opening(database):
            return database.look(_spaces_and_offers, utc_now(), config.programme) or ([], [])
    except Refusal:
        return [], []


def _spaces_and_offers(tx: Transaction) -> tuple[list[Space], list[Reward]]:
    return list(tx.spaces.active()), [reward for reward in tx.rewards.all() if not reward.is_stopped]
