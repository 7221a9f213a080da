"""Ten minutes in seconds: an event loop whose clock jumps to what happens next, and Telegram without sockets."""

import asyncio
import json
import random
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import httpx
from sqlalchemy import text

from adapters.outbox import Sender
from adapters.telegram.client import Client
from adapters.telegram.drafts import Drafts
from adapters.telegram.limits import Limiter, Limits
from adapters.telegram.posting import deliver
from adapters.telegram.sending import Messenger
from bot.config.config import Programme
from bot.errors import TryLater
from bot.events import Identity, Person, SpaceRef
from bot.replies import Post, Sending, ToMember, ToSpace
from handlers.ports import DatabaseOutbox
from handlers.table import build_app
from messages.render import Renderer
from storage.engine.database import Database, InlineDatabase, prepare
from storage.engine.group_commit import Now, Work
from storage.engine.postgres import PostgresDatabase
from storage.transaction import Transaction
from tests.club import MONDAY, config
from tests.databases import Address
from tests.platforms.telegram import TelegramServer

T = TypeVar("T")
NETWORK_S = 0.03
FIRST_GROUP, FIRST_PERSON = -1000, 5000
# What a call is answered with in place of the platform's own answer, if anything: status, body, headers.
Answer = tuple[int, bytes] | tuple[int, bytes, dict[str, str]]
Weather = Callable[[str, int], Answer | None]


class _Skipping(selectors.DefaultSelector):
    """Waits for nothing: time passes by itself."""

    now_s = 0.0

    def select(self, timeout: float | None = None) -> Any:
        assert timeout is not None, "nothing will ever happen again"
        self.now_s += max(0.0, timeout)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop whose clock shows what it waited for."""

    def __init__(self) -> None:
        self._skipping = _Skipping()
        super().__init__(self._skipping)

    def time(self) -> float:
        return self._skipping.now_s


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)


class Wire(httpx.AsyncBaseTransport):
    """Carries calls to the server, each way in `NETWORK_S`. `weather` may answer in its place."""

    def __init__(self, server: TelegramServer) -> None:
        self._server = server
        self.weather: Weather = lambda method, chat_id: None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raw = dict(parse_qsl((await request.aread()).decode()))
        await asyncio.sleep(NETWORK_S)
        method = request.url.path.rsplit("/", 1)[1]
        answer = self.weather(method, int(raw.get("chat_id", 0)))
        if answer is None:
            status, body = await self._server.answer(method, raw)
            answer = status, json.dumps(body).encode()
        await asyncio.sleep(NETWORK_S)
        headers = answer[2] if len(answer) > 2 else None
        return httpx.Response(answer[0], content=answer[1], headers=headers)


class Lifeline(DatabaseOutbox):
    """The outbox of a process that may die: from then on nothing it does reaches the database."""

    def __init__(self, database: Database) -> None:
        super().__init__(_Cut(database, self), steady_s=asyncio.get_running_loop().time)
        self.is_dead = False


class _Cut:
    """A database behind a lifeline."""

    def __init__(self, database: Database, lifeline: Lifeline) -> None:
        self._database = database
        self._lifeline = lifeline

    async def write(self, work: Work[T]) -> T:
        if self._lifeline.is_dead:
            raise TryLater
        return await self._database.write(work)

    async def read(self, work: Work[T]) -> T:
        return await self._database.read(work)

    async def close(self) -> None:
        return None


class _OnTheLoop(PostgresDatabase):
    """PostgreSQL without threads, for a loop that never waits: the work is done when it is asked for."""

    @staticmethod
    async def _on(threads: ThreadPoolExecutor, function: Callable[..., T], *arguments: Any) -> T:
        return function(*arguments)

    async def close(self) -> None:
        await self._group_commit.finish()
        self._readers.close()
        self._writer.close()


def _without_threads(where: Address, now: Now, programme: Programme) -> Database:
    if isinstance(where, Path):
        return InlineDatabase(where, now, programme)
    return _OnTheLoop(where, now, programme)


class PostOffice:
    """Real outbox, sender, limiter, messenger and library between a database and the server; all in virtual time."""

    def __init__(self, where: Address, limits: Limits = Limits()) -> None:
        loop = asyncio.get_running_loop()
        self.clock = loop.time
        self.server = TelegramServer(now=self._seconds, flood_clock=loop.time)
        self.wire = Wire(self.server)
        self.held: list[bool] = []
        settings = config(telegram={"token": self.server.token, "api_base_url": "http://telegram.test"})
        self.set_back_s = 0.0
        now = lambda: MONDAY + timedelta(seconds=loop.time() - self.set_back_s)  # noqa: E731
        self.database = _without_threads(where, now, settings.programme)
        self.app = build_app(self.database, settings)
        self._client = Client(settings.telegram, self.wire)
        drafts = Drafts(Renderer(settings), "bywalec_bot")
        self._new_messenger: Callable[[], Messenger] = lambda: Messenger(
            self._client.bot, drafts, Limiter(limits, loop.time), self.app, now
        )
        self.sender = self.new_sender()

    def new_sender(self) -> Sender:
        """Return one more sender, as another process would have it, with a limiter of its own.

        The last one made can be killed, and has the `messenger` that answers.
        """
        self.lifeline = Lifeline(self.database)
        messenger = self.messenger = self._new_messenger()
        return Sender(
            "telegram",
            self.lifeline,
            partial(deliver, messenger=messenger, bot=self._client.bot),
            on_hold=self.held.append,
            clock=self.clock,
            jitter_s=random.Random(3).random,
        )

    def _seconds(self) -> float:
        return MONDAY.timestamp() + self.clock()

    async def open(self, groups: int, people: int) -> None:
        """Let the bot be in so many groups and be known to so many people."""
        await self._client.connect()
        for number in range(groups):
            self.server.group(FIRST_GROUP - number, f"Group {number}", type="group")
        for number in range(people):
            self.server.user(FIRST_PERSON + number, f"Person {number}").started = True

        def write(tx: Transaction) -> None:
            for number in range(groups):
                ref = SpaceRef("telegram", str(FIRST_GROUP - number), f"Group {number}")
                tx.spaces.set_up(ref, ref.space_id, None, "en", 0, MONDAY.time())
            for number in range(people):
                person = Person(Identity("telegram", str(FIRST_PERSON + number)), f"Person {number}")
                tx.members.add(person, f"{number:06}", "en", None, is_owner=False)

        await self.database.write(prepare)
        await self.database.write(write)

    async def queue(self, chats: list[int], sending: Sending = Sending.AT_LEAST_ONCE) -> None:
        """Queue a post to each of these chats, in this order."""

        def write(tx: Transaction) -> None:
            for number, chat in enumerate(chats):
                tx.post(Post(_to(chat, tx), "invitation", f"{tx.now.timestamp()} {number}", sending=sending))

        await self.database.write(write)

    async def states(self) -> dict[str, int]:
        """Return how many posts are in which state."""
        counted = text("SELECT state, COUNT(*) FROM outbox GROUP BY state")
        return dict(await self.database.read(lambda tx: tx._connection.all(counted)))

    async def until_sent(self, within_s: float) -> None:
        """Send until nothing waits any more. Raises TimeoutError."""
        sending = asyncio.create_task(self.sender.run())
        async with asyncio.timeout(within_s):
            while {"waiting", "sending"} & set(await self.states()):  # noqa: ASYNC110
                await asyncio.sleep(1.0)
        await self.sender.stop()
        await sending

    async def close(self) -> None:
        """Let go of everything."""
        await self._client.close()
        await self.database.close()

    def sent_at(self) -> list[tuple[float, int]]:
        """Return when the platform took a message and for which chat, in order."""
        calls = [call for call in self.server.calls("sendMessage") if call.ok]
        return [(call.at - MONDAY.timestamp(), int(call.params["chat_id"])) for call in calls]


def _to(chat: int, tx: Transaction) -> ToSpace | ToMember:
    if chat < 0:
        space = tx.spaces.by_ref(SpaceRef("telegram", str(chat)))
        assert space is not None
        return ToSpace(space.id)
    member = tx.members.by_identity(Identity("telegram", str(chat)))
    assert member is not None
    return ToMember(member.id)


def most_within(times: list[float], span_s: float) -> int:
    """Return the most times in any half-open window of this length; `times` in order."""
    most, first = 0, 0
    for last, at in enumerate(times):
        while times[first] <= at - span_s + 1e-6:
            first += 1
        most = max(most, last - first + 1)
    return most
