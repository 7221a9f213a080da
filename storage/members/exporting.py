"""Reading everything of one kind for an export, in parts of some thousand rows: memory does not grow with the club."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Select, Table, bindparam, case, func, select

from bot import codec
from bot.ledger.ledger import Unit
from bot.purchases.money import MINOR_DIGITS
from storage import schema
from storage.engine.dialect import Connection, Row, as_list, values_of
from storage.engine.times import from_us, maybe_from_us

_AT_ONCE: Final = 5000
_member, _holder, _identity, _entry = schema.member, schema.holder, schema.identity, schema.entry
_purchase, _coupon, _account, _balance = schema.purchase, schema.coupon, schema.account, schema.balance
_cashier, _cashiers_member = _holder.alias("cashier"), _member.alias("cashiers_member")
_actor, _actors_member = _holder.alias("actor"), _member.alias("actors_member")
_link = schema.coupon_link
_former, _givers_member = _holder.alias("former"), _member.alias("givers_member")
_giver, _taker = _account.alias("giver"), _account.alias("taker")
Record = dict[str, Any]
"""A row of an export by column: text, whole numbers, aware instants, None."""


def _part(statement: Select[Any], key: Any) -> Select[Any]:
    return statement.where(key > bindparam("after")).order_by(key).limit(bindparam("most"))


_MEMBERS = _part(
    select(
        _member.c.id,
        _member.c.card_number.label("card_number"),
        _member.c.language.label("language"),
        _member.c.joined_at.label("joined_at"),
        _member.c.left_at.label("left_at"),
    ),
    _member.c.id,
)
_IDENTITIES = (
    select(_holder.c.member_id, _identity.c.platform, _identity.c.user_id, _identity.c.name, _identity.c.username)
    .join(_holder, _holder.c.id == _identity.c.holder_id)
    .where(_holder.c.member_id.in_(values_of("members", int)))
    .order_by(_identity.c.seen_at)
)


def _sum(kind: int, unit: Unit) -> Any:
    is_it = (_balance.c.account_id % 4 == kind) & (_balance.c.unit == unit.value)
    return func.sum(case((is_it, _balance.c.amount), else_=0))


_BALANCES = (
    select(_holder.c.member_id, _sum(1, Unit.POINTS), _sum(2, Unit.POINTS), _sum(3, Unit.POINTS), _sum(1, Unit.STATUS))
    .join(_balance, _balance.c.account_id.between(_holder.c.id * 4 + 1, _holder.c.id * 4 + 3))
    .where(_holder.c.member_id.in_(values_of("members", int)))
    .group_by(_holder.c.member_id)
)
_ENTRIES = _part(
    select(
        _entry.c.id.label("id"),
        _entry.c.occurred_at.label("occurred_at"),
        _entry.c.recorded_at.label("recorded_at"),
        _member.c.card_number.label("card_number"),
        _entry.c.unit.label("unit"),
        _entry.c.points.label("points"),
        _entry.c.reason.label("reason"),
        _entry.c.from_account.label("from"),
        _giver.c.name.label("from_name"),
        _entry.c.to_account.label("to"),
        _taker.c.name.label("to_name"),
        _actors_member.c.card_number.label("by_card_number"),
        schema.space.c.title.label("space"),
        _entry.c.rule_version.label("rule_version"),
        _entry.c.reverses.label("reverses"),
        _entry.c.source.label("source"),
    )
    .join(_holder, _holder.c.id == _entry.c.holder_id)
    .join(_member, _member.c.id == _holder.c.member_id)
    .outerjoin(_giver, _giver.c.id == _entry.c.from_account)
    .outerjoin(_taker, _taker.c.id == _entry.c.to_account)
    .outerjoin(_actor, _actor.c.id == _entry.c.actor_id)
    .outerjoin(_actors_member, _actors_member.c.id == _actor.c.member_id)
    .outerjoin(schema.space, schema.space.c.id == _entry.c.space_id),
    _entry.c.id,
)
_PURCHASES = _part(
    select(
        _purchase.c.id.label("id"),
        _purchase.c.occurred_at.label("date"),
        _purchase.c.shop.label("shop"),
        _purchase.c.receipt.label("receipt"),
        _member.c.card_number.label("member"),
        _purchase.c.amount_minor.label("amount"),
        _purchase.c.refunded_minor.label("refunded"),
        _purchase.c.eligible_minor.label("earning"),
        _purchase.c.currency.label("currency"),
        _purchase.c.points.label("points"),
        _purchase.c.status.label("status"),
        _cashiers_member.c.card_number.label("by_card_number"),
        _purchase.c.rule_version.label("rule_version"),
    )
    .join(_holder, _holder.c.id == _purchase.c.holder_id)
    .join(_member, _member.c.id == _holder.c.member_id)
    .outerjoin(_cashier, _cashier.c.id == _purchase.c.cashier_id)
    .outerjoin(_cashiers_member, _cashiers_member.c.id == _cashier.c.member_id),
    _purchase.c.id,
)
_COUPONS = _part(
    select(
        _coupon.c.id.label("id"),
        schema.reward.c.reward_key.label("reward"),
        _coupon.c.terms.label("name"),
        _member.c.card_number.label("card_number"),
        _coupon.c.cost.label("cost"),
        _coupon.c.state.label("state"),
        _coupon.c.issued_at.label("issued_at"),
        _coupon.c.expires_at.label("expires_at"),
        _coupon.c.settled_at.label("settled_at"),
        _cashiers_member.c.card_number.label("by_card_number"),
        _coupon.c.source.label("source"),
        _givers_member.c.card_number.label("passed_by_card_number"),
    )
    .join(_holder, _holder.c.id == _coupon.c.holder_id)
    .join(_member, _member.c.id == _holder.c.member_id)
    .outerjoin(schema.reward, schema.reward.c.id == _coupon.c.reward_id)
    .outerjoin(_cashier, _cashier.c.id == _coupon.c.settled_by)
    .outerjoin(_cashiers_member, _cashiers_member.c.id == _cashier.c.member_id)
    .outerjoin(_link, (_link.c.coupon_id == _coupon.c.id) & (_link.c.is_taken == 1))
    .outerjoin(_former, _former.c.id == _link.c.giver_id)
    .outerjoin(_givers_member, _givers_member.c.id == _former.c.member_id),
    _coupon.c.id,
)
COLUMNS: Final = {
    "members": (
        *("card_number", "name", "username", "ids", "language", "joined_at", "left_at"),
        *("points", "pending", "held", "status"),
    ),
    "entries": (
        *("id", "occurred_at", "recorded_at", "card_number", "unit", "points", "reason", "from", "to"),
        *("by_card_number", "space", "rule_version", "reverses", "source"),
    ),
    "purchases": (
        *("id", "date", "shop", "receipt", "member", "amount", "refunded", "earning", "currency"),
        *("points", "status", "by_card_number", "rule_version"),
    ),
    "coupons": (
        *("id", "reward", "name", "card_number", "cost", "state", "issued_at", "expires_at", "settled_at"),
        *("by_card_number", "source", "passed_by_card_number"),
    ),
}
"""The columns of each export, in their order."""
_LAST = {table: select(func.coalesce(func.max(table.c.id), 0)) for table in (_member, _entry, _purchase, _coupon)}
_TIMES: Final = ("date", "occurred_at", "recorded_at", "issued_at", "expires_at", "settled_at")
_ACCOUNTS: Final = {1: "wallet", 2: "pending", 3: "held"}
Progress = Callable[[int, int], None]


class Exports:
    """Reads what an export holds. Each takes a function that is told how far it is, and of how much."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def members(self, progress: Progress) -> Iterator[Record]:
        """Yield every member with what they have, also who left; of the erased there is no name."""
        for part in self._parts(_MEMBERS, _member, progress):
            members = as_list(row[0] for row in part)
            balances = {row[0]: row[1:] for row in self._connection.all(_BALANCES, members=members)}
            identities: dict[int, list[Row]] = {}
            for member_id, *identity in self._connection.all(_IDENTITIES, members=members):
                identities.setdefault(member_id, []).append(tuple(identity))
            for member_id, card, language, joined_at, left_at in part:
                known = identities.get(member_id, [])
                points, pending, held, status = balances.get(member_id, (0, 0, 0, 0))
                yield {
                    "card_number": card,
                    "name": known[-1][2] if known else None,
                    "username": known[-1][3] if known else None,
                    "ids": " ".join(f"{platform}:{user_id}" for platform, user_id, *_ in known),
                    "language": language,
                    "joined_at": from_us(joined_at),
                    "left_at": None if left_at is None else from_us(left_at),
                    "points": int(points),
                    "pending": int(pending),
                    "held": int(held),
                    "status": int(status),
                }

    def entries(self, progress: Progress) -> Iterator[Record]:
        """Yield the whole ledger, in its order. Notes are words of people, and left out."""
        for record in self._records(_ENTRIES, _entry, progress):
            for end in ("from", "to"):
                account_id, name = record[end], record.pop(f"{end}_name")
                record[end] = name or _ACCOUNTS[account_id % 4]
            yield record

    def purchases(self, progress: Progress) -> Iterator[Record]:
        """Yield every purchase in the order of recording, amounts as 49.90."""
        for record in self._records(_PURCHASES, _purchase, progress):
            digits = MINOR_DIGITS[record["currency"]]
            for amount in ("amount", "refunded", "earning"):
                record[amount] = f"{Decimal(record[amount]).scaleb(-digits):f}"
            yield record

    def coupons(self, progress: Progress) -> Iterator[Record]:
        """Yield every coupon in the order of issuing, named in each language. Codes are left out: open ones are worth
        something to whoever has the file."""
        for record in self._records(_COUPONS, _coupon, progress):
            yield record | {"name": " / ".join(codec.load(record["name"])["name"].values())}

    def _records(self, statement: Select[Any], table: Table, progress: Progress) -> Iterator[Record]:
        names = [column.name for column in statement.selected_columns]
        times = [name for name in names if name in _TIMES]
        for part in self._parts(statement, table, progress):
            for row in part:
                record = dict(zip(names, row, strict=True))
                for name in times:
                    record[name] = maybe_from_us(record[name])
                yield record

    def _parts(self, statement: Select[Any], table: Table, progress: Progress) -> Iterator[list[Row]]:
        last, after = int(self._connection.value(_LAST[table])), 0
        while part := self._connection.all(statement, after=after, most=_AT_ONCE):
            yield part
            after = part[-1][0]
            progress(after, last)
