"""Retention: everything is dropped when its time is over, in parts that hold nobody up."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.calendar import Occurrence
from bot.earning.versions import RuleBook
from bot.replies import Post, ToSpace
from bot.rewards.rewards import Reward, Terms
from handlers.operating import retention
from handlers.scheduler import Run
from storage.outgoing.outbox import DROPPED, SENT, UNKNOWN
from storage.transaction import Transaction
from tests.club import SPACE, Club
from tests.handlers.looking import count, rows
from tests.platforms.pictures import png

FEW = 3
SPREAD = ("message_author", "outbox", "dead_letter", "attempt")
"""Tables whose rows are of different instants here; of one instant all go together."""


@pytest.fixture(autouse=True)
def in_small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "_AT_ONCE", FEW)


async def night(club: Club) -> list[str | None]:
    """Do one night's work; return the marks its parts left."""
    marks: list[str | None] = []
    run = Run(Occurrence("night", club.clock.now), None, club.config, RuleBook.of(club.config))
    while not marks or marks[-1] is not None:
        part = replace(run, progress=marks[-1] if marks else None)
        before = await sizes(club)
        marks.append(await club.database.write(lambda tx: retention.forget(part, tx)))  # noqa: B023
        after = await sizes(club)
        assert all(before[table] - after[table] <= FEW for table in SPREAD)
    return marks


async def sizes(club: Club) -> Mapping[str, int]:
    tables = ("handled", "outbox", "message_author", "daily_count", "button", "dead_letter", "attempt")
    return {table: await count(club, table) for table in tables}


async def posts(club: Club, state: str, many: int) -> None:
    """Queue posts to the group and let all but the last one end so."""

    def work(tx: Transaction) -> None:
        space = tx.spaces.by_ref(SPACE)
        assert space is not None
        for number in range(many):
            tx.post(Post(ToSpace(space.id), "cancelled", f"{state}:{number}"))
        for post in tx.outbox.claim(SPACE.platform, many)[:-1]:
            tx.outbox.begin(post.id)
            tx.outbox.end(post.id, state, None, None)

    await club.database.write(work)


async def kept(club: Club) -> list[tuple[str, bool, int]]:
    """Return the state of posts, whether their text is there, and how many there are."""
    found = await rows(club, "SELECT state, reply <> '', COUNT(*) FROM outbox GROUP BY 1, 2 ORDER BY 1, 2")
    return [(state, bool(has_text), amount) for state, has_text, amount in found]


async def test_everything_is_dropped_part_by_part(club: Club) -> None:
    await club.posts()
    for name in ("ania", "bartek", "celina", "darek") * 3:
        await club.chat(name)
        club.clock.now += timedelta(minutes=10)
    for number in range(8):
        await club.app.park(f"event {number}", "Update", "no message id")
        await club.say("olek", "/setup", SPACE)
        await club.database.write(lambda tx: tx.events.count_try(f"try {number}"))  # noqa: B023
        club.clock.now += timedelta(seconds=1)
    full = await sizes(club)
    assert min(full[table] for table in full if table != "outbox") > FEW
    assert await rows(club, "SELECT COUNT(*) FROM handled WHERE reply IS NULL") == [(0,)]
    assert len(await night(club)) > 1
    assert await sizes(club) == full
    club.clock.now += timedelta(days=3)
    await night(club)
    assert await rows(club, "SELECT COUNT(*) FROM handled WHERE reply IS NOT NULL") == [(0,)]
    assert await sizes(club) == full
    club.clock.now += timedelta(days=5)
    await night(club)
    assert {table: size for table, size in (await sizes(club)).items() if size != full[table]} == {
        "dead_letter": 0,
        "attempt": 0,
    }
    club.clock.now += timedelta(days=90)
    assert len(await night(club)) > 3
    left = await sizes(club)
    assert {table for table in left if left[table]} <= {"outbox"}
    assert await count(club, "form") == 0


async def test_texts_go_first_and_in_the_end_that_there_was_a_post(club: Club) -> None:
    await night(club)
    await rid_of_posts(club)
    for state in (SENT, DROPPED, UNKNOWN):
        await posts(club, state, 5)
    full = [("dropped", True, 4), ("sent", True, 4), ("unknown", True, 4), ("waiting", True, 3)]
    assert await kept(club) == full
    await later(club, days=30)
    assert await kept(club) == full
    await later(club, days=1)
    emptied = [("dropped", False, 4), ("sent", False, 4), ("unknown", False, 4), ("waiting", True, 3)]
    assert await kept(club) == emptied
    await later(club, days=369)
    assert await kept(club) == emptied
    await later(club, days=1)
    assert await kept(club) == [("unknown", False, 4), ("waiting", True, 3)]


async def later(club: Club, days: int) -> None:
    club.clock.now += timedelta(days=days)
    await night(club)


async def rid_of_posts(club: Club) -> None:
    """Let what was queued before be as old as can be."""
    await club.posts()
    club.clock.now += timedelta(days=401)
    await night(club)
    assert await kept(club) == []


async def test_pictures_are_kept_as_long_as_a_reward_shows_them(club: Club) -> None:
    shown, dropped, fresh = png(1, 1), png(2, 2), png(3, 3)

    def keep(tx: Transaction) -> None:
        tx.pictures.keep(dropped)
        terms = Terms({"en": "A mug"}, {}, picture=tx.pictures.keep(shown))
        tx.rewards.add(Reward(0, "mug", terms, 10, is_stopped=True))

    await club.database.write(keep)
    await night(club)
    assert await count(club, "picture") == 2
    club.clock.now += timedelta(days=1, seconds=1)
    await club.database.write(lambda tx: tx.pictures.keep(fresh))
    await night(club)
    assert await rows(club, "SELECT png FROM picture ORDER BY kept_at") == [(shown,), (fresh,)]
