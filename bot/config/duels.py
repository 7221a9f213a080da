"""Settings of duels."""

from typing import Annotated, Literal

from pydantic import Field

from bot.config.section import Section
from bot.config.types import Points, Switch

DuelCounts = Literal["status", "messages", "purchases", "reactions_received"]


class DuelSettings(Section):
    """Duels: two members who agree see who does more of something. Without limits friends would let each other win."""

    enabled: Switch = True
    counts: Annotated[tuple[DuelCounts, ...], Field(min_length=1, max_length=4)] = (
        "status",
        "messages",
        "purchases",
        "reactions_received",
    )
    days: Annotated[int, Field(ge=1, le=28, strict=True)] = 7
    points: Points = 0
    status: Points = 20
    answer_hours: Annotated[int, Field(ge=1, le=168, strict=True)] = 48
    invitations_per_day: Annotated[int, Field(ge=1, le=20, strict=True)] = 3
    at_once: Annotated[int, Field(ge=1, le=10, strict=True)] = 3
    pair_cooldown_days: Annotated[int, Field(ge=0, le=365, strict=True)] = 14
    prizes_per_week: Annotated[int, Field(ge=1, le=100, strict=True)] = 1
