"""Who bought: orders that wait for their member, and the address or number a member links and a cashier confirms."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.ledger.ledger import Balances
from handlers.members.erasing import erase
from storage.verify import verify
from tests.adapters.web.hooks import Mall, open_mall
from tests.club import MONDAY
from tests.databases import Address
from tests.handlers.looking import balances, count, member, rows
from tests.platforms.shops import signed


@pytest.fixture
async def mall(copy_of_settled: Address) -> AsyncIterator[Mall]:
    """The settled club with a shop of each kind, verified at the end."""
    async with open_mall(copy_of_settled) as opened:
        yield opened
    assert verify(copy_of_settled).problems == []


async def _order(mall: Mall, number: str, paid: str = "50.00", **about: Any) -> str:
    at = mall.club.clock.now
    content = {"order": number, "paid": paid, "currency": "PLN", "updated_at": at.isoformat()}
    content |= {"occurred_at": (at - timedelta(hours=1)).isoformat()} | about
    status, outcome = await mall.call("generic", signed("generic", content, at))
    assert status == 200
    return outcome


async def _code(mall: Mall, name: str, said: str) -> str:
    answer = await mall.club.say(name, said)
    found = re.search(r"till: ([0-9]{6})\n", answer)
    assert found, answer
    return found[1]


async def test_orders_wait_for_the_member_who_links_their_address(mall: Mall) -> None:
    club = mall.club
    assert await _order(mall, "1", email="Ania@Example.com ") == "waiting"
    assert await _order(mall, "2", "30.00", email="ania@example.com", refunded="10.00") == "waiting"
    assert await _order(mall, "3", phone="+48 600 100 200") == "waiting"
    assert await _order(mall, "4", email="jan@example.com") == "waiting"
    assert await _order(mall, "5", member="123 456 789") == "waiting"
    kept = str(await rows(club, "SELECT * FROM shop_order")).casefold()
    assert not any(word in kept for word in ("example", "600100200", "ania"))
    await club.skip(days=3)
    code = await _code(mall, "ania", "/link email ANIA@example.com")
    linked = await club.say("kasia", f"/confirm {code} ania@EXAMPLE.com")
    assert linked == "AN…@example.com now belongs to Ania. Orders that were waiting for it: 2."
    assert await balances(club, "ania") == Balances(status=70, pending=70)
    linked, badge = await club.posts()
    assert badge.startswith("ania: A new badge")
    assert linked.startswith("ania: AN…@example.com is linked: orders that name it count for you from now on.")
    assert linked.endswith("Orders that were waiting for you: 2.")
    dates = await rows(club, "SELECT DISTINCT occurred_at FROM entry WHERE reason = 'purchase'")
    assert dates == [(int((MONDAY - timedelta(hours=1)).timestamp()) * 10**6,)]
    # What is told of an order later finds its purchase, and new ones find their member.
    assert await _order(mall, "1", email="ania@example.com", refunded="50.00") == "changed"
    assert await _order(mall, "6", email="ania@EXAMPLE.com") == "recorded"
    assert await balances(club, "ania") == Balances(status=70, pending=70)
    code = await _code(mall, "ania", "/link phone 600-100-200")
    await club.say("kasia", f"/confirm {code} +48 600 100 200")
    assert await balances(club, "ania") == Balances(status=120, pending=120)
    # A stranger's of another country, whose last nine digits are the same.
    assert await _order(mall, "7", phone="+1 760 010 0200") == "waiting"
    await club.skip(days=31)
    assert await rows(club, "SELECT COUNT(*) FROM shop_order WHERE holder_id IS NULL") == [(0,)]
    assert await _order(mall, "4", email="jan@example.com", occurred_at=MONDAY.isoformat()) == "too_late"


async def test_a_member_is_known_by_the_card_number_too(mall: Mall) -> None:
    card = (await member(mall.club, "ania")).card_number
    assert await _order(mall, "1", member=f"{card[:3]}-{card[3:6]}-{card[6:]}", email="jan@example.com") == "recorded"
    assert (await balances(mall.club, "ania")).pending == 50
    assert "an order of the shop generic" in await mall.club.say("kasia", "/refund #1")
    told = await mall.club.posts()
    assert "Thank you for your purchase of PLN\xa050.00: +50 points" in told[0]
    await mall.club.say("ania", "/leave")
    await mall.club.press("ania", "Yes, leave")
    assert await _order(mall, "2", member=card) == "waiting"
    assert await _order(mall, "1", member=card, refunded="50.00") == "changed"
    assert await balances(mall.club, "ania") == Balances()


async def test_a_code_links_once_for_whom_a_cashier_confirms_it(mall: Mall) -> None:
    club = mall.club
    assert "no e-mail address" in await club.say("ania", "/link email ania")
    malformed = await club.say("ania", "/link phone 12 34")
    assert "no phone number" in malformed
    assert "from abroad" in malformed
    assert "No e-mail address is linked" in await club.say("ania", "/link email")
    first = await _code(mall, "ania", "/link email ania@example.com")
    second = await _code(mall, "ania", "/link email ania@example.com")
    assert "No such code" in await club.say("kasia", f"/confirm {first} ania@example.com")
    assert "Only a cashier can do that" in await club.say("bartek", f"/confirm {second} ania@example.com")
    assert "no e-mail address" in await club.say("kasia", f"/confirm {second} ania")
    await club.skip(minutes=30)
    assert "No such code" in await club.say("kasia", f"/confirm {second} ania@example.com")
    own = await _code(mall, "kasia", "/link email kasia@example.com")
    assert "yourself" in await club.say("kasia", f"/confirm {own} kasia@example.com")
    assert await count(club, "contact") == 0
    for name in ("ania", "bartek"):
        code = await _code(mall, name, "/link email ania@example.com")
        said = await club.say("kasia", f"/confirm {code} ania@example.com")
        assert ("Another member has linked" in said) is (name == "bartek")
    assert await count(club, "contact") == 1
    assert "is linked already" in await club.say("ania", "/link email ania@example.com")
    assert "has been linked since 16 March 2026" in await club.say("ania", "/link email")
    assert "is forgotten" in await club.press("ania", "Forget it")
    assert await _order(mall, "1", email="ania@example.com") == "waiting"


async def test_what_the_cashier_reads_must_be_what_the_member_asked_for(mall: Mall) -> None:
    club = mall.club
    # Seen in part, the stranger's address would look like the member's.
    code = await _code(mall, "ania", "/link email anna@example.com")
    for number in range(10):
        said = await club.say("kasia", f"/confirm {code} ania{number}@example.com")
        assert said.startswith("That is not the e-mail address Ania asked to link. Nothing was linked.")
        assert "message the member can show" in said
        assert "anna" not in said
        await club.skip(seconds=1)
    blocked = await club.say("kasia", f"/confirm {code} anna@example.com")
    assert blocked.startswith("Too many wrong addresses and numbers. You can confirm again at 09:00")
    assert await count(club, "contact") == 0
    for table in ("wrong_try", "dead_letter", "handled", "outbox", "form"):
        assert "ania0" not in str(await rows(club, f"SELECT * FROM {table}"))
    await club.skip(hours=1)
    code = await _code(mall, "ania", "/link phone 600 100 200")
    assert "the phone number" in await club.say("kasia", f"/confirm {code} 600 100 201")
    assert "now belongs to Ania" in await club.say("kasia", f"/confirm {code} 600 100 200")


async def test_who_is_erased_leaves_no_address_and_no_order_behind(mall: Mall) -> None:
    club = mall.club
    code = await _code(mall, "ania", "/link email ania@example.com")
    await club.say("kasia", f"/confirm {code} ania@example.com")
    await _code(mall, "ania", "/link phone 600100200")
    assert await _order(mall, "1", email="ania@example.com") == "recorded"
    ania = (await member(club, "ania")).id
    await club.database.write(lambda tx: erase(ania, tx.now, tx))
    assert [await count(club, table) for table in ("contact", "contact_request", "shop_order")] == [0, 0, 0]
    assert await _order(mall, "1", email="ania@example.com", refunded="50.00") == "waiting"
