"""Claims of scheduled work: which occurrence of which job was done or skipped."""

from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import insert

from storage import schema
from storage.dialect import Connection, binds
from storage.times import maybe_from_us, to_us

_run = schema.job_run
_CLAIM = (
    insert(_run)
    .values(binds("job", "space_id", "occurrence", "due_at", "state", "ran_at"))
    .on_conflict_do_nothing(index_elements=["job", "space_id", "occurrence"])
)
_LAST = select(func.max(_run.c.due_at)).where(_run.c.job == bindparam("job"), _run.c.space_id == bindparam("space"))
DONE, SKIPPED = "done", "skipped"


class Jobs:
    """One row for each occurrence, made in the same transaction as its work."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def claim(self, job: str, space_id: int, occurrence: str, due_at: datetime, state: str) -> bool:
        """Claim an occurrence; False if it was claimed before."""
        cursor = self._connection.run(
            _CLAIM,
            job=job,
            space_id=space_id,
            occurrence=occurrence,
            due_at=to_us(due_at),
            state=state,
            ran_at=to_us(self._now),
        )
        return bool(cursor.rowcount)

    def last(self, job: str, space_id: int) -> datetime | None:
        """Return when the newest claimed occurrence was due."""
        return maybe_from_us(self._connection.value(_LAST, job=job, space=space_id))
