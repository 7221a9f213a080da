"""Rate limits: a bucket per route and major parameter, and one for all requests."""

import hashlib
import time
from dataclasses import dataclass, field

from tests.platforms.discord.model import Json

UNLIMITED = 1_000_000


@dataclass(slots=True)
class Window:
    """A fixed window: `limit` requests in `per_s` seconds from the first of them."""

    limit: int
    per_s: float
    used: int = 0
    ends_at: float = 0.0

    def take(self, moment: float) -> bool:
        """Count one request; return whether it fits."""
        if moment >= self.ends_at:
            self.used, self.ends_at = 0, moment + self.per_s
        self.used += 1
        return self.used <= self.limit


@dataclass(frozen=True, slots=True)
class Verdict:
    """Headers for every answer and, for a request too many, the body of the 429."""

    headers: dict[str, str]
    refused: Json | None = None


@dataclass(slots=True)
class Limits:
    """All limits are off until a test sets them; Discord's own global one is 50 per second."""

    global_per_s: int | None = None
    routes: dict[tuple[str, str], tuple[int, float]] = field(default_factory=dict)
    exceeded: int = 0
    _windows: dict[str, Window] = field(default_factory=dict)
    _all: Window = field(default_factory=lambda: Window(UNLIMITED, 1.0))

    def set(self, method: str, template: str, limit: int, per_s: float) -> None:
        """Limit a route such as ("POST", "/channels/{channel_id}/messages"), for each channel, server or webhook."""
        self.routes[method, template] = (limit, per_s)

    def ask(self, method: str, template: str, major: str, exempt: bool) -> Verdict:
        """Count a request. `exempt`: interaction endpoints do not count against the global limit."""
        moment = time.monotonic()
        if self.global_per_s is not None and not exempt:
            self._all.limit = self.global_per_s
            if not self._all.take(moment):
                return self._refusal({}, self._all.ends_at - moment, "global")
        limit, per_s = self.routes.get((method, template), (UNLIMITED, 1.0))
        window = self._windows.setdefault(f"{method} {template} {major}", Window(limit, per_s))
        window.limit, window.per_s = limit, per_s
        fits = window.take(moment)
        after_s = max(window.ends_at - moment, 0.0)
        headers = {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(limit - window.used, 0)),
            "X-RateLimit-Reset": f"{time.time() + after_s:.3f}",
            "X-RateLimit-Reset-After": f"{after_s:.3f}",
            "X-RateLimit-Bucket": hashlib.sha256(f"{method} {template}".encode()).hexdigest()[:32],
        }
        return Verdict(headers) if fits else self._refusal(headers, after_s, "user")

    def _refusal(self, headers: dict[str, str], after_s: float, scope: str) -> Verdict:
        self.exceeded += 1
        body = {
            "message": "You are being rate limited.",
            "retry_after": round(after_s, 3),
            "global": scope == "global",
        }
        extra = {"Retry-After": str(int(after_s) + 1), "X-RateLimit-Scope": scope}
        if scope == "global":
            extra["X-RateLimit-Global"] = "true"
        return Verdict(headers | extra, body)
