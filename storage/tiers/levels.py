"""The highest level that members were told of, and the status that levels are reached by."""

from collections.abc import Iterable

from sqlalchemy import bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import insert

from bot.ledger.ledger import Unit
from storage import schema
from storage.engine.dialect import Connection, as_list, binds, values_of
from storage.schema import Whole

_told, _balance, _holder = schema.level_told, schema.balance, schema.holder
_WHOSE = values_of("members", int)
_STATUS = (
    select(_holder.c.member_id, cast(func.sum(_balance.c.amount), Whole))
    # The wallet alone: what is pending is not theirs yet.
    .join(_balance, _balance.c.account_id == _holder.c.id * 4 + 1)
    .where(_holder.c.member_id.in_(_WHOSE), _balance.c.unit == Unit.STATUS.value)
    .group_by(_holder.c.member_id)
)
_TOLD = select(_told.c.member_id, _told.c.level).where(_told.c.member_id.in_(_WHOSE))
_put = insert(_told).values(binds("member_id", "level"))
_PUT = _put.on_conflict_do_update(
    index_elements=["member_id"],
    set_={"level": _put.excluded.level},
    where=_told.c.level < bindparam("level"),
)


class LevelsTold:
    """Remembers the highest level that each member was told of, whatever took status back since."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def status_of(self, member_ids: Iterable[int]) -> dict[int, int]:
        """Return all the status that members have, those without any left out."""
        return dict(self._connection.all(_STATUS, members=as_list(member_ids)))

    def of_many(self, member_ids: Iterable[int]) -> dict[int, int]:
        """Return the highest levels that members were told of, those who heard of none left out."""
        return dict(self._connection.all(_TOLD, members=as_list(member_ids)))

    def put(self, member_id: int, level: int) -> None:
        """Note that a member is told of a level."""
        self._connection.run(_PUT, member_id=member_id, level=level)
