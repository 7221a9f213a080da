"""Where reading back begins: in servers and channels that were seen before, and in those that were not."""

from collections.abc import Callable

import pytest

from adapters.discord.backfill import Backfill, Cursors
from adapters.discord.rest import Rest
from handlers.ports import DatabaseMemory
from tests.adapters.discord.cafe import DiscordCafe
from tests.adapters.discord.recorded import LISTENER, Json

pytestmark = pytest.mark.slow
SERVER = "100"


def backfill(cafe: DiscordCafe, cursors: Cursors, may_read: Callable[[str, str], bool] = lambda *_: True) -> Backfill:
    return Backfill(cafe.club.app, Rest(None), cursors, LISTENER, may_read)  # type: ignore[arg-type]


def server(channels: dict[int, int | None], threads: dict[int, int | None] | None = None) -> Json:
    """A server by its channels and threads, each with the id of its last message."""
    return {
        "id": SERVER,
        "channels": [{"id": str(one), "type": 0, "last_message_id": last} for one, last in channels.items()],
        "threads": [{"id": str(one), "type": 11, "last_message_id": last} for one, last in (threads or {}).items()],
    }


@pytest.fixture
def cursors(cafe: DiscordCafe) -> Cursors:
    return Cursors(DatabaseMemory(cafe.club.database))


async def looked_at(cursors: Cursors, reading: Backfill, seen: Json) -> list[str]:
    """Return which channels are behind, and remember where reading begins."""
    behind, first = reading.survey(seen)
    cursors.server_is_back(SERVER, behind, first)
    await cursors.save({})
    return behind


async def test_a_server_that_was_never_seen_begins_with_what_is_said_from_now_on(
    cafe: DiscordCafe, cursors: Cursors
) -> None:
    reading = backfill(cafe, cursors)
    assert await looked_at(cursors, reading, server({101: 500, 102: None}, {103: 600})) == []
    assert [cursors.get(one) for one in ("101", "102", "103")] == ["500", "102", "600"]


async def test_what_is_new_is_read_from_its_own_beginning(cafe: DiscordCafe, cursors: Cursors) -> None:
    reading = backfill(cafe, cursors)
    await looked_at(cursors, reading, server({101: 500}))
    seen = server({101: 500, 510: 520, 530: None}, {540: 540})
    assert await looked_at(cursors, reading, seen) == ["510", "540"]
    # A forum's thread begins with a message that has the thread's id; reading goes on after a cursor.
    assert [cursors.get(one) for one in ("510", "530", "540")] == ["510", "530", "539"]


async def test_what_was_closed_or_archived_is_read_from_where_the_server_was_left(
    cafe: DiscordCafe, cursors: Cursors
) -> None:
    reading = backfill(cafe, cursors, lambda _, channel_id: channel_id != "102")
    await looked_at(cursors, reading, server({101: 500, 102: 700}))
    opened = backfill(cafe, cursors)
    assert await looked_at(cursors, opened, server({101: 500, 102: 800}, {103: 900, 104: 650})) == ["102", "103"]
    assert [cursors.get(one) for one in ("102", "103", "104")] == ["700", "700", "700"]


async def test_where_reading_begins_is_kept_with_the_first_cursor_that_moves(
    cafe: DiscordCafe, cursors: Cursors
) -> None:
    """A crash while a new channel is read back must not leave it for one that was never seen."""
    reading = backfill(cafe, cursors)
    await looked_at(cursors, reading, server({101: 500}))
    behind, first = reading.survey(server({101: 500, 510: 520}))
    cursors.server_is_back(SERVER, behind, first)
    await cursors.save({"101": "600"})
    again = Cursors(DatabaseMemory(cafe.club.database))
    await again.load()
    assert (again.get("101"), again.get("510")) == ("600", "510")
