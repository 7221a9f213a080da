"""How an attempt to deliver a post, or to do a deed, ended, and when it is tried again."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sent:
    """It arrived."""

    message_id: str


@dataclass(frozen=True, slots=True)
class Later:
    """It did not arrive, or may arrive twice without harm: again after so many seconds.

    `is_away`: the platform itself seems to be away, and others would end the same way.
    """

    after_s: float
    error: str
    is_away: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    """It was not sent, and nothing may be sent to this chat, or `everywhere`, for so many seconds.

    `is_asked`: the platform asked for it, so that a little more is waited, each time another bit.
    """

    after_s: float
    error: str
    everywhere: bool = False
    is_asked: bool = False


@dataclass(frozen=True, slots=True)
class Dropped:
    """It will never arrive."""

    error: str


@dataclass(frozen=True, slots=True)
class Done:
    """A deed is done, or there is nothing to be done: `given` are the marks of ours that the member has now."""

    given: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """A deed that the platform does not let us do, until the owner changes something there."""

    error: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have arrived, and must not be sent twice."""

    error: str
    is_away: bool = False


Outcome = Sent | Done | Later | Pause | Dropped | Refused | Unknown


def retry_delay_s(tries: int) -> float:
    """Return how long to wait after so many tries, at most five minutes."""
    return float(min(300, 2 ** min(tries, 9)))
