"""Suggestions while a parameter is typed, each checked against the rights of who types."""

from collections.abc import Sequence

from bot.challenges.badges import offered
from bot.commands import ChoiceParam, CommandNameParam, CommandSpec, Param
from bot.config.config import Config
from bot.events import Identity
from bot.members.roles import Role
from bot.members.zones import shown, suggested
from handlers.challenges.tasks import open_tasks
from handlers.pages import in_language
from handlers.points.why import LINES_TO_PICK
from handlers.purchases.recording import SHOP
from handlers.rewards.donating import causes
from storage.schema import CLUB
from storage.transaction import Transaction

_MOST = 25


def complete(
    spec: CommandSpec, name: str, typed: str, identity: Identity, names: Sequence[str], tx: Transaction, config: Config
) -> list[str]:
    """Return at most 25 values for the parameter `name` of a command; `names` are the commands there are."""
    param = next((declared for declared in spec.params if declared.name == name), None)
    if param is None:
        return []
    values = _values(spec, param, typed, identity, names, tx, config)
    return [value for value in values if typed.lower() in value.lower()][:_MOST]


def _values(
    spec: CommandSpec,
    param: Param,
    typed: str,
    identity: Identity,
    names: Sequence[str],
    tx: Transaction,
    config: Config,
) -> Sequence[str]:
    if isinstance(param, CommandNameParam):
        return names
    if isinstance(param, ChoiceParam):
        return param.choices
    if param.name == "when":
        return tx.leaderboards.saved_periods(CLUB)
    if param.name == "action":
        return tuple(config.earning.action)
    if param.name == "zone":
        return [shown(zone) for zone in suggested(typed, _MOST)]
    if param.name == "badge":
        return [badge.id for badge in offered(config.badge)]
    if param.name == "entry":
        return _own_entries(identity, tx)
    if param.name == "reward":
        return _rewards(spec, identity, tx, config)
    if param.name == "cause":
        return [cause.key for cause in causes(tx)]
    if param.name == "task":
        return _tasks(identity, tx, config)
    if param.name == "card" and _is_staff(identity, Role.CASHIER, tx, config):
        return [card.id for card in config.stamp_card]
    if param.name == "receipt" and _is_staff(identity, Role.CASHIER, tx, config):
        return tx.purchases.receipts(SHOP, typed, _MOST)
    return ()


def _own_entries(identity: Identity, tx: Transaction) -> list[str]:
    member = tx.members.by_identity(identity)
    lines = [] if member is None or not member.is_active else tx.accounts.history(member.id, None, LINES_TO_PICK)
    return [str(line.entry_id) for line in lines]


def _tasks(identity: Identity, tx: Transaction, config: Config) -> list[str]:
    """Return what the challenges are called for which a member may hand something in."""
    member = tx.members.by_identity(identity)
    if member is None or not member.is_active:
        return []
    language = member.language or config.programme.default_language
    return [in_language(task.terms.title, language) for task in open_tasks(member, tx)]


def _rewards(spec: CommandSpec, identity: Identity, tx: Transaction, config: Config) -> list[str]:
    """Return the keys of what is offered, for who changes rewards those of the others too."""
    if spec.role is Role.MEMBER:
        return [reward.key for reward in tx.rewards.offered()]
    return [reward.key for reward in tx.rewards.all()] if _is_staff(identity, spec.role, tx, config) else []


def _is_staff(identity: Identity, role: Role, tx: Transaction, config: Config) -> bool:
    """Whether someone holds a role anywhere: which space they type in is not known here."""
    if identity in config.programme.owners:
        return True
    member = tx.members.by_identity(identity)
    return member is not None and member.is_active and role in tx.roles.anywhere(member.id)
