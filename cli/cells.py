"""Cells of CSV files as a spreadsheet may open them: nothing in them is a formula."""

import re

_NUMBER = re.compile(r"-?[0-9]+([.,][0-9]+)?")
_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(value: object) -> str:
    """Return a value as a cell. A text that a spreadsheet would take for a formula gets an apostrophe in front."""
    if value is None:
        return ""
    text = str(value)
    return f"'{text}" if text.startswith(_BEGINS_FORMULA) and not _NUMBER.fullmatch(text) else text
