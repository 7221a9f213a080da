"""A group is not flooded: what goes beyond the posts of its day comes together the next morning."""

import pytest

from bot.boards.leaderboards import Board, Row
from bot.replies import Button, MemberName, Post, ToSpace
from handlers.members.erasing import erase
from storage.transaction import Transaction
from tests.club import SPACE, config, open_club
from tests.databases import Address
from tests.handlers.challenges.test_challenges import challenge, opened
from tests.handlers.looking import member, rows


async def test_what_is_beyond_the_budget_of_a_day_comes_in_one_digest(empty: Address) -> None:
    async with open_club(empty, config(programme={"group_posts_per_day": 2}), inline=True) as club:
        await club.join("olek", "ania", "bartek")
        await club.set_up()
        ania = await member(club, "ania")

        def post(tx: Transaction, number: int, *, is_urgent: bool = False) -> None:
            space = tx.spaces.by_ref(SPACE)
            assert space is not None
            button = ((Button("language_en", "language.choose", {"language": "en"}),),)
            fields = {"name": ania.display if number == 3 else f"Guest {number}"}
            tx.post(
                Post(
                    ToSpace(space.id), "welcome_back", f"{number}", fields, buttons=button if number == 5 else (),
                    is_urgent=is_urgent,
                )
            )  # fmt: skip

        for number in range(1, 6):
            await club.database.write(lambda tx: post(tx, number))  # noqa: B023
        await club.database.write(lambda tx: post(tx, 9, is_urgent=True))
        assert [text.split("Guest ")[1][0] for text in await club.posts()] == ["9", "1", "2"]
        await club.database.write(lambda tx: erase(ania.id, tx.now, tx))
        await club.skip(hours=23)
        assert [text for text in await club.posts() if "else" in text] == []
        await club.skip(hours=3)
        (digest,) = [text for text in await club.posts() if "else" in text]
        assert digest.startswith("#klub: What else happened:\n\n")
        assert ("Guest 4" in digest, "Guest 5" in digest, "Ania" in digest) == (True, True, False)
        assert [button.label for row in club.shown["klub"].rows for button in row] == ["English"]
        assert await rows(club, "SELECT COUNT(*) FROM outbox WHERE state = 'held' OR reply LIKE '%Guest 4%'") == [(1,)]
        await club.database.write(lambda tx: post(tx, 6))
        assert len([text for text in await club.posts() if "Guest 6" in text]) == 1
        await club.skip(days=2)
        assert [text for text in await club.posts() if "else" in text] == []


async def test_what_has_more_parts_or_buttons_than_a_message_shows_comes_in_several(empty: Address) -> None:
    async with open_club(empty, config(programme={"group_posts_per_day": 1}), inline=True) as club:
        await club.join("olek")
        await club.set_up()

        def post(tx: Transaction, name: str, count: int) -> None:
            space = tx.spaces.by_ref(SPACE)
            assert space is not None
            about = "language.choose", {"language": "en"}
            buttons = tuple((Button("as_is", *about, {"text": f"{name}{number}"}),) for number in range(1, count + 1))
            tx.post(Post(ToSpace(space.id), "welcome_back", name, {"name": name}, buttons=buttons))

        parts = {"first": 1, "A": 4, "B": 4, "C": 18, "D": 7} | {f"E{number}": 0 for number in range(9)}
        for name, count in parts.items():
            await club.database.write(lambda tx: post(tx, name, count))  # noqa: B023
        await club.database.write(lambda tx: post(tx, "long " * 700, 0))
        await club.database.write(lambda tx: post(tx, "also long " * 100, 0))
        await club.posts()
        await club.skip(hours=26)
        digests = [text for text in await club.posts() if "else" in text]
        told = [[name for name in [*parts, "long", "also"] if f"already, {name}" in text] for text in digests]
        assert told == [
            ["A", "B"],
            ["C", "D", "E0", "E1", "E2", "E3", "E4", "E5"],
            ["E6", "E7", "E8", "long"],
            ["also"],
        ]
        assert all(len(text) < 4096 for text in digests)


async def test_members_who_have_the_same_news_are_named_together_after_what_is_the_clubs_own(empty: Address) -> None:
    async with open_club(empty, config(programme={"group_posts_per_day": 4}), inline=True) as club:
        names = [f"guest{number:02}" for number in range(12)]
        await club.join("olek", *names)
        await club.set_up()
        for name in names:
            await club.say(name, "/badges open")
        guests = [await member(club, name) for name in names]

        def post(tx: Transaction) -> None:
            space = tx.spaces.by_ref(SPACE)
            assert space is not None
            for number, one in enumerate(guests):
                for level in (5, 6) if number < 3 else (5,):
                    fields = {"name": one.in_news, "level": level}
                    tx.post(Post(ToSpace(space.id), "level_of_member", f"{number} {level}", fields))
            for number in range(4):
                tx.post(Post(ToSpace(space.id), "welcome_back", f"{number}", {"name": f"Own {number}"}))

        await club.database.write(post)
        said = await club.posts()
        assert [("level" in text, "Own" in text) for text in said] == [(True, False)] * 2 + [(False, True)] * 2
        await club.skip(hours=26)
        (digest,) = [text for text in await club.posts() if "else" in text]
        _, *parts = digest.split("\n\n")
        assert [part.split("Own ")[1][0] for part in parts[:2]] == ["2", "3"]
        assert parts[2:] == [
            "Guest01 has reached level 5! The same goes for Guest02, Guest03, Guest04, Guest05, Guest06 and 5 others.",
            "Guest01 has reached level 6! The same goes for Guest02.",
        ]


async def test_of_news_of_many_kinds_some_are_counted_alone(empty: Address) -> None:
    async with open_club(empty, config(programme={"group_posts_per_day": 1}), inline=True) as club:
        await club.join("olek", "ania", "bartek")
        await club.set_up()
        both = [await member(club, name) for name in ("ania", "bartek")]
        for name in ("ania", "bartek"):
            await club.say(name, "/badges open")

        def post(tx: Transaction) -> None:
            space = tx.spaces.by_ref(SPACE)
            assert space is not None
            for level in range(1, 11):
                for one in both:
                    fields = {"name": one.in_news, "level": level}
                    tx.post(Post(ToSpace(space.id), "level_of_member", f"{one.id} {level}", fields))

        await club.database.write(post)
        assert not any("level" in text for text in await club.posts())
        await club.skip(hours=26)
        (digest,) = [text for text in await club.posts() if "else" in text]
        assert digest.count("The same goes for Bartek.") == 8
        assert digest.endswith("And news of 4 others.")


async def test_what_is_edited_is_counted_once_and_never_held(empty: Address) -> None:
    async with open_club(empty, config(programme={"group_posts_per_day": 2}), inline=True) as club:
        await club.set_up()

        def post(tx: Transaction, key: str, number: int) -> None:
            space = tx.spaces.by_ref(SPACE)
            assert space is not None
            said = Post(ToSpace(space.id), "welcome_back", key, {"name": f"Guest {number}"})
            if key.startswith("goal"):
                assert tx.repost(said)
            else:
                tx.post(said)

        for number in range(4):
            await club.database.write(lambda tx: post(tx, "goal", number))  # noqa: B023
            assert [text.split("Guest ")[1][0] for text in await club.posts()] == [str(number)]
        for number in (5, 6):
            await club.database.write(lambda tx: post(tx, f"{number}", number))  # noqa: B023
        assert [text.split("Guest ")[1][0] for text in await club.posts()] == ["5"]
        # There is room for none, but what is pinned and edited cannot stand in a digest.
        await club.database.write(lambda tx: post(tx, "goal of others", 7))
        assert [text.split("Guest ")[1][0] for text in await club.posts()] == ["7"]


async def test_what_waited_names_nobody_who_hid_and_no_former_name(empty: Address) -> None:
    async with open_club(empty, config(programme={"group_posts_per_day": 2}), inline=True) as club:
        await club.join("olek", "ania", "bartek", "celina")
        await club.set_up()
        ania, bartek, celina = [await member(club, name) for name in ("ania", "bartek", "celina")]
        rows_of = [Row(place, one.id, MemberName(one.name), 9 - place) for place, one in enumerate((bartek, ania), 1)]
        board: dict[str, object] = {"board": Board("2026-W11", tuple(rows_of), 2)}

        def post(tx: Transaction) -> None:
            space = tx.spaces.by_ref(SPACE)
            assert space is not None
            for number, one in enumerate((celina, bartek, None, bartek, ania)):
                template = "weekly_leaderboard" if one is None else "welcome_back"
                fields = board if one is None else {"name": one.display}
                tx.post(Post(ToSpace(space.id), template, f"{number}", fields))

        await club.database.write(post)
        await club.say("bartek", "/leaderboard hide")
        await club.say("ania", "/alias Bookworm")
        (said,) = await club.posts()
        assert "Celina" in said
        assert await rows(club, "SELECT state FROM outbox WHERE space_id > 0 ORDER BY id") == [
            (state,) for state in ("sent", "dropped", "held", "held", "held")
        ]
        await club.skip(hours=26)
        (digest,) = [text for text in await club.posts() if "else" in text]
        assert "2. Bookworm" in digest
        assert digest.count("Bookworm") == 2
        assert not any(name in digest for name in ("Ania", "Bartek"))


@pytest.mark.parametrize("posts_per_day", [1, 100], ids=["held", "waiting"])
async def test_news_of_a_member_who_keeps_them_private_by_then_are_not_sent(empty: Address, posts_per_day: int) -> None:
    """The announcement of the challenge is the one post of the day; news wait for the sender, or for the digest."""
    once = challenge(goal=1, counts="purchases")
    async for club in opened(empty, once, programme={"group_posts_per_day": posts_per_day}):
        await club.posts()
        for name in ("ania", "bartek"):
            await club.say(name, "/badges open")
            await club.chat(name)
            await club.say("olek", f"/purchase @{name} 10 {name}")
        await club.skip(minutes=2)
        await club.say("bartek", "/badges private")
        said = await club.posts()
        await club.skip(hours=26)
        said += await club.posts()
        in_group = "\n".join(text for text in said if text.startswith("#klub:"))
        assert "Ania did it: Say hello. Well done!" in in_group
        assert in_group.count("Ania") == 2, "a challenge done and a badge"
        assert "Bartek" not in in_group
        # They were told of the badge themselves.
        assert any(text.startswith("bartek: ") and "First purchase" in text for text in said)


async def test_what_is_over_by_then_is_not_begun_in_a_digest(empty: Address) -> None:
    # All open at eight on Monday; of the last two one ends an hour before the digest.
    once = {"repeat": None, "starts": "2026-03-23", "time": "08:00", "goal": 1}
    challenges = [
        challenge(**once, id=name.lower(), title={"en": name, "pl": name}, ends=ends)
        for name, ends in (("First", "2026-03-25"), ("Short", "2026-03-24"), ("Long", "2026-03-26"))
    ]
    async for club in opened(empty, *challenges, programme={"group_posts_per_day": 1}):
        assert len([text for text in await club.posts() if "New challenge" in text]) == 1
        await club.skip(hours=26)
        digests = [text for text in await club.posts() if "else" in text]
        assert [("Long" in text, "New challenge: Short" in text) for text in digests] == [(True, False)]


async def test_where_all_is_over_by_then_there_is_no_digest(empty: Address) -> None:
    once = {"repeat": None, "starts": "2026-03-23", "time": "08:00", "ends": "2026-03-24", "goal": 1}
    challenges = [challenge(**once, id=name.lower(), title={"en": name, "pl": name}) for name in ("First", "Short")]
    async for club in opened(empty, *challenges, programme={"group_posts_per_day": 1}):
        assert len([text for text in await club.posts() if "New challenge" in text]) == 1
        await club.skip(hours=26)
        assert [text for text in await club.posts() if "New challenge" in text] == []
        assert await rows(club, "SELECT COUNT(*) FROM outbox WHERE state = 'held'") == [(0,)]
