"""The command menus, by language and by who sees them; set only when they changed."""

import hashlib
import json
from collections.abc import Iterable, Sequence

import structlog
import telegram
from telegram import (
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeDefault,
)

from adapters.ports import Memory
from bot.commands import CommandSpec, Where
from bot.roles import Role
from messages.words import LANGUAGES, command_words

_DESCRIPTION_CHARACTERS = 256
_MEMORY_KEY = "telegram.menus"
_EVERYBODY = frozenset({Role.ANYONE, Role.MEMBER})
log = structlog.get_logger("bywalec.telegram")


def menus(commands: Sequence[CommandSpec]) -> list[tuple[BotCommandScope, list[CommandSpec]]]:
    """Return what each scope shows. In groups its administrators see what staff may do too."""
    for_all = [spec for spec in commands if spec.role in _EVERYBODY]
    return [
        (BotCommandScopeDefault(), [spec for spec in for_all if spec.where is not Where.SPACE]),
        (BotCommandScopeAllGroupChats(), _in_groups(for_all)),
        (BotCommandScopeAllChatAdministrators(), _in_groups(commands)),
    ]


async def publish(bot: telegram.Bot, commands: Sequence[CommandSpec], memory: Memory, default_language: str) -> None:
    """Set the menus unless they are what was set last. Raises TelegramError."""
    wanted = [
        (scope, language, [BotCommand(spec.name, _description(spec, language or default_language)) for spec in specs])
        for scope, specs in menus(commands)
        for language in ("", *LANGUAGES)
    ]
    state = _fingerprint(bot.id, wanted)
    if await memory.get(_MEMORY_KEY) == state:
        return
    for scope, language, shown in wanted:
        await bot.set_my_commands(shown, scope=scope, language_code=language or None)
    await memory.put(_MEMORY_KEY, state)
    log.info("menus_set", count=len(wanted))


def _in_groups(commands: Iterable[CommandSpec]) -> list[CommandSpec]:
    return [spec for spec in commands if spec.where is not Where.PRIVATE]


def _description(spec: CommandSpec, language: str) -> str:
    return command_words(spec.name, language).description[:_DESCRIPTION_CHARACTERS]


def _fingerprint(bot_id: int, wanted: Sequence[tuple[BotCommandScope, str, list[BotCommand]]]) -> str:
    content = [[scope.type, language, [command.to_dict() for command in shown]] for scope, language, shown in wanted]
    return hashlib.sha256(json.dumps([bot_id, content]).encode()).hexdigest()
