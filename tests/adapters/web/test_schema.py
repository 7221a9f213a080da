"""The HTTP API as it describes itself: whatever a program makes of that, signed or not, is no error of ours."""

import asyncio
import json
from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.verify import verify
from tests.adapters.web.hooks import Mall, open_mall
from tests.databases import Address
from tests.platforms.shops import KINDS, signed
from tests.reliability.effort import rounds

_TOPICS = {"shopify": "orders/paid", "woocommerce": "order.updated"}


def _body(made: object) -> bytes:
    return made if isinstance(made, bytes) else json.dumps(made, default=str).encode(errors="surrogatepass")


async def _is_answered(mall: Mall, case: Any, kind: str, is_signed: bool) -> None:
    body, is_action = _body(case.body), case.operation.path.endswith("/actions")
    end = "/actions" if is_action else ""
    if is_signed:
        kind = "generic" if is_action else kind
        call = signed(kind, body, mall.club.clock.now, _TOPICS.get(kind, ""))
        assert (await mall.call(f"{kind}{end}", call))[0] in (200, 400)
        return
    headers = [(name.encode(), str(value).encode()) for name, value in (case.headers or {}).items()]
    answer = await mall.client.post(f"/hooks/{case.path_parameters['shop']}{end}", content=body, headers=headers)
    assert answer.status_code in (401, 404)


def test_what_a_program_makes_of_the_description_is_never_our_error(copy_of_settled: Address) -> None:
    with asyncio.Runner() as runner:
        opened = open_mall(copy_of_settled)
        mall = runner.run(opened.__aenter__())
        described = runner.run(mall.client.get("/openapi.json")).json()
        schema = schemathesis.openapi.from_dict(described)
        cases = [schema[path]["POST"].as_strategy() for path in ("/hooks/{shop}", "/hooks/{shop}/actions")]

        @settings(max_examples=rounds(20, 2000), deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=st.one_of(cases), kind=st.sampled_from(KINDS), is_signed=st.booleans())
        def answers(case: Any, kind: str, is_signed: bool) -> None:
            runner.run(_is_answered(mall, case, kind, is_signed))

        try:
            answers()
        finally:
            runner.run(opened.__aexit__(None, None, None))
    assert verify(copy_of_settled).problems == []
