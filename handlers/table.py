"""The one table of handlers. A command, button or form that is not named here does not exist."""

from bot.commands import CommandSpec
from bot.config import Config
from handlers import account, bonus, challenges, membership, purchases, roles, standings
from handlers.app import App
from handlers.forms import Forms
from handlers.help import help_command
from handlers.registry import Registry
from handlers.setup import SETUP, setup_command
from handlers.timetable import build_jobs
from storage.database import Database


def build_app(database: Database, config: Config) -> App:
    """Return the app over a database. Call its `start` before the first event."""
    forms = Forms((SETUP,))
    registry = build_registry(forms)
    return App(database, registry, forms, build_jobs(config), config)


def build_registry(forms: Forms) -> Registry:
    """Return every command, in the order of the menus, and every button."""
    specs: list[CommandSpec] = []
    registry = Registry.of(
        [
            membership.start,
            account.balance,
            account.history,
            standings.rank,
            standings.leaderboard,
            challenges.challenges,
            account.card,
            membership.rules,
            account.language,
            purchases.purchase,
            purchases.refund,
            bonus.bonus,
            roles.grant_role,
            setup_command(forms),
            membership.leave,
            account.cancel,
            help_command(specs),
            # buttons
            membership.show_rules_to_join,
            membership.accept,
            membership.leave_confirmed,
            membership.stay,
            account.history_page,
            account.language_chosen,
            standings.my_place,
            purchases.purchase_confirmed,
            purchases.purchase_dropped,
            *forms.handlers(),
        ]
    )
    specs.extend(registry.specs)
    return registry
