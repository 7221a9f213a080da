"""Gateway events that both people's and the bot's doings cause."""

from tests.platforms.discord import intents
from tests.platforms.discord.gateway import Gateway
from tests.platforms.discord.model import Channel, Guild, Json, Member, Message, User
from tests.platforms.discord.payloads import channel_json, member_json, reaction_event_json


def remove(gateway: Gateway, message: Message) -> None:
    """Take a message out of its channel and tell whoever listens."""
    message.deleted = True
    message.channel.messages.pop(message.id, None)
    guild = message.channel.guild
    data: Json = {"id": str(message.id), "channel_id": str(message.channel.id)}
    if guild is not None:
        data["guild_id"] = str(guild.id)
    if message.seen_only_by is None:
        gateway.publish("MESSAGE_DELETE", data, intents.messages_of(guild), guild)


def wake(gateway: Gateway, channel: Channel, bot: User) -> None:
    """Let a thread be archived no more, since something is written in it."""
    if channel.is_archived:
        channel.is_archived = False
        gateway.publish("THREAD_UPDATE", channel_json(channel, bot), intents.GUILDS, channel.guild)


def tell_reaction(gateway: Gateway, user: User, message: Message, emoji: str, added: bool) -> None:
    guild = message.channel.guild
    data = reaction_event_json(user, message, emoji, added)
    name = "MESSAGE_REACTION_ADD" if added else "MESSAGE_REACTION_REMOVE"
    gateway.publish(name, data, intents.reactions_of(guild), guild)


def tell_reactions_cleared(gateway: Gateway, message: Message, emoji: str | None) -> None:
    guild = message.channel.guild
    data: Json = {"channel_id": str(message.channel.id), "message_id": str(message.id)}
    if guild is not None:
        data["guild_id"] = str(guild.id)
    name = "MESSAGE_REACTION_REMOVE_ALL"
    if emoji is not None:
        name, data["emoji"] = "MESSAGE_REACTION_REMOVE_EMOJI", {"id": None, "name": emoji}
    gateway.publish(name, data, intents.reactions_of(guild), guild)


def tell_member_changed(gateway: Gateway, guild: Guild, member: Member) -> None:
    data = {**member_json(member), "guild_id": str(guild.id)}
    gateway.publish("GUILD_MEMBER_UPDATE", data, intents.GUILD_MEMBERS, guild)
