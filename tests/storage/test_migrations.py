"""Migrations: they give exactly the schema, keep what is there, and refuse what is newer."""

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from storage.engine.migrate import SchemaTooNew, _alembic, current_revision, migrate, newest_revision
from storage.engine.postgres_migrate import migrate_postgres
from storage.engine.times import to_us
from storage.schema import metadata
from storage.verify import verify
from tests.postgres import Server

TABLES = "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL"


def declared(path: Path) -> dict[str, tuple[str, list[str]]]:
    """Return head, tail and parts of the statement of every table and index, blanks and order of parts aside."""
    with closing(sqlite3.connect(path)) as connection:
        # SQLite puts the name of a renamed table in quotes.
        plain = {name: " ".join(sql.replace('"', "").split()) for name, sql in connection.execute(TABLES)}
    found = {name: sql for name, sql in plain.items() if name != "alembic_version"}
    return {name: parts(sql) for name, sql in found.items()}


def parts(sql: str) -> tuple[str, list[str]]:
    head, _, rest = sql.partition("(")
    body, _, tail = rest.rpartition(")")
    return head + tail, sorted(part.strip() for part in re.split(r",(?![^(]*\))", body))


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "c.db"
    migrate(path)
    return path


def columns(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: sorted(row[1:] for row in connection.execute(f"PRAGMA table_info({name})"))
            for name in names
            if name != "alembic_version"
        }


def test_migrations_give_exactly_the_schema(tmp_path: Path, migrated: Path) -> None:
    made = tmp_path / "made.db"
    engine = create_engine(f"sqlite:///{made}", poolclass=NullPool)
    metadata.create_all(engine)
    assert columns(migrated) == columns(made)
    here, there = declared(migrated), declared(made)
    assert here.keys() == there.keys()
    assert {name: (here[name], there[name]) for name in here if here[name] != there[name]} == {}


def test_every_table_is_strict(migrated: Path) -> None:
    with closing(sqlite3.connect(migrated)) as connection:
        loose = [row[1] for row in connection.execute("PRAGMA table_list") if row[2] == "table" and not row[5]]
    assert set(loose) <= {"alembic_version", "sqlite_schema", "sqlite_temp_schema", "sqlite_sequence"}


def test_migrating_twice_changes_nothing(tmp_path: Path, migrated: Path) -> None:
    path = tmp_path / "c.db"
    path.write_bytes(migrated.read_bytes())
    migrate(path)
    assert path.read_bytes() == migrated.read_bytes()


def test_an_absent_or_empty_file_has_no_revision(tmp_path: Path, migrated: Path) -> None:
    assert current_revision(tmp_path / "absent.db") is None
    (tmp_path / "empty.db").touch()
    assert current_revision(tmp_path / "empty.db") is None
    assert current_revision(migrated) == newest_revision()
    assert not (tmp_path / "absent.db").exists()


def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path, migrated: Path) -> None:
    path = tmp_path / "c.db"
    path.write_bytes(migrated.read_bytes())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    before = path.read_bytes()
    with pytest.raises(SchemaTooNew, match="9999"):
        migrate(path)
    assert path.read_bytes() == before


def at_revision(path: Path, revision: str) -> sqlite3.Connection:
    """Return a database as an older program made it."""
    config = _alembic()
    with create_engine(f"sqlite:///{path}", poolclass=NullPool).connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()
    return sqlite3.connect(path)


def test_an_older_database_keeps_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with closing(at_revision(path, "0001")) as old:
        old.execute("INSERT INTO setting VALUES ('kept', '1')")
        old.commit()
    migrate(path)
    with closing(sqlite3.connect(path)) as new:
        assert new.execute("SELECT value FROM setting WHERE key = 'kept'").fetchone() == ("1",)


BUSY = """
    INSERT INTO member (id, card_number, joined_at) VALUES (1, '11', 1), (2, '22', 1);
    INSERT INTO holder VALUES (1, 1, 1), (2, 2, 1);
    INSERT INTO space (id, platform, platform_space_id, title, channel_id, language, weekday, post_time, created_at)
        VALUES (7, 'telegram', '-7', 'Club', '-7', 'en', 0, '09:00', 1);
    INSERT INTO account VALUES (-1, 'issued:message');
    INSERT INTO entry (unit, from_account, to_account, points, reason, source, leg, input_hash, holder_id, space_id,
                       occurred_at, recorded_at)
        VALUES ('status', -1, 5, 2, 'message', 'm1', 1, 'x', 1, 7, 1, 1),
               ('status', -1, 5, 2, 'message', 'm2', 1, 'x', 1, 7, 1, 1),
               ('status', -1, 9, 300, 'message', 'm3', 1, 'x', 2, 7, 1, 1);
    INSERT INTO waiting_gain (member_id, space_id, day, status)
        VALUES (1, 7, '2026-03-16', 2), (1, 7, '2026-03-31', 2), (2, 7, '2026-03-16', 300);
"""


@pytest.mark.parametrize(
    ("closed", "weeks"),
    [
        ("", {("2026-W12", 1): 2, ("2026-W14", 1): 2, ("2026-W12", 2): 300}),
        ("2026-W13", {("2026-W14", 1): 4, ("2026-W14", 2): 300}),
    ],
)
def test_what_waited_for_the_boards_moves_them(tmp_path: Path, closed: str, weeks: dict[tuple[str, int], int]) -> None:
    path = tmp_path / "old.db"
    with closing(at_revision(path, "0003")) as old:
        old.executescript(BUSY)
        if closed:
            old.execute("INSERT INTO setting VALUES ('closed.week', ?)", (closed,))
        old.commit()
    migrate(path)
    assert verify(path).problems == []
    with closing(sqlite3.connect(path)) as new:
        moved = dict(new.execute("SELECT period, SUM(amount) FROM standing WHERE space_id = 7 GROUP BY period"))
        assert moved == {"all": 304, "2026-03": 304} | {
            week: sum(amount for (other, _), amount in weeks.items() if other == week) for week, _ in weeks
        }
        for (week, member_id), amount in weeks.items():
            asked = "SELECT amount FROM standing WHERE space_id = 0 AND period = ? AND member_id = ?"
            assert new.execute(asked, (week, member_id)).fetchone() == (amount,)
        upto = new.execute("SELECT value FROM setting WHERE key IN ('standings.upto', 'months.upto')").fetchall()
        assert upto == [("3",), ("3",)]
        months = "SELECT member_id, month, amount FROM status_month ORDER BY 1"
        assert new.execute(months).fetchall() == [(1, "2026-03", 4), (2, "2026-03", 300)]


@pytest.mark.slow
def test_what_waited_moves_the_boards_of_a_server_too(postgres: Server) -> None:
    name = postgres.make()
    url, config = postgres.url(name), _alembic()
    driver = url.replace("postgresql://", "postgresql+psycopg://")
    with create_engine(driver, poolclass=NullPool).connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        connection.commit()
    with psycopg.connect(url) as old:
        old.execute(BUSY.encode())
    migrate_postgres(url)
    assert verify(url).problems == []
    with psycopg.connect(url) as new:
        asked = b"SELECT member_id, amount FROM standing WHERE space_id = 0 AND period = 'all' ORDER BY 1"
        assert new.execute(asked).fetchall() == [(1, 4), (2, 300)]
    postgres.drop(name)


CHALLENGED = """
    INSERT INTO member (id, card_number, joined_at) VALUES (1, '11', 1), (2, '22', 1);
    INSERT INTO holder VALUES (1, 1, 1), (2, 2, 1);
    INSERT INTO account VALUES (-1, 'issued:challenge:talk');
    INSERT INTO challenge_round (id, challenge, opens_at, closes_at, terms, state)
        VALUES (1, 'talk', 100, 200, '{"title":{"en":"Talk"},"counts":"message_days","goal":1}', 'closed'),
               (2, 'talk', 200, 300, '{"title":{"en":"Talk"},"counts":"message_days","goal":3}', 'open'),
               (3, 'month', 150, 400, '{"title":{"en":"Month"},"counts":"message_days","goal":9}', 'open'),
               (4, 'buy', 150, 400, '{"title":{"en":"Buy"},"counts":"purchases","goal":9}', 'open');
    INSERT INTO challenge_mark VALUES (1, 1, '2026-03-16'), (2, 1, '2026-03-17'), (3, 1, '2026-03-16'),
        (3, 1, '2026-03-17'), (4, 2, 'purchase:7');
    INSERT INTO challenge_progress VALUES (1, 1, 1), (2, 1, 1), (3, 1, 2), (4, 2, 1);
    INSERT INTO entry (unit, from_account, to_account, points, reason, source, leg, input_hash, holder_id,
                       occurred_at, recorded_at)
        VALUES ('status', -1, 5, 2, 'challenge', 'challenge:1:1', 1, 'x', 1, 1, 1);
"""
_AMOUNTS = """
    SELECT challenge_round.id, member_id, COUNT(*) FROM challenge_round
    JOIN challenge_mark ON challenge_mark.tally_id = challenge_round.tally_id AND at >= opens_at AND at < closes_at
    WHERE state = 'open' GROUP BY challenge_round.id, member_id ORDER BY challenge_round.id
"""


def test_marks_of_challenges_are_shared_by_what_counts_alike(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with closing(at_revision(path, "0019")) as old:
        old.executescript(CHALLENGED)
    migrate(path)
    with closing(sqlite3.connect(path)) as new:
        assert new.execute(_AMOUNTS).fetchall() == [(2, 1, 1), (3, 1, 2), (4, 2, 1)]
        assert new.execute("SELECT SUM(paid) FROM challenge_round").fetchone() == (1,)
        day = "SELECT COUNT(*) FROM challenge_mark WHERE day = 739692"
        assert new.execute(day).fetchone() == (1,)


@pytest.mark.slow
def test_marks_of_challenges_are_shared_on_a_server_too(postgres: Server) -> None:
    name = postgres.make()
    url, config = postgres.url(name), _alembic()
    driver = url.replace("postgresql://", "postgresql+psycopg://")
    with create_engine(driver, poolclass=NullPool).connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0019")
        connection.commit()
    with psycopg.connect(url) as old:
        old.execute(CHALLENGED.encode())
    migrate_postgres(url)
    with psycopg.connect(url) as new:
        assert new.execute(_AMOUNTS.encode()).fetchall() == [(2, 1, 1), (3, 1, 2), (4, 2, 1)]
        again = b"INSERT INTO challenge_tally (what) VALUES ('x') RETURNING id"
        assert new.execute(again).fetchone() == (3,)
    postgres.drop(name)


def test_every_revision_is_in_one_line() -> None:
    assert len(ScriptDirectory.from_config(_alembic()).get_heads()) == 1


def test_two_wishes_about_news_become_one(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with closing(at_revision(path, "0022")) as old:
        old.executescript(
            """
            INSERT INTO member (id, card_number, joined_at) VALUES (1, '1', 1), (2, '2', 1), (3, '3', 1), (4, '4', 1);
            INSERT INTO celebration VALUES (1), (3);
            INSERT INTO open_news VALUES (2), (3);
            """
        )
    migrate(path)
    with closing(sqlite3.connect(path)) as new:
        assert new.execute("SELECT id, shares_news FROM member ORDER BY id").fetchall() == [
            (1, 1),
            (2, 1),
            (3, 1),
            (4, 0),
        ]


def test_rests_of_an_older_program_go_on_unless_they_are_far_ahead(tmp_path: Path) -> None:
    path, hour_us, now = tmp_path / "old.db", 3_600_000_000, datetime(2026, 3, 16, 8, tzinfo=UTC)
    with closing(at_revision(path, "0031")) as old:
        ends = ((7, hour_us), (8, 48 * hour_us))
        old.executemany("INSERT INTO rest VALUES ('telegram', ?, ?)", [(who, to_us(now) + us) for who, us in ends])
        old.commit()
    migrate(path)
    with closing(sqlite3.connect(path)) as new:
        rests = new.execute("SELECT destination, asked_at <= ?, ends_at > ? FROM rest", [to_us(now)] * 2).fetchall()
    assert rests == [(7, 1, 1), (8, 0, 1)]
