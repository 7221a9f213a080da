"""Badges that members have, each once and as it was when they got it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert

from bot import codec
from bot.challenges.badges import Badge, Counts
from storage import schema
from storage.engine.ahead import Ahead
from storage.engine.dialect import Connection, as_list, binds, values_of
from storage.engine.times import from_us, to_us

_held, _member = schema.badge_held, schema.member
_THEIRS = _held.c.member_id == bindparam("of_member")
_OF = (
    select(_held.c.terms, _held.c.awarded_at)
    .where(_THEIRS, _held.c.taken_at.is_(None))
    .order_by(_held.c.awarded_at, _held.c.badge, _held.c.level)
)
_KNOWN = select(_held.c.member_id, _held.c.badge).where(_held.c.member_id.in_(values_of("members", int)))
_add = insert(_held).values(binds("member_id", "badge", "level", "terms", "awarded_at", "given_by"))
_KEY = ["member_id", "badge", "level"]
_AWARD = _add.on_conflict_do_nothing(index_elements=_KEY)
_GIVE = _add.on_conflict_do_update(
    index_elements=_KEY,
    set_={
        "terms": _add.excluded.terms,
        "awarded_at": _add.excluded.awarded_at,
        "given_by": _add.excluded.given_by,
        "taken_at": None,
    },
    where=_held.c.taken_at.is_not(None),
)
_TAKE = (
    update(_held)
    .where(_THEIRS, _held.c.badge == bindparam("of_badge"), _held.c.taken_at.is_(None))
    .values(taken_at=bindparam("at"))
)
_LAST_MEMBER = select(func.max(_member.c.id))
_WITHOUT = (
    select(_member.c.id)
    .where(
        _member.c.id > bindparam("after"),
        _member.c.id <= bindparam("upto"),
        _member.c.joined_at >= bindparam("since"),
        _member.c.joined_at < bindparam("before"),
        _member.c.left_at.is_(None),
        ~exists().where(
            _held.c.member_id == _member.c.id,
            _held.c.badge == bindparam("of_badge"),
            _held.c.level == bindparam("of_level"),
        ),
    )
    .order_by(_member.c.id)
)


@dataclass(frozen=True, slots=True)
class Held:
    """A badge that somebody has, as it was when they got it."""

    badge: Badge
    awarded_at: datetime


class Badges:
    """Gives badges to members, and takes them."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self._known: Ahead[int, set[str]] = Ahead()

    def read_ahead(self, member_ids: Iterable[int]) -> None:
        """Read what `known` will be asked for."""
        asked = set(member_ids)
        if asked:
            self._known.keep(asked, self._known_of(asked), set())

    def _known_of(self, member_ids: Collection[int]) -> Mapping[int, set[str]]:
        known: dict[int, set[str]] = defaultdict(set)
        for member_id, badge in self._connection.all(_KNOWN, members=as_list(member_ids)):
            known[member_id].add(badge)
        return known

    def of(self, member_id: int) -> list[Held]:
        """Return what a member has, the oldest first."""
        return [Held(_badge(row[0]), from_us(row[1])) for row in self._connection.all(_OF, of_member=member_id)]

    def known(self, member_id: int) -> set[str]:
        """Return the ids of what a member has or had: what was taken from somebody comes back by hand alone."""
        return self._known.take(member_id, lambda: self._known_of([member_id]).get(member_id, set()))

    def award(self, member_id: int, badge: Badge) -> bool:
        """Award a badge by a rule; return whether it is new: it is awarded once, also where it was taken since."""
        return bool(self._connection.run(_AWARD, **self._row(member_id, badge, None)).rowcount)

    def give(self, member_id: int, badge: Badge, given_by: int) -> bool:
        """Give a badge by hand, also one that was taken before; return whether they did not have it."""
        return bool(self._connection.run(_GIVE, **self._row(member_id, badge, given_by)).rowcount)

    def _row(self, member_id: int, badge: Badge, given_by: int | None) -> dict[str, object]:
        return {
            "member_id": member_id,
            "badge": badge.id,
            "level": badge.level,
            "terms": codec.dump(badge.plain()),
            "awarded_at": to_us(self._now),
            "given_by": given_by,
        }

    def take(self, member_id: int, badge: str) -> bool:
        """Take a badge, all its levels; return whether they had it."""
        at = to_us(self._now)
        return bool(self._connection.run(_TAKE, of_member=member_id, of_badge=badge, at=at).rowcount)

    def without(self, badge: Badge, joined: tuple[datetime, datetime], ids: tuple[int, int]) -> list[int]:
        """Return active members who joined between two instants and never had a badge of this level.

        `ids` are the lowest, which is left out, and the highest that are looked at.
        """
        since, before = to_us(joined[0]), to_us(joined[1])
        of_badge = {"of_badge": badge.id, "of_level": badge.level}
        rows = self._connection.all(_WITHOUT, since=since, before=before, after=ids[0], upto=ids[1], **of_badge)
        return [row[0] for row in rows]

    def last_member(self) -> int:
        """Return the highest id of a member, 0 where there is nobody."""
        return int(self._connection.value(_LAST_MEMBER) or 0)


def _badge(text: str) -> Badge:
    terms = codec.load(text)
    return Badge(**terms | {"counts": Counts(terms["counts"])})
