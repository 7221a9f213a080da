"""Purchases and members from CSV files, as an owner brings them in: each once, whatever the file looks like."""

import csv
import re
from datetime import UTC, datetime, timedelta
from functools import partial
from io import StringIO
from pathlib import Path

import pytest

from adapters.trusted_clock import utc_now
from bot.files.file_columns import MEMBERS, PURCHASES, BadMapping, columns, plain
from bot.files.file_lines import BadCell, Decimal, Kind, Who, amount, points, reader_of_dates, receipt, refunded, who
from bot.members.cards import card_number
from bot.purchases.money import Money
from cli.quotes import BadQuoting, check_quoting
from storage.transaction import Transaction
from storage.verify import verify
from tests.cli.commands import Done, typed
from tests.club import config, open_club
from tests.databases import Address, url_of, value
from tests.handlers.looking import member

ZONE = config().programme.zone
NOW = datetime(2026, 6, 1, tzinfo=UTC)
CARD = card_number(1_234_567)
POLISH = """\
Nr karty;Kwota;Paragon;Data sprzedaży;Uwagi
@ania;49,90;FV 1/2026;2025-03-01 12:00;kawa
@bartek;1 249,00 zł;2;2026-03-29 02:30;
console:ania;7;FV 1/2026;2025-03-02;

111111111;5;4;2026-03-02;
@ania;50,00;FV 1/2026;2025-03-01;
@ania;"5
0";8;2026-03-02;
@ania;-5;9;2026-03-02;Łódź
@ania;5;10;2026-03-02;a;b
@nobody;5;11;2026-03-02;=1
"""


def imported(folder: Path, where: Address, *arguments: str, live_months: int = 0) -> Done:
    """Run an import in a folder. Points live for ever unless said otherwise: the dates of the files do not move."""
    (folder / "config.toml").write_text(f"[programme]\npoints_expire_after_months = {live_months}\n")
    return typed(folder, "import", *arguments, BYWALEC_DATABASE__URL=url_of(where))


def rows(path: Path) -> list[list[str]]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


async def test_a_till_s_file_comes_in_once_and_every_odd_line_is_told(tmp_path: Path, copy_of_settled: Address) -> None:
    (tmp_path / "till.csv").write_text(POLISH, encoding="cp1250")
    refused = imported(tmp_path, copy_of_settled, "purchases", "till.csv")
    assert refused.code == 2
    assert "say --encoding cp1250" in refused.err

    arguments = "purchases", "till.csv", "--encoding", "cp1250"
    looked = imported(tmp_path, copy_of_settled, *arguments, "--dry-run")
    assert "3 purchases would be imported; 0 were known already. Nothing was written." in looked.out
    first = imported(tmp_path, copy_of_settled, *arguments)
    assert first.code == 1, first
    assert "member=Nr karty, amount=Kwota, receipt=Paragon, date=Data sprzedaży" in first.out
    assert "3 purchases imported, which gave 1056 points and 1056 status; 0 were known already." in first.out
    reasons = [row[:2] for row in rows(tmp_path / "till.csv.rejected.csv")]
    assert reasons == [
        ["line", "reason"],
        ["6", "there is no member 111111111"],
        ["7", "receipt FV-1/2026 of 2025-03-01 is recorded already, with another amount"],
        ["8", "the amount '5 0' is no number"],
        ["10", "the amount '-5' is negative: returns are recorded with /refund"],
        ["11", "it has 6 cells, the header has 5"],
        ["12", "there is no member @nobody"],
    ]
    assert rows(tmp_path / "till.csv.rejected.csv")[-1] == [
        *("12", "there is no member @nobody", "'@nobody", "5", "11", "2026-03-02", "'=1")
    ]
    again = imported(tmp_path, copy_of_settled, *arguments)
    assert "0 purchases imported, which gave 0 points and 0 status; 3 were known already." in again.out
    good = "\n".join(POLISH.splitlines()[:4]).replace(";", "\t")
    (tmp_path / "till.csv").write_text(good, encoding="utf-8-sig")
    last = imported(tmp_path, copy_of_settled, "purchases", "till.csv")
    assert (last.code, "Nothing is new: all 3 purchases were imported before." in last.out) == (0, True)
    assert not (tmp_path / "till.csv.rejected.csv").exists()
    assert verify(copy_of_settled, lambda *_: None).is_clean


async def test_what_was_imported_counts_in_its_own_time_and_is_refunded_like_any_purchase(
    tmp_path: Path, copy_of_settled: Address
) -> None:
    (tmp_path / "web.csv").write_text(
        "member,total,order,date\n@ania,100.00,A1,2025-03-01\n@ania,30.00,A2,2026-03-16T06:00:00Z\n"
        + "".join(f"@bartek,10.00,B{number},2026-01-05\n" for number in range(6)),
        encoding="utf-8",
    )
    assert imported(tmp_path, copy_of_settled, "purchases", "web.csv", "--shop", "web").code == 0
    (tmp_path / "old.csv").write_text("member,total,order,date\n@celina,100.00,A1,2025-03-01\n", encoding="utf-8")
    nothing = imported(tmp_path, copy_of_settled, "purchases", "old.csv", "--without-points")
    assert "1 purchase imported, which gave 0 points and 0 status" in nothing.out
    async with open_club(copy_of_settled, begin=utc_now()) as club:
        assert "130" in await club.say("ania", "/balance")
        assert await club.posts() == []
        # Of bartek's six purchases of a day four count.
        assert "40" in await club.say("bartek", "/balance")
        # What is old brings badges with the next one.
        assert "First purchase: ▰▰▰▰▰▰▰▰▰▰ 1/1" in await club.say("bartek", "/badges")
        await club.say("kasia", "/purchase @bartek 10")
        assert [post for post in await club.posts() if "A new badge: First purchase" in post]
    assert verify(copy_of_settled, lambda *_: None).is_clean


@pytest.mark.parametrize(("days_ago", "badges"), [(29, 2), (31, 0)])
async def test_purchases_of_late_bring_their_badges_once(
    tmp_path: Path, copy_of_settled: Address, days_ago: int, badges: int
) -> None:
    newest = utc_now() - timedelta(days=days_ago)
    lines = [f"@ania,10,R-{number},2026-01-{number + 1:02}," for number in range(9)]
    lines += [f"@ania,10,R-9,{newest.isoformat()},", f"@bartek,10,R-10,{newest.isoformat()},"]
    lines.append(f"@marta,10,R-11,{newest.isoformat()},10")
    (tmp_path / "till.csv").write_text("member,total,receipt,date,refunded\n" + "\n".join(lines))
    for _ in range(2):
        assert imported(tmp_path, copy_of_settled, "purchases", "till.csv").code == 0
    async with open_club(copy_of_settled, begin=utc_now()) as club:
        told = [post for post in await club.posts() if "badge" in post]
        assert len(told) == badges
        if badges:
            assert told[0].startswith("ania: ")
            assert "First purchase" in told[0]
            assert "10 purchases" in told[0]
            assert told[1].startswith("bartek: ")


async def test_what_a_later_file_says_was_given_back_is_taken_back_once(
    tmp_path: Path, copy_of_settled: Address
) -> None:
    file, header = tmp_path / "till.csv", "member,total,receipt,date,refunded\n"

    def run(*lines: str) -> Done:
        file.write_text(header + "".join(f"@ania,{line}\n" for line in lines))
        return imported(tmp_path, copy_of_settled, "purchases", "till.csv")

    first = run("100,R-1,2026-01-05,", "50,R-2,2026-01-05,10", "20,R-3,2026-01-05,", "20,R-3,2026-01-05,5")
    assert "3 purchases imported, which gave 160 points and 160 status; 0 were known already." in first.out
    assert "line 5: receipt R-3 of 2026-01-05 is recorded already, with another refund" in first.out
    later = "100,R-1,2026-01-05,30", "50,R-2,2026-01-05,10", "20,R-3,2026-01-05,", "10,R-4,2026-02-05,"
    file.write_text(header + "".join(f"@ania,{line}\n" for line in later))
    looked = imported(tmp_path, copy_of_settled, "purchases", "till.csv", "--dry-run")
    assert "1 purchase would be imported; 2 were known already. Nothing was written.\n" in looked.out
    assert "More was given back of 1 known purchase than was recorded.\n" in looked.out
    told = "1 purchase imported, which gave 10 points and 10 status; 2 were known already.\nMore was given back of 1"
    assert f"{told} known purchase than was recorded: 30 points and 30 status were taken back.\n" in run(*later).out
    assert "Nothing is new: all 4 purchases were imported before." in run(*later).out
    async with open_club(copy_of_settled, begin=utc_now()) as club:
        [post] = await club.posts()
        assert "we took back 30 points and 30 status points" in post
        assert "140" in await club.say("ania", "/balance")
        # What the till said since is no less true for an older file.
        assert "Taken back: 20 points" in await club.say("kasia", "/refund R-1 20")
    assert "Nothing is new" in run(*later).out
    assert verify(copy_of_settled, lambda *_: None).is_clean


async def test_what_a_cashier_recorded_without_a_number_is_known_to_the_file_of_the_till(
    tmp_path: Path, copy_of_settled: Address
) -> None:
    async with open_club(copy_of_settled, begin=NOW) as club:
        club.event_prefix = "t"
        for said in ("12 R-0", "12", "30", "30"):
            await club.skip(hours=1)
            await club.say("kasia", f"/purchase @ania {said}")
        await club.say("kasia", "/refund #3")
        await club.say("kasia", "/purchase @bartek 12")
    # A coffee more than the cashier recorded, one on the day after, and one in another shop. Four a day count.
    days = ["2026-06-01"] * 5 + ["2026-06-02"]
    lines = ("R-0,12,", "R-1,12,", "R-2,12,", "R-3,30,30", "R-4,7,", "R-5,12,")
    (tmp_path / "till.csv").write_text(
        "member,receipt,total,refunded,date,shop\n"
        + "".join(f"@ania,{line},{day},\n" for line, day in zip(lines, days, strict=True))
        + "@ania,R-1,12,,2026-06-01,web\n"
    )
    looked = imported(tmp_path, copy_of_settled, "purchases", "till.csv", "--dry-run")
    assert "4 purchases would be imported; 2 were known already. Nothing was written.\n2 of them were rec" in looked.out
    done = imported(tmp_path, copy_of_settled, "purchases", "till.csv")
    assert "4 purchases imported, which gave 24 points and 24 status; 2 were known already.\n" in done.out
    assert "2 of them were recorded at the till without a receipt number, and have it now.\n" in done.out
    assert "More was given back of 1 known purchase than was recorded: 30 points and 30 status" in done.out
    again = imported(tmp_path, copy_of_settled, "purchases", "till.csv")
    assert "Nothing is new: all 7 purchases were imported before." in again.out
    async with open_club(copy_of_settled, begin=NOW) as club:
        club.event_prefix = "u"
        assert "has been refunded already" in await club.say("kasia", "/refund R-3")
        assert "Taken back: 12 points" in await club.say("kasia", "/refund R-1")
    assert value(copy_of_settled, "SELECT COUNT(*) FROM purchase WHERE receipt IS NULL") == 2
    assert verify(copy_of_settled, lambda *_: None).is_clean


async def test_a_number_that_a_cashier_typed_in_small_letters_is_known_to_the_file_of_the_till(
    tmp_path: Path, copy_of_settled: Address
) -> None:
    async with open_club(copy_of_settled, begin=NOW) as club:
        club.event_prefix = "t"
        await club.say("kasia", "/purchase @ania 12 fv-1/26")
        await club.say("kasia", "/purchase @bartek 20 fv-2/26")
    lines = ("@ania,FV-1/26,12,5", "@celina,FV-2/26,20,", "@ania,FV-3/26,7,", "@ania,fv-3/26,8,")
    (tmp_path / "till.csv").write_text(
        "member,receipt,total,refunded,date\n" + "".join(f"{line},2026-06-01\n" for line in lines)
    )
    done = imported(tmp_path, copy_of_settled, "purchases", "till.csv")
    # What somebody else bought, or what a file itself tells apart, are purchases of their own.
    assert "3 purchases imported, which gave 35 points and 35 status; 0 were known already.\n" in done.out
    assert "More was given back of 1 known purchase than was recorded: 5 points and 5 status" in done.out
    again = imported(tmp_path, copy_of_settled, "purchases", "till.csv")
    assert "Nothing is new: all 4 purchases were imported before." in again.out
    assert value(copy_of_settled, "SELECT COUNT(*) FROM purchase") == 5
    assert verify(copy_of_settled, lambda *_: None).is_clean


async def test_what_would_have_expired_by_now_brings_status_alone(tmp_path: Path, copy_of_settled: Address) -> None:
    lines = [f"@ania,100,R-{days},{utc_now() - timedelta(days=days):%Y-%m-%d}\n" for days in (3600, 500, 100)]
    (tmp_path / "web.csv").write_text("member,total,order,date\n" + "".join(lines))
    done = imported(tmp_path, copy_of_settled, "purchases", "web.csv", live_months=12)
    assert "3 purchases imported, which gave 100 points and 300 status" in done.out
    async with open_club(copy_of_settled, begin=utc_now()) as club:
        assert "Taken back: 100 status points." in await club.say("kasia", "/refund R-3600")
    assert verify(copy_of_settled, lambda *_: None).is_clean


async def test_a_trial_and_a_run_touch_no_file_but_the_report(tmp_path: Path, copy_of_settled: Address) -> None:
    given = tmp_path / "a.csv"
    given.write_text("member,total,order,date\n@ania,100,R-1,2026-01-05\n")
    refused = imported(tmp_path, copy_of_settled, "purchases", "a.csv", "--report", "./a.csv")
    assert (refused.code, "name another one" in refused.err) == (2, True)
    for name in ("a.csv.rejected.csv", "mine.csv"):
        (tmp_path / name).write_text("of before")
    assert imported(tmp_path, copy_of_settled, "purchases", "a.csv", "--dry-run").code == 0
    assert imported(tmp_path, copy_of_settled, "purchases", "a.csv", "--report", "mine.csv").code == 0
    assert (tmp_path / "a.csv.rejected.csv").read_text() == (tmp_path / "mine.csv").read_text() == "of before"
    assert given.exists()
    assert imported(tmp_path, copy_of_settled, "purchases", "a.csv").code == 0
    assert not (tmp_path / "a.csv.rejected.csv").exists()


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        *(("", 0), ("0,00", 0), ("0,00 zł", 0), ("0 PLN", 0), ("-0,00", 0), ("zł 0.00", 0), ("0 EUR", 0)),
        *(("20", 2000), ("50", 5000), ("50.01", None), ("x", None), ("0 x", None), ("-1", None), ("0,001", None)),
    ],
)
def test_what_was_refunded_is_no_more_than_was_paid(text: str, minor: int | None) -> None:
    if minor is None:
        with pytest.raises(BadCell):
            refunded(text, Money(5000, "PLN"), None)
    else:
        assert refunded(text, Money(5000, "PLN"), None) == minor


# None of it gets as far as the database.
@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_what_is_wrong_with_the_file_or_the_options_is_said_at_once(tmp_path: Path, empty: Address) -> None:
    (tmp_path / "a.csv").write_text("Card,Total\n", encoding="utf-8")
    (tmp_path / "utf16.csv").write_text("Card,Total\n", encoding="utf-16")
    (tmp_path / "empty.csv").touch()
    for arguments, told in (
        (["a.csv"], "no column is recognised as receipt or date; say which one it is, as in --map receipt="),
        (["a.csv", "--map", "receipt=Bon"], "there is no column 'Bon'; there are 'Card', 'Total'"),
        (["a.csv", "--map", "bon"], "--map: 'bon' should be FIELD=HEADER"),
        (["a.csv", "--shop", "My shop"], "--shop: the shop 'My shop' should be 1 to 40 of a-z, 0-9 and -"),
        (["a.csv", "--encoding", "klingon"], "--encoding: there is none called klingon"),
        (["utf16.csv"], "is written in UTF-16; say --encoding utf-16"),
        (["empty.csv"], "is empty"),
        (["none.csv"], "cannot read none.csv"),
    ):
        done = imported(tmp_path, empty, "purchases", *arguments)
        assert (done.code, told in done.err) == (2, True), done


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("command", ["purchases", "members"])
def test_nothing_is_imported_of_a_file_in_which_a_quote_is_open(
    tmp_path: Path, copy_of_settled: Address, command: str
) -> None:
    good = [f"@ania,10,{number},2026-01-05,coffee\n" for number in range(1, 20_101)]
    broken = [*good[:20_050], '@ania,10,A,2026-01-05,"open\n', *good[20_050:]]
    for name, after in (("long", 100), ("short", 0)):
        (tmp_path / "a.csv").write_text("member,points,receipt,date,note\n" + "".join(broken + good[:after] * 100))
        given = [command, "a.csv", *(["--map", "amount=points"] if command == "purchases" else [])]
        for arguments in (given, [*given, "--dry-run"]):
            done = imported(tmp_path, copy_of_settled, *arguments)
            told = "a.csv, line 20052: a quote begins in it that is not closed. Nothing was imported: mend it"
            assert (done.code, told in done.err) == (2, True), (name, done)
    assert value(copy_of_settled, "SELECT COUNT(*) FROM purchase") == 0
    assert not (tmp_path / "a.csv.rejected.csv").exists()
    # The quote closed, it is a file like any other.
    (tmp_path / "a.csv").write_text(
        "member,points,receipt,date,note\n" + "".join(good[:2]) + '@ania,9,A,2026-01-05,"x\n"\n'
    )
    assert " imported" in imported(tmp_path, copy_of_settled, *given).out


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (['1,"a', "2,b"], "line 2: a quote begins in it that is not closed"),
        (["1,a", '2,"b'], "line 3: a quote begins in it that is not closed"),
        (['1,"a,b', "2,b", '3,"c"', "4,d"], "line 2: a quote begins in it that line 4 closes in mid-cell"),
        (['"one', 'two","x', "3,b"], "line 3: a quote begins in it that is not closed"),
        (['1,"a', "2,b", '3,c"', "4,d"], "line 2: a quote begins in it and takes in line 3"),
        (['1,"a', "only two, words", 'end"', "4,d"], ""),
        (['1,"a', '""x"",b', '"",c"'], ""),
        (['1,"the "Lion""', '"2"', '3,"a', '', 'b"', '4,5" wide', '5,"x""y"'], ""),
        (["1,a" * 2**21], "line 2: it is longer than 4194304 characters"),
        (["1,a", "2," + "b" * 140_000], "line 3: a cell is longer than 131072 characters"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_line_is_named_in_which_a_quote_is_left_open(lines: list[str], told: str, end: str) -> None:
    text = StringIO(end.join(["id,note", *lines]), newline="")
    if told:
        with pytest.raises(BadQuoting, match=re.escape(told)):
            check_quoting(text, ",")
    else:
        check_quoting(text, ",")


@pytest.mark.parametrize(
    ("text", "minor", "decimal"),
    [
        ("49,90", 4990, None),
        ("49.9", 4990, None),
        ("1 249,00 zł", 124900, None),
        ("1.249", 124900, Decimal.COMMA),
        ("1,249", 124900, Decimal.POINT),
        ("1.249,50", 124950, Decimal.COMMA),
        ("12.50", 1250, Decimal.COMMA),
    ],
)
def test_amounts_are_read_as_they_are_written(text: str, minor: int, decimal: Decimal | None) -> None:
    assert amount(text, ("PLN",), decimal) == Money(minor, "PLN")


@pytest.mark.parametrize(
    ("text", "decimal", "reason"),
    [
        ("1,249", None, "say --decimal"),
        ("1,249", Decimal.COMMA, "too many decimals"),
        ("5 EUR", None, "in EUR, not in PLN"),
        ("", None, "no number"),
        ("0,00", None, "zero"),
        ("9" * 20, None, "too large"),
    ],
)
def test_amounts_that_cannot_be_read_say_why(text: str, decimal: Decimal | None, reason: str) -> None:
    with pytest.raises(BadCell, match=reason):
        amount(text, ("PLN",), decimal)


def test_dates_are_by_the_programme_s_clock_also_when_it_changes() -> None:
    read = reader_of_dates(ZONE, None, NOW)
    assert read("2026-03-31") == (datetime(2026, 3, 30, 22, tzinfo=UTC), "2026-03-31")
    assert read("2026-03-29 02:30") == (datetime(2026, 3, 29, 1, tzinfo=UTC), "2026-03-29")
    assert read("2025-10-26 02:30")[0] == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    assert read("2026-03-31T23:30:00Z") == (datetime(2026, 3, 31, 23, 30, tzinfo=UTC), "2026-04-01")
    assert reader_of_dates(ZONE, "%d.%m.%Y", NOW)("31.03.2026") == read("2026-03-31")
    for text in ("31.03.2026", "2026-02-30", "2026-06-02", "1066-10-14", "", "9999-12-31"):
        with pytest.raises(BadCell):
            read(text)


def test_members_are_named_by_card_username_or_id() -> None:
    assert who(f" {CARD[:3]}-{CARD[3:6]}-{CARD[6:]} ") == who(CARD) == who(CARD.lstrip("0")) == Who(Kind.CARD, CARD)
    assert who("@Ania_K") == Who(Kind.USERNAME, "ania_k")
    assert who("telegram:12") == Who(Kind.IDENTITY, "telegram:12")
    assert who("80351110224678912") == Who(Kind.IDENTITY, "discord:80351110224678912")
    assert who("12", "telegram") == Who(Kind.IDENTITY, "telegram:12")
    for text in ("", "Ania", "@a\0b", "matrix:1", "12345"):
        with pytest.raises(BadCell):
            who(text)
    assert (receipt(" FV 1 / 2026 "), points("1 250,00")) == ("FV-1-/-2026", 1250)
    assert receipt("#1001") == receipt("1001") == "1001"
    for text in ("##4", "x" * 33, "#", ""):
        with pytest.raises(BadCell):
            receipt(text)


def test_columns_are_recognised_in_english_and_polish() -> None:
    assert plain("Data sprzedaży / Wartość (zł)") == "data_sprzedazy_wartosc_zl"
    headers = ["Numer karty", "Do zapłaty", "Nr paragonu", "Data", "Zażółć"]
    needed = ("member", "amount", "receipt", "date")
    assert columns(headers, PURCHASES, {}, needed).places == {"member": 0, "amount": 1, "receipt": 2, "date": 3}
    assert columns(headers, PURCHASES, {"receipt": "zazolc"}, needed).places["receipt"] == 4
    assert columns(["username", "userId", "XP"], MEMBERS, {}, ("member", "points")).places == {"member": 1, "points": 2}
    with pytest.raises(BadMapping, match="no column is recognised as date"):
        columns(headers[:3], PURCHASES, {}, needed)


def test_of_two_columns_of_a_name_none_is_taken() -> None:
    headers = ["Member", "Total", "Uwagi", "Order", "Date", "total ", "Uwagi", "Suma"]
    told = r"columns 2 and 6 both are amount by their names, 'Total' and 'total '; rename all but one"
    with pytest.raises(BadMapping, match=told):
        columns(headers, PURCHASES, {}, ())
    assert columns(headers, PURCHASES, {"amount": "Suma"}, ()).places["amount"] == 7
    with pytest.raises(BadMapping, match="columns 3 and 7 both are amount"):
        columns(headers, PURCHASES, {"amount": "Uwagi"}, ())


def test_every_header_that_the_docs_name_is_recognised() -> None:
    page = (Path(__file__).parents[2] / "docs" / "import-export.md").read_text(encoding="utf-8")
    purchases, members = page.split("## Importing members")
    for part, fields in ((purchases, PURCHASES), (members, MEMBERS)):
        named = dict(re.findall(r"^\| `(\w+)` \| (?:yes|no) \| ([^|]+) \|", part, re.MULTILINE))
        assert named.keys() == fields.keys()
        for field, headers in named.items():
            assert [header for header in headers.split(", ") if plain(header) not in fields[field]] == []


SHOPIFY = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,"
    "Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,"
    "Lineitem price,Lineitem compare at price,Lineitem sku,Lineitem requires shipping,Lineitem taxable,"
    "Lineitem fulfillment status,"
    "Billing Name,Billing Street,Billing Address1,Billing Address2,Billing Company,Billing City,Billing Zip,"
    "Billing Province,Billing Country,Billing Phone,Shipping Name,Shipping Street,Shipping Address1,Shipping Address2,"
    "Shipping Company,Shipping City,Shipping Zip,Shipping Province,Shipping Country,Shipping Phone,Notes,"
    "Note Attributes,Cancelled at,Payment Method,Payment Reference,Refunded Amount,Vendor,Outstanding Balance,Employee,"
    "Location,Device ID,Id,Tags,Risk Level,Source,Lineitem discount,Tax 1 Name,Tax 1 Value,Tax 2 Name,Tax 2 Value,"
    "Tax 3 Name,Tax 3 Value,Tax 4 Name,Tax 4 Value,Tax 5 Name,Tax 5 Value,Phone,Receipt Number,Duties,"
    "Billing Province Name,Shipping Province Name,Payment ID,Payment Terms Name,Next Payment Due At,Payment References"
)


FROM_SHOPIFY = (
    *("purchases", "orders.csv", "--shop", "web", "--map", "receipt=Name"),
    *("--date-format", "%Y-%m-%d %H:%M:%S %z"),
)


def _link(contact: str, holder_id: int, tx: Transaction) -> None:
    tx.contacts.link(tx.settings.keyed(contact), contact.partition(":")[0], holder_id)


async def link_ania(where: Address, *contacts: str) -> None:
    """Link addresses and numbers with ania."""
    async with open_club(where) as club:
        holder_id = (await member(club, "ania")).holder_id
        for contact in contacts:
            await club.database.write(partial(_link, contact, holder_id))


def export_of_shopify(folder: Path, *lines: dict[str, str]) -> None:
    """Write an export of orders."""
    with (folder / "orders.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, SHOPIFY.split(","), restval="")
        writer.writeheader()
        writer.writerows(lines)


def shopify_order(number: int, **about: str) -> dict[str, str]:
    """Return a line of Shopify's export, by its headers; `_` stands for a blank."""
    at = "2026-03-10 10:00:00 +0100"
    paid = {
        "Email": "Ania@example.com",
        "Financial Status": "paid",
        "Paid at": at,
        "Currency": "PLN",
        "Total": "100.00",
    }
    told = {name.replace("_", " "): cell for name, cell in about.items()}
    return {"Name": f"#{number}", "Created at": at, "Refunded Amount": "0.00"} | paid | told


def further_line(number: int) -> dict[str, str]:
    """Return the line of another thing of an order."""
    return {
        "Name": f"#{number}",
        "Email": "Ania@example.com",
        "Created at": "2026-03-10 10:00:00 +0100",
        "Lineitem sku": "B",
    }


async def test_shopifys_own_export_comes_in_by_the_addresses_that_members_linked(
    tmp_path: Path, copy_of_settled: Address
) -> None:
    cancelled_at = "2026-03-11 10:00:00 +0100"
    lines = [
        shopify_order(1001),
        further_line(1001),
        shopify_order(1002, Financial_Status="partially_refunded", Refunded_Amount="40.00"),
        shopify_order(1003, Financial_Status="refunded", Refunded_Amount="100.00"),
        shopify_order(1004, Financial_Status="refunded", Refunded_Amount=""),
        shopify_order(1005, Financial_Status="pending", Paid_at=""),
        shopify_order(1006, Financial_Status="voided"),
        shopify_order(1007, Cancelled_at=cancelled_at),
        shopify_order(1008, Email="jan@example.com"),
        shopify_order(1009, Email="", Phone="'+48600100200"),
    ]
    export_of_shopify(tmp_path, *lines)
    await link_ania(copy_of_settled, "email:ania@example.com", "phone:600100200")
    done = imported(tmp_path, copy_of_settled, *FROM_SHOPIFY)
    assert "4 purchases imported, which gave 160 points and 160 status; 0 were known already." in done.out, done
    assert [row[:2] for row in rows(tmp_path / "orders.csv.rejected.csv")[1:]] == [
        ["7", "the order is not paid: its state is 'pending'"],
        ["8", "the order is not paid: its state is 'voided'"],
        ["9", f"the order was cancelled, at '{cancelled_at}'"],
        ["10", "no member has linked ja…@example.com: when one did, run the same again"],
        ["11", "no member is named"],
    ]
    by_phone = imported(tmp_path, copy_of_settled, *FROM_SHOPIFY, "--map", "member=Phone")
    assert "1 purchase imported, which gave 100 points and 100 status" in by_phone.out, by_phone
    assert verify(copy_of_settled, lambda *_: None).is_clean


async def test_what_was_imported_and_cancelled_since_is_taken_back(tmp_path: Path, copy_of_settled: Address) -> None:
    await link_ania(copy_of_settled, "email:ania@example.com")
    things = further_line(1), further_line(1)
    export_of_shopify(tmp_path, shopify_order(1), *things, *map(shopify_order, (2, 3, 4)))
    first = imported(tmp_path, copy_of_settled, *FROM_SHOPIFY)
    assert "4 purchases imported, which gave 400 points and 400 status" in first.out
    assert "2 further lines are of orders that another line tells of.\n" in first.out

    cancelled = {"Cancelled_at": "2026-03-11 10:00:00 +0100"}
    later = (
        # What is left of an order that was changed before it was cancelled is not what was paid.
        shopify_order(1, **cancelled, Total="70.00"),
        things[0],
        shopify_order(2, Financial_Status="voided"),
        shopify_order(3, Financial_Status="pending"),
        shopify_order(5, **cancelled, Paid_at=""),
        shopify_order(6, **cancelled, Email="jan@example.com"),
        shopify_order(7, Financial_Status="voided"),
    )
    export_of_shopify(tmp_path, *later)
    looked = imported(tmp_path, copy_of_settled, *FROM_SHOPIFY, "--dry-run").out
    assert "More was given back of 2 known purchases than was recorded.\n" in looked
    done = imported(tmp_path, copy_of_settled, *FROM_SHOPIFY).out
    assert "2 known purchases than was recorded: 200 points and 200 status were taken back.\n" in done
    assert "1 further line is of an order that another line tells of.\n" in done
    assert [row[:2] for row in rows(tmp_path / "orders.csv.rejected.csv")[1:]] == [
        ["5", "the order is not paid: its state is 'pending'"],
        ["6", "the order was cancelled, at '2026-03-11 10:00:00 +0100'"],
        ["7", "the order was cancelled, at '2026-03-11 10:00:00 +0100'"],
        ["8", "the order is not paid: its state is 'voided'"],
    ]
    assert "2 were known already.\n1 further" in imported(tmp_path, copy_of_settled, *FROM_SHOPIFY).out
    async with open_club(copy_of_settled, begin=utc_now()) as club:
        assert len(await club.posts()) == 2
        assert "200" in await club.say("ania", "/balance")
    assert verify(copy_of_settled, lambda *_: None).is_clean


async def test_one_line_is_told_of_as_one(tmp_path: Path, copy_of_settled: Address) -> None:
    (tmp_path / "one.csv").write_text("id,xp\nconsole:zoe,1\n", encoding="utf-8")
    arguments = "members", "one.csv", "--days", "1"
    assert "1 member would be imported; 0" in imported(tmp_path, copy_of_settled, *arguments, "--dry-run").out
    assert "1 of them has not joined: it waits 1 day for" in imported(tmp_path, copy_of_settled, *arguments).out
    again = imported(tmp_path, copy_of_settled, *arguments).out
    assert "Nothing is new: the member was imported before." in again
    with (tmp_path / "one.csv").open("a", encoding="utf-8") as file:
        file.write("console:ania,1\n")
    said = imported(tmp_path, copy_of_settled, *arguments).out
    assert "1 member imported, which gave 1 point and 0 status; 1 was known already." in said


async def test_members_of_another_programme_keep_their_points_once_also_when_they_join_later(
    tmp_path: Path, copy_of_settled: Address
) -> None:
    (tmp_path / "mee6.csv").write_text(
        "id,username,xp,level\nconsole:ania,ania,250,3\nconsole:zoe,zoe,120,1\n80351110224678912,x,70,1\n"
        "console:bartek,b,0,0\n@nobody,n,5,1\n",
        encoding="utf-8",
    )
    arguments = "members", "mee6.csv", "--as", "status"
    looked = imported(tmp_path, copy_of_settled, *arguments, "--dry-run")
    assert "3 members would be imported; 0 were known already. Nothing was written." in looked.out
    first = imported(tmp_path, copy_of_settled, *arguments)
    assert first.code == 1, first
    assert "2 of them have not joined: it waits 365 days" in first.out
    assert "3 members imported, which gave 0 points and 250 status; 0 were known already." in first.out
    assert "line 5: there are no points to bring in" in first.out
    assert "line 6: there is no member nobody; only what has a platform's id can wait" in first.out
    assert value(copy_of_settled, "SELECT COUNT(*) FROM opening WHERE person_key LIKE '%80351110224678912%'") == 0
    assert "3 were known already" in imported(tmp_path, copy_of_settled, *arguments).out
    async with open_club(copy_of_settled, begin=utc_now()) as club:
        await club.say("zoe", "/start")
        assert "What you had before is here: 120 status points." in await club.press("zoe", "Accept and join")
        assert "brought along" in await club.say("zoe", "/history")
        assert "250" in await club.say("ania", "/balance")
        board = await club.say("ania", "/top")
        assert "250" not in board
    assert "3 were known already" in imported(tmp_path, copy_of_settled, *arguments).out
    async with open_club(copy_of_settled, begin=utc_now() + timedelta(days=366)) as club:
        assert not await club.database.write(lambda tx: tx.openings.forget(10))
        assert value(copy_of_settled, "SELECT COUNT(*) FROM opening") == 0
    assert verify(copy_of_settled, lambda *_: None).is_clean


async def test_a_file_says_what_of_an_amount_counts(tmp_path: Path, copy_of_settled: Address) -> None:
    (tmp_path / "web.csv").write_text(
        "member;total;order;date;liczy się;refunded\n"
        "@ania;100,00;1;2026-03-10;70,50;\n@ania;10,00;2;2026-03-11;0,00;\n@ania;20,00;3;2026-03-12;;\n"
        "@ania;100,00;4;2026-03-13;60,00;50,00\n@ania;10,00;5;2026-03-14;10,01;\n@ania;10,00;6;2026-03-15;x;\n",
        encoding="utf-8",
    )
    done = imported(tmp_path, copy_of_settled, "purchases", "web.csv")
    assert "4 purchases imported, which gave 120 points and 120 status" in done.out, done
    assert "line 6: '10,01' counts, which is more than was paid" in done.out
    assert "line 7: the amount 'x' is no number" in done.out
    async with open_club(copy_of_settled, begin=utc_now()) as club:
        assert "Taken back: 35 points" in await club.say("kasia", "/refund 1 50")
    assert verify(copy_of_settled, lambda *_: None).is_clean
