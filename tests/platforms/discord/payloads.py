"""Discord's JSON for people, servers, channels and messages."""

from datetime import UTC, datetime
from typing import Any

from tests.platforms.discord import intents
from tests.platforms.discord.model import (
    DM_CHANNEL,
    STAGE_CHANNEL,
    VOICE_CHANNEL,
    Channel,
    Guild,
    Json,
    Member,
    Message,
    Opened,
    Role,
    User,
    Voice,
)
from tests.platforms.discord.permissions import ALL

_NULLS = (
    *("icon", "splash", "discovery_splash", "banner", "description", "vanity_url_code", "application_id"),
    *("system_channel_id", "rules_channel_id", "public_updates_channel_id"),
    *("safety_alerts_channel_id", "home_header", "widget_channel_id", "max_presences", "incidents_data"),
)
_ZEROS = (
    *("verification_level", "default_message_notifications", "explicit_content_filter", "mfa_level"),
    *("nsfw_level", "premium_tier", "premium_subscription_count", "system_channel_flags"),
)


def timestamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def user_json(user: User) -> Json:
    return {
        "id": str(user.id),
        "username": user.name,
        "discriminator": "0000" if user.bot else "0",
        "global_name": user.global_name,
        "avatar": None,
        "bot": user.bot,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
    }


def bare_member_json(member: Member) -> Json:
    """A member without the user, as inside messages and resolved options."""
    return {
        "roles": [str(role_id) for role_id in member.role_ids],
        "joined_at": timestamp(member.joined_at),
        "nick": member.nick,
        "avatar": None,
        "banner": None,
        "premium_since": None,
        "communication_disabled_until": None,
        "pending": False,
        "deaf": False,
        "mute": False,
        "flags": 0,
    }


def member_json(member: Member) -> Json:
    return {**bare_member_json(member), "user": user_json(member.user)}


def role_json(role: Role) -> Json:
    return {
        "id": str(role.id),
        "name": role.name,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "position": role.position,
        "permissions": str(role.permissions),
        "managed": role.managed,
        "mentionable": role.mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def channel_json(channel: Channel, bot: User) -> Json:
    last = max(channel.messages, default=None)
    payload: Json = {
        "id": str(channel.id),
        "type": channel.type,
        "last_message_id": None if last is None else str(last),
        "flags": 0,
    }
    if channel.type == DM_CHANNEL and channel.recipient is not None:
        return {**payload, "recipients": [user_json(channel.recipient)]}
    if channel.opened is not None:
        return payload | _thread_json(channel, channel.opened)
    overwrites = []
    if channel.denied_to_bot:
        overwrites.append({"id": str(bot.id), "type": 1, "allow": "0", "deny": str(channel.denied_to_bot)})
    if channel.type in (VOICE_CHANNEL, STAGE_CHANNEL):
        payload |= {"bitrate": 64_000, "user_limit": 0, "rtc_region": None, "video_quality_mode": 1}
    return {
        **payload,
        "guild_id": str(channel.guild.id) if channel.guild else None,
        "name": channel.name,
        "position": channel.position,
        "permission_overwrites": overwrites,
        "parent_id": None,
        "topic": None,
        "nsfw": False,
        "rate_limit_per_user": 0,
    }


def _thread_json(thread: Channel, opened: Opened) -> Json:
    """What a channel says that is a thread: it has no place and no rights of its own."""
    since = timestamp(opened.at)
    archiving = {"archived": thread.is_archived, "locked": thread.is_locked, "auto_archive_duration": 4320}
    return {
        "guild_id": str(opened.parent.guild.id) if opened.parent.guild else None,
        "parent_id": str(opened.parent.id),
        "owner_id": str(opened.by.id),
        "name": thread.name,
        "rate_limit_per_user": 0,
        "message_count": len(thread.messages),
        "total_message_sent": len(thread.messages),
        "member_count": 1,
        "thread_metadata": {
            **archiving,
            "archive_timestamp": since if thread.archived_at is None else timestamp(thread.archived_at),
            "create_timestamp": since,
        },
    }


def guild_json(guild: Guild) -> Json:
    return {
        **dict.fromkeys(_NULLS),
        **dict.fromkeys(_ZEROS, 0),
        "id": str(guild.id),
        "name": guild.name,
        "owner_id": str(guild.owner.id),
        "roles": [role_json(role) for role in guild.roles.values()],
        "emojis": [],
        "stickers": [],
        "features": [],
        "afk_channel_id": None if guild.afk_channel is None else str(guild.afk_channel.id),
        "afk_timeout": 300,
        "region": "deprecated",
        "widget_enabled": False,
        "max_members": 500_000,
        "max_video_channel_users": 25,
        "max_stage_video_channel_users": 50,
        "nsfw": False,
        "preferred_locale": guild.locale,
        "premium_progress_bar_enabled": False,
    }


def guild_create_json(guild: Guild, bot: User, asked_for: int) -> Json:
    """The event's payload by the intents: without that for members only the bot and who is in voice channels are told.

    Who is there needs an intent of its own; their states lack the server and the member.
    """
    voices = guild.voices if asked_for & intents.GUILD_VOICE_STATES else {}
    told = {bot.id, *voices} if not asked_for & intents.GUILD_MEMBERS else guild.members.keys()
    members = [member for member in guild.members.values() if member.user.id in told]
    return {
        **guild_json(guild),
        "joined_at": timestamp(guild.members[bot.id].joined_at),
        "large": len(guild.members) >= 250,
        "unavailable": False,
        "member_count": len(guild.members),
        "members": [member_json(member) for member in members],
        "channels": [channel_json(channel, bot) for channel in guild.channels.values()],
        "voice_states": [_bare_voice_json(user_id, voice) for user_id, voice in voices.items()],
        "threads": [channel_json(thread, bot) for thread in guild.threads.values() if not thread.is_archived],
        **{name: [] for name in ("presences", "stage_instances")},
        **{name: [] for name in ("guild_scheduled_events", "soundboard_sounds")},
    }


def voice_state_json(guild: Guild, user: User, voice: Voice) -> Json:
    """Where somebody is in a server's voice channels; of one who went it says no channel."""
    is_there = guild.voices.get(user.id) is voice
    place = {"guild_id": str(guild.id), "channel_id": str(voice.channel.id) if is_there else None}
    return {**_bare_voice_json(user.id, voice), **place, "member": member_json(guild.members[user.id])}


def _bare_voice_json(user_id: int, voice: Voice) -> Json:
    return {
        "channel_id": str(voice.channel.id),
        "user_id": str(user_id),
        "session_id": voice.session_id,
        "deaf": voice.deaf,
        "mute": voice.mute,
        "self_deaf": voice.self_deaf,
        "self_mute": voice.self_mute,
        "self_stream": False,
        "self_video": False,
        "suppress": voice.suppress,
        "request_to_speak_timestamp": None,
    }


def message_json(message: Message) -> Json:
    return _bare_message_json(message) | _reference_json(message)


def _bare_message_json(message: Message) -> Json:
    """A message as inside a reply to it, which does not say what it replied to itself."""
    payload: Json = {
        "id": str(message.id),
        "channel_id": str(message.channel.id),
        "type": 0,
        "author": user_json(message.author),
        "content": message.content,
        "timestamp": timestamp(message.created_at),
        "edited_timestamp": None if message.edited_at is None else timestamp(message.edited_at),
        "tts": False,
        "mention_everyone": message.pings.everyone,
        "mentions": [user_json(user) for user in message.mentions],
        "mention_roles": [str(role_id) for role_id in sorted(message.pings.roles)],
        "attachments": message.attachments,
        "embeds": [{"type": "rich", **embed} for embed in message.embeds],
        "components": message.components,
        "pinned": message.pinned,
        "flags": message.flags,
    }
    if message.nonce is not None:
        payload["nonce"] = message.nonce
    if message.reactions:
        payload["reactions"] = [_reaction_json(emoji, users) for emoji, users in message.reactions.items()]
    if message.interaction is not None:
        kind = 20 if message.interaction["type"] == 2 else 0
        payload |= {"type": kind, "interaction_metadata": message.interaction, "webhook_id": str(message.author.id)}
    return payload


def _reference_json(message: Message) -> Json:
    payload: Json = {}
    if message.reference is not None:
        payload["type"] = 19
        reference = {"message_id": str(message.reference.id), "channel_id": str(message.reference.channel.id)}
        payload["message_reference"] = {"type": 0, **reference}
        payload["referenced_message"] = None if message.reference.deleted else _bare_message_json(message.reference)
    return payload


def _reaction_json(emoji: str, user_ids: list[int]) -> Json:
    details = {"burst": 0, "normal": len(user_ids)}
    return {
        "emoji": {"id": None, "name": emoji},
        "count": len(user_ids),
        "count_details": details,
        "burst_colors": [],
        "me": False,
        "me_burst": False,
        "burst_me": False,
    }


def readable_message_json(message: Message, bot: User, may_read_content: bool) -> Json:
    """The message as this application may see it: without the privileged intent, blank except what concerns the bot."""
    payload = message_json(message)
    concerns_bot = message.channel.guild is None or message.author is bot or bot in message.mentions
    if not (may_read_content or concerns_bot):
        payload |= {"content": "", "embeds": [], "attachments": [], "components": []}
    return payload


def application_json(bot: User, privileged_intents: int, guild_count: int) -> Json:
    members, content = 1 << 15, 1 << 19
    flags = (members if privileged_intents & intents.GUILD_MEMBERS else 0) | (
        content if privileged_intents & intents.MESSAGE_CONTENT else 0
    )
    owner = User(bot.id - 1, "owner")
    return {
        "id": str(bot.id),
        "name": bot.name,
        "icon": None,
        "description": "",
        "summary": "",
        "type": None,
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": flags,
        "hook": True,
        "owner": user_json(owner),
        "team": None,
        "approximate_guild_count": guild_count,
        "interactions_endpoint_url": None,
        "bot": user_json(bot),
    }


def guild_member_permissions_json(member: Member, bits: int) -> Json:
    """A member as in an interaction, with what the person may do there."""
    return {**member_json(member), "permissions": str(bits & ALL)}


def reaction_event_json(user: User, message: Message, emoji: str, added: bool) -> Json:
    payload: dict[str, Any] = {
        "user_id": str(user.id),
        "channel_id": str(message.channel.id),
        "message_id": str(message.id),
        "emoji": {"id": None, "name": emoji},
        "burst": False,
        "type": 0,
    }
    guild = message.channel.guild
    if guild is None:
        return payload
    payload["guild_id"] = str(guild.id)
    if added:
        payload["message_author_id"] = str(message.author.id)
        payload["member"] = member_json(guild.members[user.id])
    return payload
