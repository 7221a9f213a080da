"""What Discord's app lets a person do: finds commands and checks options as it would before sending."""

from typing import Any

from tests.platforms.discord import command_rules as rules
from tests.platforms.discord.interaction_payloads import Resolved
from tests.platforms.discord.model import DM_CHANNEL, Channel, Json, Role, User
from tests.platforms.discord.permissions import permissions_of
from tests.platforms.discord.world import World

_BOT_DM = 1


class NotOffered(AssertionError):
    """Discord's app would not have let the person do this."""


def find_command(world: World, channel: Channel, user: User, name: str, kind: int) -> Json:
    """Return the registered command the person sees here. Raises NotOffered."""
    guild = channel.guild
    scopes = [None] if guild is None else [guild.id, None]
    for scope in scopes:
        for command in world.commands.get(scope, []):
            if command["type"] == kind and command["name"] == name:
                _check_allowed(command, channel, user)
                return command
    raise NotOffered(f"no command {name!r} of type {kind} is registered here")


def _check_allowed(command: Json, channel: Channel, user: User) -> None:
    name = command["name"]
    if channel.type == DM_CHANNEL:
        contexts = command["contexts"]
        if not (command["dm_permission"] if contexts is None else _BOT_DM in contexts):
            raise NotOffered(f"/{name} is not offered in direct messages")
        return
    needed = command["default_member_permissions"]
    assert channel.guild is not None
    held = permissions_of(user, channel.guild)
    if needed is not None and ((int(needed) == 0 and not held & 1 << 3) or int(needed) & ~held):
        raise NotOffered(f"/{name} is not offered to {user.name}")


def walk_to(command: Json, path: list[str]) -> tuple[list[Json], list[Json]]:
    """Return the sub-commands along `path` and the options at its end. Raises NotOffered."""
    steps, options = [], command["options"]
    for name in path:
        step = next((one for one in options if one["name"] == name and one["type"] in (1, 2)), None)
        if step is None:
            raise NotOffered(f"no sub-command {name!r} in /{command['name']}")
        steps.append(step)
        options = step.get("options") or []
    if any(option["type"] in (1, 2) for option in options):
        raise NotOffered(f"/{command['name']} needs a sub-command")
    return steps, options


def fill_options(declared: list[Json], given: dict[str, Any], resolved: Resolved) -> list[Json]:
    """Return the options as Discord sends them. Raises NotOffered for unknown, missing or mistyped ones."""
    unknown = set(given) - {option["name"] for option in declared}
    missing = {option["name"] for option in declared if option.get("required")} - set(given)
    if unknown or missing:
        raise NotOffered(f"options unknown: {sorted(unknown)}, missing: {sorted(missing)}")
    return [_filled(option, given[option["name"]], resolved) for option in declared if option["name"] in given]


def _filled(option: Json, value: Any, resolved: Resolved) -> Json:
    kind = option["type"]
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != rules.BOOLEAN):
        raise NotOffered(f"option {option['name']!r} does not take {value!r}")
    choices = option.get("choices")
    if choices and value not in [choice["value"] for choice in choices]:
        raise NotOffered(f"{value!r} is not among the choices of {option['name']!r}")
    low, high = ("min_length", "max_length") if kind == rules.STRING else ("min_value", "max_value")
    size = len(value) if isinstance(value, str) else value
    if isinstance(size, int | float):
        least, most = option.get(low), option.get(high)
        if (least is not None and size < least) or (most is not None and size > most):
            raise NotOffered(f"{value!r} is out of bounds for {option['name']!r}")
    return {"name": option["name"], "type": kind, "value": resolved.add(value)}


_TYPES: dict[int, tuple[type, ...]] = {
    rules.STRING: (str,),
    rules.INTEGER: (int,),
    rules.BOOLEAN: (bool,),
    rules.USER_OPTION: (User,),
    rules.CHANNEL: (Channel,),
    rules.ROLE: (Role,),
    rules.MENTIONABLE: (User, Role),
    rules.NUMBER: (int, float),
    11: (),
}
