"""Apps between an adapter and the real one: slow ones, and ones whose database is away."""

import asyncio
from collections.abc import Sequence

from bot.commands import CommandSpec
from bot.errors import TryLater
from bot.events import AppEvent, ButtonPressed, Identity, Participation, PictureSent
from bot.replies import Reply
from handlers.app import App


class Between:
    """Passes everything on, once `open`; counts what was turned away with TryLater while `is_away`."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.open = asyncio.Event()
        self.open.set()
        self.is_away = False
        self.turned_away = 0
        self.was_turned_away = asyncio.Event()

    @property
    def commands(self) -> Sequence[CommandSpec]:
        return self._app.commands

    async def handle(self, event: AppEvent) -> list[Reply]:
        await self._pass()
        return await self._app.handle(event)

    async def wants_picture(self, event: PictureSent) -> bool:
        await self._pass()
        return await self._app.wants_picture(event)

    async def asked_in(self, event: ButtonPressed) -> str | None:
        return await self._app.asked_in(event)

    async def take_part(self, batch: Sequence[Participation]) -> None:
        await self._pass()
        await self._app.take_part(batch)

    async def park(self, event_key: str, kind: str, reason: str) -> None:
        await self._app.park(event_key, kind, reason)

    async def complete(self, command: str, param: str, typed: str, identity: Identity) -> list[tuple[str, str]]:
        return await self._app.complete(command, param, typed, identity)

    async def _pass(self) -> None:
        await self.open.wait()
        if self.is_away:
            self.turned_away += 1
            self.was_turned_away.set()
            raise TryLater("away")
