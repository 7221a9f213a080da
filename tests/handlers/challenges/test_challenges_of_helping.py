"""Challenges that count what members do for each other: thanks, answers to newcomers, friends brought along."""

from typing import Any

from tests.club import Club
from tests.databases import Address
from tests.handlers.challenges.test_challenges import challenge, opened
from tests.handlers.referrals.test_referrals import code_of, come


def titled(title: str, counts: str, goal: int, **about: Any) -> dict[str, Any]:
    return challenge(id=counts.replace("_", "-"), counts=counts, goal=goal, title={"en": title, "pl": title}, **about)


async def answer(club: Club, name: str, to: str, **options: Any) -> None:
    """Let somebody reply to a message of somebody else."""
    await club.app.take_part([club.message(name, replies_to=club.person(to).identity, **options)])


async def test_what_members_do_for_each_other_counts(empty: Address) -> None:
    challenges = [
        titled("Thank", "thanks_given", 2),
        titled("Be thanked", "thanks_received", 2, kind="days"),
        titled("Answer", "newcomers_answered", 3),
        titled("Bring", "friends_brought", 2),
    ]
    async for club in opened(empty, *challenges):
        await club.skip(days=32)
        await club.join("darek")
        await club.say("ania", "/thanks @bartek")
        await club.say("ania", "/thanks @celina")
        await club.say("celina", "/thanks @bartek")
        said = await club.say("ania", "/challenges")
        assert "2/2 thank-yous to others" in said
        assert "0/2 days with a thank-you from others" in said
        assert "1/2 days with a thank-you from others" in await club.say("bartek", "/challenges")

        # Darek is new, and once a day is enough; the others are not, nor is who has not joined.
        for to in ("darek", "darek", "bartek", "zofia", "ania"):
            await answer(club, "ania", to)
        await answer(club, "bartek", "darek", length=1)
        await answer(club, "darek", "darek")
        assert "1/3 answers to newcomers" in await club.say("ania", "/challenges")
        assert "0/3 answers to newcomers" in await club.say("bartek", "/challenges")
        assert "0/3 answers to newcomers" in await club.say("darek", "/challenges")
        await club.skip(days=1)
        await answer(club, "ania", "darek")
        assert "2/3 answers to newcomers" in await club.say("ania", "/challenges")

        code = await code_of(club, "ania")
        for name in ("ewa", "filip"):
            await come(club, name, code)
        await club.say("olek", "/purchase @ewa 50 E")
        assert "1/2 friends brought along" in await club.say("ania", "/challenges")
        await club.say("olek", "/purchase @filip 50 F")
        assert "2/2 friends brought along" in await club.say("ania", "/challenges")
        await club.say("olek", "/refund E")
        assert "1/2 friends brought along" in await club.say("ania", "/challenges")
        await club.say("olek", "/purchase @ewa 60 E2")
        await club.posts()
        await club.skip(days=6)
        paid = {post for post in await club.posts() if "You did it" in post}
        assert paid == {f"ania: You did it: {title}. Your reward: 30 points." for title in ("Thank", "Bring")}
