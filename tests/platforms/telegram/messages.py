"""The methods that write: sendMessage, sendPhoto, edits, deletion, reactions, answers to buttons."""

from collections.abc import Callable
from typing import Any

from .calls import Kind, Method, Upload, required
from .entities import detect, trim, utf16_length
from .errors import Json, bad_request, forbidden, invalid
from .html import parse_html
from .markup import check_markup
from .people_and_groups import Group, User
from .platform import Platform

TEXT_MAX = 4096
CAPTION_MAX = 1024
ANSWER_MAX = 200
DELETABLE_S = 48 * 3600
ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}
_REACTIONS = (
    "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤\u200d🔥 "
    "🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨\u200d💻 👀 🎃 🙈 😇 😨 "
    "🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷\u200d♂ 🤷 🤷\u200d♀ 😡"
)
REACTIONS = frozenset(_REACTIONS.split())


def _content(platform: Platform, params: Json, name: str, most: int) -> tuple[str, list[Json]]:
    text = params.get(name, "")
    entities = params.get(f"{name}_entities" if name == "caption" else "entities", [])
    mode = params.get("parse_mode", "")
    if mode.lower() == "html":
        text, entities = parse_html(text)
    elif mode:
        raise invalid("unsupported parse_mode")
    if any(entity["offset"] < 0 or entity["offset"] + entity["length"] > utf16_length(text) for entity in entities):
        raise invalid("ENTITY_BOUNDS_INVALID")
    text, entities = trim(text, [_resolved(platform, entity) for entity in entities])
    if utf16_length(text) > most:
        raise invalid("message caption is too long" if name == "caption" else "message is too long")
    return text, detect(text, entities)


def _resolved(platform: Platform, entity: Json) -> Json:
    """A link to a person becomes a mention of that person, if the bot has met them."""
    if not str(entity.get("url", "")).startswith("tg://user?id="):
        return entity
    person = platform.users.get(int(entity["url"].removeprefix("tg://user?id=")))
    mention = {"type": "text_mention", "offset": entity["offset"], "length": entity["length"]}
    return entity if person is None else {**mention, "user": person.json()}


def _text(platform: Platform, params: Json) -> Json:
    if not params.get("text"):
        raise invalid("message text is empty")
    text, entities = _content(platform, params, "text", TEXT_MAX)
    if not text:
        raise invalid("text must be non-empty")
    return {"text": text, "entities": entities} if entities else {"text": text}


def _place(platform: Platform, chat: User | Group, params: Json) -> Json:
    """The fields that say where in the chat: the message replied to, and the topic."""
    fields: Json = {}
    reply = params.get("reply_parameters")
    thread_id = params.get("message_thread_id")
    if reply is not None:
        replied = platform.history[chat.id].get(reply["message_id"])
        if replied is not None:
            fields["reply_to_message"] = platform.without_reply(replied)
            thread_id = thread_id if thread_id is not None else replied.get("message_thread_id")
        elif not reply.get("allow_sending_without_reply", False):
            raise bad_request("message to be replied not found")
    if thread_id is not None:
        if not isinstance(chat, Group) or thread_id not in chat.topics:
            raise bad_request("message thread not found")
        if thread_id in chat.closed_topics and not platform.bot_member(chat).get("can_manage_topics"):
            raise bad_request("TOPIC_CLOSED")
        fields.update(message_thread_id=thread_id, is_topic_message=True)
    return fields


def _send(platform: Platform, params: Json, content: Callable[[], Json]) -> Json:
    chat = platform.joined_chat(required(params, "chat_id"))
    place = _place(platform, chat, params)
    if "message_effect_id" in params and isinstance(chat, Group):
        raise invalid("EFFECT_ID_INVALID")
    fields = {**place, **content()}
    markup = check_markup(params.get("reply_markup"))
    if markup is not None:
        fields["reply_markup"] = markup
    platform.floods.admit(chat.id, is_group=isinstance(chat, Group))
    return platform.new_message(chat, platform.bot, fields, silent=params.get("disable_notification", False))


def send_message(platform: Platform, params: Json) -> Json:
    """sendMessage."""
    text = _text(platform, params)
    return _send(platform, params, lambda: text)


def _photo(platform: Platform, photo: Upload | str) -> Json:
    if isinstance(photo, Upload):
        return {"photo": [platform.keep_file(photo)]}
    if photo in platform.files:
        return {"photo": [platform.keep_file(Upload(photo, platform.files[photo]))]}
    raise invalid("wrong file identifier/HTTP URL specified")


def _captioned(platform: Platform, params: Json) -> Json:
    caption, entities = _content(platform, params, "caption", CAPTION_MAX)
    fields = {"caption": caption} if caption else {}
    return {**fields, "caption_entities": entities} if entities else fields


def _may_send_photos(platform: Platform, chat: User | Group) -> None:
    if isinstance(chat, Group) and not chat.photos_allowed and not chat.bot_is_administrator:
        raise bad_request("not enough rights to send photos to the chat")


def send_photo(platform: Platform, params: Json) -> Json:
    """sendPhoto: an upload, or the file_id of an earlier one."""

    def content() -> Json:
        _may_send_photos(platform, platform.joined_chat(params["chat_id"]))
        return _photo(platform, required(params, "photo")) | _captioned(platform, params)

    return _send(platform, params, content)


def _own_message(platform: Platform, params: Json) -> tuple[User | Group, Json]:
    chat = platform.joined_chat(required(params, "chat_id"))
    message = platform.history[chat.id].get(required(params, "message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if message.get("from", {}).get("id") != platform.bot.id:
        raise bad_request("message can't be edited")
    return chat, message


def _edit(platform: Platform, chat: User | Group, message: Json, content: Json, markup: Json | None) -> Json:
    said = ("text", "entities", "caption", "caption_entities")
    replaced = (*said, "reply_markup") if content else ("reply_markup",)
    edited = {name: value for name, value in message.items() if name not in replaced} | content
    if markup is not None:
        edited["reply_markup"] = markup
    if {**edited, "edit_date": 0} == {**message, "edit_date": 0}:
        raise bad_request(
            "message is not modified: specified new message content and reply markup are exactly the same"
            " as a current content and reply markup of the message"
        )
    platform.floods.admit(chat.id, is_group=isinstance(chat, Group), lane="edit")
    edited["edit_date"] = int(platform.now())
    platform.history[chat.id][message["message_id"]] = edited
    platform.signal.notify()
    return edited


def edit_message_text(platform: Platform, params: Json) -> Json:
    """editMessageText."""
    chat, message = _own_message(platform, params)
    if "text" not in message:
        raise bad_request("there is no text in the message to edit")
    markup = check_markup(params.get("reply_markup"), inline_only=True)
    return _edit(platform, chat, message, _text(platform, params), markup)


def edit_message_caption(platform: Platform, params: Json) -> Json:
    """editMessageCaption."""
    chat, message = _own_message(platform, params)
    if "photo" not in message:
        raise bad_request("there is no caption in the message to edit")
    markup = check_markup(params.get("reply_markup"), inline_only=True)
    content = {"photo": message["photo"], **_captioned(platform, params)}
    return _edit(platform, chat, message, content, markup)


def edit_message_media(platform: Platform, params: Json) -> Json:
    """editMessageMedia: a photo in place of another, or of a text."""
    chat, message = _own_message(platform, params)
    media = required(params, "media")
    if media.get("type") != "photo":
        raise invalid("can't parse InputMedia: type must be photo here")
    _may_send_photos(platform, chat)
    markup = check_markup(params.get("reply_markup"), inline_only=True)
    content = _photo(platform, media["media"]) | _captioned(platform, media)
    return _edit(platform, chat, message, content, markup)


def edit_message_reply_markup(platform: Platform, params: Json) -> Json:
    """editMessageReplyMarkup."""
    chat, message = _own_message(platform, params)
    return _edit(platform, chat, message, {}, check_markup(params.get("reply_markup"), inline_only=True))


def delete_message(platform: Platform, params: Json) -> bool:
    """deleteMessage."""
    chat = platform.joined_chat(required(params, "chat_id"))
    message = platform.history[chat.id].get(required(params, "message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    own = message.get("from", {}).get("id") == platform.bot.id
    may = own or isinstance(chat, User) or (chat.bot_is_administrator and "can_delete_messages" in chat.bot_rights)
    if not may or platform.now() - message["date"] >= DELETABLE_S:
        raise bad_request("message can't be deleted")
    del platform.history[chat.id][message["message_id"]]
    platform.signal.notify()
    return True


def set_message_reaction(platform: Platform, params: Json) -> bool:
    """setMessageReaction."""
    chat = platform.joined_chat(required(params, "chat_id"))
    message_id = required(params, "message_id")
    if message_id not in platform.history[chat.id]:
        raise bad_request("message to react not found")
    emojis = tuple(str(reaction.get("emoji")) for reaction in params.get("reaction", []))
    if any(emoji not in REACTIONS for emoji in emojis):
        raise invalid("REACTION_INVALID")
    if len(emojis) > 1:
        raise invalid("REACTIONS_TOO_MANY")
    platform.reactions[chat.id, message_id][platform.bot.id] = emojis
    platform.signal.notify()
    return True


def send_chat_action(platform: Platform, params: Json) -> bool:
    """sendChatAction."""
    chat = platform.joined_chat(required(params, "chat_id"))
    if required(params, "action") not in ACTIONS:
        raise invalid("wrong parameter action in request")
    _place(platform, chat, params)
    return True


def answer_callback_query(platform: Platform, params: Json) -> bool:
    """answerCallbackQuery: once, and in time."""
    callback = platform.callbacks.get(required(params, "callback_query_id"))
    late = callback is not None and platform.now() - callback.pressed_at > platform.callback_deadline_s
    if callback is None or late or callback.answer is not None:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    if utf16_length(params.get("text", "")) > ANSWER_MAX:
        raise invalid("MESSAGE_TOO_LONG")
    if "url" in params:
        raise invalid("URL_INVALID")
    callback.answer = {name: value for name, value in params.items() if name != "callback_query_id"}
    platform.signal.notify()
    return True


def leave_chat(platform: Platform, params: Json) -> bool:
    """leaveChat."""
    chat = platform.joined_chat(required(params, "chat_id"))
    if isinstance(chat, User):
        raise forbidden("bot can't leave private chats")
    chat.bot_status = "left"
    return True


_PLACE = {
    "chat_id": Kind.CHAT,
    "message_thread_id": Kind.INTEGER,
    "disable_notification": Kind.BOOLEAN,
    "protect_content": Kind.BOOLEAN,
    "allow_paid_broadcast": Kind.BOOLEAN,
    "message_effect_id": Kind.TEXT,
    "reply_parameters": Kind.JSON,
    "reply_markup": Kind.JSON,
    "parse_mode": Kind.TEXT,
}
_TEXT = {"text": Kind.TEXT, "parse_mode": Kind.TEXT, "entities": Kind.JSON, "link_preview_options": Kind.JSON}
_MESSAGE = {"chat_id": Kind.CHAT, "message_id": Kind.INTEGER}
_CAPTION = {
    "caption": Kind.TEXT,
    "parse_mode": Kind.TEXT,
    "caption_entities": Kind.JSON,
    "show_caption_above_media": Kind.BOOLEAN,
}
_PHOTO = {**_CAPTION, "photo": Kind.FILE, "has_spoiler": Kind.BOOLEAN}
_ANSWER = {
    "callback_query_id": Kind.TEXT,
    "text": Kind.TEXT,
    "show_alert": Kind.BOOLEAN,
    "url": Kind.TEXT,
    "cache_time": Kind.INTEGER,
}

METHODS: dict[str, Method[Any]] = {
    "sendMessage": Method(send_message, {**_PLACE, **_TEXT}),
    "sendPhoto": Method(send_photo, {**_PLACE, **_PHOTO}),
    "editMessageText": Method(edit_message_text, {**_MESSAGE, **_TEXT, "reply_markup": Kind.JSON}),
    "editMessageCaption": Method(edit_message_caption, {**_MESSAGE, **_CAPTION, "reply_markup": Kind.JSON}),
    "editMessageMedia": Method(edit_message_media, {**_MESSAGE, "media": Kind.JSON, "reply_markup": Kind.JSON}),
    "editMessageReplyMarkup": Method(edit_message_reply_markup, {**_MESSAGE, "reply_markup": Kind.JSON}),
    "deleteMessage": Method(delete_message, _MESSAGE),
    "setMessageReaction": Method(set_message_reaction, {**_MESSAGE, "reaction": Kind.JSON, "is_big": Kind.BOOLEAN}),
    "answerCallbackQuery": Method(answer_callback_query, _ANSWER),
    "sendChatAction": Method(
        send_chat_action, {"chat_id": Kind.CHAT, "message_thread_id": Kind.INTEGER, "action": Kind.TEXT}
    ),
    "leaveChat": Method(leave_chat, {"chat_id": Kind.CHAT}),
}
