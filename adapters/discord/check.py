"""The check of a Discord set-up, for `run_bot.py check`: what is wrong, and what to click."""

import contextlib
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import discord

from adapters.discord.breaker import Breaker
from adapters.discord.check_roles import check_roles
from adapters.discord.client import DiscordClient
from adapters.discord.rest import FAILURES, OUT_OF_REACH
from adapters.findings import Finding, out_of_reach
from bot.config.config import DiscordSettings
from bot.config.tiers import TierSettings
from bot.members.members import Space
from bot.rewards.rewards import Reward

_PORTAL = "In the Discord Developer Portal open your application, Bot"
_RIGHTS = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "embed_links": "Embed Links",
    "attach_files": "Attach Files",
    "read_message_history": "Read Message History",
}
_INVITING = ("discord.gg", "discord.com")
_TO_PIN = {"pin_messages": "Pin Messages"}
_IN_THREADS = {"send_messages_in_threads": "Send Messages in Threads"}
_INVITATION_RIGHTS = discord.Permissions(**dict.fromkeys(_RIGHTS, True))


async def check(
    settings: DiscordSettings,
    spaces: Sequence[Space] = (),
    tiers: Sequence[TierSettings] = (),
    *,
    rewards: Sequence[Reward] = (),
    pins: bool = False,
) -> list[Finding]:
    """Return what works and what does not. `spaces` are the servers that were set up, and `pins` messages in.

    `rewards` are those that are offered.
    """
    if settings.token is None:
        return [Finding("off", "Discord: there is no token.")]
    client = DiscordClient(settings, Breaker())
    try:
        await client.login(settings.token.get_secret_value())
        application = await client.application_info()
        findings = [Finding("ok", f"Discord: the token works, the bot is {application.name}.")]
        findings += _intents(settings, application.flags)
        findings += _endpoint(application)
        findings += await _servers(client, application.id)
        findings += await _invite(client, settings.invite_url)
        findings += [await _space(client, space, _RIGHTS | _TO_PIN if pins else _RIGHTS) for space in spaces]
        return findings + await check_roles(client, spaces, tiers, rewards)
    except discord.LoginFailure:
        return [Finding("problem", f"Discord refuses the token. {_PORTAL}, press Reset Token, and copy the new one.")]
    except OUT_OF_REACH:
        return [out_of_reach("Discord", settings.api_base_url)]
    except FAILURES as error:
        where = settings.api_base_url
        return [Finding("problem", f"Discord answers with an error at {where}: {type(error).__name__}. Try again.")]
    finally:
        with contextlib.suppress(*FAILURES):
            await client.close()


def _intents(settings: DiscordSettings, flags: discord.ApplicationFlags) -> list[Finding]:
    """Compare what the config asks for with what the application may have."""
    content = flags.gateway_message_content or flags.gateway_message_content_limited
    members = flags.gateway_guild_members or flags.gateway_guild_members_limited
    return [
        _intent("message_content_intent", "Message Content Intent", settings.message_content_intent, allowed=content),
        _intent("members_intent", "Server Members Intent", settings.members_intent, allowed=members),
    ]


def _intent(key: str, label: str, is_wanted: bool, *, allowed: bool) -> Finding:
    if is_wanted and not allowed:
        text = f"Discord: discord.{key} is on, but the {label} is off and Discord will refuse to connect. "
        return Finding("problem", f"{text}{_PORTAL}, Privileged Gateway Intents, and switch on {label}.")
    if allowed and not is_wanted:
        return Finding("ok", f"Discord: the {label} is allowed but not used; discord.{key} = true would use it.")
    return Finding("ok", f"Discord: the {label} is {'on' if is_wanted else 'off, as the config says'}.")


def _endpoint(application: discord.AppInfo) -> list[Finding]:
    if application.interactions_endpoint_url is None:
        return []
    text = (
        "Discord: an Interactions Endpoint URL is set, so commands go there and not to the bot. In the Discord "
        "Developer Portal open your application, General Information, and empty that field."
    )
    return [Finding("problem", text)]


async def _servers(client: discord.Client, application_id: int) -> list[Finding]:
    count = len([guild async for guild in client.fetch_guilds(limit=None)])
    if count:
        return [Finding("ok", f"Discord: the bot is in {count} server{'s' if count > 1 else ''}.")]
    scopes = ("bot", "applications.commands")
    address = discord.utils.oauth_url(application_id, permissions=_INVITATION_RIGHTS, scopes=scopes)
    return [Finding("warning", f"Discord: the bot is in no server yet. Open {address} and choose your server.")]


async def _invite(client: discord.Client, address: str | None) -> list[Finding]:
    """Return whether the link that members pass on leads into a server, and for ever. Others' addresses are theirs."""
    if address is None or urlsplit(address).hostname not in _INVITING:
        return []
    how = "In Discord open the server's menu, Invite People, Edit invite link, choose Never and No limit, and copy it."
    try:
        found = await client.fetch_invite(address, with_counts=False)
    except discord.NotFound:
        return [Finding("problem", f"Discord: discord.invite_url leads nowhere: it has expired or never was. {how}")]
    if found.expires_at is not None:
        text = f"Discord: discord.invite_url expires on {found.expires_at:%Y-%m-%d}, and with it what members share."
        return [Finding("problem", f"{text} {how}")]
    return [Finding("ok", "Discord: discord.invite_url leads into a server and does not expire.")]


async def _space(client: discord.Client, space: Space, rights: Mapping[str, str]) -> Finding:
    """Return whether the bot can post where a space wants its posts."""
    try:
        guild = await client.fetch_guild(int(space.platform_space_id))
        us = await guild.fetch_member(client.user.id if client.user else 0)
        channel = await guild.fetch_channel(int(space.thread_id or space.channel_id))
        has = await _rights_in(channel, guild, us)
    except (discord.Forbidden, discord.NotFound, discord.InvalidData):
        text = f"Discord: {space.title}: the bot cannot see the channel to post in. Invite it again or give it View "
        return Finding("problem", f"{text}Channel there (Edit Channel, Permissions), or say /setup in another channel.")
    if isinstance(channel, discord.Thread):
        rights = {name: label for name, label in rights.items() if name != "send_messages"} | _IN_THREADS
    missing = [label for name, label in rights.items() if not getattr(has, name)]
    if missing:
        text = f"Discord: {space.title}: in #{channel.name} the bot lacks {', '.join(missing)}. "
        return Finding("problem", f"{text}Open Edit Channel, Permissions, add the bot, and allow that.")
    return Finding("ok", f"Discord: {space.title}: the bot may post in #{channel.name}.")


async def _rights_in(
    channel: discord.abc.GuildChannel | discord.Thread, guild: discord.Guild, us: discord.Member
) -> discord.Permissions:
    """Return what the bot may do in a channel. A thread has no rights of its own, and we keep no channels in mind."""
    if not isinstance(channel, discord.Thread):
        return channel.permissions_for(us)
    parent = await guild.fetch_channel(channel.parent_id)
    assert isinstance(parent, discord.abc.GuildChannel)
    # Its own method also takes what cannot be used where one may not write in the channel itself.
    return discord.abc.GuildChannel.permissions_for(parent, us)
