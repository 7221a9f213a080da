"""The challenges that are open, as a member sees them: what is nearly done first; joining one; who hears of success."""

from collections.abc import Sequence
from dataclasses import replace

from bot.errors import UserError
from bot.replies import Button, Reply, reply
from handlers.call import Call
from handlers.challenges.audience import is_for
from handlers.challenges.common_goals import common_amount
from handlers.challenges.following import counts_from
from handlers.challenges.standing import NOTHING, Standing, standings
from handlers.challenges.tasks import is_open_task
from handlers.pages import page_turns
from handlers.quizzes.answering import first_unanswered
from handlers.registry import button, command
from storage.challenges.rounds import NO_PART, Part, Round
from storage.transaction import Transaction

_ON_A_PAGE, _ROOM, _WITHOUT_NAMES, _MOST_ROWS = 6, 3600, 550, 3
Item = tuple[Round, Standing, Part]


class ChallengeOver(UserError):
    """The challenge that was to be joined is over, or was never for this member."""

    template = "challenge_over"


@command("challenges", read_only=True)
def challenges(call: Call, tx: Transaction) -> Reply:
    """Show every open challenge that is for the member, with their progress."""
    return _show(call, tx, 0)


@button("challenges.page")
def challenges_page(call: Call, tx: Transaction) -> Reply:
    """Turn to another page of them."""
    return replace(_show(call, tx, call.data["page"]), edit=True)


def _show(call: Call, tx: Transaction, page: int) -> Reply:
    """Return a page, the last one where there are fewer by now."""
    parts = tx.challenges.parts_of(call.actor.id)
    seen = [
        (one, _standing(one, call.actor.id, tx), parts.get(one.id, NO_PART))
        for one in tx.challenges.open_rounds()
        if one.closes_at > tx.now and is_for(one, call.actor, tx)
    ]
    pages = _pages(sorted((item for item in seen if _is_seen(*item)), key=lambda item: _turn(item[0], item[1])))
    page = min(page, len(pages) - 1)
    shown = pages[page]
    rows = _to_do(shown, page, call, tx)
    if shown:
        shares = call.actor.shares_news
        label = "news_in_private" if shares else "news_in_groups"
        rows.append((Button(label, "challenge.celebrate", {"in_group": not shares, "page": page}),))
    rows += page_turns("challenges.page", page, has_more=page + 1 < len(pages))
    return reply("challenges", buttons=tuple(rows), rounds=[_line(*item, call.actor.id, tx) for item in shown])


def _pages(items: Sequence[Item]) -> list[list[Item]]:
    """Return what stands on each page: so much that the platforms show it whole. There is at least one."""
    pages: list[list[Item]] = [[]]
    room = _ROOM
    for item in items:
        terms = item[0].terms
        names = (terms.title, terms.of_name, terms.tier_name, terms.cause_name, {"": terms.space_name})
        # Platforms count some characters twice, and escape others.
        needs = _WITHOUT_NAMES + 2 * sum(max(map(len, name.values()), default=0) for name in names)
        if pages[-1] and (needs > room or len(pages[-1]) == _ON_A_PAGE):
            pages.append([])
            room = _ROOM
        pages[-1].append(item)
        room -= needs
    return pages


def _to_do(shown: Sequence[Item], page: int, call: Call, tx: Transaction) -> list[tuple[Button, ...]]:
    """Return the buttons of quizzes, hand-ins and challenges to join, in few rows: below them are two more."""
    buttons = [
        Button("quiz_answer", "quiz.ask", {"round": one.id}, {"title": _title(one, call)})
        for one, _, _ in shown
        if one.terms.questions and first_unanswered(one, call.actor.id, tx) is not None
    ]
    buttons += [
        Button("handin_begin", "handin.begin", {"round": one.id}, {"title": _title(one, call)})
        for one, _, _ in shown
        if is_open_task(one, call.actor, tx)
    ]
    buttons += [
        Button("challenge_join", "challenge.join", {"round": one.id, "page": page}, {"title": _title(one, call)})
        for one, _, part in shown
        if one.terms.joins and part.since is None
    ]
    in_a_row = max(1, -(-len(buttons) // _MOST_ROWS))
    return [tuple(buttons[at : at + in_a_row]) for at in range(0, len(buttons), in_a_row)]


def _standing(one: Round, member_id: int, tx: Transaction) -> Standing:
    """Return how far the member is, of a common goal how far all are, of a quiz how much they answered."""
    if one.terms.questions:
        return Standing(len(tx.quizzes.answers_of(one.id, member_id)))
    if one.terms.together:
        amount = common_amount(one, tx)
        return Standing(amount, amount)
    return standings(one, [member_id], tx).get(member_id, NOTHING)


def _is_seen(one: Round, standing: Standing, part: Part) -> bool:
    """Hidden ones are seen once they are reached, those that follow another once they have begun for the member."""
    if one.terms.is_hidden and standing.reached < one.terms.goal:
        return False
    return one.terms.after is None or part.since is not None


def _turn(one: Round, standing: Standing) -> tuple[object, ...]:
    goal = one.terms.goal
    is_done = standing.reached >= goal and not one.terms.best
    return is_done, -min(standing.now, goal) / goal, one.closes_at, one.id


def _title(one: Round, call: Call) -> str:
    titles = one.terms.title
    return titles.get(call.language) or next(iter(titles.values()))


def _line(one: Round, standing: Standing, part: Part, member_id: int, tx: Transaction) -> dict[str, object]:
    is_done = standing.reached >= one.terms.goal and not one.terms.best
    amount = max(standing.now, one.terms.goal) if is_done else standing.now
    own = standings(one, [member_id], tx).get(member_id, NOTHING).now if one.terms.together else 0
    return {
        "terms": one.terms.shown(),
        "closes_at": one.closes_at,
        "minutes_left": int((one.closes_at - tx.now).total_seconds()) // 60,
        "amount": amount,
        "amount_money": one.terms.shown_amount(amount) if one.terms.currency else None,
        "own": own,
        "own_money": one.terms.shown_amount(own) if one.terms.currency else None,
        "is_done": is_done,
        "is_joined": part.since is not None,
        "breaks_tonight": standing.breaks_tonight and not is_done,
    }


@button("challenge.join")
def join(call: Call, tx: Transaction) -> Reply:
    """Take part in a challenge from now on."""
    of = tx.challenges.by_id(call.data["round"])
    if not of.is_open or of.closes_at <= tx.now or not is_for(of, call.actor, tx):
        raise ChallengeOver(title=dict(of.terms.title))
    tx.challenges.begin_parts(of.id, [call.actor.id], counts_from(of, tx.member_zones.of(call.actor.id).at(tx.now), tx))
    return replace(_show(call, tx, call.data.get("page", 0)), edit=True)


@button("challenge.celebrate")
def celebrate(call: Call, tx: Transaction) -> Reply:
    """Set whether groups may hear what the member has done and won."""
    shares = call.data["in_group"]
    tx.members.share_news(call.actor.id, shares=shares)
    seen_by = replace(call, member=replace(call.actor, shares_news=shares))
    return replace(_show(seen_by, tx, call.data.get("page", 0)), edit=True)
