"""Builds a club of any size in SQL, set by set: what the bot would have written, so that `verify` finds it clean.

Member n has the holder n, the Telegram id 1000000 + n and five entries: a purchase last week (points, which for every
tenth member are still pending, and status), a message this week (points and status), and a reaction this week (status).
"""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.boards.leaderboards import BITS, LEVELS
from bot.calendar import ALL, month_of, week_of
from bot.config.config import Config
from bot.events import Identity, Person, Place, SpaceRef
from bot.members.cards import card_number
from handlers.table import build_app
from storage.boards.places import MOVED_UPTO
from storage.engine.database import SqliteDatabase
from storage.engine.migrate import migrate
from storage.engine.times import to_us
from storage.tiers.status_months import MONTHS_UPTO

NOW = datetime(2026, 3, 19, 12, 0, tzinfo=UTC)
LAST_WEEK = NOW - timedelta(days=7)
ENTRIES_A_MEMBER = 5
STAFF = 20
_PLATFORM = "telegram"
_FIRST_USER_ID = 1_000_000
_MEMBERS_A_SPACE = 1000
CONFIG = Config.model_validate({"programme": {"owner_ids": [f"{_PLATFORM}:{_FIRST_USER_ID + 1}"]}})
ZONE = CONFIG.programme.zone
THIS_WEEK, WEEK_BEFORE, MONTH = week_of(NOW, ZONE), week_of(LAST_WEEK, ZONE), month_of(NOW, ZONE)
# A fast and even spread over the numbers below 2^32, after Knuth's multiplicative hashing.
_SPREAD = "((n * 2654435761 + {salt} * 40503) % 4294967296)"


def spaces_of(members: int) -> int:
    """Return how many spaces a club of so many members has; each member is in one."""
    return max(1, members // _MEMBERS_A_SPACE)


def identity(number: int) -> Identity:
    """Return the identity of a member by number, from 1."""
    return Identity(_PLATFORM, str(_FIRST_USER_ID + number))


def person(number: int) -> Person:
    """Return a member as their platform tells of them."""
    return Person(identity(number), f"Person {number}", f"person{number}")


def card_numbers(path: Path) -> list[str]:
    """Return the numbers of the cards of a club's members."""
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT card_number FROM member ORDER BY id")]


def private_place(number: int) -> Place:
    """Return a member's private chat with the bot."""
    return Place(_PLATFORM, str(_FIRST_USER_ID + number))


def space_place(space_id: int) -> Place:
    """Return the channel of a space."""
    return Place(_PLATFORM, _channel(space_id), SpaceRef(_PLATFORM, _channel(space_id), f"Space {space_id}"))


def _channel(space_id: int) -> str:
    return str(-1_000_000_000_000 - space_id)


def build(path: Path, members: int) -> None:
    """Write a new database file with so many members."""
    path.unlink(missing_ok=True)
    migrate(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -200000", "foreign_keys = OFF"):
            connection.execute(f"PRAGMA {pragma}")
        connection.create_function("card", 1, card_number, deterministic=True)
        with _without_indexes_and_triggers(connection):
            _people(connection, members)
            _ledger(connection)
            _standings(connection)
            connection.execute("DROP TABLE temp.people")
    asyncio.run(_settle(path))


async def _settle(path: Path) -> None:
    """Let the bot itself add what it gives a new database, and what a first start gives it."""
    database = await SqliteDatabase.open(path, lambda: NOW, CONFIG.programme)
    try:
        await build_app(database, CONFIG).start()
    finally:
        await database.close()


@contextmanager
def _without_indexes_and_triggers(connection: sqlite3.Connection) -> Iterator[None]:
    """Take them away and put them back: an index made at once costs a fraction of one kept row by row."""
    found = connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
    ).fetchall()
    for kind, name, _ in found:
        connection.execute(f"DROP {kind} {name}")
    yield
    for _, _, sql in found:
        connection.execute(sql)


def _people(connection: sqlite3.Connection, members: int) -> None:
    joined = to_us(NOW - timedelta(days=100))
    amount = "1 + ({0} % 1000) * (({0} >> 10) % 1000) / 400"
    bought, wrote = (amount.format(_SPREAD.format(salt=salt)) for salt in (1, 2))
    connection.execute(
        f"""
        CREATE TEMP TABLE people AS
        WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {members})
        SELECT n, 1 + (n - 1) % {spaces_of(members)} AS space_id, n > {STAFF} AS is_listed, n % 10 = 0 AS is_pending,
               {bought} AS bought, {wrote} AS wrote, 1 + n % 7 AS reacted
        FROM numbers
        """
    )
    connection.execute(
        f"""
        INSERT INTO member (id, card_number, joined_at, language, is_listed)
        SELECT n, card({_SPREAD.format(salt=3)} % 50 * 2000000 + n), {joined}, 'en', is_listed FROM people
        """
    )
    connection.execute(f"INSERT INTO holder (id, member_id, created_at) SELECT n, n, {joined} FROM people")
    connection.execute(
        f"""
        INSERT INTO identity (platform, user_id, holder_id, name, username, is_owner, seen_at)
        SELECT '{_PLATFORM}', CAST({_FIRST_USER_ID} + n AS TEXT), n, 'Person ' || n, 'person' || n, n = 1,
               {to_us(NOW)} FROM people
        """
    )
    connection.execute(
        f"""
        INSERT INTO role_grant (member_id, role, space_id, granted_at)
        SELECT n, 'moderator', 0, {joined} FROM people WHERE n BETWEEN 2 AND {STAFF}
        """
    )
    connection.execute(
        f"""
        INSERT INTO space (id, platform, platform_space_id, title, channel_id, language, weekday, post_time, created_at)
        SELECT n, '{_PLATFORM}', CAST(-1000000000000 - n AS TEXT), 'Space ' || n,
               CAST(-1000000000000 - n AS TEXT), 'en', 0, '09:00', {to_us(NOW)}
        FROM people WHERE n <= {spaces_of(members)}
        """
    )
    connection.execute(
        f"INSERT INTO presence (holder_id, space_id, first_seen_at) SELECT n, space_id, {joined} FROM people"
    )


_ENTRY = """
    INSERT INTO entry (unit, from_account, to_account, points, reason, source, leg, input_hash, holder_id, space_id,
                       occurred_at, recorded_at)
    SELECT '{unit}', {issued}, n * 4 + {kind}, {points}, '{reason}', printf('{reason}:%09d', n), {leg}, 'built', n,
           space_id, {at}, {at} FROM people ORDER BY n
"""


def _ledger(connection: sqlite3.Connection) -> None:
    for number, name in ((-1, "issued:purchase"), (-2, "issued:message"), (-3, "issued:reaction")):
        connection.execute("INSERT INTO account (id, name) VALUES (?, ?)", (number, name))
    before, now = to_us(LAST_WEEK), to_us(NOW)
    for issued, reason, leg, unit, kind, points, at in (
        (-1, "purchase", 0, "points", "1 + is_pending", "bought", before),
        (-1, "purchase", 1, "status", "1", "bought", before),
        (-2, "message", 0, "points", "1", "wrote", now),
        (-2, "message", 1, "status", "1", "wrote", now),
        (-3, "reaction", 0, "status", "1", "reacted", now),
    ):
        connection.execute(
            _ENTRY.format(issued=issued, reason=reason, leg=leg, unit=unit, kind=kind, points=points, at=at)
        )
    connection.execute(
        """
        INSERT INTO balance (account_id, unit, amount)
        SELECT to_account, unit, SUM(points) FROM entry GROUP BY to_account, unit ORDER BY 1, 2
        """
    )
    ripens_at, expires_at = to_us(NOW + timedelta(days=14)), to_us(datetime(2027, 3, 31, 22, 0, tzinfo=UTC))
    connection.execute(
        f"""
        INSERT INTO lot (entry_id, account_id, holder_id, unit, points, remaining, ripens_at, expires_at)
        SELECT id, to_account, holder_id, unit, points, points, IIF(to_account % 4 = 2, {ripens_at}, NULL),
               IIF(to_account % 4 = 2, NULL, {expires_at})
        FROM entry WHERE unit = 'points' ORDER BY id
        """
    )


def _standings(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO setting (key, value) SELECT ?, CAST(MAX(id) AS TEXT) FROM entry", (MOVED_UPTO,))
    connection.execute("INSERT INTO setting (key, value) SELECT ?, CAST(MAX(id) AS TEXT) FROM entry", (MONTHS_UPTO,))
    connection.execute(
        "INSERT INTO status_month (member_id, month, amount) "
        "SELECT n, ?, bought + wrote + reacted FROM people ORDER BY n",
        (MONTH.key,),
    )
    parts = " UNION ALL ".join(
        f"SELECT {space} AS space_id, '{period.key}' AS period, n, {amount} AS amount, is_listed FROM people"
        for space in ("0", "space_id")
        for period, amount in (
            (MONTH, "bought + wrote + reacted"),
            (WEEK_BEFORE, "bought"),
            (THIS_WEEK, "wrote + reacted"),
            (ALL, "bought + wrote + reacted"),
        )
    )
    connection.execute(
        "INSERT INTO standing (space_id, period, member_id, amount, is_listed) "
        f"SELECT * FROM ({parts}) ORDER BY 1, 2, 3"
    )
    for level in range(LEVELS):
        connection.execute(
            f"""
            INSERT INTO standing_bucket (space_id, period, level, bucket, members)
            SELECT space_id, period, {level}, amount >> {BITS * level}, COUNT(*) FROM standing
            WHERE is_listed = 1 AND amount > 0 GROUP BY 1, 2, 4
            """
        )
