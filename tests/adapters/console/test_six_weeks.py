"""Six virtual weeks over the change to summer time."""

from datetime import date, timedelta
from pathlib import Path

from storage.verify import verify
from tests.adapters.console.room import transcript

_WEEKS = 6
_FIRST = date(2026, 3, 16)


def _script() -> list[str]:
    lines = []
    for week in range(_WEEKS):
        lines += [
            f"kasia: /purchase @ania {10 + week}.50 R-2{week}",
            "ania#klub: A new week, a new chance",
            "bartek#klub: Who is coming tonight?",
            "ania#klub: +🎉",
            "!skip 3d",
            "celina#klub: Half of it is over already",
            "!skip 4d",
        ]
    return lines


async def test_each_week_has_one_leaderboard_at_nine_whatever_the_clocks_do(tmp_path: Path) -> None:
    path = tmp_path / "demo.db"
    written = await transcript(path, _script())
    posted_at = ["", *written]
    boards = [index for index, line in enumerate(written) if "Last week's leaderboard" in line]
    mondays = [_FIRST + timedelta(weeks=week) for week in range(_WEEKS)]
    assert [posted_at[index] for index in boards] == [f"-- Monday {monday} 09:00" for monday in mondays]
    assert written[-1] == f"-- Monday {_FIRST + timedelta(weeks=_WEEKS)} 08:00"
    report = verify(path)
    assert report.problems == []
    assert set(report.sums.values()) == {0}


async def test_of_many_quiet_weeks_only_the_first_are_shown(tmp_path: Path) -> None:
    written = await transcript(tmp_path / "demo.db", ["!skip 366d", "ania: /card"])
    quiet = [line for line in written if "A quiet week" in line]
    assert len(quiet) == 3
    assert len([line for line in written if "New challenge" in line]) == 3
    # What names somebody or is for one member is always shown.
    assert any("will expire at the end of 31 March 2027" in line for line in written)
    told = [index for index, line in enumerate(written) if line.startswith("-- left out: ")]
    assert written[told[0]] == "-- left out: 97 more like these from quiet weeks"
    assert written[told[0] + 1] == "-- Wednesday 2027-03-17 08:00"
    assert len(written) < 120
    assert verify(tmp_path / "demo.db").is_clean


async def test_posts_fall_due_in_order_however_far_the_clock_moves(tmp_path: Path) -> None:
    at_once = await transcript(tmp_path / "once.db", ["!skip 2w"])
    in_steps = await transcript(tmp_path / "steps.db", ["!skip 1d"] * 14)
    times = [line for line in at_once if line.startswith("-- ")]
    keys = [line.partition(" ")[2].partition(" ")[2] for line in times]
    assert keys == sorted(keys)
    assert [line for line in at_once if line.startswith("bot")] == [line for line in in_steps if line.startswith("bot")]
