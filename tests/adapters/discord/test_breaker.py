"""The breaker on refused requests and on guards, alone and over the real library."""

import discord
import pytest
from pydantic import SecretStr

from adapters.discord.breaker import MOST_REFUSALS, WINDOW_S, Breaker, Paused, guard_pause_s
from adapters.discord.client import DiscordClient
from adapters.discord.display import Display, Message
from adapters.discord.rest import Rest
from adapters.discord.sending import Delivery
from adapters.outcomes import Pause, Sent
from bot.config.config import Config, DiscordSettings
from bot.replies import Reply, Sending, Waiting
from messages.render import Renderer
from tests.club import MONDAY
from tests.platforms.discord import DiscordServer

MESSAGES = "/channels/{channel_id}/messages"


class Time:
    """A clock that only tests move."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def refused(breaker: Breaker, times: int, status: int = 403, scope: str = "") -> None:
    for _ in range(times):
        breaker.count(status, scope)


@pytest.mark.parametrize("status", [401, 403, 429])
def test_it_opens_at_a_thousand_refusals_in_ten_minutes_and_closes_again(status: int) -> None:
    time = Time()
    breaker = Breaker(time)
    refused(breaker, MOST_REFUSALS - 1, status)
    time.now += WINDOW_S - 1
    assert not breaker.is_open
    refused(breaker, 1, status)
    with pytest.raises(Paused, match="600 s"):
        breaker.check(MESSAGES)
    time.now += WINDOW_S
    breaker.check(MESSAGES)
    refused(breaker, MOST_REFUSALS - 1, status)
    assert not breaker.is_open


def test_what_is_older_or_no_fault_of_ours_does_not_count() -> None:
    time = Time()
    breaker = Breaker(time)
    refused(breaker, MOST_REFUSALS - 1)
    time.now += WINDOW_S
    refused(breaker, 1)
    refused(breaker, MOST_REFUSALS, 429, "shared")
    refused(breaker, MOST_REFUSALS, 404)
    assert not breaker.is_open


@pytest.mark.parametrize("path", ["/interactions/{interaction_id}/x/callback", "/webhooks/x", "/gateway/bot"])
def test_answers_and_the_gateway_stay_open(path: str) -> None:
    breaker = Breaker(Time())
    refused(breaker, MOST_REFUSALS)
    breaker.check(path)


@pytest.mark.slow
async def test_it_sees_every_answer_of_the_library_and_keeps_requests_from_going_out() -> None:
    async with DiscordServer() as server:
        channel = server.guild("Café", ["general"], [server.user("olek")]).channel("general")
        breaker = Breaker()
        settings = DiscordSettings(token=SecretStr(server.token), api_base_url=server.api_base_url)
        client = DiscordClient(settings, breaker)
        await client.login(server.token)
        refused(breaker, MOST_REFUSALS - 2)
        limited = {"message": "slow down", "retry_after": 0.01, "global": False}
        server.fail_next("POST", "/messages", 429, json=limited)
        rest = Rest(client.http)
        await rest.post(str(channel.id), Message({"content": "hello"}))
        breaker.check(MESSAGES)
        server.fail_next("POST", "/messages", 429, json=limited)
        # The refusal opens it, but the library's own second try is under way already.
        await rest.post(str(channel.id), Message({"content": "hello"}))
        before = len(server.requests)
        with pytest.raises(Paused):
            await rest.post(str(channel.id), Message({"content": "hello"}))
        assert len(server.requests) == before
        await client.close()


def test_while_a_guard_refuses_everything_nothing_goes_out() -> None:
    time = Time()
    breaker = Breaker(time)
    breaker.guarded(1800.0)
    breaker.guarded(60.0)
    time.now += 1799
    for path in (MESSAGES, "/interactions/{interaction_id}/x/callback", "/webhooks/x", "/gateway/bot"):
        with pytest.raises(Paused, match="1 s, as a guard"):
            breaker.check(path)
    time.now += 1
    breaker.check(MESSAGES)


@pytest.mark.slow
async def test_a_guard_that_names_a_time_is_asked_nothing_before() -> None:
    async with DiscordServer() as server:
        channel = server.guild("Café", ["general"], [server.user("olek")]).channel("general")
        time = Time()
        settings = DiscordSettings(token=SecretStr(server.token), api_base_url=server.api_base_url)
        client = DiscordClient(settings, Breaker(time))
        await client.login(server.token)
        rest = Rest(client.http)
        deliver = Delivery(rest, Display(Renderer(Config())), lambda _: None, lambda: MONDAY).deliver
        post = Waiting(1, Reply("cancelled"), Sending.AT_LEAST_ONCE, 0, str(channel.id), None, None, None, 1)

        async def begin() -> None:
            return None

        server.guard(1800)
        assert await deliver(post, begin) == Pause(1800.0, "429 0", everywhere=True, is_asked=True)
        before = len(server.requests)
        time.now += 1799
        assert await deliver(post, begin) == Pause(1.0, "paused as a guard in front of Discord asks", everywhere=True)
        with pytest.raises(Paused):
            await rest.respond("1", "token", 5)
        with pytest.raises(Paused):
            await client.http.get_bot_gateway()
        assert len(server.requests) == before
        server.guard(None)
        time.now += 1
        assert isinstance(await deliver(post, begin), Sent)
        await client.close()


@pytest.mark.slow
async def test_what_discord_itself_refuses_is_no_guards_doing() -> None:
    async with DiscordServer() as server:
        channel = server.guild("Café", ["general"], [server.user("olek")]).channel("general")
        breaker = Breaker()
        settings = DiscordSettings(token=SecretStr(server.token), api_base_url=server.api_base_url)
        client = DiscordClient(settings, breaker)
        await client.login(server.token)
        limited = {"message": "slow down", "retry_after": 0.01, "global": False}
        server.fail_next("POST", "/messages", 429, json=limited, times=5)
        with pytest.raises(discord.HTTPException) as refused:
            await Rest(client.http).post(str(channel.id), Message({"content": "hello"}))
        assert (refused.value.status, guard_pause_s(refused.value), breaker.guarded_s) == (429, None, 0.0)
        await client.close()
