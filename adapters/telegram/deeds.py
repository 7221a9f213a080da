"""Deeds on Telegram: tags, who is let into groups and taken out, pinned messages. One attempt, and its end."""

from typing import TypeGuard

import telegram
from telegram.constants import ChatType
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError

from adapters.outbox import Begin
from adapters.outcomes import Done, Later, Outcome, Pause, Refused, Sent, retry_delay_s
from adapters.telegram.client import FloodOfAll, pause_s
from bot.deeds import Admission, Deed, Marking, Pinning, Removal
from bot.replies import Waiting

# The member is not in the group (any more), or asks for nothing (any more), or group or message are gone: there is
# nothing left to be done.
_OVER = (
    *("user not found", "member not found", "user_not_participant", "participant_id_invalid"),
    *("hide_requester_missing", "user_already_participant"),
    # Nobody takes out an admin, who became one this moment.
    *("user is an administrator of the chat", "can't remove chat owner"),
    "the group chat was deleted",
    *("message to pin not found", "message to unpin not found", "message not found", "message_id_invalid"),
)


async def do(deed: Deed, waiting: Waiting, begin: Begin, bot: telegram.Bot) -> Outcome:
    """Try once to do a deed."""
    try:
        match deed:
            case Marking():
                return await _mark(deed, waiting, begin, bot)
            case Admission():
                return await _admit(deed, waiting, begin, bot)
            case Removal():
                return await _remove(deed, waiting, begin, bot)
            case Pinning():
                return await _pin(deed, waiting, begin, bot)
    except RetryAfter as error:
        return Pause(pause_s(error), "429", everywhere=isinstance(error, FloodOfAll), is_asked=True)
    except (BadRequest, Forbidden) as error:
        is_over = any(phrase in error.message.lower() for phrase in _OVER)
        return Done() if is_over else Refused(error.message)
    except ChatMigrated as error:
        if isinstance(deed, Admission | Removal):
            # The config or the reward still names the group as it was. Of spaces the new id is noted by itself.
            return Refused(error.message)
        return Later(retry_delay_s(waiting.tries), type(error).__name__)
    except InvalidToken:
        return Later(retry_delay_s(waiting.tries), "the token is refused", is_away=True)
    except TelegramError as error:
        return Later(retry_delay_s(waiting.tries), type(error).__name__, is_away=True)


async def _mark(marking: Marking, waiting: Waiting, begin: Begin, bot: telegram.Bot) -> Outcome:
    """Give or take a tag, unless the member has one that is not ours: from an admin, or chosen by themselves."""
    group_id, user_id = int(waiting.platform_space_id or 0), int(waiting.user_id or 0)
    member = await bot.get_chat_member(group_id, user_id)
    if not _is_ordinary(member):
        return Done()
    wanted, shown = next(iter(marking.wanted), ""), member.tag or ""
    if shown not in (wanted, "", *marking.ours):
        return Done()
    if shown != wanted:
        await begin()
        await bot.set_chat_member_tag(group_id, user_id, wanted)
    return Done(marking.wanted)


def _is_ordinary(
    member: telegram.ChatMember,
) -> TypeGuard[telegram.ChatMemberMember | telegram.ChatMemberRestricted]:
    """Whether it is somebody in the group who is no administrator: these have titles instead of tags, and stay."""
    if isinstance(member, telegram.ChatMemberRestricted):
        return member.is_member
    return isinstance(member, telegram.ChatMemberMember)


async def _admit(admission: Admission, waiting: Waiting, begin: Begin, bot: telegram.Bot) -> Outcome:
    await begin()
    await bot.approve_chat_join_request(int(admission.group_id), int(waiting.user_id or 0))
    return Done()


async def _remove(removal: Removal, waiting: Waiting, begin: Begin, bot: telegram.Bot) -> Outcome:
    """Take somebody out who is an ordinary member, and let them come back when they are let in again."""
    group_id, user_id = int(removal.group_id), int(waiting.user_id or 0)
    member = await bot.get_chat_member(group_id, user_id)
    if not _is_ordinary(member):
        return Done()
    group = await bot.get_chat(group_id)
    await begin()
    if group.type == ChatType.GROUP:
        # In a basic group this bans nobody.
        await bot.ban_chat_member(group_id, user_id)
    else:
        # Elsewhere one who is banned and whose ban is lifted then stays banned if we end in between. This call alone
        # takes out who is in, and bans nobody.
        await bot.unban_chat_member(group_id, user_id, only_if_banned=False)
    return Done()


async def _pin(pinning: Pinning, waiting: Waiting, begin: Begin, bot: telegram.Bot) -> Outcome:
    group_id, message_id = int(waiting.channel_id or waiting.platform_space_id or 0), int(waiting.edits or 0)
    await begin()
    if pinning.is_pinned:
        await bot.pin_chat_message(group_id, message_id, disable_notification=True)
    else:
        await bot.unpin_chat_message(group_id, message_id)
    return Sent(str(message_id))
