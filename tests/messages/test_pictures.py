"""Pictures: every value harmless, every name within its room, the same everywhere, and never worth a message."""

import io
import itertools
import os
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
import segno
from PIL import Image

from bot.boards.leaderboards import Board, Row, places
from bot.challenges.badges import BUILT_IN, Badge, Counts
from bot.config.badges import BadgeSettings
from bot.errors import TryLater
from bot.replies import MemberName, Picture, Reply
from bot.rewards.coupon_codes import ALPHABET, LENGTH, format_code
from bot.rewards.rewards import Terms
from messages.pictures import drawing
from messages.pictures.drawing import Drawn
from messages.pictures.shapes import contrast, mixed, palette, qr, tone
from messages.pictures.text import drawable, fitted, initials, width_of
from messages.render import Renderer
from tests.club import MONDAY, config

_NAMES = (
    "Ania", "Zażółć Gęślą Jaźń-Brzęczyszczykiewicz z Łękołodów Górnych", "W" * 60, "Zoë 🌻👩‍👩‍👧🇵🇱👍🏽",
    "محمد علاء الدين", "שלום עליכם (·4821)", "山田太郎", "咖啡", '</text><script>&"\'\u0000]]>', "",
)  # fmt: skip
_SVG = "{http://www.w3.org/2000/svg}"
_SIZES = (72, 64, 56, 48, 42, 36)
_EVERY_COLOR = ["#{:02X}{:02X}{:02X}".format(*rgb) for rgb in itertools.product(range(0, 256, 17), repeat=3)]


def _card(name: str) -> Picture:
    fields = {"name": MemberName(name), "card": "482 193 576", "number": "482193576"}
    return Picture("card", fields, "picture_card")


@pytest.mark.parametrize("name", _NAMES)
async def test_a_card_is_drawn_whatever_the_name(name: str) -> None:
    renderer = Renderer(config(programme={"name": '<Café> & "Ćma"'}))
    svg = renderer.svg(_card(name), "pl")
    written = ["".join(one.itertext()) for one in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert written[0] == '<Café> & "Ćma"'
    assert written[-2:] == ["Numer karty", "482 193 576"]
    drawn = await renderer.draw(Reply("card", picture=_card(name), language="pl"))
    assert drawn is not None
    assert len(drawn.png) < 100_000
    assert Image.open(io.BytesIO(drawn.png)).size == (1080, 680)
    assert "482 193 576" in drawn.alt


@pytest.mark.parametrize("language", ["en", "pl"])
@pytest.mark.parametrize("name", _NAMES)
async def test_a_coupon_is_drawn_whatever_its_name(name: str, language: str) -> None:
    terms = {"name": {"en": name, "pl": name}, "text": {}}
    renderer = Renderer(config())
    renderer.bot_name = "bywalec_bot"
    for expires_at in (MONDAY, None):
        fields = {"terms": terms, "code": "AB2CD-3EF4G", "scanned": "AB2CD3EF4G", "cost": 5, "expires_at": expires_at}
        picture = Picture("coupon", fields, "picture_coupon")
        drawn = await renderer.draw(Reply("coupon", picture=picture, language=language))
        assert drawn is not None
        assert len(drawn.png) < 100_000
        svg = renderer.svg(picture, language)
        assert qr("https://t.me/bywalec_bot?start=use_AB2CD3EF4G").path in svg
        assert all(left + width < 640 - 20 for left, width in _written(svg)), "nothing reaches the dashed line"


@pytest.mark.parametrize("sign", ALPHABET)
def test_no_code_of_a_coupon_is_cut_or_reaches_the_dashed_line(sign: str) -> None:
    code, terms = format_code(sign * LENGTH), {"name": {"en": "Mug"}, "text": {}}
    fields = {"terms": terms, "code": code, "scanned": sign * LENGTH, "cost": 5, "expires_at": None}
    svg = Renderer(config()).svg(Picture("coupon", fields, "picture_coupon"), "en")
    assert f">{code}</text>" in svg
    left, width = _written(svg)[-1]
    # Two more after each letter.
    assert left + width + 2 * len(code) < 640 - 10


def _written(svg: str) -> list[tuple[float, float]]:
    """Return where each text begins and how wide it is."""
    return [
        (float(one.attrib["x"]), width_of(text) * float(one.attrib["font-size"]))
        for one in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
        if (text := "".join(one.itertext()))
    ]


@pytest.mark.parametrize("name", _NAMES)
async def test_stamp_cards_are_drawn_whatever_their_names(name: str) -> None:
    words = {"en": name, "pl": name}
    cards = [{"title": words, "reward": words, "stamps": stamps, "goal": goal} for stamps, goal in ((3, 10), (2, 2))]
    picture = Picture("stamp_cards", {"cards": cards}, "picture_stamp_cards")
    renderer = Renderer(config())
    assert (renderer.svg(picture, "pl").count("—") == 4) == (name in {"山田太郎", "咖啡"})
    for card in ET.fromstring(renderer.svg(picture, "pl")).findall("{http://www.w3.org/2000/svg}g"):
        *title, _, _, _ = card.findall("{http://www.w3.org/2000/svg}text")
        for line in title:
            y, size = float(line.attrib["y"]), float(line.attrib["font-size"])
            assert 30 < y - 0.75 * size < y + 0.25 * size < 150, "a title has air above it and touches no stamp"
    drawn = await renderer.draw(Reply("stamps", picture=picture, language="pl"))
    assert drawn is not None
    assert len(drawn.png) < 200_000
    assert Image.open(io.BytesIO(drawn.png)).width == 1080


def _image(path: Path, kind: str, color: str) -> None:
    Image.new("RGB", (900, 300), color).save(path, kind)


async def _reward(folder: Path, file: str, name: str = "Kubek", language: str = "pl") -> Drawn | None:
    terms = Terms({"en": name, "pl": name}, {"en": "Of clay. " * 30, "pl": "Z gliny. " * 30}, picture=file)
    picture = Picture("reward", {"terms": terms.plain(), "cost": 150}, "picture_reward")
    renderer = Renderer(config(brand={"pictures": str(folder)}))
    return await renderer.draw(Reply("reward_offer", picture=picture, language=language))


@pytest.mark.parametrize("name", _NAMES)
async def test_a_reward_is_drawn_with_the_owners_picture(name: str, tmp_path: Path) -> None:
    _image(tmp_path / "mug.jpg", "JPEG", "#D02020")
    drawn = await _reward(tmp_path, "mug.jpg", name)
    assert drawn is not None
    red, green, blue = Image.open(io.BytesIO(drawn.png)).convert("RGB").getpixel((810, 340))  # type: ignore[misc]
    assert red > 200 > 60 > max(green, blue)
    assert "150" in drawn.alt


async def test_a_picture_that_changed_is_read_again_and_one_that_is_none_leaves_the_message(tmp_path: Path) -> None:
    path = tmp_path / "mug.png"
    assert await _reward(tmp_path, path.name) is None
    _image(path, "PNG", "#D02020")
    os.utime(path, ns=(1, 1))
    before = await _reward(tmp_path, path.name)
    _image(path, "PNG", "#2020D0")
    after = await _reward(tmp_path, path.name)
    assert before is not None
    assert after is not None
    assert before.png != after.png
    path.write_text("<svg/>")
    assert await _reward(tmp_path, path.name) is None


async def test_a_reward_is_drawn_with_a_picture_that_somebody_sent(tmp_path: Path) -> None:
    _image(tmp_path / "mug.png", "PNG", "#D02020")
    kept: dict[str, bytes] = {"a" * 64: (tmp_path / "mug.png").read_bytes()}
    is_away = False

    async def photos(name: str) -> bytes | None:
        if is_away:
            raise TryLater("away")
        return kept.get(name)

    renderer = Renderer(config(brand={"pictures": str(tmp_path)}), photos)

    async def drawn(name: str) -> Drawn | None:
        fields = {"terms": Terms({"en": "A mug"}, {}, picture=name).plain(), "cost": 150}
        picture = Picture("reward", fields, "picture_reward", photo=name)
        return await renderer.draw(Reply("reward_offer", picture=picture))

    shown = await drawn("a" * 64)
    assert shown is not None
    red, green, blue = Image.open(io.BytesIO(shown.png)).convert("RGB").getpixel((810, 340))  # type: ignore[misc]
    assert red > 200 > 60 > max(green, blue)
    assert await drawn("b" * 64) is None
    is_away = True
    assert await drawn("a" * 64) is None


def _board(
    names: Sequence[str],
    amounts: Sequence[int],
    changes: Sequence[int | None],
    of: tuple[str, str] = ("week", "2026-W12"),
) -> Picture:
    ranked = zip(places(list(amounts)), names, amounts, itertools.cycle(changes), strict=False)
    rows = tuple(
        Row(place, number, MemberName(name), amount, change)
        for number, (place, name, amount, change) in enumerate(ranked, 1)
    )
    return Picture("leaderboard", {"board": Board(of[1], rows, 1234), "kind": of[0]}, "picture_leaderboard")


@pytest.mark.parametrize(
    ("names", "amounts", "changes"),
    [
        (_NAMES[:1], (54,), (None,)),
        (_NAMES[1:3], (10**12, 10**12), (999_999, -999_999)),
        (_NAMES, (9, 9, 9, 9, 5, 4, 4, 3, 2, 1), (2, -12, 0, None)),
        (["Zażółć Gęślą Jaźń-Brzęczyszczyki" * 2] * 12, (10**9,) * 12, (-5,)),
    ],
)
async def test_a_board_is_drawn_whoever_stands_on_it(
    names: Sequence[str], amounts: Sequence[int], changes: Sequence[int | None]
) -> None:
    picture = _board(names, amounts, changes)
    svg = Renderer(config()).svg(picture, "pl")
    written = ["".join(one.itertext()) for one in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert written[:3] == ["Bywalec", "Ranking tygodnia", "16–22 marca 2026"]
    assert "1\N{NO-BREAK SPACE}234 osoby wzięły udział" in written
    drawn = await Renderer(config()).draw(Reply("leaderboard", picture=picture, language="pl"))
    assert drawn is not None
    assert len(drawn.png) < 300_000
    width, height = Image.open(io.BytesIO(drawn.png)).size
    assert width == 864
    assert 600 < height <= 1280
    assert drawn.alt.startswith("Bywalec, ranking tygodnia 16–22 marca 2026: 1. ")


@pytest.mark.parametrize(
    ("kind", "period", "title", "said"),
    [
        ("club", "2026-W12", ["Ranking całego klubu", "16–22 marca 2026"], "ranking całego klubu, tydzień 16–22 marca"),
        ("month", "2026-03", ["Ranking miesiąca", "marzec 2026"], "ranking miesiąca: marzec 2026"),
        ("all", "all", ["Ranking wszech czasów"], "ranking wszech czasów"),
    ],
)
async def test_a_board_says_what_it_is_of(kind: str, period: str, title: Sequence[str], said: str) -> None:
    picture = _board(_NAMES, (9, 8, 7), (None,), (kind, period))
    svg = Renderer(config()).svg(picture, "pl")
    written = ["".join(one.itertext()) for one in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert written[: len(title) + 1] == ["Bywalec", *title]
    drawn = await Renderer(config()).draw(Reply("leaderboard", picture=picture, language="pl"))
    assert drawn is not None
    assert drawn.alt.startswith(f"Bywalec, {said}")


@pytest.mark.parametrize("change", [7, -999, 1000, -12_345, 99_999, 100_000])
def test_a_change_of_places_ends_before_what_stands_beside_it(change: int) -> None:
    picture = _board(["Ania"] * 10, [10**12] * 3 + [5] * 7, (change,))
    drawn = ET.fromstring(Renderer(config()).svg(picture, "en"))
    said = f"{abs(change):,}"
    ends = []
    for group in drawn.iter(f"{_SVG}g"):
        for text in group.findall(f"{_SVG}text"):
            if text.text == said:
                begins = float(group.get("transform", "").removeprefix("translate(").split()[0])
                ends.append(begins + 15 + width_of(said) * float(text.get("font-size", "")))
    assert len(ends) == 10
    # On the podium what is beside the amount ends with the block, in the list before the circle of who it is.
    assert max(ends[:3]) <= 150
    assert max(ends[3:]) <= 56 + 124 - 36


@pytest.mark.parametrize("logo", ["", "logo.png"])
def test_a_long_title_of_a_season_is_whole(logo: str, tmp_path: Path) -> None:
    _image(tmp_path / "logo.png", "PNG", "#D02020")
    title = "The great season of springtime, of coffee and of cake, 2026"
    season = {"title": {"en": title}, "starts": date(2026, 3, 1), "ends": date(2026, 5, 31)}
    board = _board(_NAMES, (9, 8, 7), (None,), ("season", "season:spring"))
    picture = replace(board, fields={**board.fields, **season})
    svg = Renderer(config(brand={"pictures": str(tmp_path), "logo": logo})).svg(picture, "en")
    written = ["".join(one.itertext()) for one in ET.fromstring(svg).iter(f"{_SVG}text")]
    assert " ".join(written[1:3]) == title
    assert written[3].startswith("1 March 2026")


def _crowns(element: ET.Element, y: float = 0.0) -> list[float]:
    """Return how far below the top of a picture each crown begins."""
    if moved := re.match(r"translate\(\S+ (\S+)\)", element.get("transform", "")):
        y += float(moved[1])
    own = [y - 58] if element.get("d", "").startswith("M-42 0L-50-44") else []
    return own + [top for inner in element for top in _crowns(inner, y)]


@pytest.mark.parametrize("name", [*_NAMES, "Anna Maria z Kowalskich", "Zbigniew Brzęczyszczykiewicz"])
def test_no_crown_reaches_into_what_the_board_is_called(name: str) -> None:
    svg = Renderer(config()).svg(_board([name, "Ania", name], (9, 9, 9), (None,)), "en")
    crowns = _crowns(ET.fromstring(svg))
    assert len(crowns) == 3
    assert min(crowns) > 208, "the line above stands at 196"


def test_a_board_is_drawn_though_some_have_left_its_first_places() -> None:
    rows = tuple(Row(place, place, MemberName(f"Ania {place}"), 10 - place) for place in (2, 4, 7, 8))
    fields = {"board": Board("2026-W12", rows, 9), "kind": "week"}
    svg = Renderer(config()).svg(Picture("leaderboard", fields, "picture_leaderboard"), "en")
    written = ["".join(one.itertext()) for one in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert [text for text in written if text.isdigit()] == ["2", "8", "4", "6", "7", "3", "8", "2"]
    assert _crowns(ET.fromstring(svg)) == []


async def test_a_board_shows_the_logo_or_does_without_it(tmp_path: Path) -> None:
    _image(tmp_path / "logo.png", "PNG", "#D02020")
    renderer = Renderer(config(brand={"pictures": str(tmp_path), "logo": "logo.png"}, programme={"name": "W" * 60}))
    reply = Reply("leaderboard", picture=_board(_NAMES, range(12, 2, -1), (None,)), language="en")
    for name, most in (("logo.png", 300_000), ("large.png", 0), ("none", 0)):
        path = tmp_path / "logo.png"
        if name == "large.png":
            path.write_bytes(path.read_bytes() + bytes(300_000))
        elif name == "none":
            path.unlink()
        drawn = await renderer.draw(reply)
        assert drawn is not None
        assert len(drawn.png) < 300_000
        red, green, blue = Image.open(io.BytesIO(drawn.png)).convert("RGB").getpixel((742, 86))  # type: ignore[misc]
        assert (red > 200 > 60 > max(green, blue)) is bool(most)


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        *(("Ania", "A"), ("łucja żółć", "ŁŻ"), ("Jan Maria Rokita", "JR"), ("Ania (·4821)", "A")),
        *(("🌻👩‍👩‍👧", "🌻"), ("شهد علاء", "ش"), ("山田", ""), ("", ""), ("7 cats", "7")),
    ],
)
def test_initials_stand_for_a_name(name: str, letters: str) -> None:
    assert initials(name) == letters


def _badges(held: list[dict[str, Any]], *, is_shown: bool, first: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return what a profile takes of badges."""
    return {"badges": held, "shows_badges": is_shown, "first_badge": first}


@pytest.mark.parametrize("name", _NAMES)
async def test_badges_and_profiles_are_drawn_whatever_the_name(name: str) -> None:
    renderer = Renderer(config(programme={"name": '<Café> & "Ćma"'}))
    own = [
        Badge(f"own-{number}", Counts.HAND, picture=picture, name={"en": name, "pl": name})
        for number, picture in enumerate(get_args(get_args(BadgeSettings.model_fields["picture"].annotation)[0]))
    ]
    every = [badge.plain() | {"at": MONDAY} for badge in (*BUILT_IN, replace(BUILT_IN[4], level=12), *own)]
    about = {"name": MemberName(name), "member_id": 3, "since": MONDAY.date(), "tier": {"en": name, "pl": name}}
    most = {
        "place": 1_234_567,
        "participants": 9_876_543,
        "status": 10**12,
        "streak": 1100,
        "unit": "weeks",
        "level": 1000,
    }
    least = {"tier": None, "place": None, "participants": 0, "status": 0, "streak": 0, "unit": "days", "level": None}
    pictures = [Picture("badges", {"badges": every[:shown]}, "picture_badges") for shown in (12, 5, 1)]
    first = [BUILT_IN[4].plain(), own[0].plain()]
    pictures.append(Picture("profile", about | most | _badges(every, is_shown=True), "profile"))
    pictures.append(Picture("profile", about | least | _badges([], is_shown=False), "profile"))
    pictures += [
        Picture("profile", about | least | _badges([], is_shown=True, first=one), "profile") for one in (None, *first)
    ]
    invitation = {"name": MemberName(name), "code": "W" * 20, "payload": "inv_W", "points": 10**9}
    pictures.append(Picture("invite", invitation, "picture_invite"))
    poster = {"name": name, "code": "WWWW-WWWW-WWWW", "payload": "claim_WWWWWWWWWWWW"}
    pictures.append(Picture("event", poster, "picture_event"))
    for picture in pictures:
        ET.fromstring(renderer.svg(picture, "en"))
        if picture not in pictures[1:3]:
            drawn = await renderer.draw(Reply("profile", picture=picture, language="pl"))
            assert drawn is not None
            assert len(drawn.png) < 300_000


@pytest.mark.parametrize("status", [10**8, 10**10, 10**12])
@pytest.mark.parametrize("language", ["en", "pl"])
def test_no_figure_of_a_profile_is_cut(status: int, language: str) -> None:
    """A number without its end would be another one."""
    about = {"name": MemberName("Ania"), "member_id": 3, "since": MONDAY.date(), "tier": None, "level": None}
    figures = {"place": 1_234_567, "participants": 9_876_543, "status": status, "streak": 1100, "unit": "weeks"}
    picture = Picture("profile", about | figures | _badges([], is_shown=False), "profile")
    svg = Renderer(config()).svg(picture, language)
    written = ["".join(one.itertext()) for one in ET.fromstring(svg).iter(f"{_SVG}text")]
    digits = ["".join(character for character in text if character.isdigit()) for text in written]
    assert {"1234567", str(status), "1100"} <= set(digits)


def test_nothing_of_a_chat_shows_through_a_picture_at_its_edges_neither(tmp_path: Path) -> None:
    terms = Terms({"en": "Mug"}, {}, picture="mug.png").plain()
    _image(tmp_path / "mug.png", "PNG", "red")
    renderer = Renderer(config(brand={"pictures": str(tmp_path)}))
    coupon = {"terms": terms, "code": "AB2CD-3EF4G", "scanned": "AB2CD3EF4G", "cost": 5, "expires_at": None}
    stamps = {"title": {"en": "Mugs"}, "reward": {"en": "Mug"}, "stamps": 3, "goal": 7}
    for picture in (
        _card("Ania"),
        _board(_NAMES, range(12, 2, -1), (None,)),
        Picture("coupon", coupon, "picture_coupon"),
        Picture("stamp_cards", {"cards": [stamps, stamps]}, "picture_stamp_cards"),
        Picture("reward", {"terms": terms, "cost": 150}, "picture_reward"),
        Picture("event", {"name": "Mugs", "code": "WWWW", "payload": "claim_WWWW"}, "picture_event"),
        Picture("invite", {"name": MemberName("Ania"), "code": "W", "payload": "inv_W", "points": 5}, "picture_invite"),
        Picture("badges", {"badges": [BUILT_IN[0].plain() | {"at": MONDAY}]}, "picture_badges"),
    ):
        image = Image.open(io.BytesIO(drawing.png_of(renderer.svg(picture, "en"))))
        assert image.getchannel("A").getextrema() == (255, 255), picture


@pytest.mark.parametrize("name", _NAMES)
def test_a_name_stays_within_its_room(name: str) -> None:
    found = fitted(name, 540, _SIZES, 3)
    assert len(found.lines) <= 3
    assert all(width_of(line) * found.size <= 540 for line in found.lines)
    if found.size > _SIZES[-1]:
        can_show = drawable(name) or ("—" if name else "")
        assert "".join(found.lines).replace(" ", "") == can_show.replace(" ", "")


def test_a_double_name_is_broken_after_its_hyphen_where_it_is_too_long_and_a_number_never() -> None:
    name = "Wawrzyniec Brzęczyszczykiewicz-Chrząszczyżewski z Łodzi"
    assert fitted(name, 540, _SIZES, 3).lines == ("Wawrzyniec", "Brzęczyszczykiewicz-", "Chrząszczyżewski z Łodzi")
    assert fitted("Łucja Żółć-Świątek", 540, _SIZES, 3).lines == ("Łucja", "Żółć-Świątek")
    assert fitted("2026-12-31", 150, (40,), 3).lines == ("2026-1", "2-31")


def test_what_is_cut_keeps_its_blanks() -> None:
    text = "Nine small words and how they are shown when cut"
    found = fitted(text, 200, (40,), 2)
    assert len(found.lines) == 2
    assert text.startswith(" ".join(found.lines).removesuffix("…"))


@pytest.mark.parametrize(("text", "is_on_the_left"), [("سلام " * 9, True), ("שלום " * 9, True), ("Ania " * 9, False)])
def test_what_is_cut_has_its_dots_where_its_reader_ends(text: str, is_on_the_left: bool) -> None:
    (line,) = fitted(text, 400, (60,)).lines
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="440" height="120"><text x="9" y="80" font-size="60">{line}'
    inked = Image.open(io.BytesIO(drawing.png_of(f"{svg}</text></svg>"))).getchannel("A")
    left, top, right, bottom = inked.getbbox() or (0, 0, 0, 0)
    dots = int(width_of("…") * 60 * 0.7)
    for at, is_dotted in ((left, is_on_the_left), (right - dots, not is_on_the_left)):
        _, highest, _, _ = inked.crop((at, top, at + dots, bottom)).getbbox() or (0, 0, 0, 0)
        assert (highest > (bottom - top) * 0.4) is is_dotted, "dots are low, letters are not"


async def test_a_programme_whose_name_the_font_lacks_has_cards_all_the_same() -> None:
    assert await Renderer(config(programme={"name": "咖啡"})).draw(Reply("card", picture=_card("Ania"))) is not None


def test_only_our_own_font_is_used() -> None:
    text = '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30"><text y="20">ąęŻ</text></svg>'
    nothing = drawing.png_of(text.replace("ąęŻ", ""))
    assert drawing.png_of(text) != nothing
    assert drawing.png_of(text.replace("<text", '<text font-family="DejaVu Sans"')) == nothing


async def test_what_cannot_be_drawn_is_no_picture() -> None:
    renderer = Renderer(config())
    assert await renderer.draw(Reply("card", picture=Picture("card", {}, "picture_card"))) is None
    assert await renderer.draw(Reply("card", picture=Picture("no_such", {}, "picture_card"))) is None
    assert await renderer.draw(Reply("card")) is None


async def test_a_renderer_that_breaks_costs_one_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library panics over some texts and a process may be killed: the next picture is drawn all the same."""
    broken = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect/>'
    assert await drawing.draw("card", lambda: broken) is None
    assert await drawing.draw("card", lambda: f"{broken}</svg>") is not None
    drawing._PROCESS.close()
    monkeypatch.setattr(drawing, "_PRESS", "/nowhere/press.py")
    assert await drawing.draw("card", lambda: f"{broken}<g/></svg>") is None
    monkeypatch.undo()
    assert await drawing.draw("card", lambda: f"{broken}<g/></svg>") is not None


def test_the_code_opens_the_bot_where_it_has_a_name() -> None:
    renderer = Renderer(config())
    alone = renderer.svg(_card("Ania"), "en")
    renderer.bot_name = "bywalec_bot"
    assert qr("482193576").path in alone
    assert qr("https://t.me/bywalec_bot?start=card_482193576").path in renderer.svg(_card("Ania"), "en")


async def test_every_module_of_the_code_is_where_a_camera_looks_for_it() -> None:
    drawn = await Renderer(config()).draw(Reply("card", picture=_card("Ania")))
    assert drawn is not None
    pixels = Image.open(io.BytesIO(drawn.png)).convert("L").tobytes()
    rows = segno.make("482193576", error="m", micro=False).matrix
    # The panel's left and top in the template, its margin, and how large a module is.
    module, left, top = 364 / len(rows), 684 + 44, 152 + 44
    for y, row in enumerate(rows):
        for x, is_dark in enumerate(row):
            column, line = int((left + (x + 0.5) * module) * 0.9), int((top + (y + 0.5) * module) * 0.9)
            assert (pixels[line * 1080 + column] < 128) == bool(is_dark), (x, y)


def test_writing_is_told_from_its_ground() -> None:
    assert palette("#1F5B4A").ink == "#FFFFFF"
    assert palette("#F4C430").ink == "#111418"


def _rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


@pytest.mark.parametrize(("colors", "least"), [(["#1F5B4A"], 4.5), (_EVERY_COLOR, 3.0)], ids=["default", "any"])
def test_a_board_reads_well_in_any_chat(colors: Sequence[str], least: float) -> None:
    """The ground is the picture's own, so it is the same in dark and light: as WCAG wants it, large writing 3 to 1."""
    for color in colors:
        brand = palette(color)
        ink, shade = _rgb(brand.ink), _rgb(brand.shade)
        # What is written above the podium and below it is a little fainter than the ink, and so are places on it.
        grounds = [(_rgb(ground), 0.85) for ground in (brand.color, brand.light, brand.shade)]
        for ground, opacity in [*grounds, (mixed(shade, ink, 0.16), 0.9)]:
            assert contrast(mixed(ground, ink, opacity), ground) >= least, (color, ground)
    for number in range(20):
        assert contrast(_rgb(tone(number)), (255, 255, 255)) >= 4.5, "initials"
    for written in ("#111418", "#1A7A3A", "#B3261E"):
        assert written in Renderer(config()).svg(_board(_NAMES, range(12, 2, -1), (1, -1)), "en")
        assert contrast(_rgb(written), (255, 255, 255)) >= 4.5, "the list on white"
