"""What adapters are given: the app, the outbox and a memory, as protocols that run_bot.py fills in."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from bot.commands import CommandSpec
from bot.events import AppEvent, ButtonPressed, Identity, Participation, PictureSent
from bot.replies import Claimed, Reply


class App(Protocol):
    """The handler layer. Every call returns after its effects are committed, and raises TryLater if nothing was."""

    @property
    def commands(self) -> Sequence[CommandSpec]:
        """Every command, in the order of the menus."""
        ...

    async def handle(self, event: AppEvent) -> list[Reply]:
        """Handle one event; a replay gets the first answer again. Never raises for a bad event: it parks it."""
        ...

    async def wants_picture(self, event: PictureSent) -> bool:
        """Whether a question that is open to this person there waits for a picture: else nothing may be fetched."""
        ...

    async def asked_in(self, event: ButtonPressed) -> str | None:
        """Return the platform's id of the space whose admins may do more by a button that is pressed in private."""
        ...

    async def take_part(self, batch: Sequence[Participation]) -> None:
        """Take messages and reactions of a batch into account, in bulk."""
        ...

    async def park(self, event_key: str, kind: str, reason: str) -> None:
        """Give up an event that could not even be read. `reason` holds no chat text."""
        ...

    async def complete(self, command: str, param: str, typed: str, identity: Identity) -> list[tuple[str, str]]:
        """Return (label, value) suggestions for a parameter, at most 25."""
        ...


class OutboxPort(Protocol):
    """Posts waiting for a platform's sender: one at a time over all processes, who owns the platform's lease."""

    async def claim(self, platform: str, owner: str, most: int, busy: Collection[int] | None = None) -> Claimed:
        """Take or keep the lease and return what is due, first things first; with `busy`, one for each other chat."""
        ...

    async def begin(self, platform: str, owner: str, post_id: int) -> bool:
        """Note that a post is about to be sent; False if it must not be, because the lease is gone."""
        ...

    async def release(self, platform: str, owner: str) -> None:
        """Let another sender take over at once."""
        ...

    async def sent(self, post_id: int, message_id: str) -> None:
        """It arrived."""
        ...

    async def later(self, platform: str, owner: str, post_id: int, after_s: float, error: str) -> None:
        """It may be tried again after so many seconds, unless another sender has it by now."""
        ...

    async def put_back(
        self, platform: str, owner: str, post_id: int, error: str, rest_s: float = 0.0, *, everywhere: bool = False
    ) -> None:
        """It did not arrive, for a reason that is not its own: it waits as before, unless another sender has it.

        Nothing is sent to its destination for `rest_s`, to nobody if `everywhere`: by no sender, whoever it will be.
        """
        ...

    async def done(self, post_id: int, given: Collection[str]) -> None:
        """It was a deed, and is done; `given` are the marks of ours that the member has now."""
        ...

    async def refused(self, post_id: int, error: str) -> None:
        """It was a deed, and the platform does not let us do it."""
        ...

    async def dropped(self, post_id: int, error: str) -> None:
        """It will never arrive."""
        ...

    async def unknown(self, post_id: int, error: str) -> None:
        """It may have arrived, and must not be sent twice."""
        ...


class Memory(Protocol):
    """What an adapter itself needs to remember over a restart."""

    async def get(self, key: str) -> str | None:
        """Return a small value."""
        ...

    async def put(self, key: str, value: str) -> None:
        """Keep a small value."""
        ...

    async def cursors(self, platform: str) -> Mapping[str, str]:
        """Return the last committed message id by channel."""
        ...

    async def save_cursors(self, platform: str, cursors: Iterable[tuple[str, str]]) -> None:
        """Keep the last committed message ids."""
        ...


class PlatformStopped(Exception):
    """A platform cannot be served until its owner changes something; the message says what. Others go on."""
