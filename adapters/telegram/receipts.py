"""The sign that a press was heard: given with the answer, or before it where the answer takes its time."""

import asyncio

from adapters.telegram.sending import Messenger

# People press again what does not react; the platform forgets a press that is not answered within seconds.
RECEIPT_AFTER_S = 0.3


class Receipt:
    """One press. Give `run` to a task; `settle` ends it."""

    def __init__(self, callback_id: str, messenger: Messenger) -> None:
        self._callback_id = callback_id
        self._messenger = messenger
        self._settled = asyncio.Event()
        self._given: asyncio.Task[bool] | None = None

    async def run(self) -> None:
        """Give a bare receipt if there is no answer in time."""
        try:
            async with asyncio.timeout(RECEIPT_AFTER_S):
                await self._settled.wait()
        except TimeoutError:
            self._given = asyncio.create_task(self._messenger.receipt(self._callback_id))
            await self._given

    async def settle(self, text: str | None = None) -> bool:
        """Give the receipt if there was none, as an alert if there is a text; return whether that was taken."""
        self._settled.set()
        if self._given is not None:
            await self._given
            return False
        return await self._messenger.receipt(self._callback_id, text)
