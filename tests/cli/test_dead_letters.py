"""The commands `dead-letters` and `outbox` as an owner types them."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.replies import Post, Sending, ToMember
from storage.engine.outside import locked
from storage.verify import verify
from tests.cli.commands import Done, command, typed
from tests.club import open_club
from tests.databases import Address, CopyOf, a_settled_club, change, rows, url_of
from tests.handlers.looking import member
from tests.handlers.operating.test_letters import AWARDS, PURCHASES, defect

_ALL = (
    *(("dead-letters", *words) for words in (("list",), ("show", "1"), ("retry", "1"), ("drop", "1"))),
    *(("outbox", *words) for words in (("unknown",), ("again", "1"), ("forget", "1"), ("restored",))),
)


async def _given_up(where: Address) -> None:
    """Make a club in which a purchase, a message and a bonus were given up, and an update was unreadable."""
    await a_settled_club(where)
    async with open_club(where, inline=True) as club:
        club.event_prefix = "t"
        with defect(PURCHASES):
            await club.say("kasia", "/purchase @ania 49,90 A/1")
        with defect(AWARDS):
            await club.app.take_part([club.message("bartek")])
        with defect("storage.ledger.ledger.Ledger.post"):
            await club.say("marta", "/bonus @ania 50 for carrying chairs")
        await club.app.park("console:1:2", "Update", "no message id")


@pytest.fixture
def where(copy_of: CopyOf) -> Address:
    return copy_of(_given_up)


@pytest.fixture
def folder(tmp_path: Path, where: Address) -> Path:
    """A folder with the config of such a club."""
    (tmp_path / "config.toml").write_text(f"[database]\nurl = '{url_of(where)}'\n")
    return tmp_path


def listed(folder: Path) -> list[dict[str, Any]]:
    """Return what `list --json` says."""
    done = typed(folder, "dead-letters", "list", "--json")
    assert (done.code, done.err) == (0, "")
    letters: list[dict[str, Any]] = json.loads(done.out)
    return letters


@pytest.mark.slow
async def test_letters_are_seen_run_again_and_dropped(folder: Path, where: Address) -> None:
    letters = listed(folder)
    assert [(letter["kind"], letter["reason"]) for letter in letters] == [
        ("Command", "RuntimeError"),
        ("MessagePosted", "RuntimeError"),
        ("Command", "RuntimeError"),
        ("Update", "no message id"),
    ]
    table = typed(folder, "dead-letters", "list").out
    assert "Command purchase" in table
    assert letters[0]["error_id"] in table
    shown = typed(folder, "dead-letters", "show", "3").out
    assert "chairs" not in table + shown
    assert "cannot be run again" in shown
    again = await command(folder, "dead-letters", "retry", "1", "2", "3")
    assert again.code == 1
    assert again.out.splitlines()[:2] == ["1: done", "2: done"]
    assert again.out.splitlines()[2].startswith("3: cannot be run again")
    assert [letter["id"] for letter in listed(folder)] == [3, 4]
    assert typed(folder, "dead-letters", "retry", "1") == Done(1, "", "there is no dead letter 1\n")
    assert typed(folder, "dead-letters", "drop", "--all") == Done(0, "2 dropped\n", "")
    for words in (("list",), ("retry", "--all"), ("drop", "--all")):
        assert typed(folder, "dead-letters", *words) == Done(0, "Nothing was given up.\n", "")
    report = verify(where)
    assert (report.problems, report.programme_accounts["issued:purchase"]["points"]) == ([], -49)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_on_a_file_they_are_only_seen_while_a_bot_runs(folder: Path, where: Path) -> None:
    with locked(where):
        assert len(listed(folder)) == 4
        refused = typed(folder, "dead-letters", "retry", "1")
        assert refused == Done(1, "", f"the database {where} is in use by a bot that runs; stop it first\n")


async def test_a_refusal_is_told_as_one(folder: Path, where: Address) -> None:
    async with open_club(where, inline=True) as club:
        await club.say("olek", "/role kasia none", event_id="t0")
    assert typed(folder, "dead-letters", "retry", "1") == Done(1, "1: refused: not_allowed\n", "")
    assert [letter["id"] for letter in listed(folder)] == [2, 3, 4]


async def test_which_ones_must_be_said(folder: Path) -> None:
    for words in (("retry",), ("drop",), ("drop", "1", "--all")):
        told = Done(2, "", "name dead letters by their numbers, or say --all\n")
        assert typed(folder, "dead-letters", *words) == told
    assert typed(folder, "dead-letters", "show", "9") == Done(1, "", "there is no dead letter 9\n")
    for given in ("abc", "٣", "9" * 30):
        told = Done(2, "", f"{given} is no ID: an ID is a number that `dead-letters list` shows\n")
        for word in ("show", "retry", "drop"):
            assert typed(folder, "dead-letters", word, given) == told
    assert len(listed(folder)) == 4


async def test_sends_of_unknown_outcome_are_seen_and_settled(folder: Path, where: Address) -> None:
    assert typed(folder, "outbox", "unknown").out == "Every post has arrived, waits, or was given up.\n"
    async with open_club(where, inline=True) as club:
        await club.skip(days=8)
    [(first, second)] = rows(where, "SELECT MIN(id), MAX(id) FROM outbox")
    change(where, f"UPDATE outbox SET state = 'unknown', error = 'TimedOut' WHERE id IN ({first}, {second})")
    unknown = json.loads(typed(folder, "outbox", "unknown", "--json").out)
    assert {post["id"] for post in unknown} == {first, second}
    assert str(first) in typed(folder, "outbox", "unknown").out
    again = typed(folder, "outbox", "again", str(first))
    assert again == Done(0, f"{first}: will be sent again\n", "")
    assert typed(folder, "outbox", "forget", str(second)) == Done(0, f"{second}: forgotten\n", "")
    gone = typed(folder, "outbox", "forget", str(second))
    assert gone == Done(1, "", f"{second}: there is no post of this number whose outcome is unknown\n")
    change(where, f"UPDATE outbox SET state = 'unknown', reply = '' WHERE id = {first}")
    again = typed(folder, "outbox", "again", str(first), "999999")
    assert (again.code, again.out) == (1, "")
    assert again.err.splitlines() == [
        f"{first}: its text is gone, so it cannot be sent again; `outbox forget {first}` leaves it at that",
        "999999: there is no post of this number whose outcome is unknown",
    ]
    wrong = typed(folder, "outbox", "again", "x")
    assert wrong == Done(2, "", "x is no ID: an ID is a number that `outbox unknown` shows\n")


async def test_no_command_makes_a_database_or_brings_one_up_to_date(folder: Path, where: Address) -> None:
    change(where, "UPDATE alembic_version SET version_num = '0001'")
    for words in _ALL:
        assert "is no database of this version; see " in typed(folder, *words).err, words
    assert rows(where, "SELECT version_num FROM alembic_version") == [("0001",)]
    (folder / "config.toml").write_text("[database]\nurl = 'sqlite:///nowhere.db'\n")
    for words in _ALL:
        assert typed(folder, *words).err.startswith("there is nothing in the database nowhere.db yet"), words
    assert not (folder / "nowhere.db").exists()


async def test_after_a_dump_came_back_what_must_not_come_twice_is_not_sent(folder: Path, where: Address) -> None:
    async with open_club(where, inline=True) as club:
        to = ToMember((await member(club, "ania")).id)
        await club.posts()
        for sending in Sending:
            post = Post(to, "stayed", sending, {"invited": "Bartek", "points": 1, "status": 1}, sending=sending)
            await club.database.write(lambda tx, post=post: tx.post(post))  # type: ignore[misc]
    told = "1 post may have gone out since: see "
    assert typed(folder, "outbox", "restored").out.startswith(told)
    assert typed(folder, "outbox", "restored") == Done(0, "Nothing waited that must not come twice.\n", "")
    assert rows(where, "SELECT state FROM outbox WHERE state <> 'sent' ORDER BY id") == [("unknown",), ("waiting",)]
