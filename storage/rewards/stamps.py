"""Stamp cards and the stamps on them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, or_, select, update

from bot import codec
from bot.rewards.stamps import Card, CardTerms
from storage import schema
from storage.engine.ahead import Ahead
from storage.engine.dialect import Connection, as_list, binds, values_of
from storage.engine.times import to_us

_card, _stamp, _holder, _coupon = schema.stamp_card, schema.stamp, schema.holder, schema.coupon
_ON_IT = select(func.count()).where(_stamp.c.card_id == _card.c.id).scalar_subquery()
_OPEN_OF = (
    select(_holder.c.member_id, _card.c.id, _card.c.card_key, _card.c.terms, _ON_IT)
    .join(_holder, _holder.c.id == _card.c.holder_id)
    .where(_holder.c.member_id.in_(values_of("members", int)), _card.c.coupon_id.is_(None))
    .order_by(_card.c.id)
)
_ON_DAY = (
    select(func.count())
    .select_from(_stamp)
    .join(_card, _card.c.id == _stamp.c.card_id)
    .join(_holder, _holder.c.id == _card.c.holder_id)
    .where(
        _holder.c.member_id == bindparam("member"),
        _card.c.card_key == bindparam("of_key"),
        _stamp.c.day == bindparam("on_day"),
    )
)
_IS_GIVEN = select(_stamp.c.id).where(_stamp.c.source == bindparam("of_source"))
_BEGIN = insert(_card).values(binds("holder_id", "card_key", "terms", "goal", "begun_at")).returning(_card.c.id)
_ADD = insert(_stamp).values(binds("card_id", "source", "day", "given_at", "given_by"))
_TAKE = delete(_stamp).where(_stamp.c.card_id == bindparam("of_card"), _stamp.c.source == bindparam("of_source"))
_FILL = update(_card).where(_card.c.id == bindparam("of_card")).values(coupon_id=bindparam("coupon"))


_FULL_OF = (
    select(_card.c.id, _card.c.card_key, _card.c.terms, _ON_IT, _card.c.coupon_id)
    .join(_holder, _holder.c.id == _card.c.holder_id)
    .join(_coupon, _coupon.c.id == _card.c.coupon_id)
    .where(
        _holder.c.member_id == bindparam("member"),
        _coupon.c.state == "open",
        or_(_coupon.c.expires_at.is_(None), _coupon.c.expires_at > bindparam("now")),
    )
    .order_by(_card.c.id.desc())
)
_ON_CARD = (
    select(_stamp.c.source)
    .where(_stamp.c.card_id == bindparam("of_card"), _stamp.c.source.in_(values_of("sources", str)))
    .order_by(_stamp.c.id)
)
_NEWEST_ON = (
    select(_stamp.c.id)
    .where(_stamp.c.card_id == bindparam("of_card"))
    .order_by(_stamp.c.id.desc())
    .limit(bindparam("most"))
)
_MOVE = update(_stamp).where(_stamp.c.id.in_(values_of("stamps", int))).values(card_id=bindparam("to_card"))
_DROP = delete(_card).where(_card.c.id == bindparam("of_card"))


class Stamps:
    """Keeps the cards of members, and what is on them."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self._open: Ahead[int, list[Card]] = Ahead()

    def read_ahead(self, member_ids: Iterable[int]) -> None:
        """Read what `open_of` will be asked for."""
        asked = set(member_ids)
        if asked:
            self._open.keep(asked, self._open_of(asked), [])

    def _open_of(self, member_ids: Collection[int]) -> Mapping[int, list[Card]]:
        cards: dict[int, list[Card]] = defaultdict(list)
        for member_id, *about in self._connection.all(_OPEN_OF, members=as_list(member_ids)):
            cards[member_id].append(_to_card(about))
        return cards

    def open_of(self, member_id: int) -> list[Card]:
        """Return the cards that a member is filling, the oldest first."""
        return self._open.take(member_id, lambda: self._open_of([member_id]).get(member_id, []))

    def on_day(self, member_id: int, key: str, day: date) -> int:
        """Return how many stamps a member has of a local day, on this kind of card."""
        return int(self._connection.value(_ON_DAY, member=member_id, of_key=key, on_day=day.isoformat()))

    def is_given(self, source: str) -> bool:
        """Whether a stamp was given under this source, and not taken back."""
        return self._connection.value(_IS_GIVEN, of_source=source) is not None

    def begin(self, holder_id: int, key: str, terms: CardTerms) -> int:
        """Begin a card on these terms; return its id."""
        new_id: int = self._connection.value(
            _BEGIN,
            holder_id=holder_id,
            card_key=key,
            terms=codec.dump(terms.plain()),
            goal=terms.goal,
            begun_at=to_us(self._now),
        )
        return new_id

    def add(self, card_id: int, source: str, day: date, given_by: int | None) -> None:
        """Put a stamp of a local day on a card; `given_by` is the holder who did, if one did."""
        at = to_us(self._now)
        self._connection.run(_ADD, card_id=card_id, source=source, day=day.isoformat(), given_at=at, given_by=given_by)

    def take_back(self, card_id: int, source: str) -> bool:
        """Take a stamp off a card; return whether it was on it."""
        return self._connection.run(_TAKE, of_card=card_id, of_source=source).rowcount > 0

    def fill(self, card_id: int, coupon_id: int) -> None:
        """Note that a card is full and became a coupon: nothing is put on it any more."""
        self._connection.run(_FILL, of_card=card_id, coupon=coupon_id)

    def full_of(self, member_id: int) -> list[tuple[Card, int]]:
        """Return a member's full cards whose coupon can still be used, with its id, the newest first."""
        rows = self._connection.all(_FULL_OF, member=member_id, now=to_us(self._now))
        return [(_to_card(row), row[4]) for row in rows]

    def on_it(self, card_id: int, sources: Iterable[str]) -> list[str]:
        """Return which of these sources have their stamp on a card."""
        return [source for (source,) in self._connection.all(_ON_CARD, of_card=card_id, sources=as_list(sources))]

    def move(self, from_card: int, to_card: int, many: int) -> None:
        """Move so many stamps to another card, the newest ones."""
        moved = [stamp for (stamp,) in self._connection.all(_NEWEST_ON, of_card=from_card, most=many)]
        self._connection.run(_MOVE, to_card=to_card, stamps=as_list(moved))

    def reopen(self, card_id: int, instead_of: int | None) -> None:
        """Note that a card is full no more and being filled again, instead of one without stamps, which is dropped."""
        if instead_of is not None:
            self._connection.run(_DROP, of_card=instead_of)
        self._connection.run(_FILL, of_card=card_id, coupon=None)


def _to_card(row: Sequence[Any]) -> Card:
    return Card(row[0], row[1], CardTerms.of(codec.load(row[2])), row[3])
