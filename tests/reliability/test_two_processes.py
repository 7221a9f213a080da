"""Two processes of the bot on one PostgreSQL: every update counts once, and one of them sends, whoever dies."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from datetime import time as day_time
from pathlib import Path
from typing import Any

import pytest

from bot.events import SpaceRef
from bot.replies import Post, Sending, ToSpace
from storage.engine.location import open_database
from storage.transaction import Transaction
from storage.verify import verify
from tests.adapters.telegram.test_webhook import free_port
from tests.club import config
from tests.databases import rows
from tests.platforms.discord import DiscordServer
from tests.platforms.discord.model import Guild
from tests.platforms.discord.model import User as DiscordUser
from tests.platforms.telegram import Group, TelegramServer, User
from tests.postgres import Server
from tests.reliability.balancer import balanced
from tests.reliability.process import OWNER_ID, PATIENCE_S, BotProcess, join, telegram

pytestmark = pytest.mark.slow
_SECRET = "0123456789abcdef"
_UPDATES, _POSTS, _ARRIVED = 60, 60, 8
_TAKEN_OVER_S = 15.0
_KINDS = (Sending.AT_LEAST_ONCE, Sending.AT_MOST_ONCE)
_BEGAN = "sender_began"
_BONUSES = "SELECT COUNT(*), COUNT(DISTINCT source) FROM entry WHERE reason = 'bonus'"


class Shared:
    """A database on a server, from the outside."""

    def __init__(self, url: str) -> None:
        self.url = url

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Read beside the processes."""
        return rows(self.url, query)

    async def queue_posts(self, platform: str, places: list[tuple[str, str]]) -> None:
        """Queue a post to each space (platform id, channel), each second one at most once; each says its number."""

        def queue(tx: Transaction) -> None:
            for number, (platform_id, channel_id) in enumerate(places):
                ref = SpaceRef(platform, platform_id, f"Group {number}")
                space = tx.spaces.by_ref(ref) or tx.spaces.set_up(ref, channel_id, None, "en", 0, day_time(9))
                fields = {"count": number}
                kind = _KINDS[number % len(_KINDS)]
                tx.post(Post(ToSpace(space.id), "alert_dead_letters", f"post {number}", fields, sending=kind))

        database = await open_database(self.url, lambda: datetime.now(UTC), config().programme)
        await database.write(queue)
        await database.close()

    def states(self) -> Counter[tuple[str, str]]:
        """Count those posts by kind and state."""
        query = "SELECT sending, state FROM outbox WHERE post_key LIKE 'post %'"
        return Counter((kind, state) for kind, state in self.rows(query))

    def are_sent(self) -> bool:
        """Whether none of those posts waits or is on its way."""
        return not any(state in ("waiting", "sending") for _, state in self.states())


@pytest.fixture
def shared(postgres: Server) -> Iterator[Shared]:
    with postgres.database() as url:
        yield Shared(url)


@asynccontextmanager
async def _running(folder: Path, url: str, *settings: dict[str, dict[str, Any]]) -> AsyncIterator[list[BotProcess]]:
    """Start a process for each of some settings at the same time, on an empty database."""
    async with AsyncExitStack() as stack:
        bots = []
        for number, sections in enumerate(settings):
            own = folder / str(number)
            own.mkdir()
            bot = BotProcess(own, url)
            bot.configure(processes={"count": len(settings)}, **sections)
            stack.push_async_callback(bot.end)
            bots.append(bot)
        await asyncio.gather(*(bot.start() for bot in bots))
        yield bots


def _numbers(texts: list[str]) -> Counter[int]:
    """Count the posts of `queue_posts` among messages by their number."""
    found = [re.search(r"Given up after errors:\W*(\d+)", text) for text in texts]
    return Counter(int(match[1]) for match in found if match is not None)


async def _kill_the_sender(bots: list[BotProcess]) -> BotProcess:
    """Kill the one that sends; return the one left."""
    holders = [bot for bot in bots if bot.has_logged(_BEGAN)]
    assert len(holders) == 1
    await holders[0].kill()
    return next(bot for bot in bots if bot is not holders[0])


def _check(shared: Shared, came: Counter[int]) -> None:
    """Nothing is lost unnoticed, and what must not come twice did not."""
    states = shared.states()
    for number in range(_POSTS):
        most = 2 if number % 2 == 0 else 1
        assert came[number] <= most, number
    lost = [number for number in range(_POSTS) if not came[number]]
    assert all(number % 2 for number in lost)
    assert len(lost) <= states[Sending.AT_MOST_ONCE, "unknown"]
    assert states[Sending.AT_LEAST_ONCE, "sent"] == _POSTS // 2
    assert states[Sending.AT_MOST_ONCE, "sent"] + states[Sending.AT_MOST_ONCE, "unknown"] == _POSTS // 2
    assert verify(shared.url).problems == []


async def _bonuses(platform: TelegramServer, groups: list[Group], olek: User, users: list[User], begin: int) -> None:
    for number in range(begin, begin + _UPDATES):
        user = users[number % len(users)]
        platform.group_message(groups[number % len(groups)], olek, f"/bonus @{user.username} 1 cake {number}")


async def test_telegram_by_webhook(
    platform: TelegramServer, shared: Shared, tmp_path: Path, ania: User, olek: User
) -> None:
    bartek = platform.user(12, "Bartek", username="bartek")
    groups = [platform.group(-1100 - number, f"Group {number}") for number in range(_POSTS)]
    # Apart from those groups: answers count towards what a group may get in a minute.
    tables = [platform.group(-1200 - number, f"Table {number}") for number in range(4)]
    for group in tables:
        group.statuses.update({ania.id: "member", bartek.id: "member", olek.id: "administrator"})
    ports, front = [free_port(), free_port()], free_port()
    hook = telegram(platform, mode="webhook", webhook_url=f"http://127.0.0.1:{front}/hook", webhook_secret=_SECRET)
    settings = [{"telegram": hook, "web": {"port": port}} for port in ports]
    async with balanced(ports, front) as balancer, _running(tmp_path, shared.url, *settings) as bots:
        await bots[0].until(lambda: len(platform.calls("setWebhook")) == len(bots))
        await join(platform, olek, ania, bartek)
        await _bonuses(platform, tables, olek, [ania, bartek], 0)
        await bots[0].until(lambda: not platform.queue.pending)
        assert shared.rows(_BONUSES) == [(_UPDATES, _UPDATES)]
        assert min(balancer.passed[port] for port in ports) > _UPDATES // 3

        def came() -> Counter[int]:
            return _numbers([message.text for group in groups for message in platform.messages(group.id)])

        await shared.queue_posts("telegram", [(str(group.id), str(group.id)) for group in groups])
        await bots[0].until(lambda: came().total() >= _ARRIVED)
        left = await _kill_the_sender(bots)
        killed_s, before = time.monotonic(), came().total()
        assert before < _POSTS
        await _bonuses(platform, tables, olek, [ania, bartek], _UPDATES)
        await left.until(lambda: left.has_logged(_BEGAN) and came().total() > before, _TAKEN_OVER_S)
        assert time.monotonic() - killed_s < _TAKEN_OVER_S
        await left.until(lambda: shared.are_sent() and not platform.queue.pending)
        assert shared.rows(_BONUSES) == [(2 * _UPDATES, 2 * _UPDATES)]
        assert shared.rows("SELECT COUNT(*) FROM dead_letter") == [(0,)]
        assert (await left.stop())[0] == 0
        _check(shared, came())


class _Cafes:
    """Two servers on Discord, one for each of two shards, in which the owner sets the bot up."""

    def __init__(self, discord: DiscordServer) -> None:
        self.discord = discord
        self.ania = discord.user("ania", global_name="Ania")
        self.olek = discord.user("olek", user_id=OWNER_ID, global_name="Olek")
        self.guilds: dict[int, Guild] = {}
        while len(self.guilds) < 2:
            guild = discord.guild(f"Cafe {len(self.guilds)}", ["general"], [self.ania, self.olek])
            if self.guilds.setdefault((guild.id >> 22) % 2, guild) is not guild:
                discord.remove_bot(guild)

    async def set_up(self) -> None:
        """Let both join and the owner set both servers up."""
        for user in (self.olek, self.ania):
            await self._walk(user, self.guilds[0], "start", "Accept and join")
        for guild in self.guilds.values():
            await self._walk(self.olek, guild, "setup", "Here", "English", "Mon", "09:00", "Save")

    async def _walk(self, user: DiscordUser, guild: Guild, command: str, *labels: str) -> None:
        shown = (await self.discord.slash(user, guild.channel("general"), command).response()).message
        for label in labels:
            assert shown is not None
            shown = (await self.discord.press(user, shown, label).response()).message

    def talk(self, messages: int) -> None:
        """Let people talk in both."""
        for number in range(messages):
            for guild in self.guilds.values():
                self.discord.say(self.ania, guild.channel("general"), f"a long message, number {number}")

    def came(self) -> Counter[int]:
        """Count the numbers of posts that came."""
        channels = [guild.channel("general") for guild in self.guilds.values()]
        return _numbers([message.visible_text for channel in channels for message in self.discord.messages(channel)])


async def test_discord_by_shards(shared: Shared, tmp_path: Path) -> None:
    async with DiscordServer() as server:
        cafes = _Cafes(server)
        owner = {"owner_ids": [f"discord:{OWNER_ID}"]}
        on_discord = {"token": server.token, "api_base_url": server.api_base_url, "shard_count": 2,
                      "message_content_intent": True, "members_intent": True}  # fmt: skip
        settings: list[dict[str, dict[str, Any]]] = [
            {"programme": owner, "discord": {**on_discord, "shard_ids": [shard]}, "web": {"port": 0}}
            for shard in range(2)
        ]  # fmt: skip
        async with _running(tmp_path, shared.url, *settings) as bots:
            await server.wait_until_connected(2, PATIENCE_S)
            await server.wait_until(lambda: bool(server.commands), "commands", PATIENCE_S)
            await cafes.set_up()
            cafes.talk(20)
            heard = "SELECT COUNT(*) FROM message_author"
            await bots[0].until(lambda: shared.rows(heard) == [(40,)])
            left = await _kill_the_sender(bots)
            killed_s = time.monotonic()
            cafes.talk(20)
            places = [(str(guild.id), str(guild.channel("general").id)) for guild in cafes.guilds.values()]
            await shared.queue_posts("discord", places * (_POSTS // 2))
            await left.until(lambda: cafes.came().total() > 0, _TAKEN_OVER_S)
            assert time.monotonic() - killed_s < _TAKEN_OVER_S
            dead = next(bot for bot in bots if bot is not left)
            await dead.start()
            await left.until(lambda: shared.rows(heard) == [(80,)] and shared.are_sent())
            assert (await left.stop())[0] == (await dead.stop())[0] == 0
            _check(shared, cafes.came())
        assert server.violations == []
