"""Verify finds every kind of tampering, in a file and on a server, and says what kind it is."""

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from bot.ledger import EntryDraft, Reason, Unit, wallet
from handlers import spending
from storage.verify import Report, verify
from storage.verify.report import Findings
from tests.club import PLATFORM, SPACE, Club, Identity, config, open_club
from tests.postgres import Server

CHALLENGE = {
    "id": "weekly", "counts": "purchases", "goal": 1, "points": 5, "repeat": "weekly",
    "title": {"en": "Buy", "pl": "Kup"},
}  # fmt: skip


async def live(where: Path | str) -> None:
    """Let a club live through everything that leaves traces in the ledger."""
    async with open_club(where, config(challenge=[CHALLENGE]), inline=True) as club:
        await club.join("olek", "ania", "bartek", "celina")
        await club.set_up()
        await club.skip(days=7)
        message = club.message("ania")
        await club.app.take_part([message, club.reaction("bartek", message, added=frozenset("👍"))])
        await club.app.take_part([club.reaction("bartek", message, removed=frozenset("👍"))])
        await club.say("olek", "/purchase @celina 100 R-1", SPACE)
        await club.say("olek", "/bonus @bartek 9 x", SPACE)
        await club.skip(days=15)
        for source, points in (("used", 3), ("returned", 2), ("open", 1)):
            await _hold(club, "bartek", points, source)
        await club.database.write(lambda tx: spending.capture("used", tx))
        await club.database.write(lambda tx: spending.release("returned", tx))
        await _hold(club, "celina", 100, "all of it")
        await club.database.write(lambda tx: spending.capture("all of it", tx))
        await club.say("olek", "/refund R-1 50", SPACE)
        await club.skip(days=1)
        await club.say("olek", "/purchase @ania 50 R-2", SPACE)
        await club.say("olek", "/refund R-2 10", SPACE)
        await _undo_bonus(club)


async def _hold(club: Club, name: str, points: int, source: str) -> None:
    member = await club.database.read(lambda tx: tx.members.by_identity(Identity(PLATFORM, name)))
    assert member is not None
    await club.database.write(lambda tx: spending.hold(points, member, source, tx))


async def _undo_bonus(club: Club) -> None:
    """Give ania a point and take it back by an entry that names the first."""
    member = await club.database.read(lambda tx: tx.members.by_identity(Identity(PLATFORM, "ania")))
    assert member is not None

    def give(source: str, **ends: object) -> None:
        about = {"unit": Unit.POINTS, "points": 1, "occurred_at": club.clock.now, "reason": Reason.BONUS} | ends
        draft = EntryDraft(source=source, holder_id=member.holder_id, member_id=member.id, **about)  # type: ignore[arg-type]
        asyncio.get_running_loop()
        drafts.append(draft)

    drafts: list[EntryDraft] = []
    give("gift", from_programme="issued:bonus", to_account=wallet(member.holder_id))
    await club.database.write(lambda tx: tx.ledger.post_many(drafts))
