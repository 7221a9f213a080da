"""The check of the roles that tiers give on Discord: they exist, and the bot may give them."""

from collections.abc import Sequence

import discord

from adapters.findings import Finding
from bot.config_tiers import TierSettings
from bot.members import Space


async def check_roles(client: discord.Client, spaces: Sequence[Space], tiers: Sequence[TierSettings]) -> list[Finding]:
    """Return what stands in the way of giving roles, and what to click."""
    findings: list[Finding] = []
    known = {space.platform_space_id for space in spaces}
    for tier in tiers:
        for guild_id in tier.discord_roles.keys() - known:
            text = f"Discord: the tier {tier.id} names a role in the server {guild_id}, which is not set up. "
            findings.append(Finding("warning", f"{text}Say /setup there, or take it out of discord_roles."))
    for space in spaces:
        here = space.platform_space_id
        wanted = {tier.id: tier.discord_roles[here] for tier in tiers if here in tier.discord_roles}
        if wanted:
            findings += await _in(client, space, wanted)
    return findings


async def _in(client: discord.Client, space: Space, wanted: dict[str, str]) -> list[Finding]:
    try:
        guild = await client.fetch_guild(int(space.platform_space_id))
        us = await guild.fetch_member(client.user.id if client.user else 0)
    except (discord.Forbidden, discord.NotFound):
        return [Finding("problem", f"Discord: {space.title}: the bot is not in that server. Invite it again.")]
    if not us.guild_permissions.manage_roles:
        text = f"Discord: {space.title}: the bot lacks Manage Roles, so tiers give no roles there. "
        return [Finding("problem", f"{text}Open Server Settings, Roles, choose the bot's role, Permissions, allow it.")]
    return [_role(space, tier, guild.get_role(int(role_id)), role_id, us) for tier, role_id in wanted.items()]


def _role(space: Space, tier: str, role: discord.Role | None, role_id: str, us: discord.Member) -> Finding:
    if role is None:
        text = f"Discord: {space.title}: there is no role {role_id}, which the tier {tier} names. "
        return Finding("problem", f"{text}Open Server Settings, Roles, press the dots of the role, Copy Role ID.")
    if role >= us.top_role or role.managed:
        text = f"Discord: {space.title}: the bot may not give the role {role.name}, of the tier {tier}. "
        return Finding("problem", f"{text}Open Server Settings, Roles, and drag the bot's own role above it.")
    return Finding("ok", f"Discord: {space.title}: the bot may give the role {role.name}.")
