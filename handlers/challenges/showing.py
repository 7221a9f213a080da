"""The challenges that are open, as a member sees them: what is nearly done first; joining one; who hears of success."""

from dataclasses import replace

from bot.errors import UserError
from bot.replies import Button, Reply, reply
from handlers.call import Call
from handlers.challenges.audience import is_for
from handlers.challenges.celebrating import counts_from
from handlers.challenges.common_goals import common_amount
from handlers.challenges.standing import NOTHING, Standing, standings
from handlers.quizzes.answering import first_unanswered
from handlers.registry import button, command
from storage.rounds import NO_PART, Part, Round
from storage.transaction import Transaction

_MOST_SHOWN = 20


class ChallengeOver(UserError):
    """The challenge that was to be joined is over, or was never for this member."""

    template = "challenge_over"


@command("challenges", read_only=True)
def challenges(call: Call, tx: Transaction) -> Reply:
    """Show every open challenge that is for the member, with their progress."""
    parts = tx.challenges.parts_of(call.actor.id)
    seen = [
        (one, _standing(one, call.actor.id, tx), parts.get(one.id, NO_PART))
        for one in tx.challenges.open_rounds()
        if one.closes_at > tx.now and is_for(one, call.actor, tx)
    ]
    shown = [item for item in seen if _is_seen(*item)][:_MOST_SHOWN]
    shown.sort(key=lambda item: _turn(item[0], item[1]))
    answer = [
        (Button("quiz_answer", "quiz.ask", {"round": one.id}, {"title": _title(one, call)}),)
        for one, _, _ in shown
        if one.terms.questions and first_unanswered(one, call.actor.id, tx) is not None
    ]
    join = [
        (Button("challenge_join", "challenge.join", {"round": one.id}, {"title": _title(one, call)}),)
        for one, _, part in shown
        if one.terms.joins and part.since is None
    ]
    shares = call.actor.shares_news
    label = "news_in_private" if shares else "news_in_groups"
    toggle = [(Button(label, "challenge.celebrate", {"in_group": not shares}),)] if shown else []
    rounds = [_line(one, standing, part, tx) for one, standing, part in shown]
    return reply("challenges", buttons=(*answer, *join, *toggle), rounds=rounds)


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


def _line(one: Round, standing: Standing, part: Part, tx: Transaction) -> dict[str, object]:
    is_done = standing.reached >= one.terms.goal and not one.terms.best
    amount = max(standing.now, one.terms.goal) if is_done else standing.now
    return {
        "terms": one.terms.shown(),
        "closes_at": one.closes_at,
        "minutes_left": int((one.closes_at - tx.now).total_seconds()) // 60,
        "amount": amount,
        "amount_money": one.terms.shown_amount(amount) if one.terms.currency else None,
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
    return replace(challenges(call, tx), edit=True)


@button("challenge.celebrate")
def celebrate(call: Call, tx: Transaction) -> Reply:
    """Set whether groups may hear what the member has done and won."""
    shares = call.data["in_group"]
    tx.members.share_news(call.actor.id, shares=shares)
    seen_by = replace(call, member=replace(call.actor, shares_news=shares))
    return replace(challenges(seen_by, tx), edit=True)
