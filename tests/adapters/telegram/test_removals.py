"""Who is taken out of the group of a tier on Telegram, who stays, and what is said where a right is missing."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from adapters.telegram.check import check
from tests.adapters.telegram.running import Running, running, until
from tests.databases import Address
from tests.platforms.telegram import Group, TelegramServer, User

VIP, SMALL = -1009, -77
LINK = {"telegram_invite": "https://t.me/+abc"}
TIERS = [
    {"id": "silver", "name": {"en": "Silver", "pl": "Srebrny"}, "threshold": 50, "telegram_group": str(SMALL)} | LINK,
    {"id": "gold", "name": {"en": "Gold", "pl": "Złoty"}, "threshold": 100, "telegram_group": str(VIP)} | LINK,
]
EARNING = {"purchase": {"pending_days": 0, "daily_cap_amount": "100000.00"}}
NAMES = ((12, "Bartek"), (13, "Celina"), (14, "Darek"))
TAKES = ("banChatMember", "unbanChatMember")


@pytest.fixture
async def system(server: TelegramServer, blank: Address) -> AsyncIterator[Running]:
    """A club with tiers that have groups of their own."""
    async with running(server, blank, tier=TIERS, earning=EARNING) as system:
        yield system


async def _leaves(server: TelegramServer, user: User) -> None:
    server.private_message(user, "/leave")
    asked = await server.wait_for_message(user.id, "You will also be taken out of the groups")
    server.press(user, asked, "Yes, leave")
    await server.wait_for_message(user.id, "You have left")


def _taken(server: TelegramServer, group: Group) -> list[tuple[str, int]]:
    """Return the calls that took somebody out of a group, and whom."""
    calls = [call for name in TAKES for call in server.calls(name) if call.params["chat_id"] == group.id]
    return [(call.method, call.params["user_id"]) for call in calls if call.ok]


async def test_who_leaves_is_taken_out_and_may_come_back_but_no_admin_is(
    system: Running, server: TelegramServer, ania: User, olek: User
) -> None:
    people = [ania, *(server.user(number, name, username=name.lower()) for number, name in NAMES)]
    bartek, celina, darek = people[1:]
    vip, small = server.group(VIP, "Gold"), server.group(SMALL, "Silver", type="group")
    await system.join(olek, *people)
    for user in people:
        server.private_message(olek, f"/purchase @{user.username} 120 R{user.id}")
        await server.wait_for_message(olek.id, f"R{user.id}")
    vip.statuses |= {ania.id: "member", bartek.id: "administrator", darek.id: "member"}
    small.statuses |= {ania.id: "member", bartek.id: "creator"}

    for user in (ania, bartek, celina):
        await _leaves(server, user)
    await until(lambda: vip.statuses.get(ania.id) == small.statuses.get(ania.id) == "left")
    server.ask_to_join(vip, ania)
    assert ania.id in vip.requests

    vip.bot_rights -= {"can_restrict_members"}
    await _leaves(server, darek)
    await until(lambda: bool(server.calls("unbanChatMember")) and not server.calls("unbanChatMember")[-1].ok)
    await until(lambda: _told_by_alert(system, server, olek))
    found = [one for one in await check(system.config.telegram, [], system.config.tier) if "Ban Users" in one.text]
    assert [finding.level for finding in found] == ["ok", "problem"]
    assert found[1].text == (
        "Telegram: the bot lacks the right Ban Users in the group of the tier gold, which the tiers need. "
        "Open Manage group, Administrators, choose the bot, and switch it on."
    )
    assert vip.statuses[darek.id] == "member"
    vip.bot_rights |= {"can_restrict_members"}
    await system.database.write(lambda tx: tx.marks.take_out_again(tx.now))
    await until(lambda: vip.statuses[darek.id] == "left")

    assert _taken(server, vip) == [("unbanChatMember", ania.id), ("unbanChatMember", darek.id)]
    assert _taken(server, small) == [("banChatMember", ania.id)]
    assert (vip.statuses[bartek.id], small.statuses[bartek.id]) == ("administrator", "creator")
    assert await system.database.read(lambda tx: tx.marks.any_not_taken_out()) is False


async def _told_by_alert(system: Running, server: TelegramServer, owner: User) -> bool:
    await system.app.run_due()
    return any("let them in, take them out or pin" in message.text for message in server.messages(owner.id))


async def test_a_group_that_is_gone_leaves_nothing_to_do_and_one_that_moved_holds_nothing_up(
    system: Running, server: TelegramServer, ania: User, olek: User
) -> None:
    vip, small = server.group(VIP, "Gold"), server.group(SMALL, "Silver", type="group")
    await system.join(olek, ania)
    server.private_message(olek, "/purchase @ania 120 R1")
    await server.wait_for_message(olek.id, "R1")
    vip.statuses[ania.id] = small.statuses[ania.id] = "member"
    small.migrated_to = -1010
    server.fail_next("getChatMember", error_code=403, description="Forbidden: the group chat was deleted")

    await _leaves(server, ania)
    await until(lambda: _not_taken_out(system, 1))
    assert [call.params["chat_id"] for call in server.calls("getChatMember")] == [VIP, SMALL]
    server.private_message(olek, "/card")
    await server.wait_for_message(olek.id, "Card number")
    found = [one.text for one in await check(system.config.telegram, [], system.config.tier) if "-1010" in one.text]
    assert [text.startswith("Telegram: the group of the tier silver (-77) cannot be reached") for text in found] == [
        True,
        True,
    ]


async def _not_taken_out(system: Running, count: int) -> bool:
    later = system.database.read(lambda tx: tx.marks.long_not_taken_out(tx.now + timedelta(days=1)))
    return len(await later) == count
