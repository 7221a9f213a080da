"""Roles of tiers on Discord: given, exchanged and taken back, whatever the server says in between."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from adapters.discord.check import check
from bot.events import Identity
from bot.rewards.rewards import Reward, RewardKind, Terms
from handlers.table import build_app
from tests.adapters.discord.cafe import OLEK_ID, DiscordCafe
from tests.club import config
from tests.platforms.discord.model import Role, User
from tests.platforms.discord.permissions import BOT_DEFAULT, MANAGE_ROLES

pytestmark = pytest.mark.slow


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(10):
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def tier(name: str, threshold: int, cafe: DiscordCafe, role: Role) -> dict[str, Any]:
    words = {"en": name, "pl": name}
    roles = {str(cafe.guild.id): str(role.id)}
    return {"id": name.lower(), "name": words, "threshold": threshold, "discord_roles": roles}


async def test_the_role_of_a_tier_is_kept_in_step(cafe: DiscordCafe) -> None:
    server, guild, club = cafe.server, cafe.guild, cafe.club
    silver, gold, other = (server.role(guild, name) for name in ("Silver", "Gold", "Chess"))
    server.give_role(guild, cafe.ania, other)
    tiers = [tier("Silver", 100, cafe, silver), tier("Gold", 300, cafe, gold)]
    earning = {"purchase": {"pending_days": 0, "daily_cap_amount": "100000.00"}}
    patron = server.role(guild, "Patron")
    rewards = [
        {"id": "patron", "kind": "role", "cost": 10, "valid_days": 2, "name": {"en": "Patron", "pl": "Patron"},
         "discord_roles": {str(guild.id): str(patron.id)}},
        {"id": "room", "kind": "group", "cost": 10, "name": {"en": "The room", "pl": "Pokój"},
         "telegram_group": "-100", "telegram_invite": "https://t.me/+abc"},
    ]  # fmt: skip
    owners = {"owner_ids": [f"discord:{OLEK_ID}"]}
    settings = config(programme=owners, tier=tiers, earning=earning, reward=rewards)
    app = build_app(club.database, settings)
    await app.start()

    def roles(user: User) -> list[str]:
        return [guild.roles[role_id].name for role_id in guild.members[user.id].role_ids]

    async def buys(user: User, amount: int) -> None:
        bought = {"member": user, "amount": str(amount), "receipt": f"R{user.name}{amount}"}
        assert "Purchase" in (await cafe.slash(cafe.olek, "purchase", bought)).text

    async def later(**duration: float) -> None:
        club.clock.now += timedelta(**duration)
        await app.run_due()

    async with cafe.running(app):
        await cafe.join(cafe.olek, cafe.ania, cafe.bartek)
        await cafe.set_up()
        await cafe.slash(cafe.ania, "card")
        await cafe.slash(cafe.bartek, "card")
        await buys(cafe.ania, 120)
        await until(lambda: roles(cafe.ania) == ["Chess", "Silver"])
        await buys(cafe.ania, 200)
        await until(lambda: roles(cafe.ania) == ["Chess", "Gold"])
        assert "members on Telegram" in (await cafe.slash(cafe.ania, "redeem", {"reward": "room"})).text
        for until_day in (18, 20):
            asked = (await cafe.slash(cafe.ania, "redeem", {"reward": "patron"})).message
            had = await cafe.press(cafe.ania, asked, "Yes, redeem")
            assert f"is yours until the end of {until_day} March 2026" in had.text
        await until(lambda: roles(cafe.ania) == ["Chess", "Gold", "Patron"])

        server.set_bot_permissions(guild, BOT_DEFAULT & ~MANAGE_ROLES)
        await buys(cafe.bartek, 150)
        dm = server.dm(cafe.olek)
        for _ in range(100):
            await app.run_due()
            if any("may not mark members" in message.visible_text for message in server.messages(dm)):
                break
            await asyncio.sleep(0.05)
        assert "refused in 24 hours: 1." in server.messages(dm)[-1].visible_text
        found = [finding.text for finding in await check(cafe.settings, await _spaces(cafe), settings.tier)]
        assert "the bot lacks Manage Roles" in found[-1]
        server.set_bot_permissions(guild, BOT_DEFAULT)
        offered = await cafe.club.database.read(lambda tx: tx.rewards.all())
        about = cafe.settings, await _spaces(cafe), settings.tier
        found = [finding.text for finding in await check(*about, rewards=offered)]
        may = [f"Discord: Café: the bot may give the role {name}." for name in ("Silver", "Gold", "Patron")]
        assert found[-3:] == may
        elsewhere = Terms({}, {}, RewardKind.ROLE, opens={"discord_roles": {"1029384756102938475": "5"}})
        found = [finding.text for finding in await check(*about, rewards=[Reward(0, "far", elsewhere, 5)])]
        assert any("the reward far names a role in the server 1029384756102938475" in text for text in found)
        assert roles(cafe.bartek) == []
        await later(days=1)
        await until(lambda: roles(cafe.bartek) == ["Silver"])

        assert "Patron" in roles(cafe.ania)
        server.leave(guild, cafe.ania)
        await asyncio.sleep(0.2)
        server.join(guild, cafe.ania)
        await until(lambda: roles(cafe.ania) == ["Gold", "Patron"])
        await later(days=4)
        await until(lambda: roles(cafe.ania) == ["Gold"])
        await server.wait_for_message(server.dm(cafe.ania), "has ended")

        guild.members[cafe.bartek.id].role_ids.clear()
        # Everybody is looked at on one day of the week.
        bartek = await _member_id(cafe, cafe.bartek)
        await later(days=(bartek - club.clock.now.date().toordinal()) % 7 or 7)
        await until(lambda: roles(cafe.bartek) == ["Silver"])

        asked = (await cafe.slash(cafe.ania, "leave")).message
        await cafe.press(cafe.ania, asked, "Yes, leave")
        await until(lambda: roles(cafe.ania) == [])

        position, gold.position = gold.position, 200
        found = [finding.text for finding in await check(cafe.settings, await _spaces(cafe), settings.tier)]
        assert "may not give the role Gold" in found[-1]
        gold.position = position
    # Without marks in the config what was given is taken back.
    app = build_app(club.database, config(programme={"owner_ids": [f"discord:{OLEK_ID}"]}))
    await app.start()
    async with cafe.running(app):
        await later(minutes=11)
        await app.run_due()
        await until(lambda: roles(cafe.bartek) == [])


async def _spaces(cafe: DiscordCafe) -> list[Any]:
    return await cafe.club.database.read(lambda tx: tx.spaces.active())


async def _member_id(cafe: DiscordCafe, user: User) -> int:
    found = await cafe.club.database.read(lambda tx: tx.members.by_identity(Identity("discord", str(user.id))))
    assert found is not None
    return found.id
