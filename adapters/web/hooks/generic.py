"""Everything else: one JSON format, signed over its timestamp and body; docs/shops.md has it for who writes it."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from adapters.parsing import parsed
from adapters.web.hooks.reading import (
    Amount,
    Call,
    Instant,
    Loose,
    Plain,
    Quantity,
    Reading,
    in_hex,
    is_any,
    minor,
    skus,
)
from bot.purchases.products import Basket, Line
from bot.purchases.shop_orders import REFUNDED, BuyerHints, Fact, OrderNews

MOST_APART = timedelta(seconds=300)
_SECONDS = re.compile(r"[0-9]{1,12}")
_MOST_SIGNATURES = 4
Mark = Annotated[str, StringConstraints(min_length=1, max_length=100)]


def is_now(call: Call, timestamp: str) -> bool:
    """Whether a timestamp, in seconds since 1970, is within five minutes of now, before or after."""
    return _SECONDS.fullmatch(timestamp) is not None and abs(call.now.timestamp() - int(timestamp)) <= (
        MOST_APART.total_seconds()
    )


class OrderLine(Loose):
    """A line of an order: a product, however many of it."""

    model_config = ConfigDict(extra="forbid")

    amount: Amount = Field(description="What was paid for all of it, its discounts taken off.", ge=0)
    refunded: Amount | None = Field(default=None, description="What of that was refunded in all.", ge=0)
    quantity: Quantity = Field(default=1, description="How many items it is.")
    quantity_refunded: int = Field(default=0, description="How many of them came back.", ge=0, le=10**6)
    sku: str | None = Field(default=None, description="The product's SKU or number.", max_length=100)
    categories: tuple[Mark, ...] = Field(default=(), description="The categories it is in.", max_length=20)
    brand: str | None = Field(default=None, description="Who made it, or the partner who sells it.", max_length=100)
    gift_card: bool = Field(default=False, description="Whether it is a gift card.")

    @model_validator(mode="after")
    def _is_not_more(self) -> Self:
        if (self.refunded or 0) > self.amount or self.quantity_refunded > self.quantity:
            raise ValueError("no more can be refunded than was bought")
        return self


class Order(Loose):
    """An order as it stands now: whoever tells of it again tells the whole again."""

    model_config = ConfigDict(extra="forbid")

    order: Annotated[str, StringConstraints(min_length=1, max_length=32, strip_whitespace=True), Plain] = Field(
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

    lines: tuple[OrderLine, ...] = Field(
        default=(), description="What was bought; looked at for what products bring, and not kept.", max_length=500
    )
    paid_with_points: Amount = Field(
        default=Decimal(0), description="What of the paid amount was paid with points or a gift card.", ge=0
    )

    @model_validator(mode="after")
    def _is_not_more(self) -> Self:
        if max(self.refunded, self.counting or 0, self.paid_with_points) > self.paid:
            raise ValueError("refunded, counting and paid_with_points can be no more than paid")
        if sum(line.amount for line in self.lines) > self.paid:
            raise ValueError("lines can together be no more than paid")
        if sum(line.refunded or 0 for line in self.lines) > self.refunded:
            raise ValueError("lines can together have no more refunded than refunded says")
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
        with_points = minor(order.paid_with_points, order.currency)
        sale = Fact(
            "sale",
            order.updated_at,
            paid,
            is_void=order.cancelled,
            counting_minor=counting,
            occurred_at=order.occurred_at,
            basket=Basket(tuple(_bought(line, order) for line in order.lines), paid, with_points),
        )
        given_back = tuple(_given_back(line, order) for line in order.lines if line.refunded)
        basket = Basket(given_back, paid, with_points) if given_back else None
        back = Fact(REFUNDED, order.updated_at, refunded, basket=basket)
        hints = BuyerHints(order.member, order.email, order.phone)
        return OrderNews(order.order, order.currency, (sale, back), order.order, hints)


def _bought(told: OrderLine, order: Order) -> Line:
    amount = minor(told.amount, order.currency)
    return Line(amount, amount, told.quantity, skus(told.sku), told.categories, skus(told.brand), told.gift_card)


def _given_back(told: OrderLine, order: Order) -> Line:
    """Return what came back of a line. Without a number of items those are as many as were paid back in proportion."""
    back, bought = minor(told.refunded or Decimal(0), order.currency), _bought(told, order)
    share = told.quantity * back // bought.amount_minor if bought.amount_minor else 0
    return replace(bought, amount_minor=back, counting_minor=back, quantity=told.quantity_refunded or share)
