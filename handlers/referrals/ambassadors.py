"""Ambassadors: appointed and listed by owners, with a code of their own, and told each month what they brought."""

from dataclasses import replace

from bot.arguments import Usage
from bot.calendar import Period, month_of, period_bounds, previous
from bot.commands import ChoiceParam, MemberParam, WordParam
from bot.members.members import Member
from bot.members.referrals import InviteCodeTaken, InvitesOff, NotAnAmbassador, State, own_code
from bot.members.roles import Role
from bot.replies import Post, Reply, ToMember, reply
from handlers.call import Call
from handlers.pages import page_turns
from handlers.referrals.inviting import code_of, terms_now
from handlers.registry import button, command
from handlers.scheduler import Run
from storage.transaction import Transaction

_ON_A_PAGE = 15


@command(
    "ambassador",
    params=[
        ChoiceParam("what", choices=("add", "end", "list")),
        MemberParam("member", required=False),
        WordParam("code", required=False, limit=24),
    ],
    role=Role.OWNER,
)
def ambassador(call: Call, tx: Transaction) -> Reply:
    """Make a member an ambassador, with a code that was made up for them if one is given; end that; or list them."""
    if not call.config.earning.referral.enabled:
        raise InvitesOff()
    if call.args.what == "list":
        return _listed(tx, 0)
    member = call.args.member
    if member is None:
        raise Usage(command="ambassador", choices=())
    return _add(call, tx, member) if call.args.what == "add" else _end(call, tx, member)


def _add(call: Call, tx: Transaction, member: Member) -> Reply:
    if call.args.code is not None:
        code = own_code(call.args.code)
        if not tx.referrals.add_code(code, member.id):
            raise InviteCodeTaken(given=code)
    code = code_of(member, tx)
    is_new = tx.referrals.appoint(member.id)
    terms = terms_now(member.id, call, tx).plain()
    if is_new:
        fields = {"code": code, "terms": terms}
        tx.post(Post(ToMember(member.id), "ambassador_received", f"ambassador_received:{call.source}", fields))
    return reply("ambassador_added", name=tx.members.for_staff(member), code=code, terms=terms)


def _end(call: Call, tx: Transaction, member: Member) -> Reply:
    name = tx.members.for_staff(member)
    since = tx.referrals.dismiss(member.id)
    if since is None:
        raise NotAnAmbassador(name=name)
    month = month_of(call.now, call.zone)
    if since < period_bounds(month, call.zone)[0]:
        # On the first of the month it may not have been told yet.
        _tell(member.id, previous(month), tx)
    brought = _brought(member.id, month, tx)
    if brought["joined"] or brought["rewarded"]:
        tx.post(Post(ToMember(member.id), "ambassador_month", f"ambassador_month:{call.source}", brought))
    tx.post(Post(ToMember(member.id), "ambassador_over", f"ambassador_over:{call.source}"))
    return reply("ambassador_ended", name=name)


@button("ambassadors.page", role=Role.OWNER)
def turn_page(call: Call, tx: Transaction) -> Reply:
    """Turn to another page of them."""
    return replace(_listed(tx, call.data["page"]), edit=True)


def _listed(tx: Transaction, page: int) -> Reply:
    """Return a page of them, with what each brought so far, also before they were one."""
    ids = tx.referrals.ambassadors()
    on_page = ids[page * _ON_A_PAGE : (page + 1) * _ON_A_PAGE]
    members = tx.members.by_ids(on_page)
    rows = page_turns("ambassadors.page", page, has_more=len(ids) > (page + 1) * _ON_A_PAGE)
    return reply("ambassadors", buttons=rows, ambassadors=[_shown(members[one], tx) for one in on_page])


def _shown(member: Member, tx: Transaction) -> dict[str, object]:
    states = tx.referrals.states(member.id)
    return {
        "name": tx.members.for_staff(member),
        "code": code_of(member, tx),
        "joined": sum(states.values()),
        "rewarded": states.get(State.PAID, 0),
    }


def tell_ambassadors(run: Run, tx: Transaction) -> None:
    """Tell each who was an ambassador in the month that is over what they brought in it."""
    month = previous(month_of(run.occurrence.at, tx.zone))
    for member_id in tx.referrals.ambassadors_before(period_bounds(month, tx.zone)[1]):
        _tell(member_id, month, tx)


def _tell(member_id: int, month: Period, tx: Transaction) -> None:
    """Tell an ambassador what they brought in a month that is over, once."""
    key = f"ambassador_month:{member_id}:{month.key}"
    tx.post(Post(ToMember(member_id), "ambassador_month", key, _brought(member_id, month, tx)))


def _brought(member_id: int, month: Period, tx: Transaction) -> dict[str, object]:
    """Return what a member brought in a month, until now if it is not over."""
    since, until = period_bounds(month, tx.zone)
    paid = tx.referrals.paid(member_id, since, until)
    return {
        "month": month.key,
        "joined": tx.referrals.joined(member_id, since, until),
        "rewarded": len(paid),
        "points": sum(referral.terms.points for referral in paid),
        "status": sum(referral.terms.status for referral in paid),
    }
