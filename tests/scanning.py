"""Reads the QR code in a picture by the standard (ISO/IEC 18004), as a camera's program does, without what drew it.

Pictures are drawn upright and clean, so it looks for the three corners and samples; an error is not mended but told.
It knows the levels M, Q and H of versions 1 to 6, which is all there is here.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from PIL import Image

# By level and version: the codewords that check each block, and the codewords of data in each block.
_BLOCKS = {
    ("M", 1): (10, [16]), ("Q", 1): (13, [13]), ("H", 1): (17, [9]),
    ("M", 2): (16, [28]), ("Q", 2): (22, [22]), ("H", 2): (28, [16]),
    ("M", 3): (26, [44]), ("Q", 3): (18, [17] * 2), ("H", 3): (22, [13] * 2),
    ("M", 4): (18, [32] * 2), ("Q", 4): (26, [24] * 2), ("H", 4): (16, [9] * 4),
    ("M", 5): (24, [43] * 2), ("Q", 5): (18, [15] * 2 + [16] * 2), ("H", 5): (22, [11] * 2 + [12] * 2),
    ("M", 6): (16, [27] * 4), ("Q", 6): (24, [19] * 4), ("H", 6): (28, [15] * 4),
}  # fmt: skip
_LEVELS = {0: "M", 2: "H", 3: "Q"}
_FORMAT_MASK, _FORMAT_POLYNOMIAL = 0x5412, 0x537
_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_FLIPPED = (
    lambda y, x: (y + x) % 2 == 0, lambda y, x: y % 2 == 0, lambda y, x: x % 3 == 0, lambda y, x: (y + x) % 3 == 0,
    lambda y, x: (y // 2 + x // 3) % 2 == 0, lambda y, x: y * x % 2 + y * x % 3 == 0,
    lambda y, x: (y * x % 2 + y * x % 3) % 2 == 0, lambda y, x: ((y + x) % 2 + y * x % 3) % 2 == 0,
)  # fmt: skip
_SMALLEST = 21
Modules = list[list[bool]]


def scanned(png: bytes) -> str:
    """Return what the one QR code in a picture says."""
    modules = _modules(Image.open(io.BytesIO(png)).convert("L"))
    level, mask = _format(modules)
    return _text(_data(list(_bits(modules, mask)), *_BLOCKS[level, (len(modules) - 17) // 4]))


# From pixels to modules -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Corner:
    x: float
    y: float
    module: float


def _modules(image: Image.Image) -> Modules:
    width, height = image.size
    pixels = image.tobytes()
    rows = [[value < 128 for value in pixels[y * width : (y + 1) * width]] for y in range(height)]
    top_left, top_right, bottom_left = _corners(rows)
    module = (top_left.module + top_right.module + bottom_left.module) / 3
    size = round((top_right.x - top_left.x) / module) + 7
    assert size % 4 == 1, size
    step_x, step_y = (top_right.x - top_left.x) / (size - 7), (bottom_left.y - top_left.y) / (size - 7)
    return [
        [rows[int(top_left.y + (y - 3) * step_y)][int(top_left.x + (x - 3) * step_x)] for x in range(size)]
        for y in range(size)
    ]


def _corners(rows: Modules) -> tuple[_Corner, _Corner, _Corner]:
    """Return the corners: what is dark, light, three times dark, light and dark, both across and down."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    found: list[_Corner] = []
    for y, row in enumerate(rows):
        for x, module in _across(row):
            down = [(at, size) for at, size in _across(columns[int(x)]) if abs(at - y) < size]
            if down and abs(down[0][1] - module) < module / 3:
                corner = _Corner(x, down[0][0], (module + down[0][1]) / 2)
                is_new = all(abs(one.x - corner.x) + abs(one.y - corner.y) > 3 * module for one in found)
                if is_new and _is_corner(rows, corner):
                    found.append(corner)
    assert len(found) == 3, found
    top_left = min(found, key=lambda one: one.x + one.y)
    others = [one for one in found if one is not top_left]
    return top_left, min(others, key=lambda one: one.y), max(others, key=lambda one: one.y)


def _is_corner(rows: Modules, at: _Corner) -> bool:
    """Whether it is light in the second ring around the middle alone."""
    steps = [(y, x) for y in range(-3, 4) for x in range(-3, 4)]
    return all(
        rows[int(at.y + y * at.module)][int(at.x + x * at.module)] == (max(abs(y), abs(x)) != 2) for y, x in steps
    )


def _across(line: list[bool]) -> Iterator[tuple[float, float]]:
    """Yield the middle and the size of a module of what looks like a corner in a line."""
    runs, at = [], 0
    for is_dark, run in groupby(line):
        length = len(list(run))
        runs.append((is_dark, at, length))
        at += length
    for first in range(len(runs) - 4):
        five = runs[first : first + 5]
        module = sum(length for _, _, length in five) / 7
        wanted = (1, 1, 3, 1, 1)
        fits = (abs(one[2] - want * module) <= max(1, module / 3) for one, want in zip(five, wanted, strict=True))
        if five[0][0] and module >= 2 and all(fits):
            yield five[2][1] + five[2][2] / 2, module


# From modules to codewords ------------------------------------------------------------------------------------------


def _format(modules: Modules) -> tuple[str, int]:
    """Return the level and which mask lies over the data, read beside the first corner."""
    places = [(8, x) for x in (0, 1, 2, 3, 4, 5, 7, 8)] + [(y, 8) for y in (7, 5, 4, 3, 2, 1, 0)]
    value = sum(modules[y][x] << 14 - number for number, (y, x) in enumerate(places)) ^ _FORMAT_MASK
    rest = value
    for shift in range(4, -1, -1):
        rest ^= _FORMAT_POLYNOMIAL << shift if rest >> shift + 10 & 1 else 0
    assert rest == 0, "what says how it is coded is damaged"
    return _LEVELS[value >> 13], value >> 10 & 7


def _is_data(y: int, x: int, size: int) -> bool:
    """Whether there is data: not corners, what says how it is coded, the dotted lines and the small square."""
    low, high = 8, size - 8
    if (y <= low and (x <= low or x >= high)) or (y >= high and x <= low) or 6 in (y, x):
        return False
    middle = size - 7
    return size == _SMALLEST or abs(y - middle) > 2 or abs(x - middle) > 2


def _bits(modules: Modules, mask: int) -> Iterator[bool]:
    """Yield the bits in pairs of columns from the right, up and down in turns, without the mask."""
    size = len(modules)
    rights = [*range(size - 1, 6, -2), *range(5, 0, -2)]
    for turn, right in enumerate(rights):
        for y in range(size - 1, -1, -1) if turn % 2 == 0 else range(size):
            for x in (right, right - 1):
                if _is_data(y, x, size):
                    yield modules[y][x] != _FLIPPED[mask](y, x)


def _data(bits: list[bool], checks: int, lengths: list[int]) -> list[int]:
    """Return the codewords of data in their order, each block of which is checked."""
    words = [sum(bit << 7 - place for place, bit in enumerate(bits[at : at + 8])) for at in range(0, len(bits) - 7, 8)]
    turn = iter(words)
    blocks: list[list[int]] = [[] for _ in lengths]
    for place in range(max(lengths)):
        for block, length in zip(blocks, lengths, strict=True):
            if place < length:
                block.append(next(turn))
    data = [word for block in blocks for word in block]
    for _ in range(checks):
        for block in blocks:
            block.append(next(turn))
    assert all(_remainder(block, power) == 0 for block in blocks for power in range(checks)), "a block is damaged"
    return data


def _remainder(block: list[int], power: int) -> int:
    """Return a block as a polynomial over GF(256), at two to that power: nothing where it is whole."""
    value, root = 0, 1
    for _ in range(power):
        root = _times(root, 2)
    for word in block:
        value = _times(value, root) ^ word
    return value


def _times(one: int, other: int) -> int:
    product = 0
    while other:
        product ^= one if other & 1 else 0
        one = one << 1 ^ (0x11D if one & 0x80 else 0)
        other >>= 1
    return product


# From codewords to text ---------------------------------------------------------------------------------------------


def _text(data: list[int]) -> str:
    stream = "".join(f"{word:08b}" for word in data)
    at = 0

    def take(count: int) -> int:
        nonlocal at
        at += count
        return int(stream[at - count : at], 2)

    said = ""
    while len(stream) - at >= 4 and (mode := take(4)):
        match mode:
            case 1:
                count = take(10)
                while count:
                    digits = min(3, count)
                    said += f"{take((0, 4, 7, 10)[digits]):0{digits}}"
                    count -= digits
            case 2:
                count = take(9)
                while count:
                    signs = min(2, count)
                    value = take((0, 6, 11)[signs])
                    said += _SIGNS[value // 45] + _SIGNS[value % 45] if signs == 2 else _SIGNS[value]
                    count -= signs
            case 4:
                said += bytes(take(8) for _ in range(take(8))).decode()
            case _:
                raise AssertionError(f"mode {mode} is not known here")
    return said
