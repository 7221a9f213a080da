"""What the parts of the program tell about their work, for whoever counts it: figures only, never about whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["sent", "later", "dropped", "unknown"]
# What one transaction did, by (what, label): ("entry", a reason), ("refusal", a template), ("done", a job).
Tally = dict[tuple[str, str], int]
ENTRY, REFUSAL = "entry", "refusal"
DONE, SKIPPED, FAILED = "done", "skipped", "failed"


@dataclass(frozen=True, slots=True)
class Figures:
    """What the database says. `queue` has (waiting posts, age of the oldest due one in seconds) by platform."""

    queue: Mapping[str, tuple[int, float]] = field(default_factory=dict)
    dead_letters: int = 0
    unknown_sends: int = 0


class Observer:
    """Is told and does nothing with it. Called from any thread; a call must be quick and must not raise."""

    def heard(self, platform: str, kinds: Mapping[str, int]) -> None:
        """Events came in, counted by the name of their class."""

    def kept(self, tally: Mapping[tuple[str, str], int]) -> None:
        """Transactions ended well and did this together."""

    def wrote(self, calls: int, seconds: float) -> None:
        """A group of so many calls was committed."""

    def read(self, seconds: float) -> None:
        """A call has read."""

    def database_away(self) -> None:
        """The database could not be used: nothing was done."""

    def sent(self, platform: str, outcome: Outcome, error: str = "") -> None:
        """An attempt to send ended, if not well with this error of the platform."""

    def ran(self, job: str, late_s: float) -> None:
        """The turn of a job came so many seconds after it was due."""

    def called(self, shop: str, outcome: str) -> None:
        """A shop called, and this came of it."""

    def read_back(self, shop: str, outcome: str) -> None:
        """An order was read back from a shop, and this came of it."""

    def lagged(self, seconds: float) -> None:
        """The event loop came back so much later than it was asked to."""


NOBODY = Observer()
