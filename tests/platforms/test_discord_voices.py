"""Voice channels of the fake Discord, as a real discord.py client hears of them."""

from collections.abc import AsyncIterator

import discord
import pytest

from tests.conversations.hold import until
from tests.platforms.discord import DiscordServer
from tests.platforms.discord.cafe import Cafe
from tests.platforms.discord.model import STAGE_CHANNEL, VOICE_CHANNEL
from tests.platforms.discord.payloads import voice_state_json
from tests.platforms.discord.pointed import PointedClient
from tests.platforms.discord.running import everything, running
from tests.platforms.discord.spec import SPEC_FILE, Spec
from tests.platforms.specs import require_spec


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as started:
        yield started


@pytest.fixture
def cafe(server: DiscordServer) -> Cafe:
    return Cafe(server)


async def test_a_client_hears_who_comes_to_voice_channels_and_who_goes(server: DiscordServer, cafe: Cafe) -> None:
    lounge = server.channel(cafe.guild, "lounge", VOICE_CHANNEL)
    stage = server.channel(cafe.guild, "stage", STAGE_CHANNEL)
    server.enter_voice(cafe.ania, lounge)
    async with running(server, PointedClient(server.api_base_url, intents=everything())) as client:
        [guild] = client.guilds
        assert [member.id for member in guild.voice_channels[0].members] == [cafe.ania.id]

        def seen() -> tuple[int, bool] | None:
            ania = guild.get_member(cafe.ania.id)
            voice = None if ania is None else ania.voice
            return None if voice is None or voice.channel is None else (voice.channel.id, voice.self_mute)

        server.enter_voice(cafe.ania, lounge, self_mute=True)
        await until(lambda: seen() == (lounge.id, True))
        server.enter_voice(cafe.ania, stage)
        await until(lambda: seen() == (stage.id, False))
        server.set_afk_channel(lounge)
        server.leave_voice(cafe.ania, cafe.guild)
        await until(lambda: seen() is None)
        assert guild.afk_channel == guild.voice_channels[0]


async def test_voice_channels_need_their_intent(server: DiscordServer, cafe: Cafe) -> None:
    server.enter_voice(cafe.ania, server.channel(cafe.guild, "lounge", VOICE_CHANNEL))
    intents = everything()
    intents.voice_states = intents.members = False
    async with running(server, PointedClient(server.api_base_url, intents=intents)) as client:
        [guild] = client.guilds
        assert not guild.voice_channels[0].voice_states
        assert guild.get_member(cafe.ania.id) is None


async def test_without_the_member_intent_those_in_voice_channels_are_described(
    server: DiscordServer, cafe: Cafe
) -> None:
    server.enter_voice(cafe.ania, server.channel(cafe.guild, "lounge", VOICE_CHANNEL))
    intents = everything()
    intents.members = False
    cached = discord.MemberCacheFlags.from_intents(intents)
    client = PointedClient(server.api_base_url, intents=intents, member_cache_flags=cached)
    async with running(server, client):
        assert [member.id for member in client.guilds[0].voice_channels[0].members] == [cafe.ania.id]


async def test_voice_states_are_as_described(server: DiscordServer, cafe: Cafe) -> None:
    spec = Spec(require_spec(SPEC_FILE))
    server.enter_voice(cafe.ania, server.channel(cafe.guild, "lounge", VOICE_CHANNEL), self_deaf=True)
    voice = cafe.guild.voices[cafe.ania.id]
    assert spec.check_schema("VoiceStateResponse", voice_state_json(cafe.guild, cafe.ania, voice)) == []
    server.leave_voice(cafe.ania, cafe.guild)
    gone = voice_state_json(cafe.guild, cafe.ania, voice)
    assert spec.check_schema("VoiceStateResponse", gone) == []
    assert gone["channel_id"] is None
