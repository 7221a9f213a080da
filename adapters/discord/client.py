"""The discord.py client: any API address, raw payloads in the order they came, no pings."""

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import aiohttp
import discord
import structlog
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import HTTPClient, Route

from adapters.discord.breaker import Breaker, Paused, guard_pause_s
from adapters.discord.translate import Json
from adapters.discord.turns import InTurn, Turns
from adapters.failures import failure
from adapters.parsing import parsed
from bot.config.config import DiscordSettings

log = structlog.get_logger("bywalec.discord")
IDENTIFY_EVERY_S = 5.0
_LONGEST_RATE_LIMIT_S = 30.0
AWAY = "Discord cannot be reached; the bot keeps trying"
_RECONNECT_EVERY_S = 2.0
_GATEWAY = "/gateway/bot"
# What we take instead of discord.py, and what we take after it has brought its picture of servers up to date.
_OURS = (
    *("INTERACTION_CREATE", "MESSAGE_CREATE", "MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE"),
    *("MESSAGE_REACTION_REMOVE_ALL", "MESSAGE_REACTION_REMOVE_EMOJI", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK"),
    *("GUILD_MEMBER_ADD", "GUILD_MEMBER_REMOVE", "VOICE_STATE_UPDATE"),
)
_SHARED = ("READY", "GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE")
Hear = Callable[[str, Json], None]
# The library ends the session for one payload that orjson does not take.
discord.utils._from_json = parsed


class _Http(HTTPClient):
    """discord.py's requests to another base address, for this client alone."""

    api_base_url = ""
    breaker: Breaker
    turns: Turns

    async def request(self, route: Route, **kwargs: Any) -> Any:
        if route.url.startswith(Route.BASE):
            route.url = self.api_base_url + route.url.removeprefix(Route.BASE)
        self.breaker.check(route.path)
        try:
            answer = await super().request(route, **kwargs)
        except asyncio.CancelledError:
            # Cut off while it waits for the global limit, the library would let nobody through any more.
            self._global_over.set()
            raise
        except discord.HTTPException as error:
            if (asked_s := guard_pause_s(error)) is not None:
                self.breaker.guarded(asked_s)
            raise
        if route.path == _GATEWAY:
            self.turns.left(answer["session_start_limit"])
        return answer

    async def ws_connect(self, url: str, *, compress: int = 0) -> aiohttp.ClientWebSocketResponse:
        """Connect to the gateway that the API names. While it is out of reach, try again: giving up loses the session.

        The caller sets the time limit.
        """
        while True:
            try:
                return await super().ws_connect(await self._own_gateway(url), compress=compress)
            except (OSError, aiohttp.ClientError) as error:
                log.warning("discord_away", error=type(error).__name__, hint=AWAY)
                await asyncio.sleep(_RECONNECT_EVERY_S)
            except Paused as error:
                await asyncio.sleep(min(error.wait_s, _RECONNECT_EVERY_S))

    async def _own_gateway(self, url: str) -> str:
        """Replace the address that discord.py falls back to when a session is lost."""
        wanted = yarl.URL(url)
        if wanted.host != DiscordWebSocket.DEFAULT_GATEWAY.host:
            return url
        answer = await self.request(Route("GET", _GATEWAY))
        return str(yarl.URL(answer["url"]).with_query(wanted.query))


class DiscordClient(discord.AutoShardedClient):
    """Hands each payload to `hear` at once and in order; keeps servers, channels and its own rights in mind."""

    def __init__(
        self, settings: DiscordSettings, breaker: Breaker, turns: Turns | None = None, *, hears_voices: bool = False
    ) -> None:
        self._api_base_url = settings.api_base_url
        self._breaker = breaker
        self._turns = turns or Turns(IDENTIFY_EVERY_S)
        self._waiting: set[asyncio.Task[None]] = set()
        self.hear: Hear = lambda _name, _data: None
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # we do not talk ourselves
        super().__init__(
            intents=_intents(settings, hears_voices),
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=_LONGEST_RATE_LIMIT_S,
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            guild_ready_timeout=0.0,
            shard_count=settings.shard_count,
            shard_ids=list(settings.shard_ids) or None,  # type: ignore[arg-type]
        )

    def _get_state(self, **options: Any) -> Any:
        self.http = _Http(
            self.loop, unsync_clock=True, max_ratelimit_timeout=_LONGEST_RATE_LIMIT_S, http_trace=self._breaker.trace()
        )
        self.http.api_base_url = self._api_base_url
        self.http.breaker = self._breaker
        self.http.turns = self._turns
        state = super()._get_state(**options)
        for name, parse in state.parsers.items():
            state.parsers[name] = partial(self._parse, name, parse)
        return state

    def _parse(self, name: str, parse: Callable[[Any], None], data: Any) -> None:
        """Give a payload to discord.py, to us, or to both. An error in one must not end the connection."""
        if name not in _OURS:
            try:
                parse(data)
            except Exception as error:
                log.error("payload_not_understood", payload=name, **failure(error))
        if name in _OURS or name in _SHARED:
            self.hear(name, data)

    async def _async_setup_hook(self) -> None:
        await super()._async_setup_hook()
        self._AutoShardedClient__queue = InTurn(self._wait)

    async def launch_shard(self, gateway: yarl.URL, shard_id: int, *, initial: bool = False) -> None:
        """Let a shard begin when it is its turn, unless the client is closed by then."""
        await asyncio.wait({self._wait(shard_id)})
        if not self.is_closed():
            await super().launch_shard(gateway, shard_id, initial=initial)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Count an IDENTIFY, whose turn it is."""
        await self._turns.take(shard_id or 0)

    def _wait(self, shard_id: int) -> asyncio.Task[None]:
        """Wait for a shard's turn until the client is closed."""
        waiting = asyncio.create_task(self._turn(shard_id))
        self._waiting.add(waiting)
        waiting.add_done_callback(self._waiting.discard)
        return waiting

    async def _turn(self, shard_id: int) -> None:
        """Wait until a shard may log in and no guard refuses everything."""
        await self._turns.wait(shard_id)
        await asyncio.sleep(self._breaker.guarded_s)

    async def close(self) -> None:
        """Close every connection, and begin none any more."""
        for waiting in self._waiting:
            waiting.cancel()
        await super().close()

    @property
    def is_connected(self) -> bool:
        """Whether every shard is logged in and its connection open."""
        return self.is_ready() and not any(shard.is_closed() for shard in self.shards.values())

    def hears(self, guild_id: str) -> bool:
        """Whether what happens in a server reaches us now: whether the connection of its shard is open."""
        guild = self.get_guild(int(guild_id))
        shard = None if guild is None else self.get_shard(guild.shard_id)
        return shard is not None and not shard.is_closed()

    def may_read(self, guild_id: str, channel_id: str) -> bool:
        """Whether the bot may see a channel and its history."""
        guild = self.get_guild(int(guild_id))
        channel = None if guild is None else guild.get_channel_or_thread(int(channel_id))
        if guild is None or channel is None or guild.me is None:
            return False
        rights = channel.permissions_for(guild.me)
        return rights.view_channel and rights.read_message_history

    def is_admin(self, guild_id: str, user_id: str, role_ids: Iterable[str]) -> bool:
        """Whether a member with these roles may manage the server."""
        guild = self.get_guild(int(guild_id))
        if guild is None:
            return False
        roles = [guild.default_role, *filter(None, (guild.get_role(int(role_id)) for role_id in role_ids))]
        manages = any(role.permissions.administrator or role.permissions.manage_guild for role in roles)
        return manages or str(guild.owner_id) == user_id


def _intents(settings: DiscordSettings, hears_voices: bool) -> discord.Intents:
    intents = discord.Intents.none()
    intents.guilds = intents.messages = intents.guild_reactions = True
    intents.voice_states = hears_voices
    intents.members = settings.members_intent
    intents.message_content = settings.message_content_intent
    return intents
