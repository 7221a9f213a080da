"""Filters of challenges: what they leave out, by whose clock, and that challenges which differ in them share marks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from sqlalchemy import insert, update

from bot import codec
from bot.challenges.measures import Counts, Measure
from bot.config.types import Weekday
from bot.events import SpaceRef
from storage import schema
from storage.transaction import Transaction
from tests.club import PLATFORM, Club
from tests.databases import Address
from tests.handlers.challenges.test_challenges import challenge, opened
from tests.handlers.looking import member, rows

_DAYS: tuple[Weekday, ...] = get_args(Weekday)
_MONDAY_NIGHT = datetime(2026, 3, 23, 22, 30, tzinfo=UTC)
"""23:30 in Warsaw, 18:30 in New York."""


def _of(name: str, **about: Any) -> dict[str, Any]:
    return challenge(id=name, **{"goal": 50, "title": {"en": name, "pl": name}} | about)


async def how_far(club: Club, name: str) -> dict[str, int]:
    """Return how far a member is in each open round."""
    member_id = (await member(club, name)).id

    def read(tx: Transaction) -> dict[str, int]:
        far = {one.challenge: tx.challenge_marks.amounts(one, [member_id]) for one in tx.challenges.open_rounds()}
        return {challenge_id: amounts.get(member_id, 0) for challenge_id, amounts in far.items()}

    return await club.database.read(read)


async def test_each_weekday_counts_what_was_done_on_it(empty: Address) -> None:
    messages = [_of(f"said-{day}", counts="messages", weekdays=[day]) for day in _DAYS]
    days = [_of(f"days-{day}", kind="days", goal=2, counts="messages", weekdays=[day, "monday"]) for day in _DAYS[1:]]
    bought = [_of(f"bought-{day}", counts="purchases", weekdays=[day]) for day in _DAYS]
    async for club in opened(empty, *messages, *days, *bought):
        tallies = await rows(club, "SELECT COUNT(*) FROM challenge_tally")
        # Of messages, of days with messages, of purchases.
        assert tallies == [(3,)]
        for number, _ in enumerate(_DAYS[:6]):
            for _ in range(number + 1):
                await club.chat("ania")
                await club.skip(minutes=2)
            await club.say("olek", f"/purchase @ania 20 R{number}")
            await club.skip(days=1, minutes=-2 * (number + 1))
        far = await how_far(club, "ania")
        assert [far[f"said-{day}"] for day in _DAYS] == [1, 2, 3, 4, 5, 6, 0]
        assert [far[f"days-{day}"] for day in _DAYS[1:]] == [2, 2, 2, 2, 2, 1]
        assert [far[f"bought-{day}"] for day in _DAYS] == [1, 1, 1, 1, 1, 1, 0]


async def test_the_day_of_the_week_is_that_of_the_members_clock(empty: Address) -> None:
    kinds = {"said": "messages", "bought": "purchases"}
    both = [_of(f"{name}-{day}", counts=counts, weekdays=[day]) for name, counts in kinds.items() for day in _DAYS[:2]]
    async for club in opened(empty, *both):
        await club.say("ania", "/timezone New York")
        club.clock.now = _MONDAY_NIGHT + timedelta(hours=1)
        await club.chat("ania", "bartek")
        await club.say("olek", "/purchase @ania 20 A")
        await club.say("olek", "/purchase @bartek 20 B")
        assert await how_far(club, "ania") == {
            "said-monday": 1, "said-tuesday": 0, "bought-monday": 1, "bought-tuesday": 0,
        }  # fmt: skip
        assert await how_far(club, "bartek") == {
            "said-monday": 0, "said-tuesday": 1, "bought-monday": 0, "bought-tuesday": 1,
        }  # fmt: skip


async def test_a_least_amount_is_that_of_what_was_kept(empty: Address) -> None:
    least = [
        _of(f"from-{number}", counts="purchases", minimum_amount=amount)
        for number, amount in enumerate(("0", "19.99", "20", "30"))
    ]
    spent = _of("spent", kind="sum", counts="purchases", minimum_amount="20")
    async for club in opened(empty, *least, spent):
        await club.say("olek", "/purchase @ania 20 A")
        await club.say("olek", "/purchase @ania 50 B")
        await club.say("olek", "/purchase @ania 19.99 C")
        assert await rows(club, "SELECT COUNT(*) FROM challenge_tally") == [(1,)]
        assert await how_far(club, "ania") == {"from-0": 3, "from-1": 3, "from-2": 2, "from-3": 1, "spent": 7000}
        await club.say("olek", "/refund B 25")
        assert await how_far(club, "ania") == {"from-0": 3, "from-1": 3, "from-2": 2, "from-3": 0, "spent": 4500}
        await club.say("olek", "/refund B 5.02")
        assert await how_far(club, "ania") == {"from-0": 3, "from-1": 2, "from-2": 1, "from-3": 0, "spent": 2000}


async def test_the_first_who_reach_it_are_those_who_pass_the_filters(empty: Address) -> None:
    first = _of("first", counts="purchases", goal=2, minimum_amount="30", weekdays=["tuesday"], reward="first", best=1)
    async for club in opened(empty, first):
        for receipt in "AB":
            await club.say("olek", f"/purchase @ania 40 {receipt}")
        await club.skip(days=1)
        for receipt in "CDE":
            await club.say("olek", f"/purchase @ania 10 {receipt}")
        for receipt in "FG":
            await club.say("olek", f"/purchase @bartek 40 {receipt}")
        await club.skip(days=7)
        posts = await club.posts()
        assert any(post.startswith("bartek:") and "You did it: first" in post for post in posts)
        assert not any(post.startswith("ania:") and "You did it: first" in post for post in posts)


async def test_a_round_that_was_opened_with_marks_of_its_own_goes_on(empty: Address) -> None:
    """Before marks were shared, those of a filtered round were of its whole measure."""
    measure = Measure(counts=Counts.MESSAGES, weekdays=(0, 2))
    async for club in opened(empty, _of("some", counts="messages", weekdays=["monday", "wednesday"])):

        def as_before(tx: Transaction) -> None:
            (one,) = tx.challenges.open_rounds()
            tx._connection.run(insert(schema.challenge_tally).values(id=77, what=codec.dump(measure.plain())))
            tx._connection.run(update(schema.challenge_round).values(tally_id=77))
            assert tx.challenges.open_rounds() == [replace(one, tally_id=77)]

        await club.database.write(as_before)
        for _ in range(4):
            await club.chat("ania")
            await club.skip(days=1)
        assert await how_far(club, "ania") == {"some": 2}


async def test_messages_in_one_group_are_among_those_of_all(empty: Address) -> None:
    about = {"counts": "messages", "weekdays": ["monday", "tuesday"]}
    async for club in opened(empty, _of("all", **about), _of("klub", space="console:klub", **about)):
        assert await rows(club, "SELECT COUNT(*) FROM challenge_tally") == [(1,)]
        other = SpaceRef(PLATFORM, "other", "Other")
        await club.set_up(other)
        await club.chat("ania")
        await club.chat("ania", space=other)
        await club.skip(minutes=2)
        await club.chat("ania", "bartek", space=other)
        assert await how_far(club, "ania") == {"all": 3, "klub": 1}
        assert await how_far(club, "bartek") == {"all": 1, "klub": 0}
