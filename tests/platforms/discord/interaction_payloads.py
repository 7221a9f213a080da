"""Discord's JSON for interactions."""

from typing import Any

from tests.platforms.discord.interactions import InteractionHandle
from tests.platforms.discord.model import Channel, Guild, Json, Message, Role, User
from tests.platforms.discord.payloads import (
    bare_member_json,
    channel_json,
    guild_member_permissions_json,
    message_json,
    role_json,
    user_json,
)
from tests.platforms.discord.permissions import bot_permissions_in, permissions_of


class Resolved:
    """Collects the objects that option values and targets name."""

    def __init__(self, guild: Guild | None, bot: User) -> None:
        self._guild = guild
        self._bot = bot
        self.data: Json = {}

    def add(self, value: Any) -> Any:
        """Return the value as sent: for objects their id; the object is then among the resolved ones."""
        if isinstance(value, User):
            self._put("users", value.id, user_json(value))
            member = self._guild.members.get(value.id) if self._guild else None
            if member is not None and self._guild is not None:
                bits = str(permissions_of(value, self._guild))
                self._put("members", value.id, {**bare_member_json(member), "permissions": bits})
        elif isinstance(value, Role):
            self._put("roles", value.id, role_json(value))
        elif isinstance(value, Channel):
            bits = str(permissions_of(self._bot, self._guild)) if self._guild else "0"
            self._put("channels", value.id, {**channel_json(value, self._bot), "permissions": bits})
        elif isinstance(value, Message):
            self._put("messages", value.id, message_json(value))
        else:
            return value
        return str(value.id)

    def attach(self, attachment: Json) -> str:
        """Return the id of a file that was put up; the file is then among the resolved ones."""
        self._put("attachments", int(attachment["id"]), attachment)
        return str(attachment["id"])

    def _put(self, kind: str, snowflake: int, payload: Json) -> None:
        self.data.setdefault(kind, {})[str(snowflake)] = payload


def interaction_json(handle: InteractionHandle, data: Json, bot: User) -> Json:
    """The INTERACTION_CREATE event."""
    channel, guild = handle.channel, handle.channel.guild
    payload: Json = {
        "id": str(handle.id),
        "application_id": str(bot.id),
        "type": handle.type,
        "data": data,
        "channel": channel_json(channel, bot),
        "channel_id": str(channel.id),
        "token": handle.token,
        "version": 1,
        "app_permissions": str(bot_permissions_in(channel, bot)),
        "locale": handle.locale,
        "entitlements": [],
        "authorizing_integration_owners": {"0": str(guild.id) if guild else "0"},
        "context": 0 if guild else 1,
        "attachment_size_limit": 10_485_760,
    }
    if guild is None:
        payload["user"] = user_json(handle.user)
    else:
        member = guild.members[handle.user.id]
        payload["member"] = guild_member_permissions_json(member, permissions_of(handle.user, guild))
        payload["guild"] = {"id": str(guild.id), "locale": guild.locale, "features": []}
        payload |= {"guild_id": str(guild.id), "guild_locale": guild.locale}
    if handle.source is not None:
        payload["message"] = message_json(handle.source)
    return payload
