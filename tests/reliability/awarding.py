"""Awards without end and says what was acknowledged: `python -m tests.reliability.awarding DATABASE ROUND`.

Each line on standard output is the source of an award whose commit has returned.
"""

import asyncio
import os
import sys
from datetime import UTC, datetime

from adapters.logs import configure_logs
from bot.config.config import Programme
from bot.ledger.ledger import EntryDraft, Reason, Unit, wallet
from storage.engine.database import Database
from storage.engine.location import open_database
from storage.transaction import Transaction

CALLERS = 32
HOLDER = 1
READY = "ready"


def award(source: str, tx: Transaction) -> None:
    """Give one point."""
    draft = EntryDraft(
        unit=Unit.POINTS, points=1, reason=Reason.BONUS, source=source, holder_id=HOLDER, member_id=1,
        from_programme="issued:bonus", to_account=wallet(HOLDER), occurred_at=tx.now,
    )  # fmt: skip
    assert tx.ledger.post(draft)


def say(line: str) -> None:
    """Say a line in one piece: a killed process leaves none behind in a buffer."""
    os.write(sys.stdout.fileno(), f"{line}\n".encode())


async def caller(database: Database, name: str) -> None:
    """Award one after the other, each said once it is acknowledged."""
    number = 0
    while True:
        source = f"award:{name}:{number}"
        await database.write(lambda tx: award(source, tx))  # noqa: B023
        say(source)
        number += 1


async def main(where: str, name: str) -> None:
    """Award until killed."""
    configure_logs([])
    database = await open_database(where, lambda: datetime.now(UTC), Programme())
    say(READY)
    await asyncio.gather(*(caller(database, f"{name}:{number}") for number in range(CALLERS)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
