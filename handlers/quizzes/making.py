"""A quiz of one question that a moderator makes in chat."""

from collections.abc import Sequence
from dataclasses import replace

from bot.challenges.chance import no_draw
from bot.challenges.measures import Counts, Measure
from bot.challenges.quizzes import Question, answers_in
from bot.challenges.terms import Terms
from bot.errors import UserError
from bot.members.roles import Role
from bot.numbers import Whole
from bot.replies import Reply, reply
from handlers.call import Call
from handlers.challenges.from_chat import Promising, points_offered, publish_from_chat
from handlers.challenges.grouping import GROUP, space_of
from handlers.forms import Answers, Choice, Step
from handlers.rewards import steps as reward_steps
from storage.transaction import Transaction

_QUESTION_LIMIT = 100
_DAYS, _MOST_DAYS = (1, 3, 7), 90
_POINTS, _MOST_POINTS = (5, 10, 25, 50), 10**9


class QuizInPrivate(UserError):
    """A form is seen by all who are where it is filled in, and a quiz says which answer is right."""

    template = "quiz_in_private"


def _number(name: str, offered: Sequence[int], most: int) -> Step:
    return Step(
        name,
        f"challenge_{name}",
        lambda _call, _answers: [[Choice("as_is", number, {"text": number}) for number in offered]],
        Whole(1, most),
        f"challenge_{name}_question",
        "other_number",
    )


def _asked(text: str) -> str | None:
    """Return the question that was typed, which is the title of the quiz. Raises PrizeByChance."""
    no_draw(text)
    return reward_steps.line(text, _QUESTION_LIMIT)


def _texts() -> list[Step]:
    """Return the steps that ask for the question in each language of the programme."""
    return [
        Step(
            step.name.replace("name_", "question_"),
            "quiz_text",
            step.choices,
            _asked,
            "quiz_text_question",
            "type_it",
            applies=step.applies,
        )
        for step in reward_steps.NAMES
    ]


def _question(call: Call, answers: Answers) -> Question:
    """Return what was asked. Answers stand in the order of the alphabet, so that it does not tell the right one."""
    languages = [str(language) for language in call.config.programme.languages]
    ordered = sorted(answers["answers"], key=str.casefold)
    return Question(
        text={language: answers[f"question_{language}"] for language in languages},
        answers=tuple(dict.fromkeys(languages, answer) for answer in ordered),
        right=ordered.index(answers["answers"][0]),
    )


def _finish(call: Call, tx: Transaction, answers: Answers) -> Reply:
    question, space = _question(call, answers), space_of(call, tx, answers)
    terms = Terms(
        title=question.text,
        goal=1,
        points=answers["points"],
        status=answers["points"],
        rule_version="",
        measure=Measure(counts=Counts.RIGHT_ANSWERS, space_id=None if space is None else space.id),
        kind="quiz",
        questions=(question,),
        space_name="" if space is None else space.title,
    )
    closes_at = publish_from_chat(terms, answers["days"], call, tx)
    return reply("challenge_published", edit=True, terms=terms.shown(), closes_at=closes_at)


def _shown(call: Call, tx: Transaction, answers: Answers) -> dict[str, object]:
    space = space_of(call, tx, answers)
    return {"space": None if space is None else space.title}


QUIZ = Promising(
    "quiz",
    Role.MODERATOR,
    (
        *_texts(),
        Step(
            *("answers", "quiz_answers", lambda _call, _answers: []),
            parse=answers_in,
            asks="quiz_answers_question",
            types="type_it",
        ),
        _number("days", _DAYS, _MOST_DAYS),
        replace(_number("points", _POINTS, _MOST_POINTS), choices=lambda call, _answers: points_offered(_POINTS, call)),
        replace(GROUP, applies=lambda _call, answers: len(answers.get("groups", ())) > 1),
        Step("confirm", "quiz_confirm", lambda _call, _answers: [[Choice("publish", True)]], shows=_shown),
    ),
    _finish,
)
