"""Claims of scheduled work: which occurrence of which job was done or skipped."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from storage import schema
from storage.engine.dialect import Connection, binds
from storage.engine.times import from_us, to_us

_run = schema.job_run
_WHICH = (
    _run.c.job == bindparam("of_job"),
    _run.c.space_id == bindparam("of_space"),
    _run.c.occurrence == bindparam("of_occurrence"),
)
_CLAIM = (
    insert(_run)
    .values(binds("job", "space_id", "occurrence", "due_at", "state", "ran_at"))
    .on_conflict_do_nothing(index_elements=["job", "space_id", "occurrence"])
)
_STATE = select(_run.c.state, _run.c.progress).where(*_WHICH)
_SET = (
    update(_run)
    .where(*_WHICH)
    .values(state=bindparam("new_state"), progress=bindparam("new_progress"), ran_at=bindparam("now"))
)
_REOPEN = update(_run).where(*_WHICH, _run.c.state == "skipped").values(state="running")
# A job every ten minutes has fifty thousand runs a year, of which MAX would look at each.
_LAST = (
    select(_run.c.due_at)
    .where(_run.c.job == bindparam("job"), _run.c.space_id == bindparam("space"), _run.c.state != "running")
    .order_by(_run.c.due_at.desc())
    .limit(1)
)
_IS_AHEAD = _run.c.due_at > bindparam("after")
_AHEAD = select(_run.c.due_at).where(_IS_AHEAD).limit(1)
_FORGET_AHEAD = delete(_run).where(_IS_AHEAD)
_RUNNING, _DONE, _SKIPPED = "running", "done", "skipped"


@dataclass(frozen=True, slots=True)
class Claim:
    """One occurrence of a job, for the club (CLUB) or a space."""

    job: str
    space_id: int
    occurrence: str
    due_at: datetime


class Jobs:
    """One row for each occurrence, made in the same transaction as its work, or as the first part of it."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def begin(self, claim: Claim) -> tuple[bool, str | None]:
        """Claim an occurrence. Return whether there is something to do, and the mark that an earlier part left."""
        if self._claim(claim, _RUNNING):
            return True, None
        state, progress = self._connection.all(_STATE, **_which(claim))[0]
        return state == _RUNNING, progress

    def skip(self, claim: Claim) -> bool:
        """Note that an occurrence will not be done; False if that or its work was noted before."""
        if self._claim(claim, _SKIPPED):
            return True
        is_begun, progress = self.begin(claim)
        if is_begun:
            self._set(claim, _SKIPPED, progress)
        return is_begun

    def reopen(self, claim: Claim) -> None:
        """Give an occurrence that was skipped another chance, from where its work came to."""
        self._connection.run(_REOPEN, **_which(claim))

    def pause(self, claim: Claim, progress: str) -> None:
        """Note how far the work of an occurrence came; the rest follows in another transaction."""
        self._set(claim, _RUNNING, progress)

    def finish(self, claim: Claim) -> None:
        """Note that the work of an occurrence is done."""
        self._set(claim, _DONE, None)

    def last(self, jobs: Iterable[tuple[str, int]]) -> list[datetime | None]:
        """Return, for each job of the club or a space, when the newest occurrence that is done or skipped was due."""
        found = self._connection.first_of_each(_LAST, [{"job": job, "space": space_id} for job, space_id in jobs])
        return [None if row is None else from_us(row[0]) for row in found]

    def are_ahead(self, of: datetime) -> bool:
        """Whether an occurrence is noted that falls due after an instant."""
        return self._connection.first(_AHEAD, after=to_us(of)) is not None

    def forget_ahead(self, of: datetime) -> None:
        """Let what falls due after an instant fall due again."""
        self._connection.run(_FORGET_AHEAD, after=to_us(of))

    def _claim(self, claim: Claim, state: str) -> bool:
        cursor = self._connection.run(
            _CLAIM,
            job=claim.job,
            space_id=claim.space_id,
            occurrence=claim.occurrence,
            due_at=to_us(claim.due_at),
            state=state,
            ran_at=to_us(self._now),
        )
        return bool(cursor.rowcount)

    def _set(self, claim: Claim, state: str, progress: str | None) -> None:
        self._connection.run(_SET, **_which(claim), new_state=state, new_progress=progress, now=to_us(self._now))


def _which(claim: Claim) -> dict[str, object]:
    return {"of_job": claim.job, "of_space": claim.space_id, "of_occurrence": claim.occurrence}
