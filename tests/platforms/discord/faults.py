"""Failures a test orders: the next requests to a place get another answer, or none."""

from dataclasses import dataclass, field

from tests.platforms.discord.model import Json


@dataclass(slots=True)
class Fault:
    """`status` None cuts the line without an answer; `after_effect` lets the request take effect first."""

    method: str
    path_contains: str
    status: int | None
    body: Json
    times: int
    after_effect: bool


@dataclass(slots=True)
class Faults:
    ordered: list[Fault] = field(default_factory=list)

    def take(self, method: str, path: str, after_effect: bool) -> Fault | None:
        """Return the first fault ordered for this request and moment, and count it."""
        for fault in self.ordered:
            meant = fault.method == method and fault.path_contains in path
            if meant and fault.times > 0 and fault.after_effect == after_effect:
                fault.times -= 1
                return fault
        return None
