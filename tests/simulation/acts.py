"""What people do: an event as a platform delivers it, and what it should come to."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from bot import codec
from bot.events import AppEvent, ButtonPressed, Command, MessagePosted, PersonEvent, PresenceChanged, ReactionChanged
from bot.replies import Button, Reply
from tests.simulation.model import Model
from tests.simulation.oracle import Differs
from tests.simulation.redemptions import Answer

_ANSWERS_KEPT = timedelta(days=2)
Then = Callable[[Sequence[Reply]], "Act | None"]
"""What makes the next act from an answer, such as the press of a button."""


@dataclass(slots=True, eq=False)
class Act:
    """Something a person does.

    `expect` moves the model when the event is committed and returns the answer, None for none. `is_spoilt` says that a
    try failed before.
    """

    event: AppEvent | MessagePosted | ReactionChanged
    expect: Callable[[Model, datetime], Answer | None] | None = None
    then: Then | None = None
    is_reading: bool = False
    is_spoilt: bool = False
    committed_at: datetime | None = None
    expected: str | None = None
    says: Mapping[str, object] = field(default_factory=dict)
    answer: str | None = None

    @property
    def is_participation(self) -> bool:
        return isinstance(self.event, MessagePosted | ReactionChanged)

    @property
    def kind(self) -> str:
        """Name what is done: a command by its name, anything else by its class."""
        event = self.event
        return event.name if isinstance(event, Command) else type(event).__name__

    @property
    def who(self) -> str:
        """Whose act it is."""
        assert isinstance(self.event, PersonEvent)
        return str(self.event.person.identity)

    def committed(self, model: Model, now: datetime, *, is_given_up: bool) -> None:
        """Note that the event's effects are kept; what only reads has none that would count once."""
        if is_given_up and self.committed_at is None:
            self.expected = "unexpected"
            # What is no command has no answer to remember: it counts if it comes again.
            self.committed_at = now if self.is_command else None
        elif self.expect is not None and (self.committed_at is None or self.is_reading):
            if isinstance(self.event, Command | ButtonPressed) and self.event.place.is_private:
                model.writes_in_private(self.who)
            answer = self.expect(model, now)
            self.expected, self.says = answer if isinstance(answer, tuple) else (answer, {})
            self.committed_at = now

    @property
    def is_command(self) -> bool:
        """Whether a person waits for an answer."""
        return not isinstance(self.event, MessagePosted | ReactionChanged | PresenceChanged)

    def answered(self, replies: Sequence[Reply], latest: datetime) -> None:
        """Check the answer against what the model says and, as far as that is kept, the first one. Raises Differs.

        `latest` is the latest instant that any clock has shown: then old answers were forgotten.
        """
        if not self.is_command:
            return
        assert self.committed_at is not None
        if not replies and latest - self.committed_at >= _ANSWERS_KEPT:
            return
        templates = [reply.template for reply in replies]
        if templates != [self.expected]:
            raise Differs(f"{self.event}: answered {templates}, the model says {self.expected}")
        if self.says and not _agrees(replies[0].fields, self.says):
            raise Differs(f"{self.event}: answered {templates} with {replies[0].fields}, the model says {self.says}")
        dumped = codec.dump([reply.kept() for reply in replies])
        if self.answer is not None and dumped != self.answer and not self.is_reading:
            raise Differs(f"{self.event}: answered {dumped} after {self.answer}")
        self.answer = dumped


def _agrees(said: object, expected: object) -> bool:
    """Whether what was said holds all that was expected."""
    if isinstance(expected, Mapping):
        return isinstance(said, Mapping) and all(_agrees(said.get(name), value) for name, value in expected.items())
    if isinstance(expected, list):
        return isinstance(said, Sequence) and len(said) == len(expected) and all(map(_agrees, said, expected))
    return said == expected


def buttons(replies: Sequence[Reply]) -> list[Button]:
    """Return every button."""
    return [button for reply in replies for row in reply.buttons for button in row]


def button(replies: Sequence[Reply], action: str) -> Button | None:
    """Return the first button with an action."""
    return next((button for button in buttons(replies) if button.action == action), None)


def segments(batch: Iterable[Act]) -> Iterator[list[Act]]:
    """Split a batch as it is handed to the app: taking part in bulk, everything else by itself."""
    for is_participation, acts in groupby(batch, key=lambda act: act.is_participation):
        if is_participation:
            yield list(acts)
        else:
            yield from ([act] for act in acts)
