"""Erasing a member: nothing says any more who they are, and everything still adds up."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.events import Identity
from bot.members.erasing import NAMELESS
from bot.replies import Post, ToMember
from handlers.members.erasing import erase, erase_again
from storage import schema
from storage.engine.outside import wipe
from storage.members.erasures import Erasure
from storage.transaction import Transaction
from storage.verify import verify
from tests.club import PLATFORM, SPACE, Club, config, open_club
from tests.handlers.looking import balances, count, member, rows
from tests.handlers.points.test_participation import bytes_of

ID, NAME, USERNAME = "778899001122", 'Genowefa "Gena" Pigwa-Ćwikła', "gpigwa_1"
NOTE, RECEIPT = "for carrying chairs all night", "PARAGON/778"
_RULES = config(
    challenge=[{"id": "talk", "counts": "message_days", "goal": 1, "status": 9, "repeat": "weekly",
                "title": {"en": "Talk", "pl": "Gadaj"}}],
)  # fmt: skip


def gena(club: Club) -> Any:
    """Return the person who is going to be erased, as the platform tells of them."""
    return club.person(ID, shown_as=NAME, username=USERNAME)


async def live(club: Club) -> None:
    """Let Gena leave a trace wherever the club keeps one."""
    await club.join("olek", "ania", "marta", "kasia")
    await club.set_up()
    await club.say("olek", "/role marta moderator")
    await club.say("olek", "/role kasia cashier")
    await club.skip(minutes=1)
    await club.say(ID, "/start abc123", person=gena(club))
    await club.press(ID, "Accept and join")
    await club.app.take_part([club.message(ID, event_id="m1", person=gena(club))])
    await club.say("kasia", f"/purchase @{USERNAME} 120,50 {RECEIPT}")
    await club.say("marta", f"/bonus @{USERNAME} 50 {NOTE}")
    message, hers = club.message("ania", event_id="m2"), club.message(ID, event_id="m3", person=gena(club))
    await club.app.take_part([message, hers])
    await club.app.take_part([club.reaction(ID, message, added=frozenset("👍"), person=gena(club))])
    await club.app.take_part([club.reaction("ania", hers, added=frozenset("🎉"))])
    await club.skip(days=8)
    await club.app.take_part([club.message(ID, event_id="m4", person=gena(club))])
    await club.say("ania", "/leaderboard", SPACE)
    await club.say("olek", f"/role @{USERNAME} moderator")
    await club.say(ID, "/bonus @ania 5 for the cake", person=gena(club))
    await club.say(ID, "/history", person=gena(club))
    await club.say(ID, "/leave", person=gena(club))
    await _give_up(club)


async def _give_up(club: Club) -> None:
    """Leave a dead letter with Gena's platform id."""

    def park(tx: Any) -> None:
        identity = {"platform": PLATFORM, "user_id": ID}
        event = json.dumps({"person": {"identity": identity}}, separators=(",", ":"))
        tx.events.park("key", "Command", "RuntimeError", "{}", "1234", event=event)
        tx.events.park("other", "Command", "RuntimeError", "{}", "1234", event=event.replace(ID, "ania"))

    await club.database.write(park)


async def erased(club: Club) -> int:
    """Erase Gena; return the member's number."""
    member_id = (await member(club, ID)).id
    await club.database.write(lambda tx: erase(member_id, tx.now, tx))
    return member_id


async def _sums(club: Club) -> Any:
    kept = [
        await rows(club, f"SELECT * FROM {table} ORDER BY 1, 2")
        for table in ("entry", "balance", "lot", "lot_use", "account")
    ]
    return kept, await rows(club, "SELECT member_id, space_id, period, amount FROM standing ORDER BY 1, 2, 3")


async def test_nothing_says_who_they_were_and_every_sum_is_as_it_was(empty: Path | str) -> None:
    async with open_club(empty, _RULES) as club:
        await live(club)
        card = (await member(club, ID)).card_number
        marks = (ID, NAME, USERNAME, NOTE, RECEIPT, card, "Pigwa")
        assert [mark for mark in marks if mark not in await _text(club)] == []
        before, others = await _sums(club), await count(club, "member")
        member_id = await erased(club)
        assert [mark for mark in marks if mark in await _text(club)] == []
        assert await _sums(club) == before
        assert await count(club, "member") == others
        # Of the others all is there.
        assert "Ania" in await _text(club)
        assert await count(club, "dead_letter") == 1
        assert (await rows(club, "SELECT COUNT(*) FROM note"))[0][0] == 1
        assert await rows(club, f"SELECT COUNT(*) FROM role_grant WHERE member_id = {member_id}") == [(0,)]
    assert verify(empty).problems == []


async def _text(club: Club) -> str:
    """Return all rows of all tables, JSON's quotes as they are read."""
    found = [row for table in schema.metadata.tables for row in await rows(club, f"SELECT * FROM {table}")]
    return "\n".join(str(value) for row in found for value in row).replace('\\"', '"')


async def test_boards_keep_their_places_and_lose_the_name(empty: Path | str) -> None:
    async with open_club(empty, _RULES) as club:
        await live(club)
        week = "/leaderboard week 2026-W12"
        await club.say("olek", f"/role @{USERNAME} none")
        assert "Pigwa" in await club.say("ania", week, SPACE)
        posted = [post for post in await club.posts() if "Pigwa" in post and post.startswith("#klub")]
        assert all("Ania" in post for post in posted)
        assert len(posted) == 2
        await erased(club)
        shown = await club.say("ania", week, SPACE)
        assert NAMELESS in shown
        assert "Ania" in shown
        assert "Pigwa" not in shown
        assert NAMELESS not in await club.say("ania", "/leaderboard", SPACE)
        assert NAMELESS not in await club.say("ania", "/rank", SPACE)


async def test_a_board_that_waits_to_be_sent_goes_out_without_the_name(empty: Path | str) -> None:
    async with open_club(empty, _RULES) as club:
        await live(club)
        await erased(club)
        posts = await club.posts()
        assert [post for post in posts if "Pigwa" in post] == []
        assert any(post.startswith("#klub") and NAMELESS in post and "Ania" in post for post in posts)
        assert any(post.startswith("ania") and NAMELESS in post for post in posts)
        assert any("Talk" in post and NAMELESS in post and "Ania" in post for post in posts)


async def test_what_waits_for_them_goes_and_the_platforms_user_is_a_stranger(empty: Path | str) -> None:
    async with open_club(empty, _RULES) as club:
        await live(club)
        await club.posts()
        member_id = (await member(club, ID)).id
        await club.database.write(lambda tx: tx.post(Post(ToMember(member_id), "stayed", "waits")))
        await erased(club)
        await club.database.write(lambda tx: tx.post(Post(ToMember(member_id), "stayed", "never waits")))
        assert [post for post in await club.posts() if ID in post] == []
        before = await _sums(club)
        await club.skip(minutes=5)
        await club.app.take_part([club.message(ID, event_id="later", person=gena(club))])
        await club.app.handle(club.presence(ID, is_present=False))
        assert "That is for members" in await club.say(ID, "/balance", person=gena(club))
        assert await _sums(club) == before
        assert ID not in await _text(club)
        assert "bonus" not in await club.say("marta", f"/bonus @{USERNAME} 5 x")
        await club.say(ID, "/start", person=gena(club))
        await club.press(ID, "Accept and join")
        assert (await balances(club, ID)).points == 0
        assert (await member(club, ID)).id != member_id
    assert verify(empty).problems == []


async def test_life_goes_on_around_them(empty: Path | str) -> None:
    """Points that were on their way ripen and expire; a purchase of theirs can be refunded by its number."""
    async with open_club(empty, _RULES, inline=True) as club:
        await live(club)
        purchase = (await rows(club, "SELECT id FROM purchase"))[0][0]
        await erased(club)
        refunded = await club.say("kasia", f"/refund #{purchase} 20")
        assert NAMELESS in refunded
        await club.skip(days=20)
        await club.doze(days=500)
        assert await count(club, "dead_letter") == 0
    assert verify(empty).problems == []


async def test_an_erasure_is_done_again_in_a_copy_and_touches_nobody_else(empty: Path | str) -> None:
    async with open_club(empty, _RULES) as club:
        await live(club)
        gone = await member(club, ID)
        ((since,),) = await rows(club, f"SELECT created_at FROM holder WHERE id = {gone.holder_id}")
        begin = club.clock.now.replace(year=1970, month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
        at, told = club.clock.now - timedelta(days=1), begin + timedelta(microseconds=since)
        another = Erasure(gone.holder_id, told + timedelta(microseconds=1), at)
        absent = Erasure(999, told, at)
        assert await club.database.write(lambda tx: erase_again([another, absent], tx)) == 0
        assert await club.database.read(lambda tx: tx.members.by_identity(Identity(PLATFORM, ID))) is not None
        this = Erasure(gone.holder_id, told, at)
        assert await club.database.write(lambda tx: erase_again([another, this, this], tx)) == 1
        assert await club.database.read(lambda tx: tx.members.by_identity(Identity(PLATFORM, ID))) is None
        assert await club.database.read(lambda tx: tx.erasures.journal()) == [this]
        assert await club.database.write(lambda tx: erase_again([this], tx)) == 0
    assert verify(empty).problems == []


async def test_all_holders_of_a_member_are_erased_also_one_who_was_before(empty: Path | str) -> None:
    async with open_club(empty, _RULES) as club:
        await live(club)
        await club.join("celina")
        await club.chat("celina")
        gone, first = await member(club, "celina"), await erased(club)

        def link(tx: Transaction) -> None:
            tx._connection.run(text(f"UPDATE holder SET member_id = {gone.id} WHERE member_id = {first}"))

        await club.database.write(link)
        await club.database.write(lambda tx: erase(gone.id, tx.now, tx))
        assert "celina" not in (await _text(club)).casefold()
        assert len(await club.database.read(lambda tx: tx.erasures.journal())) == 2


# Of a file; `tests/cli/test_erasing.py` searches a server.
async def test_nothing_is_left_in_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "club.db"
    async with open_club(path, _RULES) as club:
        await live(club)
        for number in range(60):
            await club.join(f"member{number}")
        assert NAME.encode() in bytes_of(path)
        card = (await member(club, ID)).card_number
        await erased(club)
    assert wipe(path)
    held = bytes_of(path)
    assert b"Ania" in held
    for mark in (ID, "Pigwa", USERNAME, NOTE, RECEIPT, card, "abc123"):
        assert mark.encode() not in held, mark


@pytest.mark.parametrize("name", ["100%_ sure!", "\\n", "'; --"])
async def test_odd_names_are_erased_too(empty: Path | str, name: str) -> None:
    async with open_club(empty, _RULES) as club:
        await club.join("olek", "ania", "kasia")
        await club.say("olek", "/role kasia cashier")
        odd = club.person(ID, shown_as=name, username=None)
        await club.say(ID, "/start", person=odd)
        await club.press(ID, "Accept and join")
        await club.say(ID, "/language en", person=odd)
        await club.say("kasia", f"/purchase {(await member(club, ID)).card_number} 10 A")
        await club.say("kasia", "/purchase @ania 10 B")
        await erased(club)
        assert name not in await _text(club)
        answers = await rows(club, "SELECT reply FROM handled WHERE reply LIKE '%purchase_recorded%'")
        assert len(answers) == 1
        assert "Ania" in answers[0][0]
