"""Tags of tiers on Telegram and their own groups: set, exchanged, left alone where they are not ours, and let in."""

from collections.abc import AsyncIterator

import pytest

from adapters.telegram.check import check
from bot.events import SpaceRef
from bot.rewards.rewards import Reward, RewardKind, Terms
from tests.adapters.telegram.running import Running, running, set_up, until
from tests.databases import Address
from tests.platforms.telegram import Group, TelegramServer, User

VIP = -1009
TIERS = [
    {"id": "silver", "name": {"en": "Silver", "pl": "Srebrny"}, "threshold": 100,
     "telegram_tag": {"en": "Silver", "pl": "Srebrny"}},
    {"id": "gold", "name": {"en": "Gold", "pl": "Złoty"}, "threshold": 300, "telegram_group": str(VIP),
     "telegram_invite": "https://t.me/+abc", "telegram_tag": {"en": "Gold", "pl": "Złoty"}},
]  # fmt: skip
REWARDS = [
    {"id": "room", "kind": "group", "cost": 50, "valid_days": 0, "name": {"en": "The room", "pl": "Pokój"},
     "telegram_group": str(VIP), "telegram_invite": "https://t.me/+abc"},
    {"id": "role", "kind": "role", "cost": 50, "name": {"en": "Patron", "pl": "Patron"},
     "discord_roles": {"1029384756102938475": "1029384756102938476"}},
]  # fmt: skip
EARNING = {"purchase": {"pending_days": 0, "daily_cap_amount": "100000.00"}}


@pytest.fixture
async def system(server: TelegramServer, blank: Address) -> AsyncIterator[Running]:
    """A club with tiers that mark their holders."""
    async with running(server, blank, tier=TIERS, earning=EARNING, reward=REWARDS) as system:
        yield system


async def test_tags_and_the_group_of_a_tier_follow_it(
    system: Running, server: TelegramServer, ania: User, olek: User, club: Group
) -> None:
    bartek, celina = server.user(12, "Bartek", username="bartek"), server.user(13, "Celina", username="celina")
    vip = server.group(VIP, "Gold")
    await system.join(olek, ania, bartek, celina)
    await set_up(system, olek, club)
    club.tags[celina.id] = "Chess"
    for user in (ania, bartek, celina):
        server.group_message(club, user, "/card")
        await server.wait_for_message(user.id, "Card number")

    async def buys(user: User, amount: int) -> None:
        server.private_message(olek, f"/purchase @{user.username} {amount} R{user.id}{amount}")
        await server.wait_for_message(olek.id, f"R{user.id}{amount}")

    await buys(ania, 120)
    await until(lambda: club.tags.get(ania.id) == "Silver")
    await buys(ania, 200)
    await until(lambda: club.tags.get(ania.id) == "Gold")
    await buys(celina, 150)

    club.bot_rights -= {"can_manage_tags"}
    await buys(bartek, 150)
    await until(lambda: bool(server.calls("setChatMemberTag")) and not server.calls("setChatMemberTag")[-1].ok)
    await until(lambda: _told_by_alert(system, server, olek))
    settings = system.config.telegram
    found = await check(settings, [SpaceRef("telegram", str(club.id), "Klub")], system.config.tier)
    assert "lacks the right Edit Member Tags in Klub" in found[-3].text
    assert [finding.text for finding in found[-2:]] == [
        f"Telegram: the bot has the right {right} in the group of the tier gold."
        for right in ("Add Members", "Ban Users")
    ]
    opened = [Terms({}, {}, RewardKind.GROUP, opens={"telegram_group": str(group)}) for group in (VIP, -1010)]
    offered = [Reward(0, f"room-{number}", terms, 5) for number, terms in enumerate(opened)]
    found = await check(settings, [], system.config.tier, rewards=offered)
    assert [(one.level, "the group of the reward room-1" in one.text) for one in found[-4:]] == [
        ("ok", False), ("ok", False), ("problem", True), ("problem", True)
    ]  # fmt: skip
    assert bartek.id not in club.tags
    assert club.tags[celina.id] == "Chess"

    server.ask_to_join(vip, ania)
    server.ask_to_join(vip, bartek)
    server.ask_to_join(vip, server.user(14, "Darek"))
    await until(lambda: vip.statuses.get(ania.id) == "member")
    told = await server.wait_for_message(bartek.id, "That group is for those who hold Gold or a higher tier.")
    assert told.buttons == ()
    assert vip.requests == {bartek.id, 14}

    server.private_message(bartek, "/redeem role")
    await server.wait_for_message(bartek.id, "is for members on Discord")
    server.private_message(bartek, "/redeem room")
    server.press(bartek, await server.wait_for_message(bartek.id, "Redeem it now?"), "Yes, redeem")
    await server.wait_for_message(bartek.id, "The room is yours.\nAsk to join here")
    server.ask_to_join(vip, bartek)
    await until(lambda: vip.statuses.get(bartek.id) == "member")
    server.private_message(bartek, "/redeem room")
    await server.wait_for_message(bartek.id, "You have The room already, for good.")
    server.private_message(bartek, "/coupons")
    await server.wait_for_message(bartek.id, "The room: https://t.me/+abc")

    vip.statuses[ania.id] = "left"
    vip.bot_rights -= {"can_invite_users"}
    server.ask_to_join(vip, ania)
    assert [one.level for one in (await check(settings, [], system.config.tier))[-2:]] == ["problem", "ok"]
    server.private_message(ania, "/leave")
    asked = await server.wait_for_message(ania.id, "leave")
    server.press(ania, asked, "Yes, leave")
    club.bot_rights |= {"can_manage_tags"}
    await until(lambda: club.tags.get(ania.id) == "")


async def _told_by_alert(system: Running, server: TelegramServer, owner: User) -> bool:
    await system.app.run_due()
    return any(
        "let them in, take them out or pin messages (Telegram)." in message.text
        for message in server.messages(owner.id)
    )
