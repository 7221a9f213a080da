"""An import in a process of its own that dies at a given batch: before it is written, or just before its commit.

Its arguments: the number of the batch, whether it is written by then (0 or 1); then those of `run_bot.py`.
"""

import os
import signal
import sys
from collections.abc import Sequence

import pytest

import run_bot
from bot.files.file_lines import PurchaseLine
from cli import importing
from handlers.purchases.import_lines import Imported
from handlers.purchases.importing import PurchaseImport
from storage.transaction import Transaction

LINES = 4


def small_batches(patch: pytest.MonkeyPatch) -> None:
    """Let imports write so few lines at once that there is something to kill."""
    for name in ("AT_ONCE_ALONE", "_AT_ONCE_BESIDE", "_AT_ONCE_WITH_BONUS"):
        patch.setattr(importing, name, LINES)


class _Dying(PurchaseImport):
    """Writes until it is time to die. The commit of the batch before is over by then."""

    batch, is_written = 0, False

    def write(self, lines: Sequence[PurchaseLine], tx: Transaction) -> Imported:
        _Dying.batch -= 1
        if not _Dying.batch and not _Dying.is_written:
            os.kill(os.getpid(), signal.SIGKILL)
        done = super().write(lines, tx)
        if not _Dying.batch:
            os.kill(os.getpid(), signal.SIGKILL)
        return done


def main() -> None:
    """Import, and die."""
    batch, is_written, *arguments = sys.argv[1:]
    _Dying.batch, _Dying.is_written = int(batch), is_written == "1"
    with pytest.MonkeyPatch.context() as patch:
        small_batches(patch)
        patch.setattr(importing, "PurchaseImport", _Dying)
        patch.setattr("sys.argv", [str(run_bot.__file__), *arguments])
        run_bot.main()


if __name__ == "__main__":
    main()
