"""Settings of levels."""

from typing import Annotated, Literal

from pydantic import Field

from bot.config.section import Section
from bot.config.types import Switch
from bot.tiers.levels import CURVES

Coefficient = Annotated[int, Field(ge=-1_000_000, le=1_000_000, strict=True)]


class LevelRules(Section):
    """Levels by all the status a member has collected since they joined. Off until switched on."""

    enabled: Switch = False
    curve: Literal["mee6", "linear", "custom"] = "mee6"
    coefficients: Annotated[tuple[Coefficient, ...], Field(min_length=2, max_length=5)] | None = None

    @property
    def polynomial(self) -> tuple[int, ...]:
        """What a level takes from the one before, as a polynomial in that one, the highest power first."""
        return CURVES.get(self.curve) or self.coefficients or ()
