"""Taking part: what messages and reactions earn, and what they never do."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.events import Author, Identity, MessagePosted, SpaceRef
from bot.ledger.ledger import Balances
from storage.verify import verify
from tests.club import PLATFORM, SPACE, Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import balances, count, rows
from tests.postgres import content_of

OTHER = SpaceRef(PLATFORM, "inny", "Inny")


async def status(club: Club, name: str) -> int:
    return (await balances(club, name)).status


async def take_part(club: Club, *events: Any) -> None:
    await club.app.take_part(events)


# Messages -----------------------------------------------------------------------------------------------------------


async def test_a_message_earns_status_and_no_points(club: Club) -> None:
    await club.chat("ania")
    assert await balances(club, "ania") == Balances(status=5, pending=20, pending_status=20)


async def test_a_cooldown_window_earns_once(club: Club) -> None:
    await club.chat("ania", "ania", "ania")
    await club.chat("ania")
    assert await status(club, "ania") == 5
    await club.skip(seconds=60)
    await club.chat("ania")
    assert await status(club, "ania") == 10


async def test_the_cooldown_is_kept_whatever_the_order_of_messages(club: Club) -> None:
    early, late = club.clock.now, club.clock.now + timedelta(seconds=59)
    await take_part(club, club.message("ania", at=late))
    await take_part(club, club.message("ania", at=early))
    assert await status(club, "ania") == 5


async def test_each_space_has_a_cooldown_of_its_own(club: Club) -> None:
    await club.set_up(OTHER)
    await club.chat("ania")
    await club.chat("ania", space=OTHER)
    assert await status(club, "ania") == 10


async def test_a_message_of_a_redelivered_batch_earns_once(club: Club) -> None:
    batch = [club.message("ania"), club.message("bartek", event_id="m9")]
    await take_part(club, *batch)
    await take_part(club, *batch)
    assert (await status(club, "ania"), await status(club, "bartek")) == (5, 5)


@pytest.mark.parametrize(("length", "earned"), [(4, 0), (5, 5), (None, 5), (0, 0)])
async def test_a_message_must_be_long_enough_where_its_length_is_known(
    club: Club, length: int | None, earned: int
) -> None:
    await take_part(club, club.message("ania", length=length))
    assert await status(club, "ania") == earned


@pytest.mark.parametrize(
    "about",
    [
        {"is_command": True},
        {"is_edit": True},
        {"is_forward": True},
        {"author": Author.BOT},
        {"author": Author.CHANNEL},
        {"author": Author.ANONYMOUS},
        {"author": Author.AUTOMATIC},
        {"space": None},
        {"space": OTHER},
    ],
    ids=str,
)
async def test_what_is_no_message_of_a_person_in_a_space_earns_nothing(club: Club, about: dict[str, Any]) -> None:
    before = await balances(club, "ania")
    await take_part(club, club.message("ania", **about))
    assert await balances(club, "ania") == before


async def test_a_message_marked_as_a_bots_earns_nothing(club: Club) -> None:
    await take_part(club, club.message("ania", person=club.person("ania", is_bot=True)))
    assert await status(club, "ania") == 0


async def test_a_day_has_a_cap_and_the_next_day_another(empty: Address) -> None:
    rule = {"status": 5, "points": 1, "daily_cap": 3}
    async with open_club(empty, config(earning={"message": rule}), inline=True) as club:
        await club.join("olek", "ania")
        await club.set_up()
        start = club.clock.now
        day = [club.message("ania", at=start + timedelta(minutes=minute)) for minute in range(6)]
        await take_part(club, *day[:4])
        await take_part(club, *day[4:])
        await take_part(club, *day)
        assert await balances(club, "ania") == Balances(points=3, status=15, pending=20, pending_status=20)
        await take_part(club, club.message("ania", at=start + timedelta(days=1)))
        assert await status(club, "ania") == 20
    assert verify(empty).problems == []


async def test_the_cap_counts_the_programmes_local_day(empty: Address) -> None:
    async with open_club(empty, config(earning={"message": {"daily_cap": 1}}), inline=True) as club:
        await club.join("olek", "ania")
        await club.set_up()
        midnight = club.clock.now.replace(hour=23, minute=0)  # in Warsaw the 17th begins
        for at in (midnight - timedelta(minutes=5), midnight - timedelta(minutes=2), midnight):
            await take_part(club, club.message("ania", at=at))
        assert await status(club, "ania") == 10


async def test_a_message_from_before_joining_earns_nothing_however_late_it_arrives(club: Club) -> None:
    early = club.message("zosia")
    await club.skip(minutes=5)
    await club.join("zosia")
    await take_part(club, early)
    assert await status(club, "zosia") == 0
    await club.skip(minutes=5)
    await club.chat("zosia")
    assert await status(club, "zosia") == 5


async def test_one_who_left_earns_nothing(club: Club) -> None:
    await club.chat("ania")
    await club.say("ania", "/leave")
    await club.press("ania", "Yes, leave")
    await club.skip(hours=1)
    await club.chat("ania")
    assert await status(club, "ania") == 5


async def test_a_retired_space_earns_nothing(club: Club) -> None:
    from bot.events import BotPresenceChanged

    gone = BotPresenceChanged(event_id="g", at=club.clock.now, place=club.place("ania", SPACE), is_present=False)
    await club.app.handle(gone)
    await club.chat("ania")
    assert await balances(club, "ania") == Balances()


# People who have not joined -------------------------------------------------------------------------------------------


async def test_of_people_who_have_not_joined_nothing_is_stored(club: Club, copy_of_settled: Path | str) -> None:
    marks = {"id": "nieznajoma77", "name": "Genowefa Pigwa", "username": "gpigwa_1"}
    stranger = club.person(marks["id"], shown_as=marks["name"])
    stranger = type(stranger)(stranger.identity, marks["name"], marks["username"])
    message = club.message("ania")
    await take_part(club, message)
    theirs = club.message(marks["id"], person=stranger)
    await take_part(club, theirs, club.reaction(marks["id"], message, person=stranger, added=frozenset("👍")))
    await take_part(club, club.reaction("ania", theirs, added=frozenset("👍"), message_author=stranger.identity))
    presence = club.presence(marks["id"], is_present=True)
    await club.app.handle(
        type(presence)(event_id="p", at=presence.at, place=presence.place, person=stranger, is_present=True)
    )
    for text in ("/start", "/start abc", "/balance", "/help", "/rules", "/balnce", "/bonus 5 x", "/cancel"):
        for space in (None, SPACE):
            await club.say(marks["id"], text, space, person=stranger)
    marked = club.command("marta", "/bonus", SPACE)
    await club.app.handle(
        type(marked)(
            event_id="b",
            at=marked.at,
            place=marked.place,
            person=marked.person,
            name="bonus",
            words=(stranger, "5", "thanks"),
        )
    )
    await club.say("marta", "/bonus 5 thanks", SPACE, reply_to=stranger)
    held = bytes_of(copy_of_settled)
    assert b"Ania" in held
    assert [mark for mark in marks.values() if mark.encode() in held] == []


def bytes_of(where: Path | str) -> bytes:
    """Return all that a database holds; of a file also what was deleted in it."""
    if isinstance(where, Path):
        return b"".join(path.read_bytes() for path in where.parent.glob(f"{where.name}*"))
    return content_of(where).encode()


async def test_the_group_is_invited_once_in_a_while(club: Club) -> None:
    for _ in range(3):
        await club.chat("zosia", "zenek")
        await club.skip(hours=1)
    posts = [post for post in await club.posts() if post.startswith("#klub: ")]
    assert len(posts) == 1
    assert "Some of you have not joined Bywalec yet" in posts[0]
    await club.skip(days=7)
    await club.chat("zosia")
    assert sum("not joined Bywalec" in post for post in await club.posts()) == 1


async def test_members_bots_and_channels_do_not_call_for_an_invitation(club: Club) -> None:
    await take_part(
        club,
        club.message("ania"),
        club.message("robot", author=Author.BOT),
        club.message("kanal", author=Author.CHANNEL),
        club.message("zosia", is_command=True),
    )
    assert await club.posts() == []


# Reactions ------------------------------------------------------------------------------------------------------------


async def spoken(club: Club, name: str, **about: Any) -> MessagePosted:
    message = club.message(name, **about)
    await take_part(club, message)
    return message


async def test_a_reaction_earns_for_the_author_once_per_reactor(club: Club) -> None:
    message = await spoken(club, "ania")
    for name in ("bartek", "bartek", "celina"):
        await take_part(club, club.reaction(name, message, added=frozenset("👍")))
    assert await status(club, "ania") == 7
    assert await status(club, "bartek") == 0


async def test_a_second_emoji_earns_nothing_more_and_one_that_stays_keeps_the_award(club: Club) -> None:
    message = await spoken(club, "ania")
    await take_part(club, club.reaction("bartek", message, added=frozenset("👍")))
    await take_part(club, club.reaction("bartek", message, added=frozenset("🎉")))
    await take_part(club, club.reaction("bartek", message, removed=frozenset("👍")))
    assert await status(club, "ania") == 6
    await take_part(club, club.reaction("bartek", message, removed=frozenset("🎉")))
    assert await status(club, "ania") == 5


async def test_a_reaction_exchanged_for_another_keeps_the_award(club: Club) -> None:
    message = await spoken(club, "ania")
    await take_part(club, club.reaction("bartek", message, added=frozenset("👍")))
    await take_part(club, club.reaction("bartek", message, added=frozenset("🎉"), removed=frozenset("👍")))
    assert await status(club, "ania") == 6


async def test_a_reaction_removed_and_added_again_ends_right(club: Club) -> None:
    message = await spoken(club, "ania")
    add = [club.reaction("bartek", message, added=frozenset("👍")) for _ in range(2)]
    remove = [club.reaction("bartek", message, removed=frozenset("👍")) for _ in range(2)]
    for event, expected in ((add[0], 6), (remove[0], 5), (add[1], 6), (add[1], 6), (remove[1], 5), (remove[1], 5)):
        await take_part(club, event)
        assert await status(club, "ania") == expected
    await take_part(club, add[0], remove[0], add[1])
    assert await status(club, "ania") == 5


async def test_a_reaction_to_ones_own_message_earns_nothing(club: Club) -> None:
    message = await spoken(club, "ania")
    await take_part(club, club.reaction("ania", message, added=frozenset("👍")))
    own = Identity(PLATFORM, "ania")
    await take_part(club, club.reaction("ania", message, added=frozenset("🎉"), message_author=own))
    assert await status(club, "ania") == 5


async def test_reactions_by_bots_strangers_or_to_unknown_messages_earn_nothing(club: Club) -> None:
    message = await spoken(club, "ania")
    unknown = club.message("ania", event_id="never-seen")
    await take_part(
        club,
        club.reaction("bartek", message, added=frozenset("👍"), person=club.person("bartek", is_bot=True)),
        club.reaction("zosia", message, added=frozenset("👍")),
        club.reaction("bartek", unknown, added=frozenset("👍")),
    )
    assert await status(club, "ania") == 5


async def test_reactions_to_a_strangers_message_earn_nothing_and_store_nothing(club: Club) -> None:
    message = await spoken(club, "zosia")
    await take_part(club, club.reaction("bartek", message, added=frozenset("👍")))
    assert await count(club, "reaction") == await count(club, "message_author") == 0


async def test_a_pair_has_a_daily_cap(club: Club) -> None:
    messages = [await spoken(club, "ania", event_id=f"x{number}") for number in range(5)]
    for message in messages:
        await take_part(club, club.reaction("bartek", message, added=frozenset("👍")))
    assert await status(club, "ania") == 5 + 3
    await take_part(club, club.reaction("celina", messages[0], added=frozenset("👍")))
    assert await status(club, "ania") == 5 + 4


async def test_all_who_react_to_one_member_have_a_daily_cap(empty: Address) -> None:
    """What is taken back makes room for others, and the next day begins anew."""
    async with open_club(empty, config(earning={"reaction": {"daily_cap": 2}}), inline=True) as club:
        await club.set_up()
        await club.join(*(names := ["ania", "bartek", "celina", "darek"]))
        first, second = [await spoken(club, "ania", event_id=f"x{number}") for number in range(2)]
        begun = await status(club, "ania")
        for name in names[1:]:
            await take_part(club, club.reaction(name, first, added=frozenset("👍")))
        assert await status(club, "ania") == begun + 2
        await take_part(club, club.reaction("bartek", first, removed=frozenset("👍")))
        assert await status(club, "ania") == begun + 1
        for name in ("darek", "bartek"):
            await take_part(club, club.reaction(name, second, added=frozenset("👍")))
        assert await status(club, "ania") == begun + 2
        await club.skip(days=1)
        await take_part(club, club.reaction("bartek", await spoken(club, "ania"), added=frozenset("👍")))
        assert await status(club, "ania") == begun + 5 + 3


async def test_a_reaction_beyond_the_cap_takes_nothing_back_when_removed(club: Club) -> None:
    messages = [await spoken(club, "ania", event_id=f"x{number}") for number in range(4)]
    for message in messages:
        await take_part(club, club.reaction("bartek", message, added=frozenset("👍")))
    await take_part(club, club.reaction("bartek", messages[3], removed=frozenset("👍")))
    assert await status(club, "ania") == 8


async def test_removing_yesterdays_reactions_does_not_lift_todays_cap(club: Club) -> None:
    messages = [await spoken(club, "ania", event_id=f"x{number}") for number in range(9)]
    for message in messages[:3]:
        await take_part(club, club.reaction("bartek", message, added=frozenset("👍")))
    await club.skip(days=1)
    for message in messages[:3]:
        await take_part(club, club.reaction("bartek", message, removed=frozenset("👍")))
    assert await status(club, "ania") == 5
    for message in messages[3:]:
        await take_part(club, club.reaction("bartek", message, added=frozenset("👍")))
    assert await status(club, "ania") == 5 + 3


async def test_a_reaction_can_be_taken_back_when_the_message_is_long_forgotten(club: Club) -> None:
    message = await spoken(club, "ania")
    await take_part(club, club.reaction("bartek", message, added=frozenset("👍")))
    await club.skip(days=35)
    assert await count(club, "message_author") == 0
    before = await status(club, "ania")
    await take_part(club, club.reaction("celina", message, added=frozenset("👍")))
    assert await status(club, "ania") == before
    for change in ("removed", "added"):
        await take_part(club, club.reaction("bartek", message, **{change: frozenset("👍")}))
        assert await status(club, "ania") == before - 1


async def test_adding_and_removing_all_day_leaves_nothing_behind(club: Club) -> None:
    message = await spoken(club, "ania")
    for _ in range(10):
        await take_part(club, club.reaction("bartek", message, added=frozenset("👍")))
        await take_part(club, club.reaction("bartek", message, removed=frozenset("👍")))
    assert await status(club, "ania") == 5


@pytest.mark.parametrize(("emoji", "left"), [(None, 5), ("👍", 6), ("🎈", 7)])
async def test_reactions_that_a_moderator_clears_are_as_if_taken_back(club: Club, emoji: str | None, left: int) -> None:
    message = await spoken(club, "ania")
    await take_part(club, club.reaction("bartek", message, added=frozenset("👍")))
    await take_part(club, club.reaction("celina", message, added=frozenset("👍🎉")))
    other = await spoken(club, "celina", event_id="other")
    await take_part(club, club.reaction("ania", other, added=frozenset("👍")))
    cleared = club.cleared(message, emoji)
    await take_part(club, cleared)
    assert (await status(club, "ania"), await status(club, "celina")) == (left, 6)
    await take_part(club, club.reaction("bartek", message, added=frozenset("🎈")))
    again = await status(club, "ania")
    await take_part(club, cleared)
    assert await status(club, "ania") == again


async def test_reactions_to_a_message_nobody_knows_can_be_cleared(club: Club) -> None:
    await take_part(club, club.cleared(club.message("ania")))
    assert await count(club, "dead_letter") == 0


async def test_a_reaction_and_its_clearing_come_in_one_batch(club: Club) -> None:
    message = club.message("ania")
    reaction = club.reaction("bartek", message, added=frozenset("👍"))
    await take_part(club, message, reaction, club.cleared(message))
    assert await status(club, "ania") == 5


async def test_a_reaction_from_before_joining_earns_nothing(club: Club) -> None:
    message = await spoken(club, "ania")
    early = club.reaction("zosia", message, added=frozenset("👍"))
    await club.skip(minutes=5)
    await club.join("zosia")
    await take_part(club, early)
    assert await status(club, "ania") == 5


async def test_points_of_a_reaction_are_taken_back_even_if_they_were_spent(empty: Address) -> None:
    rules = {"reaction": {"points": 2}, "purchase": {"pending_days": 0}}
    async with open_club(empty, config(earning=rules), inline=True) as club:
        await club.join("olek", "ania", "bartek")
        await club.set_up()
        await club.say("olek", "/purchase @ania 10 A")
        message = await spoken(club, "ania")
        await take_part(club, club.reaction("bartek", message, added=frozenset("👍")))
        await spend(club, "ania", 12)
        await take_part(club, club.reaction("bartek", message, removed=frozenset("👍")))
        assert (await balances(club, "ania")).points == -2
        assert await count(club, "dead_letter") == 0
    assert verify(empty).problems == []


async def spend(club: Club, name: str, points: int) -> None:
    from tests.handlers.purchases.test_purchases import take

    await take(club, name, points)


async def test_names_and_usernames_of_members_follow_their_messages(club: Club) -> None:
    person = type(club.person("ania"))(Identity(PLATFORM, "ania"), "Anna Nowa", "anna_n")
    await take_part(club, club.message("ania", person=person))
    assert await rows(club, "SELECT name, username FROM identity WHERE user_id = 'ania'") == [("Anna Nowa", "anna_n")]
    assert "Anna Nowa" in await club.say("marta", "/bonus @Anna_N 5 for her new name")
