"""What `run_bot.py check` says about Discord."""

from datetime import UTC, datetime, time

from pydantic import SecretStr

from adapters.discord.check import check
from adapters.findings import Finding
from bot.config.config import DiscordSettings
from bot.members.members import Space
from tests.adapters.discord.cafe import DiscordCafe
from tests.platforms.discord.permissions import EMBED_LINKS, SEND_MESSAGES, SEND_MESSAGES_IN_THREADS, VIEW_CHANNEL


def space(cafe: DiscordCafe, channel_id: str | None = None) -> Space:
    channel = channel_id or str(cafe.general.id)
    made = datetime(2026, 3, 16, tzinfo=UTC)
    return Space(1, "discord", str(cafe.guild.id), "Café", channel, None, "en", 0, time(9), made)


def problems(findings: list[Finding]) -> list[str]:
    return [finding.text for finding in findings if finding.level != "ok"]


async def test_a_sound_set_up_has_nothing_to_click(cafe: DiscordCafe) -> None:
    findings = await check(cafe.settings, [space(cafe)])
    assert problems(findings) == []
    assert findings[-1].text == "Discord: Café: the bot may post in #general."


async def test_missing_rights_in_the_channel_are_named(cafe: DiscordCafe) -> None:
    cafe.server.deny_bot(cafe.general, SEND_MESSAGES | EMBED_LINKS)
    [problem] = problems(await check(cafe.settings, [space(cafe)]))
    assert "lacks Send Messages, Embed Links" in problem
    cafe.server.deny_bot(cafe.general, VIEW_CHANNEL)
    [hidden] = problems(await check(cafe.settings, [space(cafe)]))
    assert "cannot see the channel" in hidden
    [gone] = problems(await check(cafe.settings, [space(cafe, "5")]))
    assert "cannot see the channel" in gone


async def test_a_thread_takes_the_rights_of_its_channel_and_one_of_its_own(cafe: DiscordCafe) -> None:
    thread = cafe.server.thread(cafe.general, cafe.olek, "Points")
    cafe.server.deny_bot(cafe.general, SEND_MESSAGES)
    findings = await check(cafe.settings, [space(cafe, str(thread.id))])
    assert problems(findings) == []
    assert findings[-1].text == "Discord: Café: the bot may post in #Points."
    cafe.server.deny_bot(cafe.general, SEND_MESSAGES_IN_THREADS)
    [problem] = problems(await check(cafe.settings, [space(cafe, str(thread.id))]))
    assert "in #Points the bot lacks Send Messages in Threads." in problem
    cafe.server.deny_bot(cafe.general, VIEW_CHANNEL)
    [hidden] = problems(await check(cafe.settings, [space(cafe, str(thread.id))]))
    assert "cannot see the channel" in hidden


async def test_intents_that_are_off_say_where_to_switch_them_on(cafe: DiscordCafe) -> None:
    cafe.server.settings.privileged_intents = 0
    found = problems(await check(cafe.settings))
    assert [text.count("Privileged Gateway Intents") for text in found] == [1, 1]
    modest = cafe.settings.model_copy(update={"message_content_intent": False, "members_intent": False})
    assert problems(await check(modest)) == []


async def test_a_bot_in_no_server_gets_its_invitation(cafe: DiscordCafe) -> None:
    cafe.server.remove_bot(cafe.guild)
    [text] = problems(await check(cafe.settings))
    assert "https://discord.com/oauth2/authorize?client_id=900000000000000001&scope=bot+applications.commands" in text
    assert "cannot see" in problems(await check(cafe.settings, [space(cafe)]))[-1]


async def test_a_link_that_members_pass_on_must_not_expire(cafe: DiscordCafe) -> None:
    cafe.server.world.invites |= {"ours": (cafe.general, None), "week": (cafe.general, "2026-03-23T08:00:00+00:00")}

    async def found(address: str) -> Finding:
        findings = await check(cafe.settings.model_copy(update={"invite_url": address}))
        return next((one for one in findings if "invite_url" in one.text), findings[-1])

    assert (await found("https://discord.gg/ours")).level == "ok"
    assert "expires on 2026-03-23" in (await found("https://discord.com/invite/week")).text
    assert "leads nowhere" in (await found("https://discord.gg/gone")).text
    # What is no invitation of Discord's is not asked about there.
    assert "invite_url" not in (await found("https://cafe.example/discord")).text


async def test_a_wrong_token_and_a_silent_server_are_told_apart(cafe: DiscordCafe) -> None:
    wrong = cafe.settings.model_copy(update={"token": SecretStr("wrong")})
    [refused] = problems(await check(wrong))
    assert "Reset Token" in refused
    silent = cafe.settings.model_copy(update={"api_base_url": "http://127.0.0.1:9/api/v10"})
    [unreachable] = problems(await check(silent))
    assert unreachable.startswith(
        "This computer could not reach Discord (api_base_url http://127.0.0.1:9/api/v10). Is it"
    )
    assert await check(DiscordSettings()) == [Finding("off", "Discord: there is no token.")]
