"""An effect has a source: the same again changes nothing and answers the same, another under its name is an error."""

from dataclasses import replace

import pytest

from bot.errors import UserError
from bot.events import ButtonPressed, Command
from bot.ledger.ledger import EntryDraft, Reason, SourceReused, Unit, wallet
from bot.ledger.points import AlreadySettled, NotEnoughPoints
from storage.transaction import Transaction
from tests.club import MONDAY, PLATFORM, SPACE, Club
from tests.databases import Address
from tests.handlers.looking import balances, count
from tests.handlers.rewarding import COFFEE, TREE, catalogue
from tests.holds import capture, hold, release

DRAFT = EntryDraft(
    unit=Unit.POINTS, points=100, reason=Reason.BONUS, source="gift:1", holder_id=1, member_id=1,
    from_programme="issued:bonus", to_account=wallet(1), occurred_at=MONDAY,
)  # fmt: skip
OTHERS = (
    DRAFT._replace(points=101),
    DRAFT._replace(unit=Unit.STATUS),
    DRAFT._replace(holder_id=2, to_account=wallet(2)),
    DRAFT._replace(from_programme="issued:purchase"),
    DRAFT._replace(reason=Reason.PURCHASE),
)


async def entries(club: Club) -> int:
    return len(await club.database.read(lambda tx: tx.ledger.entries_of("gift:1")))


async def test_the_same_source_with_the_same_input_is_written_once(club: Club) -> None:
    assert await club.database.write(lambda tx: tx.ledger.post(DRAFT))
    for _ in range(3):
        assert not await club.database.write(lambda tx: tx.ledger.post(DRAFT))
    assert await entries(club) == 1


@pytest.mark.parametrize("other", OTHERS, ids=lambda draft: f"{draft.unit}-{draft.points}-{draft.reason}")
async def test_the_same_source_with_another_input_is_an_error_and_writes_nothing(club: Club, other: EntryDraft) -> None:
    await club.database.write(lambda tx: tx.ledger.post(DRAFT))
    with pytest.raises(SourceReused):
        await club.database.write(lambda tx: tx.ledger.post(other))
    with pytest.raises(SourceReused):
        await club.database.write(lambda tx: tx.ledger.post_many([DRAFT._replace(source="gift:2"), other]))
    assert await entries(club) == 1
    assert await club.database.read(lambda tx: tx.ledger.unknown(["gift:1", "gift:2"])) == {"gift:2"}


async def test_a_command_that_comes_again_gets_its_first_answer_and_counts_once(club: Club) -> None:
    given = club.command("marta", "/bonus @ania 50 thanks", SPACE)
    first = await club.app.handle(given)
    assert [await club.app.handle(given) for _ in range(3)] == [first] * 3
    assert "50" in await club.say("ania", "/balance")


async def test_the_same_event_with_other_words_is_refused_for_good(club: Club) -> None:
    given = club.command("marta", "/bonus @ania 50 thanks", SPACE)
    await club.app.handle(given)
    await club.app.handle(replace(given, words=("@ania", "60", "thanks")))
    assert "50" in await club.say("ania", "/balance")
    letters = await club.database.read(lambda tx: tx.events.dead_letters())
    assert [letter.reason for letter in letters] == ["SourceReused"]


async def test_what_was_refused_stays_refused_when_it_comes_again(club: Club) -> None:
    asked = club.command("marta", "/bonus @ania 501 thanks", SPACE)
    first = await club.app.handle(asked)
    assert first[0].template == "bonus_too_large"
    await club.say("marta", "/bonus @ania 500 thanks", SPACE)
    assert await club.app.handle(asked) == first


async def test_a_press_and_a_command_that_were_refused_for_too_few_points_stay_refused_when_points_come(
    copy_of_settled: Address,
) -> None:
    async with catalogue(copy_of_settled, COFFEE, TREE) as club:
        await club.say("marta", "/bonus @ania 120 x")
        await club.say("ania", "/redeem coffee")
        token = club.button("ania", "Yes, redeem")
        await club.say("ania", "/redeem tree")
        await club.press("ania", "Yes, give them")
        asked = club.command("ania", "/redeem coffee")
        pressed = ButtonPressed(
            event_id="pressed", at=club.true, place=club.place("ania", None), person=club.person("ania"), token=token
        )
        events: tuple[Command | ButtonPressed, ...] = (asked, pressed)
        refused = [await club.app.handle(event) for event in events]
        assert [[reply.template for reply in replies] for replies in refused] == [["not_enough_points"]] * 2
        await club.say("marta", "/bonus @ania 400 x")
        before, before_coupons = await balances(club, "ania"), await count(club, "coupon")
        for event, first in zip(events * 2, refused * 2, strict=True):
            assert await club.app.handle(event) == first
        assert await balances(club, "ania") == before
        assert await count(club, "coupon") == before_coupons
        # It is that press alone: another one of the same button redeems.
        [redeemed] = await club.app.handle(replace(pressed, event_id="pressed again"))
        assert redeemed.template == "redeemed"
        assert (await balances(club, "ania")).held == before.held + 100
        assert await club.app.handle(pressed) == refused[1]
        assert await count(club, "coupon") == before_coupons + 1


async def test_a_hold_is_taken_once_and_settled_once(club: Club) -> None:
    await club.say("marta", "/bonus @ania 100 thanks", SPACE)

    async def spend(work: str, source: str, points: int = 60) -> type[UserError] | None:
        def run(tx: Transaction) -> None:
            member = tx.members.by_username(PLATFORM, "ania")
            assert member is not None
            if work == "hold":
                hold(points, member, source, tx)
            else:
                {"capture": capture, "release": release}[work](source, tx)

        try:
            await club.database.write(run)
        except UserError as refusal:
            return type(refusal)
        return None

    assert [await spend("hold", "r1") for _ in range(3)] == [None] * 3
    assert await spend("hold", "r2") is NotEnoughPoints
    with pytest.raises(SourceReused):
        await spend("hold", "r1", 61)
    assert [await spend("release", "r1") for _ in range(3)] == [None] * 3
    assert await spend("capture", "r1") is AlreadySettled
    assert [await spend("hold", "r2"), await spend("capture", "r2"), await spend("capture", "r2")] == [None] * 3
    assert await spend("release", "r2") is AlreadySettled
    assert await spend("hold", "r3") is NotEnoughPoints
