"""The state of the platform: who exists, who talks to the bot, what stands in the chats."""

import hashlib
import itertools
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from .calls import Call, Upload
from .errors import ApiError, Json, bad_request, forbidden
from .floods import FloodGuard, FloodLimits
from .people_and_groups import ADMINISTRATORS, PRESENT, Group, Shown, User, member_json, shown
from .photos import photo_size
from .updates import Signal, UpdateQueue
from .webhook import Webhook

DEFAULT_FLOOD_LIMITS = FloodLimits()


@dataclass(slots=True)
class Callback:
    """A pressed button that waits for its answer."""

    pressed_at: float
    answer: Json | None = None


class Platform:
    """Everything the server remembers; it outlives any client. Times are seconds since the epoch."""

    def __init__(
        self,
        *,
        token: str = "123456:TEST",
        username: str = "bywalec_bot",
        name: str = "Bywalec",
        can_read_all_group_messages: bool = False,
        first_update_id: int = 1000,
        now: Callable[[], float] = time.time,
        flood_limits: FloodLimits | None = DEFAULT_FLOOD_LIMITS,
        flood_clock: Callable[[], float] = time.monotonic,
        callback_deadline_s: float = 30.0,
        webhook_retry_delay_s: float = 0.1,
    ) -> None:
        self.token = token
        self.bot = User(int(token.split(":")[0]), name, username=username, language_code=None, is_bot=True)
        self.can_read_all_group_messages = can_read_all_group_messages
        self.now = now
        self.callback_deadline_s = callback_deadline_s
        self.signal = Signal()
        self.queue = UpdateQueue(first_update_id, self.signal)
        self.webhook = Webhook(self.queue, self.signal, webhook_retry_delay_s, now)
        self.floods = FloodGuard(flood_limits, flood_clock)
        self.users: dict[int, User] = {}
        self.groups: dict[int, Group] = {}
        self.history: defaultdict[int, dict[int, Json]] = defaultdict(dict)
        self.reactions: defaultdict[tuple[int, int], dict[int, tuple[str, ...]]] = defaultdict(dict)
        self.silent: set[tuple[int, int]] = set()
        self.callbacks: dict[str, Callback] = {}
        self.files: dict[str, bytes] = {}
        self.commands: dict[tuple[str, int | str | None, int | None, str], list[Json]] = {}
        self.descriptions: dict[tuple[str, str], str] = {}
        self.menu_buttons: dict[int | None, Json] = {}
        self.sent: list[Call] = []
        self.violations: list[str] = []
        self._shared_ids = itertools.count(1)
        self._own_ids: defaultdict[int, itertools.count[int]] = defaultdict(lambda: itertools.count(1))

    def chat(self, chat_id: int | str) -> User | Group:
        """The chat of this id or @username. Raises ApiError 400."""
        if isinstance(chat_id, str):
            name = chat_id.removeprefix("@").lower()
            found = next((group for group in self.groups.values() if (group.username or "").lower() == name), None)
            if found is not None:
                return found
        elif (known := self.groups.get(chat_id) or self.users.get(chat_id)) is not None:
            return known
        raise bad_request("chat not found")

    def joined_chat(self, chat_id: int | str) -> User | Group:
        """The chat, if the bot may act in it. Raises ApiError with the platform's reason."""
        chat = self.chat(chat_id)
        if isinstance(chat, User):
            self._check_person(chat)
            return chat
        if chat.migrated_to is not None:
            parameters = {"migrate_to_chat_id": chat.migrated_to}
            raise ApiError(400, "group chat was upgraded to a supergroup chat", parameters=parameters)
        if chat.bot_status == "kicked":
            raise forbidden(f"bot was kicked from the {chat.type} chat")
        if chat.bot_status not in PRESENT:
            raise forbidden(f"bot is not a member of the {chat.type} chat")
        return chat

    def _check_person(self, person: User) -> None:
        if person.deactivated:
            raise forbidden("user is deactivated")
        if person.is_bot:
            raise forbidden("bot can't send messages to bots")
        if person.blocked:
            raise forbidden("bot was blocked by the user")
        if not person.started:
            raise forbidden("bot can't initiate conversation with a user")

    def is_participant(self, group: Group, user_id: int) -> bool:
        """Whether this person is in the group now."""
        return group.statuses.get(user_id) in PRESENT

    def member(self, group: Group, user_id: int) -> Json:
        """The API's ChatMember for a person or our bot. Raises ApiError 400."""
        if user_id == self.bot.id:
            return self.bot_member(group)
        person = self.users.get(user_id)
        if person is None:
            raise bad_request("user not found")
        status = group.statuses.get(user_id, "left")
        return member_json(person.json(), status, tag=group.tags.get(user_id))

    def bot_member(self, group: Group) -> Json:
        """The API's ChatMember for our bot."""
        return member_json(self.bot.json(), group.bot_status, rights=group.bot_rights)

    def administrators(self, group: Group) -> list[Json]:
        """ChatMembers of all administrators, our bot among them."""
        people = [self.member(group, person) for person, status in group.statuses.items() if status in ADMINISTRATORS]
        return [*people, self.bot_member(group)] if group.bot_is_administrator else people

    def new_message(self, chat: User | Group, sender: User | None, fields: Json, *, silent: bool = False) -> Json:
        """Put a message into a chat and return it in the API's form."""
        own = isinstance(chat, Group) and chat.type != "group"
        message: Json = {"message_id": next(self._own_ids[chat.id] if own else self._shared_ids)}
        if sender is not None:
            message["from"] = sender.json()
        chat_json = chat.json() if isinstance(chat, Group) else chat.chat_json()
        message.update(date=int(self.now()), chat=chat_json, **fields)
        self.history[chat.id][message["message_id"]] = message
        if silent:
            self.silent.add((chat.id, message["message_id"]))
        self.signal.notify()
        return message

    def keep_file(self, upload: Upload) -> Json:
        """Store an uploaded picture; returns the API's PhotoSize. Raises ApiError for what is no photo."""
        width, height = photo_size(upload.content)
        digest = hashlib.sha256(upload.content).hexdigest()
        file_id = f"photo-{digest[:32]}"
        self.files[file_id] = upload.content
        sizes = {"width": width, "height": height, "file_size": len(upload.content)}
        return {"file_id": file_id, "file_unique_id": digest[:16], **sizes}

    def shown(self, chat_id: int, message_id: int) -> Shown:
        """How people see one message now. Raises KeyError if it is gone."""
        message = self.history[chat_id][message_id]
        photo = message.get("photo")
        reactions: Mapping[int, tuple[str, ...]] = MappingProxyType(dict(self.reactions[chat_id, message_id]))
        return shown(
            message,
            silent=(chat_id, message_id) in self.silent,
            photo=self.files.get(photo[-1]["file_id"]) if photo else None,
            reactions=reactions,
        )

    def without_reply(self, message: Json) -> Json:
        """A message as quoted inside a reply: the API nests only once."""
        return {name: value for name, value in message.items() if name != "reply_to_message"}
