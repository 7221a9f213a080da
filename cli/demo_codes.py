"""The one-time codes of the demo, which its help names: one for a purchase, one for a stamp."""

from dataclasses import asdict
from datetime import timedelta

from adapters.console.club import CODE_OF_PURCHASE, CODE_OF_STAMP
from bot.config.config import Config
from bot.purchases.money import parse_amount
from bot.purchases.one_time_codes import CodeKind, parse_code
from bot.rewards.stamps import CardTerms
from cli.code_files import NewBatch, Wanted
from handlers.codes.contents import key_of
from storage.engine.database import Database
from storage.transaction import Transaction

_LASTS = timedelta(days=3650)
_AMOUNT = "18.00"


async def give_codes(database: Database, config: Config) -> None:
    """Make the codes of a demo that has none yet."""
    await database.write(lambda tx: _add(tx, config))


def _add(tx: Transaction, config: Config) -> None:
    paid, card = parse_amount(_AMOUNT, config.programme.currency), config.stamp_card[0]
    terms = CardTerms.now(card)
    wanted = {
        CODE_OF_PURCHASE: Wanted(CodeKind.PURCHASE, asdict(paid), paid),
        CODE_OF_STAMP: Wanted(CodeKind.STAMP, terms.plain() | {"card": card.id}, dict(terms.title)),
    }
    ends_at = tx.now + _LASTS
    for shown, what in wanted.items():
        code = parse_code(shown)
        if tx.codes.find(key_of(code, tx.settings.keyed)) is None:
            last_day = ends_at.date().isoformat()
            NewBatch(wanted=what, last_day=last_day, ends_at=ends_at, codes=[code], link=None).add(config, tx)
