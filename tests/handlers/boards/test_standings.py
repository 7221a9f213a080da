"""Ranks and boards: ties, hiding, staff, frozen weeks, late entries, reversals."""

import itertools
import random
from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.calendar import ALL, Period, period_bounds, week_of
from bot.ledger.ledger import EntryDraft, Reason, Unit, wallet
from bot.members.members import Member
from handlers.listing import relist
from storage.boards.places import Standing
from storage.schema import CLUB
from storage.transaction import Transaction
from tests.club import SPACE, Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import balances, member, rows

NUMBERS = itertools.count()


def gain(to: Member, amount: int, tx: Transaction, space_id: int | None = None) -> None:
    """Give or take status, in a space or wherever they are."""
    route = {"from_programme": "issued:test", "to_account": wallet(to.holder_id)}
    if amount < 0:
        route = {"from_account": wallet(to.holder_id), "to_programme": "issued:test"}
    draft = EntryDraft(
        unit=Unit.STATUS,
        points=abs(amount),
        reason=Reason.CLAWBACK,
        source=f"test:{next(NUMBERS)}",
        holder_id=to.holder_id,
        member_id=to.id,
        occurred_at=tx.now,
        space_id=space_id,
        **route,  # type: ignore[arg-type]
    )
    tx.ledger.post(draft)


async def give(club: Club, **amounts: int) -> None:
    """Give status, which counts in the whole club and in the group everybody is in."""
    for name, amount in amounts.items():
        await club.app.handle(club.presence(name, is_present=True))
        someone = await member(club, name)
        await club.database.write(lambda tx: gain(someone, amount, tx))  # noqa: B023


def lines(board: str) -> list[str]:
    return [line for line in board.splitlines() if line[:1].isdigit() and "took part" not in line]


async def test_ties_share_a_place_and_the_next_skips(club: Club) -> None:
    await give(club, ania=10, bartek=10, celina=7, darek=12)
    assert lines(await club.say("ania", "/leaderboard", SPACE)) == [
        "1. Darek  12",
        "2. Ania  10",
        "2. Bartek  10",
        "4. Celina  7",
    ]
    assert "4 members took part" in club.shown["ania"].text
    assert "place 2 of 4" in await club.say("bartek", "/rank", SPACE)
    assert "Place this week: 4" in await club.say("celina", "/balance", SPACE)


async def test_a_member_sees_who_stands_around_them(club: Club) -> None:
    await give(club, ania=10, bartek=10, celina=7, darek=12, kasia=9)
    said = await club.say("bartek", "/rank", SPACE)
    assert lines(said) == ["1. Darek  12", "2. Ania  10", "2. Bartek  10", "4. Celina  7"]
    assert lines(await club.say("darek", "/rank", SPACE)) == ["1. Darek  12", "2. Ania  10", "2. Bartek  10"]
    assert lines(await club.say("kasia", "/rank", SPACE)) == []
    await club.say("ania", "/leaderboard hide", SPACE)
    assert lines(await club.say("celina", "/rank", SPACE)) == ["1. Darek  12", "2. Bartek  10", "3. Celina  7"]
    assert lines(await club.say("ania", "/rank", SPACE)) == []


async def test_staff_stand_outside_and_see_their_place(club: Club) -> None:
    await give(club, ania=10, marta=50, olek=60, bartek=5)
    assert lines(await club.say("ania", "/leaderboard", SPACE)) == ["1. Ania  10", "2. Bartek  5"]
    assert "2 members took part" in club.shown["ania"].text
    said = await club.say("marta", "/rank", SPACE)
    assert "place 1, 50 status points" in said
    assert "Staff stand outside" in said
    await club.say("olek", "/role marta none")
    assert lines(await club.say("ania", "/leaderboard", SPACE))[0] == "1. Marta  50"


async def test_staff_stand_on_the_board_if_the_config_says_so(empty: Address) -> None:
    async with open_club(empty, config(leaderboard={"include_staff": True}), inline=True) as club:
        await club.join("olek", "ania")
        await club.set_up()
        await give(club, olek=5, ania=3)
        assert lines(await club.say("ania", "/leaderboard", SPACE)) == ["1. Olek  5", "2. Ania  3"]


async def test_a_hidden_member_sees_their_own_place_and_nobody_sees_them(club: Club) -> None:
    await give(club, ania=10, bartek=8, celina=6)
    assert "You are hidden" in await club.say("bartek", "/leaderboard hide", SPACE)
    assert lines(await club.say("ania", "/leaderboard", SPACE)) == ["1. Ania  10", "2. Celina  6"]
    said = await club.say("bartek", "/rank", SPACE)
    assert "place 2, 8 status points" in said
    assert "You are hidden" in said
    await give(club, bartek=4)
    await club.say("bartek", "/leaderboard show", SPACE)
    assert lines(await club.say("ania", "/leaderboard", SPACE)) == ["1. Bartek  12", "2. Ania  10", "3. Celina  6"]


async def test_hiding_is_answered_in_private(club: Club) -> None:
    replies = await club.app.handle(club.command("bartek", "/leaderboard hide", SPACE))
    assert [reply.visibility for reply in replies] == ["private"]
    replies = await club.app.handle(club.command("bartek", "/leaderboard", SPACE))
    assert [reply.visibility for reply in replies] == ["public"]


async def test_one_who_left_vanishes_and_comes_back_with_their_status(club: Club) -> None:
    await give(club, ania=10, bartek=8)
    await club.say("ania", "/leave")
    await club.press("ania", "Yes, leave")
    assert lines(await club.say("bartek", "/leaderboard", SPACE)) == ["1. Bartek  8"]
    await club.join("ania")
    assert lines(await club.say("bartek", "/leaderboard", SPACE)) == ["1. Ania  10", "2. Bartek  8"]


async def test_namesakes_are_told_apart(club: Club) -> None:
    await club.say("bartek", "/cancel", person=club.person("bartek", shown_as="Ania"))
    await give(club, ania=10)
    someone = await member(club, "bartek")
    await club.database.write(lambda tx: gain(someone, 9, tx))
    ends = [(await member(club, name)).card_number[-4:] for name in ("ania", "bartek")]
    assert lines(await club.say("celina", "/leaderboard")) == [f"1. Ania (·{ends[0]})  10", f"2. Ania (·{ends[1]})  9"]


async def test_a_board_has_ten_places(empty: Address) -> None:
    async with open_club(empty, inline=True) as club:
        names = [f"m{number:02}" for number in range(13)]
        await club.join("olek", *names)
        await club.set_up()
        await give(club, **{name: 100 - number for number, name in enumerate(names)})
        assert len(lines(await club.say("m00", "/leaderboard", SPACE))) == 10
        assert "13 members took part" in club.shown["m00"].text


async def test_the_weekly_post_shows_changes_of_place(club: Club) -> None:
    await give(club, ania=10, bartek=8)
    await club.skip(days=7, hours=2)
    first = [post for post in await club.posts() if "leaderboard" in post]
    assert "1. Ania  10\n2. Bartek  8\n\n2 members took part" in first[0]
    await give(club, bartek=50, celina=20, ania=1)
    await club.skip(days=7)
    second = next(post for post in await club.posts() if "leaderboard" in post)
    assert "1. Bartek  70  ▲1" in second  # with 20 for having joined the group, ripe by then
    assert "▼" in next(line for line in second.splitlines() if "Ania" in line)
    assert not set("▲▼") & set(next(line for line in second.splitlines() if "Celina" in line))


async def test_an_empty_week_says_so_in_one_friendly_line(club: Club) -> None:
    await club.skip(days=7, hours=2)
    posts = [post for post in await club.posts() if "leaderboard" in post]
    assert len(posts) == 1
    assert posts[0].splitlines()[1:] == ["A quiet week: nobody is on the board. The next one is wide open!"]


async def waiting(club: Club) -> int:
    """Return how many messages have not moved the standings yet."""
    unmoved = "SELECT COUNT(*) FROM entry WHERE reason = 'message' AND id > {}"
    (upto,) = (await rows(club, "SELECT CAST(value AS BIGINT) FROM setting WHERE key = 'standings.upto'"))[0]
    found: int = (await rows(club, unmoved.format(upto)))[0][0]
    return found


async def test_what_a_busy_chat_gains_moves_the_boards_before_they_are_seen(club: Club) -> None:
    names = [f"guest{number}" for number in range(60)]
    await club.join(*names)

    async def everybody_talks() -> None:
        await club.skip(minutes=2)
        await club.app.take_part([club.message(name) for name in names])
        assert await waiting(club) == len(names)

    await everybody_talks()
    assert "place 1 of 60" in await club.say("guest7", "/rank", SPACE)
    await everybody_talks()
    assert "60 members took part" in await club.say("guest7", "/leaderboard", SPACE)
    await everybody_talks()
    await club.say("guest7", "/leaderboard hide")
    assert await waiting(club) == 0
    await everybody_talks()
    week = week_of(club.clock.now, config().programme.zone).key
    await club.skip(days=8)
    assert "59 members took part" in await club.say("guest1", f"/leaderboard week {week}", SPACE)
    assert (await balances(club, "guest7")).status == (await balances(club, "guest1")).status == 40


async def test_a_past_board_is_frozen(club: Club) -> None:
    await give(club, ania=10, bartek=8)
    week = week_of(club.clock.now, club.config.programme.zone).key
    late = club.message("celina")
    await club.skip(days=7, hours=2)
    before = await club.say("darek", f"/leaderboard week {week}", SPACE)
    await club.app.take_part([late])
    assert await club.say("darek", f"/leaderboard week {week.lower()}", SPACE) == before
    assert lines(before) == ["1. Ania  10", "2. Bartek  8"]


async def test_who_hides_or_leaves_stands_on_no_past_board_either(club: Club) -> None:
    await give(club, ania=50, bartek=40, celina=30)
    week = week_of(club.clock.now, club.config.programme.zone)
    until_midnight = period_bounds(week, club.config.programme.zone)[1] - club.clock.now
    await club.skip(seconds=int(until_midnight.total_seconds()) + 1800)
    # The week is closed, and not posted yet.
    await club.say("ania", "/leaderboard hide")
    await club.skip(hours=12)
    (posted,) = [post for post in await club.posts() if "Last week's leaderboard" in post]
    assert lines(posted) == ["2. Bartek  40", "3. Celina  30"]
    past = f"/leaderboard week {week.key}"
    assert lines(await club.say("darek", past, SPACE)) == ["2. Bartek  40", "3. Celina  30"]
    await club.say("bartek", "/leave")
    await club.press("bartek", "Yes, leave")
    assert lines(await club.say("darek", past, SPACE)) == ["3. Celina  30"]
    await club.say("ania", "/leaderboard show")
    assert lines(await club.say("darek", past, SPACE)) == ["1. Ania  50", "3. Celina  30"]
    for name in ("ania", "celina"):
        await club.say(name, "/leaderboard hide")
    assert "3 members took part; none of them is shown." in await club.say("darek", past, SPACE)


async def test_a_late_entry_counts_in_the_first_open_week(club: Club) -> None:
    late = club.message("celina")
    await club.skip(days=7, hours=2)
    await club.app.take_part([late])
    assert lines(await club.say("celina", "/leaderboard", SPACE)) == ["1. Celina  5"]


async def test_a_reversal_lowers_the_week_of_its_original_while_that_is_open(club: Club) -> None:
    message = club.message("ania")
    await club.app.take_part([message, club.reaction("bartek", message, added=frozenset("👍"))])
    assert lines(await club.say("ania", "/leaderboard", SPACE)) == ["1. Ania  6"]
    await club.skip(days=2)
    await club.app.take_part([club.reaction("bartek", message, removed=frozenset("👍"))])
    assert lines(await club.say("ania", "/leaderboard", SPACE)) == ["1. Ania  5"]


async def test_a_week_or_board_that_never_was_is_refused(club: Club) -> None:
    for week in ("2026-W99", "2026-W47", "1999-W01", "yesterday", "2026-03", "٢٠٢٦-W12"):
        assert "There is no board for" in await club.say("ania", f"/leaderboard week {week}", SPACE), week


async def test_what_a_refusal_names_instead_is_kept(club: Club) -> None:
    said = await club.say("ania", "/leaderboard month 2026-02", SPACE)
    assert said == "There is no board for 2026-02. Boards are kept when their week or month is over."
    await give(club, ania=10)
    week = week_of(club.clock.now, club.config.programme.zone).key
    await club.skip(days=35)
    for view, when in (("week", "2026-W99"), ("month", "2026-13"), ("helpers", "1999-W01"), ("week", "2026-03")):
        said = await club.say("ania", f"/leaderboard {view} {when}", SPACE)
        named = said.rpartition(" ")[2].rstrip(".")
        assert "There is no board" not in await club.say("ania", f"/leaderboard {view} {named}", SPACE), said
    for view in ("all", "spaces"):
        said = await club.say("ania", f"/leaderboard {view} {week}", SPACE)
        assert said.startswith(f"The board {view} has none of the past: write /leaderboard {view} alone."), said


async def test_this_week_by_its_name_is_this_week(club: Club) -> None:
    await give(club, ania=10)
    week = week_of(club.clock.now, club.config.programme.zone).key
    assert lines(await club.say("ania", f"/leaderboard week {week}", SPACE)) == ["1. Ania  10"]


async def test_months_and_all_time_have_boards(club: Club) -> None:
    await give(club, ania=10)
    assert "March 2026" in await club.say("bartek", "/leaderboard month", SPACE)
    assert "of all time" in await club.say("bartek", "/leaderboard all", SPACE)
    await club.skip(days=30)
    assert lines(await club.say("bartek", "/leaderboard month", SPACE)) == []
    assert lines(await club.say("bartek", "/leaderboard all", SPACE)) == ["1. Ania  30", "2. Bartek  20"]


STEP = st.tuples(
    st.sampled_from(("ania", "bartek", "celina", "darek", "kasia")),
    st.one_of(
        st.sampled_from((1, 2, 255, 256, 257, 65535, 65536, 10**9)),
        st.integers(1, 600),
        st.integers(-600, -1),
        st.sampled_from(("hide", "show")),
    ),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, max_size=25))
async def test_a_place_is_one_more_than_the_listed_members_above(
    club: Club, steps: list[tuple[str, int | str]]
) -> None:
    for name, step in steps:
        someone = await member(club, name)
        if isinstance(step, int):
            await club.database.write(lambda tx: gain(someone, step, tx))  # noqa: B023
        else:
            await club.say(name, f"/leaderboard {step}")
    period = week_of(club.clock.now, club.config.programme.zone)
    held = await rows(
        club, "SELECT member_id, amount, is_listed FROM standing WHERE space_id = 0 AND period = ?", period.key
    )
    for _, amount, _ in held:
        above = sum(1 for _, other, is_listed in held if is_listed and other > max(amount, 0))
        place = await club.database.read(lambda tx: tx.leaderboards.place(0, period, max(amount, 0)))  # noqa: B023
        assert place == above + 1
    listed = sorted((-amount, member_id) for member_id, amount, is_listed in held if is_listed and amount > 0)
    top = await club.database.read(lambda tx: tx.leaderboards.top(0, period, 25))
    assert list(top) == [(member_id, -amount) for amount, member_id in listed]


async def test_listing_can_be_brought_in_line_any_number_of_times(club: Club) -> None:
    await give(club, ania=10)
    someone = await member(club, "ania")
    for _ in range(3):
        await club.database.write(lambda tx: relist(someone.id, tx, club.config))
    assert "place 1 of 1" in await club.say("ania", "/rank", SPACE)


async def test_a_place_looked_at_alone_is_the_one_that_moving_the_boards_gives(club: Club) -> None:
    names = ["ania", "bartek", "celina", "darek", "ewa"]
    await club.join("ewa")
    for name in names:
        await club.app.handle(club.presence(name, is_present=True))
    people = [await member(club, name) for name in names]
    rng = random.Random(4)
    seen = Counter[str]()
    for turn in range(40):
        for _ in range(rng.randint(0, 4)):
            if rng.random() < 0.5:
                await club.app.take_part([club.message(rng.choice(names))])
            else:
                where, points = rng.choice([None, 1]), rng.choice([-7, -1, 1, 1, 2, 30])
                await _gain_if_there(club, rng.choice(people), points, where)
        if turn % 10 == 9:
            relisted, is_listed = rng.choice(people), rng.random() < 0.5
            await club.database.write(lambda tx: tx.leaderboards.relist(relisted.id, is_listed=is_listed))  # noqa: B023
        await club.skip(minutes=rng.randint(1, 90))
        one, space_id = rng.choice(people), rng.choice([CLUB, 1])
        period = rng.choice([week_of(club.clock.now, config().programme.zone), ALL])
        now = await club.database.read(lambda tx: _now(tx, space_id, period, one))  # noqa: B023
        await club.database.write(lambda tx: tx.leaderboards.catch_up())
        moved = await club.database.read(lambda tx: tx.leaderboards.standing(space_id, period, one.id))  # noqa: B023
        assert now == (moved, False)
        seen["none" if moved is None else "some"] += 1
    assert min(seen["none"], seen["some"]) > 0


def _now(tx: Transaction, space_id: int, period: Period, of: Member) -> tuple[Standing | None, bool]:
    return tx.leaderboards.standing_now(space_id, period, of.id), tx.leaderboards.was_behind


async def _gain_if_there(club: Club, to: Member, points: int, space_id: int | None) -> None:
    has = await club.database.read(lambda tx: tx.accounts.of(to.id).status)
    if has + points >= 0:
        await club.database.write(lambda tx: gain(to, points, tx, space_id))


async def test_where_much_waits_the_boards_are_moved_before_a_place_is_shown(club: Club) -> None:
    await give(club, ania=1)
    someone = await member(club, "ania")

    def much(tx: Transaction) -> None:
        for _ in range(51):
            gain(someone, 1, tx)

    await club.database.write(much)
    assert await club.database.read(lambda tx: _now(tx, CLUB, ALL, someone)) == (None, True)
    assert "Place this week: 1" in await club.say("ania", "/balance")
    assert await club.database.read(lambda tx: _now(tx, CLUB, ALL, someone)) == (Standing(someone.id, 52, 1), False)
