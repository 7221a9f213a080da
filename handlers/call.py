"""What a handler is called with, and what it may use besides the transaction."""

from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.calendar import local_date
from bot.config.config import Config
from bot.earning.versions import RuleBook
from bot.events import Identity, PersonEvent
from bot.members.members import Member, Space
from bot.members.roles import Role, has_role
from bot.values import keyword_value


def person_key(identity: Identity, keyed: Callable[[str], str]) -> str:
    """Return what stands for a person where their identity may not be stored."""
    return keyed(f"person:{identity}")


class Args:
    """A command's bound arguments, by attribute."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.__dict__.update(values)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


@keyword_value
class Call:
    """One call of a handler: who, where, with which arguments.

    `keyed` is its transaction's keyed hash and `look_up_roles` its transaction's look-up, so that what needs none pays
    for none. `member` is the active member or
    None; handlers whose role is MEMBER or more use `actor`. `data` is what a pressed button carried, `text` what was
    typed into the form it opened.
    `is_first_sight` says that the member was not known to be in the space they act in.
    """

    event: PersonEvent
    config: Config
    rules: RuleBook
    now: datetime
    language: str
    keyed: Callable[[str], str]
    look_up_roles: Callable[[], frozenset[Role]]
    member: Member | None = None
    former: Member | None = None
    space: Space | None = None
    args: Args = field(default_factory=lambda: Args({}))
    data: Mapping[str, Any] = field(default_factory=dict)
    text: str | None = None
    is_first_sight: bool = False

    @property
    def source(self) -> str:
        """What names the effects of the call in the ledger."""
        return f"cmd:{self.member.holder_id if self.member else 0}:{self.keyed(self.event.key)}"

    @property
    def person_key(self) -> str:
        """The keyed hash that stands for the person, member or not."""
        return person_key(self.event.person.identity, self.keyed)

    @property
    def actor(self) -> Member:
        """The member who acts."""
        assert self.member is not None
        return self.member

    @property
    def at(self) -> datetime:
        """When it was done, as the platform dates it, or now if that is earlier: our clock may be ahead, or behind."""
        return min(self.event.at, self.now)

    @property
    def zone(self) -> ZoneInfo:
        return self.config.programme.zone

    @property
    def today(self) -> date:
        """The programme's local date."""
        return local_date(self.now, self.zone)

    def may(self, role: Role) -> bool:
        """Whether the one who acts holds a role here. A member is whoever is one, whatever else they may do."""
        return (role is Role.MEMBER and self.member is not None) or has_role(self.look_up_roles(), role)
