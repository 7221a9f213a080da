"""Erasing a member: what says who they are is dropped, what adds up stays; and the journal of who was erased."""

import secrets
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Text, bindparam, case, cast, delete, exists, func, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql import ColumnElement

from bot.challenges.duels import DuelState
from bot.events import Identity
from bot.members.erasing import NAMELESS, Person, marks_of_codes, without
from bot.rewards.coupon_codes import format_code
from bot.rewards.rewards import CODES_SHOWN_FOR
from storage import schema
from storage.answering.events import HANDLED_KEPT
from storage.engine.dialect import Connection, as_list, values_of
from storage.engine.times import from_us, to_us
from storage.operating.settings import Settings
from storage.rewards.pool_codes import erased_code, is_erased

_member, _holder, _identity, _erasure = schema.member, schema.holder, schema.identity, schema.erasure
_outbox, _handled, _letter, _board = schema.outbox, schema.handled, schema.dead_letter, schema.board
_pool_code = schema.pool_code
_PLATFORM = "erased"
_THEIRS = select(_holder.c.id).where(_holder.c.member_id == bindparam("of_member"))
_CARDS = select(schema.stamp_card.c.id).where(schema.stamp_card.c.holder_id.in_(_THEIRS))
_TAKING_PART = select(schema.contest_entry.c.id).where(schema.contest_entry.c.holder_id.in_(_THEIRS))
_ENTRIES = select(schema.entry.c.id).where(schema.entry.c.holder_id.in_(_THEIRS))
_NAMES = (
    select(
        *(_identity.c.platform, _identity.c.user_id, _identity.c.name, _identity.c.username),
        *(_member.c.alias, _member.c.card_number),
    )
    .join(_holder, _holder.c.id == _identity.c.holder_id)
    .join(_member, _member.c.id == _holder.c.member_id)
    .where(_member.c.id == bindparam("of_member"))
)
_PSEUDONYM = (
    update(_identity)
    .where(_identity.c.platform == bindparam("on_platform"), _identity.c.user_id == bindparam("of_user"))
    .values(
        platform=_PLATFORM, user_id=bindparam("pseudonym"), name=NAMELESS, username=None, is_reachable=0, is_owner=0,
        seen_at=bindparam("at"),
    )
)  # fmt: skip
_NOBODY = (
    update(_member)
    .where(_member.c.id == bindparam("of_member"))
    .values(
        card_number=bindparam("pseudonym"), language=None, is_hidden=1, shares_news=0, alias=None,
        alias_key=None, timezone=None,
        left_at=func.coalesce(_member.c.left_at, bindparam("at")),
    )
)  # fmt: skip
_RECEIPTS = update(schema.purchase).where(schema.purchase.c.holder_id.in_(_THEIRS)).values(receipt=None)
_COUPONS = (
    update(schema.coupon)
    .where(schema.coupon.c.holder_id.in_(_THEIRS))
    # Nobody can use them any more; those that are open end, as their terms say, with the next ones that expire.
    .values(
        code=literal_column("'erased:'").op("||")(cast(schema.coupon.c.id, Text)),
        expires_at=case((schema.coupon.c.state == "open", bindparam("at")), else_=schema.coupon.c.expires_at),
    )
)
# What stored answers may still show: what was open within the time they are kept, and what was given of pools.
_CODES_SHOWN = (
    select(schema.coupon.c.code, _pool_code.c.code)
    .outerjoin(_pool_code, _pool_code.c.coupon_id == schema.coupon.c.id)
    .where(
        schema.coupon.c.holder_id.in_(_THEIRS),
        func.coalesce(schema.coupon.c.settled_at, bindparam("since")) >= bindparam("since"),
    )
)
_SHOWN_FOR = HANDLED_KEPT + CODES_SHOWN_FOR
_POOL_CODES = (
    select(_pool_code.c.id, _pool_code.c.reward_id, _pool_code.c.code)
    .join(schema.coupon, schema.coupon.c.id == _pool_code.c.coupon_id)
    .where(schema.coupon.c.holder_id.in_(_THEIRS))
)
_CHANGE_POOL_CODE = update(_pool_code).where(_pool_code.c.id == bindparam("number")).values(code=bindparam("changed"))
_DROPPED = tuple(
    delete(column.table).where(column.in_(which))
    for which, columns in (
        (_ENTRIES, [schema.note.c.entry_id]),
        (_CARDS, [schema.stamp.c.card_id]),
        (_TAKING_PART, [schema.contest_vote.c.entry_id]),
        (
            _THEIRS,
            [
                *(schema.message_author.c.holder_id, schema.reaction.c.reactor_id, schema.reaction.c.author_id),
                *(schema.presence.c.holder_id, _outbox.c.holder_id, schema.shop_order.c.holder_id),
                *(schema.contact.c.holder_id, schema.contact_request.c.holder_id, schema.mark.c.holder_id),
                *(schema.thanks.c.giver_id, schema.thanks.c.receiver_id),
                *(schema.contest_vote.c.voter_id, schema.contest_entry.c.holder_id),
                *(schema.mailed_code.c.holder_id, schema.access.c.holder_id, schema.stamp_card.c.holder_id),
            ],
        ),
    )
    for column in columns
) + tuple(
    delete(table).where(table.c.member_id == bindparam("of_member"))
    for table in (
        *(schema.role_grant, schema.challenge_mark, schema.challenge_moved, schema.challenge_part),
        *(schema.quiz_answer, schema.check_in, schema.member_zone),
        *(schema.tier_held, schema.tier_lost, schema.level_told, schema.wrong_try, schema.badge_held),
        *(schema.referral_code, schema.ambassador),
    )
)
# What was passed on stays with who has it now.
_LINKS = delete(schema.coupon_link).where(
    schema.coupon_link.c.giver_id.in_(_THEIRS), schema.coupon_link.c.is_taken == 0
)
_BROUGHT = delete(schema.referral).where(schema.referral.c.friend_id == bindparam("of_member"))
_DUELS = delete(schema.duel).where(
    or_(*(one == bindparam("of_member") for one in (schema.duel.c.challenger_id, schema.duel.c.challenged_id))),
    # What is to be settled stays: the other one may get a prize.
    ~((schema.duel.c.state == DuelState.RUNNING) & (schema.duel.c.closes_at <= bindparam("at"))),
)
_MARKS = values_of("marks").subquery("marks")
_NOTE = (
    insert(_erasure)
    .from_select(["holder_id", "erased_at"], _THEIRS.add_columns(bindparam("at", type_=schema.Whole)))
    .on_conflict_do_nothing(index_elements=["holder_id"])
)
_JOURNAL = select(_erasure.c.holder_id, _holder.c.created_at, _erasure.c.erased_at).join(
    _holder, _holder.c.id == _erasure.c.holder_id
)
_NOT_ERASED = select(_holder.c.member_id).where(
    _holder.c.id == bindparam("holder"),
    _holder.c.created_at == bindparam("since"),
    ~exists().where(_erasure.c.holder_id == _holder.c.id),
)


def _names(column: ColumnElement[str]) -> ColumnElement[bool]:
    """Return whether a stored text holds one of the marks."""
    return exists().where(column.like(_MARKS.c[0], escape="!"))


_FORGET_ANSWERS = update(_handled).where(_handled.c.reply.is_not(None), _names(_handled.c.reply)).values(reply=None)
_IS_OPEN = _outbox.c.state.in_(["waiting", "sending"])
_FORGET_TEXTS = update(_outbox).where(~_IS_OPEN, _names(_outbox.c.reply)).values(reply="")
_TO_BE_SENT = select(_outbox.c.id, _outbox.c.reply).where(_IS_OPEN, _names(_outbox.c.reply))
_CHANGE_POST = update(_outbox).where(_outbox.c.id == bindparam("post")).values(reply=bindparam("changed"))
_BOARDS = select(_board.c.space_id, _board.c.period, _board.c.content).where(_names(_board.c.content))
_CHANGE_BOARD = (
    update(_board)
    .where(_board.c.space_id == bindparam("space"), _board.c.period == bindparam("of_period"))
    .values(content=bindparam("changed"))
)
_DROP_LETTERS = delete(_letter).where(_names(_letter.c.event))


@dataclass(frozen=True, slots=True)
class Erasure:
    """That a holder was erased. With `since`, when it came to be, its number means the same one in every copy."""

    holder_id: int
    since: datetime
    erased_at: datetime


class Erasures:
    """Erases members and remembers that it did."""

    def __init__(self, connection: Connection, settings: Settings) -> None:
        self._connection = connection
        self._settings = settings

    def person(self, member_id: int) -> Person:
        """Return everything by which stored texts may name a member."""
        rows = self._connection.all(_NAMES, of_member=member_id)
        names = [name for row in rows for name in row[2:5] if name is not None]
        return Person(member_id, rows[0][5], [Identity(row[0], row[1]) for row in rows], names)

    def erase(self, person: Person, at: datetime) -> None:
        """Drop all that says who a member is, who stands on no board by now; note it in the journal."""
        theirs = {"of_member": person.member_id}
        for statement in (*_DROPPED, _LINKS, _BROUGHT, _RECEIPTS):
            self._connection.run(statement, **theirs)
        self._connection.run(_DUELS, **theirs, at=to_us(at))
        self._erase_from_texts(person, self._codes_shown(person, at))
        self._erase_pool_codes(person)
        self._connection.run(_COUPONS, **theirs, at=to_us(at))
        for identity in person.identities:
            self._connection.run(
                _PSEUDONYM,
                on_platform=identity.platform,
                of_user=identity.user_id,
                pseudonym=_pseudonym(),
                at=to_us(at),
            )
        self._connection.run(_NOBODY, **theirs, pseudonym=_pseudonym(), at=to_us(at))
        self._connection.run(_NOTE, **theirs, at=to_us(at))

    def _codes_shown(self, person: Person, at: datetime) -> list[str]:
        rows = self._connection.all(_CODES_SHOWN, of_member=person.member_id, since=to_us(at - _SHOWN_FOR))
        return [code for own, of_pool in rows for code in (format_code(own), of_pool) if code is not None]

    def _erase_pool_codes(self, person: Person) -> None:
        """Replace codes by what tells them again: the same file, imported once more, must not bring them back."""
        keyed = self._settings.keyed
        self._connection.run_many(
            _CHANGE_POOL_CODE,
            [
                {"number": number, "changed": erased_code(reward_id, code, keyed)}
                for number, reward_id, code in self._connection.all(_POOL_CODES, of_member=person.member_id)
                if not is_erased(code)
            ],
        )

    def _erase_from_texts(self, person: Person, codes: Iterable[str]) -> None:
        named = person.marks()
        marks = as_list(map(_pattern, named))
        self._connection.run(_FORGET_ANSWERS, marks=as_list(map(_pattern, [*named, *marks_of_codes(codes)])))
        self._connection.run(_FORGET_TEXTS, marks=marks)
        self._connection.run(_DROP_LETTERS, marks=as_list(map(_pattern, person.ids())))
        posts = [
            {"post": row[0], "changed": without(row[1], person)}
            for row in self._connection.all(_TO_BE_SENT, marks=marks)
        ]
        self._connection.run_many(_CHANGE_POST, posts)
        boards = self._connection.all(_BOARDS, marks=as_list([_pattern(f'"member_id":{person.member_id},')]))
        self._connection.run_many(
            _CHANGE_BOARD,
            [
                {"space": space, "of_period": period, "changed": without(board, person)}
                for space, period, board in boards
            ],
        )

    def journal(self) -> list[Erasure]:
        """Return every erasure."""
        return _journal_of(self._connection)

    def to_be_erased(self, erasure: Erasure) -> int | None:
        """Return the member an erasure of another copy is about, None where it is done or there is no such one."""
        since = to_us(erasure.since)
        member_id: int | None = self._connection.value(_NOT_ERASED, holder=erasure.holder_id, since=since)
        return member_id


def _pseudonym() -> str:
    return secrets.token_hex(12)


def _pattern(mark: str) -> str:
    escaped = mark.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{escaped}%"


def _journal_of(connection: Connection) -> list[Erasure]:
    return [_erasure_of(*row) for row in connection.all(_JOURNAL)]


def _erasure_of(holder_id: int, since: int, erased_at: int) -> Erasure:
    return Erasure(holder_id, from_us(since), from_us(erased_at))


def erasures_in(path: Path) -> list[Erasure]:
    """Return the journal of a database file of any version. Raises sqlite3.Error."""
    if not path.exists():
        return []
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
        has_journal = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'erasure'").fetchone()
        return _journal_of(Connection(connection)) if has_journal else []


def together(*journals: Iterable[Erasure]) -> list[Erasure]:
    """Return the erasures of several journals, each once, the oldest first."""
    known = {(erasure.holder_id, erasure.since): erasure for journal in journals for erasure in journal}
    return sorted(known.values(), key=lambda erasure: (erasure.erased_at, erasure.holder_id))
