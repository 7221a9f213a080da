"""REST: the bot itself, its application, the gateway's address, direct channels."""

from tests.platforms.discord.model import Json
from tests.platforms.discord.payloads import application_json, channel_json, user_json
from tests.platforms.discord.routing import Call, Route


def _gateway(call: Call) -> Json:
    return {"url": gateway_address(call.address)}


def gateway_address(http_address: str) -> str:
    return http_address.replace("http://", "ws://", 1) + "/gateway"


def _gateway_bot(call: Call) -> Json:
    settings = call.world.settings
    remaining = max(settings.identify_limit - call.gateway.identify_count, 0)
    limit = {"total": settings.identify_limit, "remaining": remaining, "reset_after": 86_400_000, "max_concurrency": 1}
    return {"url": gateway_address(call.address), "shards": settings.shards, "session_start_limit": limit}


def _me(call: Call) -> Json:
    return {**user_json(call.world.bot), "verified": True, "mfa_enabled": True, "locale": "en-US", "flags": 0}


def _application(call: Call) -> Json:
    guild_count = sum(1 for guild in call.world.guilds.values() if guild.has_bot)
    return application_json(call.world.bot, call.world.settings.privileged_intents, guild_count)


def _user(call: Call) -> Json:
    return user_json(call.world.seen_user(call.params["user_id"]))


def _open_direct(call: Call) -> Json:
    recipient = call.world.seen_user(str(call.body.get("recipient_id")))
    return channel_json(call.world.direct(recipient), call.world.bot)


def _my_guilds(call: Call) -> list[Json]:
    return [
        {"id": str(guild.id), "name": guild.name, "icon": None, "owner": False, "features": []}
        for guild in call.world.guilds.values()
        if guild.has_bot
    ]


ROUTES = [
    Route("GET", "/gateway", _gateway, needs_token=False),
    Route("GET", "/gateway/bot", _gateway_bot),
    Route("GET", "/users/@me", _me),
    Route("GET", "/users/@me/guilds", _my_guilds),
    Route("POST", "/users/@me/channels", _open_direct),
    Route("GET", "/users/{user_id}", _user),
    Route("GET", "/applications/@me", _application),
    Route("GET", "/oauth2/applications/@me", _application),
]
