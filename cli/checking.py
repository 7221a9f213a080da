"""The commands `verify` and `migrate`: whether the points are right, and whether the tables are this version's."""

import typer

from cli.opening import DEFAULT_CONFIG, AsJson, ConfigFile, alone, database_of, load, opening, require_this_version
from cli.screen import counted, progress, say, show_json
from storage.engine.migrate import newest_revision
from storage.verify import Report
from storage.verify import verify as recompute


def verify(config: ConfigFile = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Recompute the ledger from its entries. Exit code 1 if anything differs. The bot may run meanwhile."""
    database = database_of(load(config), config)
    with opening(database), progress() as advance:
        require_this_version(database, config)
        report = recompute(database.address, advance)
    if as_json:
        show_json(report.as_dict())
    else:
        tell_problems(report)
        say(summary(report))
    raise typer.Exit(0 if report.is_clean else 1)


def tell_problems(report: Report) -> None:
    """Show what a recomputed ledger has wrong, a line each."""
    for problem in report.problems:
        say(problem, style="red")


def size_of(report: Report) -> str:
    """Return how much was recomputed, such as `12 entries of 1 member`."""
    return f"{counted(report.entries, 'entry', 'entries')} of {counted(report.members, 'member')}"


def summary(report: Report) -> str:
    """Return in a line what recomputing came to."""
    return f"{size_of(report)}: {'clean' if report.is_clean else 'NOT clean'}"


def migrate(config: ConfigFile = DEFAULT_CONFIG) -> None:
    """Bring the database to this version's tables, as `run` does when it starts. Stop every bot that uses it first.

    Refuses while one uses a file; on PostgreSQL nothing keeps it from that.
    """
    database = database_of(load(config), config)
    with alone(database), opening(database):
        before = database.revision()
        database.migrate()
    say(f"{database}: {before or 'new'} -> {newest_revision()}")
