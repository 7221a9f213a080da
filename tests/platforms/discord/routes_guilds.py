"""REST: servers, their members and roles."""

from tests.platforms.discord import intents
from tests.platforms.discord.errors import Form, refusal
from tests.platforms.discord.model import Guild, Json, Member, Role
from tests.platforms.discord.payloads import channel_json, guild_json, member_json, role_json
from tests.platforms.discord.permissions import MANAGE_ROLES, highest_position, permissions_of
from tests.platforms.discord.routing import Call, Route
from tests.platforms.discord.telling import tell_member_changed


def _guild(call: Call) -> Guild:
    return call.world.seen_guild(call.params["guild_id"])


def _get_guild(call: Call) -> Json:
    return guild_json(_guild(call))


def _channels(call: Call) -> list[Json]:
    return [channel_json(channel, call.world.bot) for channel in _guild(call).channels.values()]


def _roles(call: Call) -> list[Json]:
    return [role_json(role) for role in _guild(call).roles.values()]


def _member(call: Call, guild: Guild) -> Member:
    member = guild.members.get(call.world.seen_user(call.params["user_id"]).id)
    if member is None:
        raise refusal(10007)
    return member


def _get_member(call: Call) -> Json:
    return member_json(_member(call, _guild(call)))


def _list_members(call: Call) -> list[Json]:
    """Needs the member intent switched on for the application, as at Discord."""
    guild = _guild(call)
    if not call.world.settings.privileged_intents & intents.GUILD_MEMBERS:
        raise refusal(50001)
    limit, after = _limit(call), int(call.query.get("after", "0"))
    ids = sorted(user_id for user_id in guild.members if user_id > after)
    return [member_json(guild.members[user_id]) for user_id in ids[:limit]]


def _search(call: Call) -> list[Json]:
    guild, query = _guild(call), call.query.get("query", "").lower()
    form = Form()
    form.required("query", query)
    form.check()
    found = [m for m in guild.members.values() if any(name.lower().startswith(query) for name in _names(m))]
    return [member_json(member) for member in found[: _limit(call)]]


def _names(member: Member) -> list[str]:
    return [name for name in (member.user.name, member.user.global_name, member.nick) if name]


def _limit(call: Call) -> int:
    limit = int(call.query.get("limit", "1"))
    form = Form()
    if not 1 <= limit <= 1000:
        form.wrong("limit", "NUMBER_TYPE_RANGE", "int value should be between 1 and 1000.")
    form.check()
    return limit


def _invite(call: Call) -> Json:
    """By code, with when it expires."""
    if call.params["invite_code"] not in call.world.invites:
        raise refusal(10006)
    channel, expires_at = call.world.invites[call.params["invite_code"]]
    assert channel.guild is not None
    return {
        "type": 0,
        "code": call.params["invite_code"],
        "guild": guild_json(channel.guild),
        "channel": channel_json(channel, call.world.bot),
        "expires_at": expires_at,
    }


def _grant(call: Call) -> None:
    guild, member, role = _grantable(call)
    if role.id not in member.role_ids:
        member.role_ids.append(role.id)
        tell_member_changed(call.gateway, guild, member)


def _revoke(call: Call) -> None:
    guild, member, role = _grantable(call)
    if role.id in member.role_ids:
        member.role_ids.remove(role.id)
        tell_member_changed(call.gateway, guild, member)


def _grantable(call: Call) -> tuple[Guild, Member, Role]:
    """Return what the route names. Raises 10011, 10007, or 50013 for roles at or above the bot's own."""
    guild, bot = _guild(call), call.world.bot
    member = _member(call, guild)
    role = guild.roles.get(int(call.params["role_id"]))
    if role is None:
        raise refusal(10011)
    may = permissions_of(bot, guild) & MANAGE_ROLES
    if not may or role.managed or role is guild.everyone or role.position >= highest_position(bot, guild):
        raise refusal(50013)
    return guild, member, role


_GUILD = "/guilds/{guild_id}"
_ROLE = "/guilds/{guild_id}/members/{user_id}/roles/{role_id}"

ROUTES = [
    Route("GET", _GUILD, _get_guild),
    Route("GET", f"{_GUILD}/channels", _channels),
    Route("GET", f"{_GUILD}/roles", _roles),
    Route("GET", f"{_GUILD}/members", _list_members),
    Route("GET", f"{_GUILD}/members/search", _search),
    Route("GET", f"{_GUILD}/members/{{user_id}}", _get_member),
    Route("PUT", _ROLE, _grant),
    Route("DELETE", _ROLE, _revoke),
    Route("GET", "/invites/{invite_code}", _invite),
]
