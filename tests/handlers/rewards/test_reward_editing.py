"""The catalogue changed from chat, by moderators and owners."""

import hashlib
from collections.abc import AsyncIterator

import pytest

from bot.events import ButtonPressed
from bot.files.pictures import Unusable
from bot.keys import key_of
from bot.members.roles import Role
from bot.replies import Picture, Visibility
from handlers.rewards.editing import CHANGING
from tests.club import SPACE, Club
from tests.databases import Address
from tests.handlers.looking import count, labels, rows
from tests.handlers.rewarding import COFFEE, MUG, TREE, catalogue, redeem, stock, use
from tests.platforms.pictures import png


@pytest.fixture
async def shop(copy_of_settled: Address) -> AsyncIterator[Club]:
    """A club with a coffee, one mug and a tree."""
    async with catalogue(copy_of_settled, COFFEE, MUG, TREE) as club:
        yield club


async def press(club: Club, *labels: str, by: str = "marta") -> str:
    """Press buttons one after the other; return the last answer. `=text` types into the form."""
    said = ""
    for label in labels:
        button, _, text = label.partition("=")
        said = await club.press(by, button, text=text or None)
    return said


async def test_a_moderator_adds_a_reward_step_by_step(shop: Club) -> None:
    assert "What is it?" in await shop.say("marta", "/reward add")
    assert "its name in English" in await press(shop, "Something to take")
    assert "Type a name of 1 to 60 characters." in await press(shop, f"Type it={'x' * 61}")
    await shop.say("marta", "/reward add")
    await press(shop, "Something to take", "Type it=A slice of  cake")
    assert "its name in Polish" in shop.shown["marta"].text
    await press(shop, "Type it=Kawałek ciasta", "Type it=The cake of the day.", "Leave it out")
    assert "How many points" in shop.shown["marta"].text
    assert "Type a whole number" in await press(shop, "Another number=many")
    await shop.answer("marta", "120")
    await press(shop, "10", "By week", "2", "Another number=14")
    said = await press(shop, "They are lost")
    assert "English: A slice of cake. The cake of the day.\nPolski: Kawałek ciasta\n" in said
    assert "Something to take away, 120 points\nStock: 10\nLimit: at most 2 a week for each member" in said
    assert "Coupon: 14 days; unused, the points are lost" in said
    saved = await press(shop, "Save")
    assert "as /redeem a-slice-of-cake" in saved
    await shop.say("marta", "/bonus @ania 240 x")
    await redeem(shop, "ania", "a-slice-of-cake")
    assert "A slice of cake (a-slice-of-cake), 120 points: 9 left" in await shop.say("ania", "/rewards")


async def test_only_what_applies_is_asked(shop: Club) -> None:
    await shop.say("marta", "/reward add")
    await press(shop, "A donation", "Type it=A bee", "Type it=Pszczoła", "Leave it out", "Leave it out", "50")
    await press(shop, "Any number")
    said = await press(shop, "As often as they like")
    assert "A donation, 50 points\nStock: any number\nLimit: none" in said
    assert "Coupon" not in said
    await press(shop, "Back", "By day", "1", "Save")
    assert await rows(shop, "SELECT limit_count, limit_period FROM reward WHERE reward_key = 'a-bee'") == [(1, "day")]
    await shop.say("marta", "/reward add")
    await press(shop, "A discount", "Type it=A bee", "Type it=Pszczoła", "Leave it out", "Leave it out", "50")
    await press(shop, "Any number", "As often as they like", "No end", "Save")
    assert "/redeem a-bee-2" in shop.shown["marta"].text


async def test_entry_to_an_event_is_added_redeemed_and_used_at_the_door(shop: Club) -> None:
    await shop.say("marta", "/reward add")
    await press(shop, "Entry to an event", "Type it=Game night", "Type it=Wieczór gier", "Leave it out", "Leave it out")
    assert "Entry to an event, 50 points" in await press(
        shop, "50", "10", "In all", "1", "Another number=14", "They return"
    )
    await press(shop, "Save")
    await shop.say("marta", "/bonus @ania 120 x")
    code = await redeem(shop, "ania", "game-night")
    assert "Show this code at the entrance" in shop.shown["ania"].text
    assert "and that is reached" in await shop.say("ania", "/redeem game-night")
    assert await use(shop, code) == f"Used: Game night for Ania ({code}). Let them in."
    assert any("Your coupon was used: Game night." in post for post in await shop.posts())
    assert "used: Game night" in await shop.say("ania", "/history")
    assert "this coupon was used" in await shop.say("kasia", f"/use {code}")
    assert await stock(shop, "game-night") == 9


async def test_a_role_and_a_group_are_rewards(shop: Club) -> None:
    await shop.say("olek", "/reward add")
    await press(shop, "A role on Discord", by="olek")
    assert "Type two ids" in await press(shop, "Type it=1029384756102938475", by="olek")
    await shop.answer("olek", "1029384756102938475 <@&1092837465109283746>")
    await press(shop, "Type it=Patron", "Type it=Patron", "Leave it out", "Leave it out", "50", "Any number", by="olek")
    said = await press(shop, "As often as they like", "30", by="olek")
    assert "Server and role: 1029384756102938475 1092837465109283746\nFor how long: 30 days" in said
    await press(shop, "Save", by="olek")
    assert "A role in our Discord server for 30 days" in shop.shown["olek"].text
    assert "is for members on Discord" in await shop.say("ania", "/redeem patron")
    assert "▫️ Patron (patron), 50 points: on Discord only" in await shop.say("ania", "/rewards")
    await shop.say("olek", "/reward edit patron")
    assert labels(shop, "olek") == ["Name", "Text", "Picture", "Cost", "Stock", "Limit", "Validity", "Role"]
    await shop.say("olek", "/reward add")
    await press(shop, "A Telegram group", "Type it=-1001 https://t.me/+a_b", "Type it=Room", "Type it=Pokój", by="olek")
    asked = await press(shop, "Leave it out", "Leave it out", "50", "Any number", "As often as they like", by="olek")
    assert asked == "For how many days is it theirs?"
    assert "For how long: for good" in await press(shop, "No end", by="olek")
    await press(shop, "Save", by="olek")
    terms = await rows(shop, "SELECT terms FROM reward WHERE reward_key = 'room'")
    assert '"telegram_group":"-1001","telegram_invite":"https://t.me/+a_b"' in terms[0][0]


async def test_what_opens_something_on_a_platform_is_for_owners_to_make_and_change(shop: Club) -> None:
    await shop.say("olek", "/reward add")
    await press(shop, "A role on Discord", "Type it=1029384756102938475 1092837465109283746", by="olek")
    await press(shop, "Type it=Patron", "Type it=Patron", "Leave it out", "Leave it out", "50", by="olek")
    await press(shop, "Any number", "As often as they like", "No end", "Save", by="olek")
    await shop.say("marta", "/reward add")
    assert not {"A role on Discord", "A Telegram group"} & set(labels(shop, "marta"))
    await shop.say("marta", "/reward edit patron")
    assert "Role" not in labels(shop, "marta")
    # Also where a question is open already.
    assert {form.name for form in CHANGING if form.role is Role.OWNER} == {"reward_role", "reward_group"}
    await shop.say("olek", "/reward edit patron")
    await press(shop, "Role", "Type it=1029384756102938475 1111111111111111111", by="olek")
    (terms,) = await rows(shop, "SELECT terms FROM reward WHERE reward_key = 'patron'")
    assert "1111111111111111111" in terms[0]


async def test_an_answer_whose_question_applies_no_more_is_forgotten(shop: Club) -> None:
    await shop.say("marta", "/reward add")
    await press(shop, "A donation", "Type it=A bee", "Type it=Pszczoła", "Leave it out", "Leave it out", "50")
    said = await press(shop, "10", "By day", "1", "Back", "Back", "As often as they like")
    assert "Stock: 10\nLimit: none" in said
    await press(shop, "Save")
    assert await rows(shop, "SELECT stock, limit_count, limit_period FROM reward WHERE reward_key = 'a-bee'") == [
        (10, None, "ever")
    ]
    await shop.say("marta", "/reward add")
    await press(shop, "Something to take", "Type it=A bag", "Type it=Torba", "Leave it out", "Leave it out", "50", "10")
    await press(shop, *["Back"] * 7, "A code from a file")
    await press(shop, "Type it=A bag", "Type it=Torba", "Leave it out", "Leave it out", "50", "As often as they like")
    assert "Stock: 10" not in shop.shown["marta"].text
    await press(shop, "Save")
    assert await rows(shop, "SELECT stock FROM reward WHERE reward_key = 'a-bag'") == [(0,)]


async def test_of_what_is_free_no_points_return_or_are_lost(shop: Club) -> None:
    await shop.say("marta", "/reward add")
    await press(shop, "Something to take", "Type it=A bag", "Type it=Torba", "Leave it out", "Leave it out")
    said = await press(shop, "Another number=0", "Any number", "As often as they like", "7")
    assert said.startswith("Shall I save this?")
    assert "Coupon: 7 days\n" in f"{said}\n"
    assert "The coupon is valid for 7 days.\n" in f"{await press(shop, 'Save')}\n"
    assert "points" not in await shop.say("ania", "/redeem a-bag")
    await shop.say("marta", "/reward edit a-bag")
    assert "Unused, its points return to you." in await press(shop, "Cost", "50")


async def test_a_reward_is_changed_field_by_field(shop: Club) -> None:
    assert "Which reward shall I change?" in await shop.say("marta", "/reward edit")
    assert labels(shop, "marta") == ["A tree", "A coffee", "The mug"]
    said = await press(shop, "The mug")
    assert "Key: mug\nStock: 1\nWhat shall I change?" in said
    assert labels(shop, "marta") == ["Name", "Text", "Picture", "Cost", "Stock", "Limit", "Validity", "Passing on"]
    assert "The mug: 200 points" in await press(shop, "Cost", "200")
    assert "Stock: any number" in await press(shop, "Stock", "Any number")
    assert "Limit" not in await press(shop, "Limit", "As often as they like")
    said = await press(shop, "Validity", "30", "They return")
    assert "The coupon is valid for 30 days. Unused, its points return to you." in said
    assert "The coupon never expires." in await press(shop, "Validity", "No end")
    assert "Green." in await press(shop, "Text", "Type it=Green.", "Type it=Zielony.")
    assert await rows(shop, "SELECT version FROM reward WHERE reward_key = 'mug'") == [(7,)]
    await shop.say("marta", "/reward edit tree")
    assert "Validity" not in labels(shop, "marta")


async def test_a_picture_is_chosen_by_the_name_of_its_file(shop: Club) -> None:
    async def pictures() -> list[Picture | None]:
        commands = (shop.command("ania", "/redeem mug"), shop.command("marta", "/reward edit mug"))
        return [(await shop.app.handle(command))[0].picture for command in commands]

    await shop.say("marta", "/bonus @ania 500 x")
    assert await pictures() == [None, None]
    await shop.say("marta", "/reward edit mug")
    assert "type the name of a PNG or JPEG file" in await press(shop, "Picture", "Photo or file name=../secret.png")
    assert "I follow no links" in await shop.answer("marta", "https://example.org/mug.png")
    said = await shop.answer("marta", " Mug-1.JPG ")
    assert "If no picture comes with this: Mug-1.JPG is not in the bot's folder" in said
    [offered, edited] = await pictures()
    assert offered is not None
    assert offered == edited
    assert (offered.template, offered.alt) == ("reward", "picture_reward")
    assert '"picture":"Mug-1.JPG"' in (await rows(shop, "SELECT terms FROM reward WHERE reward_key = 'mug'"))[0][0]
    await shop.say("marta", "/reward edit mug")
    assert "If no picture" not in await press(shop, "Picture", "Leave it out")
    assert await pictures() == [None, None]


async def test_a_picture_is_sent_as_a_photo(shop: Club) -> None:
    await shop.say("marta", "/reward edit mug")
    assert "Send me a photo of it" in await press(shop, "Picture")
    for why, said in ((Unusable.NO_PICTURE, "no picture I can show"), (Unusable.TOO_LARGE, "at most 8 MB")):
        assert said in await shop.send("marta", why)
    said = await shop.send("marta", png(), event_id="photo")
    assert "The mug: 300 points" in said
    assert "If no picture" not in said
    digest = hashlib.sha256(png()).hexdigest()
    assert await rows(shop, "SELECT digest, png FROM picture") == [(digest, png())]
    await shop.say("marta", "/bonus @ania 500 x")
    [offered] = await shop.app.handle(shop.command("ania", "/redeem mug"))
    assert offered.picture is not None
    assert offered.picture.photo == digest
    saved = await rows(shop, "SELECT version, terms FROM reward WHERE reward_key = 'mug'")
    assert "The mug: 300 points" in await shop.send("marta", png(), event_id="photo")
    assert await shop.send("marta", png(5, 5)) == ""
    assert await rows(shop, "SELECT version, terms FROM reward WHERE reward_key = 'mug'") == saved
    assert await count(shop, "picture") == 1
    await shop.say("marta", "/reward edit coffee")
    await press(shop, "Picture")
    await shop.send("marta", png())
    assert await count(shop, "picture") == 1


async def test_a_picture_is_taken_only_from_who_was_asked_where_they_were_asked(shop: Club) -> None:
    await shop.say("marta", "/reward edit mug", SPACE)
    assert "Reply to this message with a photo of it" in await shop.press("marta", "Picture", SPACE)
    for name, space in (("marta", None), ("ania", SPACE), ("olek", SPACE), ("olek", None)):
        assert await shop.send(name, png(), space) == ""
    await shop.say("olek", "/role @marta none")
    assert await shop.send("marta", png(), SPACE) == ""
    await shop.say("olek", "/role @marta moderator")
    assert "The mug" in await shop.send("marta", png(), SPACE)
    await shop.say("marta", "/reward edit mug")
    await press(shop, "Name")
    assert await shop.send("marta", png(5, 5)) == ""
    assert "its name in Polish" in await shop.answer("marta", "A cup")
    assert await count(shop, "picture") == 1


async def test_in_a_group_the_dialogue_stays_there_for_its_moderator(shop: Club) -> None:
    await shop.set_up()
    await shop.say("olek", "/role @darek moderator", SPACE)
    replies = await shop.app.handle(shop.command("darek", "/reward edit", SPACE))
    assert replies[0].visibility is Visibility.PUBLIC
    shop.show("darek", replies)
    for label in ("The mug", "Cost"):
        await shop.press("darek", label, SPACE)
    token = shop.button("darek", "50")
    press = ButtonPressed(
        event_id="t",
        at=shop.true,
        place=shop.place("darek", SPACE),
        person=shop.person("darek"),
        token=token,
    )
    replies = await shop.app.handle(press)
    assert (replies[0].template, replies[0].visibility) == ("reward_saved", Visibility.PUBLIC)
    assert await rows(shop, "SELECT cost FROM reward WHERE reward_key = 'mug'") == [(50,)]


async def test_a_reward_is_stopped_and_offered_again(shop: Club) -> None:
    await shop.say("marta", "/bonus @ania 100 x")
    await redeem(shop, "ania", "coffee")
    said = await shop.say("marta", "/reward stop coffee")
    assert said.startswith("A coffee is not offered any more. 1 coupon already out can still be used.")
    await shop.say("marta", "/reward stop")
    assert labels(shop, "marta") == ["A tree", "The mug"]
    await shop.say("marta", "/reward resume")
    assert await press(shop, "A coffee") == "A coffee is offered again."
    assert await shop.say("marta", "/reward resume") == "There is no reward to offer again."
    assert "There is no reward x." in await shop.say("marta", "/reward stop x")


async def test_members_and_cashiers_change_nothing(shop: Club) -> None:
    await shop.say("marta", "/reward edit coffee")
    for name in ("ania", "kasia"):
        for action in ("add", "edit", "stop coffee"):
            assert "moderator" in await shop.say(name, f"/reward {action}")
        assert "for someone else" in await shop.press(name, "Cost", of="marta")
    assert await rows(shop, "SELECT SUM(version), SUM(is_stopped) FROM reward") == [(3, 0)]
    assert await count(shop, "form") == 0


async def test_keys_are_suggested_to_who_may_use_them(shop: Club) -> None:
    await shop.say("marta", "/reward stop mug")

    async def suggested(command: str, name: str) -> list[str]:
        found = await shop.app.complete(command, "reward", "", shop.person(name).identity)
        return [value for _, value in found]

    assert await suggested("redeem", "ania") == ["tree", "coffee"]
    assert await suggested("reward", "ania") == []
    assert await suggested("reward", "marta") == ["tree", "coffee", "mug"]


def test_a_key_is_made_of_a_name() -> None:
    assert key_of("Kawałek Żółtego ciasta!", set(), "reward") == "kawalek-zoltego-ciasta"
    assert key_of("☕", set(), "reward") == "reward"
    assert key_of("☕", {"reward", "reward-2"}, "reward") == "reward-3"
    assert len(key_of("x" * 60, {"x" * 40}, "reward")) <= 40


async def test_a_reward_goes_by_a_word_of_its_name_for_moderators_too(shop: Club) -> None:
    await shop.say("marta", "/language pl")
    assert "Kawa" in await shop.say("marta", "/reward edit kawa")
    await shop.say("marta", "/reward stop kubek")
    assert "mug" not in await shop.say("ania", "/rewards")
    await shop.say("marta", "/reward resume kubek")
    assert "mug" in await shop.say("ania", "/rewards")
