"""The life of an order as each shop tells it: everything it says, in order, and what none may lose.

A story is made of a number, the paid amount and changes to what was given back, in minor units: more for a refund,
less for a refund that failed or a dispute that was won. Shops that know none of the latter are told of refunds alone.
Those that are read back take the seconds `apart` at which things happen, over and over; at 0 it is within one second.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

from tests.platforms.shops.calls import HookCall, signed


@dataclass(frozen=True)
class Told:
    """One call of a story, its kind, and of which kinds it `covers` those before it that were lost."""

    call: HookCall
    kind: str
    covers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Story:
    """What is told, and what is left of the paid amount in the end."""

    told: tuple[Told, ...]
    left_minor: int


def _amount(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"


_APART_S = (7,)


def _times(begin: datetime, apart: Sequence[int] = _APART_S) -> Iterator[datetime]:
    for seconds in cycle(apart):
        yield begin
        begin += timedelta(seconds=seconds)


def shopify(
    order: int, card: str, paid: int, changes: Sequence[int], begin: datetime, apart: Sequence[int] = _APART_S
) -> Story:
    """Orders whole, refunds one by one, a dispute that may be won; all may be followed by a cancellation."""
    times, refunds = _times(begin, apart), list[dict[str, Any]]()

    def whole(topic: str, **about: Any) -> Told:
        at = next(times)
        content = {
            "id": order,
            "order_number": order % 100_000,
            "name": f"#{order % 100_000}",
            "currency": "PLN",
            "total_price": _amount(paid),
            "current_total_price": _amount(paid - back),
            "total_tax": _amount(paid // 10),
            "taxes_included": True,
            "shipping_lines": [{"price": "10.00", "tax_lines": [{"price": "1.87"}]}],
            "financial_status": "paid" if not back else "refunded" if back == paid else "partially_refunded",
            "created_at": begin.isoformat(),
            "updated_at": at.isoformat(),
            "cancelled_at": None,
            "refunds": list(refunds),
            "note": f"Please ring twice. {card[:3]} {card[3:6]} {card[6:]}",
            "note_attributes": [],
            "test": False,
        }
        return Told(signed("shopify", content | about, at, topic), "order", ("order", "refund"))

    back = 0
    told = [whole("orders/create", financial_status="pending"), whole("orders/paid")]
    for number, change in enumerate(change for change in changes if change > 0):
        part = min(change, paid - back)
        back += part
        at = next(times)
        paying = {"kind": "refund", "status": "success", "amount": _amount(part), "currency": "PLN"}
        refund = {
            "id": order * 100 + number,
            "order_id": order,
            "created_at": at.isoformat(),
            "processed_at": at.isoformat(),
            "transactions": [paying, paying | {"status": "failure"}] if part else [],
        }
        refunds.append(refund)
        told += [Told(signed("shopify", refund, at, "refunds/create"), "refund"), whole("orders/updated")]
    if paid % 3 == 0:
        is_lost = paid % 4 == 0
        told += _shopify_dispute(order, paid - back, is_lost, times)
        back = paid if is_lost else back
    if paid % 2:
        told.append(whole("orders/cancelled", cancelled_at=begin.isoformat()))
        back = paid
    return Story(tuple(told), paid - back)


def _shopify_dispute(order: int, amount: int, is_lost: bool, times: Iterator[datetime]) -> Iterator[Told]:
    """A bank that asks, then takes, then decides: of when it did that not every shop is told."""
    asked, took, decided = next(times), next(times), next(times)
    about = {
        "id": order * 100 + 99,
        "order_id": order,
        "type": "chargeback",
        "amount": _amount(amount),
        "currency": "PLN",
        "status": "needs_response",
        "initiated_at": asked.isoformat(),
        "evidence_sent_on": None,
        "finalized_on": None,
    }
    ends = {"status": "lost" if is_lost else "won", "finalized_on": decided.isoformat() if order % 2 else None}
    yield Told(signed("shopify", about | {"type": "inquiry"}, asked, "disputes/create"), "noise")
    yield Told(signed("shopify", about, took, "disputes/update"), "dispute")
    yield Told(signed("shopify", about | ends, decided, "disputes/update"), "dispute", ("dispute",))


def woocommerce(
    order: int, card: str, paid: int, changes: Sequence[int], begin: datetime, apart: Sequence[int] = _APART_S
) -> Story:
    """The order whole each time; a refund may be deleted again, and at last the order may be called off somehow."""
    times, refunds, back, told = _times(begin, apart), list[int](), 0, list[Told]()

    def whole(status: str, topic: str = "order.updated") -> None:
        at = next(times)
        content = {
            "id": order,
            "number": str(order),
            "status": status,
            "currency": "PLN",
            "total": _amount(paid),
            "total_tax": _amount(paid // 10),
            "shipping_total": "8.13",
            "shipping_tax": "1.87",
            "date_created_gmt": begin.replace(tzinfo=None).isoformat(),
            "date_modified_gmt": at.replace(tzinfo=None).isoformat(),
            "refunds": [{"id": n, "reason": "", "total": f"-{_amount(part)}"} for n, part in enumerate(refunds)],
            "billing": {"email": "", "phone": ""},
            "customer_note": "",
            "meta_data": [{"id": 1, "key": "_member_card", "value": card}, {"id": 2, "key": "x", "value": {"a": []}}],
        }
        told.append(Told(signed("woocommerce", content, at, topic), "order", ("order",)))

    whole("pending", "order.created")
    whole("processing")
    for change in changes:
        if change > 0:
            refunds.append(min(change, paid - back))
        elif refunds:
            refunds.pop()
        back = sum(refunds)
        whole("completed")
    if paid % 4 == 2:
        whole(("cancelled", "refunded", "on-hold", "failed", "trash")[paid // 4 % 5])
        back = paid
    return Story(tuple(told), paid - back)


def stripe(order: int, card: str, paid: int, changes: Sequence[int], begin: datetime) -> Story:
    """A payment told in three ways; refunds that may fail; a dispute that may be won."""
    times, told, refunded, open_refunds = _times(begin), list[Told](), 0, list[tuple[str, int]]()
    payment, charge, made = f"pi_{order}", f"ch_{order}", dict[str, dict[str, Any]]()

    def say(kind: str, about: dict[str, Any], what: str = "part", covers: tuple[str, ...] = ()) -> None:
        at = next(times)
        event = {
            "id": f"evt_{order}_{len(told)}",
            "object": "event",
            "type": kind,
            "created": int(at.timestamp()),
            "livemode": True,
            "data": {"object": {"currency": "pln", "created": int(at.timestamp()), **about}},
        }
        told.append(Told(signed("stripe", event, begin + timedelta(minutes=2)), what, covers))

    def charged(kind: str) -> None:
        about = {"id": charge, "payment_intent": payment, "paid": True, "created": int(begin.timestamp())}
        amounts = {"amount_captured": paid, "amount_refunded": refunded, "metadata": {"member_card": card}}
        say(kind, about | amounts, "part", ("part",))

    say("payment_intent.created", {"id": payment}, "noise")
    charged("charge.succeeded")
    say("payment_intent.succeeded", {"id": payment, "amount_received": paid, "metadata": {"member_card": card}})
    session = {"payment_intent": payment, "payment_status": "paid", "amount_total": paid, "client_reference_id": card}
    say("checkout.session.completed", session | {"total_details": {"amount_tax": 99}, "customer_details": None})
    for number, change in enumerate(changes):
        if change > 0 and refunded < paid:
            part = min(change, paid - refunded)
            refunded += part
            refund = f"re_{order}_{number}"
            open_refunds.append((refund, part))
            made[refund] = about = {
                "id": refund,
                "amount": part,
                "payment_intent": payment,
                "created": int((begin + timedelta(seconds=7 * len(told))).timestamp()),
            }
            say("refund.created", about | {"status": "pending"})
            charged("charge.refunded")
            say("refund.updated", about | {"status": "succeeded"})
        elif open_refunds:
            refund, part = open_refunds.pop()
            refunded -= part
            say("refund.failed", made[refund] | {"status": "failed"})
    disputed = 0
    if paid % 3 == 0:
        about = {"id": f"dp_{order}", "amount": paid - refunded, "payment_intent": payment, "charge": charge}
        say("charge.dispute.created", about | {"status": "needs_response"}, "dispute")
        is_lost = paid % 2 == 0
        say("charge.dispute.closed", about | {"status": "lost" if is_lost else "won"}, "dispute", ("dispute",))
        disputed = paid - refunded if is_lost else 0
    return Story(tuple(told), paid - refunded - disputed)


def square(order: int, card: str, paid: int, changes: Sequence[int], begin: datetime) -> Story:
    """Payments and refunds through all their states, of which only the completed ones count; a dispute as Stripe's."""
    times, told, refunded = _times(begin), list[Told](), 0

    def say(kind: str, about: dict[str, Any], what: str = "part", covers: tuple[str, ...] = ()) -> None:
        at = next(times)
        name = kind.partition(".")[0]
        content = about | {"created_at": begin.isoformat(), "updated_at": at.isoformat()}
        event = {
            "merchant_id": "M",
            "type": kind,
            "event_id": f"{order}-{len(told)}",
            "created_at": at.isoformat(),
            "data": {"type": name, "id": str(content["id"]), "object": {name: content}},
        }
        told.append(Told(signed("square", event, at), what, covers))

    def payment(status: str, kind: str = "payment.updated") -> None:
        money = {
            "amount_money": {"amount": paid, "currency": "PLN"},
            "refunded_money": {"amount": refunded, "currency": "PLN"},
        }
        about = {"id": f"p{order}", "status": status, "note": f"card {card}"}
        say(kind, about | money, *(("part", ("part",)) if status == "COMPLETED" else ("noise",)))

    payment("APPROVED", "payment.created")
    payment("COMPLETED")
    for number, change in enumerate(change for change in changes if change > 0):
        part = min(change, paid - refunded)
        about = {
            "id": f"r{order}-{number}",
            "payment_id": f"p{order}",
            "amount_money": {"amount": part, "currency": "PLN"},
        }
        say("refund.created", about | {"status": "PENDING"}, "noise")
        if number % 3 == 2:
            say("refund.updated", about | {"status": "REJECTED"}, "noise")
            continue
        refunded += part
        say("refund.updated", about | {"status": "COMPLETED"})
        payment("COMPLETED")
    disputed = 0
    if paid % 3 == 0:
        money = {"amount_money": {"amount": paid - refunded, "currency": "PLN"}}
        about = {"id": f"d{order}", "disputed_payment": {"payment_id": f"p{order}"}} | money
        is_lost = paid % 2 == 0
        ends = ("LOST" if paid % 4 else "ACCEPTED") if is_lost else "WON"
        say("dispute.created", about | {"state": "INQUIRY_EVIDENCE_REQUIRED"}, "dispute")
        for state in ("EVIDENCE_REQUIRED", ends):
            say("dispute.state.updated", about | {"state": state}, "dispute", ("dispute",))
        disputed = paid - refunded if is_lost else 0
    return Story(tuple(told), paid - refunded - disputed)


def generic(order: int, card: str, paid: int, changes: Sequence[int], begin: datetime) -> Story:
    """The whole each time; at last the order may be cancelled."""
    times, told, refunded = _times(begin), list[Told](), 0
    is_cancelled = paid % 4 == 2
    for number, change in enumerate((0, *changes, 0) if is_cancelled else (0, *changes)):
        refunded = max(0, min(paid, refunded + change))
        content = {
            "order": str(order),
            "paid": _amount(paid),
            "refunded": _amount(refunded),
            "cancelled": number > len(changes),
            "currency": "PLN",
            "occurred_at": begin.isoformat(),
            "updated_at": next(times).isoformat(),
            "member": card,
        }
        told.append(Told(signed("generic", content, begin + timedelta(minutes=2)), "order", ("order",)))
    return Story(tuple(told), 0 if is_cancelled else paid - refunded)


READ_BACK: dict[str, Callable[..., Story]] = {"shopify": shopify, "woocommerce": woocommerce}
STORIES: dict[str, Callable[[int, str, int, Sequence[int], datetime], Story]] = {
    **READ_BACK,
    "stripe": stripe,
    "square": square,
    "generic": generic,
}
