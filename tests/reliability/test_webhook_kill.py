"""What a webhook answered with 200 is kept through a kill right after; a stranger is refused; an outage is a 5xx."""

from pathlib import Path

import httpx
import pytest

from storage.verify import verify
from tests.databases import Address, held
from tests.platforms.telegram import Group, TelegramServer, User
from tests.reliability.hooks import HEADER, SECRET, Caller, bonus, hooked

pytestmark = pytest.mark.slow
_POSTS = 400
_AWARDS = "SELECT COUNT(*) FROM entry WHERE reason = 'bonus'"


async def test_400_posts_answered_with_200_survive_a_kill_after_the_last(
    platform: TelegramServer, tmp_path: Path, empty: Address, ania: User, olek: User, group: Group
) -> None:
    async with hooked(platform, tmp_path, empty, ania, olek) as (bot, url), httpx.AsyncClient(timeout=60) as client:
        caller = Caller(client, url, lambda number: bonus(number, group, olek))
        await caller.call(_POSTS)
        assert caller.refused == []
        await bot.kill()
        assert bot.count(_AWARDS) == _POSTS
        assert bot.count("SELECT COUNT(DISTINCT text) FROM note") == _POSTS
        assert verify(bot.where).problems == []


async def test_strangers_are_refused_and_an_outage_is_no_success(
    platform: TelegramServer, tmp_path: Path, empty: Address, ania: User, olek: User, group: Group
) -> None:
    async with hooked(platform, tmp_path, empty, ania, olek) as (bot, url), httpx.AsyncClient(timeout=60) as client:
        update = bonus(1, group, olek)
        for headers in ({}, {HEADER: ""}, {HEADER: SECRET[:-1]}, {HEADER: SECRET.upper()}):
            assert (await client.post(url, json=update, headers=headers)).status_code in (401, 403)
        assert bot.count(_AWARDS) == 0
        with held(bot.where):
            answer = await client.post(url, json=update, headers={HEADER: SECRET})
        assert 500 <= answer.status_code < 600
        assert bot.count(_AWARDS) == 0
        assert (await client.post(url, json=update, headers={HEADER: SECRET})).status_code == 200
        assert bot.count(_AWARDS) == 1
