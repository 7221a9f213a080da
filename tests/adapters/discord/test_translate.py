"""Recorded payloads into events."""

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.discord import translate
from adapters.discord.ascending import Ascending
from adapters.pictures import Attached
from bot.events import Author, Identity, SpaceRef
from tests.adapters.discord.recorded import (
    ADMIN_ROLE,
    ANIA,
    BARTEK,
    LISTENER,
    MEMBER,
    NOW,
    OUR_BOT,
    SERVER_ID,
    cleared,
    message,
    reaction,
)


def test_a_message_keeps_its_place_author_and_length_but_not_its_text() -> None:
    event = translate.posted(message(), LISTENER)
    assert (event.event_id, event.message_id, event.length) == ("m1482981986304000000", "1482981986304000000", 11)
    assert event.place.space == SpaceRef("discord", SERVER_ID, "Café")
    assert (event.person.name, event.person.username) == ("Ania z kasy", "ania.n")
    assert "dzień" not in repr(event)


def test_ids_tell_the_time() -> None:
    assert translate.instant_of("175928847299117063").isoformat() == "2016-04-30T11:18:25.796000+00:00"


def test_the_length_is_unknown_without_the_content_intent() -> None:
    assert translate.posted(message(content=""), replace(LISTENER, reads_content=False)).length is None


@pytest.mark.parametrize(
    ("fields", "author"),
    [
        ({}, Author.PERSON),
        ({"type": 19}, Author.PERSON),
        ({"author": OUR_BOT}, Author.BOT),
        ({"webhook_id": "5", "member": ...}, Author.BOT),
        ({"type": 7}, Author.AUTOMATIC),
        ({"type": 8}, Author.AUTOMATIC),
    ],
)
def test_only_what_people_write_is_by_a_person(fields: dict[str, object], author: Author) -> None:
    assert translate.posted(message(**fields), LISTENER).author is author


def test_a_forward_is_told_from_a_reply() -> None:
    assert translate.posted(message(message_reference={"type": 1, "message_id": "1"}), LISTENER).is_forward
    assert not translate.posted(message(type=19, message_reference={"message_id": "1"}), LISTENER).is_forward


@pytest.mark.parametrize(
    ("author", "answered"), [(BARTEK, Identity("discord", BARTEK["id"])), (OUR_BOT, None)], ids=["person", "bot"]
)
def test_a_reply_names_the_person_it_answers(author: dict[str, object], answered: Identity | None) -> None:
    reply = message(type=19, referenced_message=message(author=author))
    assert translate.posted(reply, LISTENER).replies_to == answered
    assert translate.posted(message(type=19, referenced_message=None), LISTENER).replies_to is None


def test_names_fall_back_from_the_nickname_to_the_display_name_to_the_username() -> None:
    names = [translate.person_of(user, member).name for user, member in [(ANIA, MEMBER), (ANIA, None), (BARTEK, None)]]
    assert names == ["Ania z kasy", "Ania", "bartek"]


def test_a_message_out_of_the_history_renames_nobody() -> None:
    person = translate.posted(message(member=...), LISTENER).person
    assert (person.name, person.identity.user_id) == ("", ANIA["id"])


@pytest.mark.parametrize(("roles", "is_admin"), [([], False), (["1"], False), (["1", ADMIN_ROLE], True)])
def test_the_roles_of_one_who_answers_say_whether_they_are_an_admin(roles: list[str], is_admin: bool) -> None:
    reply = message(type=19, referenced_message=message(author=OUR_BOT), member={**MEMBER, "roles": roles})
    event = translate.answered(reply, LISTENER)
    assert event is not None
    assert event.platform_admin is is_admin


def test_what_is_said_in_private_or_in_reply_to_the_bot_is_an_answer() -> None:
    private = translate.answered(message(guild_id=..., member=...), LISTENER)
    assert private is not None
    assert (private.text, private.place.is_private, private.platform_admin) == ("dzień dobry", True, False)
    reply = translate.answered(message(type=19, referenced_message=message(author=OUR_BOT)), LISTENER)
    assert reply is not None
    assert reply.text == "dzień dobry"


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"type": 19, "referenced_message": message()},
        {"type": 19, "referenced_message": None},
        {"guild_id": ..., "author": OUR_BOT},
        {"guild_id": ..., "content": ""},
    ],
)
def test_everything_else_is_no_answer(fields: dict[str, object]) -> None:
    assert translate.answered(message(**fields), LISTENER) is None


MUG = {"id": "1", "url": "https://cdn/mug.png", "size": 9, "content_type": "image/png"}
NOTE = {"id": "2", "url": "https://cdn/note.txt", "size": 5, "content_type": "text/plain"}
UNKNOWN = {"id": "3", "url": "https://cdn/file", "size": 7}


@pytest.mark.parametrize(
    ("files", "taken"),
    [
        ([NOTE, MUG], Attached("https://cdn/mug.png", 9, may_be_picture=True)),
        ([UNKNOWN], Attached("https://cdn/file", 7, may_be_picture=True)),
        ([NOTE], Attached("https://cdn/note.txt", 5, may_be_picture=False)),
    ],
)
def test_a_file_said_to_the_bot_is_told_with_its_address(files: list[dict[str, object]], taken: Attached) -> None:
    private = translate.sent(message(guild_id=..., member=..., attachments=files), LISTENER)
    assert private is not None
    event, attached = private
    assert (event.event_id, event.place.is_private, event.picture) == ("m1482981986304000000", True, None)
    assert attached == taken
    ours = message(author=OUR_BOT)
    assert translate.sent(message(type=19, referenced_message=ours, attachments=files), LISTENER) is not None
    for fields in ({}, {"type": 19, "referenced_message": message()}, {"guild_id": ..., "author": OUR_BOT}):
        assert translate.sent(message(**fields, attachments=files), LISTENER) is None
    assert translate.sent(message(guild_id=..., attachments=[]), LISTENER) is None


def test_a_reaction_names_the_author_of_the_message() -> None:
    event = translate.reaction(reaction(), LISTENER, is_added=True)
    assert event is not None
    assert (event.added, event.removed) == (frozenset({"👍"}), frozenset())
    assert event.message_author == Identity("discord", BARTEK["id"])
    custom = translate.reaction(reaction(emoji={"id": "41", "name": "mug"}), LISTENER, is_added=True)
    assert custom is not None
    assert custom.added == {"41"}


def test_a_reaction_taken_back_comes_without_names() -> None:
    event = translate.reaction(reaction(member=..., message_author_id=...), LISTENER, is_added=False)
    assert event is not None
    assert (event.removed, event.message_author, event.person.name) == (frozenset({"👍"}), None, "")


@pytest.mark.parametrize(
    ("fields", "emoji"),
    [({}, None), ({"emoji": {"id": None, "name": "👍"}}, "👍"), ({"emoji": {"id": "41", "name": "mug"}}, "41")],
)
def test_cleared_reactions_are_all_or_those_with_one_emoji(fields: dict[str, object], emoji: str | None) -> None:
    event = translate.reactions_cleared(cleared(**fields), LISTENER)
    assert event is not None
    assert (event.message_id, event.emoji, event.at) == ("1482981986304000000", emoji, LISTENER.now())
    assert event.place.space == SpaceRef("discord", SERVER_ID, "Café")
    assert translate.reactions_cleared(cleared(guild_id=..., **fields), LISTENER) is None


def test_a_later_reaction_is_higher_in_order_though_the_clock_stands_still() -> None:
    first, second = (translate.reaction(reaction(), LISTENER, is_added=is_added) for is_added in (True, False))
    third = translate.reactions_cleared(cleared(), LISTENER)
    assert first is not None
    assert second is not None
    assert third is not None
    assert first.order < second.order < third.order


def test_the_order_goes_on_where_the_clock_is_put_back() -> None:
    instants = iter([NOW, NOW - timedelta(hours=1), NOW + timedelta(hours=1)])
    order = Ascending(lambda: next(instants))
    first, second, third = order(), order(), order()
    assert first < second < first + 10 < third


def test_reactions_in_private_do_not_count() -> None:
    assert translate.reaction(reaction(guild_id=..., member=...), LISTENER, is_added=True) is None


def test_people_come_and_go_and_the_bot_itself_is_told_apart() -> None:
    change = {"guild_id": SERVER_ID, "user": ANIA, **MEMBER}
    event = translate.presence(change, LISTENER, is_present=True)
    assert event is not None
    assert (event.is_present, event.person.name, event.at) == (True, "Ania z kasy", LISTENER.now())
    assert translate.presence({**change, "user": OUR_BOT}, LISTENER, is_present=False) is None
    own = translate.bot_presence(SERVER_ID, LISTENER, is_present=False)
    assert own.place.space == SpaceRef("discord", SERVER_ID, "Café")


@pytest.mark.parametrize(
    "broken", [{"id": ...}, {"author": ...}, {"channel_id": None}, {"channel_id": "x"}, {"id": ""}]
)
def test_a_broken_payload_is_an_error_of_its_own(broken: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        translate.posted(message(**broken), LISTENER)


def test_a_picture_goes_with_a_message_or_is_not_shown_to_us() -> None:
    for attached, has_picture in (([{"content_type": "image/png"}], True), ([{"content_type": "text/plain"}], False)):
        assert translate.posted(message(attachments=attached), LISTENER).has_picture is has_picture
    assert translate.posted(message(content=""), replace(LISTENER, reads_content=False)).has_picture is None


def test_a_link_is_in_a_message_or_is_not_shown_to_us() -> None:
    for content, has_link in (("see https://example.com", True), ("example.com", False)):
        assert translate.posted(message(content=content), LISTENER).has_link is has_link
    assert translate.posted(message(content=""), replace(LISTENER, reads_content=False)).has_link is None


def test_deleted_messages_are_told_one_by_one() -> None:
    place = {"channel_id": "7", "guild_id": SERVER_ID}
    one, many = (
        translate.deleted(place | {"id": "11"}, LISTENER),
        translate.deleted(place | {"ids": ["11", "12"]}, LISTENER),
    )
    assert [event.message_id for event in (*one, *many)] == ["11", "11", "12"]
    assert one[0].key == many[0].key
    assert translate.deleted({"channel_id": "7", "id": "11"}, LISTENER) == []
