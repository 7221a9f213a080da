"""The things the fake Discord is made of: people, servers, channels, messages."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = dict[str, Any]

TEXT_CHANNEL = 0
DM_CHANNEL = 1
VOICE_CHANNEL = 2
PUBLIC_THREAD = 11
STAGE_CHANNEL = 13

EPHEMERAL = 1 << 6
LOADING = 1 << 7
COMPONENTS_V2 = 1 << 15


@dataclass(slots=True, eq=False)
class User:
    id: int
    name: str
    global_name: str | None = None
    bot: bool = False
    dms_open: bool = True

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"


@dataclass(slots=True, eq=False)
class Role:
    id: int
    name: str
    permissions: int = 0
    position: int = 1
    mentionable: bool = False
    managed: bool = False


@dataclass(slots=True, eq=False)
class Member:
    user: User
    joined_at: datetime
    role_ids: list[int] = field(default_factory=list)
    nick: str | None = None


@dataclass(slots=True, eq=False)
class Voice:
    """Where somebody is heard, and what is switched off: by themselves, by the server, or since they may not speak."""

    channel: "Channel"
    session_id: str
    self_mute: bool = False
    self_deaf: bool = False
    mute: bool = False
    deaf: bool = False
    suppress: bool = False


@dataclass(slots=True, eq=False)
class Guild:
    id: int
    name: str
    owner: User
    created_at: datetime
    locale: str = "en-US"
    has_bot: bool = False
    channels: dict[int, "Channel"] = field(default_factory=dict)
    threads: dict[int, "Channel"] = field(default_factory=dict)
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    voices: dict[int, Voice] = field(default_factory=dict)
    afk_channel: "Channel | None" = None
    is_down: bool = False

    @property
    def everyone(self) -> Role:
        return self.roles[self.id]

    def channel(self, name: str) -> "Channel":
        """Return the channel of that name. Raises KeyError."""
        for channel in self.channels.values():
            if channel.name == name:
                return channel
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Opened:
    """Where a thread was opened, by whom and when."""

    parent: "Channel"
    by: User
    at: datetime


@dataclass(slots=True, eq=False)
class Channel:
    """A channel, also a thread, which is one whose rights are those of the channel it was `opened` in."""

    id: int
    type: int
    name: str | None = None
    guild: Guild | None = None
    recipient: User | None = None
    position: int = 0
    denied_to_bot: int = 0
    opened: Opened | None = None
    is_archived: bool = False
    archived_at: datetime | None = None
    is_locked: bool = False
    messages: dict[int, "Message"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pings:
    """Who a message would really notify."""

    everyone: bool = False
    roles: frozenset[int] = frozenset()
    users: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return self.everyone or bool(self.roles) or bool(self.users)


@dataclass(slots=True, eq=False)
class Message:
    id: int
    channel: Channel
    author: User
    content: str
    created_at: datetime
    edited_at: datetime | None = None
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    reactions: dict[str, list[int]] = field(default_factory=dict)
    mentions: list[User] = field(default_factory=list)
    pings: Pings = Pings()
    allowed_mentions: Json | None = None
    flags: int = 0
    nonce: str | int | None = None
    reference: "Message | None" = None
    interaction: Json | None = None
    seen_only_by: User | None = None
    deleted: bool = False
    pinned: bool = False

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & EPHEMERAL)

    @property
    def visible_text(self) -> str:
        """Everything a person reads in it: content, embeds and text components, a line each."""
        return "\n".join([self.content, *_embed_texts(self.embeds), *component_texts(self.components)]).strip()

    @property
    def labels(self) -> list[str]:
        """The labels of its buttons, in order."""
        return [str(part.get("label", "")) for part in walk(self.components) if part.get("type") == 2]


def walk(components: list[Json]) -> Iterator[Json]:
    """Yield every component of a tree, outer first."""
    for component in components:
        yield component
        yield from walk(component.get("components") or [])
        for key in ("component", "accessory"):
            if isinstance(component.get(key), dict):
                yield from walk([component[key]])


def component_texts(components: list[Json]) -> list[str]:
    return [str(part["content"]) for part in walk(components) if part.get("type") == 10]


def _embed_texts(embeds: list[Json]) -> Iterator[str]:
    for embed in embeds:
        author, footer = embed.get("author") or {}, embed.get("footer") or {}
        parts = [author.get("name"), embed.get("title"), embed.get("description")]
        for row in embed.get("fields") or []:
            parts += [row.get("name"), row.get("value")]
        yield from (str(part) for part in [*parts, footer.get("text")] if part)
