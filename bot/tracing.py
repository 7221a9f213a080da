"""The id that every log line carries that is written while one event is handled, in whatever task or thread."""

import secrets
from contextvars import ContextVar
from hashlib import blake2b

# Keyed anew in each process: the id of an event tells nothing about the chat and the person its key names.
_KEY = secrets.token_bytes(16)
_current: ContextVar[str | None] = ContextVar("event_id", default=None)


class about:
    """Marks what is done inside, and started there, as being about this event. One within another keeps its id."""

    __slots__ = ("_event_key", "_token")

    def __init__(self, event_key: str) -> None:
        self._event_key = event_key

    def __enter__(self) -> None:
        is_outermost = _current.get() is None
        self._token = _current.set(event_id(self._event_key)) if is_outermost else None

    def __exit__(self, *_: object) -> None:
        if self._token is not None:
            _current.reset(self._token)


def event_id(event_key: str) -> str:
    """Return 8 hex digits, the same each time this process hears of the event."""
    return blake2b(event_key.encode(errors="surrogatepass"), key=_KEY, digest_size=4).hexdigest()


def current_event_id() -> str | None:
    """Return the id of the event that is being handled here, if any."""
    return _current.get()
