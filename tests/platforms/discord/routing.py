"""What a REST handler gets and gives, and the table of routes."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.platforms.discord.gateway import Gateway
from tests.platforms.discord.model import Json
from tests.platforms.discord.posting import NO_FILES, Files
from tests.platforms.discord.world import World

_MAJOR = ("channel_id", "guild_id", "webhook_id", "webhook_token", "interaction_id", "interaction_token")


@dataclass(frozen=True, slots=True)
class Call:
    """One request on its way to its handler."""

    world: World
    gateway: Gateway
    address: str
    params: dict[str, str]
    query: dict[str, str]
    json: Any = None
    files: Files = NO_FILES

    @property
    def body(self) -> Json:
        return self.json if isinstance(self.json, dict) else {}


Handler = Callable[[Call], Any]


@dataclass(frozen=True, slots=True)
class Route:
    """A method and path template; the handler returns JSON, or None for 204."""

    method: str
    template: str
    handler: Handler
    needs_token: bool = True


@dataclass(frozen=True, slots=True)
class Match:
    route: Route
    params: dict[str, str]

    @property
    def major(self) -> str:
        return "+".join(self.params[name] for name in _MAJOR if name in self.params)


@dataclass(frozen=True, slots=True)
class Table:
    routes: list[Route] = field(default_factory=list)

    def find(self, method: str, path: str) -> Match | bool:
        """Return the match; else whether another method of that path is known."""
        known_path = False
        for route in self.routes:
            found = _pattern(route.template).fullmatch(path)
            if found and route.method == method:
                return Match(route, found.groupdict())
            known_path = known_path or found is not None
        return known_path


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template))
