"""A discord.py client whose REST, gateway and interaction answers go to another address, for this instance alone."""

from typing import Any

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import HTTPClient, Route
from discord.webhook.async_ import AsyncWebhookAdapter, async_context


class _PointedHTTP(HTTPClient):
    api_base_url = ""

    async def request(self, route: Route, **kwargs: Any) -> Any:
        return await super().request(point(route, self.api_base_url), **kwargs)

    async def ws_connect(self, url: str, *, compress: int = 0) -> aiohttp.ClientWebSocketResponse:
        # discord.py falls back to its own gateway address at the first IDENTIFY and after op 9.
        wanted = yarl.URL(url)
        if wanted.host == DiscordWebSocket.DEFAULT_GATEWAY.host:
            answer = await self.request(Route("GET", "/gateway/bot"))
            wanted = yarl.URL(answer["url"]).with_query(wanted.query)
        return await super().ws_connect(str(wanted), compress=compress)


class _PointedWebhooks(AsyncWebhookAdapter):
    def __init__(self, api_base_url: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._api_base_url = api_base_url

    async def request(self, route: Route, session: aiohttp.ClientSession, **kwargs: Any) -> Any:
        return await super().request(point(route, self._api_base_url), session, **kwargs)


def point(route: Route, api_base_url: str) -> Route:
    """Return the route at another base address; its rate-limit bucket stays the same."""
    if route.url.startswith(Route.BASE):
        route.url = api_base_url + route.url.removeprefix(Route.BASE)
    return route


class PointedClient(discord.Client):
    """Answers slash commands through `tree`; `api_base_url` has no slash at its end."""

    def __init__(self, api_base_url: str, *, intents: discord.Intents, **options: Any) -> None:
        self._api_base_url = api_base_url
        options = {"allowed_mentions": discord.AllowedMentions.none(), "guild_ready_timeout": 0.05, **options}
        super().__init__(intents=intents, **options)
        self.tree = discord.app_commands.CommandTree(self)

    def _get_state(self, **options: Any) -> Any:
        self.http = _PointedHTTP(self.loop)
        self.http.api_base_url = self._api_base_url
        return super()._get_state(**options)

    async def connect(self, *, reconnect: bool = True) -> None:
        # Every event's task is born from this one and inherits the context variable.
        async_context.set(_PointedWebhooks(self._api_base_url))
        await super().connect(reconnect=reconnect)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify again at once instead of after five seconds."""
