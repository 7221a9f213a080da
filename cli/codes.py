"""The commands `codes`: one-time codes that members claim, made in batches for receipts, leaflets and parcels."""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

import typer

from adapters.logs import configure_logs
from adapters.trusted_clock import utc_now
from bot.calendar import end_of, local_date
from bot.config.config import Config
from bot.config.types import Language
from bot.earning.action import ActionTerms, NoSuchAction
from bot.earning.versions import RuleBook
from bot.errors import UserError
from bot.purchases.money import MINOR_DIGITS, Money, parse_amount
from bot.purchases.one_time_codes import PAYLOAD, CodeKind, new_code
from bot.purchases.purchases import cap_of
from bot.rewards.stamps import CardTerms
from cli.clock import clock_for
from cli.code_files import NewBatch, Wanted, new_files, said_of, sheet_files
from cli.opening import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigFile,
    alone,
    database_of,
    load,
    opening,
    require_this_version,
    secrets,
)
from cli.screen import Refusal, counted, ids_of, progress, say, show_json, show_table
from handlers.points.actions import terms_of
from storage.engine.location import Location
from storage.purchases.codes import Counted
from storage.transaction import Transaction

T = TypeVar("T")
group = typer.Typer(no_args_is_help=True, help="Make one-time codes that members claim; see what became of them.")
_MOST = 10_000


@group.command()
def make(
    count: Annotated[int, typer.Option("--count", min=1, max=_MOST, help="How many codes.", show_default=False)],
    valid_until: Annotated[
        str, typer.Option("--valid-until", metavar="DATE", help="Their last day, such as 2026-12-31.")
    ],
    amount: Annotated[
        str | None, typer.Option(metavar="AMOUNT", help="Each is for a purchase of this amount, such as 49.90.")
    ] = None,
    action: Annotated[
        str | None, typer.Option(metavar="NAME", help="Each is for this action of the config, as it is worth now.")
    ] = None,
    stamp: Annotated[
        str | None, typer.Option(metavar="ID", help="Each is for a stamp on this card of the config.")
    ] = None,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write the codes as CSV, for whoever prints receipts.")
    ] = None,
    sheet: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write A4 pages with QR pictures: .html to print from a browser, or .png."),
    ] = None,
    bot_username: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="The bot's name on Telegram: its QR pictures open the bot and claim at once."
        ),
    ] = None,
    language: Annotated[
        str | None, typer.Option(metavar="|".join(get_args(Language)), help="The language of the sheet.")
    ] = None,
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Make a batch of codes. They are shown in the files alone: keep these as you keep vouchers."""
    settings = load(config)
    spoken = _language(language, settings)
    batch = NewBatch(
        wanted=_wanted(amount, action, stamp, settings),
        last_day=valid_until,
        ends_at=_end_of(valid_until, settings),
        codes=[new_code() for _ in range(count)],
        link=_link(bot_username),
    )
    if csv_file is None and sheet is None:
        raise Refusal("say where the codes are to be written: --csv FILE, --sheet FILE, or both", 2)
    sheets = [] if sheet is None else sheet_files(sheet, count)

    def add(rows: Path | None, tx: Transaction) -> int:
        number = batch.add(settings, tx)
        # Before the batch is kept: whatever happens on the way, what the files say is true.
        if rows is not None:
            rows.write_text(batch.rows(number), encoding="utf-8", newline="")
        return number

    database, files = database_of(settings, config), [*sheets, *([] if csv_file is None else [csv_file])]
    with alone(database), opening(database), new_files(files) as parts:
        require_this_version(database, config)
        _write_sheets(batch, sheets, parts, spoken, settings)
        number = _write(lambda tx: add(None if csv_file is None else parts[csv_file], tx), settings, database)
    say(f"batch {number}: {counted(count, 'code')}, valid until {valid_until}")


@group.command(name="list")
def list_batches(config: ConfigFile = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List the batches and how many of their codes were claimed. The bot may run meanwhile."""
    settings = load(config)
    database = database_of(settings, config)
    with opening(database):
        require_this_version(database, config)
        batches = database.look(lambda tx: tx.codes.batches(), utc_now(), settings.programme) or []
    if as_json:
        show_json([_plain(counted, settings) for counted in batches])
    elif batches:
        columns = "ID", "for", "made", "valid until", "codes", "claimed", "state"
        show_table(columns, [tuple(_plain(counted, settings).values()) for counted in batches])
    else:
        say("No codes were made.")


@group.command()
def stop(
    batch: Annotated[
        int, typer.Argument(metavar="ID", help="The number that `list` shows.", parser=ids_of("codes list"))
    ],
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """End a batch for good: what nobody has claimed yet cannot be claimed any more."""
    settings = load(config)
    database = database_of(settings, config)
    with alone(database), opening(database):
        require_this_version(database, config)
        if not _write(lambda tx: tx.codes.stop(batch), settings, database):
            raise Refusal(f"there is no batch {batch} that could be stopped")
    say(f"batch {batch} is stopped")


# What is made -------------------------------------------------------------------------------------------------------


def _wanted(amount: str | None, action: str | None, stamp: str | None, config: Config) -> Wanted:
    if sum(given is not None for given in (amount, action, stamp)) != 1:
        raise Refusal("say what a code is for: --amount 49.90, --action NAME, or --stamp ID", 2)
    if amount is not None:
        return _purchase(amount, config)
    return _stamp(stamp.lower(), config) if stamp is not None else _action(str(action), config)


def _purchase(amount: str, config: Config) -> Wanted:
    try:
        paid = parse_amount(amount, config.programme.currency)
    except UserError:
        example = f"49.90 {config.programme.currency}" if MINOR_DIGITS[config.programme.currency] else "49"
        raise Refusal(f"--amount: {amount} is no amount; it should be like {example}", 2) from None
    _require_earning(paid, amount, config)
    return Wanted(CodeKind.PURCHASE, asdict(paid), paid)


def _action(action: str, config: Config) -> Wanted:
    try:
        terms: ActionTerms = terms_of(action.lower(), config, RuleBook.of(config))
    except NoSuchAction:
        known = ", ".join(config.earning.action) or "the config has none yet"
        raise Refusal(f"--action: there is no action {action}; known: {known}", 2) from None
    return Wanted(CodeKind.ACTION, asdict(terms), dict(terms.title))


def _stamp(card: str, config: Config) -> Wanted:
    found = next((settings for settings in config.stamp_card if settings.id == card), None)
    if found is None:
        known = ", ".join(settings.id for settings in config.stamp_card) or "the config has none yet"
        raise Refusal(f"--stamp: there is no stamp card {card}; known: {known}", 2)
    terms = CardTerms.now(found)
    return Wanted(CodeKind.STAMP, terms.plain() | {"card": card}, dict(terms.title))


def _require_earning(paid: Money, amount: str, config: Config) -> None:
    """Raise Refusal for a purchase that could bring neither points nor stamps."""
    minimum = config.earning.purchase.minimum_amount
    for_stamps = (card.minimum_amount for card in config.stamp_card if card.by_purchase and not card.product)
    if all(paid.amount_minor < cap_of(least, paid.currency).amount_minor for least in (minimum, *for_stamps)):
        rule = f"earning.purchase.minimum_amount is {minimum} {paid.currency}"
        raise Refusal(f"--amount: a purchase of {amount} earns nothing; {rule}", 2)


def _end_of(last_day: str, config: Config) -> datetime:
    """Return the first instant at which the codes are over."""
    zone = config.programme.zone
    try:
        day = date.fromisoformat(last_day)
        if day < local_date(utc_now(), zone):
            raise Refusal(f"--valid-until: {last_day} is over already", 2)
        return end_of(day, zone)
    except (ValueError, OverflowError):
        raise Refusal(f"--valid-until: {last_day} is no date; it should be like 2026-12-31", 2) from None


def _link(bot_username: str | None) -> str | None:
    """Return what a link that claims a code begins with."""
    if bot_username is None:
        return None
    name = bot_username.removeprefix("@")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{3,31}", name):
        raise Refusal(f"--bot-username: {bot_username} is no name of a bot; it should be like bywalec_bot", 2)
    return f"https://t.me/{name}?start={PAYLOAD}"


def _language(given: str | None, config: Config) -> str:
    spoken = config.programme.languages
    if given is not None and given not in spoken:
        raise Refusal(f"--language: {given} is not spoken here; choose {' or '.join(spoken)}", 2)
    return given or config.programme.default_language


def _write_sheets(
    batch: NewBatch, sheets: Sequence[Path], parts: Mapping[Path, Path], language: str, config: Config
) -> None:
    if not sheets:
        return
    with progress() as advance:
        for number, (path, page) in enumerate(zip(sheets, batch.sheets(sheets, language, config), strict=True), 1):
            parts[path].write_bytes(page)
            advance("drawing", number, len(sheets))


def _write(work: Callable[[Transaction], T], config: Config, place: Location) -> T:
    now = clock_for(config)

    async def write() -> T:
        database = await place.open(now, config.programme)
        try:
            return await database.write(work)
        finally:
            await database.close()

    configure_logs(secrets(config), logging.ERROR)
    return asyncio.run(write())


def _plain(counted: Counted, config: Config) -> dict[str, Any]:
    batch, zone = counted.batch, config.programme.zone
    is_over = utc_now() >= batch.valid_until
    return {
        "id": batch.id,
        "for": said_of(batch.kind, batch.terms),
        "made": local_date(batch.made_at, zone).isoformat(),
        "valid_until": local_date(batch.valid_until - timedelta(microseconds=1), zone).isoformat(),
        "codes": counted.codes,
        "claimed": counted.claimed,
        "state": "stopped" if batch.stopped_at is not None else "over" if is_over else "open",
    }
