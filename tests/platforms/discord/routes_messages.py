"""REST: channels, their messages and reactions."""

from datetime import datetime

from tests.platforms.discord import intents, posting
from tests.platforms.discord.errors import Form, refusal
from tests.platforms.discord.mentions import REGULAR
from tests.platforms.discord.model import Channel, Json, Message
from tests.platforms.discord.payloads import channel_json, message_json, readable_message_json
from tests.platforms.discord.permissions import (
    ADD_REACTIONS,
    ATTACH_FILES,
    EMBED_LINKS,
    MANAGE_MESSAGES,
    MANAGE_THREADS,
    PIN_MESSAGES,
    READ_MESSAGE_HISTORY,
    SEND_MESSAGES,
    VIEW_CHANNEL,
    bot_permissions_in,
    require_in_channel,
)
from tests.platforms.discord.routing import Call, Route
from tests.platforms.discord.telling import remove, tell_reaction, wake


def _channel(call: Call) -> Channel:
    return call.world.seen_channel(call.params["channel_id"])


def _message(call: Call, channel: Channel) -> Message:
    return call.world.seen_message(channel, call.params["message_id"])


def _get_channel(call: Call) -> Json:
    channel = _channel(call)
    require_in_channel(channel, call.world.bot, VIEW_CHANNEL)
    return channel_json(channel, call.world.bot)


def _change_channel(call: Call) -> Json:
    """Wake a thread, which who may write in it may do unless it is locked. The bot changes nothing else."""
    channel = _channel(call)
    if channel.opened is None or call.body != {"archived": False}:
        raise refusal(50013)
    require_in_channel(channel, call.world.bot, MANAGE_THREADS if channel.is_locked else SEND_MESSAGES)
    wake(call.gateway, channel, call.world.bot)
    return channel_json(channel, call.world.bot)


def _create(call: Call) -> Json:
    channel, world = _channel(call), call.world
    require_in_channel(channel, world.bot, SEND_MESSAGES | (ATTACH_FILES if call.files.by_number else 0))
    if channel.is_locked:
        raise refusal(160005)
    if channel.recipient is not None and (channel.recipient.bot or not channel.recipient.dms_open):
        raise refusal(50007)
    twin = _sent_before(call, channel)
    if twin is not None:
        return message_json(twin)
    message = posting.compose(world, channel, _allowed(call, channel), call.files, REGULAR)
    wake(call.gateway, channel, world.bot)
    channel.messages[message.id] = message
    if call.body.get("enforce_nonce") and message.nonce is not None:
        world.nonces[channel.id, str(message.nonce)] = (world.monotonic(), message)
    call.gateway.publish_message("MESSAGE_CREATE", message)
    return message_json(message)


def _allowed(call: Call, channel: Channel) -> Json:
    """Return the body, without its embeds where the bot may not embed. Raises 50013 if there is nothing else in it."""
    if not call.body.get("embeds") or bot_permissions_in(channel, call.world.bot) & EMBED_LINKS:
        return call.body
    if not call.body.get("content"):
        raise refusal(50013)
    return {**call.body, "embeds": []}


def _sent_before(call: Call, channel: Channel) -> Message | None:
    """Return the message an enforced nonce already made. Raises 10008 if it has been deleted since."""
    nonce = call.body.get("nonce")
    if nonce is None or not call.body.get("enforce_nonce"):
        return None
    made_at, message = call.world.nonces.get((channel.id, str(nonce)), (0.0, None))
    if message is None or call.world.monotonic() - made_at > call.world.settings.nonce_window_s:
        return None
    if message.deleted:
        raise refusal(10008)
    return message


def _writable(call: Call) -> Channel:
    """Return the channel. Raises 50083 for a thread that is archived, in which nothing changes till it is woken."""
    channel = _channel(call)
    if channel.is_archived:
        raise refusal(50083)
    return channel


def _edit(call: Call) -> Json:
    channel = _writable(call)
    require_in_channel(channel, call.world.bot, VIEW_CHANNEL)
    message = _message(call, channel)
    if message.author is not call.world.bot:
        raise refusal(50005)
    posting.edit(call.world, message, _allowed(call, channel), call.files, REGULAR)
    call.gateway.publish_message("MESSAGE_UPDATE", message)
    return message_json(message)


def _delete(call: Call) -> None:
    channel = _writable(call)
    require_in_channel(channel, call.world.bot, VIEW_CHANNEL)
    message = _message(call, channel)
    if message.author is not call.world.bot:
        require_in_channel(channel, call.world.bot, MANAGE_MESSAGES)
        if channel.guild is None:
            raise refusal(50013)
    remove(call.gateway, message)


def _get(call: Call) -> Json:
    channel = _channel(call)
    require_in_channel(channel, call.world.bot, READ_MESSAGE_HISTORY)
    return _readable(call, _message(call, channel))


def _readable(call: Call, message: Message) -> Json:
    allowed = bool(call.world.settings.privileged_intents & intents.MESSAGE_CONTENT)
    return readable_message_json(message, call.world.bot, allowed)


def _history(call: Call) -> list[Json]:
    """Newest first; with `after`, the oldest `limit` of what came later."""
    channel, bot = _channel(call), call.world.bot
    require_in_channel(channel, bot, VIEW_CHANNEL)
    if not bot_permissions_in(channel, bot) & READ_MESSAGE_HISTORY:
        return []
    limit = _limit(call)
    seen = sorted(mid for mid, message in channel.messages.items() if message.seen_only_by is None)
    if "after" in call.query:
        chosen = [mid for mid in seen if mid > int(call.query["after"])][:limit]
    elif "before" in call.query:
        chosen = [mid for mid in seen if mid < int(call.query["before"])][-limit:]
    else:
        chosen = seen[-limit:]
    return [_readable(call, channel.messages[mid]) for mid in reversed(chosen)]


def _archived(call: Call) -> Json:
    """Threads of a channel that all may see and that are archived, which were last first."""
    channel, bot = _channel(call), call.world.bot
    require_in_channel(channel, bot, VIEW_CHANNEL)
    require_in_channel(channel, bot, READ_MESSAGE_HISTORY)
    threads = [] if channel.guild is None else list(channel.guild.threads.values())
    found = [one for one in threads if one.is_archived and one.opened is not None and one.opened.parent is channel]
    found.sort(key=lambda one: one.archived_at or call.world.now(), reverse=True)
    if "before" in call.query:
        before = datetime.fromisoformat(call.query["before"])
        found = [one for one in found if one.archived_at is not None and one.archived_at < before]
    limit = _limit(call)
    listed = [channel_json(one, bot) for one in found[:limit]]
    return {"threads": listed, "members": [], "has_more": len(found) > limit}


def _limit(call: Call) -> int:
    limit = call.query.get("limit", "50")
    form = Form()
    if not limit.isdecimal() or not 1 <= int(limit) <= 100:
        form.wrong("limit", "NUMBER_TYPE_RANGE", "int value should be between 1 and 100.")
    form.check()
    return int(limit)


def _react(call: Call) -> None:
    channel, bot = _writable(call), call.world.bot
    message = _message(call, channel)
    emoji = call.params["emoji_name"]
    require_in_channel(channel, bot, READ_MESSAGE_HISTORY | (0 if emoji in message.reactions else ADD_REACTIONS))
    if emoji.isascii() and ":" not in emoji:
        raise refusal(10014)
    users = message.reactions.setdefault(emoji, [])
    if bot.id not in users:
        users.append(bot.id)
        tell_reaction(call.gateway, bot, message, emoji, added=True)


def _pin(call: Call) -> None:
    _pinnable(call).pinned = True


def _unpin(call: Call) -> None:
    _pinnable(call).pinned = False


def _pinnable(call: Call) -> Message:
    channel = _writable(call)
    require_in_channel(channel, call.world.bot, READ_MESSAGE_HISTORY | PIN_MESSAGES)
    return _message(call, channel)


def _typing(call: Call) -> None:
    require_in_channel(_channel(call), call.world.bot, SEND_MESSAGES)


_CHANNEL = "/channels/{channel_id}"
_MESSAGE = "/channels/{channel_id}/messages/{message_id}"

ROUTES = [
    Route("GET", _CHANNEL, _get_channel),
    Route("PATCH", _CHANNEL, _change_channel),
    Route("POST", f"{_CHANNEL}/typing", _typing),
    Route("GET", f"{_CHANNEL}/messages", _history),
    Route("GET", f"{_CHANNEL}/threads/archived/public", _archived),
    Route("POST", f"{_CHANNEL}/messages", _create),
    Route("GET", _MESSAGE, _get),
    Route("PATCH", _MESSAGE, _edit),
    Route("DELETE", _MESSAGE, _delete),
    Route("PUT", f"{_CHANNEL}/messages/pins/{{message_id}}", _pin),
    Route("DELETE", f"{_CHANNEL}/messages/pins/{{message_id}}", _unpin),
    Route("PUT", f"{_MESSAGE}/reactions/{{emoji_name}}/@me", _react),
]
