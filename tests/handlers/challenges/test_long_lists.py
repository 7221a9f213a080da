"""What there is more of than buttons fit below a message is on pages, and nothing of it is left out."""

from bot.events import SpaceRef
from tests.club import SPACE, Club, config, open_club
from tests.databases import Address
from tests.handlers.challenges.test_making_challenges import EVERYONE, make
from tests.handlers.looking import labels

TIERS = [
    {"id": f"t{number}", "threshold": 100 * number, "name": {"en": f"Tier {number}", "pl": f"Poziom {number}"}}
    for number in range(1, 21)
]
WAYS = {"Previous", "Next", "Back", "Cancel"}


async def shown(club: Club, name: str = "marta", space: SpaceRef | None = SPACE) -> list[str]:
    """Return what all pages of what was just shown offer, from the first to the last, which is shown then."""
    offered = [label for label in labels(club, name) if label not in WAYS]
    assert "Previous" not in labels(club, name)
    while "Next" in labels(club, name):
        await club.press(name, "Next", space)
        assert "Previous" in labels(club, name)
        assert len(club.shown[name].rows) <= 5, "Discord has no more"
        offered += [label for label in labels(club, name) if label not in WAYS]
    return offered


async def test_every_tier_can_be_chosen(copy_of_settled: Address) -> None:
    async with open_club(copy_of_settled, config(tier=TIERS), inline=True) as club:
        club.event_prefix = "t"
        await make(club, "marta", "A number of purchases", "3", "7", "25", EVERYONE)
        for label in ("More options", "For whom"):
            await club.press("marta", label, SPACE)
        assert await shown(club) == ["Everybody", "Newcomers", *(f"Tier {number}" for number in range(1, 21))]
        last = club.shown["marta"]
        await club.press("marta", "Previous", SPACE)
        assert "Only from the tier Tier 3 up." in await club.press("marta", "Tier 3", SPACE)
        # A page of a question that has been answered leads nowhere.
        club.shown["marta"] = last
        assert "no longer open" in await club.press("marta", "Previous", SPACE)
        await club.say("marta", "/reward add", SPACE)
        await club.press("marta", "A discount", SPACE)
        for text in ("Mug", "Kubek"):
            await club.answer("marta", text, SPACE)
        for _ in range(2):
            await club.press("marta", "Leave it out", SPACE)
        await club.press("marta", "100", SPACE)
        assert (await shown(club))[1:] == [f"Tier {number}" for number in range(1, 21)]


async def test_every_group_can_be_chosen_and_every_challenge_ended(club: Club) -> None:
    titles = [f"Group {number:02}" for number in range(1, 15)]
    for title in titles:
        await club.set_up(SpaceRef("console", title.replace(" ", "-"), title))
    for number in range(9):
        await club.say("olek", "/challenge new")
        for label in ("A number of purchases", "3", "7", "25", EVERYONE):
            await club.press("olek", label)
        await club.answer("olek", f"Goal {number}")
        await club.answer("olek", f"Cel {number}")
        if not number:
            for label in ("More options", "Group"):
                await club.press("olek", label)
            assert set(titles) < set(await shown(club, "olek", None))
            assert "For members of Group 14." in await club.press("olek", "Group 14")
        await club.press("olek", "Publish")
    await club.say("olek", "/challenge stop")
    assert sorted(await shown(club, "olek", None)) == [f"Goal {number}" for number in range(9)]
    await club.press("olek", "Previous")
    ended = next(label for label in labels(club, "olek") if label not in WAYS)
    assert f"{ended} has ended" in await club.press("olek", ended)
