"""The journal of erasures beside the backups: numbers and instants alone, for the day the database itself is lost."""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from storage.engine.backup import Unfit, beside, finish
from storage.members.erasures import Erasure, together

_ENDING = "-erasures.jsonl"


def journal_file(folder: Path, stem: str) -> Path:
    """Return where the journal of a club is."""
    return folder / f"{stem}{_ENDING}"


def journals_in(folder: Path) -> list[Path]:
    """Return the journals in a folder, of whatever club: what an erasure says fits nobody in another one."""
    return sorted(folder.glob(f"*{_ENDING}"))


def read_journal(file: Path) -> list[Erasure]:
    """Return the erasures in a journal. Raises Unfit for one that cannot be understood, OSError."""
    erasures = []
    for number, line in enumerate(file.read_text(encoding="ascii", errors="replace").splitlines(), 1):
        try:
            told = json.loads(line)
            since, erased_at = (datetime.fromisoformat(told[name]) for name in ("since", "erased_at"))
            erasures.append(Erasure(int(told["holder"]), since, erased_at))
        except (ValueError, KeyError, TypeError):
            raise Unfit(f"line {number} of the journal {file} cannot be read") from None
    return erasures


def keep_journal(file: Path, erasures: Iterable[Erasure]) -> None:
    """Add erasures to the journal, which is replaced as a whole. Raises Unfit, DatabaseInUse, OSError."""
    known = read_journal(file) if file.exists() else []
    all_of_them = together(known, erasures)
    if all_of_them == known:
        return
    with beside(file) as part:
        part.write_text("".join(f"{_line(erasure)}\n" for erasure in all_of_them), encoding="ascii")
        finish(part, file)


def _line(erasure: Erasure) -> str:
    since, erased_at = erasure.since.isoformat(), erasure.erased_at.isoformat()
    return json.dumps({"holder": erasure.holder_id, "since": since, "erased_at": erased_at})
