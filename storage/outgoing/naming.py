"""Gives messages that have waited the names that those they are about have now."""

from bot.members.naming import as_named_now, named_in
from bot.replies import Reply
from storage.members.members import Members


class Naming:
    """Knows what members are called, and who may be named."""

    def __init__(self, members: Members) -> None:
        self._members = members

    def now(self, said: Reply) -> Reply | None:
        """Return a message to others as it may be said now, None where it is about one who may not be named."""
        named = set(named_in(said))
        return as_named_now(said, self._members.by_ids(named)) if named else said
