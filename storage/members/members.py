"""Members, their identities, acceptances of the rules, and roles."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.sql import ClauseElement

from bot.events import Identity, Person
from bot.members.aliases import skeleton
from bot.members.members import Member
from bot.members.names import clean_name, distinguish
from bot.replies import MemberName
from storage import schema
from storage.earning.participation import Participant
from storage.engine.ahead import Ahead
from storage.engine.dialect import Connection, Row, as_list, binds, values_of
from storage.engine.times import from_us, maybe_from_us, to_us

_member, _holder, _identity = schema.member, schema.holder, schema.identity
_MEMBER = (
    select(
        _member.c.id,
        _holder.c.id,
        _identity.c.platform,
        _identity.c.user_id,
        _identity.c.name,
        _member.c.card_number,
        _member.c.joined_at,
        _member.c.left_at,
        _member.c.language,
        _member.c.is_hidden,
        _member.c.is_listed,
        _identity.c.is_reachable,
        _identity.c.username,
        _identity.c.seen_at,
        _member.c.alias,
        _member.c.shares_news,
        _member.c.timezone,
    )
    .join(_holder, _holder.c.member_id == _member.c.id)
    .join(_identity, _identity.c.holder_id == _holder.c.id)
)
_BY_IDENTITY = _MEMBER.where(_identity.c.platform == bindparam("platform"), _identity.c.user_id == bindparam("user"))
_BY_USERNAME = _MEMBER.where(
    _identity.c.platform == bindparam("platform"), _identity.c.username == bindparam("username")
).order_by(_identity.c.seen_at.desc())
_BY_CARD = _MEMBER.where(_member.c.card_number == bindparam("card")).order_by(_identity.c.seen_at.desc())
_BY_CARDS = _MEMBER.where(_member.c.card_number.in_(values_of("cards", str))).order_by(_identity.c.seen_at)
_BY_HOLDER = _MEMBER.where(_holder.c.id == bindparam("holder"))
_BY_ID = _MEMBER.where(_member.c.id == bindparam("member")).order_by(_identity.c.seen_at.desc())
_BY_IDS = _MEMBER.where(_member.c.id.in_(values_of("members", int)))
_NAMESAKES = (
    select(_member.c.card_number)
    .select_from(_identity)
    .join(_holder, _holder.c.id == _identity.c.holder_id)
    .join(_member, _member.c.id == _holder.c.member_id)
    .where(
        _identity.c.name == bindparam("name"),
        _member.c.id != bindparam("member"),
        _member.c.left_at.is_(None),
        _member.c.alias.is_(None),
    )
    .limit(50)
)
_ALIASED = select(_member.c.card_number).where(
    _member.c.alias_key == bindparam("key"),
    _member.c.alias == bindparam("name"),
    _member.c.id != bindparam("member"),
    _member.c.left_at.is_(None),
)
_CLEAR_USERNAME = (
    update(_identity)
    .where(
        _identity.c.platform == bindparam("on_platform"),
        _identity.c.username == bindparam("taken"),
        _identity.c.user_id != bindparam("by_user"),
    )
    .values(username=None)
)
_INSERT_MEMBER = plain_insert(_member).values(binds("card_number", "joined_at", "language")).returning(_member.c.id)
_INSERT_HOLDER = plain_insert(_holder).values(binds("member_id", "created_at")).returning(_holder.c.id)
_INSERT_IDENTITY = plain_insert(_identity).values(
    binds("platform", "user_id", "holder_id", "name", "username", "is_owner", "seen_at")
)
_CARD_TAKEN = select(_member.c.id).where(_member.c.card_number == bindparam("card"))
_INSERT_ACCEPTANCE = plain_insert(schema.acceptance).values(
    binds("member_id", "rules_version", "language", "platform", "space_id", "accepted_at")
)
_SET_LEFT = update(_member).where(_member.c.id == bindparam("member")).values(left_at=bindparam("left"))
_COME_BACK = (
    update(_member).where(_member.c.id == bindparam("member")).values(left_at=None, joined_at=bindparam("joined"))
)
_SET_LANGUAGE = update(_member).where(_member.c.id == bindparam("member")).values(language=bindparam("language_code"))
_SET_HIDDEN = update(_member).where(_member.c.id == bindparam("member")).values(is_hidden=bindparam("hidden"))
_SET_LISTED = update(_member).where(_member.c.id == bindparam("member")).values(is_listed=bindparam("listed"))
_SHARE_NEWS = update(_member).where(_member.c.id == bindparam("member")).values(shares_news=bindparam("shares"))
_SIGHTING = (
    update(_identity)
    .where(
        _identity.c.platform == bindparam("on_platform"),
        _identity.c.user_id == bindparam("of_user"),
        (_identity.c.name != bindparam("new_name"))
        | _identity.c.username.is_distinct_from(bindparam("new_username"))
        | (_identity.c.seen_at < bindparam("stale")),
    )
    .values(name=bindparam("new_name"), username=bindparam("new_username"), seen_at=bindparam("now"))
)
_REACHABLE = (
    update(_identity)
    .where(_identity.c.platform == bindparam("on_platform"), _identity.c.user_id == bindparam("of_user"))
    .values(is_reachable=bindparam("reachable"))
)
_REVOKE_ALL = delete(schema.role_grant).where(schema.role_grant.c.member_id == bindparam("member"))
_SEEN_AT = 13
_DAY = timedelta(days=1)


def _to_member(row: Row) -> Member:
    return Member(
        id=row[0],
        holder_id=row[1],
        identity=Identity(row[2], row[3]),
        name=row[14] or row[4],
        own_name=row[4],
        shares_news=bool(row[15]),
        timezone=row[16],
        card_number=row[5],
        joined_at=from_us(row[6]),
        left_at=maybe_from_us(row[7]),
        language=row[8],
        is_hidden=bool(row[9]),
        is_listed=bool(row[10]),
        is_reachable=bool(row[11]),
        username=row[12],
        seen_at=from_us(row[13]),
    )


def _username(person: Person) -> str | None:
    return person.username.lower() if person.username else None


def _is_news(person: Person, member: Participant, stale_us: int) -> bool:
    if not person.name:
        return False
    if member.seen_us <= stale_us:
        return True
    if person.username != member.username and _username(person) != member.username:
        return True
    return person.name != member.name and clean_name(person.name, "?") != member.name


class Members:
    """Finds, adds and changes members."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self._latest: dict[int, Member] = {}
        self._by_card: Ahead[str, Member | None] = Ahead()

    def _change(self, statement: ClauseElement, **values: object) -> None:
        self._forget()
        self._connection.run(statement, **values)

    def _forget(self) -> None:
        self._latest.clear()
        self._by_card.forget()

    def _one(self, row: Row | None) -> Member | None:
        return None if row is None else _to_member(row)

    def by_identity(self, identity: Identity) -> Member | None:
        """Return the member with this identity, also one who has left."""
        return self._one(self._connection.first(_BY_IDENTITY, platform=identity.platform, user=identity.user_id))

    def by_username(self, platform: str, username: str) -> Member | None:
        """Return the member last seen with this username on the platform."""
        return self._one(self._connection.first(_BY_USERNAME, platform=platform, username=username.lower()))

    def by_card(self, card_number: str) -> Member | None:
        """Return the member with this card number."""
        member = self._by_card.take(card_number, lambda: self._one(self._connection.first(_BY_CARD, card=card_number)))
        if member is not None:
            self._latest[member.id] = member
        return member

    def read_cards_ahead(self, card_numbers: Iterable[str]) -> list[Member]:
        """Read what `by_card` will be asked for; return the members."""
        cards = set(card_numbers)
        rows = self._connection.all(_BY_CARDS, cards=as_list(cards)) if cards else []
        found = {row[5]: _to_member(row) for row in rows}
        self._by_card.keep(cards, found, None)
        return list(found.values())

    def by_id(self, member_id: int) -> Member | None:
        """Return the member through the identity they used last."""
        return self._latest.get(member_id) or self._one(self._connection.first(_BY_ID, member=member_id))

    def by_holder(self, holder_id: int) -> Member | None:
        """Return the member through this holder."""
        return self._one(self._connection.first(_BY_HOLDER, holder=holder_id))

    def by_ids(self, member_ids: Iterable[int]) -> dict[int, Member]:
        """Return members by id, each through the identity they used last."""
        latest: dict[int, Row] = {}
        # To sort them takes longer than to look at them.
        for row in self._connection.all(_BY_IDS, members=as_list(member_ids)):
            before = latest.get(row[0])
            if before is None or before[_SEEN_AT] <= row[_SEEN_AT]:
                latest[row[0]] = row
        return {member_id: _to_member(row) for member_id, row in latest.items()}

    def told_apart(self, member: Member) -> MemberName:
        """Return the member's name, with the end of the card number where another active member has the same."""
        shown = distinguish([(member.name, card) for card in (member.card_number, *self._namesakes(member))])
        return replace(member.display, name=shown[0])

    def for_staff(self, member: Member) -> MemberName:
        """Return the name as `told_apart` does, with the member's own beside one that they chose."""
        apart = self.told_apart(member)
        is_chosen = member.name != member.own_name
        return MemberName(f"{apart.name}, {member.own_name}" if is_chosen else apart.name, (member.identity,))

    def _namesakes(self, member: Member) -> list[str]:
        rows = self._connection.all(_NAMESAKES, name=member.name, member=member.id)
        rows += self._connection.all(_ALIASED, key=skeleton(member.name), name=member.name, member=member.id)
        return [row[0] for row in rows]

    def is_card_taken(self, card_number: str) -> bool:
        """Whether the card number belongs to someone."""
        return self._connection.first(_CARD_TAKEN, card=card_number) is not None

    def add(
        self,
        person: Person,
        card_number: str,
        language: str,
        joined_at: datetime | None,
        *,
        is_owner: bool,
    ) -> Member:
        """Add a member with one holder and one identity, who joined at an instant, now if that is None."""
        now, joined = to_us(self._now), to_us(joined_at or self._now)
        member_id = self._connection.value(_INSERT_MEMBER, card_number=card_number, joined_at=joined, language=language)
        holder_id = self._connection.value(_INSERT_HOLDER, member_id=member_id, created_at=now)
        self._connection.run(
            _INSERT_IDENTITY,
            platform=person.identity.platform,
            user_id=person.identity.user_id,
            holder_id=holder_id,
            name=clean_name(person.name, "?"),
            username=_username(person),
            is_owner=int(is_owner),
            seen_at=now,
        )
        added = self.by_identity(person.identity)
        assert added is not None
        return added

    def accept_rules(self, member: Member, version: str, language: str, space_id: int | None) -> None:
        """Record that the member accepted this version of the rules, when and where."""
        self._connection.run(
            _INSERT_ACCEPTANCE,
            member_id=member.id,
            rules_version=version,
            language=language,
            platform=member.identity.platform,
            space_id=space_id,
            accepted_at=to_us(self._now),
        )

    def leave(self, member_id: int) -> None:
        """End a membership, and the roles that came with it."""
        self._change(_SET_LEFT, member=member_id, left=to_us(self._now))
        self._connection.run(_REVOKE_ALL, member=member_id)

    def come_back(self, member_id: int, joined_at: datetime) -> None:
        """Begin a membership again: what happened meanwhile is not theirs."""
        self._change(_COME_BACK, member=member_id, joined=to_us(joined_at))

    def set_language(self, member_id: int, language: str) -> None:
        """Set the member's own language."""
        self._change(_SET_LANGUAGE, member=member_id, language_code=language)

    def set_hidden(self, member_id: int, *, is_hidden: bool) -> None:
        """Note the member's wish not to stand on public boards."""
        self._change(_SET_HIDDEN, member=member_id, hidden=int(is_hidden))

    def share_news(self, member_id: int, *, shares: bool) -> None:
        """Note whether a member wants their groups to hear of what they have done and won."""
        self._change(_SHARE_NEWS, member=member_id, shares=int(shares))

    def set_listed(self, member_id: int, *, is_listed: bool) -> None:
        """Set whether the member stands on public boards, all things considered."""
        self._change(_SET_LISTED, member=member_id, listed=int(is_listed))

    def saw(self, people: Iterable[Person]) -> None:
        """Note the names and usernames members have now, where the event says them; of others nothing is kept."""
        self._forget()
        now = to_us(self._now)
        people = list(people)
        changed = self._connection.count_many(
            _SIGHTING,
            [
                {
                    "on_platform": person.identity.platform,
                    "of_user": person.identity.user_id,
                    "new_name": clean_name(person.name, "?"),
                    "new_username": _username(person),
                    "stale": to_us(self._now - _DAY),
                    "now": now,
                }
                for person in people
                if person.name
            ],
        )
        if changed:
            self._connection.run_many(
                _CLEAR_USERNAME,
                [
                    {
                        "on_platform": person.identity.platform,
                        "taken": _username(person),
                        "by_user": person.identity.user_id,
                    }
                    for person in people
                    if person.username
                ],
            )

    def saw_participants(self, people: Mapping[str, Person], members: Mapping[str, Participant]) -> None:
        """Note the names of members just looked up, both by user id, where they changed or were not noted for a day."""
        stale_us = to_us(self._now - _DAY)
        self.saw(
            [people[user_id] for user_id, member in members.items() if _is_news(people[user_id], member, stale_us)]
        )

    def set_reachable(self, identity: Identity, *, is_reachable: bool) -> None:
        """Note whether the bot may write to this identity in private."""
        self._change(_REACHABLE, on_platform=identity.platform, of_user=identity.user_id, reachable=int(is_reachable))
