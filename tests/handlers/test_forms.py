"""Setting a group up: a form of five questions, by buttons, with a typed hour, back, cancel and an hour's patience."""

from datetime import timedelta
from typing import Any

import pytest

from bot.events import Answered, Place, SpaceRef
from handlers.spaces.setup import parse_time
from tests.club import PLATFORM, Club
from tests.handlers.looking import count, labels, rows

NEW = SpaceRef(PLATFORM, "nowa", "Nowa")
OTHER = SpaceRef(PLATFORM, "inna", "Inna")


async def space_row(club: Club, space: SpaceRef = NEW) -> dict[str, Any]:
    names = ("channel_id", "thread_id", "language", "weekday", "post_time")
    found = await rows(club, f"SELECT {', '.join(names)} FROM space WHERE platform_space_id = ?", space.space_id)
    return dict(zip(names, found[0], strict=True)) if found else {}


async def begin(club: Club, *choices: str, space: SpaceRef = NEW, name: str = "olek") -> str:
    """Begin, and press some buttons; return what was said last."""
    said = await club.say(name, "/setup", space)
    for label in choices:
        said = await club.press(name, label, space)
    return said


async def test_five_questions_make_a_space(club: Club) -> None:
    choices = ("Here", "Polski", "Fri", "18:00", "Save")
    said = [await club.say("olek", "/setup", NEW)] + [await club.press("olek", label, NEW) for label in choices]
    assert [text.split(".")[0] for text in said[:5]] == [f"Step {number} of 5" for number in range(1, 6)]
    assert "Language: Polski\nLeaderboard: Friday, 18:00" in said[4]
    assert said[5].startswith("All set. Language: Polski. The leaderboard comes every Friday at 18:00.")
    assert await space_row(club) == {
        "channel_id": "klub-channel", "thread_id": None, "language": "pl", "weekday": 4, "post_time": "18:00",
    }  # fmt: skip


async def test_nothing_is_set_up_before_it_is_saved(club: Club) -> None:
    await begin(club, "Here", "Polski", "Fri", "18:00")
    assert await space_row(club) == {}


async def test_the_first_question_has_no_way_back_and_each_can_be_cancelled(club: Club) -> None:
    await begin(club)
    assert "Back" not in labels(club, "olek")
    for label in ("Here", "Polski", "Fri", "18:00"):
        await club.press("olek", label, NEW)
        assert {"Back", "Cancel"} <= set(labels(club, "olek"))


async def test_going_back_keeps_the_earlier_answers(club: Club) -> None:
    await begin(club, "Here", "Polski", "Fri", "18:00")
    for label in ("Back", "Back", "Mon", "09:00", "Save"):
        await club.press("olek", label, NEW)
    assert (await space_row(club))["weekday"] == 0
    assert (await space_row(club))["language"] == "pl"


async def test_an_hour_may_be_typed(club: Club) -> None:
    await begin(club, "Here", "Polski", "Fri")
    assert "Type a time of day" in await club.press("olek", "Another time", NEW)
    assert "Friday, 09:30" in await club.answer("olek", "9:30", NEW)
    await club.press("olek", "Save", NEW)
    assert (await space_row(club))["post_time"] == "09:30"


async def test_an_hour_may_come_with_the_press(club: Club) -> None:
    await begin(club, "Here", "Polski", "Fri")
    assert "Friday, 21:15" in await club.press("olek", "Another time", NEW, text="21:15")


@pytest.mark.parametrize("typed", ["25:00", "noon", "", "9:60", "-1", "٩:٣٠", "9.30", "1e1", "09:00 pm"])
async def test_a_bad_hour_is_asked_again(club: Club, typed: str) -> None:
    await begin(club, "Here", "Polski", "Fri")
    evening = club.button("olek", "18:00")
    assert "That is no time of day." in await club.answer("olek", typed, NEW)
    assert "Friday, 18:00" in await club.press("olek", "", NEW, token=evening)


@pytest.mark.parametrize(
    ("typed", "read"), [("9", "09:00"), ("09", "09:00"), (" 9:05 ", "09:05"), ("23:59", "23:59"), ("0", "00:00")]
)
def test_hours_are_read_as_people_write_them(typed: str, read: str) -> None:
    assert parse_time(typed) == read


async def test_cancelling_by_button_or_command_ends_the_form(club: Club) -> None:
    await begin(club, "Here")
    language = club.button("olek", "Polski")
    assert "Nothing was changed" in await club.press("olek", "Cancel", NEW)
    assert "no longer open" in await club.press("olek", "", NEW, token=language)
    await begin(club, "Here")
    assert "Nothing was changed" in await club.say("olek", "/cancel", NEW)
    assert "nothing to cancel" in await club.say("olek", "/cancel", NEW)
    assert await space_row(club) == {}


async def test_after_an_hour_without_an_answer_the_form_is_over(club: Club) -> None:
    await begin(club, "Here", "Polski")
    club.clock.now += timedelta(minutes=59)
    await club.press("olek", "Fri", NEW)
    club.clock.now += timedelta(minutes=61)
    assert "no longer open" in await club.press("olek", "18:00", NEW)
    assert await club.answer("olek", "9:30", NEW) == ""


async def test_typed_text_elsewhere_is_no_answer(club: Club) -> None:
    await begin(club, "Here", "Polski", "Fri")
    assert "I understand commands" in await club.answer("olek", "9:30")
    assert await club.answer("marta", "9:30", NEW) == ""


async def test_typed_text_where_buttons_are_asked_for_is_refused(club: Club) -> None:
    await begin(club, "Here")
    assert "press one of the buttons" in await club.answer("olek", "English", NEW)


async def test_a_button_of_another_form_that_was_left_open_does_not_finish_this_one(club: Club) -> None:
    await begin(club, "Here", "Polski", "Fri", "18:00")
    save = club.button("olek", "Save")
    await begin(club)
    assert "no longer open" in await club.press("olek", "", NEW, token=save)
    assert await count(club, "dead_letter") == 0
    assert await space_row(club) == {}


async def test_two_groups_set_up_at_once_do_not_mix(club: Club) -> None:
    """A form belongs to the place it was begun in."""
    await begin(club, "Here")
    polish = club.button("olek", "Polski")
    other = Place(PLATFORM, "inna-channel", OTHER)
    command = club.command("olek", "/setup", OTHER)
    replies = await club.app.handle(
        type(command)(event_id="s2", at=command.at, place=other, person=command.person, name="setup")
    )
    club.show("olek", replies)
    assert "no longer open" in await club.press("olek", "", NEW, token=polish)


async def test_setting_up_again_changes_the_space(club: Club) -> None:
    await club.set_up(NEW)
    await begin(club, "Here", "Polski", "Sun", "20:00", "Save")
    assert await space_row(club) == {
        "channel_id": "klub-channel", "thread_id": None, "language": "pl", "weekday": 6, "post_time": "20:00",
    }  # fmt: skip


async def test_in_a_topic_the_topic_or_the_main_chat_may_be_chosen(club: Club) -> None:
    topic = Place(PLATFORM, "nowa-channel", NEW, thread_id="77")
    for choice, thread in (("In this topic", "77"), ("In the main chat", None)):
        club.place = lambda name, space: topic  # type: ignore[method-assign]
        await begin(club, choice, "English", "Mon", "09:00", "Save")
        assert (await space_row(club))["thread_id"] == thread


async def test_a_setup_answers_only_who_began_it(club: Club) -> None:
    await begin(club)
    assert "for someone else" in await club.press("marta", "Here", NEW, of="olek")


async def test_an_admin_who_is_one_no_more_cannot_go_on(club: Club) -> None:
    from dataclasses import replace

    event = replace(club.command("darek", "/setup", NEW), platform_admin=True)
    club.show("darek", await club.app.handle(event))
    assert "Only an admin of this group" in await club.press("darek", "Here", NEW)


async def test_a_typed_answer_is_not_stored(club: Club) -> None:
    await begin(club, "Here", "Polski", "Fri")
    place, person = club.place("olek", NEW), club.person("olek")
    said = "something very private"
    await club.app.handle(Answered(event_id="a", at=club.clock.now, place=place, person=person, text=said))
    for table in ("handled", "form", "dead_letter", "button"):
        assert said not in str(await rows(club, f"SELECT * FROM {table}"))
