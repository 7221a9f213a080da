"""Moving the standings by what a file brings: of each week and month, many members at once."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from bot.boards.leaderboards import bucket_changes
from bot.calendar import ALL, iso_week_key, local_date_in_minute, month_key
from storage import schema
from storage.engine.dialect import Connection, as_list, binds, values_of
from storage.engine.times import to_us
from storage.schema import CLUB

_standing, _bucket = schema.standing, schema.standing_bucket
_COLUMNS = ("space_id", "period", "member_id", "amount", "is_listed")
_upsert = insert(_standing).values(binds(*_COLUMNS))
_MOVE = _upsert.on_conflict_do_update(
    index_elements=["space_id", "period", "member_id"],
    set_={"amount": _standing.c.amount + _upsert.excluded.amount},
)
_BEFORE = select(_standing.c.member_id, _standing.c.amount).where(
    _standing.c.space_id == bindparam("space"),
    _standing.c.period == bindparam("period"),
    _standing.c.member_id.in_(values_of("members", int)),
)
_LISTED = select(schema.member.c.id, schema.member.c.is_listed).where(schema.member.c.id.in_(values_of("members", int)))
_BUCKET_COLUMNS = ("space_id", "period", "level", "bucket", "members")
_upsert_bucket = insert(_bucket).values(binds(*_BUCKET_COLUMNS))
_ADD_TO_BUCKET = _upsert_bucket.on_conflict_do_update(
    index_elements=["space_id", "period", "level", "bucket"],
    set_={"members": _bucket.c.members + _upsert_bucket.excluded.members},
)
# Local days begin at a whole quarter of an hour of UTC wherever people live.
_QUARTER_US, _MINUTE_US = 900_000_000, 60_000_000
_QUARTERS_KEPT = 4096


class Gain(NamedTuple):
    """Status gained (or lost, below zero) by a member at an instant.

    It counts in `spaces`, else in its own space, else wherever the member was.
    """

    member_id: int
    space_id: int | None
    at: datetime
    status: int
    spaces: tuple[int, ...] | None = None


def move_past(
    connection: Connection, gains: Iterable[Gain], zone: ZoneInfo
) -> Mapping[tuple[int, str], Mapping[int, int]]:
    """Move the standings of the weeks and months that the gains are from, also where these are closed.

    What comes late moves the first open week; history would fill that with years. Boards that were posted stay.
    Return by how much each member moved, by (space or CLUB, period key).
    """
    together: dict[tuple[int, str], Counter[int]] = defaultdict(Counter)
    for member_id, _, at, status, spaces in gains:
        for period in _keys(to_us(at) // _QUARTER_US, zone):
            for space_id in (CLUB, *(spaces or ())):
                together[space_id, period][member_id] += status
    move_boards(connection, together)
    return together


def move_boards(connection: Connection, together: Mapping[tuple[int, str], Mapping[int, int]]) -> None:
    """Move boards, by (space or CLUB, period key), by what each member gained on them."""
    if not together:
        return
    members = as_list({member_id for gained in together.values() for member_id in gained})
    listed = {row[0]: row[1] for row in connection.all(_LISTED, members=members)}
    connection.run_rows(_ADD_TO_BUCKET, _BUCKET_COLUMNS, list(_bucket_rows(connection, together, listed)))
    connection.run_rows(
        _MOVE,
        _COLUMNS,
        [
            (space_id, period, member_id, status, listed[member_id])
            for (space_id, period), gained in sorted(together.items())
            for member_id, status in sorted(gained.items())
        ],
    )


@lru_cache(maxsize=_QUARTERS_KEPT)
def _keys(quarter: int, zone: ZoneInfo) -> tuple[str, str, str]:
    day = local_date_in_minute(quarter * _QUARTER_US // _MINUTE_US, zone)
    return iso_week_key(day), month_key(day), ALL.key


def _bucket_rows(
    connection: Connection, together: Mapping[tuple[int, str], Mapping[int, int]], listed: Mapping[int, int]
) -> Iterator[tuple[object, ...]]:
    """Yield by how much each bucket changes, from what the standings are before they are moved."""
    asked = {
        which: connection.run(_BEFORE, space=which[0], period=which[1], members=as_list(gained))
        for which, gained in together.items()
    }
    for which, cursor in asked.items():
        before = dict(cursor.fetchall())
        changes: Counter[tuple[int, int]] = Counter()
        for member_id, status in together[which].items():
            if listed[member_id]:
                was = before.get(member_id, 0)
                for level, bucket, joined in bucket_changes(was, was + status):
                    changes[level, bucket] += joined
        yield from ((*which, level, bucket, joined) for (level, bucket), joined in changes.items() if joined)
