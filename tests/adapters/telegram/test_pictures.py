"""Messages with pictures: under a photo, beside one, in its place, and without one where there may be none."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from adapters.telegram.client import Client
from adapters.telegram.drafts import Drafts, Target
from adapters.telegram.limits import Limiter
from adapters.telegram.sending import ANSWER, Messenger
from bot.events import Identity
from bot.replies import Button, MemberName, Picture, Post, Reply, ToMember
from messages.render import Renderer
from storage.transaction import Transaction
from tests.adapters.telegram.running import UNLIMITED, running
from tests.club import open_club
from tests.databases import Address
from tests.platforms.telegram import Group, Shown, TelegramServer, User

CARD = Picture("card", {"name": MemberName("A & <b>"), "card": "482 193 576", "number": "482193576"}, "picture_card")
BUTTONS = ((Button("older", token="t" * 16),),)
SHORT = Reply("welcome_back", {"name": MemberName("A & <b>")}, BUTTONS, picture=CARD)
LONG = Reply("welcome_back", {"name": MemberName("&" * 1100)}, BUTTONS, picture=CARD)
BARE = replace(SHORT, picture=None)
CAPTIONED = replace(
    SHORT,
    template="gift_dropped",
    picture=replace(CARD, caption="welcome_back"),
    fields={"name": MemberName("A & <b>")},
)
BROKEN = replace(SHORT, picture=Picture("card", {}, "picture_card"))


@asynccontextmanager
async def writing(server: TelegramServer, empty: Address) -> AsyncIterator[Messenger]:
    """What writes messages, without a bot that listens."""
    telegram = {"token": server.token, "api_base_url": server.base_url}
    async with open_club(empty, inline=True) as club:
        client = Client(club.config.telegram.model_validate(telegram))
        await client.connect()
        drafts = Drafts(Renderer(club.config), "bywalec_bot")
        yield Messenger(client.bot, drafts, Limiter(UNLIMITED), club.app, club.clock)
        await client.close()


def looks(shown: Shown) -> tuple[bool, str, int]:
    """Return whether a message has a picture, how the name in it begins, and how many buttons it has."""
    return shown.photo is not None, shown.text[26:30], len(shown.buttons)


async def test_a_text_stands_under_its_picture_or_before_it(server: TelegramServer, empty: Address, ania: User) -> None:
    server.private_message(ania, "hello")
    there = Target(str(ania.id), is_group=False)
    async with writing(server, empty) as messenger:
        for reply in (SHORT, LONG, BROKEN):
            await messenger.send(reply, there, ANSWER)
        assert [looks(shown) for shown in server.messages(ania.id)] == [
            (True, "A & ", 1),
            (False, "&&&&", 1),
            (True, "", 0),
            (False, "A & ", 1),
        ]


async def test_an_edit_keeps_to_what_the_message_is(server: TelegramServer, empty: Address, ania: User) -> None:
    server.private_message(ania, "hello")
    there = Target(str(ania.id), is_group=False)
    async with writing(server, empty) as messenger:
        message_id = int(await messenger.send(BARE, there, ANSWER))
        text, photo = replace(there, edits=message_id), replace(there, edits=message_id, edits_photo=True)
        for reply, target, expected in (
            (SHORT, text, (True, "A & ", 1)),
            (replace(BARE, fields={"name": "Ania"}), photo, (True, "Ania", 1)),
            (SHORT, photo, (True, "A & ", 1)),
        ):
            await messenger.send(reply, target, ANSWER)
            assert [looks(shown) for shown in server.messages(ania.id)] == [expected]
        await messenger.send(LONG, photo, ANSWER)
        await messenger.send(BARE, text, ANSWER)
        assert [looks(shown)[:2] for shown in server.messages(ania.id)][1:] == [
            (False, "&&&&"),
            (True, ""),
            (False, "A & "),
        ]


async def test_a_refused_picture_does_not_cost_the_text(
    server: TelegramServer, empty: Address, ania: User, club: Group
) -> None:
    server.private_message(ania, "hello")
    club.bot_status, club.photos_allowed = "member", False
    async with writing(server, empty) as messenger:
        await messenger.send(SHORT, Target(str(club.id), is_group=True), ANSWER)
        await messenger.send(LONG, Target(str(club.id), is_group=True), ANSWER)
        assert [looks(shown)[0] for shown in server.messages(club.id)] == [False, False]
        for why in ("IMAGE_PROCESS_FAILED", "PHOTO_INVALID_DIMENSIONS"):
            server.fail_next("sendPhoto", error_code=400, description=f"Bad Request: {why}")
            await messenger.send(SHORT, Target(str(ania.id), is_group=False), ANSWER)
        server.fail_next("sendPhoto", error_code=400, description="Bad Request: can't parse entities: x")
        await messenger.send(SHORT, Target(str(ania.id), is_group=False), ANSWER)
        assert [looks(shown)[0] for shown in server.messages(ania.id)] == [False, False, True]
        await messenger.send(CAPTIONED, Target(str(ania.id), is_group=False), ANSWER)
        server.fail_next("sendPhoto", error_code=400, description="Bad Request: can't parse entities: x")
        await messenger.send(CAPTIONED, Target(str(ania.id), is_group=False), ANSWER)
        await messenger.send(CAPTIONED, Target(str(club.id), is_group=True), ANSWER)
        beside = server.messages(ania.id)[3:]
        assert [looks(shown)[:2] for shown in beside] == [(True, "A & ")] * 2
        assert "Nothing was given" in server.messages(club.id)[-1].text


async def test_a_post_carries_its_picture(server: TelegramServer, empty: Address, ania: User) -> None:
    async with running(server, empty) as system:
        await system.join(ania)

        def write(tx: Transaction) -> None:
            member = tx.members.by_identity(Identity("telegram", str(ania.id)))
            assert member is not None
            tx.post(Post(ToMember(member.id), "welcome_back", "k", {"name": member.display}, picture=CARD))

        await system.database.write(write)
        shown = await server.wait_for_message(ania.id, "You are a member")
        assert shown.photo is not None


async def test_a_card_is_scanned_and_an_amount_tapped(
    server: TelegramServer, empty: Address, ania: User, olek: User, club: Group
) -> None:
    async with running(server, empty) as system:
        await system.join(ania, olek)
        server.group_message(club, ania, "/card")
        card = await server.wait_for_message(ania.id, "Card number")
        assert card.photo is not None
        number = card.text.split("number: ")[1].replace(" ", "")
        server.private_message(olek, f"/start card_{number}")
        till = await server.wait_for_message(olek.id, "Ania Nowak, card")
        server.press(olek, till, "Purchase")
        keypad = await server.wait_for_message(olek.id, "pays 0 PLN")
        for key in ("4", "9", ".", "9"):
            server.press(olek, keypad, key)
        await server.wait_for_message(olek.id, "pays 49.9 PLN")
        server.press(olek, keypad, "Record")
        recorded = await server.wait_for_message(olek.id, "+49 points")
        assert recorded.message_id == till.message_id
        server.private_message(ania, f"/start card_{number}")
        await server.wait_for_message(ania.id, "for the till")
