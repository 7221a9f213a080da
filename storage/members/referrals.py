"""Referrals, the codes that lead to them, and ambassadors."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import bindparam, case, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from bot import codec
from bot.members.referrals import Flag, Referral, ReferralTerms, State
from storage import schema
from storage.engine.ahead import Ahead
from storage.engine.dialect import Connection, Row, as_list, binds, values_of
from storage.engine.times import from_us, maybe_from_us, to_us

_code, _referral, _ambassador = schema.referral_code, schema.referral, schema.ambassador
_holder, _identity, _contact, _order = schema.holder, schema.identity, schema.contact, schema.shop_order
_OWNER = select(_code.c.member_id).where(_code.c.code == bindparam("given"))
_CODES = (
    select(_code.c.code)
    .where(_code.c.member_id == bindparam("member"))
    .order_by(_code.c.created_at.desc(), _code.c.code)
)
_NEWEST = select(func.max(_code.c.created_at)).where(_code.c.member_id == bindparam("member"))
_ADD_CODE = (
    upsert(_code)
    .values(binds("code", "member_id", "created_at"))
    .on_conflict_do_update(
        index_elements=["code"],
        set_={"created_at": bindparam("created_at")},
        where=_code.c.member_id == bindparam("member_id"),
    )
)
_COLUMNS = (
    *("id", "inviter_id", "friend_id", "terms", "flags", "state"),
    *("version", "joined_at", "met_at", "is_cleared"),
)
_REFERRAL = select(*(_referral.c[name] for name in _COLUMNS))
_BY_ID = _REFERRAL.where(_referral.c.id == bindparam("of_id"))
_OF_FRIEND = _REFERRAL.where(_referral.c.friend_id == bindparam("friend"))
_OF_FRIENDS = _REFERRAL.where(_referral.c.friend_id.in_(values_of("friends", int)))
_is_own = (_referral.c.inviter_id == bindparam("viewer")) | (_referral.c.friend_id == bindparam("viewer"))
_TO_REVIEW = (
    _REFERRAL.where(
        _referral.c.state.in_([State.OPEN, State.REVIEW]), _referral.c.flags != "[]", _referral.c.is_cleared == 0
    )
    # Those that wait for a moderator alone come first, those that the viewer may not decide about last.
    .order_by(case((_is_own, 1), else_=0), _referral.c.state.desc(), _referral.c.id)
    .limit(bindparam("most"))
)
_OPEN = (
    _REFERRAL.where(_referral.c.state == State.OPEN, _referral.c.id > bindparam("after"))
    .order_by(_referral.c.id)
    .limit(bindparam("most"))
)
_FIRST_OPEN = select(func.min(_referral.c.joined_at)).where(_referral.c.state == State.OPEN)
_WAITING = (
    select(func.count(), func.max(_referral.c.met_at), func.min(_referral.c.met_at))
    .select_from(_referral)
    .where(_referral.c.state == State.REVIEW)
)
_ADD = (
    insert(_referral)
    .values(binds("inviter_id", "friend_id", "terms", "flags", "state", "joined_at"))
    .returning(_referral.c.id)
)
_UPDATE = (
    update(_referral)
    .where(_referral.c.id == bindparam("of_id"))
    .values(
        flags=bindparam("new_flags"),
        state=bindparam("new_state"),
        version=bindparam("new_version"),
        met_at=bindparam("new_met_at"),
        is_cleared=bindparam("cleared"),
    )
)
_DECIDED = update(_referral).where(_referral.c.id == bindparam("of_id")).values(decided_by=bindparam("by_holder"))
_JOINED = (
    select(func.count())
    .select_from(_referral)
    .where(
        _referral.c.inviter_id == bindparam("inviter"),
        _referral.c.joined_at >= bindparam("since"),
        _referral.c.joined_at < bindparam("until"),
    )
)
_PAID = _REFERRAL.where(
    _referral.c.inviter_id == bindparam("inviter"),
    _referral.c.state == State.PAID,
    _referral.c.met_at >= bindparam("since"),
    _referral.c.met_at < bindparam("until"),
)
_STATES = (
    select(_referral.c.state, func.count())
    .where(_referral.c.inviter_id == bindparam("inviter"))
    .group_by(_referral.c.state)
)
_NAMES = (
    select(_identity.c.name, _identity.c.username)
    .join(_holder, _holder.c.id == _identity.c.holder_id)
    .where(_holder.c.member_id == bindparam("member"))
)
_theirs = select(_holder.c.id).where(_holder.c.member_id == bindparam("member"))
_KEYS = (
    select(_contact.c.contact_key.label("contact"))
    .where(_contact.c.holder_id.in_(_theirs))
    .union(
        select(_order.c.email_key).where(_order.c.holder_id.in_(_theirs), _order.c.email_key.is_not(None)),
        select(_order.c.phone_key).where(_order.c.holder_id.in_(_theirs), _order.c.phone_key.is_not(None)),
    )
)
_APPOINT = upsert(_ambassador).values(binds("member_id", "since")).on_conflict_do_nothing(index_elements=["member_id"])
_DISMISS = delete(_ambassador).where(_ambassador.c.member_id == bindparam("member")).returning(_ambassador.c.since)
_IS_AMBASSADOR = select(_ambassador.c.member_id).where(_ambassador.c.member_id == bindparam("member"))
_AMBASSADORS = (
    select(_ambassador.c.member_id)
    .join(schema.member, schema.member.c.id == _ambassador.c.member_id)
    .where(schema.member.c.left_at.is_(None))
    .order_by(_ambassador.c.member_id)
)
_AMBASSADORS_BEFORE = _AMBASSADORS.where(_ambassador.c.since < bindparam("until"))


class Referrals:
    """Knows who brought whom."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self._of_friend: Ahead[int, Referral | None] = Ahead()

    # Codes -----------------------------------------------------------------------------------------------------------

    def owner_of(self, code: str) -> int | None:
        """Return the member whose code it is."""
        member_id: int | None = self._connection.value(_OWNER, given=code)
        return member_id

    def code_of(self, member_id: int) -> str | None:
        """Return the code that a member got last; the earlier ones work as well."""
        code: str | None = self._connection.value(_CODES, member=member_id)
        return code

    def add_code(self, code: str, member_id: int) -> bool:
        """Make a code a member's newest one; return False, and do nothing, where it is somebody else's."""
        at = to_us(self._now)
        newest: int | None = self._connection.value(_NEWEST, member=member_id)
        # Of two codes of one instant the later one counts too.
        at = at if newest is None else max(at, newest + 1)
        return bool(self._connection.run(_ADD_CODE, code=code, member_id=member_id, created_at=at).rowcount)

    # Referrals -------------------------------------------------------------------------------------------------------

    def add(
        self, inviter_id: int, friend_id: int, terms: ReferralTerms, flags: Sequence[Flag], joined_at: datetime
    ) -> Referral:
        """Note that somebody brought a friend, who has just joined."""
        new_id: int = self._connection.value(
            _ADD,
            inviter_id=inviter_id,
            friend_id=friend_id,
            terms=codec.dump(terms.plain()),
            flags=codec.dump(sorted(flags)),
            state=State.OPEN,
            joined_at=to_us(joined_at),
        )
        return Referral(new_id, inviter_id, friend_id, terms, frozenset(flags), State.OPEN, 0, joined_at)

    def by_id(self, referral_id: int) -> Referral | None:
        """Return a referral."""
        return _maybe(self._connection.first(_BY_ID, of_id=referral_id))

    def of_friend(self, member_id: int) -> Referral | None:
        """Return the referral by which a member joined, None where nobody brought them."""
        return self._of_friend.take(member_id, lambda: _maybe(self._connection.first(_OF_FRIEND, friend=member_id)))

    def read_ahead(self, member_ids: Iterable[int]) -> None:
        """Read what `of_friend` will be asked for."""
        asked = set(member_ids)
        rows = self._connection.all(_OF_FRIENDS, friends=as_list(asked)) if asked else []
        self._of_friend.keep(asked, {row[2]: _to_referral(row) for row in rows}, None)

    def to_review(self, viewer_id: int, most: int) -> list[Referral]:
        """Return those that look odd and that nobody has decided about, those of the one who looks at the end."""
        return [_to_referral(row) for row in self._connection.all(_TO_REVIEW, viewer=viewer_id, most=most)]

    def in_review(self) -> tuple[int, datetime | None, datetime | None]:
        """Return how many wait for a moderator alone, and since when the last and the first of them do."""
        row = self._connection.first(_WAITING)
        assert row is not None
        return row[0], maybe_from_us(row[1]), maybe_from_us(row[2])

    def open(self, after: int, most: int) -> list[Referral]:
        """Return those that wait for the friend, by id."""
        return [_to_referral(row) for row in self._connection.all(_OPEN, after=after, most=most)]

    def first_open(self) -> datetime | None:
        """Return when the first friend joined of those that are waited for."""
        return maybe_from_us(self._connection.value(_FIRST_OPEN))

    def update(self, referral: Referral) -> None:
        """Store what became of a referral."""
        self._connection.run(
            _UPDATE,
            of_id=referral.id,
            new_flags=codec.dump(sorted(referral.flags)),
            new_state=referral.state,
            new_version=referral.version,
            new_met_at=None if referral.met_at is None else to_us(referral.met_at),
            cleared=int(referral.is_cleared),
        )

    def decided(self, referral_id: int, by_holder: int) -> None:
        """Note who decided about a referral."""
        self._connection.run(_DECIDED, of_id=referral_id, by_holder=by_holder)

    def joined(self, inviter_id: int, since: datetime, until: datetime) -> int:
        """Return how many friends of a member joined from an instant on, before another."""
        span = {"since": to_us(since), "until": to_us(until)}
        return int(self._connection.value(_JOINED, inviter=inviter_id, **span))

    def paid(self, inviter_id: int, since: datetime, until: datetime) -> list[Referral]:
        """Return those for which a member was rewarded from an instant on, before another."""
        span = {"since": to_us(since), "until": to_us(until)}
        return [_to_referral(row) for row in self._connection.all(_PAID, inviter=inviter_id, **span)]

    def states(self, inviter_id: int) -> dict[State, int]:
        """Return how many of a member's referrals are in which state."""
        return {State(row[0]): row[1] for row in self._connection.all(_STATES, inviter=inviter_id)}

    # Whom it may be --------------------------------------------------------------------------------------------------

    def names(self, member_id: int) -> list[tuple[str, str | None]]:
        """Return (name, username) of each identity of a member."""
        return [(row[0], row[1]) for row in self._connection.all(_NAMES, member=member_id)]

    def contact_keys(self, member_id: int) -> set[str]:
        """Return the keys of the addresses and numbers that a member linked or gave with an order."""
        return {row[0] for row in self._connection.all(_KEYS, member=member_id)}

    # Ambassadors -----------------------------------------------------------------------------------------------------

    def appoint(self, member_id: int) -> bool:
        """Make a member an ambassador; return whether they were none."""
        return bool(self._connection.run(_APPOINT, member_id=member_id, since=to_us(self._now)).rowcount)

    def dismiss(self, member_id: int) -> datetime | None:
        """Make a member no ambassador any more; return since when they were one, None where they were none."""
        return maybe_from_us(self._connection.value(_DISMISS, member=member_id))

    def is_ambassador(self, member_id: int) -> bool:
        """Whether a member is an ambassador."""
        return self._connection.value(_IS_AMBASSADOR, member=member_id) is not None

    def ambassadors(self) -> list[int]:
        """Return the ids of the ambassadors who have not left."""
        return [row[0] for row in self._connection.all(_AMBASSADORS)]

    def ambassadors_before(self, until: datetime) -> list[int]:
        """Return the ids of those of them who were ambassadors before an instant already."""
        return [row[0] for row in self._connection.all(_AMBASSADORS_BEFORE, until=to_us(until))]


def _maybe(row: Row | None) -> Referral | None:
    return None if row is None else _to_referral(row)


def _to_referral(row: Row) -> Referral:
    return Referral(
        id=row[0],
        inviter_id=row[1],
        friend_id=row[2],
        terms=ReferralTerms(**codec.load(row[3])),
        flags=frozenset(Flag(flag) for flag in codec.load(row[4])),
        state=State(row[5]),
        version=row[6],
        joined_at=from_us(row[7]),
        met_at=maybe_from_us(row[8]),
        is_cleared=bool(row[9]),
    )
