"""Delivery of updates by webhook: in order within a chat, again until a 2xx answer."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from .errors import ApiError, Json, invalid
from .updates import WEBHOOK_SET, Signal, UpdateQueue

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
DELIVERY_TIMEOUT_S = 30.0


def check_webhook(url: str, secret: str | None, max_connections: int) -> None:
    """Refuse a webhook the platform would refuse. Plain HTTP is taken on loopback alone."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise invalid("bad webhook: An HTTPS URL must be provided for webhook")
    if secret is not None and not SECRET.fullmatch(secret):
        raise invalid("secret token contains unallowed characters")
    if not 1 <= max_connections <= 100:
        raise invalid("max_connections must be between 1 and 100")


@dataclass(slots=True)
class Webhook:
    """Where updates are sent; `url` empty for none. Each failure is tried again after `retry_delay_s`."""

    queue: UpdateQueue
    signal: Signal
    retry_delay_s: float
    now: Callable[[], float]
    url: str = ""
    secret: str | None = None
    max_connections: int = 40
    last_error: str | None = None
    last_error_at: int | None = None
    deliveries: int = 0
    _dispatcher: asyncio.Task[None] | None = None
    _busy: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    def info(self) -> Json:
        """The API's WebhookInfo."""
        info: Json = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self.queue.pending),
        }
        if self.url:
            info["max_connections"] = self.max_connections
        if self.queue.allowed:
            info["allowed_updates"] = list(self.queue.allowed)
        if self.last_error is not None:
            info.update(last_error_date=self.last_error_at, last_error_message=self.last_error)
        return info

    def refuse_polling(self) -> None:
        """Raise ApiError 409 while a webhook is set."""
        if self.url:
            detail = (
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            )
            raise ApiError(409, detail)

    async def point_to(self, url: str, secret: str | None, max_connections: int) -> None:
        """Deliver to `url` from now on."""
        await self.stop()
        self.queue.interrupt(WEBHOOK_SET)
        self.url, self.secret, self.max_connections = url, secret, max_connections
        self.last_error = self.last_error_at = None
        self._dispatcher = asyncio.create_task(self._dispatch())

    async def remove(self) -> None:
        """Deliver nowhere."""
        await self.stop()
        self.url, self.secret = "", None

    async def stop(self) -> None:
        """End all delivery, leaving the setting."""
        tasks = [task for task in (self._dispatcher, *self._busy.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._dispatcher = None
        self._busy.clear()

    def resume(self) -> None:
        """Deliver again after `stop`, if a webhook is set."""
        if self.url and self._dispatcher is None:
            self._dispatcher = asyncio.create_task(self._dispatch())

    async def _dispatch(self) -> None:
        timeout = aiohttp.ClientTimeout(total=DELIVERY_TIMEOUT_S)
        connector = aiohttp.TCPConnector(limit=self.max_connections)
        async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
            while True:
                seen: set[str] = set(self._busy)
                for update_id, update in list(self.queue.pending):
                    lane = _lane(update)
                    if lane not in seen and len(self._busy) < self.max_connections:
                        self._busy[lane] = asyncio.create_task(self._deliver(session, lane, update_id, update))
                    seen.add(lane)
                await self.signal.wait(60.0)

    async def _deliver(self, session: aiohttp.ClientSession, lane: str, update_id: int, update: Json) -> None:
        headers = {SECRET_HEADER: self.secret} if self.secret else {}
        while True:
            self.deliveries += 1
            try:
                async with session.post(self.url, json=update, headers=headers) as response:
                    if 200 <= response.status < 300:
                        break
                    self.last_error = f"Wrong response from the webhook: {response.status} {response.reason}"
            except (aiohttp.ClientError, TimeoutError) as error:
                self.last_error = f"Connection failed: {type(error).__name__}"
            self.last_error_at = int(self.now())
            await asyncio.sleep(self.retry_delay_s)
        self.queue.remove(update_id)
        del self._busy[lane]
        self.signal.notify()


def _payload(update: Json) -> Any:
    return next((value for name, value in update.items() if name != "update_id"), None)


def _lane(update: Json) -> str:
    """Updates of one chat, or of one person outside a chat, keep their order."""
    payload = _payload(update)
    if not isinstance(payload, dict):
        return "none"
    message = payload.get("message")
    holder = payload.get("chat") or (message.get("chat") if isinstance(message, dict) else None) or payload.get("from")
    return str(holder.get("id")) if isinstance(holder, dict) else "none"
