"""Dead letters: what may be kept of an event that was given up, and how it is made an event again."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from bot.arguments import bind
from bot.commands import CommandSpec, TextParam, WordParam
from bot.config.config import Config
from bot.earning.versions import RuleBook
from bot.errors import UserError
from bot.events import (
    BotPresenceChanged,
    ButtonPressed,
    Command,
    Event,
    Identity,
    JoinRequested,
    MessageDeleted,
    MessagePosted,
    Person,
    PersonEvent,
    PresenceChanged,
    ReachabilityChanged,
    ReactionChanged,
    ReactionsCleared,
    SpaceMigrated,
    VoicePresent,
)
from bot.members.members import Member
from bot.purchases.money import Money, written
from handlers.registry import Registry
from handlers.resolve import look_up, resolve
from handlers.vocabulary import vocabulary_of
from storage.transaction import Transaction

_KINDS: Mapping[str, type[Event]] = {
    kind.__name__: kind
    for kind in (
        BotPresenceChanged,
        ButtonPressed,
        Command,
        JoinRequested,
        MessageDeleted,
        MessagePosted,
        PresenceChanged,
        ReachabilityChanged,
        ReactionChanged,
        ReactionsCleared,
        SpaceMigrated,
        VoicePresent,
    )
}
# A receipt number, a period: something with a digit in it is no word.
_CODE = re.compile(r"[A-Za-z./_-]*[0-9][A-Za-z0-9./_-]*")


class Outcome(StrEnum):
    """What came of running a dead letter again."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    NOT_KEPT = "not kept"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Retried:
    """What came of it; `reason` and `error_id` where it failed, the refusal's template as `reason` where it was one."""

    outcome: Outcome
    reason: str = ""
    error_id: str = ""


class _HoldsWords(Exception):
    """The event cannot be kept without words that somebody wrote."""


@cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(_KINDS[kind])


def described(event: Event, registry: Registry) -> str:
    """Return as JSON what was given up: which of our commands it was, never what was written."""
    if not isinstance(event, Command):
        return "{}"
    name = {"command": event.name} if event.name in registry.commands else {}
    return json.dumps(name | {"words": len(event.words)})


def load(kind: str, text: str) -> Event:
    """Return the event that `kept` was given, without names, titles and usernames."""
    event: Event = _adapter(kind).validate_json(text)
    return event


def kept(event: Event, registry: Registry, tx: Transaction, config: Config, rules: RuleBook) -> str | None:
    """Return as JSON what it takes to run an event again; None where that holds words or is of one who has not joined.

    Names, usernames and titles stay out: whoever has joined, the database knows.
    """
    try:
        bare = _bare(event, registry, tx, config, rules)
    except (_HoldsWords, UserError):
        return None
    text: str = _adapter(type(bare).__name__).dump_json(bare).decode()
    return text


def _bare(event: Event, registry: Registry, tx: Transaction, config: Config, rules: RuleBook) -> Event:
    if type(event).__name__ not in _KINDS or (isinstance(event, ButtonPressed) and event.text is not None):
        raise _HoldsWords
    if isinstance(event, Command):
        event = _without_words(event, registry, tx, config, rules)
    if isinstance(event, ReactionChanged) and event.message_author is not None:
        author = event.message_author
        event = replace(event, message_author=author if _has_joined(author, tx) else None)
    if isinstance(event, MessagePosted) and event.replies_to is not None and not _has_joined(event.replies_to, tx):
        event = replace(event, replies_to=None)
    if isinstance(event, VoicePresent):
        joined = (Person(one.identity, "") for one in event.people if _has_joined(one.identity, tx))
        event = replace(event, people=tuple(joined))
    if isinstance(event, PersonEvent):
        if not _has_joined(event.person.identity, tx):
            raise _HoldsWords
        event = replace(event, person=replace(event.person, name="", username=None))
    space = event.place.space
    return replace(event, place=replace(event.place, space=space and replace(space, title="")))


def _has_joined(identity: Identity, tx: Transaction) -> bool:
    member = tx.members.by_identity(identity)
    return member is not None and member.is_active


def _without_words(event: Command, registry: Registry, tx: Transaction, config: Config, rules: RuleBook) -> Command:
    """Return the command with its values by name, as they were understood. One that only reads is not worth it."""
    declared = registry.commands.get(event.name)
    if declared is None or declared[0].read_only:
        raise _HoldsWords
    spec = declared[0]
    values = look_up(spec, bind(spec, event, vocabulary_of(config)), resolve(event, tx, config, rules), tx)
    options = {
        param.name: _option(spec, param.name, value)
        for param in spec.params
        if (value := getattr(values, param.name)) is not None
    }
    return replace(event, words=(), options=options, reply_to=None)


def _option(spec: CommandSpec, name: str, value: object) -> str | int | Person:
    param = next(param for param in spec.params if param.name == name)
    if (
        param.is_secret
        or isinstance(param, TextParam)
        or (isinstance(param, WordParam) and not _CODE.fullmatch(str(value)))
    ):
        raise _HoldsWords
    match value:
        case Member():
            return Person(value.identity, "")
        case Money():
            return written(value)
        case int() | str():
            return value
    raise _HoldsWords
