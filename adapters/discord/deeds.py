"""Deeds on Discord: the roles that a member has of ours in a server, and pinned messages. One attempt."""

from adapters.discord.rest import Rest
from adapters.outbox import Begin
from adapters.outcomes import Done, Outcome, Refused, Sent
from bot.deeds import Marking, Pinning
from bot.replies import Waiting

GONE = frozenset({10003, 10007, 10008, 10013})
"""The member is not in the server (any more), or the message or its channel is not there."""


async def do(waiting: Waiting, begin: Begin, rest: Rest) -> Outcome:
    """Do what is to be done. Raises one of FAILURES."""
    match waiting.deed:
        case Marking():
            return await _mark(waiting.deed, waiting, begin, rest)
        case Pinning():
            return await _pin(waiting.deed, waiting, begin, rest)
    return Refused("there is no such thing on Discord")


async def _mark(marking: Marking, waiting: Waiting, begin: Begin, rest: Rest) -> Outcome:
    """Give and take roles until the member has those that are wanted and no other of ours."""
    guild_id, user_id = waiting.platform_space_id, waiting.user_id
    assert guild_id is not None
    assert user_id is not None
    has, wanted = await rest.roles_of(guild_id, user_id), frozenset(marking.wanted)
    too_many, missing = (has & frozenset(marking.ours)) - wanted, wanted - has
    if too_many or missing:
        await begin()
    for role_id in sorted(too_many):
        await rest.take_role(guild_id, user_id, role_id)
    for role_id in sorted(missing):
        await rest.give_role(guild_id, user_id, role_id)
    return Done(marking.wanted)


async def _pin(pinning: Pinning, waiting: Waiting, begin: Begin, rest: Rest) -> Outcome:
    channel_id, message_id = waiting.thread_id or waiting.channel_id, waiting.edits
    assert channel_id is not None
    assert message_id is not None
    await begin()
    await rest.pin(channel_id, message_id, is_pinned=pinning.is_pinned)
    return Sent(message_id)
