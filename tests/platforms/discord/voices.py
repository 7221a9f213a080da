"""The driving side of voice channels: who comes and goes, and what they switch off."""

import secrets

from tests.platforms.discord import intents
from tests.platforms.discord.gateway import Gateway
from tests.platforms.discord.model import STAGE_CHANNEL, VOICE_CHANNEL, Channel, Guild, Json, User, Voice
from tests.platforms.discord.payloads import guild_json, voice_state_json
from tests.platforms.discord.world import World


class VoiceRooms:
    """People in voice and stage channels. A person is in one at most in a server."""

    world: World
    gateway: Gateway

    def enter_voice(self, user: User, channel: Channel, **switched: bool) -> None:
        """Let somebody come to a voice channel, or change what is switched off there: `self_mute`, `deaf` and so on."""
        guild = channel.guild
        assert guild is not None, "a call has no server"
        assert channel.type in (VOICE_CHANNEL, STAGE_CHANNEL), f"{channel.name} is for writing"
        assert user.id in guild.members, f"{user.name} is not in {guild.name}"
        guild.voices[user.id] = voice = Voice(channel, secrets.token_hex(16), **switched)
        self._tell(guild, user, voice)

    def leave_voice(self, user: User, guild: Guild) -> None:
        """Let somebody go from the voice channel they are in."""
        self._tell(guild, user, guild.voices.pop(user.id))

    def set_afk_channel(self, channel: Channel) -> None:
        """Name the channel where a server sends those who do nothing."""
        assert channel.guild is not None
        channel.guild.afk_channel = channel
        self.gateway.publish("GUILD_UPDATE", guild_json(channel.guild), intents.GUILDS, channel.guild)

    def _tell(self, guild: Guild, user: User, voice: Voice) -> None:
        data: Json = voice_state_json(guild, user, voice)
        self.gateway.publish("VOICE_STATE_UPDATE", data, intents.GUILD_VOICE_STATES, guild)
