"""The commands `verify` and `migrate`: whether the points are right, and whether the tables are this version's."""

import typer

from cli.opening import DEFAULT_CONFIG, AsJson, ConfigFile, alone, database_of, load, opening, require_this_version
from cli.screen import progress, say, show_json
from storage.engine.migrate import newest_revision
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
        for problem in report.problems:
            say(problem, style="red")
        say(f"{report.entries} entries of {report.members} members: {'clean' if report.is_clean else 'NOT clean'}")
    raise typer.Exit(0 if report.is_clean else 1)


def migrate(config: ConfigFile = DEFAULT_CONFIG) -> None:
    """Bring the database to this version's tables, as `run` does when it starts. Refuses while the bot runs."""
    database = database_of(load(config), config)
    with alone(database), opening(database):
        before = database.revision()
        database.migrate()
    say(f"{database}: {before or 'new'} -> {newest_revision()}")
