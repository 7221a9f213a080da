"""How members are marked in spaces: what they shall have there, and what they were given last."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from bot import codec
from bot.deeds import Admission, Marking, Removal
from bot.events import Identity, SpaceRef
from bot.members.members import Member
from bot.replies import Priority, Sending
from storage import schema
from storage.engine.dialect import Connection, Row, binds
from storage.engine.times import to_us
from storage.outgoing.outbox import NOT_REMOVED, REFUSED, SENDING, WAITING, Outbox

_mark, _holder, _space, _presence = schema.mark, schema.holder, schema.space, schema.presence
_identity, _held, _outbox = schema.identity, schema.tier_held, schema.outbox
_NONE = "[]"
_PLACES = (
    select(
        *(_holder.c.id, _space.c.id, _space.c.platform, _space.c.platform_space_id, _space.c.language),
        *(_identity.c.user_id, _presence.c.left_at, _mark.c.wanted, _mark.c.given),
    )
    .join(_presence, _presence.c.holder_id == _holder.c.id)
    .join(_space, _space.c.id == _presence.c.space_id)
    .join(_identity, (_identity.c.holder_id == _holder.c.id) & (_identity.c.platform == _space.c.platform))
    .outerjoin(_mark, (_mark.c.holder_id == _holder.c.id) & (_mark.c.space_id == _space.c.id))
    .where(_holder.c.member_id == bindparam("member"), _space.c.retired_at.is_(None))
    .order_by(_holder.c.id, _space.c.id)
)
_want = insert(_mark).values(binds("holder_id", "space_id", "wanted", "given", "version"))
_WANT = _want.on_conflict_do_update(
    index_elements=["holder_id", "space_id"],
    set_={"wanted": _want.excluded.wanted, "version": _mark.c.version + 1},
).returning(_mark.c.version)
_GONE = (
    update(_mark)
    .where(_mark.c.holder_id == bindparam("holder"), _mark.c.space_id == bindparam("space"))
    .values(given=_NONE)
)
_IS_POST = _outbox.c.id == bindparam("post")
_GIVEN = (
    update(_mark)
    .where(
        _mark.c.holder_id == select(_outbox.c.holder_id).where(_IS_POST).scalar_subquery(),
        _mark.c.space_id == select(_outbox.c.space_id).where(_IS_POST).scalar_subquery(),
    )
    .values(given=bindparam("marks"))
)
_FORGET_DEED = delete(_outbox).where(_IS_POST)
_BY_KEY = delete(_outbox).where(_outbox.c.post_key == bindparam("key"))
_FORGET_REFUSED = _BY_KEY.where(_outbox.c.state == REFUSED)
_FORGET_UNDONE = _BY_KEY.where(_outbox.c.state != SENDING)
_ANY_NOT_REMOVED = select(_outbox.c.id).where(NOT_REMOVED).limit(1)
# Since when it is to be done stays known.
_REMOVE_AGAIN = update(_outbox).where(NOT_REMOVED).values(state=WAITING, tries=0, next_attempt_at=bindparam("at"))
_FOR_LONG = NOT_REMOVED & (_outbox.c.created_at <= bindparam("due_before"))
_LONG_NOT_REMOVED = (
    select(_outbox.c.reply, _identity.c.platform, _identity.c.user_id)
    .join(_identity, (_identity.c.holder_id == _outbox.c.holder_id) & (_identity.c.platform == _outbox.c.platform))
    .where(_FOR_LONG)
    .order_by(_outbox.c.id)
)
_FORGET_LONG_NOT_REMOVED = delete(_outbox).where(_FOR_LONG)
_marked = select(_holder.c.member_id).join(_mark, _mark.c.holder_id == _holder.c.id)
_everybody = select(_held.c.member_id).union(_marked).subquery()
_MEMBERS = (
    select(_everybody.c.member_id)
    .where(_everybody.c.member_id > bindparam("after"))
    .order_by(_everybody.c.member_id)
    .limit(bindparam("most"))
)
_ANY = select(_mark.c.holder_id).limit(1)


@dataclass(frozen=True, slots=True)
class MarkedPlace:
    """A space that a member was seen in, and how they are marked there. `wanted` is None where they never were."""

    holder_id: int
    space_id: int
    space: SpaceRef
    language: str
    identity: Identity
    is_present: bool
    wanted: tuple[str, ...] | None
    given: tuple[str, ...]


class Marks:
    """Keeps what is wanted, and queues the deeds that bring it about."""

    def __init__(self, connection: Connection, outbox: Outbox) -> None:
        self._connection = connection
        self._outbox = outbox

    def places(self, member_id: int) -> list[MarkedPlace]:
        """Return where a member was seen, in spaces that are not retired."""
        return [_to_place(row) for row in self._connection.all(_PLACES, member=member_id)]

    def want(self, place: MarkedPlace, wanted: Iterable[str], ours: Iterable[str]) -> None:
        """Let a member be marked so in a place. `ours` are all marks that the club gives there."""
        version = self._connection.value(
            _WANT,
            holder_id=place.holder_id,
            space_id=place.space_id,
            wanted=json.dumps(list(wanted)),
            given=_NONE,
            version=1,
        )
        self._connection.run(_FORGET_REFUSED, key=_key(place, version - 1))
        self._outbox.add(
            Marking(ours=tuple(ours)),
            _key(place, version),
            Sending.AT_LEAST_ONCE,
            Priority.ANNOUNCEMENT,
            space=(place.space.platform, place.space_id),
            holder=(place.identity, place.holder_id),
        )

    def gone(self, holder_id: int, space_id: int) -> None:
        """Note that a holder left a space, and with it lost what they were marked with."""
        self._connection.run(_GONE, holder=holder_id, space=space_id)

    def members(self, after: int, most: int) -> list[int]:
        """Return the next members above `after` who hold a tier or were ever marked."""
        return [row[0] for row in self._connection.all(_MEMBERS, after=after, most=most)]

    def has_any(self) -> bool:
        """Whether anybody was ever marked."""
        return self._connection.first(_ANY) is not None

    def admit(self, member: Member, group_id: str, key: str) -> None:
        """Let a member into a group of their platform. Once per key."""
        holder = (member.identity, member.holder_id)
        deed = Admission(group_id)
        self._outbox.add(deed, key, Sending.AT_LEAST_ONCE, Priority.ANSWER, space=None, holder=holder)

    def take_out(self, member: Member, group_id: str, at: datetime) -> None:
        """Take a member out of a group of their platform at an instant, whatever was meant to happen before."""
        key, holder = f"removal:{member.holder_id}:{group_id}", (member.identity, member.holder_id)
        self._connection.run(_FORGET_UNDONE, key=key)
        about = Removal(group_id), key, Sending.AT_LEAST_ONCE, Priority.ANNOUNCEMENT
        self._outbox.add(*about, space=None, holder=holder, at=at)

    def any_not_taken_out(self) -> bool:
        """Whether there is somebody whom the platform did not let us take out of a group."""
        return self._connection.first(_ANY_NOT_REMOVED) is not None

    def take_out_again(self, at: datetime) -> None:
        """Try all of those again at an instant."""
        self._connection.run(_REMOVE_AGAIN, at=to_us(at))

    def long_not_taken_out(self, due_before: datetime) -> list[tuple[Identity, Removal]]:
        """Return who of those was to be taken out before an instant, and of what, the first of them first."""
        rows = self._connection.all(_LONG_NOT_REMOVED, due_before=to_us(due_before))
        return [(Identity(platform, user_id), codec.load(deed)) for deed, platform, user_id in rows]

    def give_up_taking_out(self, due_before: datetime) -> None:
        """Try those no more who were to be taken out before an instant."""
        self._connection.run(_FORGET_LONG_NOT_REMOVED, due_before=to_us(due_before))

    def done(self, post_id: int, given: Collection[str]) -> None:
        """Note that a deed is done, and forget it; of a marking, which marks of ours the member has now."""
        self._connection.run(_GIVEN, post=post_id, marks=json.dumps(list(given)))
        self._connection.run(_FORGET_DEED, post=post_id)


def _key(place: MarkedPlace, version: int) -> str:
    return f"mark:{place.holder_id}:{place.space_id}:{version}"


def _to_place(row: Row) -> MarkedPlace:
    holder_id, space_id, platform, platform_space_id, language, user_id, left_at, wanted, given = row
    return MarkedPlace(
        holder_id,
        space_id,
        SpaceRef(platform, platform_space_id),
        language,
        Identity(platform, user_id),
        left_at is None,
        None if wanted is None else tuple(json.loads(wanted)),
        tuple(json.loads(given or _NONE)),
    )
