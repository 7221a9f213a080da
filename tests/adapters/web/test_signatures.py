"""What proves a call: signatures that nothing of ours reckoned, of which not a bit may differ, compared in one time."""

import hmac
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from adapters.web.hooks.generic import Generic
from adapters.web.hooks.reading import Call
from adapters.web.hooks.square import Square
from tests.adapters.web.hooks import PROVIDERS, call_of
from tests.club import MONDAY
from tests.platforms.shops import KINDS, OLD_SECRET, SECRET, HookCall, signed
from tests.platforms.shops.recorded import AT, RECORDED, kind_of, recorded

_OURS = HookCall(
    b'{"order":"1001"}',
    {
        "X-Bywalec-Timestamp": "1773644400",
        # printf '1773644400.{"order":"1001"}' | openssl dgst -sha256 -hmac the-secret-of-today -r
        "X-Bywalec-Signature": "2c01042acba8796f7c38fa98386629c1757248301d6f4eef7a68fda6e3a03c66",
    },
)


@pytest.mark.parametrize("name", RECORDED)
def test_what_openssl_signed_is_signed_and_our_tests_sign_alike(name: str) -> None:
    kind, call = kind_of(name), recorded(name)
    assert PROVIDERS[kind].is_signed(call_of(kind, call))
    assert not PROVIDERS[kind].is_signed(call_of(kind, call, secret="of-somebody-else"))
    for header, value in call.headers.items():
        if "topic" not in header.lower():
            assert set(value.split(",")) <= set(signed(kind, call.body, AT).headers[header].split(","))


def test_our_own_format_is_signed_as_openssl_does() -> None:
    assert signed("generic", _OURS.body, AT) == _OURS
    assert Generic().is_signed(call_of("generic", _OURS))


def test_the_example_in_squares_own_documentation_is_signed() -> None:
    headers = {"X-Square-HmacSha256-Signature": "2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og="}
    call = HookCall(b'{"hello":"world"}', headers)
    about = {"secret": "asdf1234", "notification_url": "https://example.com/webhook"}
    assert Square().is_signed(call_of("square", call, **about))
    assert not Square().is_signed(
        call_of("square", call, **about | {"notification_url": "https://example.com/webhook/"})
    )


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Tom&amp;Jerry&#039;s-&lt;3&gt;-&QUOT;", "Tom&Jerry's-<3>-&QUOT;"),
        ("&#x00027;&#X26;&quot;&#34;", '\'&""'),
        ("&amp;lt;", "&lt;"),
        ("Tom&Jerry-<3>-&eacute;-&#65;-zł", "Tom&Jerry-<3>-&eacute;-&#65;-zł"),
    ],
)
def test_woocommerce_signs_with_what_wordpress_reads_of_its_secret(typed: str, key: str) -> None:
    call = signed("woocommerce", {"id": 1}, MONDAY, secret=key)
    assert PROVIDERS["woocommerce"].is_signed(call_of("woocommerce", call, secret=typed))
    assert PROVIDERS["shopify"].is_signed(call_of("shopify", signed("shopify", {}, MONDAY, secret=typed), secret=typed))


def test_the_example_in_the_docs_signs_as_it_should() -> None:
    page = (Path(__file__).parents[3] / "docs" / "shops.md").read_text(encoding="utf-8")
    [code] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    right = signed("generic", b"{}", MONDAY, secret="a-long-made-up-word").headers
    assert names["signature"](right["X-Bywalec-Timestamp"], b"{}") == right["X-Bywalec-Signature"]


def _flipped(whole: bytes) -> Iterator[bytes]:
    """Yield it with each of its bits flipped in turn."""
    changed = bytearray(whole)
    for place in range(len(whole)):
        for bit in range(8):
            changed[place] ^= 1 << bit
            yield bytes(changed)
            changed[place] ^= 1 << bit


def _with_one_bit_flipped(call: Call) -> Iterator[Call]:
    """Yield the call with each bit of what its signature is about flipped, and each of the signature itself."""
    shop = call.shop
    for body in _flipped(call.body):
        yield replace(call, body=body)
    for name in (name for name in call.headers if "topic" not in name):
        right = call.headers[name]
        for value in _flipped(right.encode("latin-1")):
            # Letters of a number in hex may be large ones in our own format.
            if shop.kind != "generic" or value.decode("latin-1").lower() != right:
                yield replace(call, headers={**call.headers, name: value.decode("latin-1")})
    for secret in _flipped(SECRET.encode()):
        yield replace(call, shop=shop.model_copy(update={"secret": SecretStr(secret.decode("latin-1"))}))
    if shop.kind == "square":
        for address in _flipped((shop.notification_url or "").encode()):
            yield replace(call, shop=shop.model_copy(update={"notification_url": address.decode("latin-1")}))


@pytest.mark.parametrize("name", [*RECORDED, ""])
def test_not_a_bit_of_what_is_signed_of_the_signature_or_of_the_secret_may_differ(name: str) -> None:
    kind, told = (kind_of(name), recorded(name)) if name else ("generic", _OURS)
    provider, call, tried = PROVIDERS[kind], call_of(kind, told), 0
    assert provider.is_signed(call)
    for other in _with_one_bit_flipped(call):
        assert not provider.is_signed(other), (tried, other.headers)
        tried += 1
    assert tried > 8 * (len(told.body) + len(SECRET))


@pytest.mark.parametrize("kind", KINDS)
def test_every_verdict_is_one_of_comparisons_in_constant_time_all_of_which_are_made(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[Any, Any, bool]] = []
    through = hmac.compare_digest

    def compare(one: Any, other: Any) -> bool:
        compared.append((one, other, through(one, other)))
        return compared[-1][2]

    monkeypatch.setattr(hmac, "compare_digest", compare)
    numbers = set()
    for secret, is_right in ((SECRET, True), (OLD_SECRET, True), ("of somebody else", False)):
        call = call_of(kind, signed(kind, {"id": 1}, MONDAY, secret=secret), old_secret=OLD_SECRET)
        compared.clear()
        assert PROVIDERS[kind].is_signed(call) is is_right
        # Whichever secret it is, and whether or not it is one: as many, of the same lengths.
        numbers.add(len(compared))
        assert any(found for *_, found in compared) is is_right
        assert {len(value) for pair in compared for value in pair[:2]} == {64 if kind in ("stripe", "generic") else 44}
        given = {one.decode() for one, *_ in compared}
        assert all(any(one in value for value in call.headers.values()) for one in given)
    assert numbers == {4 if kind == "stripe" else 2}
