"""The breaker on refused requests, alone and over the real library."""

import pytest
from pydantic import SecretStr

from adapters.discord.breaker import MOST_REFUSALS, WINDOW_S, Breaker, Paused
from adapters.discord.client import DiscordClient
from adapters.discord.display import Message
from adapters.discord.rest import Rest
from bot.config.config import DiscordSettings
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
