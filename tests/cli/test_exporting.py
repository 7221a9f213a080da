"""Exports: everything of one kind, safe to open in a spreadsheet, and read again by `import`."""

import csv
import json
import stat
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from adapters.trusted_clock import utc_now
from cli.cells import cell, uncell
from storage.members.exporting import COLUMNS
from storage.verify import verify
from tests.cli.commands import Done, typed
from tests.club import config, open_club
from tests.databases import Address, change, url_of
from tests.databases import rows as found
from tests.handlers.looking import balances

PAGE = Path(__file__).parents[2] / "docs" / "import-export.md"


def ran(folder: Path, where: Address, *arguments: str) -> Done:
    """Run a command in a folder. Points live for ever: what is imported is as old as the club."""
    (folder / "config.toml").write_text("[programme]\npoints_expire_after_months = 0\n")
    return typed(folder, *arguments, BYWALEC_DATABASE__URL=url_of(where))


def rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file by their columns."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


async def test_what_is_exported_says_everything_and_can_be_imported(tmp_path: Path, copy_of_settled: Address) -> None:
    async with open_club(copy_of_settled) as club:
        await club.say("kasia", "/purchase @ania 49.90 R1")
        await club.say("marta", "/bonus @bartek 10 never to be exported")
    change(copy_of_settled, "UPDATE identity SET name = '=HYPERLINK(1)' WHERE user_id = 'ania'")

    members = ran(tmp_path, copy_of_settled, "export", "members", "--to", "members.csv", "--bom")
    assert (members.code, members.out) == (0, "")
    assert members.err == "7 members written to members.csv\n"
    path = tmp_path / "members.csv"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes().startswith(b"\xef\xbb\xbfcard_number,name,")
    ania = next(row for row in rows(path) if row["ids"] == "console:ania")
    assert (ania["name"], ania["username"], ania["pending"]) == ("'=HYPERLINK(1)", "ania", "49")
    assert ania["joined_at"] == "2026-03-16T08:00:00+01:00"

    entries = ran(tmp_path, copy_of_settled, "export", "entries", "--format", "jsonl")
    assert "never" not in entries.out
    written = [json.loads(line) for line in entries.out.splitlines()]
    bought, bonus = (next(entry for entry in written if entry["reason"] == why) for why in ("purchase", "bonus"))
    assert (bought["from"], bought["to"], bought["points"]) == ("issued:purchase", "pending", 49)
    assert (bonus["from"], bonus["to"], bonus["points"]) == ("issued:bonus", "wallet", 10)
    assert bought["card_number"] == ania["card_number"]
    assert [tuple(entry) for entry in written if set(entry) != set(COLUMNS["entries"])] == []

    listed = json.loads(ran(tmp_path, copy_of_settled, "export", "purchases", "--format", "json").out)
    assert [(one["receipt"], one["amount"], one["member"]) for one in listed] == [("R1", "49.90", ania["card_number"])]
    assert ran(tmp_path, copy_of_settled, "export", "purchases", "--to", "p.csv").code == 0
    again = ran(tmp_path, copy_of_settled, "import", "purchases", "p.csv")
    assert "Nothing is new: the purchase was imported before." in again.out
    assert ran(tmp_path, copy_of_settled, "export", "purchases", "--format", "json", "--bom").code == 2
    assert "cannot write" in ran(tmp_path, copy_of_settled, "export", "members", "--to", "no/such.csv").err
    assert ran(tmp_path, copy_of_settled, "export", "purchases", "--to", "p.csv").err == "1 purchase written to p.csv\n"


def test_no_export_or_report_is_written_over_what_the_bot_needs(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("")
    assert typed(tmp_path, "migrate").code == 0
    (tmp_path / "till.csv").write_text("member,total,order,date\n@nobody,x,R-1,2026-01-05\n")
    for name in ("bywalec.db", "bywalec.db-wal", "bywalec.db.lock", "config.toml"):
        before = (tmp_path / name).read_bytes() if (tmp_path / name).exists() else None
        for command in (("export", "members", "--to"), ("import", "purchases", "till.csv", "--report")):
            done = typed(tmp_path, *command, name)
            assert done == Done(2, "", f"{name} belongs to the bot itself; name another one\n")
            assert ((tmp_path / name).read_bytes() if (tmp_path / name).exists() else None) == before


async def test_coupons_are_exported_with_what_became_of_them_and_without_their_codes(
    tmp_path: Path, copy_of_settled: Address
) -> None:
    reward = {"id": "mug", "cost": 30, "name": {"en": "A mug", "pl": "Kubek"}}
    async with open_club(copy_of_settled, config(reward=[reward])) as club:
        club.event_prefix = "redeem"
        await club.say("marta", "/bonus @ania 60 helped")
        for _ in range(2):
            await club.say("ania", "/redeem mug")
            await club.press("ania", "Yes, redeem")
    first, second = [code for (code,) in found(copy_of_settled, "SELECT code FROM coupon ORDER BY id")]
    async with open_club(copy_of_settled, config(reward=[reward])) as club:
        club.event_prefix = "use"
        await club.say("kasia", f"/use {first}")
        await club.press("kasia", "Yes, use it")
    done = ran(tmp_path, copy_of_settled, "export", "coupons", "--to", "coupons.csv")
    assert (done.code, done.err) == (0, "2 coupons written to coupons.csv\n")
    written = rows(tmp_path / "coupons.csv")
    assert [(one["reward"], one["name"], one["cost"], one["state"]) for one in written] == [
        ("mug", "A mug / Kubek", "30", "used"),
        ("mug", "A mug / Kubek", "30", "open"),
    ]
    assert [bool(one["by_card_number"]) for one in written] == [True, False]
    text = (tmp_path / "coupons.csv").read_text()
    assert first not in text
    assert second not in text


def test_no_cell_is_a_formula_and_numbers_stay_numbers() -> None:
    assert [cell(text) for text in ("=1", "+1", "-1", "-1.5", "@a", "\tx", "\rx", "-a", None, 5, "a=b")] == [
        *("'=1", "'+1", "-1", "-1.5", "'@a", "'\tx", "'\rx", "'-a", "", "5", "a=b")
    ]
    assert [cell(text) for text in ("＝1", "＋1", "－1", "＠a", "\n=1", "''＝1")] == [
        *("'＝1", "'＋1", "'－1", "'＠a", "'\n=1", "'''＝1")
    ]
    # Where lists are separated by semicolons, these end one cell and begin another.
    assert [cell(text) for text in ("x;=1+1", "x; =1", "x\t@a", "x;y")] == ["x;'=1+1", "x; '=1", "x\t'@a", "x;y"]


@given(st.text(st.sampled_from("=+-@;\t\n＝' a1")))
def test_what_is_read_again_is_what_was_written(text: str) -> None:
    assert uncell(cell(text)) == text


async def test_what_is_exported_comes_in_elsewhere_as_it_was(tmp_path: Path, copy_of_settled: Address) -> None:
    async with open_club(copy_of_settled) as club:
        for receipt, amount in (("-77/A", "100"), ("+77A", "60"), ("R1", "50"), ("R2", "40")):
            await club.say("kasia", f"/purchase @ania {amount} {receipt}")
        await club.say("kasia", "/refund R1 20")
        await club.say("kasia", "/refund R2")
        before = await balances(club, "ania")
    assert ran(tmp_path, copy_of_settled, "export", "purchases", "--to", "p.csv").code == 0
    again = ran(tmp_path, copy_of_settled, "import", "purchases", "p.csv")
    assert "Nothing is new: all 4 purchases were imported before." in again.out
    change(copy_of_settled, "UPDATE purchase SET day = '2000-01-01'")
    elsewhere = ran(tmp_path, copy_of_settled, "import", "purchases", "p.csv")
    assert "4 purchases imported, which gave 190 points and 190 status" in elsewhere.out
    async with open_club(copy_of_settled, begin=utc_now()) as club:
        now = await balances(club, "ania")
    assert (now.pending + now.points, now.status) == (2 * (before.pending + before.points), 2 * before.status)
    assert verify(copy_of_settled).problems == []


def test_every_column_is_explained() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [name for names in COLUMNS.values() for name in names if f"`{name}`" not in text] == []
