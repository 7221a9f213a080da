"""The fake Discord's REST side: what it takes, refuses, limits and records."""

import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import discord
import pytest

from tests.platforms.discord import DiscordServer
from tests.platforms.discord import permissions as bits
from tests.platforms.discord.cafe import Cafe
from tests.platforms.discord.model import Channel, Message, Pings
from tests.platforms.discord.pointed import PointedClient
from tests.platforms.discord.running import everything, running
from tests.platforms.discord.spec import SPEC_FILE
from tests.platforms.specs import require_spec


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as started:
        yield started


@pytest.fixture
def cafe(server: DiscordServer) -> Cafe:
    return Cafe(server)


async def rest(server: DiscordServer, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
    """Return status and JSON of one bare request."""
    headers = {"Authorization": f"Bot {token or server.token}"}
    async with aiohttp.ClientSession() as session:
        url = server.api_base_url + path
        async with session.request(method, url, json=body, headers=headers) as response:
            return response.status, await response.json() if response.status != 204 else None


async def post(server: DiscordServer, channel: Channel, body: Any) -> Any:
    return await rest(server, "POST", f"/channels/{channel.id}/messages", body)


async def test_pings_are_those_discord_would_really_make(server: DiscordServer, cafe: Cafe) -> None:
    role = server.role(cafe.guild, "baristas", mentionable=True)
    text = f"{cafe.ania.mention} <@&{role.id}> @everyone"
    await post(server, cafe.general, {"content": text})
    await post(server, cafe.general, {"content": text, "allowed_mentions": {"parse": []}})
    server.set_bot_permissions(cafe.guild, bits.BOT_DEFAULT | bits.MENTION_EVERYONE)
    await post(server, cafe.general, {"content": text, "allowed_mentions": {"parse": ["everyone"], "users": ["1"]}})
    some, none, everyone = (message.pings for message in server.messages(cafe.general))
    assert some == Pings(False, frozenset({role.id}), frozenset({cafe.ania.id}))
    assert not none
    assert everyone == Pings(everyone=True)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"content": "x" * 2001}, 50035),
        ({"content": " "}, 50006),
        ({"embeds": [{"description": "x" * 4097}]}, 50035),
        ({"embeds": [{"description": "x" * 3001}, {"description": "x" * 3000}]}, 50035),
        ({"content": "x", "nonce": "n" * 26}, 50035),
        ({"content": "x", "components": [{"type": 1, "components": []}]}, 50035),
        ({"content": "x", "components": [{"type": 1, "components": [{"type": 2, "style": 1, "label": "a"}]}]}, 50035),
        ({"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}}, 50035),
    ],
)
async def test_a_message_discord_would_not_take_is_refused(
    server: DiscordServer, cafe: Cafe, body: Any, code: int
) -> None:
    status, answer = await post(server, cafe.general, body)
    assert (status, answer["code"]) == (400, code)
    assert server.messages(cafe.general) == []


async def test_missing_rights_and_unknown_things_have_their_codes(server: DiscordServer, cafe: Cafe) -> None:
    async def code(*request: Any) -> int:
        return int((await rest(server, *request))[1]["code"])

    messages = f"/channels/{cafe.general.id}/messages"
    said = server.say(cafe.ania, cafe.general, "mine")
    assert await code("POST", "/channels/1/messages", {"content": "x"}) == 10003
    assert await code("GET", f"{messages}/1") == 10008
    assert await code("PATCH", f"{messages}/{said.id}", {"content": "x"}) == 50005
    assert await code("GET", "/guilds/1") == 10004
    server.deny_bot(cafe.general, bits.SEND_MESSAGES)
    assert await code("POST", messages, {"content": "x"}) == 50013
    server.deny_bot(cafe.general, bits.VIEW_CHANNEL)
    assert await code("POST", messages, {"content": "x"}) == 50001
    server.close_dms(cafe.ania)
    assert await code("POST", f"/channels/{server.dm(cafe.ania).id}/messages", {"content": "x"}) == 50007
    assert (await rest(server, "GET", "/users/@me", None, "wrong"))[0] == 401
    assert server.violations == []
    assert (await rest(server, "GET", "/nowhere"))[0] == 404
    assert server.violations == ["GET /nowhere: no such route"]


async def test_a_thread_has_rights_of_its_own_and_wakes_for_what_is_sent_alone(
    server: DiscordServer, cafe: Cafe
) -> None:
    thread = server.thread(cafe.general, cafe.ania, "Cups")
    messages = f"/channels/{thread.id}/messages"
    server.deny_bot(cafe.general, bits.SEND_MESSAGES)
    status, sent = await rest(server, "POST", messages, {"content": "x"})
    assert status == 200
    assert (await rest(server, "GET", f"/channels/{thread.id}"))[1]["parent_id"] == str(cafe.general.id)
    server.archive(thread)
    for method, path in (("PATCH", sent["id"]), ("PUT", f"pins/{sent['id']}"), ("DELETE", sent["id"])):
        body = {"content": "y"} if method == "PATCH" else None
        assert (await rest(server, method, f"{messages}/{path}", body))[1]["code"] == 50083
    assert (await rest(server, "POST", messages, {"content": "x"}))[0] == 200
    assert not thread.is_archived
    assert (await rest(server, "PATCH", f"{messages}/{sent['id']}", {"content": "y"}))[0] == 200
    server.deny_bot(cafe.general, bits.SEND_MESSAGES_IN_THREADS)
    assert (await rest(server, "POST", messages, {"content": "x"}))[1]["code"] == 50013
    server.deny_bot(cafe.general, 0)
    server.archive(thread, locked=True)
    assert (await rest(server, "POST", messages, {"content": "x"}))[1]["code"] == 160005


async def test_an_enforced_nonce_sends_once_even_if_the_answer_was_lost(server: DiscordServer, cafe: Cafe) -> None:
    server.fail_next("POST", "/messages", None, after_effect=True)
    body = {"content": "once", "nonce": "outbox-1", "enforce_nonce": True}
    with pytest.raises(aiohttp.ClientError):
        await post(server, cafe.general, body)
    status, again = await post(server, cafe.general, body)
    (only,) = server.messages(cafe.general)
    assert (status, again["id"]) == (200, str(only.id))
    server.delete(only)
    assert (await post(server, cafe.general, body))[1]["code"] == 10008


async def test_limits_and_ordered_failures_are_answered_as_discord_does(server: DiscordServer, cafe: Cafe) -> None:
    server.limits.set("POST", "/channels/{channel_id}/messages", limit=1, per_s=30)
    assert (await post(server, cafe.general, {"content": "1"}))[0] == 200
    status, answer = await post(server, cafe.general, {"content": "2"})
    assert (status, answer["global"]) == (429, False)
    assert 0 < answer["retry_after"] <= 30
    server.fail_next("GET", "/users", 503)
    assert [(await rest(server, "GET", "/users/@me"))[0] for _ in range(2)] == [503, 200]


async def test_ids_carry_the_injected_time() -> None:
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    async with DiscordServer(now=lambda: moment) as server:
        cafe = Cafe(server)
        message: Message = server.say(cafe.ania, cafe.general, "noon")
        assert discord.utils.snowflake_time(message.id) == moment


async def test_files_arrive_whole(server: DiscordServer, cafe: Cafe) -> None:
    async with running(server, PointedClient(server.api_base_url, intents=everything())) as client:
        channel = client.get_partial_messageable(cafe.general.id)
        await channel.send(file=discord.File(io.BytesIO(b"PNG"), "card.png", description="Your card"))
    (message,) = server.messages(cafe.general)
    assert message.files == {"card.png": b"PNG"}
    assert message.attachments[0]["description"] == "Your card"


async def test_a_field_discord_does_not_know_is_a_violation(server: DiscordServer, cafe: Cafe) -> None:
    require_spec(SPEC_FILE)
    await post(server, cafe.general, {"content": "x", "contents": "y", "embeds": [{"titel": "z"}]})
    await post(server, cafe.general, {"content": "x", "tts": "yes"})
    place = "POST /channels/{channel_id}/messages: "
    unknown = [f"{place}unknown field .contents", f"{place}unknown field .embeds[0].titel"]
    assert server.violations[:2] == unknown
    assert len(server.violations) == 3


async def test_roles_below_the_bots_own_can_be_given_and_taken(server: DiscordServer, cafe: Cafe) -> None:
    role = server.role(cafe.guild, "gold")
    path = f"/guilds/{cafe.guild.id}/members/{cafe.ania.id}/roles/"
    assert (await rest(server, "PUT", path + str(role.id)))[0] == 204
    assert cafe.guild.members[cafe.ania.id].role_ids == [role.id]
    role.position = 100
    assert (await rest(server, "DELETE", path + str(role.id)))[1]["code"] == 50013
    assert (await rest(server, "PUT", path + "1"))[1]["code"] == 10011
