"""Files that come with messages: what is said of them, and fetching one."""

import telegram
from telegram.error import TelegramError

from adapters.pictures import Attached, NotFetched
from adapters.telegram.reading import Json, integer, optional, optional_text, sections, text
from bot.files.pictures import MOST_BYTES

_PICTURES = "image/"


def has_picture(message: Json) -> bool:
    """Whether a picture goes with a message, as a photo or as a file that is one."""
    document = optional(message, "document") or {}
    return "photo" in message or (optional_text(document, "mime_type") or "").startswith(_PICTURES)


def attached(message: Json) -> Attached | None:
    """Return the photo or the file that a message holds, None where it holds neither. Raises Unreadable."""
    sizes = [_attached(size, is_picture=True) for size in sections(message, "photo")]
    if sizes:
        # The platform keeps several sizes of a photo, the largest last.
        return next((size for size in reversed(sizes) if size.size <= MOST_BYTES), sizes[0])
    document = optional(message, "document")
    if document is None:
        return None
    kind = optional_text(document, "mime_type")
    return _attached(document, is_picture=kind is None or kind.startswith(_PICTURES))


def _attached(file: Json, *, is_picture: bool) -> Attached:
    # The size may be left out; what turns out too large is refused when it has come.
    size = integer(file, "file_size") if "file_size" in file else 0
    return Attached(text(file, "file_id"), size, is_picture)


async def fetch(bot: telegram.Bot, file_id: str) -> bytes:
    """Return what a file holds. Raises NotFetched."""
    try:
        file = await bot.get_file(file_id)
        return bytes(await file.download_as_bytearray())
    except TelegramError as error:
        raise NotFetched(type(error).__name__) from error
