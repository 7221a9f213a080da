"""Log lines written while an event is handled name it, on the storage thread too."""

import io
import json
from typing import Any

import pytest
import structlog

from bot.tracing import about, event_id
from storage.transaction import Transaction
from tests.club import SPACE, Club

log = structlog.get_logger("bywalec.test")


def read(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


async def test_lines_of_the_storage_thread_name_the_event(empty_club: Club, log_lines: io.StringIO) -> None:
    def work(_: Transaction) -> None:
        log.warning("written")

    for name in ("first", "second"):
        with about(name):
            await empty_club.database.write(work)
            await empty_club.database.read(work)
    await empty_club.database.write(work)
    ids = [line.get("event_id") for line in read(log_lines)]
    assert ids == [event_id("first")] * 2 + [event_id("second")] * 2 + [None]


async def test_an_unexpected_error_names_the_event_and_what_the_person_was_told(
    empty_club: Club, log_lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    await empty_club.join("olek")
    event = empty_club.command("olek", "/balance", SPACE)

    def broken(*_: object) -> None:
        raise ValueError("a person's words")

    monkeypatch.setattr("handlers.answering.check_where", broken)
    told = empty_club.show("olek", await empty_club.app.handle(event))
    failed = [line for line in read(log_lines) if line["event"] == "unexpected"]
    assert {line["event_id"] for line in failed} == {event_id(event.key)}
    assert failed[-1]["error_id"] in told
    assert "a person's words" not in log_lines.getvalue()
    assert event.place.channel_id not in failed[-1]["event_id"]
