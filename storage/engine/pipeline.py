"""Statements sent ahead over one PostgreSQL connection: only who asks for a result waits for it."""

import contextlib
import itertools
import select
import time
from collections import deque
from collections.abc import Sequence

import psycopg
from psycopg import errors, pq
from psycopg.adapt import Transformer
from psycopg.types.numeric import IntLoader

from storage.engine.dialect import Row

_OPTIONS = {
    "connect_timeout": 5,
    "client_encoding": "UTF8",
    "application_name": "bywalec",
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
_CONFLICTS = ("40001", "40P01")
# Connection trouble, resources used up, a server that stops, an I/O error, a lock waited for in vain, a server that
# became a standby, a transaction that was left idle.
_AWAY = ("08", "53", "57P", "58", "55P03", "25006", "25P03")
_QUOTES_INPUT = "22"
_PUSH_EVERY = 32


class GroupEnded(BaseException):
    """The transaction cannot go on, whatever the running function makes of it. `error` says why.

    No Exception, so that no function takes it for something it caused.
    """

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class Away(GroupEnded):
    """The database is not there, or cannot work now. What a commit under way did is unknown."""


class Conflict(GroupEnded):
    """Another transaction was in the way: the same work may be run again."""


class Late(GroupEnded):
    """A function of the group failed: itself, or a statement that it sent and did not wait for."""


class Pending:
    """A statement that was sent, and its result once somebody asked for one."""

    __slots__ = ("_pipeline", "owner", "prepares", "result")

    def __init__(self, pipeline: "Pipeline", owner: int, prepares: str | None = None) -> None:
        self._pipeline = pipeline
        self.owner = owner
        self.prepares = prepares
        self.result: pq.abc.PGresult | None = None

    def _settled(self) -> pq.abc.PGresult:
        if self.result is None:
            self._pipeline.settle()
        if self.result is None:
            raise errors.InFailedSqlTransaction("an earlier statement of the transaction failed")
        return self.result

    @property
    def status(self) -> bytes:
        """What the server calls what it did: COMMIT, INSERT 0 1, …"""
        return self._settled().command_status or b""

    @property
    def rowcount(self) -> int:
        """How many rows the statement changed."""
        return self._settled().command_tuples or 0

    def fetchone(self) -> Row | None:
        """Return the first row or None."""
        rows = self._pipeline.rows(self._settled(), 1)
        return rows[0] if rows else None

    def fetchall(self) -> list[Row]:
        """Return all rows."""
        result = self._settled()
        return self._pipeline.rows(result, result.ntuples)


class Pipeline:
    """One connection in libpq's pipeline mode; every statement is prepared once. For one thread at a time.

    Not psycopg's cursors: they cost 50 to 100 microseconds a statement, as much as the statement itself.
    """

    def __init__(self, url: str, deadline_s: float, *, is_reader: bool = False) -> None:
        """Connect. Raises Away."""
        self.owner = 0
        self.ended: GroupEnded | None = None
        self._deadline_s = deadline_s
        self._away = tuple(code for code in _AWAY if not (is_reader and code == "25006"))
        self._names: dict[str, bytes] = {}
        self._numbers = itertools.count()
        self._pending: deque[Pending] = deque()
        try:
            self._connection = psycopg.connect(url, autocommit=True, **_OPTIONS)  # type: ignore[arg-type]
        except psycopg.Error as error:
            raise Away(error) from None
        self._pg = self._connection.pgconn
        self._pg.nonblocking = 1
        self._pg.enter_pipeline_mode()
        self._poll = select.poll()
        self._transformer = Transformer(self._connection)
        # What is summed here are whole numbers.
        self._transformer.adapters.register_loader("numeric", IntLoader)

    @property
    def is_usable(self) -> bool:
        """Whether the connection stands and nothing hinders the next transaction."""
        return not self._connection.closed and not isinstance(self.ended, Away)

    def send(self, sql: str, parameters: Sequence[bytes | None] = ()) -> Pending:
        """Send one statement with $1, $2, … and do not wait for its result. Raises GroupEnded."""
        if self.ended is not None:
            raise self.ended
        try:
            name = self._names.get(sql)
            if name is None:
                name = self._names[sql] = b"b%d" % next(self._numbers)
                self._pg.send_prepare(name, sql.encode())
                self._pending.append(Pending(self, self.owner, prepares=sql))
            self._pg.send_query_prepared(name, parameters)
            pending = Pending(self, self.owner)
            self._pending.append(pending)
            if len(self._pending) % _PUSH_EVERY == 0:
                self._pg.flush()
        except psycopg.OperationalError as error:
            raise self._lost(error) from None
        return pending

    def push(self) -> None:
        """Let the server have what was sent, and do not wait for it."""
        try:
            self._pg.flush()
        except psycopg.OperationalError as error:
            raise self._lost(error) from None

    def rows(self, result: pq.abc.PGresult, most: int) -> list[Row]:
        """Return at most so many rows of a result."""
        self._transformer.set_pgresult(result)
        found: list[Row] = self._transformer.load_rows(0, min(most, result.ntuples), tuple)
        return found

    def settle(self) -> None:
        """Wait for the results of all that was sent. Raises the first error, or GroupEnded."""
        if self.ended is not None:
            raise self.ended
        if not self._pending:
            return
        failed: tuple[Pending, psycopg.Error] | None = None
        try:
            self._pg.pipeline_sync()
            deadline = time.monotonic() + self._deadline_s
            while self._pending:
                pending = self._pending.popleft()
                error = self._take(pending, deadline)
                if error is not None and failed is None:
                    failed = pending, error
            self._next(deadline)
        except psycopg.OperationalError as error:
            raise self._lost(failed[1] if failed else error) from None
        if failed:
            self._raise(*failed)

    def _take(self, pending: Pending, deadline: float) -> psycopg.Error | None:
        """Read the result of one statement; return its error."""
        result = self._next(deadline)
        if result is None:
            raise psycopg.OperationalError("the connection was lost")
        self._next(deadline)
        if result.status in (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK):
            pending.result = result
            return None
        if pending.prepares is not None:
            self._names.pop(pending.prepares, None)
        return _error_of(result) if result.status == pq.ExecStatus.FATAL_ERROR else None

    def _next(self, deadline: float) -> pq.abc.PGresult | None:
        """Return the next result, None at the end of one statement's. Raises OperationalError after the deadline."""
        pg = self._pg
        while pg.is_busy():
            unsent = pg.flush()
            self._poll.register(pg.socket, select.POLLIN | select.POLLOUT if unsent else select.POLLIN)
            left_ms = int((deadline - time.monotonic()) * 1000)
            if left_ms <= 0 or not self._poll.poll(left_ms):
                raise psycopg.OperationalError("the database does not answer")
            pg.consume_input()
        return pg.get_result()

    def _raise(self, pending: Pending, error: psycopg.Error) -> None:
        code = error.sqlstate or ""
        if code in _CONFLICTS:
            self.ended = Conflict(error)
        elif not code or code.startswith(self._away):
            raise self._lost(error)
        elif pending.owner != self.owner:
            self.ended = Late(error)
        raise self.ended or error

    def _lost(self, error: psycopg.Error) -> Away:
        self.ended = Away(error)
        self._connection.close()
        return self.ended

    def roll_back(self) -> None:
        """End the transaction, whatever state it is in, so that the next one can begin."""
        if isinstance(self.ended, Away):
            return
        self.ended = None
        with contextlib.suppress(GroupEnded, psycopg.Error):
            self.settle()
        if not isinstance(self.ended, Away):
            self.ended = None
            self.send("ROLLBACK")
            self.settle()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _error_of(result: pq.abc.PGresult) -> psycopg.Error:
    """Return the error of a failed statement. Its text names tables and rules, never what a person wrote."""
    code = (result.error_field(pq.DiagnosticField.SQLSTATE) or b"").decode()
    if not code:
        return psycopg.OperationalError("the connection was lost")
    try:
        kind = errors.lookup(code)
    except KeyError:
        kind = psycopg.OperationalError if code.startswith(_AWAY) else psycopg.DatabaseError
    message = (result.error_field(pq.DiagnosticField.MESSAGE_PRIMARY) or b"").decode(errors="replace")
    error = kind(f"value refused ({code})" if code.startswith(_QUOTES_INPUT) else message)
    error.sqlstate = code
    return error
