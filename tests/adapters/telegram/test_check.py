"""The check of a Telegram set-up."""

from adapters.findings import Finding
from adapters.telegram.check import check
from bot.config.config import TelegramSettings
from bot.config.tiers import TierSettings
from bot.events import SpaceRef
from tests.platforms.telegram import Group, TelegramServer
from tests.platforms.telegram.client import connected


async def found(server: TelegramServer, *spaces: str, token: str | None = None) -> list[Finding]:
    settings = TelegramSettings.model_validate({"token": token or server.token, "api_base_url": server.base_url})
    return await check(settings, [SpaceRef("telegram", space, f"<{space}>") for space in spaces])


async def test_a_good_set_up_is_all_ok(server: TelegramServer, club: Group) -> None:
    server.can_read_all_group_messages = True
    findings = await found(server, "-1001")
    assert [finding.level for finding in findings] == ["ok"] * 4
    assert "@bywalec_bot" in findings[0].text


async def test_what_is_wrong_says_what_to_click(server: TelegramServer, club: Group) -> None:
    club.bot_status = "member"
    server.group(-1002, "Gone", bot_status="kicked")
    async with connected(server) as bot:
        await bot.set_webhook(f"{server.base_url}/hook")
    token, privacy, webhook, member, gone = await found(server, "-1001", "-1002")
    assert token.level == "ok"
    assert privacy.level == "warning"
    assert "/setprivacy" in privacy.text
    assert "webhook" in webhook.text
    assert (member.level, gone.level) == ("warning", "problem")
    assert "Add admin" in member.text
    assert "<-1002>" in gone.text


async def test_a_refused_token_and_a_silent_server(server: TelegramServer) -> None:
    (refused,) = await found(server, token="1:WRONG")
    assert refused.level == "problem"
    assert "@BotFather" in refused.text
    await server.stop()
    (silent,) = await found(server)
    told = f"This computer could not reach Telegram (api_base_url {server.base_url}). Is it online? Then try again."
    assert silent == Finding("problem", told)
    await server.start()
    server.fail_next("getMe", error_code=502, description="Bad Gateway")
    (failing,) = await found(server)
    assert failing.text.startswith("Telegram answers with an error at ")
    assert await check(TelegramSettings()) == [Finding("off", "Telegram: there is no token.")]


async def test_a_group_of_everybody_that_a_tier_names_is_warned_of(server: TelegramServer, club: Group) -> None:
    club.bot_rights |= {"can_invite_users"}
    settings = TelegramSettings.model_validate({"token": server.token, "api_base_url": server.base_url})
    gold = {"id": "gold", "name": {"en": "Gold", "pl": "Złoty"}, "threshold": 100, "telegram_group": "-1001"}
    tiers = [TierSettings.model_validate(gold | {"telegram_invite": "https://t.me/+abc"})]
    *_, warned, right = await check(settings, [SpaceRef("telegram", "-1001", "The club")], tiers)
    assert warned == Finding(
        "warning",
        "Telegram: the group of the tier gold (-1001) is The club, where /setup was said: a group for everybody, so "
        "the bot takes nobody out of it. Put the id of a group of its own into telegram_group, and do not say /setup "
        "there.",
    )
    assert right == Finding("ok", "Telegram: the bot has the right Add Members in the group of the tier gold.")
    *_, found = await check(settings, [], tiers)
    assert "Ban Users" in found.text
