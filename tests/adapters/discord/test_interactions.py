"""Recorded interactions into commands and presses."""

import itertools

import pytest
from structlog.testing import capture_logs

from adapters.discord import controls, interactions
from adapters.discord.controls import Asking, MenuValues, Pressed
from bot.commands import PointsParam, TextParam
from bot.events import Person
from bot.replies import ButtonStyle
from messages.render import RenderedButton
from tests.adapters.discord.recorded import ANIA, BARTEK, LISTENER, MEMBER, interaction, message

TOKEN = "abcdefghijklmnop"


def test_a_slash_command_brings_typed_options() -> None:
    data = {
        "id": "1",
        "name": "bonus",
        "type": 1,
        "options": [
            {"name": "to", "type": 6, "value": BARTEK["id"]},
            {"name": "points", "type": 4, "value": 50},
            {"name": "reason", "type": 3, "value": "ciasto"},
        ],
        "resolved": {"users": {BARTEK["id"]: BARTEK}, "members": {BARTEK["id"]: {**MEMBER, "nick": "Bartuś"}}},
    }
    read = interactions.read(interaction(2, data), LISTENER)
    event = interactions.command(read, "bonus", interactions.slash_options(read))
    assert event.options is not None
    assert (event.options["points"], event.options["reason"]) == (50, "ciasto")
    target = event.options["to"]
    assert isinstance(target, Person)
    assert (target.identity.user_id, target.name) == (BARTEK["id"], "Bartuś")
    assert (event.event_id, event.person.language, event.platform_admin) == ("i1482981986304000001", "pl", True)


@pytest.mark.parametrize(("bits", "is_admin"), [(1 << 3, True), (1 << 5, True), (1 << 11, False)])
def test_rights_in_the_server_say_who_is_an_admin(bits: int, is_admin: bool) -> None:
    payload = interaction(2, {"name": "card", "type": 1}, member={"user": ANIA, "permissions": str(bits)})
    assert interactions.read(payload, LISTENER).platform_admin is is_admin


def test_in_private_the_person_is_no_member_and_no_admin() -> None:
    payload = interaction(2, {"name": "card", "type": 1}, member=..., guild_id=..., user=ANIA)
    read = interactions.read(payload, LISTENER)
    assert (read.place.is_private, read.platform_admin, read.person.name) == (True, False, "Ania")


def test_a_menu_on_a_message_means_its_author() -> None:
    for extra, is_bot in [({}, False), ({"webhook_id": "7"}, True)]:
        data = {"type": 3, "target_id": "9", "resolved": {"messages": {"9": message(author=BARTEK, **extra)}}}
        person = interactions.clicked_person(interactions.read(interaction(2, data), LISTENER))
        assert (person.identity.user_id, person.is_bot) == (BARTEK["id"], is_bot)


def test_the_option_being_typed_is_found() -> None:
    data = {"name": "help", "type": 1, "options": [{"name": "command", "type": 3, "value": "ba", "focused": True}]}
    assert interactions.focused(interactions.read(interaction(4, data), LISTENER)) == ("command", "ba")


def test_both_shapes_of_a_submitted_modal_are_read() -> None:
    labelled = {"type": 18, "component": {"type": 4, "custom_id": "points", "value": "50"}}
    in_row = {"type": 1, "components": [{"type": 4, "custom_id": "reason", "value": "tea"}]}
    assert interactions.typed_values({"components": [labelled, in_row]}) == {"points": "50", "reason": "tea"}


def test_custom_ids_carry_everything_over_a_restart() -> None:
    plain = RenderedButton("Yes", TOKEN, ButtonStyle.CONFIRM)
    asking = RenderedButton("Another time", TOKEN, ButtonStyle.PLAIN, asks="Time of day: such as 9:30")
    row = controls.rows_of([[plain, asking]])[0]["components"]
    assert [part["style"] for part in row] == [3, 2]
    assert controls.read_custom_id(row[0]["custom_id"]) == Pressed(TOKEN)
    assert controls.read_custom_id(row[1]["custom_id"]) == Asking(TOKEN, "Time of day: such as 9:30")
    modal = controls.question_modal(Asking(TOKEN, "Time of day"), {"components": [{"components": row}]})
    assert (modal["title"], modal["components"][0]["label"]) == ("Another time", "Time of day")
    assert controls.read_custom_id(modal["custom_id"]) == Pressed(TOKEN)
    assert controls.read_custom_id("something else") is None


def test_a_menus_modal_carries_the_person_whatever_the_name() -> None:
    person = interactions.marked_person("82198898841029460", "a:b " * 40, is_bot=True)
    asked = [(PointsParam("points"), "How many"), (TextParam("reason", limit=200), "x" * 99)]
    modal = controls.menu_modal("bonus", "Give bonus points", asked, "to", person)
    assert len(modal["custom_id"]) <= 100
    read = controls.read_custom_id(modal["custom_id"])
    assert isinstance(read, MenuValues)
    assert (read.command, read.parameter, read.person.is_bot) == ("bonus", "to", True)
    assert read.person.identity == person.identity
    assert person.name.startswith(read.person.name)
    assert [len(part["label"]) for part in modal["components"]] == [8, 45]


def test_buttons_that_lead_elsewhere_or_copy_are_left_out_and_long_rows_are_split() -> None:
    link = RenderedButton("Start a chat", "", ButtonStyle.PLAIN, opens_chat="hello")
    many = [RenderedButton(str(number), f"{number:016}", ButtonStyle.PLAIN) for number in range(7)]
    copy = RenderedButton("Copy the number", "", ButtonStyle.PLAIN, copies="482 193 576")
    assert controls.rows_of([[link, copy]]) == []
    assert [len(row["components"]) for row in controls.rows_of([many])] == [5, 2]


@pytest.mark.parametrize(
    ("rows", "shown"),
    [
        ([1, 1, 1, 1, 2], [1, 1, 1, 1, 2]),
        ([1] * 10 + [2], [3, 3, 3, 1, 2]),
        ([7, 1, 1, 1, 2], [3, 3, 3, 1, 2]),
        ([1] * 20 + [2], [5, 5, 5, 5, 2]),
        ([1] * 21 + [2], [5, 5, 5, 5, 3]),
        ([1] * 24 + [2], [5] * 5),
    ],
)
def test_more_rows_than_discord_shows_are_moved_together(rows: list[int], shown: list[int]) -> None:
    numbers = itertools.count()
    given = [[RenderedButton("x", f"{next(numbers):016}", ButtonStyle.PLAIN) for _ in range(count)] for count in rows]
    with capture_logs() as logs:
        made = [[part["custom_id"][2:] for part in row["components"]] for row in controls.rows_of(given)]
    assert [len(row) for row in made] == shown
    tokens = [button.token for row in given for button in row]
    assert [token for row in made for token in row] == tokens[: sum(shown)]
    assert [entry.get("buttons") for entry in logs] == ([] if sum(rows) == sum(shown) else [sum(rows) - sum(shown)])
