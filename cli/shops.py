"""The commands `shops`: reading orders back from shops by hand, as the bot does each night."""

import asyncio
import logging
from collections import Counter
from datetime import timedelta
from typing import Annotated

import typer

from adapters.logs import configure_logs
from bot.config.config import Config
from bot.config.shops import READ_BACK, ShopSettings
from bot.purchases.shop_nights import MOST_DAYS, USUAL_DAYS
from cli.clock import Now, clock_for
from cli.opening import DEFAULT_CONFIG, ConfigFile, alone, database_of, load, opening, require_this_version, secrets
from cli.screen import Advance, Refusal, counted, progress, say
from handlers.shops.desk import ShopDesk
from handlers.shops.nights import shops_read_back
from handlers.table import build_app
from storage.engine.location import Location

group = typer.Typer(no_args_is_help=True, help="Read orders back from web shops.")
_ALWAYS_TOLD = ("recorded", "changed", "unchanged", "waiting", "unreadable")


@group.callback()
def shops() -> None:
    """Read orders back from web shops."""


@group.command()
def reconcile(
    shop: Annotated[
        str | None, typer.Argument(metavar="SHOP", help="The id of one shop; without it, all that can be read back.")
    ] = None,
    days: Annotated[
        int, typer.Option(min=1, max=MOST_DAYS, help="Which orders: those that changed in so many days.")
    ] = USUAL_DAYS,
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Read orders back, as the bot does each night. Exit code 1 unless all could be read. On SQLite stop the bot."""
    settings = load(config)
    chosen = _chosen(shop, settings)
    place = database_of(settings, config)
    with alone(place), opening(place):
        require_this_version(place, config)
        all_well = asyncio.run(_reconcile(chosen, days, settings, place, clock_for(settings)))
    raise typer.Exit(0 if all_well else 1)


def _chosen(shop_id: str | None, config: Config) -> list[ShopSettings]:
    able = shops_read_back(config)
    chosen = [shop for shop in able if shop_id in (None, shop.id)]
    if chosen:
        return chosen
    kinds = " or ".join(READ_BACK)
    if shop_id is None or shop_id in {shop.id for shop in config.shop}:
        raise Refusal(f"there is no [[shop]] of kind {kinds} with api_base_url to read from; see docs/shops.md", 2)
    known = ", ".join(shop.id for shop in able) or "none yet"
    raise Refusal(f"there is no [[shop]] {shop_id}; those that can be read back: {known}", 2)


async def _reconcile(shops: list[ShopSettings], days: int, config: Config, place: Location, now: Now) -> bool:
    configure_logs(secrets(config), logging.CRITICAL)
    database = await place.open(now, config.programme)
    try:
        # It remembers what is behind the rules that entries name.
        await build_app(database, config).start()
        desk = ShopDesk(database, config)
        with progress() as advance:
            return all([await _read(shop, days, desk, advance, now) for shop in shops])
    finally:
        await database.close()


async def _read(shop: ShopSettings, days: int, desk: ShopDesk, advance: Advance, now: Now) -> bool:
    """Read one shop and say what came of it; return whether all of it could be read."""
    # What speaks HTTP takes a while to load, and most commands do without.
    from adapters.shops.asking import ShopUnread
    from adapters.shops.check import explained
    from adapters.shops.reading_back import read_back

    outcomes = Counter[str]()

    def tell(outcome: str, total: int | None) -> None:
        outcomes[outcome] += 1
        advance(shop.id, outcomes.total(), total or 0)

    unread = None
    try:
        await read_back(shop, now() - timedelta(days=days), desk, tell, now)
    except ShopUnread as error:
        unread = error
    said = [f"{outcomes[name]} {name}" for name in _ALWAYS_TOLD]
    others = sorted(set(outcomes) - set(_ALWAYS_TOLD))
    said += [f"{outcomes[name]} {name.replace('_', ' ')}" for name in others]
    say(f"{shop.id}: {counted(outcomes.total(), 'order')}: {', '.join(said)}")
    if unread is not None:
        say(f"The shop {shop.id} {explained(shop, unread)}.", style="red")
    return unread is None and not outcomes["unreadable"] and not outcomes["parked"]
