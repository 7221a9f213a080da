"""Binding what was typed or chosen to a command's parameters, before anything is looked up."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.commands import (
    AmountParam,
    ChoiceParam,
    CommandSpec,
    MemberParam,
    Param,
    PartParam,
    PointsParam,
    TextParam,
    WordParam,
)
from bot.errors import UserError
from bot.events import Command, Person
from bot.keys import meant
from bot.members.cards import parse_card_number
from bot.members.names import clean_text
from bot.numbers import parse_whole
from bot.purchases.money import MINOR_DIGITS, Money, parse_amount, parse_amount_in
from bot.purchases.purchases import PartTooLarge

Raw = str | int | Person
Bound = dict[str, object]
MAX_POINTS = 10**12
_AMOUNT_WORD = re.compile(
    r"[0-9][0-9.,]*|[0-9.,]*[0-9]|zł|zl|[A-Za-z]{3}|[€$£]|[€$£][0-9.,]+|[0-9.,]+(zł|zl|[A-Za-z]{3}|[€$£])"
)
_LETTERS = re.compile("[A-Za-z]{3}")
_CURRENCY_FIRST = re.compile("[^0-9]")
_DECIMALS = re.compile(r"[.,][0-9]{1,2}$")
_THOUSANDS_BEGUN = re.compile(r"(?<![0-9])[0-9]{1,3}$")
_LIKE_DECIMALS = re.compile(r"[0-9]{2}")
_GROUPED_WITHOUT_PROOF = re.compile(r"[0-9]{1,3}( [0-9]{3})+")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What else can be said than what a command declares.

    An amount is in the first of the currencies, unless it names another of them. `called` tells what a choice is called
    in any language.
    """

    currencies: tuple[str, ...]
    called: Callable[[str], Iterable[str]]


class Usage(UserError):
    """The command was not written as it must be."""

    template = "usage"


class AmountOrReceipt(UserError):
    """`1 249` or `49 90` may be one amount, or an amount and a receipt."""

    template = "amount_or_receipt"


class TooLong(UserError):
    """A word or text over its limit: cutting it would make it another."""

    template = "too_long"


class BadChoice(UserError):
    """A word that is none of the choices."""

    template = "bad_choice"


def bind(spec: CommandSpec, event: Command, vocabulary: Vocabulary) -> Bound:
    """Return values by parameter name; a member is still a Person or the word that names one, an absent value None.

    Raises Usage where a required one is missing or something is left over, and the refusals of each kind of value.
    """
    if event.options is not None:
        return _bind_options(spec, event.options, vocabulary)
    return _bind_words(spec, list(event.words), event.reply_to, vocabulary)


def _bind_options(spec: CommandSpec, options: Mapping[str, Raw], vocabulary: Vocabulary) -> Bound:
    bound: Bound = {}
    for param in spec.params:
        raw = options.get(param.name)
        if raw is None or raw == "":
            if param.required:
                raise _missing(spec, param)
            bound[param.name] = None
        else:
            bound[param.name] = _value(spec, param, raw, vocabulary, bound)
    return bound


def _bind_words(spec: CommandSpec, words: list[str | Person], reply_to: Person | None, vocabulary: Vocabulary) -> Bound:
    bound: Bound = {}
    parts = {param.name: _pull_part(words) for param in spec.params if isinstance(param, PartParam)}
    if parts and any(_begins_part(word) for word in words):
        raise Usage(command=spec.name, choices=())
    for position, param in enumerate(spec.params):
        if isinstance(param, PartParam):
            part = parts[param.name]
            bound[param.name] = None if part is None else _value(spec, param, part, vocabulary, bound)
            continue
        if isinstance(param, MemberParam) and reply_to is not None and not _names_someone(words):
            bound[param.name] = reply_to
            continue
        if not words:
            if param.required:
                raise _missing(spec, param)
            bound[param.name] = None
            continue
        taken = _take(param, words, is_last=position == len(spec.params) - 1)
        bound[param.name] = _value(spec, param, taken, vocabulary, bound)
    if words:
        raise Usage(command=spec.name, choices=())
    return bound


def _missing(spec: CommandSpec, param: Param) -> Usage:
    """Return the refusal that says what to choose from, where only the command was said."""
    choices = param.choices if isinstance(param, ChoiceParam) and param is spec.params[0] else ()
    return Usage(command=spec.name, choices=choices)


def _names_someone(words: Sequence[str | Person]) -> bool:
    if not words or isinstance(words[0], Person):
        return bool(words)
    grouped = " ".join(str(word) for word in words[:3])
    return words[0].startswith("@") or any(parse_card_number(text) is not None for text in (words[0], grouped))


def _take(param: Param, words: list[str | Person], *, is_last: bool) -> Raw:
    """Remove from the front of `words` what belongs to `param`."""
    if isinstance(param, TextParam):
        text = " ".join(word.name if isinstance(word, Person) else word for word in words)
        words.clear()
        return text
    if isinstance(param, AmountParam):
        return _take_amount(words, alone=is_last)
    if isinstance(param, MemberParam) and len(words) >= 3 and all(_is_card_group(word) for word in words[:3]):
        card = " ".join(str(word) for word in words[:3])
        del words[:3]
        return card
    return words.pop(0)


def _pull_part(words: list[str | Person]) -> Raw | None:
    """Remove "=" and the amount after it from wherever they stand in `words`; None where there is no such thing."""
    at = next((at for at, word in enumerate(words) if _begins_part(word)), None)
    if at is None:
        return None
    rest = [word for word in (str(words[at])[1:], *words[at + 1 :]) if word]
    taken = _take_amount(rest, alone=False) if rest else "="
    words[at:] = rest
    return taken


def _begins_part(word: str | Person) -> bool:
    return isinstance(word, str) and word.startswith("=")


def _is_card_group(word: str | Person) -> bool:
    return isinstance(word, str) and len(word) == 3 and word.isascii() and word.isdigit()


def _take_amount(words: list[str | Person], *, alone: bool) -> Raw:
    """Take the words of one amount: `1 249,00 zł` is one, `49,90 123` an amount and something else."""
    taken: list[str] = []
    for word in words:
        if not isinstance(word, str) or not _AMOUNT_WORD.fullmatch(word) or not _may_follow(taken, word):
            break
        taken.append(word)
    if not taken:
        return words.pop(0)
    del words[: len(taken)]
    text = " ".join(taken)
    if _GROUPED_WITHOUT_PROOF.fullmatch(text) and not alone:
        raise AmountOrReceipt(given=text, joined=text.replace(" ", ""), first=taken[0], rest=" ".join(taken[1:]))
    if text.isdigit() and len(words) == 1 and isinstance(words[0], str) and _LIKE_DECIMALS.fullmatch(words[0]):
        raise AmountOrReceipt(given=f"{text} {words[0]}", joined=f"{text}.{words[0]}", first=text, rest=words[0])
    return text


def _may_follow(taken: list[str], word: str) -> bool:
    """Whether a word belongs to an amount begun so: one currency before or after, thousands, decimals at the end."""
    if _LETTERS.fullmatch(word) and word.upper() not in MINOR_DIGITS:
        return False
    so_far = "".join(taken)
    if not so_far or (so_far.isalpha() and word[0].isdigit()):
        return True
    if not any(character.isdigit() for character in word):
        return so_far[-1].isdigit() and not _CURRENCY_FIRST.match(so_far)
    has_room = _THOUSANDS_BEGUN.search(taken[0] if taken[0][-1].isdigit() else so_far) is not None
    is_open = so_far[-1].isdigit() and has_room and not _DECIMALS.search(so_far)
    return is_open and re.match(r"[0-9]{3}(?![0-9])", word) is not None


def _value(spec: CommandSpec, param: Param, raw: Raw, vocabulary: Vocabulary, bound: Bound) -> object:
    if isinstance(param, MemberParam):
        return raw if isinstance(raw, Person) else str(raw)
    text = raw.name if isinstance(raw, Person) else str(raw)
    match param:
        case PointsParam() | AmountParam() if isinstance(raw, Person) or text.startswith("@"):
            # Somebody stands where a number belongs: the words are the other way round.
            raise Usage(command=spec.name, choices=())
        case PointsParam():
            return parse_whole(text, 1, MAX_POINTS)
        case AmountParam():
            return parse_amount_in(text, vocabulary.currencies)
        case PartParam(of=of):
            return part_of(bound[of], text)
        case TextParam(limit=limit) | WordParam(limit=limit):
            cleaned = clean_text(text, limit + 1)
            if not cleaned and param.required:
                raise Usage(command=spec.name, choices=())
            if isinstance(param, WordParam) and " " in cleaned:
                raise Usage(command=spec.name, choices=())
            if cleaned != clean_text(text, limit):
                raise TooLong(param=param.name, limit=limit)
            return cleaned or None
        case ChoiceParam(choices=choices):
            choice = meant(text, choices, lambda one: (one, vocabulary.called(one)))
            if choice is None:
                raise BadChoice(given=clean_text(text, 32), choices=choices)
            return choice
    return clean_text(text, 32)


def part_of(whole: object, text: str) -> Money:
    """Return the part of an amount that a person wrote, "=" before it or not.

    Raises PartTooLarge for more than the whole, and what `parse_amount` does.
    """
    assert isinstance(whole, Money)
    part = parse_amount(text.strip().removeprefix("=") or text, whole.currency)
    if part.amount_minor > whole.amount_minor:
        raise PartTooLarge(counts=part, paid=whole)
    return part
