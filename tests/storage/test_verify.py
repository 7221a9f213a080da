"""Verify finds every kind of tampering with the file."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage.verify import Report, verify
from tests.club import SPACE, config, open_club


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a club in which things happened."""
    import asyncio

    path = tmp_path_factory.mktemp("lived") / "club.db"
    asyncio.run(live(path))
    return path


async def live(path: Path) -> None:
    challenge = {
        "id": "weekly", "counts": "purchases", "goal": 1, "points": 5, "repeat": "weekly",
        "title": {"en": "Buy", "pl": "Kup"},
    }  # fmt: skip
    settings = config(challenge=[challenge])
    async with open_club(path, settings, inline=True) as club:
        await club.join("olek", "ania", "bartek")
        await club.set_up()
        await club.skip(days=7)
        message = club.message("ania")
        await club.app.take_part([message, club.reaction("bartek", message, added=frozenset("👍"))])
        await club.app.take_part([club.reaction("bartek", message, removed=frozenset("👍"))])
        await club.say("olek", "/purchase @ania 50 R-1", SPACE)
        await club.say("olek", "/refund R-1 10", SPACE)
        await club.say("olek", "/bonus @bartek 9 x", SPACE)


TAMPERING = [
    "UPDATE entry SET points = points + 1 WHERE id = 1",
    "UPDATE entry SET unit = 'points' WHERE unit = 'status' AND from_account > 0",
    "UPDATE entry SET to_account = to_account + 4 WHERE reason = 'bonus'",
    "UPDATE entry SET holder_id = holder_id + 1 WHERE reason = 'bonus'",
    "UPDATE entry SET from_account = -999 WHERE reason = 'bonus'",
    "UPDATE entry SET rule_version = 'forged' WHERE reason = 'bonus'",
    "UPDATE entry SET reverses = 1 WHERE reason = 'reverse'",
    "UPDATE entry SET reverses = 4711 WHERE reason = 'reverse'",
    "DELETE FROM entry WHERE reason = 'bonus'",
    "DELETE FROM entry WHERE reason = 'reverse'",
    "INSERT OR REPLACE INTO entry SELECT id, unit, from_account, to_account, points + 5, reason, source, leg, "
    "input_hash, holder_id, actor_id, space_id, rule_version, occurred_at, recorded_at, reverses "
    "FROM entry WHERE reason = 'bonus'",
    "UPDATE balance SET amount = amount + 100 WHERE account_id = 13 AND unit = 'points'",
    "UPDATE balance SET amount = -1 WHERE account_id = 13 AND unit = 'points'",
    "DELETE FROM balance WHERE account_id = 13",
    "INSERT INTO balance VALUES (4001, 'points', 5)",
    "UPDATE lot SET remaining = remaining + 1 WHERE remaining > 0",
    "DELETE FROM lot WHERE remaining > 0",
    "UPDATE account SET id = -77 WHERE name = 'issued:bonus'",
    "DELETE FROM account WHERE name = 'issued:bonus'",
    "DELETE FROM rule_version",
    "UPDATE standing SET amount = amount + 1 WHERE space_id = 0 AND period = 'all'",
    "UPDATE standing SET amount = amount + 1 WHERE space_id = 1 AND period LIKE '2026-W%'",
    "DELETE FROM standing WHERE space_id = 0 AND period = 'all'",
    "UPDATE standing SET is_listed = 1 - is_listed WHERE space_id = 0 AND period = 'all'",
    "UPDATE standing_bucket SET members = members + 1",
    "UPDATE standing_bucket SET members = members + 1 WHERE space_id = 1",
    "DELETE FROM standing_bucket WHERE level = 0",
    "DELETE FROM holder WHERE id = 2",
    "DELETE FROM challenge_mark",
    "UPDATE challenge_progress SET amount = amount + 1",
]


def test_a_club_nobody_tampered_with_is_clean(lived_in: Path) -> None:
    report = verify(lived_in)
    assert report.is_clean
    assert report.sums == {"points": 0, "status": 0}
    assert report.members == 3
    assert report.as_dict()["clean"] is True


@pytest.mark.parametrize("statement", TAMPERING)
def test_tampering_is_found(tmp_path: Path, lived_in: Path, statement: str) -> None:
    report = after(tmp_path, lived_in, statement)
    assert not report.is_clean, statement
    assert report.as_dict()["clean"] is False


def after(folder: Path, lived_in: Path, statement: str) -> Report:
    """Return the report on a copy that somebody with a file and an SQL prompt worked on."""
    path = folder / "club.db"
    path.write_bytes(lived_in.read_bytes())
    guards: list[str] = []
    with closing(sqlite3.connect(path)) as connection:
        if not statement.startswith("INSERT OR REPLACE"):
            triggers = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
            for name, sql in connection.execute(triggers).fetchall():
                connection.execute(f"DROP TRIGGER {name}")
                guards.append(sql)
        assert connection.execute(statement).rowcount > 0
        for sql in guards:
            connection.execute(sql)
        connection.commit()
    return verify(path)


def test_dropped_guards_are_found(tmp_path: Path, lived_in: Path) -> None:
    path = tmp_path / "club.db"
    path.write_bytes(lived_in.read_bytes())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TRIGGER entry_no_update")
        connection.commit()
    assert not verify(path).is_clean


def test_a_damaged_file_is_found(tmp_path: Path, lived_in: Path) -> None:
    held = bytearray(lived_in.read_bytes())
    middle = len(held) // 2
    held[middle : middle + 4096] = bytes(4096)
    path = tmp_path / "club.db"
    path.write_bytes(held)
    try:
        report = verify(path)
    except sqlite3.DatabaseError:
        return
    assert not report.is_clean


def test_verifying_writes_nothing(lived_in: Path) -> None:
    before = lived_in.read_bytes()
    verify(lived_in)
    assert lived_in.read_bytes() == before
