"""Messages to others, written with their cause and delivered afterwards."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, case, delete, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert

from bot import codec
from bot.deeds import Deed
from bot.events import Identity
from bot.mail import PLATFORM as MAIL
from bot.members.members import Member
from bot.replies import Priority, Reply, Sending, Waiting
from storage import schema
from storage.engine.dialect import Connection, as_list, binds, values_of
from storage.engine.times import from_us, to_us
from storage.members.members import Members
from storage.outgoing.held import HELD, Held
from storage.outgoing.misdated import Misdated
from storage.outgoing.naming import Naming
from storage.outgoing.rests import EVERYBODY, Rests
from storage.spaces.pins import FOLLOWS, message_sent

SENT, DROPPED, UNKNOWN, REFUSED = "sent", "dropped", "unknown", "refused"
WAITING, SENDING = "waiting", "sending"
_HELD_UP = timedelta(minutes=5)
# Longer than texts are kept at most, and than anything that is sent is caused anew.
_POSTS_KEPT = timedelta(days=400)
# How many rows are looked at for each post that is wanted, where many wait for the same few chats.
_LOOKED_AT = 8
_outbox, _space, _identity = schema.outbox, schema.space, schema.identity
_holder, _member, _mark = schema.holder, schema.member, schema.mark
_COLUMNS = [
    *("post_key", "platform", "space_id", "holder_id", "reply", "sending", "state", "priority"),
    *("created_at", "next_attempt_at", "channel_id", "thread_id"),
]
_INSERT = insert(_outbox).values(binds(*_COLUMNS)).on_conflict_do_nothing(index_elements=["post_key"])
_DESTINATION = func.coalesce(_outbox.c.space_id, -_outbox.c.holder_id)
# The index over what waits serves only a statement that says so in its text.
_WAITS = _outbox.c.state == literal_column("'waiting'")
_IS_POST = _outbox.c.id == bindparam("post")
_IS_OPEN = _outbox.c.state.in_([WAITING, SENDING])
_DUE = (
    select(_outbox.c.next_attempt_at, _outbox.c.id, _DESTINATION)
    .where(
        _outbox.c.platform == bindparam("platform"),
        _WAITS,
        _outbox.c.priority == bindparam("priority"),
        _outbox.c.next_attempt_at <= bindparam("now"),
        _DESTINATION.not_in(values_of("busy", int)),
    )
    .order_by(_outbox.c.next_attempt_at, _outbox.c.id)
    .limit(bindparam("most"))
)
_LOAD = (
    select(
        _outbox.c.id,
        _outbox.c.reply,
        _outbox.c.sending,
        _outbox.c.tries,
        func.coalesce(_outbox.c.channel_id, _space.c.channel_id),
        case((_outbox.c.channel_id.is_(None), _space.c.thread_id), else_=_outbox.c.thread_id),
        _space.c.platform_space_id,
        _identity.c.user_id,
        _DESTINATION,
        _identity.c.is_reachable,
        _mark.c.wanted,
        _mark.c.given,
        _outbox.c.message_id,
    )
    .outerjoin(_space, _space.c.id == _outbox.c.space_id)
    .outerjoin(_identity, (_identity.c.holder_id == _outbox.c.holder_id) & (_identity.c.platform == _outbox.c.platform))
    .outerjoin(_mark, (_mark.c.holder_id == _outbox.c.holder_id) & (_mark.c.space_id == _outbox.c.space_id))
    .where(_outbox.c.id.in_(values_of("ids", int)))
)
_BEGIN = update(_outbox).where(_IS_POST, _WAITS).values(state=SENDING, tries=_outbox.c.tries + 1)
# What is mailed holds an address, which nobody needs any more.
_LEFT = case((_outbox.c.platform == MAIL, ""), else_=_outbox.c.reply)
_SENT = update(_outbox).where(_IS_POST).values(state=SENT, message_id=bindparam("message"), error=None, reply=_LEFT)
_ENDED = {"state": bindparam("new_state"), "error": bindparam("why"), "reply": _LEFT}
_END = update(_outbox).where(_IS_POST, _IS_OPEN).values(_ENDED)
_BY_KEY = update(_outbox).where(_outbox.c.post_key == bindparam("key"), _outbox.c.reply != bindparam("text"))
_CHANGE_UNSENT = _BY_KEY.where(_WAITS).values(reply=bindparam("text"))
_CHANGE_SENT = _BY_KEY.where(_outbox.c.state == literal_column("'sent'")).values(
    reply=bindparam("text"), state=WAITING, tries=0, next_attempt_at=bindparam("at")
)
_STATE_OF = select(_outbox.c.state).where(_outbox.c.post_key == bindparam("key"))
_LATER = (
    update(_outbox)
    .where(_IS_POST, _IS_OPEN)
    .values(state=WAITING, next_attempt_at=bindparam("at"), error=bindparam("why"))
)
_PLACE = select(_outbox.c.platform, _DESTINATION).where(_IS_POST)
_PUT_BACK = update(_outbox).where(_IS_POST, _IS_OPEN).values(state=WAITING, error=bindparam("why"))
_SETTLE = (
    update(_outbox)
    .where(_outbox.c.platform == bindparam("of"), _outbox.c.state == SENDING, _outbox.c.sending == bindparam("kind"))
    .values(state=bindparam("new_state"), error="the sender died while sending")
)
_PUT_OFF = (
    update(_outbox)
    .where(
        _outbox.c.platform == bindparam("of"),
        _WAITS,
        _outbox.c.priority == bindparam("rank"),
        _outbox.c.next_attempt_at < bindparam("until"),
    )
    .values(next_attempt_at=bindparam("until"))
)
_of_members = select(_holder.c.id).join(_member, _member.c.id == _holder.c.member_id)
_PUT_OFF_IN_ZONE = _PUT_OFF.where(
    _outbox.c.holder_id.in_(_of_members.where(_member.c.timezone == bindparam("in_zone")))
)
_PUT_OFF_OTHERS = _PUT_OFF.where(
    _outbox.c.holder_id.is_(None) | _outbox.c.holder_id.not_in(_of_members.where(_member.c.timezone.is_not(None)))
)
_IS_OLD = _outbox.c.created_at < bindparam("before")
# Whom we could not take out of a group, which is tried again for days. No range of keys: what follows ":" differs
# between the locales of PostgreSQL.
NOT_REMOVED = (_outbox.c.state == REFUSED) & _outbox.c.post_key.like("removal:%")
# The index over what holds a text serves only a statement that says so in its text.
_OLD_TEXTS = (
    select(_outbox.c.id)
    .where(_outbox.c.reply != literal_column("''"), _IS_OLD, ~_IS_OPEN, ~NOT_REMOVED)
    .order_by(_outbox.c.created_at)
    .limit(bindparam("most"))
)
_FORGET_TEXTS = update(_outbox).where(_outbox.c.id.in_(_OLD_TEXTS.scalar_subquery())).values(reply="")
_FORGOTTEN = [SENT, DROPPED, REFUSED, FOLLOWS]
_OLD_POSTS = select(_outbox.c.id).where(_outbox.c.state.in_(_FORGOTTEN), _IS_OLD).limit(bindparam("most"))
_FORGET_POSTS = delete(_outbox).where(_outbox.c.id.in_(_OLD_POSTS.scalar_subquery()))
_ARE_UNKNOWN = _outbox.c.state == UNKNOWN
_UNKNOWN = (
    select(
        _outbox.c.id,
        _outbox.c.platform,
        _outbox.c.reply,
        func.coalesce(_space.c.title, _member.c.card_number, ""),
        _outbox.c.created_at,
        _outbox.c.error,
    )
    .outerjoin(_space, _space.c.id == _outbox.c.space_id)
    .outerjoin(_holder, _holder.c.id == _outbox.c.holder_id)
    .outerjoin(_member, _member.c.id == _holder.c.member_id)
    .where(_ARE_UNKNOWN)
    .order_by(_outbox.c.created_at, _outbox.c.id)
    .limit(bindparam("most"))
)
_IS_UNKNOWN = select(_outbox.c.id).where(_IS_POST, _ARE_UNKNOWN)
_AGAIN = (
    update(_outbox)
    .where(_IS_POST, _ARE_UNKNOWN, _outbox.c.reply != "")
    .values(state=WAITING, next_attempt_at=bindparam("at"), error=None)
)
_MAY_HAVE_BEEN_SENT = (
    update(_outbox)
    .where(_outbox.c.state.in_([WAITING, SENDING]), _outbox.c.sending == Sending.AT_MOST_ONCE)
    .values(state=UNKNOWN, error="restored")
)
_GIVE_UP = update(_outbox).where(_IS_POST, _ARE_UNKNOWN).values(state=DROPPED)


@dataclass(frozen=True, slots=True)
class UnknownSend:
    """A post that may or may not have arrived. `kind` is its template, "" once the text is gone.

    `to` is the space's title or the member's card number.
    """

    id: int
    platform: str
    kind: str
    to: str
    created_at: datetime
    error: str


class Outbox:
    """Queues posts and hands them to a platform's sender."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self._rests = Rests(connection, now)
        self._naming = Naming(Members(connection, now))
        self.held = Held(connection, self._naming)
        self.misdated = Misdated(connection, now)

    def add(
        self,
        reply: Reply | Deed,
        key: str,
        sending: Sending,
        priority: Priority,
        *,
        space: tuple[str, int] | None,
        holder: tuple[Identity, int] | None,
        is_held: bool = False,
        room: tuple[str | None, str | None] = (None, None),
        at: datetime | None = None,
    ) -> None:
        """Queue a message to a space (platform, id) or a holder (identity, id), a deed about one. Once per key.

        With a `room`, a channel and thread of the space, it goes there and not where others go. What is held is not
        sent by itself: it waits until it is gathered. With `at` it is as if it were queued at that instant.
        """
        platform = space[0] if space else holder[0].platform if holder else ""
        since = to_us(at or self._now)
        self._connection.insert_later(
            _INSERT,
            _COLUMNS,
            [
                (
                    *(key, platform, space[1] if space else None, holder[1] if holder else None, codec.dump(reply)),
                    *(str(sending), HELD if is_held else WAITING, int(priority), since, since, *room),
                )
            ],
        )

    def has(self, key: str) -> bool:
        """Whether a post of this key was ever queued, and is not forgotten yet."""
        return self._connection.value(_STATE_OF, key=key) is not None

    def change(self, key: str, reply: Reply) -> bool:
        """Change what a post says: what was sent is edited there, what waits says that instead.

        Return False for one that is being sent this moment: nothing happens to it then, nor to one that was given up.
        """
        text = codec.dump(reply)
        self._connection.run(_CHANGE_UNSENT, key=key, text=text)
        self._connection.run(_CHANGE_SENT, key=key, text=text, at=to_us(self._now))
        return bool(self._connection.value(_STATE_OF, key=key) != SENDING)

    def add_to_each(self, reply: Reply, key: str, members: Iterable[Member], sending: Sending) -> None:
        """Queue the same message to many members in the language of each. Once per key, which ends with their id."""
        texts: dict[str, str] = {}
        at = to_us(self._now)
        rows = []
        for member in members:
            language = member.language or ""
            if language not in texts:
                texts[language] = codec.dump(replace(reply, language=language))
            platform, priority = member.identity.platform, int(Priority.MEMBER)
            rows.append(
                (
                    *(f"{key}{member.id}", platform, None, member.holder_id, texts[language], str(sending)),
                    *(WAITING, priority, at, at, None, None),
                )
            )
        self._connection.insert_later(_INSERT, _COLUMNS, rows)

    # For the sender -------------------------------------------------------------------------------------------------

    def claim(self, platform: str, most: int, busy: Collection[int] | None = None) -> list[Waiting]:
        """Return what is due, the urgent first, then the oldest; what has been held up for long goes before all.

        With `busy`, one for each destination that is not among those. Nothing for a destination that rests, whoever
        learned that it does. What is meant for one who cannot be reached is dropped. How somebody is to be marked is
        what is wanted now, whenever that was asked for. What goes to a space calls those it names as now, and nobody
        who stands on no board by now.
        """
        ids = self._next_ids(platform, most, busy)
        rows = {row[0]: row for row in self._connection.all(_LOAD, ids=as_list(ids))} if ids else {}
        claimed = []
        for row in (rows[post_id] for post_id in ids):
            said = codec.load(row[1])
            if isinstance(said, Reply) and row[9] == 0:
                self.end(row[0], DROPPED, None, "the member cannot be reached")
                continue
            if isinstance(said, Reply) and row[6] is not None:
                said = self._naming.now(said)
                if said is None:
                    self.end(row[0], DROPPED, None, "whom it is about may not be named any more")
                    continue
            is_deed, marks = not isinstance(said, Reply), [json.loads(stored or "[]") for stored in row[10:12]]
            waiting = Waiting(row[0], Reply("") if is_deed else said, Sending(row[2]), *row[3:9])
            claimed.append(replace(waiting, deed=said.now(*marks) if is_deed else None, edits=row[12]))
        return claimed

    def _next_ids(self, platform: str, most: int, busy: Collection[int] | None) -> list[int]:
        resting = self._rests.active(platform)
        if EVERYBODY in resting:
            return []
        held_up = to_us(self._now - _HELD_UP)
        heads = []
        for priority in Priority:
            rows = self._connection.all(
                _DUE,
                platform=platform,
                priority=int(priority),
                now=to_us(self._now),
                busy=as_list(resting.union(busy or ())),
                most=most if busy is None else most * _LOOKED_AT,
            )
            heads += [(-1 if row[0] < held_up else int(priority), *row) for row in rows]
        ids: list[int] = []
        taken: set[int] = set()
        for _, _, post_id, destination in sorted(heads):
            if len(ids) < most and (busy is None or destination not in taken):
                ids.append(post_id)
                taken.add(destination)
        return ids

    def begin(self, post_id: int) -> bool:
        """Note that a post is about to be sent; return whether it still waited."""
        return self._connection.run(_BEGIN, post=post_id).rowcount == 1

    def end(self, post_id: int, state: str, message_id: str | None, error: str | None) -> None:
        """Note how it ended: SENT, DROPPED, UNKNOWN or REFUSED. That it arrived is true whatever was noted before."""
        if state == SENT:
            self._connection.run(_SENT, post=post_id, message=message_id)
            message_sent(self._connection, post_id, message_id or "", self._now)
        else:
            self._connection.run(_END, post=post_id, new_state=state, why=error)

    def later(self, post_id: int, at: datetime, error: str) -> None:
        """Put a post off."""
        self._connection.run(_LATER, post=post_id, at=to_us(at), why=error)

    def put_back(self, post_id: int, error: str) -> None:
        """Let a post wait again, due since when it was before."""
        self._connection.run(_PUT_BACK, post=post_id, why=error)

    def rest(self, post_id: int, until: datetime, *, everywhere: bool) -> None:
        """Send nothing more to a post's destination, or to all of its platform, until then."""
        platform, destination = self._connection.all(_PLACE, post=post_id)[0]
        self._rests.add(platform, EVERYBODY if everywhere else destination, until)

    def settle(self, platform: str) -> None:
        """Deal with what was being sent when its sender died: it comes again if it may, else it ends as unknown."""
        for kind, state in ((Sending.AT_LEAST_ONCE, WAITING), (Sending.AT_MOST_ONCE, UNKNOWN)):
            self._connection.run(_SETTLE, of=platform, kind=kind, new_state=state)

    def put_off(self, platform: str, until: datetime, zone: str | None = None) -> None:
        """Let what is not urgent wait until then: what goes to members who chose a zone, or with None all other."""
        for priority in (Priority.MEMBER, Priority.ANNOUNCEMENT):
            about = {"of": platform, "rank": int(priority), "until": to_us(until)}
            if zone is None:
                self._connection.run(_PUT_OFF_OTHERS, **about)
            else:
                self._connection.run(_PUT_OFF_IN_ZONE, **about, in_zone=zone)

    # For the operator -----------------------------------------------------------------------------------------------

    def unknown(self, most: int) -> list[UnknownSend]:
        """Return posts that may or may not have arrived, the oldest first, until `again` or `forget` resolves them."""
        rows = self._connection.all(_UNKNOWN, most=most)
        return [
            UnknownSend(row[0], row[1], codec.load(row[2]).template if row[2] else "", row[3], from_us(row[4]), row[5])
            for row in rows
        ]

    def is_unknown(self, post_id: int) -> bool:
        """Whether there is a post of this id whose outcome is unknown."""
        return self._connection.first(_IS_UNKNOWN, post=post_id) is not None

    def again(self, post_id: int) -> bool:
        """Send a post of unknown outcome again, though it may arrive twice; False if there is none, or no text left."""
        return self._connection.run(_AGAIN, post=post_id, at=to_us(self._now)).rowcount == 1

    def forget(self, post_id: int) -> bool:
        """Leave a post of unknown outcome at that: it is not sent again. False if there is none of this id."""
        return self._connection.run(_GIVE_UP, post=post_id).rowcount == 1

    def restored(self) -> int:
        """In a database of an earlier moment, end as unknown what must not come twice; return how many posts those are.

        They may have gone out since that moment.
        """
        return self._connection.run(_MAY_HAVE_BEEN_SENT).rowcount

    def forget_old(self, texts_before: datetime, most: int) -> bool:
        """Drop so many old texts, and so many posts that ended long ago; return whether there may be more.

        That a post was sent stays known for as long as its cause may come again.
        """
        posts = self._connection.run(_FORGET_POSTS, before=to_us(self._now - _POSTS_KEPT), most=most)
        texts = self._connection.run(_FORGET_TEXTS, before=to_us(texts_before), most=most)
        return most in (posts.rowcount, texts.rowcount)
