"""What comes in: platform-neutral events, made by adapters and handled by the app."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.earning.reactions import Order
from bot.files.pictures import Unusable
from bot.values import keyword_value


@dataclass(frozen=True, slots=True)
class Identity:
    """One account on one platform, such as telegram:123."""

    platform: str
    user_id: str

    def __str__(self) -> str:
        return f"{self.platform}:{self.user_id}"

    @classmethod
    def parse(cls, text: str) -> "Identity":
        """Read `platform:id`. Raises ValueError for anything else."""
        platform, colon, user_id = text.partition(":")
        if not colon or not platform or not user_id:
            raise ValueError(f"not of the form platform:id: {text!r}")
        return cls(platform, user_id)


@dataclass(frozen=True, slots=True)
class Person:
    """Who did something, as the platform describes them at that moment."""

    identity: Identity
    name: str
    username: str | None = None
    is_bot: bool = False
    language: str | None = None


@dataclass(frozen=True, slots=True)
class SpaceRef:
    """A community as its platform names it: a Telegram group, a Discord server."""

    platform: str
    space_id: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something happened and where an answer goes. `space` is None in a private chat."""

    platform: str
    channel_id: str
    space: SpaceRef | None = None
    thread_id: str | None = None

    @property
    def is_private(self) -> bool:
        return self.space is None


@keyword_value
class Event:
    """Anything that happened. `event_id` is unique within the platform and channel; `at` is aware UTC."""

    event_id: str
    at: datetime
    place: Place

    @property
    def key(self) -> str:
        """The event's identity across redeliveries. Holds platform ids: hash it before storing."""
        return f"{self.place.platform}:{self.place.channel_id}:{self.event_id}"


@keyword_value
class PersonEvent(Event):
    """Something a person did. `platform_admin` says that the platform calls them an admin of the space.

    Of a press in private it says so of the space that the button is about.
    """

    person: Person
    platform_admin: bool = False


@keyword_value
class Command(PersonEvent):
    """A command: typed words (a Person where the platform marked one) or named options, never both."""

    name: str
    words: tuple[str | Person, ...] = ()
    options: Mapping[str, str | int | Person] | None = None
    reply_to: Person | None = None


@keyword_value
class ButtonPressed(PersonEvent):
    """A press of one of our buttons. `text` is what was typed into the form it opened, where it opened one."""

    token: str
    text: str | None = None


@keyword_value
class Answered(PersonEvent):
    """Text meant for us: said to the bot in private or in reply to its question. Never stored as it stands."""

    text: str


@keyword_value
class PictureSent(PersonEvent):
    """A photo or another file meant for us: sent to the bot in private or in reply to its question.

    `picture` is the small PNG that was made of it, or why there is none. It is None while nobody asked for a picture:
    then nothing of it is fetched.
    """

    picture: bytes | Unusable | None = None


class Author(StrEnum):
    """Who is behind a message."""

    PERSON = "person"
    BOT = "bot"
    CHANNEL = "channel"
    ANONYMOUS = "anonymous"
    AUTOMATIC = "automatic"


@keyword_value
class MessagePosted(PersonEvent):
    """A message in a channel, without its text. `length` is None where the platform does not show it to us.

    `replies_to` is the person whose message it answers, if it does; `has_picture` and `has_link` are None where that is
    not shown.
    `is_to_us` says that it answers the bot: it bears the id of the Answered or PictureSent that went before it.
    """

    message_id: str
    length: int | None = None
    author: Author = Author.PERSON
    is_forward: bool = False
    is_edit: bool = False
    is_command: bool = False
    replies_to: Identity | None = None
    has_picture: bool | None = False
    has_link: bool | None = False
    is_to_us: bool = False


@keyword_value
class MessageDeleted(Event):
    """A message of a space was deleted, by whomever."""

    message_id: str


@keyword_value
class ReactionChanged(PersonEvent):
    """A person's reactions to one message changed.

    `standing` is all that stand now and `message_author` who wrote it, None where the platform does not say. `order`
    tells changes of one message apart: the higher came later, whenever it is heard.
    """

    message_id: str
    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    standing: frozenset[str] | None = None
    message_author: Identity | None = None
    order: Order = (0, 0)


@keyword_value
class ReactionsCleared(Event):
    """A moderator took everyone's reactions to one message away: all of them, or those with one emoji."""

    message_id: str
    emoji: str | None = None
    order: Order = (0, 0)


@keyword_value
class VoicePresent(Event):
    """Who spent the interval that is over now in voice channels of a space, in company and able to talk and hear."""

    people: tuple[Person, ...]


@keyword_value
class PresenceChanged(PersonEvent):
    """A person joined or left a space."""

    is_present: bool


@keyword_value
class JoinRequested(PersonEvent):
    """A person asks to be let into a group, which need not be a space."""


@keyword_value
class BotPresenceChanged(Event):
    """The bot was added to a space or removed from it."""

    is_present: bool


@keyword_value
class SpaceMigrated(Event):
    """A space got a new id; `place.space` is the old one."""

    new_space_id: str


@keyword_value
class ReachabilityChanged(PersonEvent):
    """A person blocked the bot or let it write again."""

    is_reachable: bool


Participation = MessagePosted | ReactionChanged | ReactionsCleared
AppEvent = (
    Command
    | ButtonPressed
    | Answered
    | PictureSent
    | MessageDeleted
    | VoicePresent
    | PresenceChanged
    | JoinRequested
    | BotPresenceChanged
    | SpaceMigrated
    | ReachabilityChanged
)
