"""The fake Discord as a running server: starts, stops, and the faults a test can order."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from aiohttp import web

from tests.platforms.discord import (
    routes_account,
    routes_commands,
    routes_guilds,
    routes_interactions,
    routes_messages,
)
from tests.platforms.discord.acting import Acting
from tests.platforms.discord.cdn import Cdn
from tests.platforms.discord.faults import Fault
from tests.platforms.discord.gateway import INVALID, RECONNECT, Gateway
from tests.platforms.discord.limits import Limits
from tests.platforms.discord.model import Json, User
from tests.platforms.discord.rest import API, RecordedRequest, Rest
from tests.platforms.discord.routing import Table
from tests.platforms.discord.scene import Scene
from tests.platforms.discord.spec import find_spec
from tests.platforms.discord.voices import VoiceRooms
from tests.platforms.discord.world import Settings, World

# Real platforms take hundreds of connections at once; where a system's queue is full, one waits a second.
_BACKLOG = 1024
_ROUTES = [
    *routes_account.ROUTES,
    *routes_messages.ROUTES,
    *routes_guilds.ROUTES,
    *routes_commands.ROUTES,
    *routes_interactions.ROUTES,
]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class DiscordServer(Scene, Acting, VoiceRooms):
    """REST under `api_base_url` and the gateway it names, on a free port of 127.0.0.1, while the context is open."""

    def __init__(
        self,
        token: str = "discord-test-token",
        application_id: int = 900_000_000_000_000_001,
        *,
        now: Callable[[], datetime] = _utc_now,
        settings: Settings | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.world = World(token, User(application_id, "bywalec", bot=True), now, self.settings)
        self.gateway = Gateway(self.world, lambda: self.gateway_url)
        self._rest = Rest(self.world, self.gateway, Table(_ROUTES), find_spec())
        self._runner: web.AppRunner | None = None
        self._port = 0

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=25 * 1024 * 1024)
        app.router.add_get("/gateway", self.gateway.handle)
        app.router.add_get("/gateway/", self.gateway.handle)
        app.router.add_get("/attachments/{channel}/{attachment}/{name}", self.cdn.serve)
        app.router.add_route("*", API + "/{path:.*}", self._rest.handle)
        self._runner = web.AppRunner(app, shutdown_timeout=1.0, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, backlog=_BACKLOG)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.cdn.address = f"http://127.0.0.1:{self._port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.gateway.drop(None)
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def api_base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}{API}"

    @property
    def gateway_url(self) -> str:
        return f"ws://127.0.0.1:{self._port}/gateway"

    @property
    def token(self) -> str:
        return self.world.token

    @property
    def bot(self) -> User:
        return self.world.bot

    @property
    def cdn(self) -> Cdn:
        return self.world.cdn

    @property
    def limits(self) -> Limits:
        return self._rest.limits

    @property
    def requests(self) -> list[RecordedRequest]:
        """Every REST request so far, in the order of the answers."""
        return self._rest.requests

    @property
    def violations(self) -> list[str]:
        """What the application sent that Discord's description does not know; a good application leaves it empty."""
        return self.world.violations

    @property
    def identify_count(self) -> int:
        return self.gateway.identify_count

    @property
    def resume_count(self) -> int:
        return self.gateway.resume_count

    @property
    def commands(self) -> list[Json]:
        """The commands registered for everyone."""
        return self.world.commands.get(None, [])

    @property
    def reject_resume(self) -> bool:
        return self.gateway.reject_resume

    @reject_resume.setter
    def reject_resume(self, reject: bool) -> None:
        """Answer every RESUME with op 9 while True."""
        self.gateway.reject_resume = reject

    @property
    def accepting(self) -> bool:
        return self.gateway.accepting

    @accepting.setter
    def accepting(self, accept: bool) -> None:
        """Refuse new gateway connections with 503 while False."""
        self.gateway.accepting = accept

    async def drop_connections(self, code: int | None = None) -> None:
        """Close every gateway connection with a close code; None breaks the line. Sessions can be resumed."""
        await self.gateway.drop(code)

    def ask_to_reconnect(self) -> None:
        """Send op 7 to every connection."""
        self.gateway.send_everywhere({"op": RECONNECT, "d": None})

    def invalidate_sessions(self) -> None:
        """Forget every session and send op 9 (not resumable): what happened in between is lost to the gateway."""
        self.gateway.sessions.clear()
        self.gateway.send_everywhere({"op": INVALID, "d": False})

    def fail_next(
        self,
        method: str,
        path_contains: str,
        status: int | None,
        json: Json | None = None,
        times: int = 1,
        *,
        after_effect: bool = False,
    ) -> None:
        """Give the next requests this answer; status None cuts the line; `after_effect` first lets them take effect."""
        body = {"message": "ordered failure", "code": 0} if json is None else json
        self._rest.faults.ordered.append(Fault(method, path_contains, status, body, times, after_effect))

    def guard(self, retry_after_s: int | None) -> None:
        """Let a guard in front of Discord refuse every request, naming a time, until it is None."""
        self._rest.guard_s = retry_after_s

    async def wait_until(self, holds: Callable[[], bool], what: str, timeout_s: float = 10.0) -> None:
        """Wait until `holds`; it is looked at again after every request, message and gateway session change."""
        await self.world.signal.wait_for(lambda: holds() or None, timeout_s, what)

    async def wait_until_connected(self, sessions: int = 1, timeout_s: float = 10.0) -> None:
        """Wait until that many sessions are open and have a connection."""

        def connected() -> bool:
            return sum(one.connection is not None for one in self.gateway.sessions.values()) >= sessions

        await self.wait_until(connected, f"{sessions} connected sessions", timeout_s)

    async def wait_for_request(self, method: str, path_contains: str, timeout_s: float = 10.0) -> RecordedRequest:
        """Wait for the newest request to a place and return it."""

        def look() -> RecordedRequest | None:
            found = [one for one in self.requests if one.method == method and path_contains in one.path]
            return found[-1] if found else None

        return await self.world.signal.wait_for(look, timeout_s, f"{method} …{path_contains}…")
