"""Asking for the time, over real sockets: who is asked, which answers count, and what comes of them."""

import asyncio
import io
import json
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from shutil import which

import pytest
from aiohttp import web

from adapters.told_time import TimeAsked, ask, check, how_far
from adapters.trusted_clock import TrustedClock, utc_now
from bot.clock import WELL, ClockState
from tests.club import config
from tests.conversations.hold import until

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
THEN = datetime(2026, 3, 16, 12, 0, tzinfo=UTC)


class Teller:
    """Answers everything with the same headers; `None` for a date leaves it out."""

    def __init__(self, date: str | None, headers: Mapping[str, str] = {}) -> None:
        self.date = date
        self.headers = dict(headers)
        self.asked: list[str] = []
        self.delay_s = 0.0
        self.address = ""

    def tell(self, at: datetime) -> None:
        """Answer with another time from now on."""
        self.date = format_datetime(at, usegmt=True)

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked.append(f"{request.method} {request.path}")
        await asyncio.sleep(self.delay_s)
        response = web.Response(status=404, headers=self.headers)
        response.headers["Date"] = self.date or "soon"
        return response


@asynccontextmanager
async def telling(
    at: datetime | str | None, headers: Mapping[str, str] = {}, context: ssl.SSLContext | None = None
) -> AsyncIterator[Teller]:
    teller = Teller(format_datetime(at, usegmt=True) if isinstance(at, datetime) else at, headers)
    runner = web.ServerRunner(web.Server(teller.answer))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    port = runner.addresses[0][1]
    teller.address = f"http://127.0.0.1:{port}" if context is None else f"https://localhost:{port}"
    try:
        yield teller
    finally:
        await runner.cleanup()


@pytest.fixture
def in_new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The computer has a zone of its own."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "America/New_York")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("in_new_york")
@pytest.mark.parametrize(
    "date", ["Mon, 16 Mar 2026 12:00:00 GMT", "Mon, 16 Mar 2026 12:00:00 -0000", "Mon, 16 Mar 2026 13:00:00 +0100"]
)
async def test_whatever_the_answer_is_its_date_counts(date: str) -> None:
    async with telling(date) as teller:
        assert await ask([f"{teller.address}/api/v10"]) == THEN
    # Nothing is asked for but the header.
    assert teller.asked == ["HEAD /api/v10"]


@pytest.mark.parametrize(
    ("date", "headers"),
    [
        (None, {}),
        ("yesterday", {}),
        ("Mon, 99 Mar 2026 12:00:00 GMT", {}),
        ("Fri, 31 Dec 9999 23:59:59 -0100", {}),
        # It was kept on the way, and is of another time.
        (format_datetime(THEN, usegmt=True), {"Age": "3600"}),
    ],
)
async def test_an_answer_that_does_not_tell_the_time_is_none(date: str | None, headers: Mapping[str, str]) -> None:
    async with telling(date, headers) as odd, telling(THEN) as teller:
        assert await ask([odd.address]) is None
        assert await ask([odd.address, teller.address]) == THEN


async def test_who_does_not_answer_is_not_waited_for() -> None:
    async with telling(THEN) as slow, telling(THEN) as teller:
        slow.delay_s = 3
        async with asyncio.timeout(10):
            assert await ask([slow.address, teller.address, "http://127.0.0.1:1"], patience_s=0.5) == THEN
            assert await ask([slow.address], patience_s=0.5) is None


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:1"),
        ("HTTP_PROXY", "ftp://127.0.0.1:1"),
        ("NO_PROXY", "[::1]"),
        ("SSL_CERT_FILE", "nowhere"),
    ],
)
async def test_an_environment_that_cannot_be_used_keeps_nobody_from_asking(
    name: str, given: str, monkeypatch: pytest.MonkeyPatch, log_lines: io.StringIO
) -> None:
    monkeypatch.setenv(name, given)
    async with telling(THEN) as teller:
        assert await ask([teller.address]) == THEN
    said = json.loads(log_lines.getvalue())
    assert said["event"] == "clock_asked_directly"
    assert given not in log_lines.getvalue()


async def test_two_who_do_not_agree_are_not_believed(log_lines: io.StringIO) -> None:
    async with telling(THEN) as one, telling(THEN + timedelta(minutes=5)) as other, telling(THEN + DAY) as wrong:
        assert await ask([one.address, other.address]) == THEN + timedelta(minutes=5)
        assert log_lines.getvalue() == ""
        assert await ask([one.address, wrong.address]) is None
    said = json.loads(log_lines.getvalue())
    assert (said["event"], said["by_s"]) == ("clock_tellers_disagree", 86400)


@pytest.mark.skipif(which("openssl") is None, reason="needs openssl to make a certificate")
async def test_a_certificate_that_is_out_of_date_by_the_clock_still_tells_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As every certificate is by a clock that is off by years; who signed it is looked at all the same."""
    key, certificate = _expired(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    async with telling(THEN, context=context) as teller:
        assert await ask([teller.address]) is None
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        trusting = ssl.create_default_context(cafile=certificate)
        with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
            await asyncio.open_connection("localhost", int(teller.address.rpartition(":")[2]), ssl=trusting)
        assert await ask([teller.address]) == THEN


def _expired(folder: Path) -> tuple[Path, Path]:
    """Return the key and the certificate of a server that was one until yesterday, signed by itself."""
    key, request, certificate, names = (folder / name for name in ("key.pem", "request.pem", "server.pem", "names"))
    names.write_text("subjectAltName=DNS:localhost", encoding="utf-8")
    for command in (
        f"req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout {key} -out {request}",
        f"x509 -req -in {request} -signkey {key} -days -1 -extfile {names} -out {certificate}",
    ):
        subprocess.run(["openssl", *command.split()], check=True, capture_output=True)
    return key, certificate


def test_the_platforms_that_are_on_are_asked_but_no_server_in_their_place() -> None:
    """One on this computer goes by the clock in question; a Bot API server that anybody runs tells no time."""
    both = {"telegram": {"token": "123456:" + "TEST-token" * 4}, "discord": {"token": "not-a-real.discord.token"}}
    assert config().time_tellers == ()
    assert config(**both).time_tellers == ("https://api.telegram.org", "https://discord.com/api/v10")
    assert config(discord=both["discord"]).time_tellers == ("https://discord.com/api/v10",)
    for other in ("http://127.0.0.1:8081", "http://telegram-bot-api:8081", "https://bots.example.org"):
        assert config(telegram=both["telegram"] | {"api_base_url": other}).time_tellers == ()
        mixed = config(telegram=both["telegram"] | {"api_base_url": other}, discord=both["discord"])
        assert mixed.time_tellers == ("https://discord.com/api/v10",)
    asked = ("http://192.168.1.1", "http://localhost:8081")
    assert config(**both, clock={"ask": asked}).time_tellers == asked
    assert config(**both, clock={"ask": asked, "compare": False}).time_tellers == ()


async def test_the_clock_is_told_the_time_before_anything_else_and_again_where_it_matters(
    log_lines: io.StringIO,
) -> None:
    off = -400 * DAY
    clock = TrustedClock(lambda: utc_now() + off, is_told=True)
    async with telling(utc_now()) as teller:
        asked = TimeAsked([teller.address], clock, pause_s=600, soon_s=0.05)
        await asked.start()
        said = log_lines.getvalue()
        assert clock.state().wrong_by < -399 * DAY
        assert abs(clock() - utc_now()) < 30 * SECOND
        assert "clock_wrong" in said
        # It was just told, and is not asked about all the time.
        await asyncio.sleep(0.3)
        assert len(teller.asked) == 1
        await asked.stop()


async def test_who_tells_the_time_late_is_heard_soon(log_lines: io.StringIO) -> None:
    clock = TrustedClock(is_told=True)
    async with telling(None) as teller:
        asked = TimeAsked([teller.address], clock, pause_s=600, soon_s=0.05)
        await asked.start()
        assert clock.state().is_doubted
        await asyncio.sleep(0.3)
        teller.tell(utc_now())
        await until(lambda: clock.state() == WELL)
        teller.tell(utc_now() - DAY)
        await asyncio.sleep(0.3)
        assert clock.state() == WELL
        await asked.stop()
    # However often it was asked for in vain.
    assert log_lines.getvalue().count("clock_untold") == 1


async def test_the_time_is_asked_for_again_and_again() -> None:
    clock = TrustedClock(is_told=True)
    async with telling(utc_now()) as teller:
        asked = TimeAsked([teller.address], clock, pause_s=0.2, soon_s=0.05)
        await asked.start()
        teller.tell(utc_now() - DAY)
        await until(lambda: clock.state() != WELL)
        await asked.stop()
    state = clock.state()
    assert state == ClockState(wrong_by=state.wrong_by)
    assert abs(state.wrong_by - DAY) < 30 * SECOND


async def test_what_goes_wrong_for_a_while_ends_no_asking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log_lines: io.StringIO
) -> None:
    """As where the bot has too many files open to read those of the authorities."""
    clock = TrustedClock(is_told=True)
    async with telling(utc_now()) as teller:
        asked = TimeAsked([teller.address], clock, pause_s=600, soon_s=0.05)
        with monkeypatch.context() as patch:
            patch.setenv("SSL_CERT_FILE", str(tmp_path / "nowhere"))
            patch.setattr("certifi.where", lambda: str(tmp_path / "nowhere"))
            await asked.start()
            await until(lambda: log_lines.getvalue().count("clock_not_asked") > 1)
            assert clock.state().is_doubted
        await until(lambda: clock.state() == WELL)
        await asked.stop()


async def test_check_says_how_far_the_clock_is_off() -> None:
    async with telling(THEN) as teller:
        compared = config(clock={"ask": [teller.address]})
        (right,) = await check(compared, THEN + timedelta(minutes=3))
        assert (right.level, right.text) == ("ok", "Clock: it agrees with the time of others.")
        (right,) = await check(compared, THEN - timedelta(minutes=30))
        assert right.level == "ok"
        (ahead,) = await check(compared, THEN + 3 * DAY)
        assert ahead.level == "warning"
        assert f"it is 3 days ahead of the time at {teller.address}; the bot goes by theirs" in ahead.text
        (behind,) = await check(compared, THEN - timedelta(minutes=90))
        assert "it is 90 minutes behind the time at" in behind.text
        teller.date = None
        (untold,) = await check(compared, THEN)
        assert (untold.level, "nobody told the time at" in untold.text) == ("warning", True)
    (off,) = await check(config(), THEN)
    assert off.level == "off"


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (timedelta(days=2), "2 days ahead of"),
        (timedelta(hours=47, minutes=59), "47 hours ahead of"),
        (timedelta(hours=-2), "2 hours behind"),
        (timedelta(minutes=119), "119 minutes ahead of"),
    ],
)
def test_how_far_a_clock_is_off_is_said_in_words(ahead: timedelta, said: str) -> None:
    assert how_far(ahead) == said


async def test_what_was_not_begun_can_be_stopped() -> None:
    await TimeAsked((), TrustedClock()).stop()
