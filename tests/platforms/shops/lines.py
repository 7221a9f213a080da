"""Orders with lines: a story in which the shop also tells what was bought, and of which lines refunds are."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from tests.platforms.shops.calls import signed
from tests.platforms.shops.stories import STORIES, Story, Told

KINDS_WITH_LINES = ("shopify", "woocommerce", "generic")


@dataclass(frozen=True)
class Bought:
    """A line of an order; `amount_minor` is what was paid for all of it."""

    sku: str
    amount_minor: int
    quantity: int = 1
    is_gift_card: bool = False


def _money(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"


def _shopify(content: dict[str, Any], lines: Sequence[Bought], back: Sequence[int], told: int) -> None:
    if "total_price" not in content:
        return
    # One item each, that costs a zloty more than was paid for it: a discount on the order took that off again.
    content["line_items"] = [
        {
            "id": number,
            "sku": line.sku,
            "product_id": 7_000_000 + number,
            "title": "What nobody has to know",
            "gift_card": line.is_gift_card,
            "quantity": 1,
            "price": _money(line.amount_minor + 100),
            "discount_allocations": [{"amount": "1.00"}],
            "tax_lines": [],
        }
        for number, line in enumerate(lines)
    ]
    for refund, number in zip(content["refunds"], back, strict=False):
        refund["refund_line_items"] = [{"line_item_id": number, "quantity": 1, "subtotal": "0.00"}]


def _woocommerce(content: dict[str, Any], lines: Sequence[Bought], back: Sequence[int], told: int) -> None:
    content["line_items"] = [
        {"id": 9, "name": "What nobody has to know", "sku": line.sku, "product_id": 93, "quantity": line.quantity}
        | {"total": _money(line.amount_minor), "total_tax": "0.00", "subtotal": "999.00"}
        for line in lines
    ]


def _generic(content: dict[str, Any], lines: Sequence[Bought], back: Sequence[int], told: int) -> None:
    content["lines"] = [
        {"sku": line.sku.upper(), "amount": _money(line.amount_minor), "quantity": line.quantity}
        | {"gift_card": line.is_gift_card, "refunded": _money(line.amount_minor if number in back[:told] else 0)}
        for number, line in enumerate(lines)
    ]


_ADD = {"shopify": _shopify, "woocommerce": _woocommerce, "generic": _generic}


def with_lines(
    kind: str, order: int, card: str, lines: Sequence[Bought], rest_minor: int, back: Sequence[int], begin: datetime
) -> Story:
    """Return the story of an order of these lines and so much beside, such as shipping; then lines come back whole."""
    paid = sum(line.amount_minor for line in lines) + rest_minor
    story = STORIES[kind](order, card, paid, [lines[number].amount_minor for number in back], begin)

    def filled(number: int, told: Told) -> Told:
        content = json.loads(told.call.body)
        _ADD[kind](content, lines, back, number)
        topic = told.call.headers.get("X-Shopify-Topic") or told.call.headers.get("X-WC-Webhook-Topic") or ""
        return replace(told, call=signed(kind, content, begin + timedelta(minutes=2), topic))

    return replace(story, told=tuple(filled(number, told) for number, told in enumerate(story.told)))
