"""What people send as a picture: upright, small and bare, whatever it was; and nothing that is none."""

import io

import pytest
from PIL import Image, ImageOps

from bot.files.pictures import MOST_BYTES, MOST_PIXELS, Look, NotTaken, Unusable, look
from messages.pictures.photos import HEIGHT, WIDTH, made_small

RED, BLUE, WHITE, BLACK = (220, 20, 20), (20, 20, 220), (255, 255, 255), (0, 0, 0)
CORNERS = ((RED, BLUE), (WHITE, BLACK))


def picture(width: int, height: int) -> Image.Image:
    """Return a picture whose four quarters tell how it is turned."""
    made = Image.new("RGB", (2, 2))
    made.putdata([color for row in CORNERS for color in row])
    return made.resize((width, height), Image.Resampling.NEAREST)


def written(made: Image.Image, kind: str, **options: object) -> bytes:
    """Return a picture as a file of a kind."""
    file = io.BytesIO()
    made.save(file, kind, **options)
    return file.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")


def corners(made: Image.Image) -> list[tuple[int, ...]]:
    """Return the colours in the middle of the four quarters, as near to the pure ones as files keep them."""
    width, height = made.size
    places = [(x, y) for y in (height // 4, height * 3 // 4) for x in (width // 4, width * 3 // 4)]
    found = [made.getpixel(place) for place in places]
    pure = [color for row in CORNERS for color in row]
    return [min(pure, key=lambda one: distance(one, color)) for color in found]


def distance(one: tuple[int, ...], other: object) -> int:
    assert isinstance(other, tuple)
    return sum(abs(a - b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {}),
        ("JPEG", {"quality": 90}),
        ("JPEG", {"progressive": True}),
        ("JPEG", {"icc_profile": b"x" * 70_000}),
        ("WEBP", {"quality": 90}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0"}),
    ],
)
async def test_every_kind_is_made_a_small_png(kind: str, options: dict[str, object]) -> None:
    sent = written(picture(1600, 1200), kind, **options)
    seen = look(sent)
    assert (seen.kind, seen.width, seen.height) == (f"image/{kind.lower()}", 1600, 1200)
    small = opened(await made_small(sent))
    assert small.size == (WIDTH, HEIGHT)
    assert corners(small) == [RED, BLUE, WHITE, BLACK]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("size", [(300, 200), (1200, 900)])
async def test_a_picture_is_turned_as_the_camera_was_held(orientation: int, size: tuple[int, int]) -> None:
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    exif[0x0112] = orientation
    sent = written(picture(*size), "JPEG", exif=exif, quality=95)
    assert look(sent).orientation == orientation
    drawn = await made_small(sent)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(sent)))
    assert upright is not None
    assert corners(opened(drawn)) == corners(upright.convert("RGB"))
    assert b"camera" not in drawn
    assert b"eXIf" not in drawn


@pytest.mark.parametrize(
    ("sent", "shown"),
    [((300, 200), (300, 200)), ((1, 1), (1, 1)), ((5000, 30), (WIDTH, 30)), ((30, 5000), (30, HEIGHT))],
)
async def test_a_small_picture_is_not_blown_up(sent: tuple[int, int], shown: tuple[int, int]) -> None:
    assert opened(await made_small(written(picture(*sent), "PNG"))).size == shown


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", Unusable.NO_PICTURE),
        (b"%PDF-1.7 and so on", Unusable.NO_PICTURE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", Unusable.NO_PICTURE),
        (written(picture(40, 40), "GIF"), Unusable.NO_PICTURE),
        (b"\x89PNG\r\n\x1a\n", Unusable.NO_PICTURE),
        (b"\xff\xd8\xff\xe0", Unusable.NO_PICTURE),
        (b"\xff\xd8\xff\xe0\0\x02" * 3, Unusable.NO_PICTURE),
        (b"RIFF\0\0\0\0WEBPVP8X" + b"\0" * 20, Unusable.NO_PICTURE),
        (written(picture(40, 40), "PNG")[:60], Unusable.NO_PICTURE),
        (written(picture(40, 40), "JPEG")[:300], Unusable.NO_PICTURE),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * MOST_BYTES, Unusable.TOO_LARGE),
        (written(Image.new("1", (MOST_PIXELS // 1000 + 1, 1000)), "PNG"), Unusable.TOO_MANY_PIXELS),
    ],
)
async def test_what_is_no_picture_of_ours_is_refused(content: bytes, why: Unusable) -> None:
    with pytest.raises(NotTaken) as refused:
        await made_small(content)
    assert refused.value.why is why


def test_exif_that_makes_no_sense_turns_nothing() -> None:
    def with_exif(tiff: bytes) -> bytes:
        segment = b"Exif\0\0" + tiff
        plain = written(picture(4, 3), "JPEG")
        return plain[:2] + b"\xff\xe1" + (len(segment) + 2).to_bytes(2, "big") + segment + plain[2:]

    entry = b"\x01\x12\0\x03\0\0\0\x01\0\x09\0\0"
    for tiff in (b"", b"MM", b"MM\0*\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff", b"MM\0*\0\0\0\x08\0\x01" + entry):
        assert look(with_exif(tiff)) == Look("image/jpeg", 4, 3)
