"""The digest: what a group would have had too many posts of on one day, together the next morning."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import cast

from bot import codec
from bot.calendar import first_instant, local_date
from bot.replies import MemberName, Post, Reply, ToSpace
from handlers.scheduler import Run
from storage.transaction import Transaction

DIGEST_AT = time(9, 0)
# More would not fit into one message, nor would the buttons: Discord shows 25. What is stored of a part is about as
# long as what it says, or longer, and Telegram takes 4,096 characters.
_MOST_PARTS, _MOST_BUTTONS, _MOST_STORED = 8, 25, 4000
_MOST_NAMED = 5
_BEGINNINGS = ("challenge_opened", "contest_opened", "quiz_question")


def digest_needed(tx: Transaction) -> datetime | None:
    """Return when the day after the first post that was held back begins, None where none is."""
    since = tx.outbox.held.first_at()
    return None if since is None else _midnight(since + timedelta(days=1), tx)


def _midnight(at: datetime, tx: Transaction) -> datetime:
    return first_instant(local_date(at, tx.zone), time(), tx.zone)


def post_digests(run: Run, tx: Transaction) -> None:
    """Post to each space what was held back for it until yesterday: all of the club's own, then news of members.

    What nobody can take part in any more is left out: how it ended is told.
    """
    for space_id, held in tx.outbox.held.gather(_midnight(run.occurrence.at, tx)).items():
        news = _together([one for one in held if one.is_news])
        own = [one for one in held if not (one.is_news or _is_over(one, tx.now))]
        parts = [_Part(one.beside_picture()) for one in own] + news[:_MOST_PARTS]
        if not parts:
            continue
        *before, last = _messages(parts)
        others = sum(1 + len(part.also) for part in news[_MOST_PARTS:])
        for number, (message, left_out) in enumerate([*((one, 0) for one in before), (last, others)]):
            fields = {"parts": [part.shown() for part in message], "others": left_out}
            rows = tuple(row for part in message for row in part.said.buttons)
            key = f"digest:{space_id}:{run.occurrence.key}:{number}"
            # It is what the limit leaves, so that it goes before it is counted.
            tx.post(Post(ToSpace(space_id), "digest", key, fields, buttons=rows, is_urgent=True))


def _is_over(said: Reply, now: datetime) -> bool:
    """Return whether it invites to something that is over."""
    if said.template not in _BEGINNINGS:
        return False
    over_at = said.fields.get("until") or said.fields["closes_at"]
    return isinstance(over_at, datetime) and over_at <= now


@dataclass(frozen=True, slots=True)
class _Part:
    """What is said in a digest, and of whom else the same is true."""

    said: Reply
    also: tuple[MemberName, ...] = ()

    def shown(self) -> Mapping[str, object]:
        """Return what the template says of it."""
        return {"said": self.said, "also": self.also[:_MOST_NAMED], "others": len(self.also[_MOST_NAMED:])}


def _together(news: Iterable[Reply]) -> list[_Part]:
    """Return news of members, those together that differ in nothing but the member."""
    alike: dict[str, list[Reply]] = {}
    for one in news:
        rest = {name: value for name, value in one.fields.items() if name != "name"}
        alike.setdefault(codec.dump([one.template, rest]), []).append(one)
    return [
        _Part(first, tuple(cast(MemberName, one.fields["name"]) for one in more)) for first, *more in alike.values()
    ]


def _messages(parts: Iterable[_Part]) -> list[list[_Part]]:
    """Return the parts in as few messages as hold all that they say and all of their buttons."""
    messages: list[list[_Part]] = []
    room = _Room()
    for part in parts:
        room = room.after(part)
        if not messages or room.is_short:
            messages.append([])
            room = _Room().after(part)
        messages[-1].append(part)
    return messages


@dataclass(frozen=True, slots=True)
class _Room:
    """What is in a message already."""

    parts: int = 0
    buttons: int = 0
    stored: int = 0

    def after(self, part: _Part) -> "_Room":
        """Return what is in it with one more part."""
        buttons = sum(map(len, part.said.buttons))
        return _Room(self.parts + 1, self.buttons + buttons, self.stored + len(codec.dump(part.said.fields)))

    @property
    def is_short(self) -> bool:
        """Whether it holds less than that."""
        return self.parts > _MOST_PARTS or self.buttons > _MOST_BUTTONS or self.stored > _MOST_STORED
