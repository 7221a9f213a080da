"""The list of open challenges when there are many."""

from typing import Any

from adapters.discord.markup import DiscordMarkdown
from adapters.telegram.markup import TelegramHtml
from bot.events import ButtonPressed
from bot.replies import Reply
from tests.club import Club
from tests.databases import Address
from tests.handlers.challenges.test_challenges import challenge, opened
from tests.handlers.looking import labels


def turn(club: Club, label: str) -> ButtonPressed:
    """Return ania's press of a button."""
    about: dict[str, Any] = {"place": club.place("ania", None), "person": club.person("ania"), "at": club.clock.now}
    return ButtonPressed(event_id=club.next_id(), token=club.button("ania", label), **about)


def _rounds(of: Reply) -> list[dict[str, Any]]:
    rounds: Any = of.fields["rounds"]
    return list(rounds)


async def test_many_open_challenges_are_shown_in_pages_that_platforms_take_whole(empty: Address) -> None:
    """The longest names there can be, of characters that are escaped; no challenge is left out or comes twice."""
    words = "_" * 190
    products = [{"id": "cake", "name": {"en": "~" * 40, "pl": "~" * 40}, "categories": ["cakes"]}]
    long = {
        "counts": "purchases", "of": "cake", "minimum_amount": "1000", "joining": True, "reward": "best", "best": 100,
        "points": 10**9, "status": 10**9, "weekdays": ["monday", "tuesday", "wednesday", "thursday", "friday"],
    }  # fmt: skip
    named = [{"en": f"{words} {number}.", "pl": f"{words} {number}."} for number in range(10)]
    many = [challenge(id=f"long-{number}", title=title, **long) for number, title in enumerate(named)]
    short = [challenge(id=f"short-{number}", title={"en": f"Short {number}.", "pl": "K"}) for number in range(10)]
    async for club in opened(empty, *many, *short, product=products):
        for language, onward in (("en", "Next"), ("pl", "Następne")):
            await club.say("ania", f"/language {language}")
            replies, titles = await club.app.handle(club.command("ania", "/challenges")), list[str]()
            club.show("ania", replies)
            while True:
                for markup in (TelegramHtml(), DiscordMarkdown()):
                    said = club.renderer.render(replies[0], markup)
                    assert len(said.text) < 4096
                    assert len(said.rows) <= 5
                titles += [round_["terms"]["title"]["en"] for round_ in _rounds(replies[0])]
                if onward not in labels(club, "ania"):
                    break
                replies = await club.app.handle(turn(club, onward))
                club.show("ania", replies)
            assert sorted(titles) == sorted([title["en"] for title in named] + [f"Short {n}." for n in range(10)])
        # Joining one of a later page stays on it.
        await club.press("ania", "Poprzednie")
        before = labels(club, "ania")
        joined = next(label for label in before if label.startswith("Dołącz"))
        await club.press("ania", joined)
        assert set(before) - {joined} == set(labels(club, "ania"))
