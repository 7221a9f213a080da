"""Reading shops back at night: the timetable asks for it; whoever does it, outside any transaction, says what came."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta

from bot.calendar import first_instant
from bot.config.config import Config
from bot.config.shops import ShopSettings
from bot.purchases.shop_nights import DueShop, since_when
from handlers.operating.alerts import Trouble, tell
from handlers.scheduler import Run
from storage.engine.database import Database
from storage.transaction import Transaction

_ASKED, _LEASE = "shops:asked", "shops"
_UNREAD = "shops_unread"
_AGAIN, _REMIND = timedelta(hours=1), timedelta(days=1)


def shops_read_back(config: Config) -> list[ShopSettings]:
    """Return the shops whose orders are read back."""
    return [shop for shop in config.shop if shop.is_read_back]


def ask_for_shops(run: Run, tx: Transaction) -> None:
    """Ask for what a night reads back."""
    tx.settings.put(_ASKED, run.occurrence.key)


@dataclass(frozen=True, slots=True)
class _Readings:
    """What is known of reading a shop: for which night and up to which change it was read; why it failed since."""

    night: str | None = None
    read_upto: str | None = None
    why: str | None = None
    again_at: str | None = None


class DatabaseShopNights:
    """Which shops are to be read back, as a port. Every method raises TryLater if nothing was done.

    An owner is a word of its own for each process: one at a time reads.
    """

    def __init__(self, database: Database, config: Config) -> None:
        self._database = database
        self._shops = shops_read_back(config)

    async def due(self, owner: str) -> Sequence[DueShop]:
        """Return the shops to be read back now; none while another process is at it."""
        if not await self._database.read(self._due):
            return []
        return await self._database.write(lambda tx: self._due(tx) if tx.leases.take(_LEASE, owner) else [])

    async def keep(self, owner: str) -> None:
        """Still be at it: due every few seconds."""
        await self._database.write(lambda tx: tx.leases.take(_LEASE, owner))

    async def release(self, owner: str) -> None:
        """Let another process have its turn."""
        await self._database.write(lambda tx: tx.leases.release(_LEASE, owner))

    async def read(self, due: DueShop) -> None:
        """Note that a shop was read to its end."""
        await self._database.write(lambda tx: self._read(due, tx))

    async def failed(self, due: DueShop, why: str) -> None:
        """Note that it was not; tell the owners, once a day."""
        await self._database.write(lambda tx: self._failed(due, why, tx))

    def _due(self, tx: Transaction) -> list[DueShop]:
        night = tx.settings.get(_ASKED)
        if night is None:
            return []
        began_at = first_instant(date.fromisoformat(night), time(), tx.zone)
        due = []
        for shop in self._shops:
            known = _known(shop.id, tx)
            again_at = _instant(known.again_at)
            if known.night != night and (again_at is None or again_at <= tx.now):
                due.append(DueShop(shop, night, tx.now, since_when(tx.now, began_at, _instant(known.read_upto))))
        return due

    def _read(self, due: DueShop, tx: Transaction) -> None:
        _keep(due.shop.id, _Readings(due.night, due.read_upto.isoformat()), tx)
        tx.alerts.ease(_UNREAD, len(self._unread(tx)))

    def _failed(self, due: DueShop, why: str, tx: Transaction) -> None:
        known = _known(due.shop.id, tx)
        again_at = (tx.now + _AGAIN).isoformat()
        _keep(due.shop.id, _Readings(known.night, due.since.isoformat(), why, again_at), tx)
        unread = self._unread(tx)
        trouble = Trouble(_UNREAD, len(unread), {"shops": unread}, again_after=_REMIND)
        if trouble.is_news(tx):
            tell(trouble, tx)

    def _unread(self, tx: Transaction) -> list[dict[str, str]]:
        found = ((shop.id, _known(shop.id, tx).why) for shop in self._shops)
        return [{"id": shop_id, "why": why} for shop_id, why in found if why is not None]


def _known(shop_id: str, tx: Transaction) -> _Readings:
    kept = tx.settings.get(_key(shop_id))
    return _Readings() if kept is None else _Readings(**json.loads(kept))


def _keep(shop_id: str, readings: _Readings, tx: Transaction) -> None:
    tx.settings.put(_key(shop_id), json.dumps(asdict(readings)))


def _key(shop_id: str) -> str:
    return f"shops:read:{shop_id}"


def _instant(iso: str | None) -> datetime | None:
    return None if iso is None else datetime.fromisoformat(iso)
