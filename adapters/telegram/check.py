"""The check of a Telegram set-up, for `run_bot.py check`: what is wrong, and what to click."""

from collections.abc import Mapping, Sequence

import telegram
from telegram.error import InvalidToken, TelegramError

from adapters.findings import Finding, out_of_reach
from adapters.telegram.client import Client, is_out_of_reach
from bot.config.config import TelegramSettings
from bot.config.tiers import TierSettings
from bot.events import SpaceRef
from bot.rewards.rewards import Reward

_ADMINS = frozenset({"creator", "administrator"})


async def check(
    settings: TelegramSettings,
    spaces: Sequence[SpaceRef] = (),
    tiers: Sequence[TierSettings] = (),
    *,
    rewards: Sequence[Reward] = (),
    pins: bool = False,
) -> list[Finding]:
    """Return what works and what does not. `spaces` are the groups that were set up, and `pins` messages in.

    `rewards` are those that are offered.
    """
    if settings.token is None:
        return [Finding("off", "Telegram: there is no token.")]
    client = Client(settings)
    try:
        us = await client.connect()
        findings = [Finding("ok", f"Telegram: the token works, the bot is @{us.username}.")]
        findings += [_privacy(client.bot), await _delivery(client.bot, settings)]
        findings += [await _space(client.bot, space) for space in spaces]
        findings += await _of_tags(client.bot, spaces, tiers)
        set_up = {space.space_id: space.title or space.space_id for space in spaces}
        findings += await _of_groups(client.bot, tiers, rewards, set_up, removes=settings.remove_from_groups)
        return findings + (await _of_pins(client.bot, spaces) if pins else [])
    except InvalidToken:
        text = "Telegram refuses the token. In @BotFather send /mybots, choose the bot, press API Token, and copy it."
        return [Finding("problem", text)]
    except TelegramError as error:
        where = settings.api_base_url
        if is_out_of_reach(error):
            return [out_of_reach("Telegram", where)]
        return [Finding("problem", f"Telegram answers with an error at {where}: {type(error).__name__}. Try again.")]
    finally:
        await client.close()


def _privacy(bot: telegram.Bot) -> Finding:
    if bot.can_read_all_group_messages:
        return Finding("ok", "Telegram: privacy mode is off, the bot sees messages in groups.")
    return Finding(
        "warning",
        "Telegram: privacy mode is on, so the bot sees messages only in groups where it is an administrator. "
        "In each group open Manage group, Administrators, Add admin, and choose the bot; or in @BotFather send "
        "/setprivacy, choose the bot, press Disable, then remove the bot from the group and add it again.",
    )


async def _delivery(bot: telegram.Bot, settings: TelegramSettings) -> Finding:
    info = await bot.get_webhook_info()
    if settings.mode == "polling":
        if info.url:
            text = 'Telegram: a webhook is set although mode = "polling"; the bot removes it when it starts.'
            return Finding("warning", text)
        return Finding("ok", "Telegram: no webhook is set, polling can begin.")
    if info.url and info.url != settings.webhook_url:
        text = "Telegram: a webhook of another address is set; the bot replaces it when it starts."
        return Finding("warning", text)
    if info.last_error_message:
        text = f"Telegram: the last delivery to the webhook failed: {info.last_error_message}"
        return Finding("warning", text)
    return Finding("ok", "Telegram: nothing stands in the way of the webhook.")


async def _space(bot: telegram.Bot, space: SpaceRef) -> Finding:
    name = space.title or space.space_id
    try:
        member = await bot.get_chat_member(int(space.space_id), bot.id)
        chat = await bot.get_chat(int(space.space_id))
    except TelegramError as error:
        text = f"Telegram: the group {name} cannot be reached ({error.message}). Add the bot to the group again."
        return Finding("problem", text)
    if member.status in _ADMINS:
        return Finding("ok", f"Telegram: the bot is an administrator of {name}.")
    restricted = isinstance(member, telegram.ChatMemberRestricted)
    may_send = member.can_send_messages if isinstance(member, telegram.ChatMemberRestricted) else True
    if not restricted and chat.permissions is not None and chat.permissions.can_send_messages is False:
        may_send = False
    if not may_send or member.status in {"left", "kicked"}:
        text = (
            f"Telegram: the bot cannot write in {name}. Open Manage group, Administrators, Add admin, choose the bot."
        )
        return Finding("problem", text)
    text = (
        f"Telegram: the bot is an ordinary member of {name}, so it sees no reactions and nobody joining or leaving. "
        "Open Manage group, Administrators, Add admin, and choose the bot."
    )
    return Finding("warning", text)


async def _of_tags(bot: telegram.Bot, spaces: Sequence[SpaceRef], tiers: Sequence[TierSettings]) -> list[Finding]:
    """Return what the tags of tiers need: a right in each of the club's groups."""
    tagged = [(space.space_id, space.title or space.space_id) for space in spaces if any(t.telegram_tag for t in tiers)]
    right = "can_manage_tags", "Edit Member Tags", "the tiers"
    return [await _right(bot, group_id, name, *right) for group_id, name in tagged]


async def _of_groups(
    bot: telegram.Bot,
    tiers: Sequence[TierSettings],
    rewards: Sequence[Reward],
    set_up: Mapping[str, str],
    *,
    removes: bool,
) -> list[Finding]:
    """Return what the groups of tiers and rewards need: the right to let in, and to take out if the bot does that.

    `set_up` are the titles of the club's groups: from them nobody is taken out.
    """
    own = {reward.terms.telegram_group: (f"the group of the reward {reward.key}", "the rewards") for reward in rewards}
    own |= {tier.telegram_group: (f"the group of the tier {tier.id}", "the tiers") for tier in tiers}
    findings = []
    for group_id, (name, needed_by) in own.items():
        if group_id is None:
            continue
        rights = [("can_invite_users", "Add Members")]
        if group_id in set_up:
            findings.append(Finding("warning", _everybodys(name, group_id, set_up[group_id])))
        elif removes:
            rights.append(("can_restrict_members", "Ban Users"))
        findings += [await _right(bot, group_id, name, *right, needed_by) for right in rights]
    return findings


def _everybodys(name: str, group_id: str, title: str) -> str:
    return (
        f"Telegram: {name} ({group_id}) is {title}, where /setup was said: a group for everybody, so "
        "the bot takes nobody out of it. Put the id of a group of its own into telegram_group, "
        "and do not say /setup there."
    )


async def _of_pins(bot: telegram.Bot, spaces: Sequence[SpaceRef]) -> list[Finding]:
    named = [(space.space_id, space.title or space.space_id) for space in spaces]
    right = "can_pin_messages", "Pin Messages", "common goals"
    return [await _right(bot, group_id, name, *right) for group_id, name in named]


async def _right(bot: telegram.Bot, group_id: str, name: str, right: str, label: str, needed_by: str) -> Finding:
    try:
        us = await bot.get_chat_member(int(group_id), bot.id)
    except TelegramError as error:
        text = f"Telegram: {name} ({group_id}) cannot be reached ({error.message}). Add the bot there as an admin."
        return Finding("problem", text)
    if getattr(us, right, False):
        return Finding("ok", f"Telegram: the bot has the right {label} in {name}.")
    text = f"Telegram: the bot lacks the right {label} in {name}, which {needed_by} need. "
    return Finding("problem", f"{text}Open Manage group, Administrators, choose the bot, and switch it on.")
