"""Asking others for the time: whoever answers by HTTP says when, in the header Date."""

import asyncio
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

import httpx
import structlog

from adapters.failures import failure
from adapters.findings import Finding
from adapters.looking import Looking
from adapters.trusted_clock import TOLERANCE, TrustedClock
from bot.config.config import Config

log = structlog.get_logger("bywalec.clock")
_PAUSE_S, _SOON_S, _PATIENCE_S = 600.0, 5.0, 3.0
_AGREE = timedelta(minutes=5)
_NOTHING = timedelta(0)
_UNITS = (
    ("days", timedelta(days=1), timedelta(days=2)),
    ("hours", timedelta(hours=1), timedelta(hours=2)),
    ("minutes", timedelta(minutes=1), _NOTHING),
)
# X509_V_FLAG_NO_CHECK_TIME of OpenSSL, which the ssl module does not name.
_NO_CHECK_TIME: Final = 0x200000


async def ask(addresses: Sequence[str], patience_s: float = _PATIENCE_S) -> datetime | None:
    """Return the time that all who answer agree on, to some seconds; None if nobody does, or they do not agree."""
    # Reading the certificates of all authorities takes as long as many an event.
    async with await asyncio.to_thread(_client, patience_s) as client:
        answers = await asyncio.gather(*(_asked(client, address, patience_s) for address in addresses))
    told = [at for at in answers if at is not None]
    if not told:
        return None
    if max(told) - min(told) > _AGREE:
        log.warning("clock_tellers_disagree", by_s=round((max(told) - min(told)).total_seconds()))
        return None
    return max(told)


class TimeAsked(Looking):
    """Has the clock told the time now and then, and at once where that matters."""

    def __init__(
        self, addresses: Sequence[str], clock: TrustedClock, *, pause_s: float = _PAUSE_S, soon_s: float = _SOON_S
    ) -> None:
        super().__init__()
        self._addresses = addresses
        self._clock = clock
        self._pause_s = pause_s
        self._soon_s = soon_s
        self._was_told = True

    async def start(self) -> None:
        """Ask once, for a few seconds at most, and then go on asking."""
        await self._ask()
        await super().start()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        asked_at = loop.time()
        while True:
            await asyncio.sleep(self._soon_s)
            if self._clock.asks_soon() or loop.time() - asked_at >= self._pause_s:
                await self._ask()
                asked_at = loop.time()

    async def _ask(self) -> None:
        try:
            at = await ask(self._addresses)
        except Exception as error:
            # Whatever stands in the way for now, such as too many open files: who stops asking never hears again.
            log.error("clock_not_asked", **failure(error))
            at = None
        if at is not None:
            self._clock.told(at)
        elif self._was_told:
            log.warning("clock_untold", hint="nobody who was asked for the time answered with it; the bot keeps trying")
        self._was_told = at is not None
        self._clock.state()


async def check(config: Config, now: datetime) -> list[Finding]:
    """Return what others say of this computer's clock, which shows `now`."""
    addresses = config.time_tellers
    if not addresses:
        return [Finding("off", "Clock: nobody is asked for the time.")]
    at = await ask(addresses)
    where = ", ".join(addresses)
    if at is None:
        return [Finding("warning", f"Clock: nobody told the time at {where}. Is this computer online? Then try again.")]
    ahead = now - at
    if abs(ahead) <= TOLERANCE:
        return [Finding("ok", "Clock: it agrees with the time of others.")]
    text = f"Clock: it is {how_far(ahead)} the time at {where}; the bot goes by theirs. Set it right (timedatectl)."
    return [Finding("warning", text)]


def how_far(ahead: timedelta) -> str:
    """Return how far a clock is off, such as "3 days ahead of"."""
    way = "ahead of" if ahead > _NOTHING else "behind"
    unit, size = next((unit, size) for unit, size, fewest in _UNITS if abs(ahead) >= fewest)
    return f"{abs(ahead) // size} {unit} {way}"


def _client(patience_s: float) -> httpx.AsyncClient:
    """Return what asks, through the proxies that the environment names; without where those cannot be used."""
    try:
        return _client_in(patience_s, heeds_environment=True)
    except (ImportError, OSError, ValueError, httpx.InvalidURL) as error:
        log.info("clock_asked_directly", reason=type(error).__name__)
        return _client_in(patience_s, heeds_environment=False)


def _client_in(patience_s: float, *, heeds_environment: bool) -> httpx.AsyncClient:
    context = httpx.create_ssl_context(trust_env=heeds_environment)
    # By a clock that is off by months every certificate seems to be out of date.
    context.verify_flags = ssl.VerifyFlags(context.verify_flags | _NO_CHECK_TIME)
    return httpx.AsyncClient(verify=context, timeout=patience_s, follow_redirects=False, trust_env=heeds_environment)


async def _asked(client: httpx.AsyncClient, address: str, patience_s: float) -> datetime | None:
    try:
        async with asyncio.timeout(patience_s):
            response = await client.head(address)
        # What was kept on the way here tells the time at which it was made.
        return None if "Age" in response.headers else _instant(response.headers["Date"])
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, KeyError, ValueError, OverflowError):
        return None


def _instant(text: str) -> datetime:
    at = parsedate_to_datetime(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
