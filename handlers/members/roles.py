"""Roles: granted by owners, in a space for that space, in private for the whole club."""

from bot.commands import ChoiceParam, MemberParam
from bot.errors import UserError
from bot.members.roles import GRANTABLE, Role
from bot.replies import Post, Reply, ToMember, reply
from handlers.call import Call
from handlers.listing import relist
from handlers.registry import command
from storage.schema import CLUB
from storage.transaction import Transaction


class SetUpFirst(UserError):
    """The group is no space yet."""

    template = "set_up_first"


@command(
    "role",
    params=[MemberParam("member"), ChoiceParam("role", choices=(*GRANTABLE, "none"))],
    role=Role.OWNER,
)
def grant_role(call: Call, tx: Transaction) -> Reply:
    """Grant a role here, or with "none" take back what was granted here."""
    if call.space is None and not call.event.place.is_private:
        raise SetUpFirst()
    member, role = call.args.member, call.args.role
    scope = call.space.id if call.space else CLUB
    if role == "none":
        is_news = tx.roles.revoke(member.id, scope)
    else:
        is_news = tx.roles.grant(member.id, Role(role), scope, call.actor.holder_id)
    relist(member.id, tx, call.config)
    fields = {"role": role, "space": call.space.title if call.space else None}
    if is_news:
        tx.post(Post(ToMember(member.id), "role_received", f"role_received:{call.source}", fields))
    return reply("role_granted", name=tx.members.for_staff(member), **fields)
