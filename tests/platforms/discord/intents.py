"""Gateway intent bits."""

GUILDS = 1 << 0
GUILD_MEMBERS = 1 << 1
GUILD_VOICE_STATES = 1 << 7
GUILD_PRESENCES = 1 << 8
GUILD_MESSAGES = 1 << 9
GUILD_MESSAGE_REACTIONS = 1 << 10
DIRECT_MESSAGES = 1 << 12
DIRECT_MESSAGE_REACTIONS = 1 << 13
MESSAGE_CONTENT = 1 << 15

PRIVILEGED = GUILD_MEMBERS | GUILD_PRESENCES | MESSAGE_CONTENT
ALL = sum(1 << bit for bit in (*range(17), 20, 21, 24, 25))


def messages_of(guild: object | None) -> int:
    """Return the intent that message events of a server (None: of direct channels) need."""
    return DIRECT_MESSAGES if guild is None else GUILD_MESSAGES


def reactions_of(guild: object | None) -> int:
    return DIRECT_MESSAGE_REACTIONS if guild is None else GUILD_MESSAGE_REACTIONS
