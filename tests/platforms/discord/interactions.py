"""An interaction from the person's side: what was done, and what the application showed for it."""

from dataclasses import dataclass, field

from tests.platforms.discord.model import Channel, Json, Message, User
from tests.platforms.discord.signal import Signal

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5


@dataclass(frozen=True, slots=True)
class Response:
    """What the person sees. `message` is the answer, or the source message if the answer changed that one."""

    deferred: bool
    updated: bool
    message: Message | None
    followups: tuple[Message, ...]
    modal: Json | None

    @property
    def text(self) -> str:
        """The visible text of the answer and its follow-ups."""
        shown = [self.message] if self.message is not None else []
        return "\n".join(one.visible_text for one in [*shown, *self.followups])

    @property
    def ephemeral(self) -> bool:
        return self.message is not None and self.message.ephemeral


@dataclass(slots=True, eq=False)
class InteractionHandle:
    """Lives as long as its token. `source` is the message whose component was used."""

    id: int
    token: str
    type: int
    user: User
    channel: Channel
    started_s: float
    signal: Signal
    locale: str = "en-US"
    command_name: str = ""
    source: Message | None = None
    acknowledged: bool = False
    deferred: bool = False
    thinking: bool = False
    updated: bool = False
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    modal: Json | None = None
    choices: list[Json] | None = None

    async def acknowledgement(self, timeout_s: float = 10.0) -> None:
        """Wait until the application answered in any way, even only by deferring."""
        await self.signal.wait_for(lambda: self.acknowledged or None, timeout_s, "an acknowledgement")

    async def response(self, timeout_s: float = 10.0) -> Response:
        """Wait until the person sees something (more than "thinking…") and return it."""
        return await self.signal.wait_for(self._seen, timeout_s, f"an answer to {self.command_name or 'the press'}")

    async def followup(self, count: int = 1, timeout_s: float = 10.0) -> Message:
        """Wait for the follow-up message number `count` and return it."""

        def look() -> Message | None:
            return self.followups[count - 1] if len(self.followups) >= count else None

        return await self.signal.wait_for(look, timeout_s, f"follow-up number {count}")

    def _seen(self) -> Response | None:
        shown = self.source if self.updated else self.original
        if self.thinking or (shown is None and self.modal is None and not self.followups):
            return None
        return Response(self.deferred, self.updated, shown, tuple(self.followups), self.modal)
