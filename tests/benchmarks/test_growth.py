"""What people do costs about as much in a large club: counted in steps of SQLite's machine, not in time."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from benchmarks import club as big
from bot.purchases.shop_orders import BuyerHints, Fact, OrderNews
from handlers.shops.desk import ShopDesk
from storage.engine.database import InlineDatabase
from storage.transaction import Transaction
from tests.club import SPACE, Club, config, open_club

_FEW, _MANY = 500, 5000
# A tree of ten times the rows is a level higher, and what is looked up by several keys is so for each of them.
_AT_MOST, _SMALL = 1.5, 600
_PEOPLE = {"olek": 1, "ania": 300, "bartek": 301, "celina": 302}
_SETTINGS = config(
    shop=[{"id": "online", "kind": "generic", "secret": "not-a-secret"}],
    reward=[{"id": "coffee", "cost": 5, "name": {"en": "Coffee", "pl": "Kawa"}}],
    stamp_card=[
        {"id": "cup", "stamps": 3, "title": {"en": "Cup", "pl": "Kubek"}, "reward": {"en": "Cup", "pl": "Kubek"}}
    ],
    earning={"action": {"repair": {"points": 5, "status": 5, "title": {"en": "Repair", "pl": "Naprawa"}}}},
)
_SAID: tuple[tuple[str, str, str | None], ...] = (
    ("olek", "/purchase @ania 49.90 R-1", None),
    ("olek", "/purchase @ania 12 R-2", None),
    ("olek", "/refund R-2", None),
    ("olek", "/bonus @ania 50 for helping", None),
    ("olek", "/action @ania repair", None),
    ("olek", "/stamp @ania cup 3", None),
    ("ania", "/balance", None),
    ("ania", "/history", None),
    ("ania", "/rank", None),
    ("ania", "/leaderboard", None),
    ("ania", "/rewards", None),
    ("ania", "/redeem coffee", "Yes, redeem"),
    ("ania", "/coupons", None),
    ("ania", "/stamps", None),
    ("ania", "/tier", None),
    ("ania", "/challenges", None),
    ("newcomer", "/start", "Accept and join"),
    ("bartek", "/leave", "Yes, leave"),
)


class _Steps:
    """Counts what SQLite does, in tens of steps."""

    def __init__(self, database: InlineDatabase) -> None:
        self.count = 0
        for connection in (database._writer, database._reader):
            connection.set_progress_handler(self, 10)

    def __call__(self) -> int:
        self.count += 1
        return 0


def _costs(path: Path, members: int) -> dict[str, int]:
    """Return what each thing that people do costs in a club of so many members."""
    big.build(path, members)
    with closing(sqlite3.connect(path)) as connection, connection:
        for name, holder in _PEOPLE.items():
            sql = (
                "UPDATE identity SET platform = 'console', user_id = ?, username = ?, is_owner = ? WHERE holder_id = ?"
            )
            connection.execute(sql, (name, name, int(name == "olek"), holder))
    return asyncio.run(_counted(path))


async def _counted(path: Path) -> dict[str, int]:
    costs: dict[str, int] = {}
    async with open_club(path, _SETTINGS, inline=True, begin=big.NOW) as club:
        await club.set_up()
        assert isinstance(club.database, InlineDatabase)
        steps = _Steps(club.database)

        def done(what: str) -> None:
            costs[what], steps.count = steps.count, 0

        for name, text, label in _SAID:
            if text == "/rank":
                # Whoever looks first has them moved, and looks again.
                await club.database.write(lambda tx: tx.leaderboards.catch_up())
                done("moving the boards")
            said = await club.say(name, text)
            assert "wrong" not in said
            done(text)
            if label is not None:
                await club.press(name, label)
                done(label)
        await club.say("ania", "/leaderboard", SPACE)
        done("the group's board")
        await club.app.take_part([club.message(name, event_id=name) for name in ("ania", "celina")])
        done("messages")
        await _order(club)
        done("an order")
    return costs


async def _order(club: Club) -> None:
    desk = ShopDesk(club.database, club.config)
    facts = (Fact("sale", club.clock.now, 4990, occurred_at=club.clock.now),)
    card = await club.database.read(_card)
    assert (
        await desk.take(club.config.shop[0], OrderNews("O-1", "PLN", facts, "1", BuyerHints(card)), "call")
        == "recorded"
    )


def _card(tx: Transaction) -> str:
    member = tx.members.by_holder(_PEOPLE["celina"])
    assert member is not None
    return str(member.card_number)


def test_what_people_do_costs_as_much_in_a_club_of_ten_times_the_members(tmp_path: Path) -> None:
    few, many = _costs(tmp_path / "few.db", _FEW), _costs(tmp_path / "many.db", _MANY)
    grown = {what: (few[what], cost) for what, cost in many.items() if cost > max(_SMALL, few[what]) * _AT_MOST}
    assert grown == {}
