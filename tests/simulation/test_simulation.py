"""Whatever happens to messages, processes and clocks, the ledger holds what an independent reckoning says it should."""

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from tests.simulation.auditing import Auditor
from tests.simulation.faults import Rates
from tests.simulation.oracle import Differs, Oracle
from tests.simulation.plan import SETTINGS, USUAL, Plan
from tests.simulation.world import World

_SEEDS = Path(__file__).parent / "seeds.txt"
_HERE = Path(__file__).parent.parent.parent
_SHORT = Plan(seed=1, steps=150, members=20)


@pytest.fixture(autouse=True)
def _quiet() -> object:
    """Thousands of expected failures are not worth a line each."""
    with structlog.testing.capture_logs():
        yield


def regressions() -> list[Plan]:
    """Return the plans that once failed: `seed steps members` a line, then a word on what they found."""
    lines = [line.split(maxsplit=3) for line in _SEEDS.read_text().splitlines() if line and line[0] != "#"]
    return [Plan(int(seed), int(steps), int(members)) for seed, steps, members, *_ in lines]


async def run(plan: Plan, folder: Path) -> World:
    world = World(plan, folder)
    await world.run()
    return world


@pytest.mark.parametrize("seed", range(1, 3))
@pytest.mark.slow
async def test_a_club_keeps_its_books_through_everything(seed: int, tmp_path: Path) -> None:
    # A short run dies as often as a long one.
    world = await run(Plan(seed, steps=300, members=30, rates=replace(USUAL, dies=0.01)), tmp_path)
    assert world.counted.deaths > 1
    # Each of these steps is recounted, and all once more at the end.
    assert world.counted.recounts > world.counted.deadly_steps > 1


@pytest.mark.parametrize("plan", regressions(), ids=lambda plan: f"seed {plan.seed}")
@pytest.mark.slow
async def test_what_once_failed_does_not_fail_again(plan: Plan, tmp_path: Path) -> None:
    await run(plan, tmp_path)


@pytest.mark.slow
async def test_a_storm_of_deaths_loses_nothing(tmp_path: Path) -> None:
    rates = Rates(dies=0.1, away=0.1, defect=0.05)
    world = await run(Plan(seed=7, steps=120, members=20, rates=rates), tmp_path)
    assert world.counted.deaths > 10


_EVERYTHING = {
    # What people do, and that it counted.
    "MessagePosted", "ReactionChanged", "PresenceChanged", "ButtonPressed: joined", "ButtonPressed: left",
    "purchase: purchase_recorded", "refund: refunded", "bonus: bonus_given", "balance: balance", "history: history",
    # What members redeem and are refused, what becomes of their coupons at the till and by their own hand, and how the
    # catalogue changes meanwhile.
    "redeem: reward_offer", "redeem: rewards", "rewards: rewards", "redeem: not_enough_points", "redeem: sold_out",
    "redeem: limit_reached", "redeem: reward_stopped", "ButtonPressed: reward_offer", "ButtonPressed: redeemed",
    "ButtonPressed: redeem_dropped", "ButtonPressed: button_used", "coupons: coupons",
    "ButtonPressed: coupon_given_back", "use: coupon_at_till", "use: no_such_coupon", "use: coupon_malformed",
    "use: coupon_over", "ButtonPressed: coupon_accepted", "ButtonPressed: coupon_over", "ButtonPressed: reward_saved",
    "reward: reward_ended", "reward: reward_resumed",
    # What becomes of updates on their way.
    "doubled", "told again", "reordered", "redelivered", "dropped",
    # How processes, databases and clocks fail.
    "dies before", "dies inside", "dies after", "database away", "defect", "died while sending", "clock an hour back",
    "clock an hour ahead", "clock three days ahead", "machine asleep",
    # How sends fail.
    "429 for a chat", "429 for all", "send refused", "blocked", "unblocked", "lease lost before sending",
    "lease lost while sending", "send lost", "send arrived unnoticed", "send in doubt, at_least_once",
    "send in doubt, at_most_once",
}  # fmt: skip


@pytest.mark.slow
async def test_everything_happens_that_may_happen(tmp_path: Path) -> None:
    rates = Rates(dies=0.03, away=0.02, defect=0.02, jumps=0.05)
    worlds = []
    for seed in (4, 15):
        (tmp_path / str(seed)).mkdir()
        worlds.append(await run(Plan(seed=seed, steps=400, members=30, rates=rates), tmp_path / str(seed)))
    assert {kind for kind in _EVERYTHING if not any(world.counted.happened[kind] for world in worlds)} == set()
    ends = {(coupon.state, coupon.reward.terms.on_expiry) for world in worlds for coupon in world.model.coupons}
    assert ends >= {(state, end) for state in ("used", "expired") for end in ("return", "forfeit")}
    assert {state for state, _ in ends} == {"open", "used", "cancelled", "expired"}
    told = {"coupon_used", "coupon_expiring", "coupon_expired"}
    assert {kind for kind in told if any(world.model.told[kind] for world in worlds)} == told


def test_a_year_is_about_a_hundred_thousand_events() -> None:
    """In bursts whose size is drawn evenly from one event on, hence a little more than half the largest."""
    plan = Plan.of_days(seed=1, days=365, members=100)
    assert 95_000 < plan.steps * (plan.burst + 1) / 2 < 110_000


@pytest.mark.slow
def test_a_seed_replays_step_by_step() -> None:
    """In other processes too, where hashes of text differ."""
    traces = set()
    for hash_seed in ("1", "2"):
        told = subprocess.run(
            [sys.executable, "-m", "tests.simulation", "--seed", "5", "--steps", "60", "--people", "20"],
            cwd=_HERE, env=os.environ | {"PYTHONHASHSEED": hash_seed}, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        traces.add(told.split("trace ")[1])
    assert len(traces) == 1


@pytest.mark.slow
async def test_another_seed_is_another_story(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    one = await run(replace(_SHORT, steps=20), tmp_path / "one")
    other = await run(replace(_SHORT, seed=2, steps=20), tmp_path / "other")
    assert one.trace != other.trace


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE balance SET amount = amount + 1 WHERE account_id = (SELECT MAX(account_id) FROM balance)",
        "UPDATE standing SET amount = amount + 1 WHERE period = 'all' AND space_id = 0 AND member_id = 6",
        "UPDATE presence SET left_at = 1 WHERE holder_id = 6",
        "DELETE FROM board WHERE space_id = 1",
        "UPDATE challenge_mark SET mark = mark || '?', at = 0",
        "DELETE FROM outbox WHERE post_key LIKE 'bonus_received:%'",
        "UPDATE reward SET stock = stock + 1 WHERE stock IS NOT NULL",
        "UPDATE coupon SET expires_at = expires_at + 1 WHERE id = 1",
        "UPDATE coupon SET holder_id = holder_id - 1 WHERE id = (SELECT MAX(id) FROM coupon)",
    ],
)
def test_the_judge_notices(once: World, folder: Path, tmp_path: Path, change: str) -> None:
    path = tmp_path / "club.db"
    shutil.copy(folder / "club.db", path)
    with closing(sqlite3.connect(path)) as connection, connection:
        assert connection.execute(change).rowcount > 0
    judge = Oracle(path, once.model, SETTINGS.programme)
    with pytest.raises(Differs):
        judge.recount()
    judge.close()


@pytest.mark.parametrize("state", ["dropped", "unknown"])
def test_the_judge_of_posts_notices(once: World, folder: Path, tmp_path: Path, state: str) -> None:
    path = tmp_path / "club.db"
    shutil.copy(folder / "club.db", path)
    once._post.judge(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        lost = f"UPDATE outbox SET state = '{state}' WHERE state = 'sent' AND post_key LIKE 'purchase_received:%'"
        assert connection.execute(lost).rowcount > 0
    with pytest.raises(Differs):
        once._post.judge(path)


def test_the_auditor_notices(once: World, folder: Path, tmp_path: Path) -> None:
    """It says so at the end, and nothing of it to the next club in the same process."""
    path = tmp_path / "club.db"
    shutil.copy(folder / "club.db", path)
    auditor = Auditor(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE lot SET remaining = remaining + 1 WHERE id = 1")
    auditor.look("step 1")
    with pytest.raises(Differs, match=r"step 1.*lot"):
        auditor.finish()
    auditor.look("step 2")
    auditor.close()
    assert [file.name for file in tmp_path.iterdir()] == ["club.db"]
    sound = Auditor(folder / "club.db")
    sound.look("step 3")
    sound.finish()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the club is that the judge looks at."""
    return tmp_path_factory.mktemp("judged")


@pytest.fixture(scope="module")
def once(folder: Path) -> World:
    """A club after ten days without faults."""
    rates = Rates(dies=0, away=0, defect=0)
    with structlog.testing.capture_logs():
        return asyncio.run(run(Plan(seed=11, steps=60, members=10, pause_s=15_000, rates=rates), folder))


def test_without_faults_all_agree(once: World) -> None:
    assert once.counted.deaths == 0
    assert once.counted.recounts == 1
