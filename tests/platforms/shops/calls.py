"""Signing a call as each shop does."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import datetime

KINDS = ("shopify", "woocommerce", "stripe", "square", "generic")
SECRET, OLD_SECRET = "the-secret-of-today", "the-secret-of-yesterday"
NOTIFICATION_URL = "https://bot.example.org/hooks/square"


@dataclass(frozen=True)
class HookCall:
    """A call to be made."""

    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def signed(kind: str, content: object, at: datetime, topic: str = "", secret: str = SECRET) -> HookCall:
    """Return a call with what it says, signed at an instant. `content` is bytes or becomes JSON."""
    body = content if isinstance(content, bytes) else json.dumps(content, separators=(",", ":")).encode()
    return HookCall(body, _HEADERS[kind](body, secret, int(at.timestamp()), topic))


def _digest(secret: str, message: bytes) -> hmac.HMAC:
    return hmac.new(secret.encode(), message, hashlib.sha256)


def _base64(secret: str, message: bytes) -> str:
    return base64.b64encode(_digest(secret, message).digest()).decode()


def _shopify(body: bytes, secret: str, at: int, topic: str) -> dict[str, str]:
    return {
        "X-Shopify-Topic": topic,
        "X-Shopify-Hmac-Sha256": _base64(secret, body),
        "X-Shopify-Webhook-Id": hashlib.sha256(body).hexdigest()[:32],
    }


def _woocommerce(body: bytes, secret: str, at: int, topic: str) -> dict[str, str]:
    return {
        "X-WC-Webhook-Topic": topic,
        "X-WC-Webhook-Source": "https://shop.example.org/",
        "X-WC-Webhook-Signature": _base64(secret, body),
        "X-WC-Webhook-Delivery-ID": "the same for different calls",
    }


def _stripe(body: bytes, secret: str, at: int, topic: str) -> dict[str, str]:
    right = _digest(secret, f"{at}.".encode() + body).hexdigest()
    other = _digest("of another endpoint", f"{at}.".encode() + body).hexdigest()
    return {"Stripe-Signature": f"t={at},v1={other},v1={right},v0={right}"}


def _square(body: bytes, secret: str, at: int, topic: str) -> dict[str, str]:
    return {"X-Square-HmacSha256-Signature": _base64(secret, NOTIFICATION_URL.encode() + body)}


def _generic(body: bytes, secret: str, at: int, topic: str) -> dict[str, str]:
    right = _digest(secret, f"{at}.".encode() + body).hexdigest()
    return {"X-Bywalec-Timestamp": str(at), "X-Bywalec-Signature": right}


_HEADERS = {
    "shopify": _shopify,
    "woocommerce": _woocommerce,
    "stripe": _stripe,
    "square": _square,
    "generic": _generic,
}
