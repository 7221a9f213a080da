"""The REST calls we make, as plain payloads through discord.py's rate limits."""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import aiohttp
import discord
import structlog
from discord.http import HTTPClient, Route

from adapters.discord.display import Message, clipped_without_embeds, without_embeds
from adapters.discord.translate import Json
from adapters.pictures import NotFetched

T = TypeVar("T")
log = structlog.get_logger("bywalec.discord")
OUT_OF_REACH = (aiohttp.ClientConnectionError, OSError, TimeoutError)
FAILURES = (discord.DiscordException, aiohttp.ClientError, *OUT_OF_REACH)
PAGE = 100
# What the server's audit log says.
_WHY = "Bywalec: the tier of this member"
_WHY_PINNED = "Bywalec: how far a common goal is"
_WHY_WOKEN = "Bywalec: something in this thread changes"
# Missing permissions; or an empty message, once Discord has left the embed out.
_WITHOUT_EMBED_LINKS = frozenset({50013, 50006})
# Attach Files may be missing, or Discord does not take this picture.
_UNKNOWN_MESSAGE = 10008
_ARCHIVED = 50083
_PICTURE_REFUSED = frozenset({400, 403, 413})
_CANNOT_WRITE = 50007


class Rest:
    """Calls over a client that is logged in. Each raises one of FAILURES."""

    def __init__(self, http: HTTPClient) -> None:
        self._http = http
        self._direct_channels: dict[str, str] = {}

    async def register_commands(self, application_id: str, commands: Sequence[Json]) -> None:
        """Replace all commands of the application."""
        route = Route("PUT", "/applications/{application_id}/commands", application_id=application_id)
        await self._http.request(route, json=list(commands))

    async def respond(self, interaction_id: str, token: str, kind: int, data: Message | Json | None = None) -> None:
        """Give an interaction its one first response."""
        # The token under this name gives every interaction a queue of its own instead of one for all.
        path = "/interactions/{interaction_id}/{webhook_token}/callback"
        route = Route("POST", path, interaction_id=interaction_id, webhook_token=token)
        if isinstance(data, Message):
            await self._send(route, data, kind)
        else:
            await self._http.request(route, json={"type": kind} if data is None else {"type": kind, "data": data})

    async def follow_up(self, application_id: str, token: str, message: Message) -> None:
        """Post a further message for an interaction."""
        await self._send(_webhook("POST", application_id, token), message)

    async def edit_original(self, application_id: str, token: str, message: Message) -> None:
        """Replace the first response to an interaction."""
        await self._send(_webhook("PATCH", application_id, token, "/messages/@original"), message)

    async def delete_original(self, application_id: str, token: str) -> None:
        """Take the first response to an interaction back."""
        await self._http.request(_webhook("DELETE", application_id, token, "/messages/@original"))

    async def post(self, channel_id: str, message: Message) -> str:
        """Post a message and return its id; without its embed where Embed Links may be what is missing.

        What does not fit into one message then is posted in several; the id is that of the last, with the buttons.
        """
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel_id)
        try:
            sent = await self._send(route, message)
        except discord.HTTPException as error:
            if not _may_not_embed(message, error):
                raise
            for body in without_embeds(message.body):
                sent = await self._send(route, replace(message, body=body))
        return str(sent["id"])

    async def edit(self, channel_id: str, message_id: str, message: Message) -> bool:
        """Change one of our messages, as `post` posts it; return whether it is still there."""
        path = "/channels/{channel_id}/messages/{message_id}"
        route = Route("PATCH", path, channel_id=channel_id, message_id=message_id)
        try:
            await self._awake(channel_id, partial(self._send, route, message))
        except discord.HTTPException as error:
            if _may_not_embed(message, error):
                return await self.edit(channel_id, message_id, Message(clipped_without_embeds(message.body)))
            if error.code != _UNKNOWN_MESSAGE:
                raise
            return False
        return True

    async def _awake(self, channel_id: str, change: Callable[[], Awaitable[T]]) -> T:
        """Change something in a channel. A thread that is archived is woken for it, as it is by what is sent."""
        try:
            return await change()
        except discord.HTTPException as error:
            if error.code != _ARCHIVED:
                raise
        await self._http.edit_channel(channel_id, archived=False, reason=_WHY_WOKEN)
        return await change()

    async def _send(self, route: Route, message: Message, kind: int | None = None) -> Any:
        """Send a message, as an interaction's response of a kind if there is one; its text alone where that helps."""
        body = message.body if kind is None else {"type": kind, "data": message.body}
        if message.picture is None:
            return await self._http.request(route, json=body)
        form: list[dict[str, Any]] = [
            {"name": "payload_json", "value": json.dumps(body), "content_type": "application/json"},
            {
                "name": "files[0]",
                "value": message.picture.png,
                "filename": message.picture.name,
                "content_type": "image/png",
            },
        ]
        try:
            return await self._http.request(route, form=form)
        except discord.HTTPException as error:
            if error.status not in _PICTURE_REFUSED or error.code == _CANNOT_WRITE:
                raise
            log.warning("picture_refused", picture=message.picture.name, status=error.status, code=error.code)
        return await self._send(route, message.without_picture(), kind)

    async def direct_channel(self, user_id: str) -> str:
        """Return the id of the bot's direct channel with a person."""
        if user_id not in self._direct_channels:
            created = await self._http.request(Route("POST", "/users/@me/channels"), json={"recipient_id": user_id})
            self._direct_channels[user_id] = str(created["id"])
        return self._direct_channels[user_id]

    async def roles_of(self, guild_id: str, user_id: str) -> frozenset[str]:
        """Return the ids of a member's roles in a server."""
        member = await self._http.get_member(guild_id, user_id)
        return frozenset(map(str, member["roles"]))

    async def give_role(self, guild_id: str, user_id: str, role_id: str) -> None:
        """Give a member a role; nothing changes if they have it."""
        await self._http.add_role(guild_id, user_id, role_id, reason=_WHY)

    async def take_role(self, guild_id: str, user_id: str, role_id: str) -> None:
        """Take a role from a member; nothing changes if they do not have it."""
        await self._http.remove_role(guild_id, user_id, role_id, reason=_WHY)

    async def pin(self, channel_id: str, message_id: str, *, is_pinned: bool) -> None:
        """Pin a message in its channel, or pin it no more; nothing changes if it is so."""
        change = self._http.pin_message if is_pinned else self._http.unpin_message
        await self._awake(channel_id, lambda: change(channel_id, message_id, reason=_WHY_PINNED))

    async def file(self, address: str) -> bytes:
        """Return what a file attached to a message holds. Raises NotFetched."""
        try:
            return await self._http.get_from_cdn(address)
        except FAILURES as error:
            raise NotFetched(type(error).__name__) from error

    async def history(self, channel_id: str, after: str) -> list[dict[str, Any]]:
        """Return the next page of messages after an id, oldest first."""
        route = Route("GET", "/channels/{channel_id}/messages", channel_id=channel_id)
        page = await self._http.request(route, params={"after": after, "limit": PAGE})
        return sorted(page, key=lambda message: int(message["id"]))

    async def archived(self, channel_id: str, before: str | None) -> dict[str, Any]:
        """Return the next page of a channel's archived threads that all may see, which were archived last first."""
        route = Route("GET", "/channels/{channel_id}/threads/archived/public", channel_id=channel_id)
        params = {"limit": PAGE} | ({} if before is None else {"before": before})
        page: dict[str, Any] = await self._http.request(route, params=params)
        return page


def _webhook(method: str, application_id: str, token: str, rest: str = "") -> Route:
    path = "/webhooks/{webhook_id}/{webhook_token}" + rest
    return Route(method, path, webhook_id=application_id, webhook_token=token)


def _may_not_embed(message: Message, error: discord.HTTPException) -> bool:
    """Whether a message was refused that may be taken without its embed."""
    return bool(message.body.get("embeds")) and error.code in _WITHOUT_EMBED_LINKS
