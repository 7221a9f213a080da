"""REST: registering application commands, for everyone or for one server."""

from typing import Any

from tests.platforms.discord.command_rules import check_commands, kind_of
from tests.platforms.discord.errors import refusal
from tests.platforms.discord.model import Json
from tests.platforms.discord.routing import Call, Route
from tests.platforms.discord.world import World

_DEFAULTS: Json = {
    "name_localizations": None,
    "description": "",
    "description_localizations": None,
    "default_member_permissions": None,
    "dm_permission": True,
    "contexts": None,
    "integration_types": [0],
    "nsfw": False,
}


def _scope(call: Call) -> int | None:
    if call.params["application_id"] != str(call.world.application_id):
        raise refusal(20012)
    if "guild_id" not in call.params:
        return None
    return call.world.seen_guild(call.params["guild_id"]).id


def _list(call: Call) -> list[Json]:
    return call.world.commands.get(_scope(call), [])


def _overwrite(call: Call) -> list[Json]:
    """Replace all commands of a scope; one of the same name and type keeps its id and is no create."""
    scope, world = _scope(call), call.world
    wanted: list[Json] = call.json or []
    check_commands(wanted)
    known = {(one["type"], one["name"]): one for one in world.commands.get(scope, [])}
    creates = sum(1 for command in wanted if (kind_of(command), command["name"]) not in known)
    if world.command_creates[scope] + creates > world.settings.command_creates_a_day:
        raise refusal(30034)
    world.command_creates[scope] += creates
    world.commands[scope] = [_registered(world, scope, one, known.get((kind_of(one), one["name"]))) for one in wanted]
    return world.commands[scope]


def _registered(world: World, scope: int | None, command: Json, before: Json | None) -> Json:
    permissions: Any = command.get("default_member_permissions")
    identity = {
        "id": before["id"] if before else str(world.snowflakes.next()),
        "application_id": str(world.application_id),
        "version": str(world.snowflakes.next()),
        "type": kind_of(command),
        "default_member_permissions": None if permissions is None else str(permissions),
    }
    if scope is not None:
        identity["guild_id"] = str(scope)
    return {**_DEFAULTS, **command, **identity, "options": command.get("options") or []}


_GLOBAL = "/applications/{application_id}/commands"
_GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"

ROUTES = [Route("GET", place, _list) for place in (_GLOBAL, _GUILD)] + [
    Route("PUT", place, _overwrite) for place in (_GLOBAL, _GUILD)
]
