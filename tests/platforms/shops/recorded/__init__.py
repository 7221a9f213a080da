"""Full bodies in the shape that each shop publishes, byte by byte as it would write them, with literal signatures.

Orders and people are made up. Nothing of ours signed them. For Shopify and WooCommerce it was

    openssl dgst -sha256 -hmac the-secret-of-today -binary FILE | openssl base64 -A

for Square the same over the address that is called and the file; for Stripe, with `-r`, over the timestamp, a dot and
the file.
"""

from datetime import UTC, datetime
from pathlib import Path

from tests.platforms.shops.calls import HookCall

AT = datetime(2026, 3, 16, 7, 0, tzinfo=UTC)
"""When they are called with."""
CARD = "482193576"
"""The card number in all of them, however each shop lets one write it."""
_STRIPE_AT = "t=1773644400,v1="
_HEADERS = {
    "shopify_order_paid": {
        "X-Shopify-Topic": "orders/paid",
        "X-Shopify-Hmac-Sha256": "6m/zhKkF8+VRij1CQPB7PVhUfPMGPyIq6MBv5xZyTBs=",
    },
    "shopify_refund": {
        "X-Shopify-Topic": "refunds/create",
        "X-Shopify-Hmac-Sha256": "HHX6MMJBrzA5euk2Fo6K55GTMXGbyra9js9kpJZeoUA=",
    },
    "shopify_dispute": {
        "X-Shopify-Topic": "disputes/update",
        "X-Shopify-Hmac-Sha256": "+A4ycGpRAvFZEDxpLsS35KWtF6mrrwkZNuAtrsmp6PU=",
    },
    "shopify_order_cancelled": {
        "X-Shopify-Topic": "orders/cancelled",
        "X-Shopify-Hmac-Sha256": "MQ1GewU2fnNCGkWw8xMKSEsY6zNwY0V+o1th5y4okYI=",
    },
    "woocommerce_order_refunded": {
        "X-WC-Webhook-Topic": "order.updated",
        "X-WC-Webhook-Signature": "FgEBc0r6laemb7GfDG/Fmuu6g3bcPZS+V79U3qcarvo=",
    },
    "woocommerce_order_created": {
        "X-WC-Webhook-Topic": "order.created",
        "X-WC-Webhook-Signature": "sefqpaTx0LjBAGfsl71/CRmCrra/ZStfjA01MrUBVQw=",
    },
    "woocommerce_order_paid": {
        "X-WC-Webhook-Topic": "order.updated",
        "X-WC-Webhook-Signature": "eVvx9ovul5CEI/fQshjkcdOLHjoa1UlyzH+3Gr+dFnQ=",
    },
    "woocommerce_order_cancelled": {
        "X-WC-Webhook-Topic": "order.updated",
        "X-WC-Webhook-Signature": "xWknvV2ITawSPoTrFo6AsJ4aQvpXLZPSyEV5t7iJ0+A=",
    },
    "woocommerce_order_deleted": {
        "X-WC-Webhook-Topic": "order.deleted",
        "X-WC-Webhook-Signature": "FSE/SFTMWAMI7upnBxYE0hiGuTy1qbDUSWWKqBd+AYQ=",
    },
    "stripe_checkout": {
        "Stripe-Signature": _STRIPE_AT + "3878499e2cca059501804ea027e24959894c74ab955a85537752923555903d0b"
    },
    "stripe_refund": {
        "Stripe-Signature": _STRIPE_AT + "76c881b53fd86096acca107f57bb10adb587d41beffc001febb5c0abdebd83af"
    },
    "stripe_dispute": {
        "Stripe-Signature": _STRIPE_AT + "42af876f61682b242058b1aa1cfacc7c5715a7c901ebbe20b963f2c8adfb64f2"
    },
    "stripe_payment_created": {
        "Stripe-Signature": _STRIPE_AT + "1cbf7b74d0a0816c6310223510f72fd0bba21e3ba45a23ddaea187312d2e93b6"
    },
    "stripe_charge": {
        "Stripe-Signature": _STRIPE_AT + "61819940fcc67e92f3b373f1c63b3041cde93fe34c5a1d1e790e75c1999a9ce8"
    },
    "stripe_payment": {
        "Stripe-Signature": _STRIPE_AT + "cadaa8ab691766e0c3f8bb62c7638d95d8a54c1cbe3ccdfa63b454740b01210f"
    },
    "stripe_charge_refunded": {
        "Stripe-Signature": _STRIPE_AT + "3bcb91cbd4a8566ca4efd981cbf233976e42644b8cc811900a56c6395d8d35fd"
    },
    "stripe_refund_failed": {
        "Stripe-Signature": _STRIPE_AT + "00b604e0832da6bdff7c9afcc3526433fb0dfd6f0a09bc98d52621142fd401ca"
    },
    "stripe_thin": {
        "Stripe-Signature": _STRIPE_AT + "10c7eaafd7e97a088fb6d481d875f970bc7251ceef852a4d97564fea7cca257c"
    },
    "square_payment": {"X-Square-HmacSha256-Signature": "NYQnkizaN/bhaw+81aYsaOAVZhePRwsIhp5Cng6vSVU="},
    "square_refund": {"X-Square-HmacSha256-Signature": "2+36/ksJ90G6KawYO+vpjkOL848QU7Vy6HhMQrfYDxk="},
    "square_dispute": {"X-Square-HmacSha256-Signature": "XPTZVh/EK9RhwUQnO3pWKWTiugEl6T3ZlD6F1kwaUTg="},
}
RECORDED = tuple(_HEADERS)
"""Their names, which begin with the kind of shop; those of one order in the order in which they are told."""


def recorded(name: str) -> HookCall:
    """Return the call of this name."""
    return HookCall((Path(__file__).parent / f"{name}.json").read_bytes(), _HEADERS[name])


def kind_of(name: str) -> str:
    """Return the kind of shop that makes the call of this name."""
    return name.partition("_")[0]
