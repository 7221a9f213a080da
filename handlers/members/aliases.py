"""Aliases: a member chooses the name that boards and announcements show; a moderator takes one away."""

from bot.commands import MemberParam, TextParam
from bot.members.aliases import AliasTaken, NoAlias, check_alias, is_like_staff, written
from bot.members.names import NAME_LIMIT
from bot.members.roles import Role
from bot.replies import Post, Reply, ToMember, reply
from handlers.call import Call
from handlers.registry import command
from storage.transaction import Transaction

_OFF = "off"


@command("alias", params=[TextParam("name", required=False, limit=NAME_LIMIT)])
def alias(call: Call, tx: Transaction) -> Reply:
    """Say what boards call the member, or change it; with "off" it is their own name again."""
    name, member = call.args.name, call.actor
    if name is None:
        return reply("alias", name=member.name, is_chosen=member.name != member.own_name)
    if name.lower() == _OFF:
        tx.aliases.set(member.id, None)
        return reply("alias_off", name=member.own_name)
    check_alias(name)
    if _is_somebodys(name, member.id, call, tx):
        raise AliasTaken(given=name)
    tx.aliases.set(member.id, name)
    return reply("alias_set", name=name, is_hidden=member.is_hidden)


def _is_somebodys(name: str, member_id: int, call: Call, tx: Transaction) -> bool:
    """Whether a name is another member's, or could be taken for the staff's or the club's."""
    if tx.aliases.is_taken(member_id, name) or tx.aliases.is_others(member_id, written(name)):
        return True
    return is_like_staff(name, [call.config.programme.name, *tx.aliases.staff(member_id)])


@command("unalias", params=[MemberParam("member")], role=Role.MODERATOR)
def unalias(call: Call, tx: Transaction) -> Reply:
    """Take a member's alias away; they are told."""
    member = call.args.member
    if member.name == member.own_name:
        raise NoAlias(name=tx.members.told_apart(member))
    tx.aliases.take_away(member.id)
    tx.post(Post(ToMember(member.id), "alias_lost", f"alias_lost:{call.source}", {"name": member.own_name}))
    return reply("alias_removed", given=member.name, name=member.own_name)
