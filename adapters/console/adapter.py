"""The console: people's lines in, the bot's messages out."""

from datetime import datetime
from itertools import count

import structlog

from adapters.console import files
from adapters.console.chat import Chat
from adapters.console.clock import VirtualClock
from adapters.console.club import PEOPLE, PLATFORM, SPACES, Club
from adapters.console.directives import Directives
from adapters.console.grammar import BadLine, Pressed, Quit, Reacted, Said, SentPicture, Spoken, parse, shown
from adapters.console.ports import ConsoleApp
from adapters.console.repeats import Repeats
from adapters.console.screen import Screen, Shown
from adapters.failures import failure
from adapters.pictures import with_picture
from adapters.ports import OutboxPort
from bot.errors import TryLater
from bot.events import Answered, ButtonPressed, Command, MessagePosted, PictureSent, Place, ReactionChanged
from bot.links import has_link
from bot.replies import Reply, Visibility, Waiting

log = structlog.get_logger("bywalec.console")
_OWNER = "console"
_AT_ONCE = 100


class Console:
    """Does one line after the other. What a line causes is shown before the next one is read."""

    def __init__(self, app: ConsoleApp, outbox: OutboxPort, clock: VirtualClock, screen: Screen, club: Club) -> None:
        self._app = app
        self._outbox = outbox
        self._clock = clock
        self._screen = screen
        self._club = club
        self._directives = Directives(app, clock, screen, club, self.drain)
        self._chat = Chat()
        self._asked: dict[str, Place] = {}
        self._last: Spoken | None = None
        self._numbers = count(1)

    async def do(self, line: str) -> bool:
        """Do what a line says; False ends the session. Whatever is wrong with it is shown, never raised."""
        try:
            asked = parse(line, self._last)
            if isinstance(asked, Spoken):
                self._last = asked
            match asked:
                case None:
                    return True
                case Quit():
                    return False
                case Said() as said:
                    await self._say(said)
                case SentPicture() as sent:
                    await self._send(sent)
                case Pressed() as press:
                    await self._press(press)
                case Reacted() as reaction:
                    await self._react(reaction)
                case directive:
                    await self._directives.do(directive)
            await self.drain()
        except BadLine as error:
            self._screen.error(str(error))
        except TryLater:
            self._screen.error("the database is busy and nothing was done; try again")
        except Exception as error:
            log.error("console_failed", **failure(error))
            self._screen.error(f"something went wrong inside ({type(error).__name__}); the log says where")
        return True

    async def drain(self, heading: str = "", repeats: Repeats | None = None) -> None:
        """Show the posts that wait in the outbox, under a heading if there are any; `repeats` leaves some out."""
        while waiting := (await self._outbox.claim(PLATFORM, _OWNER, _AT_ONCE)).posts:
            for post in waiting:
                space = None if post.user_id is not None else post.platform_space_id
                target = f"#{space}" if space is not None else str(post.user_id)
                if post.deed is None and (repeats is None or not repeats.leave_out(target, post.reply)):
                    if heading:
                        self._screen.note(heading)
                        heading = ""
                    await self._show(post, target, self._club.place(target, space))
                await self._outbox.sent(post.id, self._next_id("p"))

    async def _show(self, post: Waiting, target: str, place: Place) -> None:
        try:
            await self._screen.show(target, post.reply, place, is_edited=post.edits is not None)
        except Exception as error:
            # It would come again with every line.
            await self._outbox.dropped(post.id, type(error).__name__)
            raise

    async def move_to(self, instant: datetime) -> None:
        """Move the clock, doing what falls due on the way and showing its posts."""
        await self._directives.move_to(instant)

    # Lines ----------------------------------------------------------------------------------------------------------

    async def _say(self, said: Said) -> None:
        place = self._place(said.name, said.space)
        name, *words = said.text.removeprefix("/").split() or [""]
        if said.text.startswith("/") and said.text[1:2].strip() and not said.has_photo:
            await self._command(said.name, place, name.lower(), *words)
        elif said.space is None:
            await self._answer(said, place)
        else:
            await self._post(said.name, place, said.text, has_picture=said.has_photo)
            if self._asked.get(said.name) == place and not said.has_photo:
                await self._answer(said, place)

    async def _send(self, sent: SentPicture) -> None:
        place = self._place(sent.name, sent.space)
        attached = files.attached(sent.path)
        event = PictureSent(
            event_id=self._next_id("m"), at=self._clock.now, place=place, person=self._club.person(sent.name)
        )
        if sent.space is not None:
            await self._post(sent.name, place, "", has_picture=True)
        event = await with_picture(event, attached, self._app, files.fetch)
        await self._show_all(sent.name, await self._app.handle(event), place)

    async def _command(self, name: str, place: Place, command: str, *words: str) -> None:
        event = Command(
            event_id=self._next_id("m"),
            at=self._clock.now,
            place=place,
            person=self._club.person(name),
            name=command,
            words=words,
        )
        await self._show_all(name, await self._app.handle(event), place)

    async def _answer(self, said: Said, place: Place) -> None:
        event = Answered(
            event_id=self._next_id("m"),
            at=self._clock.now,
            place=place,
            person=self._club.person(said.name),
            text=said.text,
        )
        await self._show_all(said.name, await self._app.handle(event), place)

    async def _post(self, name: str, place: Place, text: str, *, has_picture: bool = False) -> None:
        message_id = self._next_id("m")
        event = MessagePosted(
            event_id=message_id,
            at=self._clock.now,
            place=place,
            person=self._club.person(name),
            message_id=message_id,
            length=len(text),
            has_picture=has_picture,
            has_link=has_link(text),
        )
        await self._app.take_part([event])
        # What follows within seconds follows at once: here time only passes when somebody moves it.
        await self._app.run_soon()
        self._chat.posted(event)

    async def _press(self, press: Pressed) -> None:
        self._place(press.name, press.space)
        target = press.name if press.space is None else f"#{press.space}"
        message = self._screen.last(target)
        if message is None:
            raise BadLine(self._no_buttons(press, target))
        if not 1 <= press.number <= len(message.buttons):
            raise BadLine(f"the last message to {target} has the buttons 1 to {len(message.buttons)}")
        button = message.buttons[press.number - 1]
        if button.opens_chat is not None:
            await self._command(press.name, self._club.place(press.name, None), "start", button.opens_chat)
            return
        event = ButtonPressed(
            event_id=self._next_id("c"),
            at=self._clock.now,
            place=message.place,
            person=self._club.person(press.name),
            token=button.token,
        )
        await self._show_all(press.name, await self._app.handle(event), message.place, pressed=(target, message))

    def _no_buttons(self, press: Pressed, target: str) -> str:
        text = f"no message to {target} has buttons"
        if press.space is not None and self._screen.last(press.name) is not None:
            text += f'; the last one to {press.name} has: "{press.name}: [{press.number}]"'
        return text

    async def _react(self, reaction: Reacted) -> None:
        place = self._place(reaction.name, reaction.space)
        person = self._club.person(reaction.name)
        message = self._chat.to_react_to(person.identity, place, reaction)
        emojis = frozenset({reaction.emoji})
        event = ReactionChanged(
            event_id=self._next_id("r"),
            at=self._clock.now,
            place=place,
            person=person,
            message_id=message.message_id,
            added=emojis if reaction.is_added else frozenset(),
            removed=frozenset() if reaction.is_added else emojis,
            message_author=message.person.identity,
        )
        await self._app.take_part([event])

    # Showing --------------------------------------------------------------------------------------------------------

    async def _show_all(
        self, name: str, replies: list[Reply], place: Place, *, pressed: tuple[str, Shown] | None = None
    ) -> None:
        for reply in replies:
            if reply.edit and pressed is not None:
                target, message = pressed
                self._screen.replaced(target, message)
            else:
                stays = place.space is None or reply.visibility is Visibility.PRIVATE
                target = name if stays else f"#{place.channel_id}"
            await self._screen.show(target, reply, place)
            if reply.asks:
                self._asked[name] = place
            elif self._asked.get(name) == place:
                del self._asked[name]

    def _place(self, name: str, space: str | None) -> Place:
        """Return where someone speaks. Raises BadLine for an unknown name or space."""
        if name not in PEOPLE:
            raise BadLine(f"nobody here is called {shown(name)}; the people are {', '.join(PEOPLE)}")
        if space is not None and space not in SPACES:
            raise BadLine(f"there is no #{shown(space)}; there is {', '.join(f'#{known}' for known in SPACES)}")
        return self._club.place(name, space)

    def _next_id(self, kind: str) -> str:
        return f"{kind}{self._club.session}-{next(self._numbers)}"
