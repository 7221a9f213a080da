"""Challenges that moderators make in chat, guided by buttons."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from bot.challenges.chance import PrizeByChance, is_by_chance, no_draw
from bot.challenges.contests import ContestRunning
from bot.members.roles import Role
from bot.numbers import Whole
from bot.replies import Reply, reply
from bot.rewards.rewards import NAME_LIMIT
from handlers.call import Call
from handlers.challenges.contests import is_room_taken
from handlers.challenges.drafting import BEST, EVERYONE, FIRST, TEMPLATES, is_contest, is_offered, suits, terms_made
from handlers.challenges.from_chat import Promising, points_offered, publish_from_chat
from handlers.challenges.grouping import space_of
from handlers.challenges.options import MORE, OPTIONS
from handlers.challenges.presets import is_outdated
from handlers.challenges.publishing import closing
from handlers.challenges.ties import followed_title
from handlers.forms import Answers, Choice, Step
from handlers.rewards import steps as reward_steps
from storage.transaction import Transaction

_ROLE = Role.MODERATOR
_GOALS, _DAYS, _POINTS = (3, 5, 10, 20), (7, 14, 30), (10, 25, 50, 100)
_WINNERS, _MOST_WINNERS = (1, 3, 5, 10), 100
_MOST_GOAL, _MOST_DAYS, _MOST_POINTS = 10**6, 90, 10**9
_IN_A_ROW, _MOST_ROWS = 3, 4


def _templates(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    choices = [Choice(f"challenge_of_{name}", name) for name in TEMPLATES if is_offered(name, call)]
    # Discord shows five rows, and the last one leads back or out.
    in_a_row = max(_IN_A_ROW, -(-len(choices) // _MOST_ROWS))
    return [choices[at : at + in_a_row] for at in range(0, len(choices), in_a_row)]


def _has_goal(call: Call, answers: Answers) -> bool:
    return not is_contest(answers)


def _may_be_contended(call: Call, answers: Answers) -> bool:
    return not (is_contest(answers) or TEMPLATES[answers["template"]].get("together", False))


def _is_contended(call: Call, answers: Answers) -> bool:
    return is_contest(answers) or bool(answers.get("paid", EVERYONE) != EVERYONE)


def _who_is_paid(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    """Offer the best and the first where the config would allow them, such as not the first where days count."""
    ways = [EVERYONE, *(way for way in (BEST, FIRST) if suits(reward=way)(call, answers))]
    return [[Choice(f"challenge_paid_{way}", way)] for way in ways]


def _race(call: Call, _: Transaction, answers: Answers) -> dict[str, Any]:
    return {"may_be_first": suits(reward=FIRST)(call, answers)}


def _of_money(call: Call, _: Transaction, answers: Answers) -> dict[str, Any]:
    return {"is_money": answers["template"] == "spending"}


def _numbers(numbers: Sequence[int]) -> Sequence[Choice]:
    return [Choice("as_is", number, {"text": number}) for number in numbers]


def _step(name: str, numbers: Sequence[int], most: int) -> Step:
    return Step(
        name,
        f"challenge_{name}",
        lambda _call, _answers: [_numbers(numbers)],
        Whole(1, most),
        f"challenge_{name}_question",
        "other_number",
    )


def _no_draw(text: str) -> None:
    """Take no typed answer, and say why it is not chance that decides. Raises PrizeByChance."""
    if is_by_chance(text):
        raise PrizeByChance()


def _title(text: str) -> str | None:
    """Return the title that was typed. Raises PrizeByChance."""
    no_draw(text)
    return reward_steps.line(text, NAME_LIMIT)


def _title_before(language: str) -> Callable[[Call, Answers], Sequence[Sequence[Choice]]]:
    def choices(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
        """Offer the title that it has already, unless it is a template's that names another number."""
        title = answers.get(f"name_{language}")
        return [] if title is None or is_outdated(language, answers) else [[Choice("as_is", title, {"text": title})]]

    return choices


def _preview(call: Call, tx: Transaction, answers: Answers) -> dict[str, Any]:
    """Return what the last question says of the terms. For which group it is, it says by itself."""
    space, terms = space_of(call, tx, answers), terms_made(call, tx, answers)
    return {
        "terms": terms.shown() | {"space": ""},
        "space": None if space is None else space.title,
        "closes_at": closing(call.now, answers["days"], terms.repeat, call.zone),
        "is_hidden": terms.is_hidden,
        "follows": followed_title(call, answers),
    }


def _confirm(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    return [[Choice("publish", True)], [MORE]]


def _finish(call: Call, tx: Transaction, answers: Answers) -> Reply:
    terms = terms_made(call, tx, answers)
    if is_room_taken(terms, tx):
        raise ContestRunning()
    closes_at = publish_from_chat(terms, answers["days"], call, tx)
    return reply(
        "challenge_published",
        edit=True,
        terms=terms.shown(),
        closes_at=closes_at,
        is_hidden=terms.is_hidden,
        follows=followed_title(call, answers),
    )


MAKING = Promising(
    "challenge",
    _ROLE,
    (
        Step("template", "challenge_template", _templates),
        replace(_step("goal", _GOALS, _MOST_GOAL), template="challenge_how_much", applies=_has_goal, shows=_of_money),
        _step("days", _DAYS, _MOST_DAYS),
        replace(_step("points", _POINTS, _MOST_POINTS), choices=lambda call, _answers: points_offered(_POINTS, call)),
        Step("paid", "challenge_who", _who_is_paid, _no_draw, applies=_may_be_contended, shows=_race),
        replace(_step("winners", _WINNERS, _MOST_WINNERS), applies=_is_contended),
        *(
            replace(
                step,
                template="challenge_name",
                choices=_title_before(language),
                parse=_title,
                asks="challenge_name_question",
            )
            for language, step in zip(reward_steps.LANGUAGES, reward_steps.NAMES, strict=True)
        ),
        *OPTIONS,
        Step("confirm", "challenge_confirm", _confirm, shows=_preview),
    ),
    _finish,
)
