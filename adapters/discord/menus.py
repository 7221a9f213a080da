"""Slash commands and context menus, made from the command table; registered once per change."""

import hashlib
import json
from collections.abc import Sequence
from functools import partial
from typing import Any

import structlog

from adapters.discord.intake import until_done
from adapters.discord.interactions import CommandKind
from adapters.discord.rest import FAILURES, Rest
from adapters.failures import failure
from adapters.ports import Memory
from bot.commands import (
    ChoiceParam,
    CommandSpec,
    MemberParam,
    Menu,
    Param,
    PointsParam,
    TextParam,
    Where,
    WordParam,
)
from messages.render import Renderer
from messages.words import LANGUAGES, choice_words, command_words

log = structlog.get_logger("bywalec.discord")
Payload = dict[str, Any]

_STRING, _INTEGER, _USER = 3, 4, 6
_IN_SERVERS, _IN_PRIVATE = 0, 1
_CONTEXTS = {
    Where.ANYWHERE: [_IN_SERVERS, _IN_PRIVATE],
    Where.SPACE: [_IN_SERVERS],
    Where.PRIVATE: [_IN_PRIVATE],
}
_LOCALES = {"en": ("en-GB", "en-US"), "pl": ("pl",)}
_MENU_KINDS = {Menu.PERSON: CommandKind.PERSON_MENU, Menu.MESSAGE: CommandKind.MESSAGE_MENU}
_DESCRIPTION_LIMIT, _MENU_LIMIT, _SHORT_LIMIT = 100, 32, 32


class Menus:
    """The command table as Discord shows it."""

    def __init__(self, specs: Sequence[CommandSpec], renderer: Renderer) -> None:
        self._renderer = renderer
        self._base = renderer.language("")
        self._languages = [language for language in LANGUAGES if renderer.language(language) == language]
        self._specs = specs
        self._by_name = {(CommandKind.SLASH, spec.name): spec for spec in specs} | {
            (_MENU_KINDS[menu], self._menu_label(spec, self._base)): spec for spec in specs for menu in spec.menus
        }

    def find(self, kind: int, name: str) -> CommandSpec | None:
        """Return the command behind a name of Discord's menus."""
        return self._by_name.get((CommandKind(kind), name))

    def payload(self) -> list[Payload]:
        """Return every command as Discord registers it."""
        slash = [self._slash(spec) for spec in self._specs]
        return slash + [self._context_menu(spec, menu) for spec in self._specs for menu in spec.menus]

    def language(self, locale: str | None) -> str:
        """Return the language in which a person is asked."""
        return self._renderer.language((locale or "")[:2])

    def menu_title(self, spec: CommandSpec, language: str) -> str:
        """Return the label of a command's context menu."""
        return self._menu_label(spec, language)

    def question(self, spec: CommandSpec, param: Param, language: str) -> str:
        """Return how a modal asks for a parameter."""
        return command_words(spec.name, language).params.get(param.name, param.name)

    def _menu_label(self, spec: CommandSpec, language: str) -> str:
        return (command_words(spec.name, language).menu or spec.name)[:_MENU_LIMIT]

    def _localised(self, key: str, by_language: dict[str, str]) -> Payload:
        others = {locale: text for language, text in by_language.items() for locale in _LOCALES[language] if text}
        return {key: by_language[self._base], f"{key}_localizations": others}

    def _slash(self, spec: CommandSpec) -> Payload:
        words = {language: command_words(spec.name, language) for language in self._languages}
        descriptions = {language: word.description[:_DESCRIPTION_LIMIT] for language, word in words.items()}
        # Discord wants what is required first; options come back by name, so their order is free.
        params = sorted(spec.params, key=lambda param: not param.required)
        return {
            "type": CommandKind.SLASH,
            "name": spec.name,
            **self._localised("description", descriptions),
            "options": [self._option(spec, param) for param in params],
            "contexts": _CONTEXTS[spec.where],
            "integration_types": [0],
        }

    def _context_menu(self, spec: CommandSpec, menu: Menu) -> Payload:
        labels = {language: self._menu_label(spec, language) for language in self._languages}
        kind = _MENU_KINDS[menu]
        contexts = [place for place in _CONTEXTS[spec.where] if place == _IN_SERVERS] or _CONTEXTS[spec.where]
        return {"type": kind, **self._localised("name", labels), "contexts": contexts, "integration_types": [0]}

    def _option(self, spec: CommandSpec, param: Param) -> Payload:
        descriptions = {
            language: self.question(spec, param, language)[:_DESCRIPTION_LIMIT] for language in self._languages
        }
        common = {"name": param.name, "required": param.required, **self._localised("description", descriptions)}
        common |= {"autocomplete": True} if param.completes else {}
        match param:
            case MemberParam():
                return {**common, "type": _USER}
            case PointsParam():
                return {**common, "type": _INTEGER, "min_value": 1}
            case ChoiceParam(choices=choices):
                shown = [choice for choice in choices if choice not in LANGUAGES or choice in self._languages]
                return {**common, "type": _STRING, "choices": [self._choice(choice) for choice in shown]}
            case TextParam(limit=limit) | WordParam(limit=limit):
                return {**common, "type": _STRING, "max_length": limit}
        return {**common, "type": _STRING, "max_length": _SHORT_LIMIT}

    def _choice(self, choice: str) -> Payload:
        labels = {language: choice_words(language).get(choice, choice) for language in self._languages}
        return {**self._localised("name", labels), "value": choice}


async def sync(menus: Menus, rest: Rest, application_id: str, memory: Memory) -> None:
    """Register the commands unless these are the ones registered last. A failure waits for the next start."""
    payload = menus.payload()
    digest = hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
    key = f"discord.commands.{application_id}"
    if await until_done(partial(memory.get, key)) == digest:
        return
    try:
        await rest.register_commands(application_id, payload)
    except FAILURES as error:
        log.error("commands_not_registered", **failure(error))
        return
    await until_done(partial(memory.put, key, digest))
    log.info("commands_registered", count=len(payload))
