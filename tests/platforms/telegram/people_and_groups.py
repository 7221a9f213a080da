"""Who and what exists on the platform: users, groups, and messages as people see them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .errors import Json

RIGHTS = (
    "can_be_edited",
    "is_anonymous",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
    "can_manage_topics",
    "can_manage_tags",
)
PRESENT = {"creator", "administrator", "member", "restricted"}
ADMINISTRATORS = {"creator", "administrator"}


@dataclass(slots=True)
class User:
    """A person or a bot. `started`: has written to our bot; `blocked`: has blocked it."""

    id: int
    first_name: str
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = "en"
    is_bot: bool = False
    started: bool = False
    blocked: bool = False
    deactivated: bool = False

    @property
    def name(self) -> str:
        """Full name, as shown."""
        return f"{self.first_name} {self.last_name}" if self.last_name else self.first_name

    def json(self) -> Json:
        """The API's User."""
        fields = {"last_name": self.last_name, "username": self.username, "language_code": self.language_code}
        present = {name: value for name, value in fields.items() if value is not None}
        return {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name, **present}

    def chat_json(self) -> Json:
        """The API's Chat of the private chat with this person."""
        fields = {"last_name": self.last_name, "username": self.username}
        present = {name: value for name, value in fields.items() if value is not None}
        return {"id": self.id, "type": "private", "first_name": self.first_name, **present}


@dataclass(slots=True)
class Group:
    """A group, supergroup or channel. `statuses` are the people's, `bot_status` is our bot's.

    Where `photos_allowed` is off, administrators alone may send photos.
    """

    id: int
    title: str
    type: str = "supergroup"
    is_forum: bool = False
    bot_status: str = "administrator"
    username: str | None = None
    bot_rights: frozenset[str] = frozenset(RIGHTS) - {"is_anonymous", "can_be_edited"}
    statuses: dict[int, str] = field(default_factory=dict)
    tags: dict[int, str] = field(default_factory=dict)
    requests: set[int] = field(default_factory=set)
    topics: set[int] = field(default_factory=set)
    closed_topics: set[int] = field(default_factory=set)
    migrated_to: int | None = None
    photos_allowed: bool = True
    pinned: set[int] = field(default_factory=set)
    loud_pins: set[int] = field(default_factory=set)

    @property
    def bot_is_administrator(self) -> bool:
        """Whether our bot administers this group."""
        return self.bot_status in ADMINISTRATORS

    def json(self) -> Json:
        """The API's Chat."""
        chat: Json = {"id": self.id, "type": self.type, "title": self.title}
        if self.username is not None:
            chat["username"] = self.username
        if self.is_forum:
            chat["is_forum"] = True
        return chat


def member_json(
    user: Json, status: str, *, rights: frozenset[str] = frozenset({"can_manage_chat"}), tag: str | None = None
) -> Json:
    """The API's ChatMember."""
    member: Json = {"status": status, "user": user}
    if status == "administrator":
        member.update({right: right in rights for right in RIGHTS})
    elif status == "creator":
        member["is_anonymous"] = False
    elif status == "kicked":
        member["until_date"] = 0
    elif status == "member" and tag:
        member["tag"] = tag
    return member


@dataclass(frozen=True, slots=True)
class Button:
    """One button below a message."""

    text: str
    callback_data: str | None = None
    url: str | None = None
    copy_text: str | None = None
    style: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as it stands in a chat now."""

    chat_id: int
    message_id: int
    sender_id: int | None
    text: str
    entities: tuple[Json, ...]
    buttons: tuple[tuple[Button, ...], ...]
    thread_id: int | None
    reply_to: int | None
    edited: bool
    silent: bool
    photo: bytes | None
    reactions: Mapping[int, tuple[str, ...]]
    raw: Json

    def button(self, wanted: str | int) -> Button:
        """The button of this text, or the n-th one (from 0, row by row). Raises LookupError."""
        flat = [button for row in self.buttons for button in row]
        if isinstance(wanted, int):
            return flat[wanted]
        for button in flat:
            if button.text == wanted:
                return button
        raise LookupError(f"no button {wanted!r} among {[button.text for button in flat]}")


def shown(message: Json, *, silent: bool, photo: bytes | None, reactions: Mapping[int, tuple[str, ...]]) -> Shown:
    """Return how people see an API message."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    buttons = tuple(
        tuple(
            Button(
                button["text"],
                button.get("callback_data"),
                button.get("url"),
                button.get("copy_text", {}).get("text"),
                button.get("style"),
            )
            for button in row
        )
        for row in rows
    )
    return Shown(
        chat_id=message["chat"]["id"],
        message_id=message["message_id"],
        sender_id=message.get("from", {}).get("id"),
        text=message["text"] if "text" in message else message.get("caption", ""),
        entities=tuple(message["entities"] if "entities" in message else message.get("caption_entities", ())),
        buttons=buttons,
        thread_id=message.get("message_thread_id"),
        reply_to=message.get("reply_to_message", {}).get("message_id"),
        edited="edit_date" in message,
        silent=silent,
        photo=photo,
        reactions=reactions,
        raw=message,
    )
