"""Events at which members check in with a code: what one is, and why a check-in does not count."""

from dataclasses import dataclass
from datetime import datetime

from bot.errors import UserError


class CheckInEarly(UserError):
    """The event has not begun."""

    template = "check_in_early"


class CheckInLate(UserError):
    """The event is over."""

    template = "check_in_late"


class CheckedInBefore(UserError):
    """The member is checked in already."""

    template = "checked_in_before"


class EventTimesWrong(UserError):
    """An event that is over before it begins, or now."""

    template = "event_times_wrong"


class EventTooLong(UserError):
    """Nobody keeps a code secret for so long."""

    template = "event_too_long"


@dataclass(frozen=True, slots=True)
class Meetup:
    """An event with its code: members check in between two instants, once, or once a local day if it `is_daily`.

    `space_id` is the space it was made in, None for one of the whole club.
    """

    id: int
    name: str
    code: str
    opens_at: datetime
    closes_at: datetime
    is_daily: bool
    space_id: int | None
