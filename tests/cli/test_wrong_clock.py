"""A bot whose clock is months ahead of the platforms' time takes nothing from anybody, however often it starts."""

import asyncio
import json
import shutil
import signal
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from adapters.trusted_clock import utc_now
from tests.adapters.test_told_time import telling
from tests.cli.commands import command, logged, running
from tests.club import config, open_club
from tests.conversations.hold import until
from tests.databases import Address, url_of, value
from tests.platforms.telegram import TelegramServer

pytestmark = pytest.mark.slow

AHEAD = timedelta(days=150)
TOKEN = "123456:" + "TEST-token" * 4
EXPIRED = "SELECT COUNT(*) FROM entry WHERE source LIKE 'expire:%'"
# The newest thing the timetable does by the day; what it did while the club was small is of long ago.
DONE = "SELECT COUNT(*) FROM job_run"


async def _runs(folder: Path, database: Address, server: TelegramServer, *until_logged: str) -> set[object]:
    """Let a bot run until its first look at what is due is over; return what it logged."""
    before = value(database, DONE)
    environment = {"BYWALEC_TELEGRAM__TOKEN": server.token, "BYWALEC_TELEGRAM__API_BASE_URL": server.base_url}
    async with running(folder, **environment) as bot:
        lines = await logged(bot, "connected", *until_logged)
        await until(lambda: value(database, DONE) != before)
        await asyncio.sleep(1)
        bot.send_signal(signal.SIGTERM)
        await bot.wait()
    return {line["event"] for line in lines}


async def test_who_is_erased_by_a_wrong_clock_is_so_at_the_time_that_others_tell(tmp_path: Path, settled: Path) -> None:
    shutil.copy(settled, tmp_path / "bywalec.db")
    async with telling(utc_now() - AHEAD) as teller:
        (tmp_path / "config.toml").write_text(f"[clock]\nask = ['{teller.address}']\n")
        told = await command(tmp_path, "erase", "console:ania", "--yes")
    assert "days ahead of the time that others tell" in told.out
    (line,) = (tmp_path / "backups" / "bywalec-erasures.jsonl").read_text().splitlines()
    off = datetime.fromisoformat(json.loads(line)["erased_at"]) - (utc_now() - AHEAD)
    assert abs(off) < timedelta(minutes=5)


async def test_a_command_says_by_which_clock_it_goes_where_nobody_tells_the_time(tmp_path: Path, settled: Path) -> None:
    shutil.copy(settled, tmp_path / "bywalec.db")
    # Nobody listens there.
    (tmp_path / "config.toml").write_text("[clock]\nask = ['http://127.0.0.1:1/']\n")
    told = await command(tmp_path, "erase", "console:ania", "--yes")
    assert (told.code, "dated by this computer's clock" in told.out) == (0, True)


async def test_nothing_expires_by_a_wrong_clock_after_any_restart(tmp_path: Path, copy_of_settled: Address) -> None:
    soon = config(programme={"points_expire_after_months": 1})
    async with open_club(copy_of_settled, soon, begin=utc_now() - AHEAD) as club:
        await club.say("marta", "/bonus @ania 100 welcome")
        await club.app.run_due()
    async with TelegramServer(flood_limits=None, token=TOKEN) as server, telling(utc_now() - AHEAD) as teller:
        settings = f"[database]\nurl = '{url_of(copy_of_settled)}'\n"
        file = tmp_path / "config.toml"
        file.write_text(f"{settings}[clock]\nask = ['{teller.address}']\n")
        for days in (1, 2):
            teller.tell(utc_now() - AHEAD + timedelta(days=days))
            assert "clock_wrong" in await _runs(tmp_path, copy_of_settled, server, "clock_wrong")
            assert value(copy_of_settled, EXPIRED) == 0
        told = await command(tmp_path, "check")
        assert "days ahead of the time at" in told.out
        # A command that writes goes by the same time.
        (tmp_path / "purchases.csv").write_text(f"member,amount,receipt,date\n@ania,100,R-1,{utc_now().date()}\n")
        told = await command(tmp_path, "import", "purchases", "purchases.csv")
        assert "days ahead of the time that others tell; what is done now is dated by theirs." in told.out
        assert "future" in told.out
        # By its own clock they are over.
        file.write_text(settings)
        assert "clock_wrong" not in await _runs(tmp_path, copy_of_settled, server)
        assert value(copy_of_settled, EXPIRED) > 0
