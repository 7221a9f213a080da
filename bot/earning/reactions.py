"""What stands of one reactor's reactions to a message, right whatever the order in which their changes are heard."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Order = tuple[int, int]
"""When the platform says that a change was made: the higher came later. Equal ones came as they were heard."""
_FIRST: Order = (0, 0)
_ALL = ""


@dataclass(frozen=True, slots=True)
class Reactions:
    """The emojis that stand. `newest` is the newest change heard of each, under "" of all of them at once.

    A change that is older than the newest one heard of the same emoji says nothing any more.
    """

    emojis: frozenset[str] = frozenset()
    newest: Mapping[str, Order] = field(default_factory=dict)

    def changed(self, order: Order, added: Iterable[str], removed: Iterable[str]) -> "Reactions":
        """Return what stands after a change of some emojis."""
        emojis, newest = set(self.emojis), dict(self.newest)
        for change, changed in ((emojis.discard, removed), (emojis.add, added)):
            for emoji in changed:
                if order >= max(newest.get(emoji, _FIRST), newest.get(_ALL, _FIRST)):
                    newest[emoji] = order
                    change(emoji)
        return Reactions(frozenset(emojis), newest)

    def replaced(self, order: Order, emojis: frozenset[str]) -> "Reactions":
        """Return what stands after these and no others did."""
        later = {emoji: at for emoji, at in self.newest.items() if at > order}
        if _ALL in later:
            return self
        standing = self.emojis.intersection(later) | emojis.difference(later)
        return Reactions(standing, later | {_ALL: order})
