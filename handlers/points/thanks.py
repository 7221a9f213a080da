"""Thanks: a member says who helped them, and that brings the other one status."""

from datetime import timedelta

from bot.calendar import local_date, span_around
from bot.challenges.measures import Counts, Happened
from bot.commands import MemberParam, Menu, TextParam
from bot.earning.thanks import ThanksLimit, ThanksOff, ThanksTooSoon, ThanksToYourself, thanks_intent
from bot.members.members import Member
from bot.replies import Post, Reply, ToMember, Visibility, reply
from handlers.badges.awarding import Awarding
from handlers.call import Call
from handlers.challenges.progress import Progress
from handlers.registry import command
from storage.transaction import Transaction


@command(
    "thanks",
    params=[MemberParam("member"), TextParam("why", required=False)],
    visibility=Visibility.PUBLIC,
    menus=(Menu.PERSON, Menu.MESSAGE),
)
def thanks(call: Call, tx: Transaction) -> Reply:
    """Thank a member: they get status and are told why. The reason is kept apart from the entry."""
    to, why = call.args.member, call.args.why
    _check(to, call, tx)
    rule, space_id = call.config.earning.thanks, call.space.id if call.space else None
    intent = thanks_intent(to, call.source, call.at, space_id, rule.status, call.rules["thanks"])
    entries = [entry._replace(actor_id=call.actor.holder_id, note=why) for entry in intent.entries(call.now)]
    tx.ledger.post_many(entries)
    progress = Progress(tx)
    progress.earned(entries)
    progress.add_many(
        Happened(counts=counts, member_id=member.id, at=call.at, mark=call.source, space_id=space_id)
        for counts, member in ((Counts.THANKS_GIVEN, call.actor), (Counts.THANKS_RECEIVED, to))
    )
    tx.thanks.add(call.source, call.actor.holder_id, to.holder_id, call.at)
    spaces = tx.leaderboards.spaces_of(to.id, call.now) if space_id is None else (space_id,)
    tx.thanks.add_to_boards(tx.leaderboards.open_periods(call.at)[0], spaces, to.id, rule.status)
    Awarding(tx, call.config).thanked(to)
    fields = {"giver": call.actor.display, "why": why, "status": rule.status}
    tx.post(Post(ToMember(to.id), "thanks_received", f"thanks_received:{call.source}", fields))
    return reply("thanks_given", to=tx.members.told_apart(to), **fields)


def _check(to: Member, call: Call, tx: Transaction) -> None:
    """Raise what keeps the one who acts from thanking a member now."""
    rule, giver = call.config.earning.thanks, call.actor
    if not rule.status:
        raise ThanksOff()
    if to.id == giver.id:
        raise ThanksToYourself()
    cooldown = timedelta(hours=rule.cooldown_hours)
    last = tx.thanks.last_between(giver.id, to.id, call.at - cooldown)
    if last is not None:
        giver_id, at = last
        raise ThanksTooSoon(to=to.display, is_theirs=giver_id == to.id, again_at=at + cooldown)
    today, tomorrow = span_around("day", local_date(call.at, call.zone), call.zone)
    assert today is not None
    for by, had, most in (
        ("giver", tx.thanks.given(giver.id, today), rule.given_per_day),
        ("receiver", tx.thanks.received(to.id, today), rule.received_per_day),
    ):
        if had >= most:
            raise ThanksLimit(by=by, most=most, to=to.display, again_at=tomorrow)
