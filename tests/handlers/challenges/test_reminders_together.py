"""Who is to be reminded of several challenges at the same time is told in one message."""

import pytest

from handlers.challenges import reminding
from tests.club import Club
from tests.databases import Address
from tests.handlers.challenges.test_challenges import challenge, opened

_PURCHASES = challenge(id="buy", counts="purchases", goal=2, title={"en": "Buy", "pl": "Kup"})


async def reminded(club: Club) -> list[str]:
    """Return the reminders of half time."""
    await club.posts()
    await club.skip(days=3, hours=4)
    return sorted(post for post in await club.posts() if ": you have " in post or ": masz " in post)


async def test_several_are_told_in_one_message_and_one_as_ever(empty: Address) -> None:
    async for club in opened(empty, challenge(), _PURCHASES):
        await club.say("celina", "/language pl")
        await club.chat("ania", "bartek", "celina")
        for name in ("ania", "celina"):
            await club.say("olek", f"/purchase @{name} 10 {name}")
        assert await reminded(club) == [
            "ania: Say hello: you have 1 of 3 days with a message. Until 30 Mar, 08:00.\n"
            "Buy: you have 1 of 2 purchases. Until 30 Mar, 08:00.",
            "bartek: Say hello: you have 1 of 3 days with a message. Until 30 Mar, 08:00.",
            "celina: Przywitaj się: masz 1, cel to 3 dni z wiadomością. Do 30 marca, 08:00.\n"
            "Kup: masz 1, cel to 2 zakupy. Do 30 marca, 08:00.",
        ]


async def test_one_message_holds_five_and_what_ends_first_stands_first(empty: Address) -> None:
    titles = [{"en": f"Number {number}", "pl": f"Numer {number}"} for number in range(7)]
    period = {"repeat": None, "starts": "2026-03-23", "ends": "2026-03-30"}
    challenges = [
        challenge(id=f"number-{number}", title=title, time=f"{8 if number < 6 else 7:02}:00", **period)
        for number, title in enumerate(titles)
    ]
    async for club in opened(empty, *challenges):
        await club.chat("ania")
        said = await reminded(club)
        assert sorted(post.count("you have 1 of") for post in said) == [2, 5]
        assert any(post.startswith("ania: Number 6:") for post in said)


async def test_a_part_of_the_members_is_told_of_all_that_is_due_for_them(
    empty: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminding, "_AT_ONCE", 2)
    joined = challenge(id="join", goal=2, joining=True, title={"en": "Join", "pl": "Wejdź"})
    async for club in opened(empty, challenge(), _PURCHASES, joined):
        await club.join("darek", "marta", "kasia")
        await club.chat("ania", "celina", "darek", "kasia")
        for name in ("ania", "bartek", "marta", "kasia"):
            await club.say("olek", f"/purchase @{name} 10 {name}")
        for name in ("darek", "kasia"):
            await club.say(name, "/challenges")
            await club.press(name, "Join: Join")
        said = {post.partition(":")[0]: post.count(": you have ") for post in await reminded(club)}
        assert said == {"ania": 2, "bartek": 1, "celina": 1, "darek": 2, "kasia": 3, "marta": 1}
