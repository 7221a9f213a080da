"""Status for time in voice channels, through the real client."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from adapters.discord import voice_watch
from storage.verify import verify
from tests.adapters.discord.cafe import DiscordCafe, open_cafe
from tests.adapters.discord.stand_ins import Between
from tests.conversations.hold import until
from tests.databases import Address
from tests.platforms.discord import intents
from tests.platforms.discord.model import STAGE_CHANNEL, VOICE_CHANNEL, User

pytestmark = pytest.mark.slow
EVERY = timedelta(minutes=10)
STATUS = 3


@pytest.fixture
async def lively(empty: Address, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordCafe]:
    """A café where time in voice channels earns."""
    monkeypatch.setattr(voice_watch, "LOOK_EVERY_S", 0.01)
    async with open_cafe(empty, earning={"voice": {"status": STATUS}}) as opened:
        yield opened
    assert verify(empty).problems == []


async def heard(cafe: DiscordCafe) -> None:
    """Wait until the adapter has heard all that was told: an answer comes after it."""
    await cafe.slash(cafe.olek, "rules")


async def go_on(cafe: DiscordCafe, intervals: int = 1) -> None:
    """Let intervals pass, with a look in each."""
    await heard(cafe)
    for _ in range(intervals):
        cafe.club.clock.now += EVERY
        await asyncio.sleep(0.1)


async def earned(cafe: DiscordCafe, **status: int) -> None:
    """Wait until people have exactly so much status for so many intervals."""
    for name, intervals in status.items():
        await cafe.wait_for_status(getattr(cafe, name), intervals * STATUS)


def everybody(cafe: DiscordCafe) -> list[User]:
    return [cafe.ania, cafe.bartek, cafe.olek]


def all_talk(cafe: DiscordCafe) -> None:
    """Have everybody in one voice channel, able to talk and hear."""
    lounge = cafe.server.channel(cafe.guild, "lounge", VOICE_CHANNEL)
    for user in everybody(cafe):
        cafe.server.enter_voice(user, lounge)


async def test_company_in_a_voice_channel_earns_for_each_whole_interval(lively: DiscordCafe) -> None:
    cafe, server = lively, lively.server
    lounge, stage = (server.channel(cafe.guild, *one) for one in (("lounge", VOICE_CHANNEL), ("stage", STAGE_CHANNEL)))
    server.enter_voice(cafe.ania, lounge)
    async with cafe.running():
        await cafe.join(*everybody(cafe))
        await cafe.set_up()
        server.enter_voice(cafe.bartek, lounge)
        await go_on(cafe)
        await earned(cafe, ania=0, bartek=0)
        server.enter_voice(cafe.olek, lounge, self_mute=True)
        await go_on(cafe, 2)
        await earned(cafe, ania=2, bartek=2, olek=0)
        server.enter_voice(cafe.olek, lounge)
        server.enter_voice(cafe.bartek, lounge, self_deaf=True)
        await go_on(cafe, 2)
        await earned(cafe, ania=4, bartek=2, olek=1)
        for user in (cafe.ania, cafe.bartek):
            server.enter_voice(user, stage)
        await go_on(cafe, 2)
        await earned(cafe, ania=6, bartek=3, olek=1)
        server.leave_voice(cafe.bartek, cafe.guild)
        await go_on(cafe, 2)
        await earned(cafe, ania=6, bartek=3, olek=1)
        server.enter_voice(cafe.bartek, stage)
        server.set_afk_channel(stage)
        await go_on(cafe, 2)
        await earned(cafe, ania=6, bartek=3, olek=1)


async def test_who_left_during_an_outage_does_not_go_on_earning(lively: DiscordCafe) -> None:
    cafe, server = lively, lively.server
    all_talk(cafe)
    async with cafe.running():
        await cafe.join(*everybody(cafe))
        await cafe.set_up()
        await go_on(cafe, 2)
        await earned(cafe, ania=1, bartek=1, olek=1)
        server.gateway.lose_guild(cafe.guild)
        await go_on(cafe)
        del cafe.guild.voices[cafe.bartek.id]
        server.gateway.restore_guild(cafe.guild)
        await go_on(cafe, 2)
        await earned(cafe, ania=2, bartek=1, olek=2)


async def test_a_lost_session_and_a_restart_begin_with_who_is_there(lively: DiscordCafe) -> None:
    cafe, server = lively, lively.server
    all_talk(cafe)
    async with cafe.running() as adapter:
        await cafe.join(*everybody(cafe))
        await cafe.set_up()
        await go_on(cafe, 2)
        await earned(cafe, ania=1, bartek=1, olek=1)
        server.reject_resume, server.accepting = True, False
        await server.drop_connections()
        await until(lambda: not adapter.is_connected)
        server.leave_voice(cafe.bartek, cafe.guild)
        cafe.club.clock.now += EVERY
        await asyncio.sleep(0.1)
        server.accepting = True
        await server.wait_until_connected()
        await go_on(cafe, 2)
        await earned(cafe, ania=2, bartek=1, olek=2)
    async with cafe.running():
        await go_on(cafe)
        await earned(cafe, ania=2, bartek=1, olek=2)
        await go_on(cafe)
        await earned(cafe, ania=3, bartek=1, olek=3)
    assert server.identify_count == 3


async def test_while_a_server_is_down_after_a_lost_session_nobody_there_earns(lively: DiscordCafe) -> None:
    cafe, server = lively, lively.server
    all_talk(cafe)
    async with cafe.running() as adapter:
        await cafe.join(*everybody(cafe))
        await cafe.set_up()
        await go_on(cafe)
        server.reject_resume = cafe.guild.is_down = True
        await server.drop_connections()
        await until(lambda: server.identify_count == 2 and adapter.is_connected)
        await cafe.slash(cafe.olek, "rules", channel=server.dm(cafe.olek))
        for _ in range(3):
            cafe.club.clock.now += EVERY
            await asyncio.sleep(0.1)
        server.gateway.restore_guild(cafe.guild)
        await go_on(cafe, 2)
        await earned(cafe, ania=1, bartek=1, olek=1)


async def test_an_interval_is_kept_while_the_database_is_away(lively: DiscordCafe) -> None:
    cafe = lively
    all_talk(cafe)
    between = Between(cafe.club.app)
    async with cafe.running(between):
        await cafe.join(*everybody(cafe))
        await cafe.set_up()
        await go_on(cafe)
        between.is_away = True
        cafe.club.clock.now += EVERY
        await between.was_turned_away.wait()
        between.is_away = False
        await earned(cafe, ania=1, bartek=1, olek=1)


async def test_voice_states_are_asked_for_only_where_they_earn(
    lively: DiscordCafe, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    for rule in (lively.club.config.earning.voice, lively.club.config.earning.voice.model_copy(update={"status": 0})):
        earning = lively.club.config.earning.model_copy(update={"voice": rule})
        monkeypatch.setattr(lively.club, "config", lively.club.config.model_copy(update={"earning": earning}))
        async with lively.running():
            [session] = lively.server.gateway.sessions.values()
            asked.append(bool(session.intents & intents.GUILD_VOICE_STATES))
    assert asked == [True, False]
