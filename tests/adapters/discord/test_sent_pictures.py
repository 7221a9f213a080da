"""Pictures that people attach: fetched where a moderator was asked for one, from nobody else, and shown afterwards."""

import asyncio
import io

import pytest
from PIL import Image

from bot.files.pictures import MOST_BYTES
from handlers.ports import DatabasePhotos
from messages.render import Renderer
from storage.transaction import Transaction
from tests.adapters.discord.cafe import DiscordCafe, open_cafe
from tests.adapters.discord.stand_ins import Between
from tests.conversations.hold import until
from tests.databases import Address
from tests.platforms.discord.cdn import File
from tests.platforms.discord.model import Message
from tests.platforms.pictures import png

MUG = {"id": "mug", "cost": 1, "name": {"en": "A mug", "pl": "Kubek"}}


def picture(color: str, name: str = "mug.png") -> File:
    """Return a picture of one colour as somebody sends it."""
    written = io.BytesIO()
    Image.new("RGB", (900, 1200), color).save(written, "PNG")
    return File(name, written.getvalue(), "image/png")


def shows(message: Message | None, color: tuple[int, int, int]) -> bool:
    """Return whether the picture of a message has one of that colour within."""
    assert message is not None
    (content,) = message.files.values()
    image = Image.open(io.BytesIO(content)).convert("RGB")
    return image.getpixel((image.width * 3 // 4, 300)) == color


async def kept(cafe: DiscordCafe) -> str:
    """Return the name of the mug's picture."""

    def read(tx: Transaction) -> str:
        mug = tx.rewards.by_key("mug")
        assert mug is not None
        return mug.terms.picture

    return await cafe.club.database.read(read)


async def asked(cafe: DiscordCafe, *, in_private: bool = False) -> Message:
    """Let Olek be asked for the picture of the mug; return the question."""
    channel = cafe.server.dm(cafe.olek) if in_private else cafe.general
    options = {"action": "edit", "reward": "mug"}
    edited = await cafe.slash(cafe.olek, "reward", options, channel=channel)
    question = (await cafe.press(cafe.olek, edited.message, "Picture")).message
    assert question is not None
    return question


@pytest.fixture
def red() -> File:
    return picture("#ff0000")


async def test_an_attachment_becomes_the_picture_of_a_reward(empty: Address, red: File) -> None:
    async with open_cafe(empty, reward=[MUG]) as cafe:
        renderer = Renderer(cafe.club.config, DatabasePhotos(cafe.club.database))
        async with cafe.running(renderer=renderer):
            await cafe.join(cafe.ania, cafe.olek)
            assert "Send me a photo of it" in (await asked(cafe, in_private=True)).visible_text
            there = cafe.server.dm(cafe.olek)
            cafe.server.say(cafe.olek, there, "here it is", files=[File("a.txt", b"x", "text/plain"), red])
            changed = await cafe.server.wait_for_message(there, "Changed.")
            assert shows(changed, (255, 0, 0))
            assert cafe.server.cdn.fetched == ["mug.png"]
            await cafe.slash(cafe.olek, "bonus", {"to": cafe.ania, "points": 5, "reason": "x"})
            offered = await cafe.slash(cafe.ania, "redeem", {"reward": "mug"})
            assert shows(offered.message, (255, 0, 0))


async def test_a_picture_is_put_into_the_window_that_the_button_opens(empty: Address, red: File) -> None:
    async with open_cafe(empty, reward=[MUG]) as cafe:
        slow = Between(cafe.club.app)
        async with cafe.running(slow):
            await cafe.join(cafe.olek)
            question = await asked(cafe)

            async def submit(values: dict[str, str | File]) -> str:
                window = cafe.server.press(cafe.olek, question, "Photo or file name")
                await window.response()
                return (await cafe.server.submit_modal(window, values).response()).text

            assert "I follow no links" in await submit({})
            assert "no picture I can show" in await submit({"picture": File("a.pdf", b"%PDF", "application/pdf")})
            assert cafe.server.cdn.fetched == []
            assert "Changed." in await submit({"picture": red, "text": ""})
            assert len(await kept(cafe)) == 64
            assert "no longer open" in await submit({"picture": picture("#0000ff")})
            assert cafe.server.cdn.fetched == ["mug.png"]
            question = await asked(cafe)
            assert "Changed." in await submit({"text": "cup.png"})
            assert await kept(cafe) == "cup.png"


async def test_what_is_no_picture_is_refused_and_may_be_sent_again(empty: Address, red: File) -> None:
    async with open_cafe(empty, reward=[MUG]) as cafe, cafe.running():
        await cafe.join(cafe.olek)
        await asked(cafe, in_private=True)
        there = cafe.server.dm(cafe.olek)

        async def refusal(file: File, said: str) -> None:
            sent = cafe.server.say(cafe.olek, there, "", files=[file])
            await cafe.server.wait_for_message(there, said, after=sent)

        await refusal(File("a.pdf", b"%PDF", "application/pdf"), "no picture I can show")
        await refusal(File("big.png", bytes(MOST_BYTES + 1), "image/png"), "at most 8 MB")
        assert cafe.server.cdn.fetched == []
        await refusal(File("mug", b"no picture"), "no picture I can show")
        cafe.server.cdn.address += "/gone"
        await refusal(red, "send it once more")
        cafe.server.cdn.address = cafe.server.cdn.address.removesuffix("/gone")
        await refusal(File("mug", png(30, 30)), "Changed.")


async def test_nobody_elses_attachment_is_fetched(empty: Address, red: File) -> None:
    async with open_cafe(empty, reward=[MUG]) as cafe:
        slow = Between(cafe.club.app)
        async with cafe.running(slow):
            await cafe.join(cafe.ania, cafe.olek)
            question = await asked(cafe)
            assert "Reply to this message with a photo of it" in question.visible_text
            cafe.server.say(cafe.ania, cafe.general, "mine", files=[red], reply_to=question)
            cafe.server.say(cafe.olek, cafe.general, "not for the bot", files=[red])
            cafe.server.say(cafe.olek, cafe.server.dm(cafe.olek), "", files=[red])
            said = cafe.server.say(cafe.ania, cafe.server.dm(cafe.ania), "hello", files=[red])
            await cafe.server.wait_for_message(said.channel, "/help", after=said)
            assert cafe.server.cdn.fetched == []
            slow.is_away = True
            cafe.server.say(cafe.olek, cafe.general, "", files=[picture("#0000ff", "ours.png")], reply_to=question)
            async with asyncio.timeout(10):
                await slow.was_turned_away.wait()
            slow.is_away = False
            await cafe.server.wait_for_message(cafe.general, "Changed.")
            assert cafe.server.cdn.fetched == ["ours.png"]


async def test_what_was_asked_for_is_no_taking_part(empty: Address, red: File) -> None:
    async with open_cafe(empty, reward=[MUG]) as cafe, cafe.running():
        await cafe.join(cafe.ania, cafe.olek)
        await cafe.set_up()
        question, before = await asked(cafe), [await cafe.status_of(user) for user in (cafe.olek, cafe.ania)]
        cafe.server.say(cafe.olek, cafe.general, "here you have the mug", files=[red], reply_to=question)
        said = cafe.server.say(cafe.ania, cafe.general, "what a nice mug that is", reply_to=question)
        await cafe.server.wait_for_message(cafe.general, "Changed.")
        # The channel's cursor gets there once both are taken in.
        await until(lambda: _is_read_up_to(cafe, said))
        after = [await cafe.status_of(user) for user in (cafe.olek, cafe.ania)]
        assert [now - then for then, now in zip(before, after, strict=True)] == [0, 5]


async def _is_read_up_to(cafe: DiscordCafe, said: Message) -> bool:
    cursors = await cafe.club.database.read(lambda tx: tx.spaces.cursors("discord"))
    return int(cursors.get(str(said.channel.id), 0)) >= said.id
