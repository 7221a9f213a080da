"""What the platforms saw of posts: which arrived, which were refused and by whom, until when to wait; and the judge."""

import sqlite3
from collections import Counter
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from bot.replies import Sending, Waiting
from tests.simulation.oracle import Differs

_POSTS = """
    SELECT outbox.id, state, sending, error, space_id, identity.platform || ':' || identity.user_id FROM outbox
    LEFT JOIN identity ON identity.holder_id = outbox.holder_id AND identity.platform = outbox.platform
"""
_UNREACHABLE, _UNNAMED = "the member cannot be reached", "whom it is about may not be named any more"
# What the database keeps of an instant.
_EXACT = timedelta(microseconds=2)
_CLOCKS_DIFFER = timedelta(minutes=1)
_TRIED_AGAIN = timedelta(minutes=5)
_EVERYBODY = 0


def name_of(platform: str, waiting: Waiting) -> str | None:
    """Return whom a post is for, None for a group."""
    return None if waiting.user_id is None else f"{platform}:{waiting.user_id}"


class Posted:
    """Keeps what happened to each post on its way. `blocked` are those who let the bot write nothing just now."""

    def __init__(self) -> None:
        self.blocked: set[str] = set()
        self._arrived: Counter[int] = Counter()
        self._doubts: Counter[int] = Counter()
        self._unsure: set[int] = set()
        self._refused: set[int] = set()
        self._have_blocked: set[str] = set()
        self._rests: dict[tuple[str, int], tuple[datetime, datetime]] = {}
        self._not_before: dict[int, datetime] = {}

    # What happens ---------------------------------------------------------------------------------------------------

    def arrives(self, post_id: int) -> None:
        """A post arrived."""
        self._arrived[post_id] += 1

    def is_in_doubt(self, post_id: int) -> None:
        """Nobody who sends can know whether it arrived: it may come again, or end as unknown."""
        self._doubts[post_id] += 1
        self._unsure.add(post_id)

    def is_refused(self, post_id: int) -> None:
        """It was refused for good."""
        self._refused.add(post_id)

    def blocks(self, name: str) -> None:
        """Somebody lets the bot write nothing any more."""
        self.blocked.add(name)
        self._have_blocked.add(name)

    def wants_rest(self, platform: str, destination: int | None, asked_at: datetime, until: datetime) -> None:
        """Nothing may be sent to a destination until then, to nobody if it is None. A longer rest stays."""
        where = platform, _EVERYBODY if destination is None else destination
        self.time_is(asked_at)
        if where not in self._rests or until > self._rests[where][1]:
            self._rests[where] = asked_at, until

    def is_put_off(self, post_id: int, until: datetime) -> None:
        """The sender noted that a post waits until then."""
        self._not_before[post_id] = until

    def time_is(self, shown: datetime) -> None:
        """Forget rests that are over by the clock, and all that was noted while it was wrong, as it shows now."""
        latest = shown + _CLOCKS_DIFFER
        self._rests = {
            where: (asked_at, until)
            for where, (asked_at, until) in self._rests.items()
            if until > shown and asked_at <= latest
        }
        self._not_before = {post: until for post, until in self._not_before.items() if until <= shown + _TRIED_AGAIN}

    # The judge ------------------------------------------------------------------------------------------------------

    def begins(self, platform: str, waiting: Waiting, shown: datetime) -> None:
        """Check that a post that is sent now may be. Raises Differs."""
        for what, until in (
            ("everything", self._rest_of(platform, _EVERYBODY)),
            ("its chat", self._rest_of(platform, waiting.destination)),
            ("it", self._not_before.get(waiting.id)),
        ):
            if until is not None and shown < until - _EXACT:
                raise Differs(f"post {waiting.id} is sent {until - shown} before {what} may be")

    def _rest_of(self, platform: str, destination: int) -> datetime | None:
        rest = self._rests.get((platform, destination))
        return None if rest is None else rest[1]

    def judge(self, path: Path) -> None:
        """Check that no post is lost, and that none came more often than doubt explains. Raises Differs."""
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute(_POSTS).fetchall()
        for post_id, state, sending, error, space, name in rows:
            arrived = self._arrived[post_id]
            most = 1 if sending == Sending.AT_MOST_ONCE else 1 + self._doubts[post_id]
            if arrived > most:
                raise Differs(f"post {post_id} ({sending}) arrived {arrived} times, {most} at most")
            if state == "sent" and not arrived:
                raise Differs(f"post {post_id} is noted as sent and never arrived")
            if state == "unknown" and post_id not in self._unsure:
                raise Differs(f"post {post_id} is noted as unknown, and it is not")
            if state == "dropped" and not self._may_be_dropped(post_id, error, space, name):
                raise Differs(f"post {post_id} to {name} was dropped, and nobody refused it: {error}")

    def _may_be_dropped(self, post_id: int, error: str, space: int | None, name: str | None) -> bool:
        if error == _UNREACHABLE:
            return name in self._have_blocked
        return post_id in self._refused or (error == _UNNAMED and space is not None)
