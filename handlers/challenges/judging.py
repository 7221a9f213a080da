"""Moderators look at the entries of contests, take some out, and let them back in."""

from dataclasses import replace
from typing import Any, Final

from bot.members.roles import Role
from bot.replies import Button, ButtonStyle, Post, Reply, Rows, ToMember, reply
from handlers.call import Call
from handlers.challenges.contests import Contests
from handlers.challenges.showing import ChallengeOver
from handlers.pages import page_turns
from handlers.registry import button
from handlers.resolve import check_role, where_asked
from storage.challenges.contests import IN, OUT, Entry
from storage.challenges.rounds import Round
from storage.transaction import Transaction

_ON_A_PAGE: Final = 15
_IN_A_ROW: Final = 5


def is_theirs(of: Round, call: Call) -> bool:
    """In a space rounds of the space; in private, where the role holds for the whole club, all."""
    return call.space is None or of.terms.measure.space_id == call.space.id


def entries(call: Call, tx: Transaction, member_id: int | None = None, page: int = 0) -> Reply:
    """Show a page of the entries of the contests that are on, those with most votes first, or those of one member."""
    first, end = page * _ON_A_PAGE, (page + 1) * _ON_A_PAGE
    on = [one for one in tx.challenges.open_rounds() if one.terms.contest is not None and one.closes_at > tx.now]
    found = [
        (of, entry, votes)
        for of in on
        if is_theirs(of, call)
        for entry, votes in tx.contests.entries(of.id, end + 1, member_id)
    ]
    numbered = list(enumerate(found, 1))[first:end]
    about = {"of": member_id, "space": call.space and call.space.id}
    members = tx.members.by_ids(entry.member_id for _, (_, entry, _) in numbered)
    shown: list[dict[str, Any]] = []
    buttons: list[Button] = []
    for number, (of, entry, votes) in numbered:
        name = tx.members.told_apart(members[entry.member_id])
        title, is_in = dict(of.terms.title), entry.state == IN
        said = {"number": number, "contest": of.id, "title": title, "name": name, "at": entry.posted_at}
        shown.append(said | {"votes": votes, "is_in": is_in})
        label, style = ("contest_out", ButtonStyle.DANGER) if is_in else ("contest_in", ButtonStyle.PLAIN)
        data = {"entry": entry.id, "to": OUT if is_in else IN, "page": page, **about}
        buttons.append(Button(label, "contest.move", data, {"number": number}, style=style))
    rows: Rows = tuple(tuple(buttons[at : at + _IN_A_ROW]) for at in range(0, len(buttons), _IN_A_ROW))
    rows += page_turns("contest.page", page, about, has_more=len(found) > end)
    return reply("contest_entries", buttons=rows, entries=shown)


@button("contest.page")
def turn_page(call: Call, tx: Transaction) -> Reply:
    """Turn to another page of them."""
    call = where_asked(call, tx)
    check_role(call, Role.MODERATOR)
    return replace(entries(call, tx, call.data["of"], call.data["page"]), edit=True)


@button("contest.move")
def move(call: Call, tx: Transaction) -> Reply:
    """Take an entry out of its contest, or let it back in; its author is told."""
    call = where_asked(call, tx)
    check_role(call, Role.MODERATOR)
    entry, to = tx.contests.by_id(call.data["entry"]), call.data["to"]
    if entry is not None and entry.state != to:
        _move(entry, to, call, tx)
    return replace(entries(call, tx, call.data["of"], call.data.get("page", 0)), edit=True)


def _move(entry: Entry, to: str, call: Call, tx: Transaction) -> None:
    of = tx.challenges.by_id(entry.round_id)
    title = dict(of.terms.title)
    if not is_theirs(of, call) or not Contests(tx).move(entry, to):
        raise ChallengeOver(title=title)
    template = "contest_entry_out" if to == OUT else "contest_entry_in"
    tx.post(Post(ToMember(entry.member_id), template, f"{template}:{call.source}", {"title": title}))
