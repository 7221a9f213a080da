"""Challenges that moderators make in chat, guided by buttons, and stop before their time."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.challenges.measures import Counts, Measure
from bot.challenges.terms import Terms
from bot.commands import ChoiceParam
from bot.money import MINOR_DIGITS
from bot.replies import Button, Reply, reply
from bot.roles import Role
from handlers import reward_steps
from handlers.call import Call
from handlers.challenges.from_chat import publish_from_chat
from handlers.challenges.showing import ChallengeOver
from handlers.forms import Answers, Choice, Form, Forms, Step
from handlers.pages import in_language
from handlers.quizzes.making import QUIZ
from handlers.registry import Handler, button, command
from storage.rounds import Round
from storage.transaction import Transaction

_ROLE = Role.MODERATOR
_GOALS, _DAYS, _POINTS = (3, 5, 10, 20), (7, 14, 30), (10, 25, 50, 100)
_MOST_GOAL, _MOST_DAYS, _MOST_POINTS, _MOST_STOPPED = 10**6, 90, 10**9, 10
_TEMPLATES: dict[str, dict[str, Any]] = {
    "purchases": {"counts": Counts.PURCHASES},
    "spending": {"counts": Counts.PURCHASES, "kind": "sum"},
    "message_days": {"counts": Counts.MESSAGE_DAYS},
    "streak": {"counts": Counts.MESSAGE_DAYS, "kind": "streak"},
    "reactions": {"counts": Counts.REACTIONS_RECEIVED},
    "together": {"counts": Counts.PURCHASES, "together": True},
}


def _templates(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    choices = [Choice(f"challenge_of_{name}", name) for name in _TEMPLATES]
    return [choices[:2], choices[2:4], choices[4:]]


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
    return Terms(
        title=title,
        goal=answers["goal"] * (10 ** MINOR_DIGITS[currency] if is_money else 1),
        points=answers["points"],
        status=answers["points"],
        rule_version="",
        measure=Measure(counts=about["counts"], space_id=call.space.id if call.space else None),
        kind=about.get("kind", "count"),
        currency=currency if is_money else "",
        together=is_together,
        reminds=not is_together,
    )


def _finish(call: Call, tx: Transaction, answers: Answers) -> Reply:
    terms = _terms(call, answers)
    closes_at = publish_from_chat(terms, answers["days"], call, tx)
    return reply("challenge_published", edit=True, terms=terms.shown(), closes_at=closes_at)


MAKING = Form(
    "challenge",
    _ROLE,
    (
        Step("template", "challenge_template", _templates),
        replace(_step("goal", _GOALS, _MOST_GOAL), template="challenge_how_much"),
        _step("days", _DAYS, _MOST_DAYS),
        _step("points", _POINTS, _MOST_POINTS),
        *(replace(step, template="challenge_name", asks="challenge_name_question") for step in reward_steps.NAMES),
        Step("confirm", "challenge_confirm", reward_steps.confirm),
    ),
    _finish,
)


def challenge_handlers(forms: Forms) -> list[Handler]:
    """Return the /challenge command over the forms it is one of, and the button that stops a challenge."""

    @command("challenge", params=[ChoiceParam("action", choices=("new", "quiz", "stop"))], role=_ROLE)
    def challenge(call: Call, tx: Transaction) -> Reply:
        """Make a challenge or a quiz, or offer those that can be stopped here."""
        if call.args.action != "stop":
            return forms.begin((MAKING if call.args.action == "new" else QUIZ).name, call, tx, {})
        stopping = [one for one in tx.challenges.open_rounds() if _may_stop(one, call) and one.closes_at > tx.now]
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
        if not of.is_open or of.closes_at <= tx.now or not _may_stop(of, call):
            raise ChallengeOver(title=dict(of.terms.title))
        tx.challenges.end_now(of.id)
        return reply("challenge_stopped", edit=True, title=dict(of.terms.title))

    return [challenge, stop]


def _may_stop(of: Round, call: Call) -> bool:
    """In a space those of the space; in private, where the role holds for the whole club, all."""
    return call.space is None or of.terms.measure.space_id == call.space.id
