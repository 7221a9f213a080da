"""What people see of the bot before they say anything: command menus, by language and reader, and what it is.

Set only when it changed.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import structlog
import telegram
from telegram import (
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeChat,
    BotCommandScopeDefault,
)
from telegram.error import BadRequest, Forbidden

from adapters.ports import Memory
from adapters.telegram.places import PLATFORM
from bot.commands import CommandSpec, Where
from bot.events import Identity
from bot.members.roles import Role
from messages.words import about_words, command_words

_DESCRIPTION_CHARACTERS = 256
_MEMORY_KEY = "telegram.menus"
_OWNERS_KEY = "telegram.menus.owners"
_EVERYBODY = frozenset({Role.ANYONE, Role.MEMBER})
log = structlog.get_logger("bywalec.telegram")


@dataclass(frozen=True, slots=True)
class Readers:
    """For whom menus are made: who speaks what (`default_language` is spoken to all others), and the owners."""

    languages: Sequence[str]
    default_language: str
    owners: Collection[Identity] = ()


def menus(commands: Sequence[CommandSpec]) -> list[tuple[BotCommandScope, list[CommandSpec]]]:
    """Return what each scope shows. In groups its administrators see what staff may do too."""
    for_all = [spec for spec in commands if spec.role in _EVERYBODY]
    return [
        (BotCommandScopeDefault(), _in_private(for_all)),
        (BotCommandScopeAllGroupChats(), _in_groups(for_all)),
        (BotCommandScopeAllChatAdministrators(), _in_groups(commands)),
    ]


async def publish(bot: telegram.Bot, commands: Sequence[CommandSpec], memory: Memory, readers: Readers) -> None:
    """Set the menus and the descriptions unless they are what was set last. Raises TelegramError."""
    calls = [call for scope, specs in menus(commands) for call in _menu(bot, scope, specs, readers)]
    calls += [call for language in ("", *readers.languages) for call in _about(bot, language, readers)]
    state = _fingerprint(bot.id, calls)
    if await memory.get(_MEMORY_KEY) != state:
        for call in calls:
            await call.make()
        await memory.put(_MEMORY_KEY, state)
        log.info("menus_set", count=len(calls))
    await _publish_to_owners(bot, commands, memory, readers)


async def _publish_to_owners(
    bot: telegram.Bot, commands: Sequence[CommandSpec], memory: Memory, readers: Readers
) -> None:
    """Show owners in private what they may say besides; who has not started the bot yet is left for another time."""
    known = (await memory.get(_OWNERS_KEY) or "").split()
    states = []
    for owner in sorted(owner.user_id for owner in readers.owners if owner.platform == PLATFORM):
        calls = _menu(bot, BotCommandScopeChat(int(owner)), _in_private(commands), readers)
        state = _fingerprint(bot.id, calls)
        try:
            if state not in known:
                for call in calls:
                    await call.make()
            states.append(state)
        except (BadRequest, Forbidden) as error:
            log.info("owner_menu_refused", error=error.message)
    if states != known:
        await memory.put(_OWNERS_KEY, " ".join(states))


@dataclass(frozen=True, slots=True)
class _Call:
    """A request, with what it says."""

    content: object
    make: Callable[[], Awaitable[bool]]


def _menu(bot: telegram.Bot, scope: BotCommandScope, specs: Sequence[CommandSpec], readers: Readers) -> list[_Call]:
    calls = []
    for language in ("", *readers.languages):
        shown = [BotCommand(spec.name, _description(spec, language or readers.default_language)) for spec in specs]
        content = [scope.to_dict(), language, [command.to_dict() for command in shown]]
        calls.append(_Call(content, partial(bot.set_my_commands, shown, scope, language_code=language or None)))
    return calls


def _about(bot: telegram.Bot, language: str, readers: Readers) -> Iterable[_Call]:
    words = about_words(language or readers.default_language)
    for method, text in (
        (bot.set_my_description, words["description"]),
        (bot.set_my_short_description, words["short_description"]),
    ):
        yield _Call([language, text], partial(method, text, language or None))


def _in_groups(commands: Iterable[CommandSpec]) -> list[CommandSpec]:
    return [spec for spec in commands if spec.where is not Where.PRIVATE]


def _in_private(commands: Iterable[CommandSpec]) -> list[CommandSpec]:
    return [spec for spec in commands if spec.where is not Where.SPACE]


def _description(spec: CommandSpec, language: str) -> str:
    return command_words(spec.name, language).description[:_DESCRIPTION_CHARACTERS]


def _fingerprint(bot_id: int, calls: Iterable[_Call]) -> str:
    return hashlib.sha256(json.dumps([bot_id, [call.content for call in calls]]).encode()).hexdigest()
