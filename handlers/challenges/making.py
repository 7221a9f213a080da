"""Challenges that moderators make in chat, guided by buttons, and stop before their time."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.challenges.contests import Contest, ContestInGroup, ContestRunning
from bot.challenges.measures import Counts, Measure
from bot.challenges.terms import Terms
from bot.commands import ChoiceParam
from bot.events import Command
from bot.money import MINOR_DIGITS
from bot.replies import Button, Reply, reply
from bot.roles import Role
from handlers import reward_steps
from handlers.call import Call
from handlers.challenges.contests import is_room_taken
from handlers.challenges.from_chat import publish_from_chat
from handlers.challenges.judging import entries, is_theirs
from handlers.challenges.showing import ChallengeOver
from handlers.forms import Answers, Choice, Form, Forms, Step
from handlers.pages import in_language
from handlers.quizzes.making import QUIZ, QuizInPrivate
from handlers.registry import Handler, button, command
from storage.transaction import Transaction

_ROLE = Role.MODERATOR
_GOALS, _DAYS, _POINTS = (3, 5, 10, 20), (7, 14, 30), (10, 25, 50, 100)
_EVERYONE, _BEST, _FIRST = "everyone", "best", "first"
_WINNERS, _MOST_WINNERS = (1, 3, 5, 10), 100
_MOST_GOAL, _MOST_DAYS, _MOST_POINTS, _MOST_STOPPED = 10**6, 90, 10**9, 10
_IN_A_ROW, _MOST_ROWS = 3, 4
_TEMPLATES: dict[str, dict[str, Any]] = {
    "purchases": {"counts": Counts.PURCHASES},
    "spending": {"counts": Counts.PURCHASES, "kind": "sum"},
    "message_days": {"counts": Counts.MESSAGE_DAYS},
    "streak": {"counts": Counts.MESSAGE_DAYS, "kind": "streak"},
    "reactions": {"counts": Counts.REACTIONS_RECEIVED},
    "thanks": {"counts": Counts.THANKS_RECEIVED},
    "newcomers": {"counts": Counts.NEWCOMERS_ANSWERED},
    "friends": {"counts": Counts.FRIENDS_BROUGHT},
    "events": {"counts": Counts.CHECK_INS},
    "together": {"counts": Counts.PURCHASES, "together": True},
    "photos": {"counts": Counts.VOTES, "photos": True},
    "texts": {"counts": Counts.VOTES},
}


def _templates(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    left_out = {
        "thanks": not call.config.earning.thanks.status,
        "friends": not call.config.earning.referral.enabled,
        **dict.fromkeys(("photos", "texts"), call.space is None),
    }
    choices = [Choice(f"challenge_of_{name}", name) for name in _TEMPLATES if not left_out.get(name)]
    # Discord shows five rows, and the last one leads back or out.
    in_a_row = max(_IN_A_ROW, -(-len(choices) // _MOST_ROWS))
    return [choices[at : at + in_a_row] for at in range(0, len(choices), in_a_row)]


def _is_contest(answers: Answers) -> bool:
    return _TEMPLATES[answers["template"]]["counts"] is Counts.VOTES


def _has_goal(call: Call, answers: Answers) -> bool:
    return not _is_contest(answers)


def _may_be_contended(call: Call, answers: Answers) -> bool:
    return not (_is_contest(answers) or _TEMPLATES[answers["template"]].get("together", False))


def _is_contended(call: Call, answers: Answers) -> bool:
    return _is_contest(answers) or bool(answers.get("paid", _EVERYONE) != _EVERYONE)


def _who_is_paid(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    """Offer the first only where it is not days that count: whoever is up at midnight would win."""
    ways = [_EVERYONE, _BEST]
    if _TEMPLATES[answers["template"]]["counts"] is not Counts.MESSAGE_DAYS:
        ways.append(_FIRST)
    return [[Choice(f"challenge_paid_{way}", way)] for way in ways]


def _numbers(numbers: Sequence[int]) -> Sequence[Choice]:
    return [Choice("as_is", number, {"text": number}) for number in numbers]


def _step(name: str, numbers: Sequence[int], most: int) -> Step:
    return Step(
        name,
        f"challenge_{name}",
        lambda _call, _answers: [_numbers(numbers)],
        lambda text: reward_steps.whole(text, 1, most),
        f"challenge_{name}_question",
        "other_number",
    )


def _terms(call: Call, answers: Answers) -> Terms:
    """Return the terms that were answered, for the space in which they were, or for the whole club."""
    about = _TEMPLATES[answers["template"]]
    is_money = about.get("kind") == "sum"
    currency = call.config.programme.currency
    title = {str(language): answers[f"name_{language}"] for language in call.config.programme.languages}
    is_together = about.get("together", False)
    contest = _contest(call, answers)
    paid = _BEST if contest else answers.get("paid", _EVERYONE)
    winners = answers.get("winners", 0)
    return Terms(
        title=title,
        goal=answers.get("goal", 1) * (10 ** MINOR_DIGITS[currency] if is_money else 1),
        points=answers["points"],
        status=answers["points"],
        rule_version="",
        measure=Measure(
            counts=about["counts"],
            space_id=call.space.id if call.space else None,
            room=contest.room if contest else None,
        ),
        kind=about.get("kind", "count"),
        currency=currency if is_money else "",
        together=is_together,
        best=winners if paid == _BEST else 0,
        first=winners if paid == _FIRST else 0,
        reminds=not is_together and contest is None,
        contest=contest,
        space_name=call.space.title if call.space else "",
    )


def _contest(call: Call, answers: Answers) -> Contest | None:
    """Return the contest that takes place where it is made, None for another challenge. Raises ContestInGroup."""
    if not _is_contest(answers):
        return None
    if call.space is None:
        raise ContestInGroup()
    place, about = call.event.place, _TEMPLATES[answers["template"]]
    return Contest(channel_id=place.channel_id, thread_id=place.thread_id, photos=about.get("photos", False))


def _replied_to(call: Call, tx: Transaction) -> int | None:
    """Return the member whose message the command answers, where it answers one."""
    person = call.event.reply_to if isinstance(call.event, Command) else None
    member = None if person is None else tx.members.by_identity(person.identity)
    return None if member is None else member.id


def _finish(call: Call, tx: Transaction, answers: Answers) -> Reply:
    terms = _terms(call, answers)
    if is_room_taken(terms, tx):
        raise ContestRunning()
    closes_at = publish_from_chat(terms, answers["days"], call, tx)
    return reply("challenge_published", edit=True, terms=terms.shown(), closes_at=closes_at)


MAKING = Form(
    "challenge",
    _ROLE,
    (
        Step("template", "challenge_template", _templates),
        replace(_step("goal", _GOALS, _MOST_GOAL), template="challenge_how_much", applies=_has_goal),
        _step("days", _DAYS, _MOST_DAYS),
        _step("points", _POINTS, _MOST_POINTS),
        Step("paid", "challenge_who", _who_is_paid, applies=_may_be_contended),
        replace(_step("winners", _WINNERS, _MOST_WINNERS), applies=_is_contended),
        *(replace(step, template="challenge_name", asks="challenge_name_question") for step in reward_steps.NAMES),
        Step("confirm", "challenge_confirm", reward_steps.confirm),
    ),
    _finish,
)


def challenge_handlers(forms: Forms) -> list[Handler]:
    """Return the /challenge command over the forms it is one of, and the button that stops a challenge."""

    @command("challenge", params=[ChoiceParam("action", choices=("new", "quiz", "stop", "disqualify"))], role=_ROLE)
    def challenge(call: Call, tx: Transaction) -> Reply:
        """Make a challenge or a quiz, or offer those that can be stopped here, or what takes part in contests here."""
        if call.args.action == "disqualify":
            return entries(call, tx, _replied_to(call, tx))
        if call.args.action == "quiz" and not call.event.place.is_private:
            raise QuizInPrivate()
        if call.args.action != "stop":
            return forms.begin((MAKING if call.args.action == "new" else QUIZ).name, call, tx, {})
        stopping = [one for one in tx.challenges.open_rounds() if is_theirs(one, call) and one.closes_at > tx.now]
        buttons = [
            Button("as_is", "challenge.stop", {"round": one.id}, {"text": in_language(one.terms.title, call.language)})
            for one in stopping[:_MOST_STOPPED]
        ]
        rows = tuple((one,) for one in buttons)
        return reply("challenge_which", buttons=rows, is_empty=not rows)

    @button("challenge.stop", role=_ROLE)
    def stop(call: Call, tx: Transaction) -> Reply:
        """End a challenge now: who reached its goal by now is paid as at any end."""
        of = tx.challenges.by_id(call.data["round"])
        if not of.is_open or of.closes_at <= tx.now or not is_theirs(of, call):
            raise ChallengeOver(title=dict(of.terms.title))
        tx.challenges.end_now(of.id)
        return reply("challenge_stopped", edit=True, title=dict(of.terms.title))

    return [challenge, stop]
