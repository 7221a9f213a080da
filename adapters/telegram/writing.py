"""One draft as one request: a message, a picture with a caption, or an edit of either."""

import telegram
from telegram import InputMediaPhoto, LinkPreviewOptions, ReplyParameters
from telegram.error import BadRequest

from adapters.telegram.drafts import Draft
from messages.pictures.drawing import Drawn

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


async def write(bot: telegram.Bot, draft: Draft) -> str:
    """Send a draft, or edit the message it replaces; return the message's id. Raises TelegramError."""
    edits = draft.target.edits
    if edits is None:
        return await (_send(bot, draft) if draft.photo is None else send_photo(bot, draft, draft.photo))
    try:
        await _edit(bot, draft, edits)
    except BadRequest as error:
        if "message is not modified" not in error.message.lower():
            raise
    return str(edits)


async def _send(bot: telegram.Bot, draft: Draft) -> str:
    message = await bot.send_message(
        int(draft.target.chat_id),
        draft.text,
        parse_mode=draft.parse_mode,
        reply_markup=draft.keyboard,
        message_thread_id=_thread(draft),
        link_preview_options=_NO_PREVIEW,
        reply_parameters=_replied_to(draft),
        message_effect_id=draft.effect_id,
    )
    return str(message.message_id)


async def send_photo(bot: telegram.Bot, draft: Draft, photo: Drawn) -> str:
    """Send a picture under a draft's text; return the message's id. Raises TelegramError."""
    message = await bot.send_photo(
        int(draft.target.chat_id),
        photo.png,
        caption=draft.text,
        parse_mode=draft.parse_mode,
        reply_markup=draft.keyboard,
        message_thread_id=_thread(draft),
        reply_parameters=_replied_to(draft),
        message_effect_id=draft.effect_id,
        filename=photo.name,
    )
    return str(message.message_id)


async def _edit(bot: telegram.Bot, draft: Draft, message_id: int) -> None:
    chat_id = int(draft.target.chat_id)
    keyboard = draft.keyboard if isinstance(draft.keyboard, telegram.InlineKeyboardMarkup) else None
    if draft.photo is not None:
        media = InputMediaPhoto(draft.photo.png, draft.text, draft.parse_mode, filename=draft.photo.name)
        await bot.edit_message_media(media, chat_id, message_id, reply_markup=keyboard)
    elif draft.target.edits_photo:
        await bot.edit_message_caption(
            chat_id, message_id, caption=draft.text, parse_mode=draft.parse_mode, reply_markup=keyboard
        )
    else:
        await bot.edit_message_text(
            draft.text,
            chat_id,
            message_id,
            parse_mode=draft.parse_mode,
            reply_markup=keyboard,
            link_preview_options=_NO_PREVIEW,
        )


def _thread(draft: Draft) -> int | None:
    return None if draft.target.thread_id is None else int(draft.target.thread_id)


def _replied_to(draft: Draft) -> ReplyParameters | None:
    if draft.target.reply_to is None:
        return None
    return ReplyParameters(draft.target.reply_to, allow_sending_without_reply=True)
