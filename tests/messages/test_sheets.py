"""Sheets of codes for the printer: what belongs to one code stays within its field."""

import re
import xml.etree.ElementTree as ET
from io import BytesIO

import pytest
from PIL import Image

from bot.purchases.one_time_codes import ALPHABET, LENGTH, format_code
from messages.pictures.drawing import png_of
from messages.pictures.text import width_of
from messages.sheets import CODES_A_PAGE, CodeSheet, PrintedCode
from tests.club import MONDAY, config
from tests.scanning import scanned

_TEXT = "{http://www.w3.org/2000/svg}text"
_FIELD_WIDTH, _FIELD_HEIGHT = 646, 340
_HTML_FIELD = re.compile(r"<svg (viewBox=.*?</svg>).*?/claim<br>(.*?)</code>")
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


def test_the_picture_beside_each_code_of_a_page_for_a_browser_says_that_code() -> None:
    printed = [PrintedCode(code, f"https://t.me/bot?start=claim_{code}") for code in _CODES]
    page = CodeSheet(config().programme, "en", {"en": "Repair"}, MONDAY).html(printed)
    fields = _HTML_FIELD.findall(page)
    assert [code for _, code in fields] == list(_CODES)
    for svg, code in fields:
        on_paper = svg.replace("<path", '<rect x="-4" y="-4" width="100%" height="100%" fill="#FFF"/><path')
        drawn = f'<svg xmlns="http://www.w3.org/2000/svg" width="410" height="410" {on_paper}'
        assert scanned(png_of(drawn)) == f"https://t.me/bot?start=claim_{code}"
