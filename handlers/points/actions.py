"""Actions: what else the programme values, given by a cashier, by a one-time code or by a shop's event."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.calendar import local_date, span_around
from bot.challenges.measures import Counts, Happened
from bot.commands import MemberParam, WordParam
from bot.config.config import Config
from bot.earning.action import ActionLimit, ActionTerms, NoSuchAction, action_intent
from bot.earning.versions import RuleBook
from bot.members.members import Member, NotAMember
from bot.members.names import clean_name
from bot.members.roles import Role
from bot.replies import Button, Post, Reply, Rows, ToMember, reply
from handlers.badges.awarding import Awarding
from handlers.call import Call
from handlers.challenges.progress import Progress
from handlers.pages import page_turns
from handlers.points.bonus import NotToYourself
from handlers.registry import button, command
from handlers.resolve import check_role, where_asked
from storage.transaction import Transaction

_BEGINNING, _END = datetime(1970, 1, 1, tzinfo=UTC), datetime(2300, 1, 1, tzinfo=UTC)
_ON_A_PAGE, _IN_A_ROW = 8, 2


def terms_of(name: str, config: Config, rules: RuleBook) -> ActionTerms:
    """Return the terms of an action now. Raises NoSuchAction."""
    rule = config.earning.action.get(name)
    if rule is None:
        raise NoSuchAction(given=clean_name(name, "?"), actions=_listed(config))
    return ActionTerms.of(name, rule, rules[f"action:{name}"])


def do_action(
    terms: ActionTerms,
    member: Member,
    source: str,
    tx: Transaction,
    config: Config,
    *,
    giver: Member | None,
    space_id: int | None,
    at: datetime | None = None,
) -> dict[str, Any]:
    """Award an action to a member; return what `action_received` says of it. A replay of the source changes nothing.

    It was done at an instant that is not to come, now if that is None. Raises NotAMember where they left, ActionLimit
    where they have had it as often as they may in that instant's period.
    """
    at = tx.now if at is None else at
    intent = action_intent(terms, member, source, at, space_id, tx.now)
    if not tx.actions.is_done(source):
        _require_open(terms, member, at, tx)
        tx.actions.add(terms.name, member.holder_id, source, at)
        actor_id = None if giver is None else giver.holder_id
        entries = [entry._replace(actor_id=actor_id) for entry in intent.entries(tx.now)]
        tx.ledger.post_many(entries)
        progress = Progress(tx)
        progress.earned(entries)
        progress.add(
            Happened(
                counts=Counts.ACTIONS, member_id=member.id, at=at, mark=source, space_id=space_id, action=terms.name
            )
        )
        Awarding(tx, config).acted(member, terms.name)
    return {"title": terms.title, "points": terms.points, "status": terms.status, "ripens_at": intent.ripens_at}


def _require_open(terms: ActionTerms, member: Member, at: datetime, tx: Transaction) -> None:
    if not member.is_active:
        raise NotAMember()
    since, until = span_around(terms.per, local_date(at, tx.zone), tx.zone)
    if tx.actions.count(terms.name, member.id, since or _BEGINNING, until or _END) >= terms.limit:
        raise ActionLimit(title=terms.title, limit=terms.limit, per=terms.per, again_at=until)


def tell_of_action(member: Member, source: str, fields: dict[str, Any], tx: Transaction) -> None:
    """Tell a member what an action brought them."""
    tx.post(Post(ToMember(member.id), "action_received", f"action_received:{source}", fields))


@command(
    "action",
    params=[MemberParam("member"), WordParam("action", required=False, completes=True, limit=32)],
    role=Role.CASHIER,
)
def action(call: Call, tx: Transaction) -> Reply:
    """Give a member an action; without its name, offer all of them."""
    member, name = call.args.member, call.args.action
    if member.id == call.actor.id:
        raise NotToYourself()
    if name is not None:
        return _give(call, tx, member, name.lower())
    return _which(call, tx, member, 0)


def _which(call: Call, tx: Transaction, member: Member, page: int) -> Reply:
    about = {"member": member.id, "space": call.space.id if call.space else None}
    actions, first = list(call.config.earning.action.items()), page * _ON_A_PAGE
    picks = [
        Button(
            "as_is",
            "action.give",
            about | {"action": name},
            {"text": rule.title.get(call.language, name)},  # type: ignore[call-overload]
            once=True,
        )
        for name, rule in actions[first : first + _ON_A_PAGE]
    ]
    rows: Rows = tuple(tuple(picks[first : first + _IN_A_ROW]) for first in range(0, len(picks), _IN_A_ROW))
    rows += page_turns("action.page", page, about, has_more=first + _ON_A_PAGE < len(actions))
    return reply("action_which", buttons=rows, name=tx.members.for_staff(member), actions=_listed(call.config))


def _asked_about(call: Call, tx: Transaction) -> tuple[Call, Member]:
    """Return the call as if it were said where it was asked, and whom it is about. Raises NotAllowed."""
    call = where_asked(call, tx)
    check_role(call, Role.CASHIER)
    member = tx.members.by_id(call.data["member"])
    assert member is not None
    return call, member


@button("action.page")
def actions_page(call: Call, tx: Transaction) -> Reply:
    """Turn to another page of the actions."""
    call, member = _asked_about(call, tx)
    return replace(_which(call, tx, member, call.data["page"]), edit=True)


@button("action.give")
def action_picked(call: Call, tx: Transaction) -> Reply:
    """Give the action that was picked."""
    call, member = _asked_about(call, tx)
    return replace(_give(call, tx, member, call.data["action"]), edit=True)


def _give(call: Call, tx: Transaction, member: Member, name: str) -> Reply:
    terms = terms_of(name, call.config, call.rules)
    space_id = call.space.id if call.space else None
    fields = do_action(terms, member, call.source, tx, call.config, giver=call.actor, space_id=space_id, at=call.at)
    tell_of_action(member, call.source, fields, tx)
    return reply("action_given", name=tx.members.for_staff(member), **fields)


def _listed(config: Config) -> list[dict[str, Any]]:
    return [{"name": name, "title": dict(rule.title)} for name, rule in config.earning.action.items()]
