"""What Prometheus reads: counters fed by an observer, and figures asked for when somebody looks."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from bot.observing import Figures, Observer, Outcome

_PREFIX = "bywalec"
_TIMES_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 512)
# A platform's refusals are its own words: few in fact, and never more than these in the figures.
_MOST_ERRORS = 50
_OTHER = "other"


class Connected(Protocol):
    """A platform's adapter, as far as its state is shown."""

    @property
    def platform(self) -> str:
        """Its name."""
        ...

    @property
    def is_connected(self) -> bool:
        """Whether the platform can be spoken to now."""
        ...

    @property
    def channels_behind(self) -> int:
        """How many channels are still being read back after a break."""
        ...


class Metrics(Observer):
    """Counts what it is told. `page` is what Prometheus reads."""

    def __init__(self, version: str, python: str, database: str) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._errors: set[str] = set()
        self._events = self._counter("events", "Events that came in.", "platform", "kind")
        self._entries = self._counter("entries", "Ledger entries written.", "reason")
        self._hooks = self._counter("hooks", "Calls of shops.", "shop", "outcome")
        self._read_back = self._counter("orders_read_back", "Orders read back from shops.", "shop", "outcome")
        self._refusals = self._counter("refusals", "Refusals that people were told.", "template")
        self._sends = self._counter("sends", "Attempts to send a post.", "platform", "outcome")
        self._send_errors = self._counter("send_errors", "Attempts that ended badly.", "platform", "error")
        self._runs = self._counter("job_runs", "Occurrences of scheduled jobs.", "job", "state")
        self._lateness = self._gauge("job_lateness_seconds", "How late the job last began.", "job")
        self._write = self._histogram("database_write_seconds", "Time of a write group to its commit.", _TIMES_S)
        self._read = self._histogram("database_read_seconds", "Time of a read.", _TIMES_S)
        self._group = self._histogram("database_group_size", "Calls that shared a commit.", _SIZES)
        self._away = self._counter("database_away", "Times the database was locked, full or gone.")
        self._lag = self._histogram("loop_lag_seconds", "How late the event loop comes back.", _TIMES_S)
        self._queue = self._gauge("send_queue", "Posts that wait to be sent.", "platform")
        self._oldest = self._gauge("send_queue_oldest_seconds", "Age of the oldest post that is due.", "platform")
        self._letters = self._gauge("dead_letters", "Events and jobs that were given up.")
        self._unknown = self._gauge("sends_unknown", "Posts that may or may not have arrived.")
        self._disk = self._gauge("disk_free_bytes", "Free on the database's disk.")
        self._connected = self._gauge("platform_connected", "1 while the platform can be spoken to.", "platform")
        self._behind = self._gauge("channels_behind", "Channels that are being read back.", "platform")
        build = self._gauge("build_info", "The version that runs.", "version", "python", "database")
        build.labels(version, python, database).set(1)

    def heard(self, platform: str, kinds: Mapping[str, int]) -> None:
        for kind, count in kinds.items():
            self._events.labels(platform, kind).inc(count)

    def kept(self, tally: Mapping[tuple[str, str], int]) -> None:
        for (what, label), count in tally.items():
            match what:
                case "entry":
                    self._entries.labels(label).inc(count)
                case "refusal":
                    self._refusals.labels(label).inc(count)
                case _:
                    self._runs.labels(label, what).inc(count)

    def called(self, shop: str, outcome: str) -> None:
        self._hooks.labels(shop, outcome).inc()

    def read_back(self, shop: str, outcome: str) -> None:
        self._read_back.labels(shop, outcome).inc()

    def wrote(self, calls: int, seconds: float) -> None:
        self._write.observe(seconds)
        self._group.observe(calls)

    def read(self, seconds: float) -> None:
        self._read.observe(seconds)

    def database_away(self) -> None:
        self._away.inc()

    def sent(self, platform: str, outcome: Outcome, error: str = "") -> None:
        self._sends.labels(platform, outcome).inc()
        if outcome != "sent":
            self._send_errors.labels(platform, self._bounded(error)).inc()

    def ran(self, job: str, late_s: float) -> None:
        self._lateness.labels(job).set(late_s)

    def lagged(self, seconds: float) -> None:
        self._lag.observe(seconds)

    def page(self, figures: Figures | None, disk_free_bytes: int | None, platforms: Sequence[Connected]) -> bytes:
        """Return everything in Prometheus' text format; what is not known is not a number, or is left out."""
        self._show(figures)
        self._disk.set(_known(disk_free_bytes))
        for adapter in platforms:
            self._connected.labels(adapter.platform).set(adapter.is_connected)
            self._behind.labels(adapter.platform).set(adapter.channels_behind)
        return generate_latest(self.registry)

    def _show(self, figures: Figures | None) -> None:
        self._letters.set(_known(None if figures is None else figures.dead_letters))
        self._unknown.set(_known(None if figures is None else figures.unknown_sends))
        # A platform without posts is no longer in the figures.
        self._queue.clear()
        self._oldest.clear()
        for platform, (waiting, oldest_s) in (figures.queue if figures else {}).items():
            self._queue.labels(platform).set(waiting)
            self._oldest.labels(platform).set(oldest_s)

    def _bounded(self, error: str) -> str:
        error = error[:60] or _OTHER
        if error not in self._errors and len(self._errors) >= _MOST_ERRORS:
            return _OTHER
        self._errors.add(error)
        return error

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"{_PREFIX}_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"{_PREFIX}_{name}", text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, buckets: Sequence[float]) -> Histogram:
        return Histogram(f"{_PREFIX}_{name}", text, buckets=buckets, registry=self.registry)


def _known(figure: int | None) -> float:
    return float("nan") if figure is None else figure
