"""What is known of the clock that everything goes by."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

_NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class ClockState:
    """How far the computer's clock can be relied on.

    `leapt`: how far it is suddenly ahead, though nobody else told the time. `unsure_for`: how long it could not be
    compared with the time that others tell, though it should be. `wrong_by`: how far it is ahead of the time that
    others tell, below 0 where it is behind; everything goes by theirs then. Each is 0 while all is well.
    """

    leapt: timedelta = _NOTHING
    unsure_for: timedelta = _NOTHING
    wrong_by: timedelta = _NOTHING

    @property
    def is_doubted(self) -> bool:
        """Whether nothing must be done by the clock that could not be undone if it is wrong."""
        return bool(self.leapt or self.unsure_for)


WELL: Final = ClockState()
