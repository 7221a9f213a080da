"""Posts that are changed, that go to many, to a room or to a platform of their own, and texts that are forgotten."""

from datetime import timedelta

import pytest

from bot.deeds import Pinning
from bot.replies import MemberName, Post, Priority, Reply, Sending, ToMember, ToSpace, Waiting
from storage.outgoing.outbox import DROPPED, SENT, UNKNOWN
from storage.transaction import Transaction
from tests.club import PLATFORM, SPACE, Club
from tests.handlers.looking import member, rows
from tests.storage.test_outbox import claimed, keys_of, queue, states

CHANGED = Reply("cancelled")
ELSEWHERE = "elsewhere"


async def change(club: Club, key: str = "one", said: Reply = CHANGED) -> bool:
    """Change what a post says."""
    return await club.database.write(lambda tx: tx.outbox.change(key, said))


async def told(club: Club) -> list[tuple[str, str | None]]:
    """Return what is due: which template, and which message it is to be put in place of."""
    posts = await club.database.write(lambda tx: tx.outbox.claim(PLATFORM, 10))
    return [(post.reply.template, post.edits) for post in posts]


async def only_id(club: Club, key: str = "one") -> int:
    found: int = (await rows(club, "SELECT id FROM outbox WHERE post_key = ?", key))[0][0]
    return found


async def end(club: Club, key: str, state: str, message_id: str | None = None) -> None:
    """Begin to send a post, and note how that ended."""
    number = await only_id(club, key)

    def write(tx: Transaction) -> None:
        assert tx.outbox.begin(number)
        tx.outbox.end(number, state, message_id, None)

    await club.database.write(write)


async def test_what_was_sent_is_edited_where_it_stands_and_only_if_it_says_something_else(club: Club) -> None:
    await queue(club, "one", "two")
    await end(club, "one", SENT, "77")
    await end(club, "two", SENT, "78")
    club.clock.now += timedelta(minutes=1)
    assert await change(club)
    assert await told(club) == [("cancelled", "77")]
    assert await states(club) == {"one": "waiting"}
    assert await rows(club, "SELECT tries FROM outbox WHERE post_key = 'one'") == [(0,)]
    club.clock.now -= timedelta(seconds=1)
    assert await told(club) == []
    club.clock.now += timedelta(seconds=1)
    await end(club, "one", SENT, "77")
    assert await change(club)
    assert await told(club) == []


async def test_what_waits_says_the_new_instead_and_waits_as_long_as_before(club: Club) -> None:
    await queue(club, "one", "two")
    number = await only_id(club)
    await club.database.write(lambda tx: tx.outbox.later(number, tx.now + timedelta(seconds=5), "refused"))
    assert await change(club)
    assert await told(club) == [("invitation", None)]
    club.clock.now += timedelta(seconds=5)
    assert await told(club) == [("invitation", None), ("cancelled", None)]


async def test_what_is_being_sent_is_left_alone_and_so_is_what_was_given_up(club: Club) -> None:
    await queue(club, "one", "dropped", "unknown", sending=Sending.AT_MOST_ONCE)
    number = await only_id(club)
    assert await club.database.write(lambda tx: tx.outbox.begin(number))
    assert not await change(club)
    await club.database.write(lambda tx: tx.outbox.put_back(number, "429"))
    for key, state in (("dropped", DROPPED), ("unknown", UNKNOWN)):
        await end(club, key, state)
        assert await change(club, key)
    assert await told(club) == [("invitation", None)]
    assert await states(club) == {"one": "waiting", "dropped": "dropped", "unknown": "unknown"}
    [kept] = await club.database.read(lambda tx: tx.outbox.unknown(10))
    assert kept.kind == "invitation"


async def _pins(club: Club) -> list[Waiting]:
    """Return the deeds about pins that are to be done now."""
    posts = await club.database.write(lambda tx: tx.outbox.claim(PLATFORM, 10))
    return [post for post in posts if isinstance(post.deed, Pinning)]


async def _done(club: Club, pin: Waiting) -> None:
    await club.database.write(lambda tx: tx.outbox.begin(pin.id))
    await club.database.write(lambda tx: tx.outbox.end(pin.id, SENT, pin.edits, None))


async def _pinned(club: Club) -> list[str | None]:
    """Do what is to be done about pins; return with which messages."""
    pins = await _pins(club)
    for pin in pins:
        await _done(club, pin)
    return [pin.edits for pin in pins]


def _pin(tx: Transaction) -> None:
    space = tx.spaces.by_ref(SPACE)
    assert space is not None
    tx.pins.add("one", (PLATFORM, space.id))


async def test_a_pin_follows_its_message_once_for_each_that_it_becomes(club: Club) -> None:
    await queue(club, "one")
    await club.database.write(_pin)
    assert await _pinned(club) == []
    for number, (message_id, expected) in enumerate((("77", ["77"]), ("77", []), ("78", ["78"]))):
        await end(club, "one", SENT, message_id)
        assert await _pinned(club) == expected
        assert await change(club, said=Reply("cancelled", {"number": number}))


async def test_a_pin_that_is_being_done_when_it_is_taken_off_is_not_done_for_the_next_message(club: Club) -> None:
    await queue(club, "one")
    await club.database.write(_pin)
    await end(club, "one", SENT, "77")
    (pin,) = await _pins(club)
    await club.database.write(lambda tx: tx.outbox.begin(pin.id))
    await club.database.write(lambda tx: tx.pins.take_off("one"))
    await club.database.write(lambda tx: tx.outbox.end(pin.id, SENT, pin.edits, None))
    (unpin,) = await _pins(club)
    assert unpin.deed == Pinning(is_pinned=False)
    await _done(club, unpin)
    assert await change(club, said=Reply("cancelled", {"number": 1}))
    await end(club, "one", SENT, "78")
    assert await _pins(club) == []


async def test_that_a_key_had_a_post_is_known_until_the_post_is_forgotten(club: Club) -> None:
    await queue(club, "one")
    await end(club, "one", SENT, "77")
    assert await club.database.read(lambda tx: [tx.outbox.has(key) for key in ("one", "two")]) == [True, False]
    club.clock.now += timedelta(days=401)
    await club.database.write(lambda tx: tx.outbox.forget_old(tx.now, 1000))
    assert not await club.database.read(lambda tx: tx.outbox.has("one"))


async def test_many_are_each_told_once_in_their_language_and_what_they_are_told_first_goes_first(club: Club) -> None:
    await club.say("bartek", "/language pl")
    people = [await member(club, name) for name in ("ania", "bartek", "celina")]
    await queue(club, "group")
    said, sending = Reply("invitation"), Sending.AT_MOST_ONCE
    for _ in range(2):
        await club.database.write(lambda tx: tx.outbox.add_to_each(said, "all:", people, sending))
    posts = await club.database.write(lambda tx: tx.outbox.claim(PLATFORM, 10))
    assert [(post.user_id, post.reply.language, post.sending) for post in posts[:3]] == [
        (name, language, sending) for name, language in (("ania", "en"), ("bartek", "pl"), ("celina", "en"))
    ]
    assert await keys_of(club, posts) == [*(f"all:{one.id}" for one in people), "group"]


async def test_a_message_to_a_member_names_others_as_it_was_written_and_one_to_a_group_as_they_are_called_now(
    club: Club,
) -> None:
    ania, bartek = [await member(club, name) for name in ("ania", "bartek")]

    def write(tx: Transaction) -> None:
        space = tx.spaces.by_ref(SPACE)
        assert space is not None
        for to in (ToMember(bartek.id), ToSpace(space.id)):
            tx.post(Post(to, "welcome_back", f"{to}", {"name": ania.display}))

    await club.database.write(write)
    await club.say("ania", "/alias Bookworm")
    posts = await club.database.write(lambda tx: tx.outbox.claim(PLATFORM, 10))
    names = [post.reply.fields["name"] for post in posts]
    assert [name.name for name in names if isinstance(name, MemberName)] == ["Ania", "Bookworm"]
    await club.say("ania", "/leaderboard hide")
    posts = await club.database.write(lambda tx: tx.outbox.claim(PLATFORM, 10))
    assert [post.user_id for post in posts] == ["bartek"]
    assert list((await states(club)).values()) == ["waiting", "dropped"]


async def test_a_post_goes_to_a_room_of_its_own_or_where_the_group_has_chosen(club: Club) -> None:
    def write(tx: Transaction) -> None:
        space = tx.spaces.by_ref(SPACE)
        assert space is not None
        for to in (ToSpace(space.id), ToSpace(space.id, "room"), ToSpace(space.id, "room", "thread")):
            tx.post(Post(to, "invitation", f"{to}"))

    await club.database.write(write)
    posts = await club.database.write(lambda tx: tx.outbox.claim(PLATFORM, 10))
    assert [(post.channel_id, post.thread_id) for post in posts] == [
        ("klub-channel", None),
        ("room", None),
        ("room", "thread"),
    ]


async def elsewhere(club: Club, key: str, sending: Sending = Sending.AT_LEAST_ONCE) -> None:
    """Queue a post of another platform to the group."""

    def write(tx: Transaction) -> None:
        space = tx.spaces.by_ref(SPACE)
        assert space is not None
        to = ELSEWHERE, space.id
        tx.outbox.add(Reply("invitation"), key, sending, Priority.ANNOUNCEMENT, space=to, holder=None)

    await club.database.write(write)


async def due_elsewhere(club: Club) -> list[str]:
    return await keys_of(club, await club.database.write(lambda tx: tx.outbox.claim(ELSEWHERE, 10)))


async def test_what_dies_and_what_is_quiet_on_one_platform_is_not_so_on_another(club: Club) -> None:
    for sending in Sending:
        await queue(club, f"here {sending}", sending=sending)
        await elsewhere(club, f"there {sending}", sending)
    for key in await states(club):
        number = await only_id(club, key)
        assert await club.database.write(lambda tx: tx.outbox.begin(number))  # noqa: B023
    await club.database.write(lambda tx: tx.outbox.settle(ELSEWHERE))
    assert await states(club) == {
        f"here {Sending.AT_LEAST_ONCE}": "sending",
        f"here {Sending.AT_MOST_ONCE}": "sending",
        f"there {Sending.AT_LEAST_ONCE}": "waiting",
        f"there {Sending.AT_MOST_ONCE}": "unknown",
    }
    await queue(club, "quiet")
    await club.database.write(lambda tx: tx.outbox.put_off(ELSEWHERE, tx.now + timedelta(hours=1)))
    assert (await claimed(club), await due_elsewhere(club)) == (["quiet"], [])
    await club.database.write(lambda tx: tx.outbox.put_off(PLATFORM, tx.now + timedelta(minutes=1)))
    club.clock.now += timedelta(minutes=1)
    assert (await claimed(club), await due_elsewhere(club)) == (["quiet"], [])
    # What is put off for longer already stays so.
    await club.database.write(lambda tx: tx.outbox.put_off(ELSEWHERE, tx.now + timedelta(minutes=1)))
    club.clock.now += timedelta(minutes=58)
    assert await due_elsewhere(club) == []
    club.clock.now += timedelta(minutes=1)
    assert await due_elsewhere(club) == [f"there {Sending.AT_LEAST_ONCE}"]


@pytest.mark.parametrize("zone", [None, "Asia/Tokyo"])
async def test_the_quiet_hours_of_a_zone_are_of_those_who_chose_it(club: Club, zone: str | None) -> None:
    for name, theirs in (("ania", "Tokyo"), ("bartek", "New York")):
        await club.say(name, f"/timezone {theirs}")
    await queue(club, "group")
    for name in ("ania", "bartek", "celina"):
        await queue(club, name, to=name)
    await queue(club, "alarm", to="ania", urgent=True)
    await club.database.write(lambda tx: tx.outbox.put_off(PLATFORM, tx.now + timedelta(hours=1), zone))
    expected = ["alarm", "ania", "bartek"] if zone is None else ["alarm", "bartek", "celina", "group"]
    assert await claimed(club) == expected


async def test_the_oldest_texts_are_forgotten_first_and_none_of_what_is_not_old_or_not_over(club: Club) -> None:
    await club.posts()
    club.clock.now += timedelta(hours=1)
    began_at = club.clock.now
    await club.database.write(lambda tx: tx.outbox.forget_old(began_at, 1000))

    async def forget(hours: int, most: int) -> bool:
        return await club.database.write(lambda tx: tx.outbox.forget_old(began_at + timedelta(hours=hours), most))

    async def with_text() -> list[str]:
        return [key for (key,) in await rows(club, "SELECT post_key FROM outbox WHERE reply <> '' ORDER BY id")]

    for hours, key in ((2, "newer"), (0, "waits"), (1, "older"), (0, "oldest")):
        club.clock.now = began_at + timedelta(hours=hours)
        await queue(club, key)
        if key != "waits":
            await end(club, key, SENT, "1")
    assert not await forget(0, 9)
    assert await with_text() == ["newer", "waits", "older", "oldest"]
    assert await forget(3, 1)
    assert await with_text() == ["newer", "waits", "older"]
    assert not await forget(2, 9)
    assert await with_text() == ["newer", "waits"]
    assert not await forget(3, 9)
    assert await with_text() == ["waits"]
