"""The message of a common goal on Discord: pinned, once, and unpinned; and what the server says to it."""

import pytest

from adapters.discord.check import check
from bot.replies import Post, ToSpace
from storage.transaction import Transaction
from tests.adapters.discord.cafe import DiscordCafe
from tests.adapters.discord.test_marks import until
from tests.platforms.discord.permissions import BOT_DEFAULT, PIN_MESSAGES

pytestmark = pytest.mark.slow
KEY = "goal:1"


def _post(tx: Transaction, points: int = 5) -> None:
    (space,) = tx.spaces.active()
    tx.repost(Post(ToSpace(space.id), "expired", KEY, {"points": points}))
    tx.pins.add(KEY, (space.platform, space.id))


async def test_a_message_is_pinned_until_it_is_over(cafe: DiscordCafe) -> None:
    server, database = cafe.server, cafe.club.database
    async with cafe.running():
        await cafe.join(cafe.olek)
        await cafe.set_up()
        await database.write(_post)
        await server.wait_for_message(cafe.general, "5 points")
        message = server.messages(cafe.general)[-1]
        await until(lambda: message.pinned)
        await database.write(lambda tx: tx.pins.take_off(KEY))
        await until(lambda: not message.pinned)
        server.set_bot_permissions(cafe.guild, BOT_DEFAULT & ~PIN_MESSAGES)
        spaces = await database.read(lambda tx: tx.spaces.active())
        found = [finding.text for finding in await check(cafe.settings, spaces, pins=True)]
        assert any("lacks Pin Messages" in text for text in found)


async def test_a_thread_that_is_archived_is_woken_for_what_changes_in_it(cafe: DiscordCafe) -> None:
    server, database = cafe.server, cafe.club.database
    thread = server.thread(cafe.general, cafe.olek, "Goals")

    async def show(points: int) -> None:
        await database.write(lambda tx: _post(tx, points))

    async with cafe.running():
        await cafe.join(cafe.olek)
        await cafe.set_up(thread)
        await show(5)
        message = await server.wait_for_message(thread, "5 points")
        await until(lambda: message.pinned)
        server.archive(thread)
        await show(6)
        await until(lambda: "6 points" in message.visible_text)
        server.archive(thread)
        await database.write(lambda tx: tx.pins.take_off(KEY))
        await until(lambda: not message.pinned)
        # Only a moderator opens it again.
        server.archive(thread, locked=True)
        await show(7)
        await until(lambda: any(one.status == 403 for one in server.requests))
    assert "6 points" in message.visible_text
    assert [one for one in server.messages(thread) if "points" in one.visible_text] == [message]
