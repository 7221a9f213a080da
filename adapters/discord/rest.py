"""The REST calls we make, as plain payloads through discord.py's rate limits."""

from collections.abc import Sequence
from typing import Any

import aiohttp
import discord
from discord.http import HTTPClient, Route

from adapters.discord.display import without_embeds
from adapters.discord.translate import Json

OUT_OF_REACH = (aiohttp.ClientConnectionError, OSError, TimeoutError)
FAILURES = (discord.DiscordException, aiohttp.ClientError, *OUT_OF_REACH)
PAGE = 100
# Missing permissions; or an empty message, once Discord has left the embed out.
_WITHOUT_EMBED_LINKS = frozenset({50013, 50006})


class Rest:
    """Calls over a client that is logged in. Each raises one of FAILURES."""

    def __init__(self, http: HTTPClient) -> None:
        self._http = http
        self._direct_channels: dict[str, str] = {}

    async def register_commands(self, application_id: str, commands: Sequence[Json]) -> None:
        """Replace all commands of the application."""
        route = Route("PUT", "/applications/{application_id}/commands", application_id=application_id)
        await self._http.request(route, json=list(commands))

    async def respond(self, interaction_id: str, token: str, kind: int, data: Json | None = None) -> None:
        """Give an interaction its one first response."""
        # The token under this name gives every interaction a queue of its own instead of one for all.
        path = "/interactions/{interaction_id}/{webhook_token}/callback"
        route = Route("POST", path, interaction_id=interaction_id, webhook_token=token)
        await self._http.request(route, json={"type": kind} if data is None else {"type": kind, "data": data})

    async def follow_up(self, application_id: str, token: str, body: Json) -> None:
        """Post a further message for an interaction."""
        await self._http.request(_webhook("POST", application_id, token), json=body)

    async def edit_original(self, application_id: str, token: str, body: Json) -> None:
        """Replace the first response to an interaction."""
        await self._http.request(_webhook("PATCH", application_id, token, "/messages/@original"), json=body)

    async def delete_original(self, application_id: str, token: str) -> None:
        """Take the first response to an interaction back."""
        await self._http.request(_webhook("DELETE", application_id, token, "/messages/@original"))

    async def post(self, channel_id: str, body: Json) -> str:
        """Post a message and return its id; without its embed where Embed Links may be what is missing."""
        try:
            return await self._post(channel_id, body)
        except discord.HTTPException as error:
            if not body.get("embeds") or error.code not in _WITHOUT_EMBED_LINKS:
                raise
        return await self._post(channel_id, without_embeds(body))

    async def _post(self, channel_id: str, body: Json) -> str:
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel_id)
        return str((await self._http.request(route, json=body))["id"])

    async def direct_channel(self, user_id: str) -> str:
        """Return the id of the bot's direct channel with a person."""
        if user_id not in self._direct_channels:
            created = await self._http.request(Route("POST", "/users/@me/channels"), json={"recipient_id": user_id})
            self._direct_channels[user_id] = str(created["id"])
        return self._direct_channels[user_id]

    async def history(self, channel_id: str, after: str) -> list[dict[str, Any]]:
        """Return the next page of messages after an id, oldest first."""
        route = Route("GET", "/channels/{channel_id}/messages", channel_id=channel_id)
        page = await self._http.request(route, params={"after": after, "limit": PAGE})
        return sorted(page, key=lambda message: int(message["id"]))


def _webhook(method: str, application_id: str, token: str, rest: str = "") -> Route:
    path = "/webhooks/{webhook_id}/{webhook_token}" + rest
    return Route(method, path, webhook_id=application_id, webhook_token=token)
