"""Coming to a space and leaving it; the bot's own removal; spaces that move."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.events import BotPresenceChanged, ReachabilityChanged, SpaceMigrated, SpaceRef
from bot.ledger.ledger import Balances
from tests.club import PLATFORM, SPACE, Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import balances, count, rows

WAITING = Balances(pending=20, pending_status=20)
OTHER = SpaceRef(PLATFORM, "inny", "Inny")


def bot(club: Club, *, is_present: bool, space: SpaceRef = SPACE) -> BotPresenceChanged:
    return BotPresenceChanged(
        event_id=club.next_id(), at=club.clock.now, place=club.place("olek", space), is_present=is_present
    )


async def comes(club: Club, name: str, space: SpaceRef = SPACE) -> None:
    await club.app.handle(club.presence(name, is_present=True, space=space))


async def goes(club: Club, name: str, space: SpaceRef = SPACE) -> None:
    await club.app.handle(club.presence(name, is_present=False, space=space))


async def test_joining_a_space_ripens_after_seven_days(club: Club) -> None:
    await comes(club, "ania")
    assert await balances(club, "ania") == WAITING
    await club.skip(days=6, hours=23)
    assert await balances(club, "ania") == WAITING
    await club.skip(hours=2)
    assert await balances(club, "ania") == Balances(points=20, status=20)


async def test_status_of_joining_counts_on_the_board_once_ripe(club: Club) -> None:
    await comes(club, "ania")
    assert "Ania" not in await club.say("ania", "/leaderboard", SPACE)
    await club.skip(days=7, hours=2)
    assert "Ania  20" in await club.say("ania", "/leaderboard", SPACE)


async def test_leaving_before_takes_it_back_for_good(club: Club) -> None:
    await comes(club, "ania")
    await club.skip(days=3)
    await goes(club, "ania")
    assert await balances(club, "ania") == Balances()
    await comes(club, "ania")
    await club.skip(days=20)
    assert await balances(club, "ania") == Balances()


async def test_leaving_after_it_ripened_keeps_it(club: Club) -> None:
    await comes(club, "ania")
    await club.skip(days=8)
    await goes(club, "ania")
    assert await balances(club, "ania") == Balances(points=20, status=20)


async def test_only_the_first_time_in_each_space_earns(club: Club) -> None:
    await comes(club, "ania")
    await comes(club, "ania")
    await club.chat("ania")
    await club.say("ania", "/language en", SPACE)
    assert (await balances(club, "ania")).pending == 20
    await club.set_up(OTHER)
    await comes(club, "ania", OTHER)
    assert (await balances(club, "ania")).pending == 40


async def test_a_going_told_again_after_coming_back_takes_nothing(club: Club) -> None:
    gone = club.presence("ania", is_present=False)
    back = club.presence("ania", is_present=True)
    for event in (gone, back, gone, back):
        await club.app.handle(event)
    assert await balances(club, "ania") == WAITING


async def test_one_who_leaves_the_programme_and_then_the_space_loses_what_was_not_ripe(club: Club) -> None:
    await comes(club, "ania")
    await club.say("ania", "/leave")
    await club.press("ania", "Yes, leave")
    await goes(club, "ania")
    await club.skip(days=8)
    assert await balances(club, "ania") == Balances()


async def test_of_strangers_coming_and_going_nothing_is_kept(club: Club) -> None:
    before = [await count(club, table) for table in ("presence", "handled", "identity")]
    await comes(club, "zosia")
    await goes(club, "zosia")
    assert [await count(club, table) for table in ("presence", "handled", "identity")] == before


async def test_a_group_that_is_no_space_earns_nothing(club: Club) -> None:
    await comes(club, "ania", OTHER)
    assert await balances(club, "ania") == Balances()


async def test_a_member_of_the_group_who_joins_the_programme_there_is_in_the_space(club: Club) -> None:
    await club.join("zosia", space=SPACE)
    assert await balances(club, "zosia") == WAITING


async def test_a_removed_bot_retires_the_space_and_a_returned_one_revives_it(club: Club) -> None:
    await club.chat("ania")
    await club.app.handle(bot(club, is_present=False))
    await club.skip(days=8)
    assert [post for post in await club.posts() if post.startswith("#")] == []
    assert await balances(club, "ania") == Balances(points=20, status=25)
    await club.app.handle(bot(club, is_present=True))
    await club.chat("ania")
    await club.skip(days=7)
    assert [post for post in await club.posts() if "leaderboard" in post] != []


async def test_a_removal_told_again_after_the_return_is_past(club: Club) -> None:
    gone, back = bot(club, is_present=False), bot(club, is_present=True)
    for event in (gone, back, gone):
        await club.app.handle(event)
    assert await rows(club, "SELECT retired_at FROM space") == [(None,)]


async def test_setting_up_again_revives_a_retired_space(club: Club) -> None:
    await club.app.handle(bot(club, is_present=False))
    await club.set_up()
    await club.chat("ania")
    assert (await balances(club, "ania")).status == 5


async def test_a_migrated_space_is_the_same_space(club: Club) -> None:
    await club.chat("ania")
    migrated = SpaceMigrated(event_id="m", at=club.clock.now, place=club.place("olek", SPACE), new_space_id="klub-2")
    for event in (migrated, replace(migrated, event_id="m2")):
        await club.app.handle(event)
    club.clock.now += timedelta(minutes=5)
    await club.chat("ania", space=SpaceRef(PLATFORM, "klub-2", "Klub"))
    assert await balances(club, "ania") == Balances(status=10, pending=20, pending_status=20)
    assert await count(club, "space") == 1


async def test_what_was_said_before_a_space_moved_counts_when_it_is_heard_later(club: Club) -> None:
    """A send may be what tells of it first; what the platform has queued still has the former id."""
    place = club.place("olek", SPACE)
    for number, new_id in enumerate(("klub-2", "klub-3")):
        here = place if number == 0 else replace(place, space=SpaceRef(PLATFORM, "klub-2", "Klub"))
        await club.app.handle(SpaceMigrated(event_id=new_id, at=club.clock.now, place=here, new_space_id=new_id))
    said = club.message("bartek")
    await club.app.take_part([club.message("ania"), said, club.reaction("celina", said, added=frozenset("❤"))])
    assert (await balances(club, "ania")).status == 5
    assert "Ania" in await club.say("ania", "/leaderboard", SPACE)
    # That the bot is no longer in what is no group any more says nothing about the one it has become.
    await club.app.handle(bot(club, is_present=False))
    assert await rows(club, "SELECT platform_space_id, retired_at FROM space") == [("klub-3", None)]


async def test_a_challenge_of_the_config_is_for_its_group_also_after_that_moved(empty: Address) -> None:
    title = {"en": "Say hello", "pl": "Przywitaj się"}
    hello = {"id": "hello", "counts": "messages", "goal": 1, "points": 5, "title": title, "space": f"{PLATFORM}:klub"}
    settings = config(challenge=[hello | {"starts": date(2026, 3, 18), "ends": date(2026, 3, 20)}])
    async with open_club(empty, settings, inline=True) as club:
        await club.join("olek", "ania")
        await club.set_up()
        moved = SpaceMigrated(event_id="m", at=club.clock.now, place=club.place("olek", SPACE), new_space_id="klub-2")
        await club.app.handle(moved)
        await club.skip(days=3)
        (opened,) = [post for post in await club.posts() if "New challenge: Say hello" in post]
        assert opened.startswith("#klub-2: ")


async def test_a_migrated_space_that_was_set_up_anew_is_not_in_the_way(club: Club) -> None:
    new = SpaceRef(PLATFORM, "klub-2", "Klub")
    await club.set_up(new)
    await club.app.handle(
        SpaceMigrated(event_id="m", at=club.clock.now, place=club.place("olek", SPACE), new_space_id="klub-2")
    )
    assert await count(club, "dead_letter") == 0
    await club.chat("ania", space=new)
    assert (await balances(club, "ania")).status == 5


def _blocked(club: Club) -> ReachabilityChanged:
    about = club.clock.now, club.place("ania", None), club.person("ania")
    return ReachabilityChanged(event_id="b", at=about[0], place=about[1], person=about[2], is_reachable=False)


@pytest.mark.parametrize("said", ["/cancel", "/balance", None], ids=["writes", "reads", "nothing"])
async def test_who_blocked_the_bot_gets_no_private_posts_until_they_write_again(club: Club, said: str | None) -> None:
    await club.app.handle(_blocked(club))
    if said is not None:
        await club.say("ania", said)
    await club.say("marta", "/bonus @ania 5 x")
    assert bool(await club.posts()) == (said is not None)


@pytest.mark.parametrize("space", [None, SPACE], ids=["in private", "in the group"])
async def test_who_left_and_blocked_the_bot_hears_of_it_again_once_they_join_in_private(
    club: Club, space: SpaceRef | None
) -> None:
    await club.say("ania", "/leave")
    await club.press("ania", "Yes, leave")
    await club.app.handle(_blocked(club))
    await club.join("ania", space=space)
    await club.posts()
    await club.say("marta", "/bonus @ania 5 x")
    assert [post.partition(":")[0] for post in await club.posts()] == (["ania"] if space is None else [])
    await club.say("ania", "/balance")
    await club.say("marta", "/bonus @ania 6 x")
    assert [post.partition(":")[0] for post in await club.posts()] == ["ania"]
