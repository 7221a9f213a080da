"""The methods that ask and arrange: the bot itself, chats, members, commands, descriptions, updates."""

import re
from typing import Any

from .calls import Kind, Method, required
from .errors import Json, bad_request, invalid
from .people_and_groups import Group, User
from .platform import Platform
from .updates import KINDS
from .webhook import check_webhook

COMMAND_NAME = re.compile(r"[a-z0-9_]{1,32}")
LANGUAGE = re.compile(r"([a-z]{2})?")
COMMANDS_MAX = 100
TAG_MAX = 16
SCOPES: dict[str, tuple[str, ...]] = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}
GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")


def get_me(platform: Platform, params: Json) -> Json:
    """getMe."""
    return {
        **platform.bot.json(),
        "can_join_groups": True,
        "can_read_all_group_messages": platform.can_read_all_group_messages,
        "supports_inline_queries": False,
    }


async def get_updates(platform: Platform, params: Json) -> list[Json]:
    """getUpdates."""
    platform.webhook.refuse_polling()
    _allow(platform, params)
    return await platform.queue.fetch(params.get("offset", 0), params.get("limit", 100), params.get("timeout", 0))


def _allow(platform: Platform, params: Json) -> None:
    kinds = params.get("allowed_updates")
    if kinds is not None and (unknown := set(kinds) - set(KINDS)):
        # The platform ignores unknown names in silence, so that a misspelt one is found only by what never comes.
        platform.violations.append(f"allowed_updates: unknown {sorted(unknown)}")
    platform.queue.allow(kinds)


async def set_webhook(platform: Platform, params: Json) -> bool:
    """setWebhook; an empty URL removes it."""
    url = required(params, "url")
    if url:
        check_webhook(url, params.get("secret_token"), params.get("max_connections", 40))
    _allow(platform, params)
    if params.get("drop_pending_updates", False):
        platform.queue.drop_all()
    if url:
        await platform.webhook.point_to(url, params.get("secret_token"), params.get("max_connections", 40))
    else:
        await platform.webhook.remove()
    return True


async def delete_webhook(platform: Platform, params: Json) -> bool:
    """deleteWebhook."""
    await platform.webhook.remove()
    if params.get("drop_pending_updates", False):
        platform.queue.drop_all()
    return True


def get_webhook_info(platform: Platform, params: Json) -> Json:
    """getWebhookInfo."""
    return platform.webhook.info()


def get_chat(platform: Platform, params: Json) -> Json:
    """getChat: works for people who have blocked the bot too."""
    chat = platform.chat(required(params, "chat_id"))
    if isinstance(chat, Group):
        platform.joined_chat(chat.id)
    common = {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(GIFTS, False),
    }
    return {**(chat.json() if isinstance(chat, Group) else chat.chat_json()), **common}


def _group(platform: Platform, params: Json) -> Group:
    chat = platform.joined_chat(required(params, "chat_id"))
    if isinstance(chat, User):
        raise bad_request("there are no administrators in the private chat")
    return chat


def get_chat_member(platform: Platform, params: Json) -> Json:
    """getChatMember."""
    return platform.member(_group(platform, params), required(params, "user_id"))


def get_chat_administrators(platform: Platform, params: Json) -> list[Json]:
    """getChatAdministrators."""
    return platform.administrators(_group(platform, params))


def get_chat_member_count(platform: Platform, params: Json) -> int:
    """getChatMemberCount: the people and our bot."""
    group = _group(platform, params)
    return 1 + sum(platform.is_participant(group, person) for person in group.statuses)


def set_chat_member_tag(platform: Platform, params: Json) -> bool:
    """setChatMemberTag."""
    group, user_id, tag = _group(platform, params), required(params, "user_id"), params.get("tag", "")
    if not group.bot_is_administrator or "can_manage_tags" not in group.bot_rights:
        raise bad_request("not enough rights to change the member's tag")
    if group.statuses.get(user_id) != "member":
        raise bad_request("USER_NOT_PARTICIPANT")
    if len(tag) > TAG_MAX or any(ord(character) >= 0x2190 for character in tag):
        raise invalid("TAG_INVALID")
    group.tags[user_id] = tag
    return True


def _pinnable(platform: Platform, params: Json, what: str) -> tuple[Group, int]:
    group, message_id = _group(platform, params), required(params, "message_id")
    if not group.bot_is_administrator or "can_pin_messages" not in group.bot_rights:
        raise bad_request("not enough rights to manage pinned messages in the chat")
    if message_id not in platform.history[group.id]:
        raise bad_request(f"message to {what} not found")
    return group, message_id


def pin_chat_message(platform: Platform, params: Json) -> bool:
    """pinChatMessage."""
    group, message_id = _pinnable(platform, params, "pin")
    group.pinned.add(message_id)
    if not params.get("disable_notification", False):
        group.loud_pins.add(message_id)
    return True


def unpin_chat_message(platform: Platform, params: Json) -> bool:
    """unpinChatMessage."""
    group, message_id = _pinnable(platform, params, "unpin")
    if message_id not in group.pinned:
        raise bad_request("message to unpin not found")
    group.pinned.discard(message_id)
    return True


def approve_chat_join_request(platform: Platform, params: Json) -> bool:
    """approveChatJoinRequest."""
    group, user_id = _group(platform, params), required(params, "user_id")
    if not group.bot_is_administrator or "can_invite_users" not in group.bot_rights:
        raise bad_request("not enough rights to manage chat join requests in the chat")
    if platform.is_participant(group, user_id):
        raise bad_request("USER_ALREADY_PARTICIPANT")
    if user_id not in group.requests:
        raise bad_request("HIDE_REQUESTER_MISSING")
    group.requests.discard(user_id)
    group.statuses[user_id] = "member"
    return True


def _removable(platform: Platform, params: Json) -> tuple[Group, int]:
    """Return who is to be taken out of which group. Raises ApiError 400, as the platform does, in its order."""
    group, user_id = _group(platform, params), required(params, "user_id")
    if user_id not in platform.users:
        raise bad_request("PARTICIPANT_ID_INVALID")
    if not group.bot_is_administrator or "can_restrict_members" not in group.bot_rights:
        raise bad_request("not enough rights to restrict/unrestrict chat member")
    if group.statuses.get(user_id) == "creator":
        raise bad_request("can't remove chat owner")
    if group.statuses.get(user_id) == "administrator":
        raise bad_request("user is an administrator of the chat")
    return group, user_id


def ban_chat_member(platform: Platform, params: Json) -> bool:
    """banChatMember. In a basic group who is taken out may come back."""
    group, user_id = _removable(platform, params)
    if group.type == "group" and not platform.is_participant(group, user_id):
        raise bad_request("USER_NOT_PARTICIPANT")
    group.statuses[user_id] = "left" if group.type == "group" else "kicked"
    return True


def unban_chat_member(platform: Platform, params: Json) -> bool:
    """unbanChatMember: without `only_if_banned` also for one who is in the group, and not any more then."""
    group, user_id = _removable(platform, params)
    if group.type == "group":
        raise bad_request("method is available for supergroup and channel chats only")
    if group.statuses.get(user_id) == "kicked" or not params.get("only_if_banned", False):
        group.statuses[user_id] = "left"
    return True


def _scope(platform: Platform, params: Json) -> tuple[str, int | str | None, int | None, str]:
    scope = params.get("scope", {"type": "default"})
    kind = scope.get("type")
    if kind not in SCOPES or any(name not in scope for name in SCOPES[kind]):
        raise invalid("can't parse BotCommandScope: unsupported type specified")
    language = params.get("language_code", "")
    if not LANGUAGE.fullmatch(language):
        raise invalid("invalid language code specified")
    chat_id = platform.joined_chat(scope["chat_id"]).id if "chat_id" in scope else None
    return kind, chat_id, scope.get("user_id"), language


def set_my_commands(platform: Platform, params: Json) -> bool:
    """setMyCommands."""
    commands, scope = required(params, "commands"), _scope(platform, params)
    if len(commands) > COMMANDS_MAX:
        raise invalid("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not COMMAND_NAME.fullmatch(str(command.get("command", ""))):
            raise invalid("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= 256:
            raise invalid("BOT_COMMAND_DESCRIPTION_INVALID")
    if len({command["command"] for command in commands}) != len(commands):
        raise invalid("BOT_COMMAND_DUPLICATE")
    platform.commands[scope] = commands
    return True


def get_my_commands(platform: Platform, params: Json) -> list[Json]:
    """getMyCommands."""
    return platform.commands.get(_scope(platform, params), [])


def delete_my_commands(platform: Platform, params: Json) -> bool:
    """deleteMyCommands."""
    platform.commands.pop(_scope(platform, params), None)
    return True


def _describe(platform: Platform, params: Json, name: str, most: int) -> bool:
    text, language = params.get(name, ""), params.get("language_code", "")
    if len(text) > most:
        raise invalid(f"BOT_{name.upper()}_INVALID")
    if not LANGUAGE.fullmatch(language):
        raise invalid("invalid language code specified")
    platform.descriptions[name, language] = text
    return True


def set_my_description(platform: Platform, params: Json) -> bool:
    """setMyDescription."""
    return _describe(platform, params, "description", 512)


def set_my_short_description(platform: Platform, params: Json) -> bool:
    """setMyShortDescription."""
    return _describe(platform, params, "short_description", 120)


def set_chat_menu_button(platform: Platform, params: Json) -> bool:
    """setChatMenuButton."""
    button = params.get("menu_button", {"type": "default"})
    if button.get("type") not in {"default", "commands", "web_app"}:
        raise invalid("can't parse menu button: invalid type specified")
    chat_id = params.get("chat_id")
    if chat_id is not None and not isinstance(platform.joined_chat(chat_id), User):
        raise bad_request("chat is not private")
    platform.menu_buttons[chat_id] = button
    return True


_CHAT = {"chat_id": Kind.CHAT}
_MEMBER = {"chat_id": Kind.CHAT, "user_id": Kind.INTEGER}
_SCOPE = {"scope": Kind.JSON, "language_code": Kind.TEXT}
_POLL = {"offset": Kind.INTEGER, "limit": Kind.INTEGER, "timeout": Kind.INTEGER, "allowed_updates": Kind.JSON}
_WEBHOOK = {
    "url": Kind.TEXT,
    "max_connections": Kind.INTEGER,
    "allowed_updates": Kind.JSON,
    "drop_pending_updates": Kind.BOOLEAN,
    "secret_token": Kind.TEXT,
}

METHODS: dict[str, Method[Any]] = {
    "getMe": Method(get_me, {}),
    "getUpdates": Method(get_updates, _POLL),
    "setWebhook": Method(set_webhook, _WEBHOOK),
    "deleteWebhook": Method(delete_webhook, {"drop_pending_updates": Kind.BOOLEAN}),
    "getWebhookInfo": Method(get_webhook_info, {}),
    "getChat": Method(get_chat, _CHAT),
    "getChatMember": Method(get_chat_member, _MEMBER),
    "getChatAdministrators": Method(get_chat_administrators, _CHAT),
    "getChatMemberCount": Method(get_chat_member_count, _CHAT),
    "setChatMemberTag": Method(set_chat_member_tag, {**_MEMBER, "tag": Kind.TEXT}),
    "pinChatMessage": Method(
        pin_chat_message, {**_CHAT, "message_id": Kind.INTEGER, "disable_notification": Kind.BOOLEAN}
    ),
    "unpinChatMessage": Method(unpin_chat_message, {**_CHAT, "message_id": Kind.INTEGER}),
    "approveChatJoinRequest": Method(approve_chat_join_request, _MEMBER),
    "banChatMember": Method(ban_chat_member, {**_MEMBER, "until_date": Kind.INTEGER, "revoke_messages": Kind.BOOLEAN}),
    "unbanChatMember": Method(unban_chat_member, {**_MEMBER, "only_if_banned": Kind.BOOLEAN}),
    "setMyCommands": Method(set_my_commands, {"commands": Kind.JSON, **_SCOPE}),
    "getMyCommands": Method(get_my_commands, _SCOPE),
    "deleteMyCommands": Method(delete_my_commands, _SCOPE),
    "setMyDescription": Method(set_my_description, {"description": Kind.TEXT, "language_code": Kind.TEXT}),
    "setMyShortDescription": Method(
        set_my_short_description, {"short_description": Kind.TEXT, "language_code": Kind.TEXT}
    ),
    "setChatMenuButton": Method(set_chat_menu_button, {"chat_id": Kind.INTEGER, "menu_button": Kind.JSON}),
}
