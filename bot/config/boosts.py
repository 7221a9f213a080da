"""Settings of boosts: happy hours and double-point days."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from bot.config.section import Section
from bot.config.types import BoostMultiplier, Id, Language, TimeOfDay, Weekday


class BoostSettings(Section):
    """A happy hour or a double-point day: when purchases or messages bring more; docs/earning.md says how."""

    id: Id
    name: dict[Language, Annotated[str, Field(min_length=1, max_length=40)]]
    multiplier: BoostMultiplier
    multiplies: Annotated[tuple[Literal["purchases", "messages"], ...], Field(min_length=1)] = ("purchases",)
    days: tuple[Weekday, ...] = ()
    starts: date | None = None
    ends: date | None = None
    from_time: TimeOfDay | None = None
    until_time: TimeOfDay | None = None
    shops: tuple[Id, ...] = ()
