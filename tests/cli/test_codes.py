"""The commands `codes` as an owner types them: files for the printer, and what members then claim."""

import csv
import json
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from bot.purchases.one_time_codes import parse_code
from messages.sheets import CODES_A_PAGE
from storage.engine.outside import locked
from tests.cli.commands import Done, typed
from tests.club import config, open_club
from tests.databases import Address, rows, url_of
from tests.scanning import scanned

_ACTION = '[earning.action.repair]\ntitle = { en = "A <repair>", pl = "Naprawa" }\npoints = 50\n'
_CARD = (
    '[[stamp_card]]\nid = "coffee"\ntitle = { en = "Coffees", pl = "Kawy" }\nreward = { en = "One", pl = "Jedna" }\n'
)
_FOR = ("--count", "3", "--valid-until", "2099-12-31")


@pytest.fixture
def folder(tmp_path: Path, copy_of_settled: Address) -> Path:
    """A folder with the config of a settled club that values repairs."""
    (tmp_path / "config.toml").write_text(f"[database]\nurl = '{url_of(copy_of_settled)}'\n{_ACTION}{_CARD}")
    return tmp_path


def modes(folder: Path) -> list[str]:
    """Return who may do what with the files."""
    return [oct(file.stat().st_mode)[-3:] for file in sorted(folder.glob("codes.*"))]


def begin_of(picture: Path) -> tuple[bytes, int, int]:
    """Return the first bytes of a PNG, its width and its height."""
    content = picture.read_bytes()
    return content[:4], int.from_bytes(content[16:20]), int.from_bytes(content[20:24])


async def test_codes_are_made_for_the_printer_and_claimed(folder: Path, copy_of_settled: Address) -> None:
    files = "--csv", "codes.csv", "--sheet", "codes.html"
    made = typed(folder, "codes", "make", "--amount", "49,90", *_FOR, *files, "--bot-username", "@club_bot")
    assert made == Done(0, "batch 1: 3 codes, valid until 2099-12-31\n", "")
    with (folder / "codes.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [(line["for"], line["batch"], line["valid_until"]) for line in lines] == [
        ("49.90 PLN", "1", "2099-12-31")
    ] * 3
    links = [line["link"] for line in lines]
    assert all(re.fullmatch(r"https://t\.me/club_bot\?start=[A-Za-z0-9_-]{1,64}", link) for link in links)
    sheet = (folder / "codes.html").read_text(encoding="utf-8")
    assert sheet.count("<svg") == 3
    assert all(line["code"] in sheet for line in lines)
    assert "For your purchase of PLN\u00a049.90" in sheet
    assert not re.search(r"(src|href|url)\s*[=(]", sheet)
    assert modes(folder) == ["600", "600"]
    made = typed(folder, "codes", "make", "--action", "repair", *_FOR, "--sheet", "pl.html", "--language", "pl")
    assert made.out == "batch 2: 3 codes, valid until 2099-12-31\n"
    pictures = "--sheet", "page.png", "--bot-username", "club_bot"
    many = typed(folder, "codes", "make", "--action", "repair", "--count", "25", *_FOR[2:], *pictures)
    assert many.out == "batch 3: 25 codes, valid until 2099-12-31\n"
    stamps = typed(folder, "codes", "make", "--stamp", "Coffee", *_FOR, "--csv", "stamps.csv")
    assert stamps.out == "batch 4: 3 codes, valid until 2099-12-31\n"
    assert [begin_of(folder / f"page-{page}.png") for page in (1, 2)] == [(b"\x89PNG", 1654, 2339)] * 2
    polish = (folder / "pl.html").read_text(encoding="utf-8")
    # A name of a line and a title of two at most, however long they are: what stands below them is not cut off.
    assert "</b><span>Naprawa</span>Wyślij" in polish
    assert re.search(r"\.code b {[^}]*overflow: hidden;[^}]*white-space: nowrap;", polish)
    assert re.search(r"\.code span {[^}]*max-height: 2\.5em; overflow: hidden;", polish)
    assert "Ważny do 31 grudnia 2099" in polish
    repairs = re.findall(r"<code>/claim<br>([^<]+)</code>", polish)
    # Of a code the database holds a hash alone.
    plain = [parse_code(code) for code in (*repairs, *(line["code"] for line in lines))]
    assert not any(code in str(rows(copy_of_settled, "SELECT * FROM one_time_code")) for code in plain)
    async with open_club(copy_of_settled, config(), inline=True) as club:
        club.event_prefix = "t"
        assert "+49 points" in await club.say("ania", f"/start {links[0].partition('=')[2]}")
        assert "A <repair>: +50 points" in await club.say("ania", f"/claim {repairs[0]}")
        assert "A <repair>: 50 points and 0 status points" in await club.say(
            "ania", f"/why {rows(copy_of_settled, 'SELECT MAX(id) FROM entry')[0][0]}"
        )
    assert typed(folder, "codes", "stop", "1") == Done(0, "batch 1 is stopped\n", "")
    again = typed(folder, "codes", "stop", "1")
    assert again == Done(1, "", "there is no batch 1 that could be stopped\n")
    batches = json.loads(typed(folder, "codes", "list", "--json").out)
    assert [(one["for"], one["codes"], one["claimed"], one["state"]) for one in batches] == [
        ("49.90 PLN", 3, 1, "stopped"),
        ("action repair", 3, 1, "open"),
        ("action repair", 25, 0, "open"),
        ("stamp coffee", 3, 0, "open"),
    ]
    assert "action repair" in typed(folder, "codes", "list").out


def _scanned_off(page: Path) -> Iterator[str]:
    """Yield what a camera reads in each field of a page that is printed, row by row."""
    picture = Image.open(page)
    across, width, height = picture.width / 2100, 646, 340
    for number in range(CODES_A_PAGE):
        left, top = 81 + number % 3 * width, 125 + number // 3 * height
        # Within the line along which it is cut.
        box = left + 9, top + 9, left + width - 9, top + height - 9
        left_px, top_px, right_px, bottom_px = (round(at * across) for at in box)
        field = picture.crop((left_px, top_px, right_px, bottom_px))
        if len(field.convert("1").getcolors() or ()) > 1:
            png = BytesIO()
            field.save(png, "PNG")
            yield scanned(png.getvalue())


@pytest.mark.parametrize("bot_name", ["club_bot", None])
async def test_every_picture_of_a_sheet_claims_its_own_code(
    folder: Path, copy_of_settled: Address, bot_name: str | None
) -> None:
    options = "--action", "repair", "--count", f"{CODES_A_PAGE + 2}", *_FOR[2:], "--csv", "codes.csv"
    link = () if bot_name is None else ("--bot-username", bot_name)
    assert typed(folder, "codes", "make", *options, "--sheet", "page.png", *link).code == 0
    with (folder / "codes.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    read = [text for page in (1, 2) for text in _scanned_off(folder / f"page-{page}.png")]
    assert read == [line["link"] or f"/claim {line['code']}" for line in lines]
    async with open_club(copy_of_settled, config(), inline=True) as club:
        club.event_prefix = "t"
        for number, text in enumerate(read):
            await club.join(f"member{number}")
            said = text.replace("https://t.me/club_bot?start=", "/start ")
            assert "A <repair>: +50 points" in await club.say(f"member{number}", said), text
    assert rows(copy_of_settled, "SELECT COUNT(*) FROM one_time_code WHERE claimed_at IS NULL") == [(0,)]


# A file has one process that writes it, which this waits for at the end.
@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_what_cannot_be_made_is_told_and_leaves_nothing(folder: Path, copy_of_settled: Path) -> None:
    with (folder / "config.toml").open("a") as settings:
        settings.write('minimum_amount = "0.50"\n[earning.purchase]\nminimum_amount = "0.50"\n')
    csv_file = "--csv", "codes.csv"
    for arguments, told in {
        (*_FOR, *csv_file): "say what a code is for: --amount 49.90, --action NAME, or --stamp ID",
        ("--amount", "1", "--action", "repair", *_FOR, *csv_file): "say what a code is for",
        ("--amount", "much", *_FOR, *csv_file): "--amount: much is no amount; it should be like 49.90 PLN",
        ("--amount", "0,49", *_FOR, *csv_file): "--amount: a purchase of 0,49 earns nothing; earning.purchase.minimum",
        ("--action", "dance", *_FOR, *csv_file): "--action: there is no action dance; known: repair",
        ("--stamp", "tea", *_FOR, *csv_file): "--stamp: there is no stamp card tea; known: coffee",
        ("--amount", "1", *_FOR, "--sheet", "codes.pdf"): "codes.pdf should end with .html or .png",
        ("--amount", "1", *_FOR): "say where the codes are to be written",
        ("--amount", "1", *_FOR, *csv_file, "--bot-username", "a b"): "a b is no name of a bot",
        ("--amount", "1", *_FOR, *csv_file, "--language", "de"): "de is not spoken here; choose en or pl",
        ("--amount", "1", "--count", "3", "--valid-until", "31.12.2099", *csv_file): "31.12.2099 is no date",
        ("--amount", "1", "--count", "3", "--valid-until", "2020-01-01", *csv_file): "2020-01-01 is over already",
        ("--amount", "1", *_FOR, "--csv", "no/codes.csv"): "cannot write no/codes.csv: No such file or directory",
        ("--amount", "1", *_FOR, "--csv", "config.toml"): "config.toml is there already; nothing was made",
    }.items():
        done = typed(folder, "codes", "make", *arguments)
        assert done.code in (1, 2), arguments
        assert told in done.err, arguments
    with locked(copy_of_settled):
        assert "stop it first" in typed(folder, "codes", "make", "--amount", "1", *_FOR, *csv_file).err
        assert typed(folder, "codes", "list").out == "No codes were made.\n"
    assert sorted(file.name for file in folder.iterdir() if "code" in file.name) == []
    assert rows(copy_of_settled, "SELECT COUNT(*) FROM code_batch") == [(0,)]


def test_who_never_started_the_bot_is_told_what_makes_the_database(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("")
    for command in (("make", "--amount", "10", *_FOR, "--csv", "codes.csv"), ("list",)):
        done = typed(tmp_path, "codes", *command)
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith(
            "there is nothing in the database bywalec.db yet; the bot's first start makes it, or "
        )
        assert done.err.endswith(" migrate\n")
    assert not (tmp_path / "bywalec.db").exists()
    assert not (tmp_path / "codes.csv").exists()
    assert typed(tmp_path, "migrate").code == 0
    assert typed(tmp_path, "codes", "list").code == 0
