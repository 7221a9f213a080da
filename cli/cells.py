"""Cells of CSV files as a spreadsheet may open them: nothing in them is a formula."""

import re

_NUMBER = re.compile(r"-?[0-9]+([.,][0-9]+)?")
# What begins a formula, also in the wide forms that some spreadsheets read as the others.
_SIGNS = r"=+\-@\t\r\n＝＋－＠"
# Where a list is separated by semicolons, what follows one within a text begins a cell too.
_BEGIN = r"(\A|[;\t]\s*)"
_FORMULA = re.compile(rf"{_BEGIN}(?='*[{_SIGNS}])")
_MARKED = re.compile(rf"{_BEGIN}'(?='*[{_SIGNS}])")


def cell(value: object) -> str:
    """Return a value as a cell. Whatever a spreadsheet would take for a formula gets an apostrophe in front."""
    if value is None:
        return ""
    text = str(value)
    return text if _NUMBER.fullmatch(text) else _FORMULA.sub(r"\1'", text)


def uncell(text: str) -> str:
    """Return what `cell` was given."""
    return _MARKED.sub(r"\1", text)
