"""Pictures to send: the smallest PNG there is of a size."""

import io
from functools import cache

from PIL import Image


@cache
def png(width: int = 4, height: int = 3) -> bytes:
    """Return a PNG of this size."""
    written = io.BytesIO()
    Image.new("RGB", (width, height)).save(written, "PNG")
    return written.getvalue()
