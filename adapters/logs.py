"""Where log lines go and what they may hold: JSON on standard error, colours in a terminal, never a secret."""

import json
import logging
import re
import sys
from collections.abc import Iterable
from typing import Any, TextIO

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

from adapters.failures import failure
from bot.tracing import current_event_id

_HIDDEN = "(hidden)"
_LEAST_SECRET = 4
# The short-lived tokens of interactions, and a bot's token in an address.
_IN_ADDRESSES = re.compile(r"(?<=/)((?:webhooks|interactions)/[0-9]+/|bot[0-9]+:)[\w-]+")


def configure_logs(secrets: Iterable[str], level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Send our log lines of `level` and the libraries' warnings to a stream, standard error by default."""
    stream = stream or sys.stderr
    common: list[Processor] = [
        _name_event,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *common, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(timestamp_key="at")
        if stream.isatty()
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=common,
            processors=[ProcessorFormatter.remove_processors_meta, _failure_alone, renderer, _Hide(secrets)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.WARNING))
    logging.getLogger("bywalec").setLevel(level)


def _name_event(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Say which event a line is about. The word "event" itself is taken: it is what the line says."""
    event_id = current_event_id()
    if event_id is not None:
        event["event_id"] = event_id
    return event


def _failure_alone(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Replace a library's traceback, whose message may quote what people wrote."""
    info = event.pop("exc_info", None)
    if isinstance(info, tuple) and info[1] is not None:
        event.update(failure(info[1]))
    return event


def _ways_to_write(secret: str) -> list[str]:
    """Return how a secret may stand in a line: as it is, in JSON, and in Python's quotes, alone or in JSON."""
    plain = [secret, repr(secret)[1:-1]]
    return list(dict.fromkeys([*(json.dumps(way, ensure_ascii=False)[1:-1] for way in plain), *plain]))


class _Hide:
    """Takes known secrets out of a finished line, in which a quote or a backslash of theirs may be escaped."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = [
            written for secret in secrets if len(secret) >= _LEAST_SECRET for written in _ways_to_write(secret)
        ]

    def __call__(self, _: WrappedLogger, __: str, line: Any) -> str:
        text = str(line)
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        return _IN_ADDRESSES.sub(rf"\1{_HIDDEN}", text)
