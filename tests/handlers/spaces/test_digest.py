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


async def test_a_digest_has_all_buttons_of_a_part_or_none(empty: Address) -> None:
    async with open_club(empty, config(programme={"group_posts_per_day": 1}), inline=True) as club:
        await club.join("olek")
        await club.set_up()

        def post(tx: Transaction, name: str, count: int) -> None:
            space = tx.spaces.by_ref(SPACE)
            assert space is not None
            about = "language.choose", {"language": "en"}
            buttons = tuple((Button("as_is", *about, {"text": f"{name}{number}"}),) for number in range(1, count + 1))
            tx.post(Post(ToSpace(space.id), "welcome_back", name, {"name": name}, buttons=buttons))

        parts = {"first": 1, "A": 4, "B": 4, "C": 18, "D": 17}
        for name, count in parts.items():
            await club.database.write(lambda tx: post(tx, name, count))  # noqa: B023
        await club.skip(hours=26)
        (digest,) = [text for text in await club.posts() if "else" in text]
        assert all(name in digest for name in "ABCD")
        shown = [button.label for row in club.shown["klub"].rows for button in row]
        assert shown == [f"{name}{number}" for name in "ABD" for number in range(1, parts[name] + 1)]


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
