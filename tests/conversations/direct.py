"""The conversation with no platform at all: the app, the database and plain text."""

from tests.club import SPACE, Club
from tests.conversations.steps import GROUP, Action, Chat, Press, Say, Wait, Where
from tests.handlers.looking import labels


class DirectDriver:
    """Speaks to the app itself; a private answer goes to the one who asked, a public one to the group."""

    def __init__(self, club: Club, language: str) -> None:
        self._club = club
        club.language = language
        self._messages: dict[str, list[str]] = {}

    async def do(self, action: Action) -> None:
        match action:
            case Say(who, name, args, where):
                words = " ".join(args.values())
                space = SPACE if where is Where.GROUP else None
                self._note(who, await self._club.say(who, f"/{name} {words}", space))
            case Press(who, _, where) as press:
                label = press.among(labels(self._club, who)) or press.label
                self._note(who, await self._club.press(who, label, SPACE if where is Where.GROUP else None))
            case Chat(who):
                await self._club.chat(who)
            case Wait(duration):
                await self._club.skip(seconds=duration.total_seconds())
        await self.send()

    async def send(self) -> None:
        """Let what waits arrive."""
        for post in await self._club.posts():
            where_to, _, text = post.partition(": ")
            self._messages.setdefault(GROUP if where_to == "#klub" else where_to, []).append(text)

    def _note(self, who: str, text: str) -> None:
        for reader in (who, GROUP):
            self._messages.setdefault(reader, []).append(text)

    async def new_messages(self, by: str) -> list[str]:
        return self._messages.pop(by, [])
