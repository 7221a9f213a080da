"""Deeds on Discord: the roles that a member has of ours in a server. One attempt."""

from adapters.discord.rest import Rest
from adapters.outbox import Begin
from adapters.outcomes import Done, Outcome, Refused
from bot.deeds import Marking
from bot.replies import Waiting

GONE = frozenset({10007, 10013})
"""The member is not in the server (any more)."""


async def do(waiting: Waiting, begin: Begin, rest: Rest) -> Outcome:
    """Give and take roles until the member has those that are wanted and no other of ours. Raises one of FAILURES."""
    guild_id, user_id = waiting.platform_space_id, waiting.user_id
    if not isinstance(waiting.deed, Marking) or guild_id is None or user_id is None:
        return Refused("there is no such thing on Discord")
    has, wanted = await rest.roles_of(guild_id, user_id), frozenset(waiting.deed.wanted)
    too_many, missing = (has & frozenset(waiting.deed.ours)) - wanted, wanted - has
    if too_many or missing:
        await begin()
    for role_id in sorted(too_many):
        await rest.take_role(guild_id, user_id, role_id)
    for role_id in sorted(missing):
        await rest.give_role(guild_id, user_id, role_id)
    return Done(waiting.deed.wanted)
