"""The check of the roles that tiers and rewards give on Discord: they exist, and the bot may give them."""

from collections.abc import Mapping, Sequence

import discord

from adapters.findings import Finding
from bot.config.tiers import TierSettings
from bot.members.members import Space
from bot.rewards.rewards import Reward


async def check_roles(
    client: discord.Client, spaces: Sequence[Space], tiers: Sequence[TierSettings], rewards: Sequence[Reward]
) -> list[Finding]:
    """Return what stands in the way of giving roles, and what to click."""
    findings: list[Finding] = []
    known = {space.platform_space_id for space in spaces}
    givers: dict[str, Mapping[str, str]] = {f"the tier {tier.id}": tier.discord_roles for tier in tiers}
    givers |= {f"the reward {reward.key}": reward.terms.discord_roles for reward in rewards}
    for giver, roles in givers.items():
        for guild_id in roles.keys() - known:
            text = f"Discord: {giver} names a role in the server {guild_id}, which is not set up. "
            findings.append(Finding("warning", f"{text}Say /setup there, or let it name another."))
    for space in spaces:
        here = space.platform_space_id
        wanted = {giver: roles[here] for giver, roles in givers.items() if here in roles}
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
        text = f"Discord: {space.title}: the bot lacks Manage Roles, so tiers and rewards give no roles there. "
        return [Finding("problem", f"{text}Open Server Settings, Roles, choose the bot's role, Permissions, allow it.")]
    return [_role(space, giver, guild.get_role(int(role_id)), role_id, us) for giver, role_id in wanted.items()]


def _role(space: Space, giver: str, role: discord.Role | None, role_id: str, us: discord.Member) -> Finding:
    if role is None:
        text = f"Discord: {space.title}: there is no role {role_id}, which {giver} names. "
        return Finding("problem", f"{text}Open Server Settings, Roles, press the dots of the role, Copy Role ID.")
    if role >= us.top_role or role.managed:
        text = f"Discord: {space.title}: the bot may not give the role {role.name}, of {giver}. "
        return Finding("problem", f"{text}Open Server Settings, Roles, and drag the bot's own role above it.")
    return Finding("ok", f"Discord: {space.title}: the bot may give the role {role.name}.")
