"""Disputes of Shopify: money that a buyer's bank holds back. They name no instant at which they were changed."""

from typing import Any

from adapters.web.hooks.reading import Amount, Currency, Ignored, Instant, Loose, Name, Reading, minor
from bot.purchases.shop_orders import Fact, OrderNews, dispute

_INQUIRY = "inquiry"
_LOST = ("needs_response", "under_review", "accepted", "lost")


class _Dispute(Loose):
    id: Name
    order_id: Name | None = None
    type: str
    status: str
    amount: Amount
    currency: Currency
    initiated_at: Instant
    evidence_sent_on: Instant | None = None
    finalized_on: Instant | None = None


def dispute_news(content: Any) -> Reading:
    """Return what a dispute as Shopify writes it says. Raises ValueError if it cannot be read."""
    told = _Dispute.model_validate(content)
    # As long as a bank only inquires, nothing is taken away; what is refunded instead is told as a refund.
    if told.order_id is None or told.type == _INQUIRY:
        return Ignored()
    # Each step leaves its instant and all later calls have it too. Where it leaves none, a void fact is the newer one:
    # a dispute begins with the money held back.
    steps = (told.initiated_at, told.evidence_sent_on, told.finalized_on)
    fact = Fact(
        dispute(told.id),
        max(step for step in steps if step is not None),
        max(0, minor(told.amount, told.currency)),
        is_void=told.status not in _LOST,
        occurred_at=told.initiated_at,
    )
    return OrderNews(told.order_id, told.currency, (fact,))
