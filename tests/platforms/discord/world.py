"""The state of the fake Discord: who is where, what was said, what the application registered."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.platforms.discord import intents
from tests.platforms.discord.cdn import Cdn
from tests.platforms.discord.errors import refusal
from tests.platforms.discord.interactions import InteractionHandle
from tests.platforms.discord.model import DM_CHANNEL, Channel, Guild, Json, Message, User
from tests.platforms.discord.signal import Signal
from tests.platforms.discord.snowflake import Now, Snowflakes


@dataclass(slots=True)
class Settings:
    """What a test may turn: deadlines in seconds, portal switches, limits."""

    privileged_intents: int = intents.GUILD_MEMBERS | intents.MESSAGE_CONTENT
    interaction_deadline_s: float = 3.0
    interaction_life_s: float = 900.0
    nonce_window_s: float = 300.0
    heartbeat_interval_ms: int = 41_250
    shards: int = 1
    identify_limit: int = 1000
    command_creates_a_day: int = 200


@dataclass(slots=True)
class World:
    """All state. The bot's user id is the application id, as for every application of today."""

    token: str
    bot: User
    now: Now
    settings: Settings
    monotonic: Callable[[], float] = time.monotonic
    signal: Signal = field(default_factory=Signal)
    cdn: Cdn = field(default_factory=Cdn)
    users: dict[int, User] = field(default_factory=dict)
    guilds: dict[int, Guild] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    commands: dict[int | None, list[Json]] = field(default_factory=dict)
    command_creates: Counter[int | None] = field(default_factory=Counter)
    interactions: dict[str, InteractionHandle] = field(default_factory=dict)
    invites: dict[str, tuple[Channel, str | None]] = field(default_factory=dict)
    nonces: dict[tuple[int, str], tuple[float, Message]] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    snowflakes: Snowflakes = field(init=False)

    def __post_init__(self) -> None:
        self.snowflakes = Snowflakes(self.now)
        self.users[self.bot.id] = self.bot

    @property
    def application_id(self) -> int:
        return self.bot.id

    def seen_user(self, user_id: str) -> User:
        """Return a person by id. Raises 10013."""
        user = self.users.get(_number(user_id))
        if user is None:
            raise refusal(10013)
        return user

    def seen_guild(self, guild_id: str) -> Guild:
        """Return a server the bot is in. Raises 10004 if there is none, 50001 if the bot is outside."""
        guild = self.guilds.get(_number(guild_id))
        if guild is None:
            raise refusal(10004)
        if not guild.has_bot:
            raise refusal(50001)
        return guild

    def seen_channel(self, channel_id: str) -> Channel:
        """Return a channel the bot can reach. Raises 10003 or 50001."""
        channel = self.channels.get(_number(channel_id))
        if channel is None:
            raise refusal(10003)
        if channel.guild is not None and not channel.guild.has_bot:
            raise refusal(50001)
        return channel

    def seen_message(self, channel: Channel, message_id: str) -> Message:
        """Return a message that is in the channel for all to see. Raises 10008."""
        message = channel.messages.get(_number(message_id))
        if message is None or message.seen_only_by is not None:
            raise refusal(10008)
        return message

    def direct(self, user: User) -> Channel:
        """Return the one direct channel between the bot and a person, making it the first time."""
        for channel in self.channels.values():
            if channel.type == DM_CHANNEL and channel.recipient is user:
                return channel
        channel = Channel(self.snowflakes.next(), DM_CHANNEL, recipient=user)
        self.channels[channel.id] = channel
        return channel


def _number(snowflake: str) -> int:
    return int(snowflake) if snowflake.isdecimal() else -1
