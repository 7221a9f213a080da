"""The people of the club: what they feel like doing next, drawn from the seed and from how things stand."""

import random
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import accumulate

from bot.events import (
    MessagePosted,
    PresenceChanged,
    ReactionChanged,
)
from tests.simulation.acts import Act
from tests.simulation.model import Model
from tests.simulation.redemptions import Answer
from tests.simulation.till import Till

PLATFORMS = ("telegram", "discord")
_EMOJIS = "abc"
# Who wrote a message is forgotten after a month; a few are talked about for longer.
_LONG_KNOWN = 300
_WEIGHTS = {
    "message": 700, "react": 150, "unreact": 40, "purchase": 40, "refund": 8, "bonus": 8, "read": 30, "join": 8,
    "leave": 2, "come": 6, "go": 6, "hide": 2, "redeem": 18, "use": 9, "coupons": 6, "tend": 3,
}  # fmt: skip
_UP_TO = tuple(accumulate(_WEIGHTS.values()))


class People(Till):
    """Members on each platform, with the staff they meet."""

    def __init__(self, rng: random.Random, model: Model, members: int, burst: int) -> None:
        super().__init__(rng, model)
        self._burst = burst
        self.names = [f"{PLATFORMS[number % 2]}:{1000 + number}" for number in range(members)]
        self._recent: dict[str, deque[MessagePosted]] = {platform: deque(maxlen=60) for platform in PLATFORMS}
        self._reacted: deque[ReactionChanged] = deque(maxlen=60)
        self._known: dict[str, deque[MessagePosted]] = {platform: deque(maxlen=_LONG_KNOWN) for platform in PLATFORMS}
        self._reacted_long_ago: deque[ReactionChanged] = deque(maxlen=_LONG_KNOWN)
        self._kinds: dict[str, Callable[[datetime, str], Act | None]] = {
            "message": self._message, "react": self._react, "unreact": self._unreact, "purchase": self.purchase,
            "refund": self.refund, "bonus": self.bonus, "read": self._read, "join": self._join,
            "leave": self._leave, "come": self._come, "go": self._go, "hide": self._hide,
            "redeem": self.redeem, "use": self.use, "coupons": self.coupons, "tend": self.tend,
        }  # fmt: skip

    def burst(self, at: datetime) -> Iterable[Act]:
        """Yield what a few people do within some minutes."""
        for _ in range(self.rng.randint(1, self._burst)):
            at += timedelta(seconds=self.rng.randint(0, 40))
            kind = self.rng.choices(tuple(_WEIGHTS), cum_weights=_UP_TO)[0]
            act = self._kinds[kind](at, self.rng.choice(self.names))
            if act is not None:
                yield act

    # Taking part --------------------------------------------------------------------------------------------------

    def _message(self, at: datetime, name: str) -> Act:
        event_id = self.next_id("m")
        length = self.rng.choice((None, 3, 30, 30, 200))
        event = MessagePosted(
            event_id=event_id,
            at=at,
            place=self.place(name),
            person=self.person(name),
            message_id=event_id,
            length=length,
        )
        platform = name.split(":")[0]
        self._recent[platform].append(event)
        if self.rng.random() < 0.03:
            self._known[platform].append(event)
        return Act(event)

    def _react(self, at: datetime, name: str) -> Act | None:
        messages_of = self._known if self.rng.random() < 0.1 else self._recent
        messages = messages_of[name.split(":")[0]]
        if not messages:
            return None
        message = self.rng.choice(messages)
        event = ReactionChanged(
            event_id=self.next_id("r"), at=at, place=message.place, person=self.person(name),
            message_id=message.message_id, added=frozenset(self.rng.choice(_EMOJIS)),
        )  # fmt: skip
        self._reacted.append(event)
        if self.rng.random() < 0.1:
            self._reacted_long_ago.append(event)
        return Act(event)

    def _unreact(self, at: datetime, name: str) -> Act | None:
        known = self._reacted_long_ago if self.rng.random() < 0.2 else self._reacted
        if not known:
            return None
        before = self.rng.choice(known)
        event = ReactionChanged(
            event_id=self.next_id("r"), at=at, place=before.place, person=before.person, message_id=before.message_id,
            removed=before.added, added=frozenset() if self.rng.random() < 0.8 else frozenset("z"),
        )  # fmt: skip
        return Act(event)

    def _come(self, at: datetime, name: str) -> Act:
        return self._presence(at, name, is_present=True)

    def _go(self, at: datetime, name: str) -> Act:
        return self._presence(at, name, is_present=False)

    def _presence(self, at: datetime, name: str, *, is_present: bool) -> Act:
        event = PresenceChanged(
            event_id=self.next_id("p"), at=at, place=self.place(name), person=self.person(name), is_present=is_present
        )

        def expect(model: Model, now: datetime) -> None:
            model.presence(event, name, self.space(name), now)

        return Act(event, expect)

    # Members ------------------------------------------------------------------------------------------------------

    def _join(self, at: datetime, name: str) -> Act | None:
        gone = [other for other in self.names if self.model.active(other) is None]
        return self.join(at, self.rng.choice(gone), private=self.rng.random() < 0.5) if gone else None

    def join(self, at: datetime, name: str, *, private: bool) -> Act:
        """Return the wish to join; the press of Accept follows."""
        space = None if private else self.space(name)
        event = self.command(name, at, "start", private=private)

        def expect(model: Model, now: datetime) -> str:
            model.acts(name, space, now, at)
            return "start_rules" if model.active(name) is None else "welcome_back"

        def accepted(model: Model, now: datetime) -> str:
            if model.active(name) is not None:
                model.acts(name, space, now, at)
                return "welcome_back"
            model.join(name, space, now, at)
            return "joined"

        return Act(event, expect, self.pressing(event, "start.accept", accepted))

    def _leave(self, at: datetime, name: str) -> Act:
        event = self.command(name, at, "leave", private=True)

        def expect(model: Model, now: datetime) -> Answer:
            account = model.active(name)
            if account is None:
                return "join_first"
            return "leave", {"points": account.points, "coupons": len(model.open_of(account, now))}

        def confirmed(model: Model, now: datetime) -> str:
            if model.active(name) is None:
                return "join_first"
            model.leave(name)
            return "left"

        return Act(event, expect, self.pressing(event, "leave.confirm", confirmed))

    def _hide(self, at: datetime, name: str) -> Act:
        is_hidden = self.rng.random() < 0.5
        event = self.command(name, at, "leaderboard hide" if is_hidden else "leaderboard show", private=True)

        def expect(model: Model, now: datetime) -> str:
            if model.active(name) is None:
                return "join_first"
            model.hide(name, is_hidden=is_hidden)
            return "hidden" if is_hidden else "shown"

        return Act(event, expect)

    def _read(self, at: datetime, name: str) -> Act:
        private, space = self.where(name)
        text = self.rng.choice(("balance", "balance", "history", "rank", "challenges"))
        event = self.command(name, at, text, private=private)

        def expect(model: Model, now: datetime) -> str:
            if model.active(name) is None:
                return "join_first"
            model.acts(name, space, now, at)
            return text

        return Act(event, expect, is_reading=True)
