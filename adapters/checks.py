"""What `run_bot.py check` finds in the config and on the platforms, whatever state they are in."""

import asyncio
from collections.abc import Awaitable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from adapters.discord.check import check as check_discord
from adapters.findings import Finding
from adapters.mail.check import check as check_mail
from adapters.shops.check import check as check_shop
from adapters.telegram.check import check as check_telegram
from adapters.told_time import check as check_clock
from bot.config.config import Brand, Config
from bot.events import SpaceRef
from bot.members.members import Space
from bot.rewards.rewards import Reward
from messages.pictures.images import Images, NoImage

_PATIENCE_S = 30.0
_OTHERS_MAY_READ = 0o077


def check_config(config: Config, path: Path, secrets: Sequence[str]) -> Iterator[Finding]:
    """Yield what an owner should know about a config file that was loaded."""
    yield Finding("ok", f"{path} is in order.")
    text = path.read_text(encoding="utf-8")
    if any(secret in text for secret in secrets) and path.stat().st_mode & _OTHERS_MAY_READ:
        yield Finding("warning", f"{path} holds secrets and others on this machine can read it: chmod 600 {path}")
    if config.telegram.token is None and config.discord.token is None:
        yield Finding("problem", f"No platform is on. Put telegram.token or discord.token into {path}.")
    if not config.programme.owner_ids:
        yield Finding("warning", f"Nobody owns the programme. Put your id into programme.owner_ids in {path}.")
    yield from _pictures(config)
    yield from _challenges(config)
    if config.earning.voice.is_on and config.discord.token is None:
        text = "[earning.voice] gives status for time in voice channels, which only Discord shows, and"
        yield Finding("warning", f"{text} discord.token is missing, so nobody gets any.")


def _pictures(config: Config) -> Iterator[Finding]:
    """Yield what is wrong with the pictures that the config names."""
    images = Images(Path(config.brand.pictures))
    if config.brand.logo:
        yield from _logo(config.brand, images)
    for reward in config.reward:
        if not reward.picture:
            continue
        try:
            images(reward.picture)
        except OSError:
            what = f"is not in {config.brand.pictures}, or cannot be read. Put it there"
        except NoImage:
            what = f"in {config.brand.pictures} is no PNG or JPEG of at most 2 MB. Save it as one"
        else:
            continue
        yield Finding("warning", f"The picture {reward.picture} of the reward {reward.id} {what}.")


def _challenges(config: Config) -> Iterator[Finding]:
    """Yield what is odd about challenges although it may be meant so."""
    off = {"friends_brought": not config.earning.referral.enabled}
    off |= dict.fromkeys(("thanks_given", "thanks_received"), not config.earning.thanks.status)
    look = "Look at [earning.referral] and [earning.thanks]."
    for challenge in config.challenge:
        if challenge.reward == "first":
            text = "pays the quickest: members in other time zones or asleep have no chance."
            fairer = 'reward = "everyone" or "best" is fairer.'
            yield Finding("warning", f"The challenge {challenge.id} {text} {fairer}")
        if challenge.counts is not None and off.get(challenge.counts):
            text = f"counts {challenge.counts}, which are switched off, so nobody gets on with it."
            yield Finding("warning", f"The challenge {challenge.id} {text} {look}")


def _logo(brand: Brand, images: Images) -> Iterator[Finding]:
    try:
        images.logo(brand.logo)
    except OSError:
        yield Finding("warning", f"The logo {brand.logo} is not in {brand.pictures}, or cannot be read. Put it there.")
    except NoImage:
        what = f"in {brand.pictures} is no PNG or JPEG of at most 300 KB. Save it as one"
        yield Finding("warning", f"The logo {brand.logo} {what}.")


async def check_platforms(
    config: Config, spaces: Sequence[Space], rewards: Sequence[Reward], now: datetime
) -> list[Finding]:
    """Return what both platforms say about the bot and its spaces, the mail server, the shops, and others of the time.

    `rewards` are those that are offered.
    """
    pins = any(challenge.together for challenge in config.challenge)
    groups = [SpaceRef(s.platform, s.platform_space_id, s.title) for s in spaces if s.platform == "telegram"]
    servers = [space for space in spaces if space.platform == "discord"]
    found = await asyncio.gather(
        _in_time("Telegram", check_telegram(config.telegram, groups, config.tier, rewards=rewards, pins=pins)),
        _in_time("Discord", check_discord(config.discord, servers, config.tier, rewards=rewards, pins=pins)),
        _in_time("The mail server", check_mail(config.smtp)),
        _in_time("Whoever is asked for the time", check_clock(config, now)),
        *(_in_time(f"The shop {shop.id}", check_shop(shop, now)) for shop in config.shop),
    )
    return [finding for findings in found for finding in findings]


async def _in_time(name: str, findings: Awaitable[list[Finding]]) -> list[Finding]:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return await findings
    except TimeoutError:
        return [Finding("problem", f"{name} did not answer within {_PATIENCE_S:.0f} seconds. Is this computer online?")]
