"""Members and spaces, as the storage gives them to handlers."""

from dataclasses import dataclass, replace
from datetime import datetime, time

from bot.errors import UserError
from bot.events import Identity
from bot.replies import MemberName
from bot.values import value


@value
class Member:
    """A person in the programme, seen through the holder they act with.

    `name` is the one they chose for boards, else `own_name`, which their platform shows. With `shares_news` their
    groups hear of what they have done and won, else they alone. `timezone` is theirs where it is not the club's.
    """

    id: int
    holder_id: int
    identity: Identity
    name: str
    card_number: str
    joined_at: datetime
    left_at: datetime | None = None
    language: str | None = None
    is_hidden: bool = False
    is_listed: bool = True
    is_reachable: bool = True
    username: str | None = None
    seen_at: datetime | None = None
    own_name: str = ""
    shares_news: bool = False
    timezone: str | None = None

    @property
    def is_active(self) -> bool:
        return self.left_at is None

    def had_joined(self, instant: datetime) -> bool:
        """Whether something that happened then happened to a member. Platforms tell whole seconds."""
        return instant >= self.joined_at.replace(microsecond=0)

    @property
    def display(self) -> MemberName:
        """The name as others may see it. A mention would say what somebody who chose one is called elsewhere."""
        return MemberName(self.name, (self.identity,) if self.name == self.own_name else (), self.id)

    @property
    def in_news(self) -> MemberName:
        """The name in news of the member: it goes out only if they share their news then."""
        return replace(self.display, is_news=True)


@dataclass(frozen=True, slots=True)
class Space:
    """A community that was set up: where to post, in which language, on which day and hour. Monday is 0."""

    id: int
    platform: str
    platform_space_id: str
    title: str
    channel_id: str
    thread_id: str | None
    language: str
    weekday: int
    post_time: time
    created_at: datetime
    retired_at: datetime | None = None
    invited_at: datetime | None = None


class NobodyFound(UserError):
    """No member answers to that name."""

    template = "nobody_found"


class UnknownCard(UserError):
    """No member has a card of that number."""

    template = "card_unknown"


class NotAMember(UserError):
    """The person meant has not joined."""

    template = "not_a_member"


class JoinFirst(UserError):
    """Only members may do that."""

    template = "join_first"
