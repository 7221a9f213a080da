"""What people do on the platform: the interface tests drive the server with."""

import itertools
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .calls import Upload
from .entities import detect, leading_command
from .errors import Json
from .messages import REACTIONS
from .people_and_groups import Group, Shown, User
from .platform import Callback, Platform

ANONYMOUS_ADMIN = User(1087968824, "Group", username="GroupAnonymousBot", language_code=None, is_bot=True)
CHANNEL_POSTER = User(136817688, "Channel", username="Channel_Bot", language_code=None, is_bot=True)
TELEGRAM = User(777000, "Telegram", language_code=None)

SAID = ("text", "photo", "document")

_callback_ids = itertools.count(4_000_000_000_000)


@dataclass(frozen=True, slots=True)
class Press:
    """A button that was pressed; `id` is the callback query's."""

    id: str
    platform: Platform

    async def answer(self, timeout_s: float = 5.0) -> Json:
        """Wait for the bot's answer: its "text" and "show_alert", empty for a silent one. Raises AssertionError."""
        deadline = time.monotonic() + timeout_s
        while (answer := self.platform.callbacks[self.id].answer) is None:
            left_s = deadline - time.monotonic()
            assert left_s > 0, f"no answer to callback query {self.id} within {timeout_s} s"
            await self.platform.signal.wait(left_s)
        return answer


class People(Platform):
    """The platform with the people who use it."""

    def user(
        self,
        id: int,
        first_name: str,
        last_name: str | None = None,
        username: str | None = None,
        language_code: str | None = "en",
        is_bot: bool = False,
    ) -> User:
        """A person (or another bot) on the platform; the same id again renames."""
        user = self.users.setdefault(id, User(id, first_name))
        user.first_name, user.last_name, user.username = first_name, last_name, username
        user.language_code, user.is_bot = language_code, is_bot
        return user

    def group(
        self,
        id: int,
        title: str,
        type: str = "supergroup",
        is_forum: bool = False,
        bot_status: str = "administrator",
        username: str | None = None,
    ) -> Group:
        """A group our bot is in already (or not, by `bot_status`); type "channel" for a channel."""
        assert id < 0, "ids of groups are negative"
        group = Group(id, title, type, is_forum, bot_status, username)
        self.groups[id] = group
        return group

    def topic(self, group: Group, creator: User, name: str) -> int:
        """Open a forum topic; returns its thread id."""
        assert group.is_forum, f"{group.title} is no forum"
        message = self.new_message(group, creator, {"forum_topic_created": {"name": name, "icon_color": 7322096}})
        thread_id: int = message["message_id"]
        message.update(message_thread_id=thread_id, is_topic_message=True)
        group.topics.add(thread_id)
        self._tell(group, "message", message)
        return thread_id

    def close_topic(self, group: Group, thread_id: int) -> None:
        """Close a forum topic: nobody writes in it but who manages topics."""
        group.closed_topics.add(thread_id)

    def delete_topic(self, group: Group, thread_id: int) -> None:
        """Delete a forum topic with all that was said in it. The bot hears nothing of that."""
        group.topics.remove(thread_id)
        history = self.history[group.id]
        for message_id in [key for key, message in history.items() if message.get("message_thread_id") == thread_id]:
            del history[message_id]

    def private_message(
        self,
        user: User,
        text: str,
        *,
        reply_to: Json | Shown | None = None,
        entities: Sequence[Json] = (),
        **extra: Any,
    ) -> Json:
        """`user` writes to the bot. `extra` are further fields of the API's Message."""
        assert not user.blocked, f"{user.name} has blocked the bot"
        user.started = True
        fields = self._typed(text, entities) | self._reply(user.id, reply_to) | extra
        message = self.new_message(user, user, fields)
        self.queue.add("message", message)
        return message

    def group_message(
        self,
        group: Group,
        user: User | None,
        text: str,
        *,
        thread_id: int | None = None,
        reply_to: Json | Shown | None = None,
        sender_chat: Group | None = None,
        forward: bool = False,
        via_bot: User | None = None,
        automatic_forward: bool = False,
        entities: Sequence[Json] = (),
        photo: bytes | None = None,
        **extra: Any,
    ) -> Json:
        """`user` writes in `group`; or `sender_chat` does: the group itself (an anonymous admin), or a channel.

        With a photo the text is its caption.
        """
        sender, fields = self._sender(group, user, sender_chat, automatic_forward)
        said = self._typed(text, entities) if photo is None else self._captioned(photo, text, entities)
        fields |= said | self._reply(group.id, reply_to) | extra
        if forward:
            origin = {"type": "hidden_user", "date": int(self.now()), "sender_user_name": "Somebody Else"}
            fields["forward_origin"] = origin
        if via_bot is not None:
            fields["via_bot"] = via_bot.json()
        thread_id = thread_id or fields.get("reply_to_message", {}).get("message_thread_id")
        if thread_id is not None:
            assert thread_id in group.topics, f"no topic {thread_id} in {group.title}"
            assert thread_id not in group.closed_topics, f"topic {thread_id} in {group.title} is closed"
            # What answers nothing else answers the message that opened the topic.
            fields = self._reply(group.id, self.history[group.id][thread_id]) | fields
            fields |= {"message_thread_id": thread_id, "is_topic_message": True}
        message = self.new_message(group, sender, fields)
        self._tell(group, "message", message)
        return message

    def edit_message(self, message: Json | Shown, text: str, *, entities: Sequence[Json] = ()) -> Json:
        """Its author changes a message."""
        chat_id, message_id = message_key(message)
        old = self.history[chat_id][message_id]
        kept = {name: value for name, value in old.items() if name not in {"text", "entities"}}
        edited = kept | self._typed(text, entities) | {"edit_date": int(self.now())}
        self.history[chat_id][message_id] = edited
        group = self.groups.get(chat_id)
        if group is not None:
            self._tell(group, "edited_message", edited)
        else:
            self.queue.add("edited_message", edited)
        return edited

    def press(self, user: User, message: Json | Shown, button: str | int) -> Press:
        """Press a button by its text or number (from 0) on the message as it stands now."""
        chat_id, message_id = message_key(message)
        pressed = self.shown(chat_id, message_id).button(button)
        assert pressed.callback_data is not None, f"{pressed.text!r} opens something, the bot hears nothing of it"
        callback_id = str(next(_callback_ids))
        self.callbacks[callback_id] = Callback(self.now())
        payload = {
            "id": callback_id,
            "from": user.json(),
            "message": self.history[chat_id][message_id],
            "chat_instance": str(chat_id * 7919),
            "data": pressed.callback_data,
        }
        self.queue.add("callback_query", payload)
        return Press(callback_id, self)

    def react(
        self, user: User, message: Json | Shown, emojis: Sequence[str], *, actor_chat: Group | None = None
    ) -> None:
        """Set `user`'s reactions to a message; an empty list takes them back. `actor_chat` hides the person."""
        assert set(emojis) <= REACTIONS, f"no reactions: {set(emojis) - REACTIONS}"
        chat_id, message_id = message_key(message)
        group = self.groups.get(chat_id)
        old = self.reactions[chat_id, message_id].get(user.id, ())
        self.reactions[chat_id, message_id][user.id] = tuple(emojis)
        if user.is_bot or (group is not None and not group.bot_is_administrator) or old == tuple(emojis):
            return
        payload: Json = {
            "chat": user.chat_json() if group is None else group.json(),
            "message_id": message_id,
            "date": int(self.now()),
            "old_reaction": [{"type": "emoji", "emoji": emoji} for emoji in old],
            "new_reaction": [{"type": "emoji", "emoji": emoji} for emoji in emojis],
        }
        payload |= {"user": user.json()} if actor_chat is None else {"actor_chat": actor_chat.json()}
        self.queue.add("message_reaction", payload)

    def inject(self, update: Json) -> int:
        """Queue an update as it is, however hostile. Returns the id a higher offset confirms."""
        return self.queue.inject(update)

    @property
    def confirmed_offset(self) -> int:
        """Every update with a lower id is confirmed."""
        return self.queue.confirmed_offset

    def messages(self, chat_id: int, *, everyone: bool = False) -> list[Shown]:
        """The bot's messages (or everyone's) as they stand in a chat now, oldest first."""
        all_shown = [self.shown(chat_id, message_id) for message_id in self.history[chat_id]]
        return all_shown if everyone else [message for message in all_shown if message.sender_id == self.bot.id]

    async def wait_for_message(
        self, chat_id: int, containing: str = "", timeout_s: float = 10.0, after_id: int = 0
    ) -> Shown:
        """Wait until a message of the bot newer than `after_id` shows `containing`; the newest such one."""
        deadline = time.monotonic() + timeout_s
        while True:
            messages = [message for message in self.messages(chat_id) if message.message_id > after_id]
            found = [message for message in messages if containing in message.text]
            if found:
                return found[-1]
            left_s = deadline - time.monotonic()
            texts = [message.text for message in messages]
            assert left_s > 0, f"no message with {containing!r} in {chat_id} within {timeout_s} s, but {texts}"
            await self.signal.wait(left_s)

    def bot_sees(self, group: Group, message: Json) -> bool:
        """Whether a message of this group reaches the bot: membership and privacy mode."""
        if group.bot_status not in {"administrator", "creator", "member"}:
            return False
        is_said = not message.keys().isdisjoint(SAID)
        if self.can_read_all_group_messages or group.bot_is_administrator or not is_said:
            return True
        if message.get("reply_to_message", {}).get("from", {}).get("id") == self.bot.id:
            return True
        if message.get("via_bot", {}).get("id") == self.bot.id:
            return True
        command = leading_command(message)
        if command is None:
            return False
        _, at, addressee = command.partition("@")
        return not at or addressee.lower() == str(self.bot.username).lower()

    def _tell(self, group: Group, kind: str, message: Json) -> None:
        if group.type == "channel":
            kind = {"message": "channel_post", "edited_message": "edited_channel_post"}[kind]
        if self.bot_sees(group, message):
            self.queue.add(kind, message)

    def _sender(
        self, group: Group, user: User | None, sender_chat: Group | None, automatic_forward: bool
    ) -> tuple[User | None, Json]:
        if sender_chat is None:
            assert user is not None, "a message needs a user or a sender_chat"
            if not self.is_participant(group, user.id):
                group.statuses[user.id] = "member"
            tag = group.tags.get(user.id)
            return user, {"sender_tag": tag} if tag else {}
        fields: Json = {"sender_chat": sender_chat.json()}
        if group.type == "channel":
            return None, fields
        if automatic_forward:
            origin = {"type": "channel", "date": int(self.now()), "chat": sender_chat.json(), "message_id": 1}
            return TELEGRAM, fields | {"is_automatic_forward": True, "forward_origin": origin}
        return (ANONYMOUS_ADMIN if sender_chat.id == group.id else CHANNEL_POSTER), fields

    def _typed(self, text: str, entities: Sequence[Json]) -> Json:
        detected = detect(text, list(entities))
        return {"text": text, "entities": detected} if detected else {"text": text}

    def _captioned(self, photo: bytes, text: str, entities: Sequence[Json]) -> Json:
        under = {"text": "caption", "entities": "caption_entities"}
        caption = {under[name]: value for name, value in self._typed(text, entities).items()} if text else {}
        return {"photo": [self.keep_file(Upload("photo.png", photo))], **caption}

    def _reply(self, chat_id: int, reply_to: Json | Shown | None) -> Json:
        if reply_to is None:
            return {}
        return {"reply_to_message": self.without_reply(self.history[chat_id][message_key(reply_to)[1]])}


def message_key(message: Mapping[str, Any] | Shown) -> tuple[int, int]:
    """Chat id and message id."""
    if isinstance(message, Shown):
        return message.chat_id, message.message_id
    return message["chat"]["id"], message["message_id"]
