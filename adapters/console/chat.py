"""What the console remembers of a group's conversation: whose message may be reacted to."""

from adapters.console.grammar import BadLine, Reacted
from bot.events import Identity, MessagePosted, Place


class Chat:
    """The last messages of people in groups, without their text."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, Identity], MessagePosted] = {}
        self._reacted: dict[tuple[str, Identity, str], MessagePosted] = {}

    def posted(self, message: MessagePosted) -> None:
        """Remember someone's message as their last, and as the newest of the group."""
        key = (message.place.channel_id, message.person.identity)
        self._last.pop(key, None)
        self._last[key] = message

    def to_react_to(self, identity: Identity, place: Place, reaction: Reacted) -> MessagePosted:
        """Return somebody else's last message, or the one reacted to where it is taken back. Raises BadLine."""
        key = (place.channel_id, identity, reaction.emoji)
        if not reaction.is_added:
            taken_back = self._reacted.pop(key, None)
            if taken_back is None:
                raise BadLine(f"{reaction.name} has not reacted with {reaction.emoji} in #{reaction.space}")
            return taken_back
        for (channel_id, author), message in reversed(self._last.items()):
            if channel_id == place.channel_id and author != identity:
                self._reacted[key] = message
                return message
        raise BadLine(f"nobody else has written anything in #{reaction.space} yet")
