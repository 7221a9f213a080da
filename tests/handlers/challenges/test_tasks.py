"""Tasks: what is handed in, what is checked, who decides, and what becomes of it at the end."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.events import MessageDeleted, Place
from tests.club import PLATFORM, SPACE, Club
from tests.databases import Address
from tests.handlers.challenges.test_challenges import challenge, opened
from tests.handlers.challenges.test_contests import erased, post
from tests.handlers.looking import balances, count, labels, rows

ROOM = Place(PLATFORM, "photos", SPACE)
_TASK: dict[str, Any] = {"counts": "hand_ins", "goal": 1, "title": {"en": "Best shelf", "pl": "Najlepsza półka"}}
PHOTO = challenge(**_TASK, hands_in="photo", review=True, space="console:klub", room="photos")
WAITS = "What you posted for Best shelf waits for a moderator. I will tell you what they decide."


@pytest.fixture
async def photos(empty: Address) -> AsyncIterator[Club]:
    """A club with a task of one photo, a moderator and an owner."""
    async for club in opened(empty, PHOTO):
        await club.join("marta", "kasia")
        await club.say("olek", "/role @marta moderator")
        await club.posts()
        yield club


def told(posts: list[str], name: str) -> list[str]:
    return [one for one in posts if one.startswith(f"{name}: ")]


async def test_a_photo_waits_for_a_moderator_who_accepts_it(photos: Club) -> None:
    await post(photos, "ania", has_picture=False, length=50)
    await post(photos, "ania", place=photos.place("ania", SPACE))
    await post(photos, "ania", replies_to=photos.person("bartek").identity)
    assert await count(photos, "contest_entry") == 0
    first = await post(photos, "ania")
    await photos.app.take_part([first])
    # One more waits at a time as are wanted.
    await post(photos, "ania")
    assert await count(photos, "contest_entry") == 1
    posts = await photos.posts()
    assert told(posts, "ania") == [f"ania: {WAITS}"]
    for name in ("marta", "olek"):
        (said,) = told(posts, name)
        assert "1. Best shelf: Ania, 23 Mar" in said, said
        assert "Asked for: a photo. Look for it in the group." in said
    assert told(posts, "kasia") == []

    assert "Only a moderator" in await photos.say("kasia", "/handins")
    await photos.say("olek", "/handins")
    assert "1. Best shelf: Ania" in await photos.say("marta", "/handins")
    assert "Nothing waits for you." in await photos.press("marta", "✓ 1")
    assert "has decided about this one already" in await photos.press("olek", "✓ 1")
    assert told(await photos.posts(), "ania") == [
        "ania: A moderator accepted what you posted for Best shelf. It counts."
    ]
    assert "1/1 accepted hand-in" in await photos.say("ania", "/challenges")
    await photos.skip(minutes=2)
    assert any("Goal reached: Best shelf" in one for one in told(await photos.posts(), "ania"))
    # Who is done hands in nothing more.
    await post(photos, "ania")
    assert await count(photos, "contest_entry") == 1
    await photos.skip(days=7)
    assert (await balances(photos, "ania")).points == 30


async def test_what_is_not_accepted_is_told_with_the_reason_and_may_be_tried_again(photos: Club) -> None:
    await post(photos, "ania")
    await photos.posts()
    await photos.say("marta", "/handins")
    asked = await photos.press("marta", "✗ 1")
    assert asked == "Why is it not accepted? The member is told."
    assert labels(photos, "marta") == [
        *("Not what was asked for", "Not clear enough", "Not their own", "Handed in before", "Back"),
    ]
    shown = photos.shown["marta"]
    await photos.press("marta", "Back")
    assert labels(photos, "marta") == ["✓ 1", "✗ 1"]
    photos.shown["marta"] = shown
    await photos.press("marta", "Not clear enough")
    photos.shown["marta"] = shown
    assert "has decided about this one already" in await photos.press("marta", "Handed in before")
    assert told(await photos.posts(), "ania") == [
        "ania: A moderator did not accept what you posted for Best shelf: it is not clear enough to tell. "
        "As long as the challenge is on, you may post something else."
    ]
    await post(photos, "ania")
    assert await rows(photos, "SELECT state FROM contest_entry ORDER BY id") == [("out",), ("waiting",)]


async def test_of_two_moderators_at_once_one_decides(photos: Club) -> None:
    await post(photos, "ania")
    await photos.posts()
    for name in ("marta", "olek"):
        await photos.say(name, "/handins")
    said = await asyncio.gather(photos.press("marta", "✓ 1"), photos.press("olek", "✓ 1"))
    assert sum("has decided about this one already" in one for one in said) == 1
    assert len(told(await photos.posts(), "ania")) == 1
    assert await count(photos, "challenge_mark") == 1


async def test_nobody_decides_about_their_own_and_who_is_no_moderator_any_more_about_none(photos: Club) -> None:
    await post(photos, "marta")
    assert told(await photos.posts(), "marta") == [f"marta: {WAITS}"]
    await photos.say("marta", "/handins")
    for label in ("✓ 1", "✗ 1"):
        shown = photos.shown["marta"]
        assert "This is your own" in await photos.press("marta", label)
        photos.shown["marta"] = shown
    await post(photos, "ania")
    await photos.say("marta", "/handins")
    shown = photos.shown["marta"]
    await photos.press("marta", "✗ 1")
    asked = photos.shown["marta"]
    await photos.say("olek", "/role @marta none")
    for menu, pressed in ((shown, ("✓ 1", "✗ 1")), (asked, ("Not clear enough", "Back"))):
        for label in pressed:
            photos.shown["marta"] = menu
            assert "Only a moderator" in await photos.press("marta", label), label
    assert await rows(photos, "SELECT DISTINCT state FROM contest_entry") == [("waiting",)]


async def test_what_a_moderator_handed_in_keeps_them_from_nothing_else(empty: Address) -> None:
    async for club in opened(empty, PHOTO | {"goal": 5}):
        for _ in range(5):
            await post(club, "olek")
        await post(club, "ania")
        said = await club.say("olek", "/handins")
        assert "1. Best shelf: Ania" in said
        assert "2. Best shelf: Olek" in said
        await club.press("olek", "✓ 1")
        assert "1/5 accepted hand-ins" in await club.say("ania", "/challenges")


async def test_a_moderator_of_the_group_decides_about_what_is_posted_there(photos: Club) -> None:
    await photos.say("olek", "/role @kasia moderator", SPACE)
    await post(photos, "ania")
    assert any("1. Best shelf" in one for one in told(await photos.posts(), "kasia"))
    assert "Only a moderator" in await photos.say("kasia", "/handins")
    assert "1. Best shelf" in await photos.say("kasia", "/handins", SPACE)
    # Where an answer is private it comes in the chat with the bot, on Telegram.
    assert "Nothing waits" in await photos.press("kasia", "✓ 1")


async def test_what_waits_at_the_end_still_counts_once_it_is_accepted(photos: Club) -> None:
    await photos.skip(days=1)
    await post(photos, "ania")
    await post(photos, "bartek")
    await photos.posts()
    await photos.skip(days=6, minutes=5)
    closing = await photos.posts()
    assert told(closing, "ania") == [
        "ania: Best shelf is over, and a moderator has yet to look at what you posted. "
        "If they accept it, it still counts."
    ]
    await photos.say("marta", "/handins")
    await photos.press("marta", "✓ 1")
    paid = told(await photos.posts(), "ania")
    assert any("You did it: Best shelf" in one for one in paid), paid
    assert [(await balances(photos, name)).points for name in ("ania", "bartek")] == [30, 0]
    # It counts in the round it was posted in, not in the next one.
    assert "0/1 accepted hand-in" in await photos.say("ania", "/challenges")
    await photos.skip(days=60)
    assert await count(photos, "contest_entry") == 0
    assert "Nothing waits for you." in await photos.say("marta", "/handins")


async def test_what_is_deleted_or_of_the_erased_waits_no_more(photos: Club) -> None:
    gone, _ = await post(photos, "ania"), await post(photos, "bartek")
    await photos.say("marta", "/handins")
    for _ in range(2):
        deleted = MessageDeleted(event_id="gone", at=photos.clock.now, place=ROOM, message_id=gone.message_id)
        await photos.app.handle(deleted)
    assert "or its message was deleted" in await photos.press("marta", "✓ 1")
    await erased(photos, "bartek")
    assert "Nothing waits for you." in await photos.say("marta", "/handins")


async def test_what_is_seen_not_to_be_what_is_asked_for_is_talk(empty: Address) -> None:
    link = PHOTO | {"hands_in": "link", "goal": 5}
    text = PHOTO | {"id": "text", "hands_in": "text", "least": 20, "room": "texts", "goal": 5}
    texts = Place(PLATFORM, "texts", SPACE)
    async for club in opened(empty, link, text):
        for waiting, about in (
            (0, {"has_link": False, "length": 50}),
            (1, {"has_link": True}),
            # Where the platform does not show what a message holds, a moderator sees it.
            (2, {"has_link": None}),
            (2, {"place": texts, "length": 19}),
            (3, {"place": texts, "length": 20}),
            (4, {"place": texts, "length": None}),
        ):
            await post(club, "ania", **about)
            assert await count(club, "contest_entry") == waiting, about
        said = await club.say("olek", "/handins")
        assert "Asked for: a link, such as https://example.com/page." in said
        assert "Asked for: a text of at least 20 characters." in said


async def test_where_one_has_to_join_nothing_is_handed_in_before(empty: Address) -> None:
    async for club in opened(empty, PHOTO | {"joining": True}):
        await post(club, "ania")
        assert await count(club, "contest_entry") == 0
        said = await club.say("ania", "/challenges")
        assert "In Klub, post a photo; a moderator decides whether it counts." in said, said
        await club.press("ania", "Join: Best shelf")
        await post(club, "ania")
        assert await count(club, "contest_entry") == 1


async def test_no_more_wait_at_once_than_the_list_and_the_goal_allow(empty: Address) -> None:
    async for club in opened(empty, PHOTO | {"goal": 50}):
        for _ in range(7):
            await post(club, "ania")
        assert await count(club, "contest_entry") == 5
        said = await club.say("olek", "/handins")
        assert "4. Best shelf" in said
        assert "5. Best shelf" not in said
        assert "There is more; it comes once these are decided." in said


# Said to the bot ----------------------------------------------------------------------------------------------------


def _sent(hands_in: str, **about: Any) -> dict[str, Any]:
    return challenge(**{**_TASK, "hands_in": hands_in, **about})


@pytest.mark.parametrize(
    ("task", "wrong", "right"),
    [
        (
            _sent("text", least=10),
            {"Too few": "too short: 7 characters. Send me a text of at least 10"},
            "x" * 10,
        ),
        (
            _sent("link"),
            {
                "example.com": "That is no web address. Send me a link, such as https://example.com/page.",
                "ftp://example.com": "That is no web address.",
                "https://localhost": "That is no web address.",
                "https://exa mple.com": "That is no web address.",
                "https://[": "That is no web address.",
            },
            "https://example.com/a",
        ),
        (
            _sent("number", least=1, most=20000),
            {
                "many": "That is no such number. Send me a whole number from 1 to 20,000.",
                "0": "no such number",
                "20001": "no such number",
                "٣": "no such number",
                "1.5": "no such number",
            },
            "20 000",
        ),
    ],
)
async def test_what_passes_the_check_counts_at_once_and_is_kept_nowhere(
    empty: Address, task: dict[str, Any], wrong: dict[str, str], right: str
) -> None:
    async for club in opened(empty, task):
        said = await club.say("ania", "/handin")
        assert said.startswith("Best shelf\nSend me a ")
        for text, answer in wrong.items():
            assert answer in await club.answer("ania", text), text
        assert "It counts for Best shelf: 1/1 accepted hand-in." in await club.answer("ania", right)
        assert "There is nothing to hand in to me" in await club.say("ania", "/handin")
        for table, column in (("form", "data"), ("button", "data"), ("handled", "reply"), ("outbox", "reply")):
            for text in (*wrong, right):
                found = await rows(club, f"SELECT COUNT(*) FROM {table} WHERE {column} LIKE ?", f'%"{text}"%')
                assert found == [(0,)], (table, text)
        assert await count(club, "contest_entry") == 0
        await club.skip(minutes=2)
        assert any("Goal reached: Best shelf" in one for one in await club.posts())
        await club.skip(days=7)
        assert (await balances(club, "ania")).points == 30


async def test_of_several_it_is_asked_which_is_meant_and_one_that_is_over_takes_nothing(empty: Address) -> None:
    second = _sent("text", id="second", title={"en": "A story", "pl": "Historia"}, goal=2, kind="days")
    async for club in opened(empty, _sent("link"), second):
        assert await club.say("ania", "/handin") == "For which challenge is it?"
        assert labels(club, "ania")[:2] == ["Best shelf", "A story"]
        assert "A story\nSend me a text." in await club.press("ania", "A story")
        assert "It counts for A story: 1/2 days with something handed in." in await club.answer("ania", "Once upon")
        await club.say("ania", "/handin")
        await club.press("ania", "A story")
        # Of days one a day counts.
        assert "It counts for A story: 1/2 days" in await club.answer("ania", "a time")
        await club.say("ania", "/handin")
        await club.press("ania", "Best shelf")
        await club.skip(minutes=50)
        await club.say("olek", "/challenge stop")
        await club.press("olek", "Best shelf")
        assert "Best shelf is over, or not for you." in await club.answer("ania", "https://example.com")


async def test_a_button_of_challenges_begins_a_hand_in_as_long_as_one_is_open(empty: Address) -> None:
    story = _sent("text", id="story", title={"en": "A story", "pl": "Historia"}, joining=True)
    async for club in opened(empty, _sent("link"), story, PHOTO | {"id": "photo"}):
        await club.say("ania", "/challenges")
        assert labels(club, "ania")[:2] == ["Hand in: Best shelf", "Join: A story"]
        shown = club.shown["ania"]
        assert "Say that to me in private." in await club.press("ania", "Hand in: Best shelf", SPACE)
        club.shown["ania"] = shown
        assert "Best shelf\nSend me a link" in await club.press("ania", "Hand in: Best shelf")
        assert "It counts for Best shelf" in await club.answer("ania", "https://example.com/a")
        club.shown["ania"] = shown
        assert "Best shelf is over, or not for you." in await club.press("ania", "Hand in: Best shelf")
        await club.say("ania", "/challenges")
        await club.press("ania", "Join: A story")
        assert labels(club, "ania")[0] == "Hand in: A story"
        await club.press("ania", "Hand in: A story")
        assert "It counts for A story" in await club.answer("ania", "Once upon a time")
        await club.say("bartek", "/language pl")
        await club.say("bartek", "/challenges")
        assert labels(club, "bartek")[0] == "Wyślij: Najlepsza półka"


async def test_a_word_says_which_of_several_is_meant_and_is_never_said_back(empty: Address) -> None:
    second = _sent("text", id="second", title={"en": "A story", "pl": "Opowieść"})
    async for club in opened(empty, _sent("link", id="first"), second):
        identity = club.person("ania").identity
        assert await club.app.complete("handin", "task", "STO", identity) == [("A story", "A story")]
        assert await club.app.complete("handin", "task", "", club.person("nobody").identity) == []
        for word in ("story", "A story", "opowiesc", "SECOND"):
            assert (await club.say("ania", f"/handin {word}")).startswith("A story\nSend me a text."), word
        assert "It counts for A story" in await club.answer("ania", "Once upon a time")
        # Nothing is handed in for another one than was meant.
        done = "A story is done: you have handed in all that it takes."
        assert await club.say("ania", "/handin story") == done
        assert await club.say("ania", "/handin https://example.com") == "For which challenge is it?"
        assert (await club.press("ania", "Best shelf")).startswith("Best shelf\nSend me a link")
        assert "It counts for Best shelf" in await club.answer("ania", "https://example.com")
        assert await club.say("ania", "/handin story") == done
        assert "nothing to hand in" in await club.say("ania", "/handin poem")
        assert await club.say("bartek", "/handin my-own-words") == "For which challenge is it?"
        assert await rows(club, "SELECT COUNT(*) FROM handled WHERE reply LIKE '%own-words%'") == [(0,)]


# Made in chat -------------------------------------------------------------------------------------------------------


async def test_a_task_is_made_in_chat_and_has_the_room_to_itself(club: Club) -> None:
    await club.say("marta", "/challenge new")
    assert "Links, sent to me" in labels(club, "marta")
    assert "Photos you accept" not in labels(club, "marta")
    for made in range(2):
        await club.say("marta", "/challenge new", SPACE)
        for label in ("Photos you accept", "3", "7", "25", "Everyone who reaches it"):
            await club.press("marta", label, SPACE)
        await club.answer("marta", "Shelves", SPACE)
        preview = await club.answer("marta", "Półki", SPACE)
        assert "Photos you accept: 3" in preview
        assert "Post a photo; a moderator decides whether it counts." in preview
        said = await club.press("marta", "Publish", SPACE)
        assert ("a contest or a task is on already" in said) == bool(made), said
    await club.say("marta", "/challenge new", SPACE)
    for label in ("Links, sent to me", "3", "7", "25"):
        await club.press("marta", label, SPACE)
    # Who sends most of what nobody looks at shall not win.
    assert labels(club, "marta")[:2] == ["Everyone who reaches it", "Back"]
    opening = [one for one in await club.posts() if "New challenge: Shelves" in one]
    assert len(opening) == 1
    assert "Goal: 3 accepted hand-ins." in opening[0]
    await club.app.take_part([club.message("ania", has_picture=True), club.message("marta", has_picture=True)])
    # It is not for who made it.
    assert await count(club, "contest_entry") == 1
