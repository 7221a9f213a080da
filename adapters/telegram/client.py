"""The library's client of one bot, and what its errors mean."""

import json
import logging
import os
from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import httpx
import telegram
from pydantic import SecretStr
from telegram.error import RetryAfter, TelegramError, TimedOut
from telegram.request import HTTPXRequest

from adapters.parsing import parsed
from adapters.pauses import LONGEST_PAUSE_S, asked_s
from adapters.telegram.places import OurBot
from bot.config.config import TelegramSettings

_LIBRARY_LOGS = ("telegram", "httpx", "httpcore")
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_POLL_MARGIN_S = 10.0
_SEND_TIMEOUT_S = 10.0
_GUARDS_ANSWER = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.FORBIDDEN})
# Where it does not say how long.
_GUARD_PAUSE_S = 30.0


class FloodOfAll(RetryAfter):
    """Nothing more may be written to anybody for a while: refused before Telegram itself looked at it."""


async def _heed_guard(response: httpx.Response) -> None:
    """Look at every answer before the library does, for which any 403 is a member's. Raises FloodOfAll."""
    status = response.status_code
    if status in _GUARDS_ANSWER and not _is_telegrams(status, await response.aread()):
        seconds = asked_s(response.headers) or _GUARD_PAUSE_S
        raise FloodOfAll(timedelta(seconds=seconds))


_HEEDING: dict[str, Any] = {"event_hooks": {"response": [_heed_guard]}}


class _Polls(HTTPXRequest):
    """The library's requests for updates, with a faster parser, as the library suggests it."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        """Return what Telegram answered. Raises TelegramError where that is no JSON."""
        try:
            return parsed(payload)
        except (ValueError, RecursionError) as error:
            raise TelegramError("Invalid server response") from error


class Client:
    """A bot's connection. Updates come as raw JSON over a connection of their own.

    `transport` carries everything else in place of the network.
    """

    def __init__(self, settings: TelegramSettings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        _silence_library()
        self._updates = _Polls(connection_pool_size=1, httpx_kwargs=_HEEDING)
        token = settings.token or SecretStr("")
        self.bot = telegram.Bot(
            token.get_secret_value(),
            base_url=f"{settings.api_base_url}/bot",
            base_file_url=f"{settings.api_base_url}/file/bot",
            request=HTTPXRequest(
                read_timeout=_SEND_TIMEOUT_S,
                pool_timeout=_SEND_TIMEOUT_S,
                httpx_kwargs=_HEEDING if transport is None else _HEEDING | {"transport": transport},
            ),
            get_updates_request=self._updates,
        )

    async def connect(self) -> OurBot:
        """Ask who we are. Raises TelegramError, InvalidToken if the token is refused."""
        await self.bot.initialize()
        return OurBot(self.bot.id, self.bot.username)

    async def close(self) -> None:
        """Let go of all connections."""
        await self.bot.shutdown()

    async def updates(self, offset: int | None, wait_s: int, kinds: Sequence[str], most: int = 100) -> list[object]:
        """Return raw updates; those below `offset` are confirmed by this. Raises TelegramError."""
        query = {"timeout": wait_s, "limit": most, "allowed_updates": json.dumps(kinds)}
        if offset is not None:
            query["offset"] = offset
        # The library's own getUpdates parses a whole batch at once, so that one bad update blocks all the others.
        answer = await self._updates.post(
            f"{self.bot.base_url}/getUpdates?{urlencode(query)}", read_timeout=wait_s + _POLL_MARGIN_S
        )
        return list(answer) if isinstance(answer, list) else []


def pause_s(error: RetryAfter) -> float:
    """Return how long the platform asks us to wait."""
    pause = error.retry_after
    seconds = pause.total_seconds() if isinstance(pause, timedelta) else float(pause)
    return min(seconds, LONGEST_PAUSE_S)


def was_never_sent(error: BaseException) -> bool:
    """Whether a failed request surely had no effect."""
    return isinstance(error, RetryAfter) or isinstance(error.__cause__, _NEVER_SENT)


def is_out_of_reach(error: BaseException) -> bool:
    """Whether no answer came at all: the network is away, or the server is."""
    return isinstance(error, TimedOut) or isinstance(error.__cause__, httpx.TransportError)


def away(error: BaseException) -> dict[str, object]:
    """Return fields for a log line about a request that is tried again."""
    what = "Telegram cannot be reached" if is_out_of_reach(error) else "Telegram answers with an error"
    return {"error": type(error).__name__, "hint": f"{what}; the bot keeps trying"}


def _is_telegrams(status: int, payload: bytes) -> bool:
    """Whether Telegram itself refused a request: it says so in JSON, and with a 429 how long to wait."""
    try:
        said = json.loads(payload)
        return bool(said["parameters"]["retry_after"]) if status == HTTPStatus.TOO_MANY_REQUESTS else "ok" in said
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


def _silence_library() -> None:
    # The library and its HTTP client log addresses that hold the token, and bodies that hold what people wrote.
    for name in _LIBRARY_LOGS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    # Without it the library warns whenever it raises RetryAfter; it reads the variable at that moment.
    os.environ.setdefault("PTB_TIMEDELTA", "true")
