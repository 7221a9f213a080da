"""Sealing: every night the entries written since the last seal are fixed by a chained hash."""

from datetime import timedelta

import structlog

from handlers.scheduler import Run
from storage.ledger.seals import ENTRIES_A_SEAL
from storage.transaction import Transaction

log = structlog.get_logger("bywalec.seals")
_SETTLED_AFTER = timedelta(hours=1)
"""No transaction is open for so long, so no entry can still appear among older ones."""


def seal(run: Run, tx: Transaction) -> str | None:
    """Seal a part of what is old enough. The hash in the log is the witness if someone rewrites the seals too."""
    made = tx.seals.seal_next(tx.now - _SETTLED_AFTER)
    if made is None:
        return None
    log.info("sealed", seal=made.id, last_entry=made.last_entry_id, hash=made.hash)
    return str(made.id) if made.entries == ENTRIES_A_SEAL else None
