"""The outbox: what is claimed first, what a dead sender leaves behind, quiet hours, sends of unknown outcome."""

from collections.abc import Collection
from datetime import timedelta

import pytest

from bot.config.config import Config
from bot.deeds import Deed, Marking, Removal
from bot.replies import Claimed, Post, Sending, ToMember, ToSpace, Waiting
from handlers.ports import DatabaseOutbox
from storage.operating.leases import LEASE_S
from storage.outgoing.outbox import UNKNOWN
from storage.transaction import Transaction
from tests.club import PLATFORM, SPACE, Club, config
from tests.handlers.looking import rows

NIGHT = config(quiet_hours={"begins": "22:00", "ends": "08:00"})


async def queue(
    club: Club, *keys: str, to: str = "#klub", urgent: bool = False, sending: Sending = Sending.AT_LEAST_ONCE
) -> None:
    """Queue posts to the group or to a member."""

    def write(tx: Transaction) -> None:
        space = tx.spaces.by_ref(SPACE)
        member = tx.members.by_identity(club.person(to).identity)
        assert space is not None
        target = ToSpace(space.id) if member is None else ToMember(member.id)
        for key in keys:
            tx.post(Post(target, "invitation", key, is_urgent=urgent, sending=sending))

    await club.database.write(write)


async def keys_of(club: Club, posts: Collection[Waiting]) -> list[str]:
    """Return the keys of claimed posts, in order."""
    keys = dict(await rows(club, "SELECT id, post_key FROM outbox"))
    return [keys[post.id] for post in posts]


async def states(club: Club) -> dict[str, str]:
    """Return the state of every post that was not sent, by key."""
    return dict(await rows(club, "SELECT post_key, state FROM outbox WHERE state <> 'sent' ORDER BY id"))


async def claimed(club: Club, most: int = 100, busy: Collection[int] | None = None) -> list[str]:
    posts = await club.database.write(lambda tx: tx.outbox.claim(PLATFORM, most, busy))
    return await keys_of(club, posts)


def outbox(club: Club, settings: Config | None = None) -> DatabaseOutbox:
    return DatabaseOutbox(club.database, settings)


async def test_what_is_urgent_goes_before_members_and_these_before_groups(club: Club) -> None:
    await queue(club, "group")
    await queue(club, "member", to="ania")
    await queue(club, "alarm", to="olek", urgent=True)
    assert await claimed(club) == ["alarm", "member", "group"]


async def test_what_is_held_up_for_long_goes_before_all(club: Club) -> None:
    await queue(club, "group")
    club.clock.now += timedelta(minutes=6)
    await queue(club, "alarm", to="olek", urgent=True)
    await queue(club, "member", to="ania")
    assert await claimed(club, 2) == ["group", "alarm"]


async def test_what_is_held_up_for_just_five_minutes_is_not_held_up_for_long(club: Club) -> None:
    await queue(club, "group")
    club.clock.now += timedelta(minutes=5)
    await queue(club, "alarm", to="olek", urgent=True)
    assert await claimed(club) == ["alarm", "group"]


async def test_a_post_is_queued_once_for_each_key(club: Club) -> None:
    for _ in range(2):
        await queue(club, "one")
    assert await claimed(club) == ["one"]


async def test_a_group_and_a_holder_of_the_same_number_are_two_destinations(club: Club) -> None:
    await queue(club, "group")
    await queue(club, "olek", to="olek")
    numbers = "SELECT MAX(space_id), MAX(holder_id) FROM outbox WHERE post_key IN ('group', 'olek')"
    assert await rows(club, numbers) == [(1, 1)]
    posts = await club.database.write(lambda tx: tx.outbox.claim(PLATFORM, 10, ()))
    assert [(post.platform_space_id, post.user_id) for post in posts] == [(None, "olek"), (SPACE.space_id, None)]


async def test_many_posts_to_one_do_not_hide_what_is_behind_them(club: Club) -> None:
    await queue(club, *(f"ania {number}" for number in range(20)), to="ania")
    await queue(club, "bartek", to="bartek")
    assert await claimed(club, 5, ()) == ["ania 0", "bartek"]


async def test_of_more_than_are_wanted_those_are_claimed_that_wait_the_longest(club: Club) -> None:
    await queue(club, "one", "two", "three")
    assert await claimed(club, 2) == ["one", "two"]


async def test_one_post_for_each_chat_that_is_free(club: Club) -> None:
    await queue(club, *(f"group {number}" for number in range(50)))
    await queue(club, "ania 1", "ania 2", to="ania")
    first = await club.database.write(lambda tx: tx.outbox.claim(PLATFORM, 10, ()))
    assert await keys_of(club, first) == ["ania 1", "group 0"]
    busy = [post.destination for post in first]
    assert await claimed(club, 10, busy[1:]) == ["ania 1"]
    assert await claimed(club, 10, busy[:1]) == ["group 0"]
    assert await claimed(club, 10, busy) == []


async def test_members_who_cannot_be_reached_are_not_written_to(club: Club) -> None:
    await queue(club, "one", to="ania")
    [post] = await club.database.write(lambda tx: tx.outbox.claim(PLATFORM, 10))
    assert (post.reply.template, post.deed) == ("invitation", None)
    await club.database.write(lambda tx: tx.members.set_reachable(club.person("ania").identity, is_reachable=False))
    assert await claimed(club) == []
    assert await states(club) == {"one": "dropped"}


async def test_a_deed_is_claimed_as_it_is_wanted_now_whether_its_member_can_be_written_to_or_not(club: Club) -> None:
    async def want(name: str, *marks: str) -> None:
        def write(tx: Transaction) -> None:
            member = tx.members.by_identity(club.person(name).identity)
            assert member is not None
            tx.marks.want(tx.marks.places(member.id)[0], marks, ())

        await club.database.write(write)

    def claim(tx: Transaction) -> list[tuple[str | None, Deed | None]]:
        posts = tx.outbox.claim(PLATFORM, 10)
        assert {post.reply.template for post in posts} == {""}
        return [(post.user_id, post.deed) for post in posts]

    def done(tx: Transaction) -> None:
        for post in tx.outbox.claim(PLATFORM, 10):
            assert isinstance(post.deed, Marking)
            tx.marks.done(post.id, post.deed.wanted)

    for name in ("ania", "bartek"):
        await club.chat(name)
    await club.database.write(lambda tx: tx.members.set_reachable(club.person("ania").identity, is_reachable=False))
    for name, mark in (("ania", "gold"), ("bartek", "bronze"), ("ania", "silver")):
        await want(name, mark)
    ania, bartek = (club.person(name).identity.user_id for name in ("ania", "bartek"))
    silver, bronze = Marking(("silver",)), Marking(("bronze",))
    assert await club.database.write(claim) == [(ania, silver), (bartek, bronze), (ania, silver)]
    await club.database.write(done)
    await want("ania")
    assert await club.database.write(claim) == [(ania, Marking((), ("silver",)))]


async def test_a_post_is_begun_once_and_by_the_holder_of_the_lease_alone(club: Club) -> None:
    await queue(club, "one")
    port = outbox(club)
    [post] = (await port.claim(PLATFORM, "a", 10)).posts
    assert await port.claim(PLATFORM, "b", 10) == Claimed((), 0.0)
    assert not await port.begin(PLATFORM, "b", post.id)
    assert await port.begin(PLATFORM, "a", post.id)
    assert not await port.begin(PLATFORM, "a", post.id)
    assert (await port.claim(PLATFORM, "a", 10)).posts == ()


async def test_a_stale_holder_can_begin_nothing(club: Club) -> None:
    await queue(club, "one")
    port = outbox(club)
    [post] = (await port.claim(PLATFORM, "a", 10)).posts
    club.clock.now += timedelta(seconds=LEASE_S)
    assert not await port.begin(PLATFORM, "a", post.id)
    assert (await port.claim(PLATFORM, "b", 10)).posts == (post,)
    assert (await port.claim(PLATFORM, "a", 10)).lease_s == 0.0


async def test_what_a_dead_sender_was_sending_comes_again_or_ends_as_unknown(club: Club) -> None:
    await queue(club, "surely")
    await queue(club, "once", to="ania", sending=Sending.AT_MOST_ONCE)
    await queue(club, "untouched", to="bartek")
    port = outbox(club)
    posts = (await port.claim(PLATFORM, "a", 10)).posts
    for post, key in zip(posts, await keys_of(club, posts), strict=True):
        assert key == "untouched" or await port.begin(PLATFORM, "a", post.id)
    assert (await port.claim(PLATFORM, "a", 10)).posts != posts
    club.clock.now += timedelta(seconds=LEASE_S)
    again = await port.claim(PLATFORM, "b", 10)
    assert await keys_of(club, again.posts) == ["untouched", "surely"]
    assert await states(club) == {"surely": "waiting", "once": "unknown", "untouched": "waiting"}


async def test_a_stale_sender_does_not_put_back_what_another_one_has_begun(club: Club) -> None:
    await queue(club, "once", sending=Sending.AT_MOST_ONCE)
    port = outbox(club)
    [post] = (await port.claim(PLATFORM, "a", 10)).posts
    club.clock.now += timedelta(seconds=LEASE_S)
    await port.claim(PLATFORM, "b", 10)
    assert await port.begin(PLATFORM, "b", post.id)
    await port.put_back(PLATFORM, "a", post.id, "x")
    await port.later(PLATFORM, "a", post.id, 1.0, "x")
    club.clock.now += timedelta(seconds=LEASE_S)
    assert (await port.claim(PLATFORM, "c", 10)).posts == ()
    assert await states(club) == {"once": "unknown"}


async def test_a_sender_puts_back_its_own_though_its_lease_is_over(club: Club) -> None:
    await queue(club, "once", sending=Sending.AT_MOST_ONCE)
    port = outbox(club)
    [post] = (await port.claim(PLATFORM, "a", 10)).posts
    assert await port.begin(PLATFORM, "a", post.id)
    club.clock.now += timedelta(seconds=LEASE_S)
    await port.put_back(PLATFORM, "a", post.id, "refused")
    assert [waiting.id for waiting in (await port.claim(PLATFORM, "b", 10)).posts] == [post.id]


async def test_that_it_arrived_is_true_whatever_was_noted_since(club: Club) -> None:
    await queue(club, "one")
    port = outbox(club)
    [post] = (await port.claim(PLATFORM, "a", 10)).posts
    await port.begin(PLATFORM, "a", post.id)
    await port.unknown(post.id, "the sender died")
    await port.sent(post.id, "77")
    await port.later(PLATFORM, "a", post.id, 1.0, "x")
    await port.put_back(PLATFORM, "a", post.id, "x")
    await port.dropped(post.id, "x")
    assert await rows(club, "SELECT state, message_id, error FROM outbox WHERE post_key = 'one'") == [
        ("sent", "77", None)
    ]


async def test_put_off_and_put_back(club: Club) -> None:
    await queue(club, "one", "two")
    port = outbox(club)
    first, second = (await port.claim(PLATFORM, "a", 10)).posts
    for post in (first, second):
        await port.begin(PLATFORM, "a", post.id)
    club.clock.now += timedelta(seconds=1)
    await port.later(PLATFORM, "a", first.id, 5.0, "refused")
    await port.put_back(PLATFORM, "a", second.id, "429")
    assert await claimed(club) == ["two"]
    club.clock.now += timedelta(seconds=5)
    assert await claimed(club) == ["two", "one"]
    assert await rows(club, "SELECT tries FROM outbox WHERE post_key = 'one'") == [(1,)]


async def test_in_quiet_hours_only_what_is_urgent_goes_out(club: Club) -> None:
    club.clock.now = club.clock.now.replace(hour=21, minute=30)  # 22:30 in Warsaw
    await queue(club, "group")
    await queue(club, "member", to="ania")
    await queue(club, "alarm", to="olek", urgent=True)
    port = outbox(club, NIGHT)
    assert await keys_of(club, (await port.claim(PLATFORM, "a", 10)).posts) == ["alarm"]
    queues = await club.database.read(lambda tx: tx.health.queues())
    club.clock.now += timedelta(hours=9, minutes=29)
    assert await keys_of(club, (await port.claim(PLATFORM, "a", 10)).posts) == ["alarm"]
    assert queues[PLATFORM].oldest == timedelta(0)
    club.clock.now += timedelta(minutes=1)
    assert await keys_of(club, (await port.claim(PLATFORM, "a", 10)).posts) == ["alarm", "member", "group"]


async def test_without_quiet_hours_all_goes_out_at_night(club: Club) -> None:
    club.clock.now = club.clock.now.replace(hour=23)
    await queue(club, "group")
    assert len((await outbox(club).claim(PLATFORM, "a", 10)).posts) == 1


async def given_up(club: Club) -> int:
    """Leave a post to ania with unknown outcome; return its id."""
    await queue(club, "once", to="ania", sending=Sending.AT_MOST_ONCE)
    port = outbox(club)
    [post] = (await port.claim(PLATFORM, "a", 10)).posts
    await port.begin(PLATFORM, "a", post.id)
    await port.unknown(post.id, "TimedOut")
    return post.id


async def test_sends_of_unknown_outcome_are_listed_until_they_are_resolved(club: Club) -> None:
    post_id = await given_up(club)
    [found] = await club.database.read(lambda tx: tx.outbox.unknown(10))
    ania = await club.database.read(lambda tx: tx.members.by_identity(club.person("ania").identity))
    assert ania is not None
    assert (found.id, found.platform, found.kind, found.to, found.error) == (
        *(post_id, PLATFORM, "invitation", ania.card_number, "TimedOut"),
    )
    assert await club.database.read(lambda tx: [tx.outbox.is_unknown(post_id + more) for more in (0, 1)]) == [
        True,
        False,
    ]
    assert await club.database.write(lambda tx: tx.outbox.forget(post_id))
    assert await club.database.read(lambda tx: tx.outbox.unknown(10)) == []
    assert not await club.database.write(lambda tx: tx.outbox.forget(post_id))
    assert await states(club) == {"once": "dropped"}


async def test_whom_a_platform_keeps_in_a_group_is_known_when_old_texts_are_gone(club: Club) -> None:
    def take_out(tx: Transaction) -> None:
        member = tx.members.by_identity(club.person("ania").identity)
        assert member is not None
        tx.marks.take_out(member, "-1001", tx.now)

    await club.database.write(take_out)
    port = outbox(club)
    [post] = (await port.claim(PLATFORM, "a", 10)).posts
    await port.begin(PLATFORM, "a", post.id)
    await port.refused(post.id, "not enough rights")
    club.clock.now += timedelta(days=40)
    await club.database.write(lambda tx: tx.outbox.forget_old(tx.now - timedelta(days=30), 10))
    await club.database.write(lambda tx: tx.marks.take_out_again(tx.now))
    assert [again.deed for again in (await port.claim(PLATFORM, "a", 10)).posts] == [Removal("-1001")]


async def test_of_many_of_unknown_outcome_the_oldest_are_listed(club: Club) -> None:
    await queue(club, "first", "second", sending=Sending.AT_MOST_ONCE)
    port = outbox(club)
    posts = (await port.claim(PLATFORM, "a", 10)).posts
    for post in reversed(posts):
        await port.begin(PLATFORM, "a", post.id)
        await port.unknown(post.id, "TimedOut")
    listed = await club.database.read(lambda tx: tx.outbox.unknown(1))
    assert [(send.id, send.to) for send in listed] == [(posts[0].id, "Klub")]


@pytest.mark.parametrize("is_forgotten", [False, True])
async def test_one_of_unknown_outcome_is_sent_again_while_its_text_is_kept(club: Club, *, is_forgotten: bool) -> None:
    post_id = await given_up(club)
    if is_forgotten:
        club.clock.now += timedelta(days=40)
        await club.database.write(lambda tx: tx.outbox.forget_old(tx.now - timedelta(days=30), 10))
        [found] = await club.database.read(lambda tx: tx.outbox.unknown(10))
        assert found.kind == ""
    assert await club.database.write(lambda tx: tx.outbox.again(post_id)) is not is_forgotten
    assert await claimed(club) == ([] if is_forgotten else ["once"])
    assert not await club.database.write(lambda tx: tx.outbox.again(post_id))
    assert (await states(club))["once"] == (UNKNOWN if is_forgotten else "waiting")


async def test_in_a_copy_that_was_put_back_only_what_must_not_come_twice_may_have_gone_out(club: Club) -> None:
    await queue(club, "once", "in the middle", sending=Sending.AT_MOST_ONCE)
    await queue(club, "at least once")
    port = outbox(club)
    [_, middle, _] = (await port.claim(PLATFORM, "a", 10)).posts
    await port.begin(PLATFORM, "a", middle.id)
    assert await club.database.write(lambda tx: tx.outbox.restored()) == 2
    found = await states(club)
    assert (found["once"], found["in the middle"]) == ("unknown", "unknown")
    assert found["at least once"] != "unknown"
