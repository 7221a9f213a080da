"""The HTTP API as it describes itself: whatever a program makes of that, signed or not, is no error of ours."""

import asyncio
import json
from collections import Counter
from functools import partial
from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.verify import verify
from tests.adapters.web.hooks import Mall, open_mall
from tests.databases import Address
from tests.handlers.looking import count
from tests.platforms.shops import KINDS, signed
from tests.reliability.effort import rounds

_TOPICS = {"shopify": "orders/paid", "woocommerce": "order.updated"}
_OURS, _FOR_OURS_ALONE = "generic", "/hooks/{shop}/actions"
_often = partial(settings, deadline=None, database=None, suppress_health_check=list(HealthCheck))


def _body(made: object) -> bytes:
    return made if isinstance(made, bytes) else json.dumps(made, default=str).encode(errors="surrogatepass")


async def _answer(mall: Mall, case: Any, kind: str | None, *, is_signed: bool) -> int:
    """Make a call of the description to a shop of a kind, or to whatever a program takes for one; return the status."""
    operation, body = case.operation, _body(case.body)
    if kind is not None and operation.path == _FOR_OURS_ALONE:
        kind = _OURS
    shop = case.path_parameters["shop"] if kind is None else kind
    headers = {name: str(value) for name, value in (case.headers or {}).items()}
    if is_signed:
        headers = signed(shop, body, mall.club.clock.now, _TOPICS.get(shop, "")).headers
    path, made = operation.path.replace("{shop}", shop), [(name.encode(), headers[name].encode()) for name in headers]
    answer = await mall.client.request(operation.method.upper(), path, content=body, headers=made)
    return answer.status_code


def _try_all(runner: asyncio.Runner, mall: Mall) -> None:
    """Call whatever the description describes, in every way that it makes possible."""
    described = runner.run(mall.client.get("/openapi.json")).json()
    schema = schemathesis.openapi.from_dict(described)
    named = [(path, method.upper()) for path, methods in described["paths"].items() for method in methods]
    cases = st.one_of([schema[path][method].as_strategy() for path, method in named])
    refused = Counter[tuple[str, str]]()

    # One in six is to no shop of ours, as a rule: what a program makes of a name may be one that there is.
    @_often(max_examples=rounds(60, 4000))
    @given(case=cases, kind=st.sampled_from((*KINDS, None)))
    def refuses(case: Any, kind: str | None) -> None:
        status = runner.run(_answer(mall, case, kind, is_signed=False))
        assert status in ((401, 404) if kind is None else (401,))
        refused[case.operation.path, case.operation.method.upper()] += status == 401

    @_often(max_examples=rounds(20, 2000))
    @given(case=cases, kind=st.sampled_from(KINDS))
    def takes(case: Any, kind: str) -> None:
        assert runner.run(_answer(mall, case, kind, is_signed=True)) in (200, 400)

    before = runner.run(count(mall.club, "shop_order"))
    refuses()
    assert runner.run(count(mall.club, "shop_order")) == before
    assert {operation for operation, often in refused.items() if often} == set(named)
    takes()


def test_what_a_program_makes_of_the_description_is_never_our_error(copy_of_settled: Address) -> None:
    with asyncio.Runner() as runner:
        opened = open_mall(copy_of_settled)
        mall = runner.run(opened.__aenter__())
        try:
            _try_all(runner, mall)
        finally:
            runner.run(opened.__aexit__(None, None, None))
    assert verify(copy_of_settled).problems == []
