"""Everything else: one JSON format, signed over its timestamp and body; docs/shops.md has it for who writes it."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from adapters.parsing import parsed
from adapters.web.hooks.reading import Amount, Call, Instant, Loose, Reading, in_hex, is_any, minor
from bot.shop_orders import REFUNDED, BuyerHints, Fact, OrderNews

MOST_APART = timedelta(seconds=300)
_SECONDS = re.compile(r"[0-9]{1,12}")
_MOST_SIGNATURES = 4


def is_now(call: Call, timestamp: str) -> bool:
    """Whether a timestamp, in seconds since 1970, is within five minutes of now, before or after."""
    return _SECONDS.fullmatch(timestamp) is not None and abs(call.now.timestamp() - int(timestamp)) <= (
        MOST_APART.total_seconds()
    )


class Order(Loose):
    """An order as it stands now: whoever tells of it again tells the whole again."""

    model_config = ConfigDict(extra="forbid")

    order: Annotated[str, StringConstraints(min_length=1, max_length=32, strip_whitespace=True)] = Field(
        description="What the order is called in the shop."
    )
    paid: Amount = Field(description="What was paid, in whole units, such as 129.90.", ge=0)
    refunded: Amount = Field(default=Decimal(0), description="What was refunded of it in all.", ge=0)
    counting: Amount | None = Field(
        default=None, description="What of the paid amount counts; all of it if left out.", ge=0
    )
    currency: str = Field(description="A code such as PLN.", pattern="^[A-Z]{3}$")
    cancelled: bool = Field(default=False, description="Whether nothing of it counts any more.")
    occurred_at: Instant = Field(description="When it was paid.")
    updated_at: Instant = Field(description="As of when this is so: the newest counts.")
    member: str | None = Field(default=None, description="The buyer's card number.", max_length=40)
    email: str | None = Field(
        default=None, description="The buyer's e-mail address; kept as a keyed hash.", max_length=260
    )
    phone: str | None = Field(
        default=None, description="The buyer's phone number; kept as a keyed hash.", max_length=40
    )

    @model_validator(mode="after")
    def _is_not_more(self) -> Self:
        if self.refunded > self.paid or (self.counting or 0) > self.paid:
            raise ValueError("refunded and counting can be no more than paid")
        return self


class Generic:
    """Reads our own format. Whoever wrote what calls is told what is wrong with it."""

    is_told = True

    def is_ping(self, call: Call) -> bool:
        return False

    def is_signed(self, call: Call) -> bool:
        timestamp = call.headers.get("x-bywalec-timestamp", "")
        given = call.headers.get("x-bywalec-signature", "").lower().split(",")[:_MOST_SIGNATURES]
        is_right = is_any(
            [one.strip() for one in given],
            call.shop.secrets,
            lambda secret: in_hex(secret, timestamp.encode(), b".", call.body),
        )
        return is_right and is_now(call, timestamp)

    def read(self, call: Call) -> Reading:
        order = Order.model_validate(parsed(call.body))
        amounts = order.paid, order.refunded, order.paid if order.counting is None else order.counting
        paid, refunded, counting = (minor(amount, order.currency) for amount in amounts)
        sale = Fact(
            "sale",
            order.updated_at,
            paid,
            is_void=order.cancelled,
            counting_minor=counting,
            occurred_at=order.occurred_at,
        )
        hints = BuyerHints(order.member, order.email, order.phone)
        return OrderNews(
            order.order, order.currency, (sale, Fact(REFUNDED, order.updated_at, refunded)), order.order, hints
        )
