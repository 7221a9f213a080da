"""Asking the APIs of shops: page after page, with patience, and what is said where it is of no use."""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.shops import shopify, woocommerce
from adapters.shops.asking import Page, Pages, ShopApi, ShopUnread
from adapters.shops.check import check
from bot.config.shops import ShopSettings
from tests.adapters.shops.town import QUICK, Server, api_of, shop_of
from tests.cli.commands import typed
from tests.club import MONDAY
from tests.databases import Address, url_of
from tests.platforms.shops import STORIES
from tests.platforms.shops.shopify_api import ShopifyServer
from tests.platforms.shops.woocommerce_api import WooCommerceServer

_WEEK_AGO = MONDAY - timedelta(days=7)
_PAGES: dict[str, tuple[Pages, int]] = {"woocommerce": (woocommerce.pages, 100), "shopify": (shopify.pages, 250)}


def _fill(server: Server, kind: str, orders: int, at: datetime = MONDAY) -> None:
    for order in range(1, orders + 1):
        server.keep([STORIES[kind](order, "000000000", 5000, (), at).told[-1].call])


async def _read(shop: ShopSettings) -> list[Page]:
    async with ShopApi(shop, QUICK) as api:
        return [page async for page in _PAGES[shop.kind][0](api, shop, _WEEK_AGO)]


@pytest.mark.parametrize("make", [WooCommerceServer, ShopifyServer])
async def test_every_page_is_read_though_the_shop_is_busy_or_fails_now_and_then(make: type[Server]) -> None:
    async with make() as server:
        shop = shop_of(server)
        most = _PAGES[shop.kind][1]
        _fill(server, shop.kind, 2 * most + 1)
        if isinstance(server, ShopifyServer):
            server.bucket = server._left = 1
        server.fail_next(503)
        server.fail_next(429, retry_after="0.01")
        server.fail_next(200, body="<h1>Back in a minute</h1>")
        pages = await _read(shop)
        assert [len(page.orders) for page in pages] == [most, most, 1]
        assert {str(order["id"]) for page in pages for order in page.orders} == set(server.orders)
        assert pages[0].total == (2 * most + 1 if shop.kind == "woocommerce" else None)
        # Of what a shop knows of buyers only that is asked for which they may be known by, and what they bought.
        asked = {name for query in server.asked for value in query.values() for name in value.split(",")}
        assert {"shipping_lines", "line_items"} & asked
        assert not {"shipping_address", "browser_ip"} & asked


@pytest.mark.parametrize("asked", ["1", "Mon, 16 Mar 2026 07:00:01 GMT"])
async def test_a_shop_is_left_alone_for_as_long_as_it_asks_in_seconds_or_until_an_instant(asked: str) -> None:
    async with WooCommerceServer() as server:
        server.fail_next(503, retry_after=asked, date="Mon, 16 Mar 2026 07:00:00 GMT")
        began = time.monotonic()
        await _read(shop_of(server))
        assert time.monotonic() - began >= 1


@pytest.mark.parametrize("make", [WooCommerceServer, ShopifyServer])
async def test_patience_ends_and_what_no_patience_helps_is_asked_once(make: type[Server]) -> None:
    async with make() as server:
        shop = shop_of(server)
        for status, why, times in ((500, "away", 4), (200, "odd", 4), (401, "credentials", 1), (302, "address", 1)):
            asked = len(server.asked)
            server.fail_next(status, times=times, body="no JSON")
            with pytest.raises(ShopUnread) as raised:
                await _read(shop)
            assert (raised.value.why, raised.value.status) == (why, status)
            assert len(server.asked) == asked + times
        server.fail_next(200, body='{"orders": {}}', times=2)
        with pytest.raises(ShopUnread, match="odd"):
            await _read(shop)
    with pytest.raises(ShopUnread, match="away"):
        await _read(shop)


async def _said(server: Server, **about: object) -> str:
    [finding] = await check(shop_of(server, **about), MONDAY)
    return f"{finding.level}: {finding.text}"


async def test_the_check_of_woocommerce_says_what_to_click() -> None:
    async with WooCommerceServer() as server:
        assert await _said(server) == "ok: Shop woocommerce: its orders can be read back."
        assert "off: " in await _said(server, api_base_url=None, api_key=None, api_secret=None)
        wrong = await _said(server, api_secret="cs_of-another")
        assert wrong.startswith(
            "problem: Shop woocommerce refuses api_key and api_secret. In WooCommerce open Settings"
        )
        assert "cs_" not in wrong
        assert "is not where api_base_url says" in await _said(server, api_base_url=f"{server.base_url}/nowhere")
        server.permission = "write"
        assert "choose an administrator and the permission Read" in await _said(server)
        server.permission, server.may_list = "read", False
        assert "has to be an administrator or shop manager" in await _said(server)
        server.fail_next(503)
        assert "answers with the error 503. Try again later." in await _said(server)
        server.fail_next(301, location="https://shop.example.org/wp-json/wc/v3/orders")
        assert "as the browser shows it in the end" in await _said(server)
        server.fail_next(200, body='{"name": "a site"}')
        assert "no list of orders" in await _said(server)
    assert "cannot be reached at http://127.0.0.1" in await _said(server)


async def test_the_check_of_shopify_says_what_to_click() -> None:
    async with ShopifyServer() as server:
        assert await _said(server) == "ok: Shop shopify: its orders can be read back."
        assert (await _said(server, api_key=None, api_secret=server.token)).startswith("ok: ")
        assert "refuses the credentials" in await _said(server, api_key=None, api_secret="shpat_another")
        wrong = await _said(server, api_secret="shpss_another")
        assert "Client ID and Secret in the Dev Dashboard" in wrong
        assert "shpss_" not in wrong
        server.scopes = {"read_products"}
        assert "Give it the scope read_orders" in await _said(server)
        server.fail_next(404)
        assert "https://my-shop.myshopify.com" in await _said(server)


def _config(folder: Path, where: Address, **shops: dict[str, Any]) -> None:
    sections = [f"[database]\nurl = '{url_of(where)}'"]
    sections += [
        "\n".join(["[[shop]]", *(f"{key} = {json.dumps(value)}" for key, value in ({"id": name} | about).items())])
        for name, about in shops.items()
    ]
    (folder / "config.toml").write_text("\n".join(sections), encoding="utf-8")


async def test_by_hand_one_shop_or_all_are_read_and_summed_up(tmp_path: Path, copy_of_settled: Address) -> None:
    yesterday = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)

    async def typing(*words: str) -> tuple[int, list[str]]:
        done = await asyncio.to_thread(typed, tmp_path, "shops", "reconcile", *words)
        said = done.out + done.err
        assert not any(secret in said for secret in (WooCommerceServer.secret, ShopifyServer.client_secret))
        return done.code, said.splitlines()

    async with WooCommerceServer() as first, ShopifyServer() as second:
        common = {"secret": "a-long-made-up-word"}
        _config(tmp_path, copy_of_settled, cafe={"kind": "generic"} | common)
        assert (await typing())[0] == 2
        _config(
            tmp_path,
            copy_of_settled,
            cafe={"kind": "generic"} | common,
            web={"kind": "woocommerce"} | common | api_of(first),
            big={"kind": "shopify"} | common | api_of(second),
        )
        _fill(first, "woocommerce", 3, yesterday)
        _fill(second, "shopify", 2, yesterday - timedelta(days=8))
        none = "0 orders: 0 recorded, 0 changed, 0 unchanged, 0 waiting, 0 unreadable"
        three = "web: 3 orders: 0 recorded, 0 changed, 0 unchanged, 3 waiting, 0 unreadable"
        assert await typing() == (0, [three, f"big: {none}"])
        assert (await typing("big", "--days", "20"))[1] == [
            "big: 2 orders: 0 recorded, 0 changed, 0 unchanged, 2 waiting, 0 unreadable"
        ]
        first.orders["2"]["currency"] = 5
        second.scopes = set()
        code, said = await typing()
        assert code == 1
        assert said == [
            "web: 3 orders: 0 recorded, 0 changed, 0 unchanged, 2 waiting, 1 unreadable",
            f"big: {none}",
            "The shop big does not let this app read orders. Give it the scope read_orders and install it again.",
        ]
        assert await typing("pub") == (2, ["there is no [[shop]] pub; those that can be read back: web, big"])
        assert (await typing("cafe"))[0] == 2
