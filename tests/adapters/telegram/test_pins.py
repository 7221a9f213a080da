"""The message of a common goal on Telegram: pinned without a sound, once; again where it is another one; unpinned."""

from collections.abc import Callable

from adapters.telegram.check import check
from bot.events import SpaceRef
from bot.replies import Post, ToSpace
from storage.transaction import Transaction
from tests.adapters.telegram.running import running, set_up, until
from tests.databases import Address
from tests.platforms.telegram import Group, TelegramServer, User

KEY = "goal:1"


def says(points: int, key: str = KEY) -> Callable[[Transaction], bool]:
    def post(tx: Transaction) -> bool:
        (space,) = tx.spaces.active()
        is_said = tx.repost(Post(ToSpace(space.id), "expired", key, {"points": points}))
        tx.pins.add(key, (space.platform, space.id))
        return is_said

    return post


async def test_a_message_is_pinned_until_it_is_over(
    server: TelegramServer, blank: Address, ania: User, olek: User, club: Group
) -> None:
    async with running(server, blank) as system:
        await system.join(olek, ania)
        await set_up(system, olek, club)
        write = system.database.write

        async def say(points: int, key: str = KEY) -> None:
            # While its message is on its way it is said again later, as the job of common goals does.
            await until(lambda: write(says(points, key)))

        await say(5)
        await until(lambda: len(club.pinned) == 1)
        await say(6)
        await until(lambda: "6 points" in server.messages(club.id)[-1].text)
        (message_id,) = club.pinned
        assert server.messages(club.id)[-1].message_id == message_id
        assert len(server.calls("pinChatMessage")) == 1

        server.fail_next("editMessageText", error_code=400, description="Bad Request: message to edit not found")
        await say(7)
        await until(lambda: club.pinned != {message_id} and len(club.pinned - {message_id}) == 1)
        assert club.loud_pins == set()
        await write(lambda tx: tx.pins.take_off(KEY))
        await until(lambda: club.pinned <= {message_id})
        server.fail_next("editMessageText", error_code=400, description="Bad Request: message to edit not found")
        await say(8)
        await until(lambda: "8 points" in server.messages(club.id)[-1].text)
        assert club.pinned <= {message_id}

        club.bot_rights -= {"can_pin_messages"}
        await say(1, "goal:2")
        await until(lambda: not server.calls("pinChatMessage")[-1].ok)
        await say(2, "goal:2")
        await until(lambda: "2 points" in server.messages(club.id)[-1].text)
        await write(lambda tx: tx.pins.take_off("goal:2"))
        found = await check(system.config.telegram, [SpaceRef("telegram", str(club.id), "Klub")], pins=True)
        assert "lacks the right Pin Messages in Klub, which common goals need." in found[-1].text
        assert len(server.calls("pinChatMessage")) == 3
        assert len(server.calls("unpinChatMessage")) == 1
