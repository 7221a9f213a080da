"""Photos that people send: fetched where a moderator was asked for one, from nobody else, and shown afterwards."""

import hashlib
import io

import pytest
from PIL import Image
from sqlalchemy import text

from adapters.telegram.client import Client
from bot.files.pictures import MOST_BYTES
from storage.transaction import Transaction
from tests.adapters.telegram.running import Running, has_button, running, set_up, until
from tests.databases import Address
from tests.platforms.pictures import png
from tests.platforms.telegram import Group, Shown, TelegramServer, User

MUG = {"id": "mug", "cost": 1, "name": {"en": "A mug", "pl": "Kubek"}}


def picture(kind: str, color: str = "red", size: tuple[int, int] = (900, 1200)) -> bytes:
    """Return a picture of one colour as a file of a kind."""
    written = io.BytesIO()
    Image.new("RGB", size, color).save(written, kind)
    return written.getvalue()


async def asked(server: TelegramServer, moderator: User) -> None:
    """Let a moderator be asked for the picture of the mug, in private."""
    server.private_message(moderator, "/reward edit mug")
    offered = await server.wait_for_message(moderator.id, "What shall I change?")
    server.press(moderator, offered, "Picture")
    await server.wait_for_message(moderator.id, "Send me a photo of it")


async def asked_in(server: TelegramServer, group: Group, moderator: User) -> Shown:
    """Let a moderator add a tree in a group, and be asked there for its picture; return the question."""
    server.group_message(group, moderator, "/reward add")
    for label in ("A donation", "=A tree", "=Drzewo", "Leave it out", "Leave it out", "50", "Any number"):
        await answered(server, group, moderator, label)
    for label in ("As often as they like", "Save", "Picture"):
        await answered(server, group, moderator, label)
    return await server.wait_for_message(group.id, "Reply to this message with a photo of it")


async def answered(server: TelegramServer, group: Group, moderator: User, label: str) -> None:
    """Press a button of the newest message in a group once it is there, or reply to it with `=words`."""
    await until(lambda: has_button(server, group, "Cancel" if label.startswith("=") else label))
    before = server.messages(group.id)[-1]
    if label.startswith("="):
        server.group_message(group, moderator, label[1:], reply_to=before)
    else:
        server.press(moderator, before, label)
    await until(lambda: server.messages(group.id)[-1] != before)


async def kept(system: Running) -> str:
    """Return the name of the mug's picture."""

    def read(tx: Transaction) -> str:
        mug = tx.rewards.by_key("mug")
        assert mug is not None
        return mug.terms.picture

    return await system.database.read(read)


def colors(shown: Shown) -> tuple[object, object]:
    """Return the colour of the picture within what is shown, and of what is around it."""
    assert shown.photo is not None
    image = Image.open(io.BytesIO(shown.photo)).convert("RGB")
    return image.getpixel((image.width * 3 // 4, 300)), image.getpixel((10, 10))


async def test_a_photo_becomes_the_picture_of_a_reward(
    server: TelegramServer, empty: Address, ania: User, olek: User
) -> None:
    async with running(server, empty, reward=[MUG]) as system:
        await system.join(ania, olek)
        await asked(server, olek)
        sent = server.send_photo(olek, picture("PNG", size=(3000, 4000)), caption="Ours")
        changed = await server.wait_for_message(olek.id, "Changed.")
        within, around = colors(changed)
        assert isinstance(within, tuple)
        assert isinstance(around, tuple)
        assert within[0] > 240
        assert max(within[1:]) < 20
        assert around != within
        assert server.downloads == [sent["photo"][-1]["file_id"]]
        server.private_message(olek, "/bonus @ania 5 x")
        await server.wait_for_message(ania.id, "5 points")
        server.private_message(ania, "/redeem mug")
        assert colors(await server.wait_for_message(ania.id, "A mug")) == (within, around)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_a_picture_may_come_as_a_file(server: TelegramServer, empty: Address, olek: User, kind: str) -> None:
    async with running(server, empty, reward=[MUG]) as system:
        await system.join(olek)
        await asked(server, olek)
        server.send_document(olek, picture(kind, "blue"), None if kind == "PNG" else f"image/{kind.lower()}")
        changed = await server.wait_for_message(olek.id, "Changed.")
        assert changed.photo is not None
        assert len(await kept(system)) == 64


async def test_what_is_no_picture_is_refused_and_may_be_sent_again(
    server: TelegramServer, empty: Address, olek: User
) -> None:
    async with running(server, empty, reward=[MUG]) as system:
        await system.join(olek)
        await asked(server, olek)

        async def refusal(sent: dict[str, object], said: str) -> None:
            await server.wait_for_message(olek.id, said, after_id=int(str(sent["message_id"])))

        await refusal(server.send_document(olek, b"%PDF-1.7", "application/pdf"), "no picture I can show")
        await refusal(server.send_document(olek, bytes(MOST_BYTES + 1), "image/png"), "at most 8 MB")
        await refusal(server.send_other(olek, {"location": {"latitude": 52, "longitude": 21}}), "no picture I can")
        assert server.calls("getFile") == []
        await refusal(server.send_document(olek, b"<svg/>", "image/svg+xml"), "no picture I can show")
        server.fail_next("getFile", error_code=400, description="Bad Request: wrong file_id")
        await refusal(server.send_photo(olek, png(20, 20)), "send it once more")
        gone = server.send_photo(olek, png(30, 30))
        server.files.pop(gone["photo"][-1]["file_id"])
        await refusal(gone, "send it once more")
        await refusal(server.private_message(olek, "https://example.org/mug.png"), "I follow no links")
        server.send_photo(olek, png(40, 40))
        await server.wait_for_message(olek.id, "Changed.")
        assert await kept(system)


async def test_nobody_elses_photo_is_fetched(
    server: TelegramServer, empty: Address, ania: User, olek: User, club: Group
) -> None:
    async with running(server, empty, reward=[MUG]) as system:
        await system.join(ania, olek)
        await set_up(system, olek, club)
        question = await asked_in(server, club, olek)
        server.send_photo(olek, picture("PNG"))
        server.send_photo(ania, picture("PNG"), club, reply_to=question)
        server.send_photo(olek, picture("PNG"), club)
        server.send_photo(ania, picture("PNG"))
        server.send_document(ania, picture("PNG"), "image/png", club, reply_to=question)
        last = server.private_message(ania, "hello")
        await server.wait_for_message(ania.id, "/help", after_id=last["message_id"])
        assert server.calls("getFile") == []
        sent = server.send_photo(olek, picture("PNG", "blue"), club, reply_to=question)
        await server.wait_for_message(club.id, "Changed.")
        assert server.downloads == [sent["photo"][-1]["file_id"]]


async def test_a_photo_that_comes_again_is_answered_again_and_changes_nothing(
    server: TelegramServer, empty: Address, olek: User
) -> None:
    async with running(server, empty, reward=[MUG]) as system:
        await system.join(olek)
        await asked(server, olek)
        message = server.send_photo(olek, picture("PNG"))
        changed = await server.wait_for_message(olek.id, "Changed.")
        name = await kept(system)
        server.inject({"message": message})
        await server.wait_for_message(olek.id, "Changed.", after_id=changed.message_id)
        assert await kept(system) == name
        assert len(server.downloads) == 1
        assert len(name) == len(hashlib.sha256().hexdigest())


async def test_files_come_from_where_the_api_is(server: TelegramServer, empty: Address) -> None:
    async with running(server, empty, start=False) as system:
        client = Client(system.config.telegram)
        assert client.bot.base_file_url == f"{server.base_url}/file/bot{server.token}"


async def test_what_was_asked_for_is_no_taking_part(
    server: TelegramServer, empty: Address, ania: User, olek: User, club: Group
) -> None:
    async with running(server, empty, reward=[MUG]) as system:
        await system.join(ania, olek)
        await set_up(system, olek, club)
        question = await asked_in(server, club, olek)
        server.send_photo(olek, picture("PNG", "blue"), club, reply_to=question)
        await server.wait_for_message(club.id, "Changed.")
        server.send_photo(ania, picture("PNG"), club, reply_to=question)
        await until(lambda: _authors_are(system, 1))
        server.group_message(club, olek, "And now to all of you")
        await until(lambda: _authors_are(system, 2))


async def _authors_are(system: Running, count: int) -> bool:
    """Whether so many messages of members count."""
    authors = await system.database.read(lambda tx: tx._connection.value(text("SELECT COUNT(*) FROM message_author")))
    return bool(authors == count)
