"""The web server starts with the bot, and is no reason for the bot not to start."""

import socket
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter

from bot.config.config import Config
from cli.screen import Refusal
from cli.watching import disk_of, metrics_of, web_server
from storage.engine.location import FileLocation, Location, ServerLocation, location_of
from tests.club import Clock, config
from tests.databases import Address


@pytest.fixture
def place(empty: Address) -> Location:
    return location_of(empty)


def test_the_disk_of_a_file_is_known_and_that_of_a_server_is_not(tmp_path: Path) -> None:
    disk = disk_of(FileLocation(tmp_path / "club.db"))()
    assert disk is not None
    assert 0 < disk.free <= disk.total
    assert disk_of(FileLocation(tmp_path / "nowhere" / "club.db"))() is None
    assert disk_of(ServerLocation("postgresql://host/club"))() is None


async def test_pages_are_served_unless_they_are_switched_off(place: Location) -> None:
    async def code_of(settings: Config) -> int | None:
        database = await place.open(Clock(), settings.programme)
        web = await web_server(settings, [], database, metrics_of("1", place), [], disk_of(place))
        if web is not None:
            async with httpx.AsyncClient() as client:
                code = (await client.get(f"http://127.0.0.1:{web.port}/readyz")).status_code
            await web.stop()
        await database.close()
        return code if web is not None else None

    assert await code_of(config(web={"port": 0})) == 200
    assert await code_of(config(web={"port": 0, "enabled": False})) is None


async def test_a_taken_port_stops_only_who_needs_it(place: Location) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = config(web={"port": taken.getsockname()[1]})
        database = await place.open(Clock(), settings.programme)
        metrics, disk = metrics_of("1", place), disk_of(place)
        assert await web_server(settings, [], database, metrics, [], disk) is None
        with pytest.raises(Refusal, match=r"web\.port"):
            await web_server(settings, [APIRouter()], database, metrics, [], disk)
        await database.close()
