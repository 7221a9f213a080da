"""Makes the font of all pictures, messages/pictures/fonts/BywalecSans.ttf, and its widths; a development-time step.

The renderer breaks where a text mixes fonts and one of them joins characters, as emoji and Arabic do. So letters,
Hebrew, Arabic and emoji are put into one font beforehand. The README beside the font says where the four come from.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from fontTools.merge import Merger
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter, parse_unicodes
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.scaleUpem import scale_upem

_FOLDER = Path(__file__).parent.parent / "messages/pictures/fonts"
_UNITS = 1000
_LETTERS = (
    "U+0020-007E,U+00A0-017F,U+0180-024F,U+0259,U+02B9-02DD,U+0300-0331,U+0370-03FF,U+0400-045F,U+0490-0491,"
    "U+1E00-1EFF,U+2010-2027,U+2030-203A,U+2044,U+20A0-20BF,U+2113,U+2116,U+2122,U+2190-2193,U+2212,U+2248,U+2260,"
    "U+2264,U+2265,U+25CF,U+202F"
)
_HEBREW, _ARABIC = "U+0591-05F4,U+FB1D-FB4F", "U+0600-06FF,U+0750-077F"
_FEATURES = ("kern", "mark", "mkmk", "ccmp", "locl", "init", "medi", "fina", "isol", "rlig", "liga")
_DROPPED = ("gasp", "vhea", "vmtx", "STAT", "DSIG", "GDEF", "meta", "FFTM", "BASE")
_LIMITS = (
    *("maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements"),
    *("maxSizeOfInstructions", "maxComponentElements", "maxPoints", "maxContours", "maxCompositePoints"),
    *("maxCompositeContours", "maxComponentDepth"),
)
_NAMES = {1: "Bywalec Sans", 2: "Regular", 3: "BywalecSans", 4: "Bywalec Sans", 6: "BywalecSans"}
_COPYRIGHT, _LICENCE, _LICENCE_ADDRESS = 0, 13, 14


def make(letters: str, hebrew: str, arabic: str, emoji: str) -> None:
    """Write the font and its widths from the paths of the four sources."""
    wanted = {letters: _LETTERS, hebrew: _HEBREW, arabic: _ARABIC, emoji: None}
    taken: set[int] = set()
    with tempfile.TemporaryDirectory() as folder:
        parts: list[str] = []
        for path, ranges in wanted.items():
            font = TTFont(path)
            font.flavor = None
            chosen = {code for code in font.getBestCmap() if code >= ord(" ")}
            if ranges is not None:
                chosen &= set(parse_unicodes(ranges))
            part = _quadratic(_subset(font, chosen - taken))
            taken |= chosen
            scale_upem(part, _UNITS)
            parts.append(f"{folder}/{len(parts)}.ttf")
            part.save(parts[-1])
        merged = Merger().merge(parts)
    _join_everywhere(merged)
    _rename(merged)
    merged.save(_FOLDER / "BywalecSans.ttf")
    advances = {code: merged["hmtx"][glyph][0] for code, glyph in sorted(merged.getBestCmap().items())}
    (_FOLDER / "widths.json").write_text(json.dumps(advances, separators=(",", ":")), encoding="ascii")


def _subset(font: Any, codes: set[int]) -> Any:
    options = Options()
    options.layout_features = list(_FEATURES)
    options.hinting = False
    options.notdef_outline = True
    options.glyph_names = False
    options.drop_tables += _DROPPED
    chosen = Subsetter(options)
    chosen.populate(unicodes=codes)
    chosen.subset(font)
    return font


def _quadratic(font: Any) -> Any:
    """Turn cubic outlines into the quadratic ones that the other fonts have."""
    if "CFF " not in font:
        return font
    glyphs, order = font.getGlyphSet(), font.getGlyphOrder()
    drawn = {}
    for name in order:
        pen = TTGlyphPen(glyphs)
        glyphs[name].draw(Cu2QuPen(pen, max_err=1.0, reverse_direction=True))
        drawn[name] = pen.glyph()
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = order, drawn
    maxp = font["maxp"]
    maxp.tableVersion, maxp.maxZones = 0x00010000, 1
    for limit in _LIMITS:
        setattr(maxp, limit, 0)
    font["post"].formatType = 3.0
    del font["CFF "]
    font.sfntVersion = "\0\1\0\0"
    return font


def _join_everywhere(font: Any) -> None:
    """Let emoji join among letters of every script too."""
    table = font["GSUB"].table
    joining = [record.Feature for record in table.FeatureList.FeatureRecord if record.FeatureTag == "ccmp"]
    lookups = sorted({index for feature in joining for index in feature.LookupListIndex})
    for feature in joining:
        feature.LookupListIndex, feature.LookupCount = lookups, len(lookups)
    scripts = {record.ScriptTag: record.Script for record in table.ScriptList.ScriptRecord}
    for script in scripts.values():
        if script.DefaultLangSys is None:
            script.DefaultLangSys = scripts["DFLT"].DefaultLangSys


def _rename(font: Any) -> None:
    names = font["name"]
    for record in list(names.names):
        if record.nameID not in (_COPYRIGHT, _LICENCE, _LICENCE_ADDRESS):
            names.removeNames(nameID=record.nameID)
    for number, text in _NAMES.items():
        names.setName(text, number, 3, 1, 0x409)
    font["OS/2"].usWeightClass, font["OS/2"].fsSelection = 400, 64
    font["head"].macStyle = 0
    font["post"].formatType = 3.0


if __name__ == "__main__":
    make(*sys.argv[1:])
