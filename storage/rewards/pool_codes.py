"""Codes of other systems, imported for a reward and given out, each once."""

import re
from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from bot import codec
from bot.rewards.rewards import Terms, Words
from storage import schema
from storage.engine.dialect import Connection, binds
from storage.engine.times import to_us
from storage.operating.settings import Settings

_code, _coupon, _holder = schema.pool_code, schema.coupon, schema.holder
_INSERT = insert(_code).values(binds("reward_id", "code")).on_conflict_do_nothing(index_elements=["reward_id", "code"])
_ERASED = re.compile("erased:[0-9a-f]{24}")
_ERASED_OF = select(_code.c.code).where(_code.c.reward_id == bindparam("reward"), _code.c.code.like("erased:%"))
_IS_FREE = _code.c.coupon_id.is_(None)
_FREE = select(func.min(_code.c.id)).where(_code.c.reward_id == bindparam("reward"), _IS_FREE)
_GIVE = update(_code).where(_code.c.id == bindparam("number"), _IS_FREE).values(coupon_id=bindparam("coupon"))
_OF_COUPON = select(_code.c.code).where(_code.c.coupon_id == bindparam("coupon"))
_OF_MEMBER = (
    select(_coupon.c.terms, _code.c.code)
    .join(_coupon, _coupon.c.id == _code.c.coupon_id)
    .join(_holder, _holder.c.id == _coupon.c.holder_id)
    .where(_holder.c.member_id == bindparam("member"), _coupon.c.issued_at >= bindparam("since"))
    .order_by(_coupon.c.id.desc())
    .limit(bindparam("most"))
)


def erased_code(reward_id: int, code: str, keyed: Callable[[str], str]) -> str:
    """Return what stands for a code whose member was erased: a keyed hash."""
    return f"erased:{keyed(f'pool:{reward_id}:{code}')}"


def is_erased(code: str) -> bool:
    """Return whether this is what `erased_code` returned."""
    return _ERASED.fullmatch(code) is not None


class PoolCodes:
    """Keeps the codes of each reward that has some."""

    def __init__(self, connection: Connection, settings: Settings) -> None:
        self._connection = connection
        self._settings = settings

    def add(self, reward_id: int, codes: Iterable[str]) -> int:
        """Add codes; return how many of them are new. What a member had who was erased is known too."""
        keyed, erased = self._settings.keyed, {code for (code,) in self._connection.all(_ERASED_OF, reward=reward_id)}
        new = (code for code in codes if not erased or erased_code(reward_id, code, keyed) not in erased)
        return self._connection.count_many(_INSERT, [{"reward_id": reward_id, "code": code} for code in new])

    def give(self, reward_id: int, coupon_id: int) -> str | None:
        """Give a coupon the first code that nobody has; return it, None where there is none left."""
        while (number := self._connection.value(_FREE, reward=reward_id)) is not None:
            if self._connection.run(_GIVE, number=number, coupon=coupon_id).rowcount:
                return self.of_coupon(coupon_id)
        return None

    def of_coupon(self, coupon_id: int) -> str | None:
        """Return the code that a coupon was given."""
        code: str | None = self._connection.value(_OF_COUPON, coupon=coupon_id)
        return code

    def of_member(self, member_id: int, since: datetime, most: int) -> list[tuple[Words, str]]:
        """Return (name of the reward, code) of what a member got since then, the newest first."""
        rows = self._connection.all(_OF_MEMBER, member=member_id, since=to_us(since), most=most)
        return [(dict(Terms.of(codec.load(row[0])).name), row[1]) for row in rows]
