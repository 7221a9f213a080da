"""Payloads with something wrong in them, drawn from a seed."""

import copy
import json
import random
from typing import Any

_ODD: tuple[Any, ...] = (
    None, True, -1, 0, 2**63, -(2**63), 10**30, 1.5, float("inf"), "", "x", "\x00", "1_000", "٣٤", "\ud800", "💥" * 200,
    [], {}, [[]], [None], {"id": None}, {"id": "7"}, [{"type": "mention", "offset": -5, "length": 10**9}],
)  # fmt: skip


def mutated(payload: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """Return a copy in which one to three values, somewhere, are odd or missing."""
    changed = copy.deepcopy(payload)
    for _ in range(rng.randint(1, 3)):
        _spoil(changed, rng)
    return changed


def raw(payload: dict[str, Any], rng: random.Random) -> bytes:
    """Return what somebody may post who has the secret: an odd payload, cut off, with wrong bytes, or no such thing."""
    body = bytearray(json.dumps(mutated(payload, rng)).encode())
    match rng.randrange(5):
        case 0:
            del body[rng.randrange(len(body)) :]
        case 1:
            for _ in range(rng.randint(1, 5)):
                body[rng.randrange(len(body))] = rng.randrange(256)
        case 2:
            opening = rng.choice([b"[", b'{"message":', b'{"message":{"reply_to_message":'])
            return opening * rng.randint(1, 20_000)
        case 3:
            return rng.choice([b"", b"null", b"1e999", b"[]", b'"', b"\xff\xfe", b"9" * 5000])
    return bytes(body)


def _spoil(inside: Any, rng: random.Random) -> None:
    keys = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
    if not keys:
        return
    key = rng.choice(keys)
    if isinstance(inside[key], dict | list) and rng.random() < 0.75:
        _spoil(inside[key], rng)
    elif rng.random() < 0.25 and isinstance(inside, dict):
        del inside[key]
    else:
        inside[key] = copy.deepcopy(rng.choice(_ODD))
