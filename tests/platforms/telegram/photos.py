"""What the platform takes for a photo."""

import io

from PIL import Image

from .errors import bad_request, invalid

_BYTES_MAX = 10 * 1024 * 1024
_SIDES_MAX, _RATIO_MAX = 10_000, 20


def photo_size(content: bytes) -> tuple[int, int]:
    """Return the width and height of an uploaded photo. Raises ApiError."""
    if not content:
        raise invalid("file must be non-empty")
    if len(content) > _BYTES_MAX:
        raise invalid(f"file is too big: at most {_BYTES_MAX} bytes for a photo")
    try:
        width, height = Image.open(io.BytesIO(content)).size
    except OSError:
        raise bad_request("IMAGE_PROCESS_FAILED") from None
    if width + height > _SIDES_MAX or max(width, height) > _RATIO_MAX * min(width, height):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return width, height
