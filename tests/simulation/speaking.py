"""How people speak to the bot: events as their platforms describe them."""

import random
from collections.abc import Callable, Sequence
from datetime import datetime

from bot.events import ButtonPressed, Command, Identity, Person, Place, SpaceRef
from bot.replies import Button, Reply
from tests.simulation.acts import Act, Then, button
from tests.simulation.model import Model
from tests.simulation.redemptions import Answer


class Speaking:
    """Makes the events of people, each with an id of its own."""

    def __init__(self, rng: random.Random, model: Model) -> None:
        self.rng = rng
        self.model = model
        self._numbers = 0

    def person(self, name: str) -> Person:
        """Return someone as their platform describes them."""
        platform, user_id = name.split(":")
        return Person(Identity(platform, user_id), f"Member {user_id}", username=f"u{user_id}", language="en")

    def place(self, name: str, *, private: bool = False) -> Place:
        """Return the group of their platform, or their private chat with the bot."""
        platform, user_id = name.split(":")
        if private:
            return Place(platform, f"dm-{user_id}")
        return Place(platform, f"{platform}-channel", SpaceRef(platform, f"{platform}-club", "Club"))

    def next_id(self, letter: str) -> str:
        """Return a fresh event id."""
        self._numbers += 1
        return f"{letter}{self._numbers}"

    def command(
        self, name: str, at: datetime, text: str, *, words: tuple[Person, ...] = (), private: bool = False
    ) -> Command:
        """Return a command as it was typed; people it names come first."""
        head, *typed = text.split()
        place, person = self.place(name, private=private), self.person(name)
        event_id = self.next_id("m")
        return Command(event_id=event_id, at=at, place=place, person=person, name=head, words=(*words, *typed))

    def press(self, of: Command, action: str, replies: Sequence[Reply]) -> ButtonPressed | None:
        """Return the press of a button under an answer."""
        found = button(replies, action)
        return None if found is None else self.pressed(of, found)

    def pressed(self, of: Command, found: Button) -> ButtonPressed:
        """Return the press of a button, by who gave the command it followed, where they gave it."""
        event_id = self.next_id("c")
        return ButtonPressed(event_id=event_id, at=of.at, place=of.place, person=of.person, token=found.token)

    def space(self, name: str) -> int:
        """Return the space of their platform."""
        return self.model.spaces[f"{name.split(':')[0]}-club"]

    def space_of(self, event: Command) -> int | None:
        """Return the space in which something was said, None in private."""
        return None if event.place.is_private else self.space(str(event.person.identity))

    def where(self, name: str) -> tuple[bool, int | None]:
        """Choose where someone says something: (in private, in which space)."""
        private = self.rng.random() < 0.4
        return private, None if private else self.space(name)

    def pressing(self, event: Command, action: str, expect: Callable[[Model, datetime], Answer]) -> Then:
        """Return what makes the press of a button out of an answer to a command."""

        def then(replies: Sequence[Reply]) -> Act | None:
            pressed = self.press(event, action, replies)
            return None if pressed is None else Act(pressed, expect)

        return then
