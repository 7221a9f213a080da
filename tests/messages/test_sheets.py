"""Sheets of codes for the printer: what belongs to one code stays within its field."""

import xml.etree.ElementTree as ET
from io import BytesIO

import pytest
from PIL import Image

from bot.purchases.one_time_codes import ALPHABET, LENGTH, format_code
from messages.pictures.text import width_of
from messages.sheets import CODES_A_PAGE, CodeSheet, PrintedCode
from tests.club import MONDAY, config

_TEXT = "{http://www.w3.org/2000/svg}text"
_FIELD_WIDTH, _FIELD_HEIGHT = 646, 340
_NAMES = ("Café", "Zażółć Gęślą Jaźń " * 11, "W" * 200, "محمد علاء الدين", "🌻👩‍👩‍👧🇵🇱" * 20)
_CODES = tuple(format_code(sign * LENGTH) for sign in ALPHABET)


@pytest.mark.parametrize("name", _NAMES)
def test_nothing_reaches_out_of_the_field_of_a_code_and_no_code_is_cut(name: str) -> None:
    programme = config(programme={"name": name}).programme
    sheet = CodeSheet(programme, "pl", {"pl": name, "en": name}, MONDAY)
    for first in range(0, len(_CODES), CODES_A_PAGE):
        codes = _CODES[first : first + CODES_A_PAGE]
        page = [PrintedCode(code, f"https://t.me/bot?start=claim_{code}") for code in codes]
        texts = list(ET.fromstring(sheet.svg(page)).iter(_TEXT))
        assert [text for one in texts if (text := one.text) in _CODES] == list(codes)
        for one in texts:
            left, size = float(one.attrib["x"]), float(one.attrib["font-size"])
            assert left + width_of(one.text or "") * size < _FIELD_WIDTH, one.text
            assert size < float(one.attrib["y"]) < _FIELD_HEIGHT
        assert Image.open(BytesIO(sheet.png(page))).size == (1654, 2339)
