"""Settings of the earning rules."""

from typing import Annotated, Literal

from pydantic import Field

from bot.config.referral import ReferralRule
from bot.config.section import Section
from bot.config.types import ActionName, Amount, Count, Language, Points, Switch, Text


class PurchaseRule(Section):
    """Points and status per whole currency unit paid, fractions dropped."""

    points: Points = 1
    status: Points = 1
    minimum_amount: Amount = "0"
    daily_cap_count: Count = 4
    daily_cap_amount: Amount = "1000.00"
    pending_days: Annotated[int, Field(ge=0, le=365, strict=True)] = 14
    first_bonus_points: Points = 0
    include_gift_cards: Switch = False
    include_paid_with_points: Switch = False
    ask_again_within_minutes: Annotated[int, Field(ge=0, le=1440, strict=True)] = 10
    ask_above_amount: Amount = "10000"


class MessageRule(Section):
    """For a message in a space: once per cooldown window, `daily_cap` times a day."""

    points: Points = 0
    status: Points = 5
    cooldown_s: Annotated[int, Field(ge=1, le=86400, strict=True)] = 60
    minimum_length: Annotated[int, Field(ge=0, le=4096, strict=True)] = 5
    daily_cap: Count = 40


class ReactionRule(Section):
    """For the author of a message that another member reacts to, `daily_cap` times a day, and for who reacts."""

    points: Points = 0
    status: Points = 1
    daily_pair_cap: Count = 3
    daily_cap: Count = 50
    given_status: Points = 0
    given_daily_cap: Count = 10


class JoinRule(Section):
    """For the first time in a space, after accepting the rules; taken back on leaving before it ripens."""

    points: Points = 20
    status: Points = 20
    pending_days: Annotated[int, Field(ge=0, le=365, strict=True)] = 7


class OnceRule(Section):
    """What is given once for all."""

    points: Points = 0
    status: Points = 0

    @property
    def is_on(self) -> bool:
        """Whether it gives anything."""
        return bool(self.points or self.status)


class SignUpRule(OnceRule):
    """For accepting the rules, in a group or in private, once for a member."""


class ProfileRule(OnceRule):
    """For the first e-mail address or phone number that a member links and proves, once for a member and for an
    address or number, whoever links it later."""


class VoiceRule(Section):
    """For each whole interval that a member spends in a voice or stage channel on Discord, in company and able to talk
    and hear: `daily_cap` times a day. Off with `status = 0`."""

    status: Points = 0
    every_minutes: Annotated[int, Field(ge=1, le=1440, strict=True)] = 10
    least_people: Annotated[int, Field(ge=1, le=100, strict=True)] = 2
    daily_cap: Count = 12

    @property
    def is_on(self) -> bool:
        """Whether time in voice channels earns anything."""
        return self.status > 0


class ThanksRule(Section):
    """For a member whom another one thanks, with /thanks. Two members count once in a cooldown, whichever way."""

    status: Points = 5
    cooldown_hours: Annotated[int, Field(ge=1, le=720, strict=True)] = 24
    given_per_day: Annotated[int, Field(ge=1, le=100, strict=True)] = 3
    received_per_day: Annotated[int, Field(ge=1, le=100, strict=True)] = 5


class ActionRule(Section):
    """What else the programme values, such as a repair or a review: as many such sections as you like, each with a
    name of yours. Given by a cashier (`/action`), by a one-time code or by a program (docs/shops.md)."""

    title: dict[Language, Text]
    points: Points = 0
    status: Points = 0
    limit: Count = 1
    per: Literal["day", "week", "month", "ever"] = "day"
    pending_days: Annotated[int, Field(ge=0, le=365, strict=True)] = 0


class Earning(Section):
    """The earning rules."""

    purchase: PurchaseRule = PurchaseRule()
    message: MessageRule = MessageRule()
    reaction: ReactionRule = ReactionRule()
    join: JoinRule = JoinRule()
    sign_up: SignUpRule = SignUpRule()
    profile: ProfileRule = ProfileRule()
    voice: VoiceRule = VoiceRule()
    thanks: ThanksRule = ThanksRule()
    referral: ReferralRule = ReferralRule()
    action: dict[ActionName, ActionRule] = Field(default_factory=dict)
