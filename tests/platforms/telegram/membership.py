"""Comings and goings: people and our bot joining, leaving, blocking, and groups that become supergroups."""

from .errors import Json
from .files import Files
from .people_and_groups import Group, User, member_json


class Membership(Files):
    """The platform with people who come and go."""

    def join(self, group: Group, user: User, by: User | None = None) -> None:
        """`user` joins, or is added `by` somebody."""
        self.set_status(group, user, "member", by=by or user)
        message = self.new_message(group, by or user, {"new_chat_members": [user.json()]})
        self._tell(group, "message", message)

    def ask_to_join(self, group: Group, user: User) -> None:
        """`user` asks to be let in; a bot hears it that may invite people."""
        group.requests.add(user.id)
        if group.bot_is_administrator and "can_invite_users" in group.bot_rights:
            request = {"chat": group.json(), "from": user.json(), "user_chat_id": user.id, "date": int(self.now())}
            self.queue.add("chat_join_request", request)

    def leave(self, group: Group, user: User, by: User | None = None) -> None:
        """`user` leaves, or is thrown out `by` somebody."""
        self.set_status(group, user, "left" if by is None else "kicked", by=by or user)
        message = self.new_message(group, by or user, {"left_chat_member": user.json()})
        self._tell(group, "message", message)

    def set_status(self, group: Group, user: User, status: str, by: User | None = None) -> None:
        """Change what `user` is in the group: "creator", "administrator", "member", "left", "kicked"."""
        old = self.member(group, user.id)
        group.statuses[user.id] = status
        if group.bot_is_administrator:
            changed = self._changed(group.json(), by or user, old, self.member(group, user.id))
            self.queue.add("chat_member", changed)

    def add_bot(self, group: Group, by: User) -> None:
        """`by` adds our bot as an ordinary member."""
        self.set_bot_status(group, "member", by)
        message = self.new_message(group, by, {"new_chat_members": [self.bot.json()]})
        self._tell(group, "message", message)

    def remove_bot(self, group: Group, by: User) -> None:
        """`by` throws our bot out."""
        self.set_bot_status(group, "kicked", by)

    def set_bot_status(self, group: Group, status: str, by: User) -> None:
        """Change what our bot is in the group."""
        old = self.bot_member(group)
        group.bot_status = status
        self.queue.add("my_chat_member", self._changed(group.json(), by, old, self.bot_member(group)))

    def block(self, user: User) -> None:
        """`user` blocks the bot."""
        user.blocked = True
        self._private_status(user, "member", "kicked")

    def unblock(self, user: User) -> None:
        """`user` lets the bot write again."""
        user.blocked = False
        self._private_status(user, "kicked", "member")

    def migrate(self, group: Group, new_id: int) -> Group:
        """A basic group becomes the supergroup `new_id`; the old id is refused from now on."""
        assert group.type == "group", "only a basic group migrates"
        successor = self.group(new_id, group.title, bot_status=group.bot_status)
        successor.statuses = dict(group.statuses)
        group.migrated_to = new_id
        owner = next((self.users[user] for user, status in group.statuses.items() if status == "creator"), None)
        old_message = self.new_message(group, owner, {"migrate_to_chat_id": new_id})
        self._tell(group, "message", old_message)
        new_message = self.new_message(successor, owner, {"migrate_from_chat_id": group.id})
        self._tell(successor, "message", new_message)
        return successor

    def _private_status(self, user: User, old: str, new: str) -> None:
        bot = self.bot.json()
        changed = self._changed(user.chat_json(), user, member_json(bot, old), member_json(bot, new))
        self.queue.add("my_chat_member", changed)

    def _changed(self, chat: Json, by: User, old: Json, new: Json) -> Json:
        return {
            "chat": chat,
            "from": by.json(),
            "date": int(self.now()),
            "old_chat_member": old,
            "new_chat_member": new,
        }
