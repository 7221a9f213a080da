"""The conversation with no platform at all: the app, the database and plain text."""

from bot.events import MessagePosted, SpaceRef
from tests.club import SPACE, Club
from tests.conversations.steps import GROUP, Action, Answer, Chat, OpenThread, Press, React, Say, Wait, Where
from tests.handlers.looking import labels


class DirectDriver:
    """Speaks to the app itself; a private answer goes to the one who asked, a public one to the group."""

    def __init__(self, club: Club, language: str) -> None:
        self._club = club
        club.language = language
        self._messages: dict[str, list[str]] = {}
        self._chat: list[tuple[str, MessagePosted]] = []
        self._reacted: dict[str, MessagePosted] = {}

    async def do(self, action: Action) -> None:
        match action:
            case Say(who, name, _, where) as said:
                words = " ".join(said.spelled(lambda by: [self._club.shown[by].text]).values())
                self._note(who, await self._club.say(who, f"/{name} {words}", _space(where)))
            case Press(who, _, where) as press:
                of, label = self._with_button(press)
                self._note(who, await self._club.press(who, label, _space(where), of=of))
            case Chat(who, has_photo):
                self._chat.append((who, self._club.message(who, has_picture=has_photo)))
                await self._club.app.take_part([self._chat[-1][1]])
            case Answer(who, text, _, where):
                self._note(who, await self._club.answer(who, text, _space(where)))
            case React() as reaction:
                await self._react(reaction)
            case Wait(duration):
                await self._club.skip(seconds=duration.total_seconds())
            case OpenThread():
                pass
        await self.send()

    def _with_button(self, press: Press) -> tuple[str, str]:
        """Return to whom the button was shown, them or all in the group, and its label."""
        for of in (press.who, "klub") if _space(press.where) else (press.who,):
            if of in self._club.shown and (label := press.among(labels(self._club, of))) is not None:
                return of, label
        return press.who, press.label

    async def _react(self, reaction: React) -> None:
        who, hearts = reaction.who, frozenset("❤")
        if reaction.is_added:
            self._reacted[who] = next(said for author, said in reversed(self._chat) if author != who)
        about = {"added" if reaction.is_added else "removed": hearts}
        await self._club.app.take_part([self._club.reaction(who, self._reacted[who], **about)])

    async def send(self) -> None:
        """Let what waits arrive, and what waits for that."""
        while posts := await self._club.posts():
            for post in posts:
                where_to, _, text = post.partition(": ")
                self._messages.setdefault(GROUP if where_to == "#klub" else where_to, []).append(text)

    def _note(self, who: str, text: str) -> None:
        for reader in (who, GROUP):
            self._messages.setdefault(reader, []).append(text)

    async def new_messages(self, by: str) -> list[str]:
        return self._messages.pop(by, [])


def _space(where: Where) -> SpaceRef | None:
    """Return the group, which stands for its threads too."""
    return None if where is Where.PRIVATE else SPACE
