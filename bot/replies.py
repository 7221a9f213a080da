"""What goes out: replies to the one who asked, posts to others, and the values they may carry."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum

from bot.deeds import Deed
from bot.events import Identity
from bot.values import value


class Visibility(StrEnum):
    """Who sees an answer. Part of a command's declaration: Discord fixes it when an answer is deferred."""

    PUBLIC = "public"
    PRIVATE = "private"


class Audience(StrEnum):
    """Who may press a button: the one it was shown to, or anyone who sees it (rights are checked all the same)."""

    ONE = "one"
    ANYONE = "anyone"


class ButtonStyle(StrEnum):
    PLAIN = "plain"
    CONFIRM = "confirm"
    DANGER = "danger"


@value
class MemberName:
    """A member's name as shown, with the identities a mention may point to.

    With a `member_id` what is posted to others says what the member is called when it goes out, if they may be named;
    what `is_news` of theirs, if they still let others hear that.
    """

    name: str
    identities: tuple[Identity, ...] = ()
    member_id: int | None = None
    is_news: bool = False


def are_news(fields: Mapping[str, object]) -> bool:
    """Whether what a message says is news of a member."""
    return any(isinstance(value, MemberName) and value.is_news for value in fields.values())


@dataclass(frozen=True, slots=True)
class Button:
    """A button: `label` is a key of the button words, `action` names its handler, `data` is what it gets.

    `asks` is a key of the button words too: the question of a text the press needs first. Where the platform can ask
    for a file with it, `takes_picture` lets a picture be the answer. `opens_chat` makes it a
    link to a private chat with the bot, carrying that text as the start payload. `copies` makes it put that text on
    the clipboard instead; where there is no such button it is left out. With `holds_words` its data holds what somebody
    wrote: it works for an hour and is forgotten then, as no answer is stored with it. `token` is filled in by the app.
    """

    label: str
    action: str = ""
    data: Mapping[str, object] = field(default_factory=dict)
    fields: Mapping[str, object] = field(default_factory=dict)
    audience: Audience = Audience.ONE
    once: bool = False
    style: ButtonStyle = ButtonStyle.PLAIN
    asks: str | None = None
    takes_picture: bool = False
    opens_chat: str | None = None
    copies: str | None = None
    holds_words: bool = False
    token: str = ""


Rows = tuple[tuple[Button, ...], ...]
_SAID_BACK: Mapping[str, str | None] = {"given": "…", "note": None}
"""Fields in which an answer says back what somebody typed, and what stands there once it is stored."""


@value
class Picture:
    """A picture beside a message: the SVG template of messages/pictures that draws it, and its fields.

    `alt` names the message template that says in words what it shows; it gets the same fields. `caption` names the one
    that stands beside it in place of the message's own, where that would say all of it again; it gets the message's.
    `photo` is the name of a picture somebody sent that is drawn within it.
    """

    template: str
    fields: Mapping[str, object]
    alt: str
    caption: str | None = None
    photo: str | None = None


@value
class Reply:
    """An answer to the one who asked.

    `visibility` overrides the declared one. `edit` replaces the message whose button was pressed. `noted` says that
    a reaction to the command is answer enough where the platform has such a thing. `asks` expects a typed answer.
    Where a `picture` cannot be shown the text goes alone. An edit without one leaves the message the one it has.
    """

    template: str
    fields: Mapping[str, object] = field(default_factory=dict)
    buttons: Rows = ()
    visibility: Visibility | None = None
    edit: bool = False
    noted: bool = False
    asks: bool = False
    language: str = ""
    picture: Picture | None = None

    @property
    def is_news(self) -> bool:
        """Whether it is news of a member."""
        return are_news(self.fields)

    def beside_picture(self) -> "Reply":
        """Return what is said where the picture is shown too."""
        caption = None if self.picture is None else self.picture.caption
        return self if caption is None else replace(self, template=caption)

    def kept(self) -> "Reply":
        """Return what is stored of the answer, with which an event that comes again is answered.

        That says nothing back of what was typed, and its buttons carry no data: that is kept beside, by their tokens.
        """
        fields = self.fields
        if not _SAID_BACK.keys().isdisjoint(fields):
            typed = {name: kept for name, kept in _SAID_BACK.items() if isinstance(fields.get(name), str)}
            fields = {**fields, **typed}
        rows = tuple(tuple(replace(one, data={}) if one.data else one for one in row) for row in self.buttons)
        return replace(self, fields=fields, buttons=rows)

    def completed(self, visibility: Visibility, language: str) -> "Reply":
        """Return the reply with a visibility and a language where it has none of its own."""
        own_visibility, own_language = self.visibility or visibility, self.language or language
        return Reply(
            *(self.template, self.fields, self.buttons, own_visibility),
            *(self.edit, self.noted, self.asks, own_language),
            self.picture,
        )


class Sending(StrEnum):
    """What a crash around a send may cost: the message (at most once) or a second copy (at least once)."""

    AT_MOST_ONCE = "at_most_once"
    AT_LEAST_ONCE = "at_least_once"


class Priority(IntEnum):
    """What is sent first: what somebody waits for, then what one member is told, then what a group is told."""

    ANSWER = 0
    MEMBER = 1
    ANNOUNCEMENT = 2


@value
class ToSpace:
    """Into the space's chosen channel; with a `channel_id` into that one, or a thread of it."""

    space_id: int
    channel_id: str | None = None
    thread_id: str | None = None


@value
class ToMember:
    """To the member in private, on the platform they used last."""

    member_id: int


@value
class Post:
    """A message to others. `key` makes it unique: the same key twice is one message.

    An urgent one goes before all others, in quiet hours too.
    """

    to: ToSpace | ToMember
    template: str
    key: str
    fields: Mapping[str, object] = field(default_factory=dict)
    buttons: Rows = ()
    sending: Sending = Sending.AT_LEAST_ONCE
    is_urgent: bool = False
    picture: Picture | None = None

    @property
    def priority(self) -> Priority:
        """Which posts it goes before."""
        if self.is_urgent:
            return Priority.ANSWER
        return Priority.ANNOUNCEMENT if isinstance(self.to, ToSpace) else Priority.MEMBER


@dataclass(frozen=True, slots=True)
class Waiting:
    """A post whose time has come: into a channel of a space, or in private to a user; or a deed.

    With a `deed` there is nothing to be written; `edits` is the message of ours that it is about. Else with `edits`
    that message is changed to what is said; a new one is sent only where it is gone. `destination` is the same number
    for all posts to one space or one member of a platform.
    """

    id: int
    reply: Reply
    sending: Sending
    tries: int
    channel_id: str | None
    thread_id: str | None
    platform_space_id: str | None
    user_id: str | None
    destination: int
    deed: Deed | None = None
    edits: str | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a platform's sender may deliver now, and for how long it is the only one: 0 s while another one is."""

    posts: tuple[Waiting, ...]
    lease_s: float


def reply(
    template: str,
    *,
    buttons: Rows = (),
    visibility: Visibility | None = None,
    edit: bool = False,
    asks: bool = False,
    picture: Picture | None = None,
    **fields: object,
) -> Reply:
    """Short form of a Reply whose fields are given by name."""
    return Reply(template, fields, buttons, visibility, edit=edit, asks=asks, picture=picture)
