"""What only repeats while the clock moves far: after a few of a kind the rest is counted and not shown."""

from collections import Counter
from typing import Final

from bot.codec import dump
from bot.replies import Reply

_SHOWN: Final = 3
_NAMES_SOMEBODY: Final = '"MemberName"'


class Repeats:
    """Posts to groups that name nobody, such as leaderboards of quiet weeks, seen during one move of the clock."""

    def __init__(self) -> None:
        self._seen: Counter[tuple[str, str]] = Counter()
        self.left_out = 0

    def leave_out(self, target: str, reply: Reply) -> bool:
        """Whether a post to `target` is one too many of its kind; it is counted then."""
        if not target.startswith("#") or _NAMES_SOMEBODY in dump(reply.fields):
            return False
        self._seen[target, reply.template] += 1
        if self._seen[target, reply.template] <= _SHOWN:
            return False
        self.left_out += 1
        return True
