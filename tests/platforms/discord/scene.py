"""The driving side for everything but interactions: people, servers, talk, reactions, rights."""

from collections.abc import Iterable, Sequence

from tests.platforms.discord import intents, posting
from tests.platforms.discord import permissions as bits
from tests.platforms.discord.cdn import File
from tests.platforms.discord.gateway import Gateway
from tests.platforms.discord.model import (
    PUBLIC_THREAD,
    TEXT_CHANNEL,
    Channel,
    Guild,
    Json,
    Member,
    Message,
    Opened,
    Role,
    User,
)
from tests.platforms.discord.payloads import channel_json, member_json, role_json, user_json
from tests.platforms.discord.telling import remove, tell_member_changed, tell_reaction, tell_reactions_cleared, wake
from tests.platforms.discord.world import World


class Scene:
    """What people, owners and admins do. Everything takes effect at once and is announced by gateway events."""

    world: World
    gateway: Gateway

    def user(self, name: str, *, user_id: int | None = None, global_name: str | None = None, bot: bool = False) -> User:
        """Make a person (or another bot)."""
        user = User(user_id or self.world.snowflakes.next(), name, global_name, bot)
        self.world.users[user.id] = user
        return user

    def guild(
        self,
        name: str,
        channels: Sequence[str] = ("general",),
        members: Iterable[User] = (),
        *,
        owner: User | None = None,
        with_bot: bool = True,
        locale: str = "en-US",
        guild_id: int | None = None,
    ) -> Guild:
        """Make a server with an owner of its own (unless given), its channels and members, and the bot in it."""
        world = self.world
        owner = owner or self.user(f"{name.lower().replace(' ', '_')}_owner")
        guild_id = guild_id or world.snowflakes.next()
        guild = Guild(guild_id, name, owner, world.now(), locale)
        guild.roles[guild_id] = Role(guild_id, "@everyone", bits.MEMBER_DEFAULT, position=0)
        world.guilds[guild_id] = guild
        for channel_name in channels:
            self.channel(guild, channel_name)
        for member in dict.fromkeys([owner, *members]):
            guild.members[member.id] = Member(member, world.now())
        if with_bot:
            self.add_bot(guild)
        return guild

    def channel(self, guild: Guild, name: str, kind: int = TEXT_CHANNEL) -> Channel:
        """Make a channel in a server, for writing unless another kind is named."""
        channel = Channel(self.world.snowflakes.next(), kind, name, guild, position=len(guild.channels))
        guild.channels[channel.id] = self.world.channels[channel.id] = channel
        if guild.has_bot:
            self.gateway.publish("CHANNEL_CREATE", channel_json(channel, self.world.bot), intents.GUILDS, guild)
        return channel

    def thread(self, channel: Channel, user: User, name: str) -> Channel:
        """Let a person open a thread that is for all who see the channel. The bot hears of it without being in it."""
        guild = channel.guild
        assert guild is not None, "direct channels have no threads"
        opened = Opened(channel, user, self.world.now())
        thread = Channel(self.world.snowflakes.next(), PUBLIC_THREAD, name, guild, opened=opened)
        guild.threads[thread.id] = self.world.channels[thread.id] = thread
        if guild.has_bot:
            data = {**channel_json(thread, self.world.bot), "newly_created": True}
            self.gateway.publish("THREAD_CREATE", data, intents.GUILDS, guild)
        return thread

    def archive(self, thread: Channel, *, locked: bool = False) -> None:
        """Close a thread, as happens by itself after some time; locked, only moderators open it again."""
        thread.is_archived, thread.is_locked, thread.archived_at = True, locked, self.world.now()
        self.gateway.publish("THREAD_UPDATE", channel_json(thread, self.world.bot), intents.GUILDS, thread.guild)

    def delete_channel(self, channel: Channel) -> None:
        assert channel.guild is not None, "a direct channel cannot be deleted"
        del channel.guild.channels[channel.id], self.world.channels[channel.id]
        payload = channel_json(channel, self.world.bot)
        self.gateway.publish("CHANNEL_DELETE", payload, intents.GUILDS, channel.guild)

    def role(self, guild: Guild, name: str, permissions: int = 0, *, mentionable: bool = False) -> Role:
        """Make a role just above @everyone, below the bot's own."""
        role = Role(self.world.snowflakes.next(), name, permissions, 1, mentionable)
        guild.roles[role.id] = role
        self._tell_role("GUILD_ROLE_CREATE", guild, role)
        return role

    def give_role(self, guild: Guild, user: User, role: Role) -> None:
        member = guild.members[user.id]
        member.role_ids.append(role.id)
        tell_member_changed(self.gateway, guild, member)

    def make_admin(self, guild: Guild, user: User) -> None:
        """Give a member the Administrator and Manage Server permissions."""
        self.give_role(guild, user, self.role(guild, f"admin of {user.name}", bits.ADMINISTRATOR | bits.MANAGE_GUILD))

    def set_bot_permissions(self, guild: Guild, permissions: int) -> None:
        """Set what the bot's own role and @everyone allow it in a whole server."""
        for role in [guild.everyone, *(guild.roles[one] for one in guild.members[self.world.bot.id].role_ids)]:
            role.permissions = permissions
            self._tell_role("GUILD_ROLE_UPDATE", guild, role)

    def deny_bot(self, channel: Channel, permissions: int) -> None:
        """Take permissions from the bot in one channel (0 gives all back)."""
        channel.denied_to_bot = permissions
        payload = channel_json(channel, self.world.bot)
        self.gateway.publish("CHANNEL_UPDATE", payload, intents.GUILDS, channel.guild)

    def _tell_role(self, event: str, guild: Guild, role: Role) -> None:
        if guild.has_bot:
            data: Json = {"guild_id": str(guild.id), "role": role_json(role)}
            self.gateway.publish(event, data, intents.GUILDS, guild)

    def add_bot(self, guild: Guild) -> None:
        """Invite the bot to a server."""
        role = Role(self.world.snowflakes.next(), self.world.bot.name, bits.BOT_DEFAULT, position=100, managed=True)
        guild.roles[role.id] = role
        guild.members[self.world.bot.id] = Member(self.world.bot, self.world.now(), [role.id])
        guild.has_bot = True
        self.gateway.announce_guild(guild)

    def remove_bot(self, guild: Guild) -> None:
        """Throw the bot out of a server."""
        guild.has_bot = False
        member = guild.members.pop(self.world.bot.id)
        for role_id in member.role_ids:
            del guild.roles[role_id]
        self.gateway.publish("GUILD_DELETE", {"id": str(guild.id)}, intents.GUILDS, guild)

    def join(self, guild: Guild, user: User) -> None:
        guild.members[user.id] = member = Member(user, self.world.now())
        data = {**member_json(member), "guild_id": str(guild.id)}
        self.gateway.publish("GUILD_MEMBER_ADD", data, intents.GUILD_MEMBERS, guild)

    def leave(self, guild: Guild, user: User) -> None:
        del guild.members[user.id]
        data: Json = {"guild_id": str(guild.id), "user": user_json(user)}
        self.gateway.publish("GUILD_MEMBER_REMOVE", data, intents.GUILD_MEMBERS, guild)

    def dm(self, user: User) -> Channel:
        """Return the direct channel between a person and the bot."""
        return self.world.direct(user)

    def close_dms(self, user: User) -> None:
        """Make every direct message to this person fail with 50007."""
        user.dms_open = False

    def say(
        self,
        user: User,
        channel: Channel,
        content: str,
        *,
        mentions: Iterable[User] = (),
        reply_to: Message | None = None,
        files: Sequence[File] = (),
    ) -> Message:
        """Let a person write; `mentions` are put in front of the text. Works while the bot is away, too."""
        _present(user, channel)
        assert not channel.is_locked, f"{channel.name} is locked"
        wake(self.gateway, channel, self.world.bot)
        text = " ".join([*(one.mention for one in mentions), content])
        message = posting.said_by_person(self.world, user, channel, text, reply_to, files)
        channel.messages[message.id] = message
        self.gateway.publish_message("MESSAGE_CREATE", message)
        self.world.signal.notify()
        return message

    def edit(self, message: Message, content: str) -> None:
        message.content, message.edited_at = content, self.world.now()
        self.gateway.publish_message("MESSAGE_UPDATE", message)

    def delete(self, message: Message) -> None:
        remove(self.gateway, message)

    def react(self, user: User, message: Message, emoji: str) -> None:
        _present(user, message.channel)
        users = message.reactions.setdefault(emoji, [])
        if user.id not in users:
            users.append(user.id)
            tell_reaction(self.gateway, user, message, emoji, added=True)

    def unreact(self, user: User, message: Message, emoji: str) -> None:
        message.reactions[emoji].remove(user.id)
        if not message.reactions[emoji]:
            del message.reactions[emoji]
        tell_reaction(self.gateway, user, message, emoji, added=False)

    def clear_reactions(self, message: Message, emoji: str | None = None) -> None:
        """Let a moderator take everyone's reactions away: all of them, or those with one emoji."""
        if emoji is None:
            message.reactions.clear()
        else:
            del message.reactions[emoji]
        tell_reactions_cleared(self.gateway, message, emoji)

    def messages(self, channel: Channel, seen_by: User | None = None) -> list[Message]:
        """Return the channel's messages, oldest first: those for all, and the ephemeral ones of `seen_by`."""
        found = channel.messages.values()
        return [one for one in found if one.seen_only_by is None or one.seen_only_by is seen_by]

    async def wait_for_message(
        self, channel: Channel, containing: str = "", timeout_s: float = 10.0, after: Message | None = None
    ) -> Message:
        """Wait for a message of the bot, in the open, with `containing` in its visible text."""

        def look() -> Message | None:
            for message in self.messages(channel):
                fresh = after is None or message.id > after.id
                if fresh and message.author is self.world.bot and containing in message.visible_text:
                    return message
            return None

        return await self.world.signal.wait_for(look, timeout_s, f"a message containing {containing!r}")


def _present(user: User, channel: Channel) -> None:
    if channel.guild is not None:
        assert user.id in channel.guild.members, f"{user.name} is not in {channel.guild.name}"
    else:
        assert channel.recipient is user, f"this is not {user.name}'s direct channel"
