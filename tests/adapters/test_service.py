"""Serving: one platform never stops the others."""

import asyncio
from collections.abc import Callable

import pytest

from adapters import service
from adapters.ports import PlatformStopped
from adapters.service import serve


class Scripted:
    """A platform whose runs end as told, the last of them when it is stopped."""

    def __init__(self, platform: str, *ends: Exception | None, at_last: Callable[[], None] = lambda: None) -> None:
        self.platform = platform
        self._ends = list(ends)
        self._at_last = at_last
        self._stopping = asyncio.Event()
        self.runs = 0

    async def run(self) -> None:
        self.runs += 1
        if self._ends:
            end = self._ends.pop(0)
            if end is not None:
                raise end
            return
        self._at_last()
        await self._stopping.wait()

    async def stop(self) -> None:
        self._stopping.set()


@pytest.fixture(autouse=True)
def _without_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_FIRST_DELAY_S", 0.001)


async def test_a_platform_that_fails_is_run_again_and_one_that_is_stopped_is_not() -> None:
    stopping = asyncio.Event()
    refused = Scripted("telegram", PlatformStopped("the token is refused"))
    shaky = Scripted("discord", OSError(), ValueError(), at_last=stopping.set)
    assert await serve([refused, shaky], stopping)
    assert (refused.runs, shaky.runs) == (1, 3)


async def test_serving_ends_when_every_platform_has() -> None:
    platforms = [Scripted("telegram", PlatformStopped("no")), Scripted("discord", None)]
    assert not await serve(platforms, asyncio.Event())


async def test_doors_are_closed_with_the_platforms() -> None:
    stopping = asyncio.Event()
    closed = asyncio.Event()

    async def close() -> None:
        closed.set()

    assert await serve([Scripted("telegram", at_last=stopping.set)], stopping, [close])
    assert closed.is_set()


async def test_a_platform_that_cannot_stop_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_STOP_S", 0.01)
    stopping = asyncio.Event()

    async def never() -> None:
        await asyncio.sleep(3600)

    async with asyncio.timeout(5):
        assert await serve([Scripted("telegram", at_last=stopping.set)], stopping, [never])
