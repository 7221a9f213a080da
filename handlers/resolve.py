"""From an event to a call: who acts, where, with which rights, in which language, on whom."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.commands import CommandSpec, MemberParam, Where
from bot.config.config import Config
from bot.earning.versions import RuleBook
from bot.errors import UserError
from bot.events import Person, PersonEvent, Place
from bot.members.cards import looks_like_card_number, parse_card_number
from bot.members.members import JoinFirst, Member, NobodyFound, NotAMember, Space, UnknownCard
from bot.members.names import clean_name
from bot.members.roles import Role
from handlers.call import Args, Call
from storage.transaction import Transaction


class NotAllowed(UserError):
    """The role for that is missing."""

    template = "not_allowed"


class OnlyInSpace(UserError):
    """That makes sense in a group only."""

    template = "only_in_space"


class OnlyInPrivate(UserError):
    """That is said to the bot in private only."""

    template = "only_in_private"


class NoBots(UserError):
    """A bot cannot have points."""

    template = "no_bots"


def channel_key(tx: Transaction, place: Place) -> str:
    """Return the keyed hash that stands for a place."""
    return tx.settings.keyed(f"channel:{place.platform}:{place.channel_id}:{place.thread_id}")


def resolve(event: PersonEvent, tx: Transaction, config: Config, rules: RuleBook) -> Call:
    """Look up who acts and where. Arguments and button data come later."""
    known = tx.members.by_identity(event.person.identity)
    member = known if known is not None and known.is_active else None
    space = tx.spaces.meant(event.place.space) if event.place.space else None
    if space is not None and space.retired_at is not None:
        space = None
    return Call(
        event=event,
        config=config,
        rules=rules,
        now=tx.now,
        language=_language(config, member, space, event.person),
        keyed=tx.settings.keyed,
        look_up_roles=_Roles(event, tx, config, member, space),
        member=member,
        former=known if member is None else None,
        space=space,
    )


def _language(config: Config, member: Member | None, space: Space | None, person: Person) -> str:
    programme = config.programme
    if member is not None and member.language is not None and member.language in programme.languages:
        return member.language
    if space is not None and space.language in programme.languages:
        return space.language
    own = (person.language or "")[:2]
    return own if own in programme.languages else programme.default_language


class _Roles:
    """Looks up the roles of who acts, once and only if somebody asks."""

    __slots__ = ("_about", "_found")

    def __init__(
        self, event: PersonEvent, tx: Transaction, config: Config, member: Member | None, space: Space | None
    ) -> None:
        self._about = event, tx, config, member, space
        self._found: frozenset[Role] | None = None

    def __call__(self) -> frozenset[Role]:
        if self._found is None:
            self._found = self._look_up()
        return self._found

    def _look_up(self) -> frozenset[Role]:
        event, tx, config, member, space = self._about
        roles = {Role.ANYONE}
        if member is not None:
            roles |= {Role.MEMBER, *tx.roles.of(member.id, space.id if space else None)}
            if not event.place.is_private:
                roles |= _by_platform(event, config)
        if event.platform_admin and not event.place.is_private:
            roles.add(Role.SPACE_ADMIN)
        if event.person.identity in config.programme.owners:
            roles.add(Role.OWNER)
        return frozenset(roles)


def _by_platform(event: PersonEvent, config: Config) -> frozenset[Role]:
    """Return the roles of a member in the space that the platform calls them an admin of."""
    is_moderator = event.platform_admin and config.roles.platform_admins_are_moderators
    return frozenset({Role.MODERATOR}) if is_moderator else frozenset()


def check_role(call: Call, needed: Role) -> None:
    """Raise JoinFirst or NotAllowed unless the one who acts holds the role. All but set-up needs a member."""
    if needed not in (Role.ANYONE, Role.SPACE_ADMIN) and call.member is None:
        raise JoinFirst()
    if not call.may(needed):
        raise NotAllowed(role=needed.value)


def check_where(call: Call, where: Where) -> None:
    """Raise OnlyInSpace or OnlyInPrivate in the wrong kind of place."""
    if where is Where.SPACE and call.event.place.is_private:
        raise OnlyInSpace()
    if where is Where.PRIVATE and not call.event.place.is_private:
        raise OnlyInPrivate()


def where_asked(call: Call, tx: Transaction) -> Call:
    """Return a press as if made in the space that its button's data names: a question may have gone out in private.

    Rights are those of the press: what was granted there by now, and whether the platform calls them an admin there
    now. A space that the bot was removed from since gives no rights any more.
    """
    if call.data["space"] is None:
        return call
    space = tx.spaces.by_id(call.data["space"])
    if space.retired_at is not None:
        return call
    there = tx.roles.of(call.actor.id, space.id)
    if call.event.place.is_private:
        there |= _by_platform(call.event, call.config)
    return replace(call, space=space, look_up_roles=lambda: call.look_up_roles() | there)


def look_up(spec: CommandSpec, bound: Mapping[str, Any], call: Call, tx: Transaction) -> Args:
    """Replace what names a member by the member. Raises NobodyFound, UnknownCard, NotAMember or NoBots."""
    values = dict(bound)
    for param in spec.params:
        if isinstance(param, MemberParam) and values.get(param.name) is not None:
            values[param.name] = _member(values[param.name], call, tx)
    return Args(values)


def _member(given: Person | str, call: Call, tx: Transaction) -> Member:
    if isinstance(given, Person):
        if given.is_bot:
            raise NoBots()
        member = tx.members.by_identity(given.identity)
        if member is None or not member.is_active:
            raise NotAMember()
        return member
    card_number = parse_card_number(given)
    if card_number is not None:
        member = tx.members.by_card(card_number)
    else:
        member = tx.members.by_username(call.event.place.platform, given.removeprefix("@"))
    if member is None or not member.is_active:
        unknown = UnknownCard if looks_like_card_number(given) else NobodyFound
        raise unknown(given=clean_name(given, "?"))
    return member
