"""Posts to others: one attempt at delivering one, and what its end means."""

import structlog
import telegram
from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter, TelegramError

from adapters.outbox import Begin
from adapters.outcomes import Dropped, Later, Outcome, Pause, Sent, Unknown, retry_delay_s
from adapters.telegram.client import FloodOfAll, pause_s, was_never_sent
from adapters.telegram.deeds import do
from adapters.telegram.drafts import Target
from adapters.telegram.limits import Crowded
from adapters.telegram.sending import Messenger, post_of
from bot.replies import Sending, Waiting

log = structlog.get_logger("bywalec.telegram")
_NOBODY_THERE = ("chat not found", "user not found", "peer_id_invalid")


async def deliver(waiting: Waiting, begin: Begin, messenger: Messenger, bot: telegram.Bot) -> Outcome:
    """Try once to deliver a post, or to do a deed."""
    if waiting.deed is not None:
        return await do(waiting.deed, waiting, begin, bot)
    target = _target(waiting)
    if target is None:
        return Dropped("no address")
    try:
        return Sent(await messenger.send(waiting.reply, target, post_of(begin)))
    except Crowded as error:
        return Pause(error.wait_s, "no room within the limits", everywhere=error.everywhere)
    except RetryAfter as error:
        return Pause(pause_s(error), "429", everywhere=isinstance(error, FloodOfAll), is_asked=True)
    except Forbidden as error:
        await messenger.unreachable(target, error.message)
        return Dropped(error.message)
    except BadRequest as error:
        if nobody_there(error):
            await messenger.unreachable(target, error.message)
        return Dropped(error.message)
    except InvalidToken:
        return Later(retry_delay_s(waiting.tries), "the token is refused", is_away=True)
    except TelegramError as error:
        if waiting.sending is Sending.AT_MOST_ONCE and not was_never_sent(error):
            return Unknown(type(error).__name__, is_away=True)
        return Later(retry_delay_s(waiting.tries), type(error).__name__, is_away=True)


def nobody_there(error: BadRequest) -> bool:
    """Whether a refusal means that the chat does not exist for us."""
    return any(phrase in error.message.lower() for phrase in _NOBODY_THERE)


def _target(waiting: Waiting) -> Target | None:
    group_id = waiting.channel_id or waiting.platform_space_id
    if group_id is not None:
        edits = None if waiting.edits is None else int(waiting.edits)
        return Target(group_id, is_group=True, thread_id=waiting.thread_id, edits=edits)
    return None if waiting.user_id is None else Target(waiting.user_id, is_group=False)
