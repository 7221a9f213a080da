"""What pictures say of themselves: whatever the bytes are, they are read or refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.files.pictures import MOST_PIXELS, NotTaken, Unusable, is_kept, look

BEGINNINGS = (
    b"",
    b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR",
    b"\xff\xd8\xff",
    b"\xff\xd8\xff\xe1\0\x40Exif\0\0MM\0*\0\0\0\x08",
    b"RIFF\0\0\0\0WEBPVP8 ",
    b"RIFF\0\0\0\0WEBPVP8L",
    b"RIFF\0\0\0\0WEBPVP8X",
)


@given(st.sampled_from(BEGINNINGS), st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(begin: bytes, rest: bytes) -> None:
    with suppress(NotTaken):
        seen = look(begin + rest)
        assert 0 < seen.width * seen.height <= MOST_PIXELS
        assert 1 <= seen.orientation <= 8


def test_a_png_is_believed_up_to_the_most_pixels() -> None:
    def png(width: int, height: int) -> bytes:
        return BEGINNINGS[1] + width.to_bytes(4, "big") + height.to_bytes(4, "big")

    assert (look(png(5000, 5000)).width, look(png(1, MOST_PIXELS)).height) == (5000, MOST_PIXELS)
    for size, why in (((5000, 5001), Unusable.TOO_MANY_PIXELS), ((0, 5), Unusable.NO_PICTURE)):
        with pytest.raises(NotTaken) as refused:
            look(png(*size))
        assert refused.value.why is why


def test_what_was_sent_is_told_from_a_file_by_its_name() -> None:
    assert is_kept("0123456789abcdef" * 4)
    assert not any(map(is_kept, ("", "mug.png", "A" * 64, "a" * 63, "a" * 64 + "\n", "a" * 61 + ".png")))
