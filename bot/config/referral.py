"""Settings of referrals."""

from typing import Annotated, Literal

from pydantic import Field

from bot.config.section import Section
from bot.config.types import Count, Points, Switch


class AmbassadorRule(Section):
    """What ambassadors and the friends they bring get instead, and for how many friends in a period."""

    points: Points = 100
    status: Points = 100
    friend_points: Points = 50
    friend_status: Points = 0
    cap: Count = 100
    review_over: Count = 20


class ReferralRule(Section):
    """For a member who brings a friend, and for the friend, once that one has bought or taken part."""

    enabled: Switch = True
    points: Points = 50
    status: Points = 50
    friend_points: Points = 50
    friend_status: Points = 0
    needs: Literal["purchase", "days"] = "purchase"
    days: Annotated[int, Field(ge=1, le=60, strict=True)] = 3
    within_days: Annotated[int, Field(ge=1, le=365, strict=True)] = 90
    pending_days: Annotated[int, Field(ge=0, le=365, strict=True)] = 14
    cap: Count = 10
    per: Literal["day", "week", "month", "year", "ever"] = "month"
    review_over: Count = 3
    ambassador: AmbassadorRule = AmbassadorRule()
