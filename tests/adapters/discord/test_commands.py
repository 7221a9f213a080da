"""Commands, buttons, modals and menus through the real client, against the fake Discord."""

import pytest

from adapters.discord import answering
from tests.adapters.discord.cafe import DiscordCafe
from tests.adapters.discord.stand_ins import Between
from tests.platforms.discord.offered import NotOffered

pytestmark = pytest.mark.slow


async def test_a_balance_is_for_its_members_eyes_alone(cafe: DiscordCafe) -> None:
    async with cafe.running():
        await cafe.join(cafe.ania)
        answer = await cafe.slash(cafe.ania, "balance")
        assert (answer.ephemeral, answer.deferred) == (True, False)
        assert "**0 points**" in answer.text
    assert cafe.server.messages(cafe.general) == []


async def test_everyone_is_answered_in_the_language_of_their_app(cafe: DiscordCafe) -> None:
    async with cafe.running():
        answer = await cafe.slash(cafe.ania, "start", locale="pl")
        assert answer.message is not None
        assert answer.message.labels == ["Akceptuję i dołączam"]
    registered = next(command for command in cafe.server.commands if command["name"] == "balance")
    assert set(registered["description_localizations"]) == {"en-GB", "en-US", "pl"}


async def test_in_private_answers_stay(cafe: DiscordCafe) -> None:
    async with cafe.running():
        answer = await cafe.slash(cafe.ania, "rules", channel=cafe.server.dm(cafe.ania))
        assert not answer.ephemeral


async def test_commands_are_registered_once_per_change(cafe: DiscordCafe) -> None:
    for _ in range(2):
        async with cafe.running():
            await cafe.slash(cafe.ania, "rules")
    registrations = [one for one in cafe.server.requests if one.method == "PUT" and one.path.endswith("/commands")]
    assert len(registrations) == 1


async def test_a_slow_answer_is_deferred_and_then_shown_to_the_same_eyes(cafe: DiscordCafe) -> None:
    between = Between(cafe.club.app)
    async with cafe.running(between):
        between.open.clear()
        handle = cafe.server.slash(cafe.ania, cafe.general, "rules")
        await handle.acknowledgement()
        assert handle.deferred
        between.open.set()
        answer = await handle.response()
        assert (answer.ephemeral, answer.followups) == (True, ())
        assert "Rules of" in answer.text


async def test_many_slow_answers_are_all_deferred_in_time(cafe: DiscordCafe) -> None:
    between = Between(cafe.club.app)
    async with cafe.running(between):
        between.open.clear()
        handles = [cafe.server.slash(cafe.ania, cafe.general, "rules") for _ in range(50)]
        for handle in handles:
            await handle.acknowledgement()
        between.open.set()
        answers = [await handle.response() for handle in handles]
    assert all("Rules of" in answer.text for answer in answers)


async def test_while_the_database_is_away_the_answer_waits(cafe: DiscordCafe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "_DATABASE_AWAY_S", 0.05)
    between = Between(cafe.club.app)
    async with cafe.running(between):
        between.is_away = True
        handle = cafe.server.slash(cafe.ania, cafe.general, "start")
        await handle.acknowledgement()
        between.is_away = False
        assert (await handle.response()).ephemeral
    assert between.turned_away > 0


async def test_a_refusal_of_a_public_command_is_private_even_when_it_comes_late(cafe: DiscordCafe) -> None:
    between = Between(cafe.club.app)
    async with cafe.running(between):
        await cafe.join(cafe.ania, cafe.bartek)
        given = {"to": cafe.bartek, "points": 5, "reason": "tea"}
        at_once = await cafe.slash(cafe.ania, "bonus", given)
        assert at_once.ephemeral
        between.open.clear()
        handle = cafe.server.slash(cafe.ania, cafe.general, "bonus", given)
        await handle.acknowledgement()
        between.open.set()
        assert (await handle.followup()).ephemeral
    assert cafe.server.messages(cafe.general) == []


async def test_buttons_work_after_a_restart(cafe: DiscordCafe) -> None:
    async with cafe.running():
        shown = (await cafe.slash(cafe.ania, "start")).message
    async with cafe.running():
        answer = await cafe.press(cafe.ania, shown, "Accept and join")
        assert answer.updated
        assert shown is not None
        assert shown.components == []
        assert "points" in (await cafe.slash(cafe.ania, "balance")).text


async def test_a_slow_press_changes_its_message_all_the_same(cafe: DiscordCafe) -> None:
    between = Between(cafe.club.app)
    async with cafe.running(between):
        shown = (await cafe.slash(cafe.ania, "start")).message
        assert shown is not None
        between.open.clear()
        handle = cafe.server.press(cafe.ania, shown, "Accept and join")
        await handle.acknowledgement()
        between.open.set()
        answer = await handle.response()
        assert (answer.updated, answer.deferred, answer.message) == (True, True, shown)


async def test_a_button_can_ask_first_even_after_a_restart(cafe: DiscordCafe) -> None:
    async with cafe.running():
        await cafe.join(cafe.olek)
        shown = (await cafe.slash(cafe.olek, "setup")).message
        for label in ("Here", "English", "Mon"):
            shown = (await cafe.press(cafe.olek, shown, label)).message
    async with cafe.running():
        assert shown is not None
        asking = cafe.server.press(cafe.olek, shown, "Another time")
        modal = (await asking.response()).modal
        assert modal is not None
        assert (modal["title"], modal["components"][0]["label"]) == ("Another time", "Time of day, such as 9:30")
        question = "Time of day, such as 9:30"
        answer = await cafe.server.submit_modal(asking, {question: "10:15"}).response()
        assert "10:15" in answer.text


@pytest.mark.parametrize("is_admin", [True, False])
async def test_an_admin_of_the_server_may_type_an_answer_too(cafe: DiscordCafe, is_admin: bool) -> None:
    cafe.server.make_admin(cafe.guild, cafe.ania)
    async with cafe.running():
        await cafe.join(cafe.ania)
        shown = (await cafe.slash(cafe.ania, "setup")).message
        for label in ("Here", "English", "Mon"):
            shown = (await cafe.press(cafe.ania, shown, label)).message
        if not is_admin:
            cafe.guild.members[cafe.ania.id].role_ids.clear()
        cafe.server.say(cafe.ania, cafe.general, "10:15", reply_to=shown)
        if is_admin:
            assert "10:15" in (await cafe.server.wait_for_message(cafe.general, after=shown)).visible_text
        else:
            assert "Only an admin" in (await cafe.server.wait_for_message(cafe.server.dm(cafe.ania))).visible_text


async def test_bonus_points_from_a_context_menu_ask_for_what_is_missing(cafe: DiscordCafe) -> None:
    async with cafe.running():
        await cafe.join(cafe.olek, cafe.ania, cafe.bartek)
        await cafe.set_up()
        await cafe.slash(cafe.olek, "role", {"member": cafe.ania, "role": "moderator"})
        asking = cafe.server.context_menu(cafe.ania, cafe.general, "Give bonus points", cafe.bartek, locale="en-US")
        modal = (await asking.response()).modal
        assert modal is not None
        points, reason = (top["label"] for top in modal["components"])
        answer = await cafe.server.submit_modal(asking, {points: "50", reason: "for cake"}).response()
        assert answer.message is not None
        assert not answer.ephemeral, answer.text
        assert not answer.message.pings
        told = await cafe.server.wait_for_message(cafe.server.dm(cafe.bartek))
        assert "50" in told.visible_text
        assert "for cake" in told.visible_text
        balance = await cafe.slash(cafe.bartek, "balance")
        assert "50 points" in balance.text


async def test_cashiers_record_purchases_from_the_menu_of_a_person(cafe: DiscordCafe) -> None:
    async with cafe.running():
        await cafe.join(cafe.olek, cafe.ania)
        await cafe.set_up()
        asking = cafe.server.context_menu(cafe.olek, cafe.general, "Record a purchase", cafe.ania, locale="en-US")
        modal = (await asking.response()).modal
        assert modal is not None
        amount, receipt, counts = (top["label"] for top in modal["components"])
        answer = await cafe.server.submit_modal(asking, {amount: "49.90", receipt: "", counts: "30"}).response()
        assert "30 points" in answer.text
        assert counts == "What of it counts, such as =30.00"
        stamping = cafe.server.context_menu(cafe.olek, cafe.general, "Stamp a card", cafe.ania, locale="en-US")
        modal = (await stamping.response()).modal
        assert modal is not None
        answer = await cafe.server.submit_modal(stamping, {top["label"]: "" for top in modal["components"]}).response()
        assert "There are no stamp cards" in answer.text
        refused = cafe.server.context_menu(cafe.ania, cafe.general, "Record a purchase", cafe.olek, locale="en-US")
        await refused.response()
        assert "Only a cashier" in (await cafe.server.submit_modal(refused, {amount: "5"}).response()).text


async def test_choices_are_offered_while_typing(cafe: DiscordCafe) -> None:
    async with cafe.running():
        typed = {"command": "bal"}
        choices = await cafe.server.autocomplete(cafe.ania, cafe.general, "help", typed, "command")
        assert [choice["value"] for choice in choices] == ["balance"]


async def test_a_server_command_is_not_offered_in_private(cafe: DiscordCafe) -> None:
    async with cafe.running():
        with pytest.raises(NotOffered):
            cafe.server.slash(cafe.olek, cafe.server.dm(cafe.olek), "setup")


async def test_nobody_is_ever_pinged(cafe: DiscordCafe) -> None:
    cafe.guild.members[cafe.ania.id].nick = "@everyone <@1> **x**"
    async with cafe.running():
        await cafe.join(cafe.olek, cafe.ania)
        await cafe.set_up()
        await cafe.slash(cafe.olek, "leaderboard")
        await cafe.slash(cafe.olek, "bonus", {"to": cafe.ania, "points": 5, "reason": "@everyone @here"})
        await cafe.server.wait_for_message(cafe.server.dm(cafe.ania))
    sent = [message for channel in cafe.server.world.channels.values() for message in channel.messages.values()]
    by_us = [message for message in sent if message.author is cafe.server.bot]
    assert by_us
    assert all(message.allowed_mentions == {"parse": []} and not message.pings for message in by_us)


async def test_what_is_typed_to_the_bot_in_private_reaches_the_app(cafe: DiscordCafe) -> None:
    async with cafe.running():
        private = cafe.server.dm(cafe.ania)
        cafe.server.say(cafe.ania, private, "hello?")
        answer = await cafe.server.wait_for_message(private)
        assert answer.reference is not None
