"""Events of the generic kind that are no orders: what a member did beside buying, signed as orders are."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from adapters.parsing import parsed
from adapters.web.hooks.reading import Instant, Loose, Plain
from bot.earning.action import ActionTold
from bot.purchases.shop_orders import BuyerHints

ActionName = Annotated[str, StringConstraints(min_length=1, max_length=32, to_lower=True, strip_whitespace=True)]


class ActionEvent(Loose):
    """What a member did that the programme values: an action of its config."""

    model_config = ConfigDict(extra="forbid")

    event: Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True), Plain] = Field(
        description="Your own name for it, never used twice: told again, it counts once."
    )
    action: ActionName = Field(description="The name of the action: of [earning.action.repair] it is repair.")
    occurred_at: Instant = Field(description="When it was done.")
    member: str | None = Field(default=None, description="The member's card number.", max_length=40)
    email: str | None = Field(
        default=None, description="The member's e-mail address, if they linked it.", max_length=260
    )
    phone: str | None = Field(default=None, description="The member's phone number, if they linked it.", max_length=40)

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:
        if not (self.member or self.email or self.phone):
            raise ValueError("member, email or phone is needed")
        return self


def read_action(body: bytes) -> ActionTold:
    """Return what an event says. Raises ValueError if that cannot be read."""
    told = ActionEvent.model_validate(parsed(body))
    return ActionTold(told.event, told.action, told.occurred_at, BuyerHints(told.member, told.email, told.phone))
