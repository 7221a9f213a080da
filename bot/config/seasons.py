"""Settings of seasons."""

from datetime import date
from typing import Annotated

from pydantic import Field

from bot.config.section import Section
from bot.config.types import Id, Language, Points


class SeasonSettings(Section):
    """A season: a leaderboard from one day to another, with prizes for the first places of the whole club. Who hides
    from leaderboards, and staff, has no place there."""

    id: Id
    title: dict[Language, Annotated[str, Field(min_length=1, max_length=40)]]
    starts: date
    ends: date
    prize_points: Annotated[tuple[Points, ...], Field(max_length=100)] = ()
    prize_status: Annotated[tuple[Points, ...], Field(max_length=100)] = ()
