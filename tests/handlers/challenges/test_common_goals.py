"""Common goals as conversations: one message that is edited and says how it ended, for whom they are, causes."""

from bot.deeds import Pinning
from bot.replies import Waiting
from storage.outgoing.outbox import SENT
from tests.club import Club
from tests.databases import Address
from tests.handlers.boards.test_standings import give
from tests.handlers.challenges.test_challenges import challenge, opened
from tests.handlers.looking import balances, member, rows


async def _edited(club: Club) -> list[str | None]:
    """Return which messages are to be changed to show a common goal."""
    due = await club.database.write(lambda tx: tx.outbox.claim("console", 50))
    return [post.edits for post in due if post.reply.template == "challenge_together"]


async def test_a_common_goal_is_one_message_that_is_edited(empty: Address) -> None:
    common = challenge(kind="sum", counts="purchases", goal=50, together=True, space="console:klub")
    async for club in opened(empty, common):
        await club.posts()
        await club.chat("ania", "bartek", "celina")
        await club.skip(days=7)
        await club.posts()

        await club.say("olek", "/purchase @ania 20 A")
        await club.say("olek", "/purchase @bartek 10 B")
        assert await _edited(club) == []
        await club.skip(minutes=1)
        assert await _edited(club) == ["1"]
        (said,) = [post for post in await club.posts() if "All together" in post]
        assert "▰▰▰▰▰▰▱▱▱▱" in said
        assert "2 members took part so far." in said
        await club.say("olek", "/refund B")
        await club.skip(minutes=1)
        (said,) = [post for post in await club.posts() if "All together" in post]
        assert "▰▰▰▰▱▱▱▱▱▱" in said
        assert "▰▰▰▰▱▱▱▱▱▱" in await club.say("celina", "/challenges")
        await club.say("olek", "/purchase @bartek 30 C")
        await club.skip(days=7)
        posts = await club.posts()
        assert not any("Goal reached" in post for post in posts)
        assert sum("Done! 2 members took part" in post for post in posts) == 1
        assert sum("All together" in post for post in posts) == 2
        assert [(await balances(club, name)).points for name in ("ania", "bartek", "celina")] == [30, 30, 0]
        await club.skip(days=7)
        assert not any("Your reward" in post for post in await club.posts())


async def test_members_see_their_own_part_in_a_common_goal_and_who_has_none_is_promised_nothing(
    empty: Address,
) -> None:
    money = challenge(id="money", kind="sum", counts="purchases", goal=50, together=True)
    number = challenge(id="number", counts="purchases", goal=3, together=True)
    async for club in opened(empty, money, number):
        await club.say("olek", "/purchase @ania 20 A")
        await club.say("olek", "/purchase @ania 15 B")
        said = await club.say("ania", "/challenges")
        assert "PLN\xa035.00/PLN\xa050.00 spent\nYours: PLN\xa035.00." in said
        assert "2/3 purchases\nYours: 2." in said
        said = await club.say("bartek", "/challenges")
        assert said.count("You have no part in it yet.") == 2
        await club.say("olek", "/purchase @ania 20 C")
        assert (await club.say("ania", "/challenges")).count("Done! Your reward, 30 points, comes on") == 2
        said = await club.say("bartek", "/challenges")
        assert said.count("Done! The reward, 30 points for everyone who takes part, comes on") == 2
        assert "Your reward" not in said


async def test_a_common_goal_of_a_group_may_be_counted_and_missed(empty: Address) -> None:
    common = challenge(counts="purchases", goal=3, together=True, space="console:klub")
    async for club in opened(empty, common):
        await club.chat("ania", "bartek")
        await club.say("olek", "/purchase @ania 20 A")
        await club.say("olek", "/purchase @bartek 10 B")
        await club.skip(minutes=1)
        assert any("2/3 purchases" in post for post in await club.posts())
        await club.skip(days=8)
        posts = await club.posts()
        assert sum("Not reached this time: 2/3 purchases" in post for post in posts) == 1
        assert not any("Your reward" in post for post in posts)


async def test_a_common_goal_is_moved_by_those_alone_whom_it_is_for(empty: Address) -> None:
    trees = {"id": "trees", "kind": "donation", "cost": 10, "name": {"en": "Trees", "pl": "Drzewa"}}
    about = {"counts": "purchases", "kind": "sum", "together": True, "points": 0, "cause": "trees", "donation": 500}
    tier = {"id": "gold", "threshold": 1000, "name": {"en": "Gold", "pl": "Złoty"}}
    goals = [
        challenge(id="group", goal=50, space="console:klub", **about),
        challenge(id="tier", goal=30, tier="gold", **about),
        challenge(id="new", goal=30, newcomer_days=3, **about),
    ]
    async for club in opened(empty, *goals, reward=[trees], tier=[tier]):
        await club.skip(days=6)
        await club.join("darek")
        await club.chat("bartek", "celina")
        await club.skip(days=1)
        # Ania is in no group, nor new; Darek is new; Bartek and Celina are in the group, and he holds a tier.
        await give(club, bartek=1000)
        await club.posts()
        for who, amount in (("ania", 900), ("darek", 20), ("bartek", 30), ("celina", 10)):
            await club.say("olek", f"/purchase @{who} {amount} {who}")
        await club.skip(minutes=1)
        shown = [post.replace("\xa0", " ") for post in await club.posts() if "All together" in post]
        assert len(shown) == 3
        assert "PLN 40.00/PLN 50.00 spent" in shown[0]
        assert "2 members took part so far" in shown[0]
        assert "PLN 30.00/PLN 30.00 spent\nDone! 1 member took part." in shown[1]
        assert "PLN 20.00/PLN 30.00 spent" in shown[2]
        assert "PLN 40.00/PLN 50.00" in (await club.say("celina", "/challenges")).replace("\xa0", " ")
        await club.skip(days=7)
        assert sum("1 member took part, so 500 points went" in post for post in await club.posts()) == 1
        source = "SELECT holder_id, points FROM entry WHERE source LIKE 'challenge:%:cause'"
        assert await rows(club, source) == [((await member(club, "bartek")).holder_id, 500)]


async def test_a_common_goal_may_be_for_a_cause_and_is_pinned_until_it_is_over(empty: Address) -> None:
    trees = {"id": "trees", "kind": "donation", "cost": 10, "name": {"en": "Trees", "pl": "Drzewa"}}
    about = {"counts": "purchases", "together": True, "points": 0, "cause": "trees", "donation": 500}
    goals = [challenge(id="two", goal=2, **about), challenge(id="nine", goal=9, **about)]
    async for club in opened(empty, *goals, reward=[trees]):
        said = [post for post in await club.posts() if "All together" in post]
        # Those of the week before are over, and are not pinned any more.
        assert sum("If we make it, 500 points will go to Trees. Until 30 Mar" in post for post in said) == 2
        await club.posts()
        assert club.deeds == [Pinning(), Pinning()]
        await club.say("olek", "/purchase @ania 20 A")
        await club.say("olek", "/purchase @bartek 10 B")
        assert "Done! 500 points will go to Trees" in await club.say("celina", "/challenges")
        before = {name: (await balances(club, name)).points for name in ("ania", "bartek")}
        history = await club.say("ania", "/history")
        await club.skip(days=7)
        posts = await club.posts()
        assert sum("2 members took part, so 500 points went to Trees" in post for post in posts) == 1
        assert not any("Your reward" in post for post in posts)
        (missed,) = [post for post in posts if "Not reached this time: 2/9 purchases\n2 members took part." in post]
        assert "Until" not in missed
        await club.posts()
        assert club.deeds.count(Pinning(is_pinned=False)) == 2
        assert {name: (await balances(club, name)).points for name in ("ania", "bartek")} == before
        assert await club.say("ania", "/history") == history
        given = "SELECT SUM(e.points) FROM entry e JOIN account a ON a.id = e.to_account WHERE a.name = 'cause:trees'"
        assert await rows(club, given) == [(500,)]


async def test_a_cause_gets_what_was_reached_by_members_who_have_all_left_the_group(empty: Address) -> None:
    trees = {"id": "trees", "kind": "donation", "cost": 10, "name": {"en": "Trees", "pl": "Drzewa"}}
    about = {"counts": "messages", "kind": "count", "together": True, "space": "console:klub"}
    goal = challenge(goal=1, points=0, cause="trees", donation=500, **about)
    async for club in opened(empty, goal, reward=[trees]):
        await club.chat("ania")
        await club.app.handle(club.presence("ania", is_present=False))
        await club.skip(days=7)
        posts = await club.posts()
        assert sum("1 member took part, so 500 points went to Trees" in post for post in posts) == 1
        given = "SELECT SUM(e.points) FROM entry e JOIN account a ON a.id = e.to_account WHERE a.name = 'cause:trees'"
        assert await rows(club, given) == [(500,)]
        await club.skip(days=7)
        assert not any("went to Trees" in post for post in await club.posts())


async def _being_sent(club: Club) -> Waiting:
    """Begin to send the message of the one common goal."""
    due = await club.database.write(lambda tx: tx.outbox.claim("console", 50))
    (edit,) = [post for post in due if post.reply.template == "challenge_together"]
    await club.database.write(lambda tx: tx.outbox.begin(edit.id))
    return edit


async def _sent(club: Club, post: Waiting) -> None:
    await club.database.write(lambda tx: tx.outbox.end(post.id, SENT, post.edits, None))


async def test_a_goal_that_ends_while_its_message_is_being_sent_is_closed_when_that_can_say_so(empty: Address) -> None:
    missed = challenge(counts="purchases", goal=3, together=True, repeat=None, starts="2026-03-23", ends="2026-03-30")
    other = challenge(id="other", counts="purchases", goal=1, repeat=None, starts="2026-03-23", ends="2026-03-30")
    async for club in opened(empty, missed, other):
        await club.say("olek", "/purchase @ania 20 A")
        await club.skip(days=6)
        await club.posts()
        await club.say("olek", "/purchase @ania 20 B")
        await club.skip(minutes=1)
        edit = await _being_sent(club)
        await club.skip(days=1, hours=20)
        assert any("Challenge over" in post for post in await club.posts())
        assert await rows(club, "SELECT challenge FROM challenge_round WHERE state = 'open'") == [("hello",)]
        await _sent(club, edit)
        await club.skip(hours=1)
        posts = await club.posts()
        assert sum("Not reached this time: 2/3 purchases" in post for post in posts) == 1
        assert await rows(club, "SELECT challenge FROM challenge_round WHERE state = 'open'") == []
