"""Settings of leaderboards."""

from typing import Annotated

from pydantic import Field

from bot.config.section import Section
from bot.config.types import Switch, TimeOfDay, Weekday


class PostedBoard(Section):
    """A board that may be posted besides the week's: with that one, unless it has a day or a time of its own."""

    post: Switch = False
    weekday: Weekday | None = None
    time: TimeOfDay | None = None


class MonthlyBoard(Section):
    """A board that may be posted once a month: at the time of the week's board, unless it has one of its own."""

    post: Switch = False
    day: Annotated[int, Field(ge=1, le=28, strict=True)] = 1
    time: TimeOfDay | None = None


class LeaderboardSettings(Section):
    """How long boards are, who stands on them, and until when a late post still makes sense."""

    size: Annotated[int, Field(ge=3, le=25, strict=True)] = 10
    include_staff: Switch = False
    fresh_for_hours: Annotated[int, Field(ge=1, le=168, strict=True)] = 48
    helpers: PostedBoard = PostedBoard()
    improved: PostedBoard = PostedBoard()
    newcomers: PostedBoard = PostedBoard()
    club: PostedBoard = PostedBoard()
    spaces: PostedBoard = PostedBoard()
    month: MonthlyBoard = MonthlyBoard()
    all: MonthlyBoard = MonthlyBoard()
