"""Permission bits and who holds them where."""

from tests.platforms.discord.errors import refusal
from tests.platforms.discord.model import DM_CHANNEL, Channel, Guild, User

ADMINISTRATOR = 1 << 3
MANAGE_GUILD = 1 << 5
ADD_REACTIONS = 1 << 6
VIEW_CHANNEL = 1 << 10
SEND_MESSAGES = 1 << 11
MANAGE_MESSAGES = 1 << 13
EMBED_LINKS = 1 << 14
ATTACH_FILES = 1 << 15
READ_MESSAGE_HISTORY = 1 << 16
MENTION_EVERYONE = 1 << 17
MANAGE_ROLES = 1 << 28
PIN_MESSAGES = 1 << 51
USE_APPLICATION_COMMANDS = 1 << 31
MANAGE_THREADS = 1 << 34
SEND_MESSAGES_IN_THREADS = 1 << 38

ALL = (1 << 53) - 1
MEMBER_DEFAULT = (
    VIEW_CHANNEL
    | SEND_MESSAGES
    | SEND_MESSAGES_IN_THREADS
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_MESSAGE_HISTORY
    | ADD_REACTIONS
    | USE_APPLICATION_COMMANDS
)
BOT_DEFAULT = MEMBER_DEFAULT | MANAGE_ROLES | MANAGE_MESSAGES | PIN_MESSAGES
DM_PERMISSIONS = MEMBER_DEFAULT


def permissions_of(user: User, guild: Guild) -> int:
    """Return the permission bits of `user` in the whole server; 0 for people who are not in it."""
    member = guild.members.get(user.id)
    if member is None:
        return 0
    bits = guild.everyone.permissions
    for role_id in member.role_ids:
        bits |= guild.roles[role_id].permissions
    return ALL if bits & ADMINISTRATOR or guild.owner is user else bits


def bot_permissions_in(channel: Channel, bot: User) -> int:
    """Return what the bot may do in a channel, overwrites included; a thread has those of its channel."""
    if channel.guild is None:
        return DM_PERMISSIONS
    bits = permissions_of(bot, channel.guild)
    denied = (channel if channel.opened is None else channel.opened.parent).denied_to_bot
    return bits if bits & ADMINISTRATOR else bits & ~denied


def require_in_channel(channel: Channel, bot: User, needed: int) -> None:
    """Raise 50001 if the bot cannot see the channel, 50013 if it lacks one of the `needed` bits."""
    if channel.type == DM_CHANNEL:
        return
    if channel.opened is not None and needed & SEND_MESSAGES:
        needed = needed & ~SEND_MESSAGES | SEND_MESSAGES_IN_THREADS
    bits = bot_permissions_in(channel, bot)
    if not bits & VIEW_CHANNEL:
        raise refusal(50001)
    if needed & ~bits:
        raise refusal(50013)


def highest_position(user: User, guild: Guild) -> int:
    member = guild.members[user.id]
    return max((guild.roles[role_id].position for role_id in member.role_ids), default=0)
