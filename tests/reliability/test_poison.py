"""What cannot be read or handled is set apart after a few tries; it neither ends the process nor stops the others."""

import asyncio
import io
import json
import random
import time
from collections import Counter
from typing import Any

import httpx
import pytest

from adapters.discord import client
from bot.config.config import WebSettings
from tests.adapters.discord import recorded as discord
from tests.adapters.discord.cafe import open_cafe
from tests.adapters.telegram import recorded as telegram
from tests.adapters.telegram.running import SECRET, Running, running, set_up, until
from tests.adapters.telegram.test_webhook import HEADER, free_port
from tests.databases import Address, rows, value
from tests.platforms.telegram import Group, TelegramServer, User
from tests.reliability.effort import rounds
from tests.reliability.odd import mutated, raw

pytestmark = pytest.mark.slow
_MOST_POLLS_A_S = 2
_AT_ONCE = 100
_SNOWFLAKE = 1_482_981_986_304_000_001
_MOST_TRIES = 3
_TALKED = 5
_TELEGRAM = (
    telegram.said("/bonus @ania 5 thanks"),
    telegram.said("dzień dobry", reply_to_message=telegram.message()["message"]),
    telegram.said("/start", telegram.PRIVATE),
    telegram.member_change("member", "left"),
    telegram.member_change("member", "kicked", telegram.OUR_BOT, kind="my_chat_member"),
    telegram.press(),
    telegram.reaction([], [{"type": "emoji", "emoji": "👍"}]),
    telegram.message(migrate_to_chat_id=-1005),
)
_DISCORD = (
    ("MESSAGE_CREATE", discord.message()),
    ("MESSAGE_REACTION_ADD", discord.reaction()),
    ("MESSAGE_REACTION_REMOVE", discord.reaction()),
    ("MESSAGE_REACTION_REMOVE_ALL", discord.cleared()),
    ("INTERACTION_CREATE", discord.interaction(2, {"id": "1", "name": "balance", "type": 1})),
    ("INTERACTION_CREATE", discord.interaction(3, {"custom_id": "b:0123456789abcdef", "component_type": 2})),
    ("GUILD_MEMBER_ADD", {**discord.MEMBER, "guild_id": discord.SERVER_ID, "user": discord.ANIA}),
    ("GUILD_MEMBER_REMOVE", {"guild_id": discord.SERVER_ID, "user": discord.ANIA}),
    ("VOICE_STATE_UPDATE", discord.voice_state()),
)


def numbered(update: dict[str, Any], number: int) -> dict[str, Any]:
    """Return an update that is another one than all before: what is said and pressed has an id of its own."""
    changed = {}
    for kind, name in (("message", "message_id"), ("callback_query", "id")):
        if kind in update:
            changed[kind] = update[kind] | {name: type(update[kind][name])(number)}
    return update | changed | {"update_id": 100_000 + number}


async def earns_elsewhere(system: Running, olek: User, ania: User) -> bool:
    """Whether talk in another group counts: an odd update may have ended the first one, as it says."""
    platform, before = system.server, await system.status(ania)
    other = platform.group(-1009, "Other")
    other.statuses.update({ania.id: "member", olek.id: "administrator"})
    await set_up(system, olek, other)
    platform.group_message(other, ania, "Good morning after all!")
    await until(lambda: not platform.queue.pending)
    return await system.status(ania) >= before + _TALKED


def most_tries(log_lines: io.StringIO) -> int:
    """Return how often the app ran the event that it tried most often, of those that failed."""
    lines = [json.loads(line) for line in log_lines.getvalue().splitlines()]
    return max(Counter(line["event_id"] for line in lines if line["event"] == "unexpected").values(), default=0)


async def test_one_malformed_update_among_500_is_set_apart_and_holds_nobody_up(
    platform: TelegramServer, empty: Address, ania: User, olek: User, group: Group
) -> None:
    async with running(platform, empty, earning={"message": {"cooldown_s": 1}}) as system:
        await system.join(ania, olek)
        await set_up(system, olek, group)
        await until(lambda: not platform.queue.pending)
        began_at, polls = time.monotonic(), platform.get_updates_calls
        for number in range(500):
            if number == 250:
                platform.inject({"message": {"message_id": "x", "chat": [], "from": group.json()}})
            else:
                platform.group_message(group, ania, f"Good morning number {number}!")
        await until(lambda: not platform.queue.pending)
        took_s = time.monotonic() - began_at
        assert took_s < 10
        assert platform.get_updates_calls - polls <= 500 / _AT_ONCE + 2 + _MOST_POLLS_A_S * took_s
        calls = platform.get_updates_calls
        await asyncio.sleep(2)
        assert platform.get_updates_calls - calls <= _MOST_POLLS_A_S * 2
    assert value(empty, "SELECT COUNT(*) FROM dead_letter") == 1
    assert value(empty, "SELECT COUNT(*) FROM message_author") == 499


async def test_odd_updates_end_nothing(
    platform: TelegramServer, empty: Address, ania: User, olek: User, group: Group, log_lines: io.StringIO
) -> None:
    seed = random.randrange(2**32)
    rng = random.Random(seed)
    async with running(platform, empty) as system:
        await system.join(ania, olek)
        await set_up(system, olek, group)
        for number in range(rounds(300, 10_000)):
            update = mutated(numbered(rng.choice(_TELEGRAM), number), rng)
            # Without an id of its own the queue gives it the next, as the platform would.
            platform.inject({kind: content for kind, content in update.items() if kind != "update_id"})
            if len(platform.queue.pending) > _AT_ONCE:
                await until(lambda: not platform.queue.pending, timeout_s=60)
        await until(lambda: not platform.queue.pending, timeout_s=60)
        assert await earns_elsewhere(system, olek, ania), seed
        platform.private_message(ania, "/balance")
        await platform.wait_for_message(ania.id, "Points")
    assert most_tries(log_lines) <= _MOST_TRIES, seed
    assert value(empty, "SELECT COUNT(*) FROM dead_letter") > 0
    platform.violations.clear()


async def test_odd_calls_of_the_webhook_end_nothing(
    platform: TelegramServer, empty: Address, ania: User, olek: User, group: Group, log_lines: io.StringIO
) -> None:
    seed, port = random.randrange(2**32), free_port()
    rng, url = random.Random(seed), f"http://127.0.0.1:{port}/telegram"
    hook = {"mode": "webhook", "webhook_url": url, "webhook_secret": SECRET}
    async with running(platform, empty, start=False, telegram=hook) as system, httpx.AsyncClient() as client:
        await system.serve(WebSettings(port=port))
        await system.start()
        await system.join(ania, olek)
        await set_up(system, olek, group)
        answers: Counter[int] = Counter()
        for number in range(rounds(300, 10_000)):
            update = numbered(rng.choice(_TELEGRAM), number)
            answers[(await client.post(url, content=raw(update, rng), headers={HEADER: SECRET})).status_code] += 1
        assert set(answers) == {200, 400}, (seed, answers)
        assert await earns_elsewhere(system, olek, ania), seed
    assert most_tries(log_lines) <= _MOST_TRIES, seed
    assert value(empty, "SELECT COUNT(*) FROM dead_letter") > 0
    platform.violations.clear()


async def test_odd_gateway_events_end_nothing(
    empty: Address, monkeypatch: pytest.MonkeyPatch, log_lines: io.StringIO
) -> None:
    monkeypatch.setattr(client, "IDENTIFY_EVERY_S", 0.0)
    seed = random.randrange(2**32)
    rng = random.Random(seed)
    async with open_cafe(empty) as cafe, cafe.running():
        await cafe.join(cafe.olek, cafe.ania)
        await cafe.set_up()
        for number in range(rounds(300, 10_000)):
            name, payload = rng.choice(_DISCORD)
            here = payload | {"guild_id": str(cafe.guild.id), "channel_id": str(cafe.general.id)}
            if name == "INTERACTION_CREATE":
                # Each is pressed or typed anew, as on Telegram.
                here["id"] = str(_SNOWFLAKE + number)
            cafe.server.gateway.publish(name, mutated(here, rng))
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0.1)
        before = await cafe.status_of(cafe.ania)
        await cafe.talk(cafe.ania, 1)
        await cafe.wait_for_status(cafe.ania, before + _TALKED)
        assert (cafe.server.identify_count, cafe.server.resume_count) == (1, 0), seed
        cafe.server.violations.clear()
    assert most_tries(log_lines) <= _MOST_TRIES, seed
    # The same payload parked twice is one letter.
    parked = {kind for (kind,) in rows(empty, "SELECT DISTINCT kind FROM dead_letter")}
    lines = [json.loads(line) for line in log_lines.getvalue().splitlines()]
    unread = {line["payload"] for line in lines if line["event"] == "unreadable_payload"}
    assert len(unread) > 1, seed
    assert unread <= parked, seed
