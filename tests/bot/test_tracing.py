"""The id of an event: the same for the same event, in every task and thread, and nothing that names anybody."""

import asyncio

from bot.tracing import about, current_event_id, event_id


def test_the_same_event_has_the_same_id_and_another_one_another() -> None:
    ids = {event_id(f"telegram:1:m{number}") for number in range(100)}
    assert len(ids) == 100
    assert event_id("telegram:1:m5") in ids
    assert all(len(one) == 8 for one in ids)


def test_outside_of_an_event_there_is_none() -> None:
    with about("telegram:1:m1"):
        assert current_event_id() == event_id("telegram:1:m1")
        with about("telegram:1:m2"):
            assert current_event_id() == event_id("telegram:1:m1")
    assert current_event_id() is None


async def test_what_is_started_for_an_event_keeps_its_id() -> None:
    async def later() -> str | None:
        await asyncio.sleep(0)
        return current_event_id()

    with about("telegram:1:m1"):
        task = asyncio.create_task(later())
    assert await task == event_id("telegram:1:m1")
