"""Raw updates into events."""

import copy
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.pictures import Attached
from adapters.telegram.dates import TelegramTime
from adapters.telegram.heard import AnonymousCommand, Heard, Listener
from adapters.telegram.places import OurBot
from adapters.telegram.plain import plain
from adapters.telegram.reading import Unreadable
from adapters.telegram.translate import translate
from bot.events import (
    Answered,
    Author,
    BotPresenceChanged,
    ButtonPressed,
    Command,
    Identity,
    JoinRequested,
    MessagePosted,
    Person,
    PictureSent,
    Place,
    PresenceChanged,
    ReachabilityChanged,
    ReactionChanged,
    SpaceMigrated,
    SpaceRef,
)
from bot.files.pictures import MOST_BYTES
from tests.adapters.telegram.recorded import (
    ANIA,
    CHANNEL,
    CLUB,
    FORUM,
    GROUP_ANONYMOUS_BOT,
    OTHER_BOT,
    OUR_BOT,
    PRIVATE,
    SAID_AT,
    ZOE,
    Json,
    member_change,
    message,
    press,
    reaction,
    said,
)

NOW = datetime(2026, 3, 16, 8, tzinfo=UTC)
LISTENER = Listener(OurBot(123456, "Bywalec_bot"), {"balance", "bonus", "start"}, TelegramTime(lambda: NOW))
ANIA_PERSON = Person(Identity("telegram", "11"), "Ania Nowak", username="ania", language="pl")
IN_CLUB = Place("telegram", "-1001", SpaceRef("telegram", "-1001", "Klub"))
THUMB, HEART = {"type": "emoji", "emoji": "👍"}, {"type": "custom_emoji", "custom_emoji_id": "5368"}


def heard(update: Json) -> list[Heard]:
    return translate(update, LISTENER)


def event(update: Json) -> Any:
    (only,) = heard(update)
    return only.event


def test_a_command_in_a_group_has_its_place_person_and_words() -> None:
    (only,) = heard(said("/bonus @bartek 50  for help"))
    assert only == Heard(
        Command(
            event_id="m5",
            at=datetime.fromtimestamp(SAID_AT, UTC),
            place=IN_CLUB,
            person=ANIA_PERSON,
            name="bonus",
            words=("@bartek", "50", "for", "help"),
        ),
        message_id=5,
    )


def test_a_marked_mention_is_a_person_though_offsets_count_utf16_units() -> None:
    text = "/bonus 👨‍👩‍👧 Zoë 👍 50"
    offset = len("/bonus 👨‍👩‍👧 ".encode("utf-16-le")) // 2
    entity = {"type": "text_mention", "offset": offset, "length": 6, "user": ZOE}
    zoe = Person(Identity("telegram", "13"), "Zoë 👍")
    assert event(said(text, entities=[entity])).words == ("👨‍👩‍👧", zoe, "50")


@pytest.mark.parametrize(
    ("text", "chat", "name"),
    [
        ("/balance@BYWALEC_BOT", CLUB, "balance"),
        ("/Balance", CLUB, "balance"),
        ("/unheard@bywalec_bot", CLUB, "unheard"),
        ("/unheard", PRIVATE, "unheard"),
    ],
)
def test_commands_that_are_ours(text: str, chat: Json, name: str) -> None:
    assert event(said(text, chat)).name == name


@pytest.mark.parametrize(
    "update",
    [
        said("/balance@otherbot"),
        said("/balance@otherbot", PRIVATE),
        said("/unheard"),
        said("/balance", forward_origin={"type": "hidden_user", "date": 1, "sender_user_name": "X"}),
        said("/balance", via_bot=OTHER_BOT),
        said("/balance", sender_chat=CHANNEL),
        said("/balance", **{"from": OTHER_BOT}),
        said("/balance", CHANNEL),
        {"update_id": 1, "edited_message": said("/balance")["message"]},
        {"update_id": 1, "channel_post": said("/balance", CHANNEL)["message"]},
        message(pinned_message={"message_id": 1}),
        message(new_chat_title="New"),
        {"update_id": 1},
    ],
)
def test_what_is_not_for_us_says_nothing(update: Json) -> None:
    assert heard(update) == []


def test_a_command_in_the_middle_of_a_text_is_a_message() -> None:
    entity = {"type": "bot_command", "offset": 4, "length": 8}
    assert isinstance(event(said("see /balance", entities=[entity])), MessagePosted)


def test_a_command_in_reply_to_somebody_names_them() -> None:
    replied = said("hello", **{"from": ZOE})["message"]
    assert event(said("/bonus 50 thanks", reply_to_message=replied)).reply_to.name == "Zoë 👍"


def test_a_message_says_whose_it_answers() -> None:
    for author, answered in ((ZOE, Identity("telegram", str(ZOE["id"]))), (OTHER_BOT, None)):
        replied = said("hello", **{"from": author})["message"]
        assert event(said("hi there", reply_to_message=replied)).replies_to == answered


@pytest.mark.parametrize(
    ("fields", "has_picture"),
    [
        ({"photo": [{"file_id": "x"}]}, True),
        ({"document": {"mime_type": "image/png"}}, True),
        ({"document": {"mime_type": "text/plain"}}, False),
        ({"text": "hello"}, False),
    ],
)
def test_a_picture_goes_with_a_message(fields: Json, has_picture: bool) -> None:
    assert event(message(**fields)).has_picture is has_picture


@pytest.mark.parametrize(
    ("fields", "has_link"),
    [
        ({"entities": [{"type": "bold", "offset": 0, "length": 1}, {"type": "url", "offset": 1, "length": 9}]}, True),
        ({"caption_entities": [{"type": "text_link", "offset": 0, "length": 2, "url": "https://example.com"}]}, True),
        ({"entities": [{"type": "email", "offset": 0, "length": 9}]}, False),
        ({}, False),
    ],
)
def test_a_link_is_in_a_message(fields: Json, has_link: bool) -> None:
    assert event(message(**fields, text="see example.com")).has_link is has_link


def test_an_anonymous_admin_is_nobody_to_reply_to() -> None:
    replied = said("hello", sender_chat=CLUB, **{"from": GROUP_ANONYMOUS_BOT})["message"]
    assert event(said("/bonus 50 thanks", reply_to_message=replied)).reply_to is None


def test_a_topic_is_a_thread_and_its_opening_is_no_reply() -> None:
    opening = message(FORUM, message_id=3, forum_topic_created={"name": "Chat"}, **{"from": OUR_BOT})["message"]
    in_topic = {"message_thread_id": 3, "is_topic_message": True, "reply_to_message": opening}
    command = event(said("/bonus 50", FORUM, **in_topic))
    assert (command.place.thread_id, command.reply_to) == ("3", None)
    posted = event(said("hello there", FORUM, **in_topic))
    assert isinstance(posted, MessagePosted)
    assert posted.replies_to is None


def test_a_chain_of_replies_is_no_topic() -> None:
    assert event(said("/balance", message_thread_id=3)).place.thread_id is None


@pytest.mark.parametrize(
    ("fields", "author"),
    [
        ({}, Author.PERSON),
        ({"sender_chat": CLUB, "from": GROUP_ANONYMOUS_BOT}, Author.ANONYMOUS),
        ({"sender_chat": CHANNEL}, Author.CHANNEL),
        ({"sender_chat": CHANNEL, "is_automatic_forward": True}, Author.AUTOMATIC),
        ({"via_bot": OTHER_BOT}, Author.BOT),
        ({"from": OTHER_BOT}, Author.BOT),
    ],
)
def test_who_is_behind_a_message(fields: Json, author: Author) -> None:
    assert event(said("hello", **fields)).author is author


@pytest.mark.parametrize(
    ("update", "length"),
    [
        (said("Zażółć 👍"), 8),
        (message(photo=[{"file_id": "x"}], caption="nice"), 4),
        (message(photo=[{"file_id": "x"}]), 0),
        (message(sticker={"file_id": "x"}), 0),
    ],
)
def test_the_length_of_a_message_is_in_characters(update: Json, length: int) -> None:
    posted = event(update)
    assert (posted.length, posted.message_id, posted.is_forward) == (length, "5", False)


def test_a_forwarded_message_is_marked() -> None:
    origin = {"type": "user", "date": 1, "sender_user": ZOE}
    assert event(said("hello", forward_origin=origin)).is_forward


def test_text_in_private_and_replies_to_the_bot_are_answers() -> None:
    ours = message(text="What?", **{"from": OUR_BOT})["message"]
    assert event(said("9:30", PRIVATE)).text == "9:30"
    answered, posted = [one.event for one in heard(said("9:30", reply_to_message=ours))]
    assert isinstance(answered, Answered)
    assert answered.place == IN_CLUB
    assert isinstance(posted, MessagePosted)
    assert posted.length == 4


def test_a_reply_to_the_bot_that_answers_nothing_is_a_message_all_the_same() -> None:
    ours = message(text="What?", **{"from": OUR_BOT})["message"]
    anonymous: Json = {"text": "hello", "sender_chat": CLUB, "from": GROUP_ANONYMOUS_BOT}
    assert isinstance(event(message(reply_to_message=ours, **anonymous)), MessagePosted)


SIZES = [{"file_id": name, "file_size": size} for name, size in (("s", 900), ("m", MOST_BYTES), ("l", MOST_BYTES + 1))]


@pytest.mark.parametrize(
    ("fields", "attached"),
    [
        ({"photo": SIZES}, Attached("m", MOST_BYTES, may_be_picture=True)),
        ({"photo": [{"file_id": "x"}]}, Attached("x", 0, may_be_picture=True)),
        ({"photo": SIZES[2:]}, Attached("l", MOST_BYTES + 1, may_be_picture=True)),
        ({"document": {"file_id": "x", "mime_type": "image/heic"}}, Attached("x", 0, may_be_picture=True)),
        ({"document": {"file_id": "x", "file_size": 5}}, Attached("x", 5, may_be_picture=True)),
        ({"document": {"file_id": "x", "mime_type": "video/mp4"}}, Attached("x", 0, may_be_picture=False)),
        ({"sticker": {"file_id": "x"}}, None),
    ],
)
def test_what_is_sent_to_the_bot_is_told_with_its_file(fields: Json, attached: Attached | None) -> None:
    (sent,) = heard(message(PRIVATE, **fields))
    assert isinstance(sent.event, PictureSent)
    assert (sent.event.picture, sent.attached) == (None, attached)
    ours = message(text="What?", **{"from": OUR_BOT})["message"]
    replied, posted = heard(message(reply_to_message=ours, **fields))
    assert isinstance(replied.event, PictureSent)
    assert replied.attached == attached
    assert isinstance(posted.event, MessagePosted)
    assert isinstance(event(message(**fields)), MessagePosted)


def test_a_command_of_an_anonymous_admin_is_told_apart() -> None:
    anonymous: Json = {"sender_chat": CLUB, "from": GROUP_ANONYMOUS_BOT}
    (only,) = heard(said("/balance", **anonymous))
    assert isinstance(only.event, AnonymousCommand)
    assert (only.event.place, only.message_id) == (IN_CLUB, 5)
    assert heard(said("/balance@otherbot", **anonymous)) == heard(said("/unheard", **anonymous)) == []


def test_a_press_carries_its_token_and_what_to_answer() -> None:
    (only,) = heard(press())
    assert only == Heard(
        ButtonPressed(event_id="c4000", at=NOW, place=IN_CLUB, person=ANIA_PERSON, token="0123456789abcdef"), 7, "4000"
    )
    assert [event(press(data)).token for data in ("other", None)] == ["", ""]


def test_reactions_are_what_was_added_and_removed() -> None:
    changed = event(reaction([THUMB], [HEART]))
    assert isinstance(changed, ReactionChanged)
    assert (changed.added, changed.removed) == (frozenset({"5368"}), frozenset({"👍"}))
    assert (changed.standing, changed.order) == (frozenset({"5368"}), (SAID_AT, 1000))
    assert heard(reaction([], [THUMB], user=None, actor_chat=CLUB)) == []
    assert heard(reaction([THUMB], [THUMB])) == []


def test_people_come_and_go() -> None:
    assert event(member_change("left", "member")) == PresenceChanged(
        event_id="p11:1000:in",
        at=datetime.fromtimestamp(SAID_AT, UTC),
        place=IN_CLUB,
        person=ANIA_PERSON,
        is_present=True,
    )
    assert not event(member_change("administrator", "kicked")).is_present
    assert heard(member_change("member", "administrator")) == []
    came = [one.event for one in heard(message(new_chat_members=[ZOE, ANIA, OUR_BOT]))]
    assert [(one.person.name, one.is_present) for one in came if isinstance(one, PresenceChanged)] == [
        ("Zoë 👍", True),
        ("Ania Nowak", True),
    ]
    assert not event(message(left_chat_member=ZOE)).is_present


def test_who_asks_to_be_let_in_is_heard() -> None:
    request = {"chat": CLUB, "from": ZOE, "user_chat_id": ZOE["id"], "date": SAID_AT, "bio": "hello"}
    asked = event({"update_id": 1000, "chat_join_request": request})
    assert isinstance(asked, JoinRequested)
    assert (asked.person.identity.user_id, asked.place.channel_id) == (str(ZOE["id"]), str(CLUB["id"]))
    assert asked.event_id == f"j{ZOE['id']}:1000"
    assert "hello" not in repr(asked)
    assert heard({"update_id": 1000, "chat_join_request": request | {"chat": CHANNEL}}) == []


def test_the_bot_comes_and_goes_and_is_blocked() -> None:
    added = event(member_change("left", "member", OUR_BOT, kind="my_chat_member"))
    assert isinstance(added, BotPresenceChanged)
    assert added.is_present
    assert not event(member_change("member", "kicked", OUR_BOT, kind="my_chat_member")).is_present
    assert heard(member_change("member", "administrator", OUR_BOT, kind="my_chat_member")) == []
    assert heard(member_change("left", "administrator", OUR_BOT, CHANNEL, kind="my_chat_member")) == []
    blocked = event(member_change("member", "kicked", OUR_BOT, PRIVATE, kind="my_chat_member"))
    assert isinstance(blocked, ReachabilityChanged)
    assert (blocked.is_reachable, blocked.person, blocked.place.is_private) == (False, ANIA_PERSON, True)


def test_both_messages_of_a_move_are_one_event() -> None:
    old = {"id": -5, "title": "Klub", "type": "group"}
    here = event(message(old, migrate_to_chat_id=-1001))
    there = event(message(CLUB, migrate_from_chat_id=-5))
    assert isinstance(here, SpaceMigrated)
    assert (here.place.space.space_id, here.new_space_id) == ("-5", "-1001")  # type: ignore[union-attr]
    assert here.key == there.key


@pytest.mark.parametrize(
    "update",
    [
        None,
        [],
        {"message": None},
        message(chat="here"),  # type: ignore[arg-type]
        message(chat={"id": True, "type": "group"}, text="x"),
        said("hello", **{"from": {"id": "11"}}),
        said("hello", date=10**17),
        said("/balance", entities=[{"type": "text_mention", "offset": 90, "length": 1, "user": ZOE}]),
        said("/balance", entities=[{"type": "text_mention", "offset": 9}]),
        message(text=["no text"]),
        message(new_chat_members=[1]),
        press(message=None),
        reaction([], ["👍"]),  # type: ignore[list-item]
    ],
)
def test_an_unreadable_update_says_so(update: Any) -> None:
    with pytest.raises(Unreadable):
        translate(update, LISTENER)


EXAMPLES = [
    said("/bonus Zoë 50", entities=[{"type": "text_mention", "offset": 7, "length": 3, "user": ZOE}]),
    said("hello", reply_to_message=message(text="x")["message"]),
    message(new_chat_members=[ANIA]),
    message(migrate_to_chat_id=-7),
    press(),
    reaction([THUMB], [HEART]),
    member_change("left", "member"),
    member_change("member", "kicked", OUR_BOT, PRIVATE, kind="my_chat_member"),
]
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, item in inner for found in _paths(item, (*path, key)))]


def _mutated(data: st.DataObject, examples: list[Any]) -> Any:
    update = copy.deepcopy(data.draw(st.sampled_from(examples)))
    *parents, last = data.draw(st.sampled_from(_paths(update)[1:]))
    holder: Any = update
    for key in parents:
        holder = holder[key]
    holder[last] = data.draw(JSON_VALUES)
    return update


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_mutated_update_is_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    with suppress(Unreadable):
        translate(_mutated(data, EXAMPLES), LISTENER)


PLAIN = [said("hello"), said("hello", reply_to_message={"message_id": 3, "from": ANIA})]


@pytest.mark.parametrize("update", PLAIN)
def test_plain_words_are_read_in_one_straight_line(update: Json) -> None:
    event = plain(update, LISTENER.bot.id)
    assert event is not None
    assert translate(update, LISTENER) == [Heard(event, int(event.message_id))]


@pytest.mark.parametrize(
    "update",
    [
        said("/balance", entities=[{"type": "bot_command", "offset": 0, "length": 8}]),
        said("yes", reply_to_message={"message_id": 3, "from": OUR_BOT}),
        said("hello", PRIVATE),
        said("hello", sender_chat=CLUB),
        said("hello", forward_origin={"type": "user"}),
        reaction([], [HEART]),
        None,
    ],
)
def test_all_other_updates_are_not_taken_for_plain_words(update: Any) -> None:
    assert plain(update, LISTENER.bot.id) is None


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_plain_words_are_never_read_otherwise_than_by_translate(data: st.DataObject) -> None:
    update = _mutated(data, [*PLAIN, *EXAMPLES])
    event = plain(update, LISTENER.bot.id)
    if event is not None:
        assert translate(update, LISTENER) == [Heard(event, int(event.message_id))]
