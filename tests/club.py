"""A small club for tests: the real app, database and templates; only the platform and the clock are stand-ins."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.config.config import Config
from bot.deeds import Deed
from bot.events import (
    Answered,
    ButtonPressed,
    Command,
    Identity,
    MessagePosted,
    Person,
    PictureSent,
    Place,
    PresenceChanged,
    ReactionChanged,
    ReactionsCleared,
    SpaceRef,
)
from bot.files.pictures import Unusable
from bot.replies import Reply, Waiting
from handlers.app import App
from handlers.scheduler import Job, next_due
from handlers.table import build_app
from handlers.timetable import build_jobs
from messages.markup import PlainMarkup
from messages.render import Rendered, Renderer
from storage.engine.database import Database, InlineDatabase
from storage.engine.location import location_of, open_database
from storage.outgoing.outbox import SENT
from storage.transaction import Transaction

PLATFORM = "console"
MONDAY = datetime(2026, 3, 16, 7, 0, tzinfo=UTC)
PEOPLE = ("ania", "bartek", "celina", "darek", "marta", "kasia", "olek")
_PLAIN = PlainMarkup()
_TIDY = ("forget", "seal", "backup")
"""Jobs of each night that nobody hears of."""
SPACE = SpaceRef(PLATFORM, "klub", "Klub")


def config(**sections: Any) -> Config:
    """Return a config with olek as owner; sections given by name replace the defaults. Groups may get any posts."""
    programme = {"name": "Bywalec", "owner_ids": ["telegram:7", "console:olek"], "group_posts_per_day": 10**6}
    programme |= sections.pop("programme", {})
    return Config.model_validate({"programme": programme, **sections})


@cache
def _renderer(settings: str) -> Renderer:
    """Return a renderer that compiles its templates once for all clubs of the same settings."""
    return Renderer(Config.model_validate_json(settings))


@cache
def _migrated() -> bytes:
    """Return the file of a migrated database with nothing in it: making one takes longer than most tests."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "migrated.db"
        location_of(path).migrate()
        return path.read_bytes()


class Clock:
    """An instant that only tests move."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Club:
    """People who talk to the app, and what they were shown.

    The platform dates what they do by the true time, from which the clock differs by `wrong_by`.
    """

    def __init__(self, app: App, database: Database, clock: Clock, settings: Config) -> None:
        self.app = app
        self.database = database
        self.clock = clock
        self.config = settings
        self.renderer = _renderer(settings.model_dump_json())
        self.shown: dict[str, Rendered] = {}
        self.deeds: list[Deed] = []
        self.language: str | None = None
        self.event_prefix = "e"
        self.wrong_by = timedelta(0)
        self._events = 0

    @property
    def true(self) -> datetime:
        """What the platform's clock shows."""
        return self.clock.now - self.wrong_by

    def jump(self, wrong_by: timedelta) -> None:
        """Let the clock be wrong by so much from now on, while no time goes by."""
        self.clock.now, self.wrong_by = self.true + wrong_by, wrong_by

    def person(self, name: str, **about: Any) -> Person:
        """Return a person of the test platform; olek has the owner's identity."""
        identity = Identity(PLATFORM, name)
        about = {"username": name, "language": self.language} | about
        return Person(identity, about.pop("shown_as", name.capitalize()), **about)

    def place(self, name: str, space: SpaceRef | None) -> Place:
        """Return the group, or the private chat with the person."""
        return Place(PLATFORM, "klub-channel", space) if space else Place(PLATFORM, f"dm-{name}")

    def next_id(self) -> str:
        """Return a fresh event id."""
        self._events += 1
        return f"{self.event_prefix}{self._events}"

    def command(self, name: str, text: str, space: SpaceRef | None = None, **options: Any) -> Command:
        """Return the event of a typed command."""
        head, *words = text.removeprefix("/").split()
        options.setdefault("event_id", self.next_id())
        person = options.pop("person", self.person(name))
        place = self.place(name, space)
        return Command(at=self.true, place=place, person=person, name=head, words=tuple(words), **options)

    async def say(self, name: str, text: str, space: SpaceRef | None = None, **options: Any) -> str:
        """Say a command; return the answers as plain text."""
        return self.show(name, await self.app.handle(self.command(name, text, space, **options)))

    async def answer(self, name: str, text: str, space: SpaceRef | None = None) -> str:
        """Type an answer to a question."""
        place, person = self.place(name, space), self.person(name)
        event = Answered(event_id=self.next_id(), at=self.true, place=place, person=person, text=text)
        return self.show(name, await self.app.handle(event))

    async def send(
        self, name: str, picture: bytes | Unusable, space: SpaceRef | None = None, event_id: str | None = None
    ) -> str:
        """Send a picture, as an adapter hands it over, or what is none: it is fetched only where it is wanted."""
        about = event_id or self.next_id(), self.true, self.place(name, space), self.person(name)
        event = PictureSent(event_id=about[0], at=about[1], place=about[2], person=about[3])
        if await self.app.wants_picture(event):
            event = replace(event, picture=picture)
        return self.show(name, await self.app.handle(event))

    def button(self, name: str, label: str) -> str:
        """Return the token of a button last shown to someone."""
        rendered = self.shown[name]
        tokens = [button.token for row in rendered.rows for button in row if button.label == label]
        assert tokens, f"no button {label!r} in {rendered}"
        return tokens[0]

    async def press(self, name: str, label: str, space: SpaceRef | None = None, **options: Any) -> str:
        """Press a button last shown to someone (`of`, the same person by default)."""
        token = options.pop("token", None) or self.button(options.pop("of", name), label)
        options.setdefault("event_id", self.next_id())
        place, person = self.place(name, space), self.person(name)
        event = ButtonPressed(at=self.true, place=place, person=person, token=token, **options)
        return self.show(name, await self.app.handle(event))

    def show(self, name: str, replies: list[Reply]) -> str:
        """Render answers as their reader sees them."""
        rendered = [self.renderer.render(reply, _PLAIN) for reply in replies]
        for item in rendered:
            self.shown[name] = item
        return "\n".join(item.text for item in rendered)

    async def join(self, *names: str, space: SpaceRef | None = None) -> None:
        """Let people join."""
        for name in names:
            await self.say(name, "/start", space)
            await self.press(name, "Accept and join", space)

    async def set_up(self, space: SpaceRef = SPACE) -> None:
        """Let olek set the group up with the first choices: here, English, Monday, 09:00."""
        await self.say("olek", "/setup", space)
        for label in ("Here", "English", "Mon", "09:00", "Save"):
            await self.press("olek", label, space)

    def message(self, name: str, space: SpaceRef = SPACE, **options: Any) -> MessagePosted:
        """Return a message in the group."""
        event_id = options.pop("event_id", self.next_id())
        options = {"length": 30, "message_id": event_id, "at": self.true, "person": self.person(name)} | options
        return MessagePosted(event_id=event_id, place=self.place(name, space), **options)

    async def chat(self, *names: str, space: SpaceRef = SPACE) -> None:
        """Let people say something in the group."""
        await self.app.take_part([self.message(name, space) for name in names])

    def reaction(self, name: str, message: MessagePosted, **options: Any) -> ReactionChanged:
        """Return a change of someone's reactions to a message."""
        about: dict[str, Any] = {"event_id": self.next_id(), "at": self.true, "person": self.person(name)}
        return ReactionChanged(place=message.place, message_id=message.message_id, **(about | options))

    def cleared(self, message: MessagePosted, emoji: str | None = None) -> ReactionsCleared:
        """Return a moderator's clearing of a message's reactions."""
        about: dict[str, Any] = {"event_id": self.next_id(), "at": self.true, "emoji": emoji}
        return ReactionsCleared(place=message.place, message_id=message.message_id, **about)

    def presence(self, name: str, *, is_present: bool, space: SpaceRef = SPACE) -> PresenceChanged:
        """Return a person's coming or going."""
        person = self.person(name)
        return PresenceChanged(
            event_id=self.next_id(),
            at=self.true,
            place=self.place(name, space),
            person=person,
            is_present=is_present,
        )

    async def skip(self, **duration: float) -> None:
        """Move the clock, doing what falls due on the way at its time."""
        await self._go_on(timedelta(**duration), build_jobs(self.config))

    async def doze(self, **duration: float) -> None:
        """Move the clock, asleep while nothing falls due but what tidies up at night: of a year that leaves the weeks.

        What fell due meanwhile is made up for when it wakes. What is forgotten lags behind by some days.
        """
        await self._go_on(timedelta(**duration), [job for job in build_jobs(self.config) if job.name not in _TIDY])

    async def _go_on(self, duration: timedelta, jobs: Sequence[Job]) -> None:
        until = self.clock.now + duration
        await self.app.run_due()
        while (due := await self.database.read(lambda tx: next_due(tx, jobs))) is not None and due <= until:
            self.clock.now = due
            await self.app.run_due()
        self.clock.now = until

    async def posts(self) -> list[str]:
        """Take what waits in the outbox; return what is said as plain text, `where: text`. Deeds go to `deeds`."""
        waiting = await self.database.write(lambda tx: tx.outbox.claim(PLATFORM, 1000))

        def end(tx: Transaction) -> None:
            for post in waiting:
                tx.outbox.end(post.id, SENT, "1", None)

        await self.database.write(end)
        self.deeds += [post.deed for post in waiting if post.deed is not None]
        return [self._post(post) for post in waiting if post.deed is None]

    def _post(self, waiting: Waiting) -> str:
        rendered = self.renderer.render(waiting.reply, _PLAIN)
        self.shown[waiting.user_id or "klub"] = rendered
        return f"{waiting.user_id or '#' + str(waiting.platform_space_id)}: {rendered.text}"


def _provide(where: Path | str) -> None:
    """Put a migrated file where none is: the app would make it itself."""
    if isinstance(where, Path) and not where.exists():
        where.write_bytes(_migrated())


@asynccontextmanager
async def open_club(
    where: Path | str, settings: Config | None = None, *, inline: bool = False, begin: datetime = MONDAY
) -> AsyncIterator[Club]:
    """Open a club over a database file or URL, with the shared writer or, inline on SQLite, without threads."""
    settings = settings or config()
    clock = Clock(begin)
    opening = clock, settings.programme
    _provide(where)
    database: Database
    if inline and isinstance(where, Path):
        database = InlineDatabase(where, *opening)
    else:
        database = await open_database(where, *opening)
    app = build_app(database, settings)
    await app.start()
    try:
        yield Club(app, database, clock, settings)
    finally:
        await database.close()
