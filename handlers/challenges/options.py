"""What else a challenge made in chat can say: for whom it is, when again, after which one, and what of all counts."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import get_args

from bot.challenges.terms import Repeat
from bot.config.types import Weekday
from bot.numbers import Whole
from handlers.call import Call
from handlers.challenges.drafting import suits
from handlers.challenges.grouping import GROUP
from handlers.challenges.naming import by_language
from handlers.challenges.presets import is_outdated
from handlers.challenges.ties import follows, for_causes, to_follow
from handlers.forms import Answers, Choice, Step, in_rows
from handlers.pages import in_language
from handlers.rewards import steps as reward_steps

_NEWCOMER_DAYS = 30
_MINIMA, _MOST_AMOUNT = (10, 20, 50, 100), 10**6
_MENU = "options"
_WEEKDAYS: tuple[str, ...] = get_args(Weekday)


def _audiences(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    return in_rows(
        [
            Choice("challenge_everybody", reward_steps.NONE),
            Choice("challenge_newcomers", _NEWCOMER_DAYS),
            *(_named(tier.id, in_language(by_language(tier.name), call.language)) for tier in call.config.tier),
        ]
    )


def _named(value: str, text: str) -> Choice:
    return Choice("as_is", value, {"text": text})


def _repeats(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    repeats: tuple[str, ...] = get_args(Repeat)
    return in_rows(
        [Choice("challenge_once", reward_steps.NONE), *(Choice(f"challenge_{repeat}", repeat) for repeat in repeats)]
    )


def _shops(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    shops = [_named(shop.id, shop.id) for shop in call.config.shop]
    return in_rows([Choice("challenge_any_shop", reward_steps.NONE), Choice("challenge_till", "till"), *shops])


def _products(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    products = [_named(one.id, in_language(by_language(one.name), call.language)) for one in call.config.product]
    return in_rows([Choice("challenge_any_product", reward_steps.NONE), *products])


def _actions(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    titled = call.config.earning.action.items()
    actions = [_named(name, in_language(by_language(rule.title), call.language)) for name, rule in titled]
    return in_rows([Choice("challenge_any_product", reward_steps.NONE), *actions])


def _minima(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    return [
        [Choice("challenge_any_amount", 0)],
        [Choice("as_is", amount, {"text": amount}) for amount in _MINIMA],
    ]


def _weekdays(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    """Offer each day to be taken in or out, and the way on. No day at all is every day."""
    chosen: list[str] = answers.get("weekdays") or []
    days = [
        Choice(f"chosen_{day}" if day in chosen else day, _other(chosen, day), then="weekdays") for day in _WEEKDAYS
    ]
    return [days[:4], days[4:], [Choice("challenge_days_done", chosen)]]


def _other(chosen: Sequence[str], changed: str) -> list[str]:
    return [day for day in _WEEKDAYS if (day in chosen) != (day == changed)]


def _some(config_list: str, then: Callable[[Call, Answers], bool]) -> Callable[[Call, Answers], bool]:
    return lambda call, answers: bool(getattr(call.config, config_list)) and then(call, answers)


def _product_suits(call: Call, answers: Answers) -> bool:
    return any(suits(of=product.id)(call, answers) for product in call.config.product)


def _action_suits(call: Call, answers: Answers) -> bool:
    return any(suits(of=action)(call, answers) for action in call.config.earning.action)


def _may_follow(call: Call, answers: Answers) -> bool:
    """Whether there is one that it may follow, and one that is chosen already is among those."""
    others = [challenge for challenge, _ in to_follow(call, answers)]
    chosen = answers.get("follows") or None
    return bool(others) and chosen in (None, *others) and suits(after=others[0])(call, answers)


def _may_be_for_a_cause(call: Call, answers: Answers) -> bool:
    return any(suits(cause=key, donation=1)(call, answers) for key, _ in answers.get("causes", ()))


def _may_be_hidden(call: Call, answers: Answers) -> bool:
    """Whether it may be hidden: where it is made in a group all have read what it is."""
    return call.event.place.is_private and suits(hidden=True)(call, answers)


def _nothing(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    return []


_ASKED = (
    Step("audience", "challenge_audience", _audiences, is_optional=True),
    replace(GROUP, is_optional=True),
    Step("repeat", "challenge_repeat", _repeats, is_optional=True),
    Step("shop", "challenge_shop", _shops, applies=_some("shop", suits(shop="till")), is_optional=True),
    Step("product", "challenge_product", _products, applies=_product_suits, is_optional=True),
    Step("action", "challenge_action", _actions, applies=_action_suits, is_optional=True),
    Step(
        "minimum",
        "challenge_minimum",
        _minima,
        Whole(0, _MOST_AMOUNT),
        "challenge_minimum_question",
        "other_number",
        applies=suits(minimum_amount="1"),
        is_optional=True,
    ),
    Step("follows", "challenge_follows", follows, applies=_may_follow, is_optional=True),
    Step("cause", "challenge_cause", for_causes, applies=_may_be_for_a_cause, is_optional=True),
    Step("weekdays", "challenge_weekdays", _weekdays, applies=suits(weekdays=_WEEKDAYS[:1]), is_optional=True),
)
_TOGGLED = tuple(
    Step(name, "challenge_options", _nothing, applies=applies, is_optional=True)
    for name, applies in (
        ("weeks", suits(every="week")),
        ("joining", suits(joining=True)),
        ("hidden", _may_be_hidden),
    )
)


def _menu(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    """Offer each option that suits what was answered: those with a question of their own lead to it."""
    asked = [Choice(f"challenge_{step.name}", then=step.name) for step in _ASKED if step.applies(call, answers)]
    toggled = [_toggle(step.name, call, answers) for step in _TOGGLED if step.applies(call, answers)]
    return in_rows([*asked, *toggled])


def _toggle(name: str, call: Call, answers: Answers) -> Choice:
    """Return the button that sets or unsets an option, and leads to the titles where one would not be right then."""
    is_set = bool(answers.get(name))
    then = _to_be_renamed(call, {**answers, name: not is_set})
    return Choice(f"challenge_not_{name}" if is_set else f"challenge_{name}", not is_set, step=name, then=then)


def _to_be_renamed(call: Call, answers: Answers) -> str | None:
    spoken = [language for language in reward_steps.LANGUAGES if language in call.config.programme.languages]
    return next((f"name_{language}" for language in spoken if is_outdated(language, answers)), None)


OPTIONS = (*_ASKED, *_TOGGLED, Step(_MENU, "challenge_options", _menu, is_optional=True))
MORE = Choice("challenge_more", then=_MENU)
