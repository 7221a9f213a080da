"""One interaction's answers: the first response in time, the rest through its token, each seen by the right people."""

from enum import Enum, auto

from adapters.discord.display import Message
from adapters.discord.interactions import Interaction, Kind
from adapters.discord.rest import Rest
from adapters.discord.translate import Json

_MESSAGE, _DEFER, _DEFER_UPDATE, _UPDATE, _CHOICES, _MODAL = 4, 5, 6, 7, 8, 9
_EPHEMERAL = 1 << 6


class _State(Enum):
    OPEN = auto()
    THINKING = auto()
    UPDATING = auto()
    ANSWERED = auto()


class Response:
    """Answers an interaction. Every call raises one of rest.FAILURES where Discord refuses it."""

    def __init__(self, interaction: Interaction, rest: Rest, application_id: str) -> None:
        self._interaction = interaction
        self._rest = rest
        self._application_id = application_id
        self._state = _State.OPEN
        self._thinks_in_private = False

    @property
    def is_about_message(self) -> bool:
        """Whether it came from a message's button, whose message an answer may replace."""
        return self._interaction.kind != Kind.COMMAND and self._interaction.message is not None

    async def defer(self, *, in_private: bool) -> None:
        """Win time: "thinking…" for a command, nothing to be seen for a button."""
        if self.is_about_message:
            await self._respond(_DEFER_UPDATE)
            self._state = _State.UPDATING
        else:
            await self._respond(_DEFER, {"flags": _flags(in_private)})
            self._state, self._thinks_in_private = _State.THINKING, in_private

    async def show(self, message: Message, *, in_private: bool) -> None:
        """Show a message."""
        flagged = message.also(flags=_flags(in_private))
        if self._state is _State.OPEN:
            await self._respond(_MESSAGE, flagged)
        elif self._state is _State.THINKING and self._thinks_in_private == in_private:
            await self._edit(message)
        else:
            if self._state is _State.THINKING:
                # Who sees a deferred answer was fixed by deferring.
                await self._rest.delete_original(self._application_id, self._interaction.token)
            await self._rest.follow_up(self._application_id, self._interaction.token, flagged)
        self._state = _State.ANSWERED

    async def replace(self, message: Message, *, in_private: bool) -> None:
        """Replace the message whose button was pressed; where there is none or it is too late for that, show it."""
        if self._state is _State.OPEN and self.is_about_message:
            await self._respond(_UPDATE, message)
            self._state = _State.ANSWERED
        elif self._state is _State.UPDATING:
            await self._edit(message)
            self._state = _State.ANSWERED
        else:
            await self.show(message, in_private=in_private)

    async def ask(self, modal: Json) -> None:
        """Open a modal."""
        await self._respond(_MODAL, modal)
        self._state = _State.ANSWERED

    async def offer(self, choices: list[tuple[str, str]]) -> None:
        """Offer choices while an option is being typed."""
        await self._respond(
            _CHOICES, {"choices": [{"name": name[:100], "value": value[:100]} for name, value in choices]}
        )
        self._state = _State.ANSWERED

    async def close(self) -> None:
        """End it with nothing to be seen, unless it was answered."""
        if self._state is _State.OPEN:
            await self.defer(in_private=True)
        if self._state is _State.THINKING:
            await self._rest.delete_original(self._application_id, self._interaction.token)
        self._state = _State.ANSWERED

    async def _respond(self, kind: int, data: Message | Json | None = None) -> None:
        await self._rest.respond(self._interaction.id, self._interaction.token, kind, data)

    async def _edit(self, message: Message) -> None:
        await self._rest.edit_original(self._application_id, self._interaction.token, message)


def _flags(in_private: bool) -> int:
    return _EPHEMERAL if in_private else 0
