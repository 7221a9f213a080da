"""A process that dies anywhere around a send: nothing lost unnoticed, nothing doubled that must not be."""

import asyncio
import itertools
import multiprocessing
import signal
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import time
from typing import TypeVar

import pytest
from sqlalchemy import text

from bot.events import SpaceRef
from bot.replies import Picture, Post, Sending, ToSpace
from storage.engine.group_commit import Work
from storage.engine.location import open_database
from storage.transaction import Transaction
from tests.club import config
from tests.databases import Address
from tests.platforms.discord import DiscordServer
from tests.platforms.telegram import TelegramServer
from tests.reliability.crashing import Job, Point, send, send_all
from tests.reliability.effort import rounds

T = TypeVar("T")
pytestmark = pytest.mark.slow
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["tests.reliability.crashing"])
_KINDS = (Sending.AT_LEAST_ONCE, Sending.AT_MOST_ONCE)
_DIES_S = 60.0
_CARD = Picture("card", {"name": "Ania", "card": "482 193 576", "number": "482193576"}, "picture_card")
_POINTS = pytest.mark.parametrize("point", Point)
# A text, or a picture with a text under it: another request, of another kind.
_PICTURES = pytest.mark.parametrize("picture", [None, _CARD], ids=["text", "picture"])


class Crashes:
    """Two groups on one platform, one for each way of sending, and processes that write to them.

    The title of each is the id of its channel.
    """

    def __init__(self, job: Job, groups: tuple[SpaceRef, SpaceRef], picture: Picture | None) -> None:
        self._job = job
        self._groups = groups
        self._picture = picture
        self._lives = itertools.count(1)

    async def crash(self, point: Point) -> dict[str, tuple[str, bool]]:
        """Queue a post of each kind, die while sending, send the rest; return states and whether listed, by kind."""
        number = next(self._lives)
        # The lease of the dead is over when the next one comes.
        job = replace(self._job, ahead_s=number * 30.0)
        key = f"{point.name} {number}"

        def queue(tx: Transaction) -> None:
            for sending, ref in zip(_KINDS, self._groups, strict=True):
                space = tx.spaces.by_ref(ref) or tx.spaces.set_up(ref, ref.title, None, "en", 0, time(9))
                post_key = f"{key} {sending}"
                tx.post(Post(ToSpace(space.id), "cancelled", post_key, sending=sending, picture=self._picture))

        await self._write(queue)
        process = _PROCESSES.Process(target=send, args=(replace(job, point=point),))
        process.start()
        await asyncio.to_thread(process.join, _DIES_S)
        assert process.exitcode == -signal.SIGKILL
        await send_all(replace(job, ahead_s=job.ahead_s + 15.0))
        return await self._ends(key)

    async def _ends(self, key: str) -> dict[str, tuple[str, bool]]:
        def read(tx: Transaction) -> dict[str, tuple[str, bool]]:
            listed = {send.id for send in tx.outbox.unknown(1000)}
            rows = tx._connection.all(text("SELECT post_key, id, state FROM outbox"))
            return {
                post_key.removeprefix(f"{key} "): (state, post_id in listed)
                for post_key, post_id, state in rows
                if post_key.startswith(f"{key} ")
            }

        return await self._write(read)

    async def _write(self, work: Work[T]) -> T:
        database = await open_database(self._job.where, self._job.now, config().programme)
        try:
            return await database.write(work)
        finally:
            await database.close()


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with TelegramServer(flood_limits=None) as server:
        yield server
        assert server.violations == []


@pytest.fixture
async def discord() -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as server:
        yield server
        assert server.violations == []


@_POINTS
@_PICTURES
async def test_on_telegram(telegram: TelegramServer, empty: Address, point: Point, picture: Picture | None) -> None:
    groups = [telegram.group(-1001, "Surely"), telegram.group(-1002, "Once")]
    surely, once = (SpaceRef("telegram", str(group.id), str(group.id)) for group in groups)
    job = Job("telegram", empty, telegram.base_url, telegram.token, 0.0)
    crashes = Crashes(job, (surely, once), picture)
    for _ in range(rounds(1, 100)):
        before = Counter({group.id: len(telegram.messages(group.id)) for group in groups})
        ends = await crashes.crash(point)
        came = [len(telegram.messages(group.id)) - before[group.id] for group in groups]
        assert ends[Sending.AT_LEAST_ONCE] == ("sent", False)
        assert 1 <= came[0] <= 2
        assert came[1] <= 1
        state, is_listed = ends[Sending.AT_MOST_ONCE]
        assert (state, is_listed) == (("sent", False) if state == "sent" else ("unknown", True))
        assert came[1] == 1 or is_listed
    shown = [message.photo for group in groups for message in telegram.messages(group.id)]
    assert all((photo is not None) is (picture is not None) for photo in shown)


@_POINTS
@_PICTURES
async def test_on_discord(discord: DiscordServer, empty: Address, point: Point, picture: Picture | None) -> None:
    olek = discord.user("olek")
    channels = [discord.guild(name, ["general"], [olek]).channel("general") for name in ("Surely", "Once")]
    surely, once = (SpaceRef("discord", str(number), str(channel.id)) for number, channel in enumerate(channels))
    job = Job("discord", empty, discord.api_base_url, discord.token, 0.0)
    crashes = Crashes(job, (surely, once), picture)
    for _ in range(rounds(1, 100)):
        before = [len(discord.messages(channel)) for channel in channels]
        ends = await crashes.crash(point)
        came = [len(discord.messages(channel)) - was for channel, was in zip(channels, before, strict=True)]
        assert ends[Sending.AT_LEAST_ONCE] == ("sent", False)
        assert came[0] == 1
        assert came[1] == 1 or ends[Sending.AT_MOST_ONCE] == ("unknown", True)
        assert came[1] <= 1
    shown = [message.attachments for channel in channels for message in discord.messages(channel)]
    assert all(bool(files) is (picture is not None) for files in shown)
