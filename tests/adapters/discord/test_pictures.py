"""Pictures on Discord: attached with words for who cannot see them, and left out where they are refused."""

from dataclasses import replace

from bot.events import SpaceRef
from bot.replies import MemberName, Picture, Post, ToSpace
from storage.transaction import Transaction
from tests.adapters.discord.cafe import DiscordCafe
from tests.adapters.discord.stand_ins import Between
from tests.platforms.discord.model import Message
from tests.platforms.discord.permissions import ATTACH_FILES

CARD = Picture("card", {"name": MemberName("Ania"), "card": "482 193 576", "number": "482193576"}, "picture_card")


def described(message: Message | None) -> list[str]:
    """Return what is said of a message's pictures."""
    assert message is not None
    assert all(message.files[one["filename"]].startswith(b"\x89PNG") for one in message.attachments)
    return [str(one["description"]) for one in message.attachments]


async def test_a_card_is_shown_to_its_member_and_scanned_by_a_cashier(cafe: DiscordCafe) -> None:
    slow = Between(cafe.club.app)
    async with cafe.running(slow):
        await cafe.join(cafe.ania, cafe.olek)
        shown = await cafe.slash(cafe.ania, "card")
        assert shown.ephemeral
        (alt,) = described(shown.message)
        assert alt.startswith("Bywalec: the card of Ania, number ")
        slow.open.clear()
        handle = cafe.server.slash(cafe.ania, cafe.general, "card")
        await handle.acknowledgement()
        slow.open.set()
        assert described((await handle.response()).message) == [alt]
        for code in (50013, 40005):
            cafe.server.fail_next("POST", "/callback", 403, {"code": code, "message": "no"})
            bare = await cafe.slash(cafe.ania, "card")
            assert "Card number" in bare.text
            assert described(bare.message) == []
        number = alt.split("number ")[1][:11].replace(" ", "")
        till = await cafe.slash(cafe.olek, "start", {"invitation": f"card_{number}"})
        assert "Ania, card " in till.text.replace("*", "").replace("`", "")
        assert till.message is not None
        pressed = cafe.server.press(cafe.olek, till.message, "Purchase")
        await pressed.response()
        asked = cafe.server.submit_modal(pressed, {"text": "49,90"})
        assert "+49 points" in (await asked.response()).text
        refused = await cafe.slash(cafe.ania, "start", {"invitation": f"card_{number}"})
        assert "for the till" in refused.text


async def test_a_post_carries_its_picture_where_it_may(cafe: DiscordCafe) -> None:
    async with cafe.running():
        await cafe.join(cafe.ania, cafe.olek)
        await cafe.set_up()
        for number, denied in enumerate((0, ATTACH_FILES)):
            cafe.server.deny_bot(cafe.general, denied)
            await post(cafe, f"post {number}")
            posted = await arrived(cafe, f"post {number}")
            assert len(described(posted)) == (0 if denied else 1)
            assert posted.nonce is not None
        await post(cafe, "captioned", "shown", replace(CARD, caption="welcome_back"))
        alone = await arrived(cafe, "back on the leaderboards")
        assert described(alone) == []
        assert alone.nonce is not None
        cafe.server.deny_bot(cafe.general, 0)
        await post(cafe, "short", "shown", replace(CARD, caption="welcome_back"))
        assert len(described(await arrived(cafe, "short"))) == 1


async def post(cafe: DiscordCafe, name: str, template: str = "welcome_back", picture: Picture = CARD) -> None:
    """Queue a message with a picture to the server's channel."""

    def write(tx: Transaction) -> None:
        space = tx.spaces.by_ref(SpaceRef("discord", str(cafe.guild.id)))
        assert space is not None
        tx.post(Post(ToSpace(space.id), template, name, {"name": name}, picture=picture))

    await cafe.club.database.write(write)


async def arrived(cafe: DiscordCafe, name: str) -> Message:
    """Wait for a message in the channel."""

    def found() -> list[Message]:
        return [one for one in cafe.server.messages(cafe.general) if name in one.visible_text]

    await cafe.server.wait_until(lambda: bool(found()), name)
    return found()[0]
