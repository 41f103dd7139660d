"""What a server counts, as Prometheus reads it (https://prometheus.io/docs/instrumenting/exposition_formats/)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector

from rsvpd import __version__
from rsvpd.commands.live import Backlog
from rsvpd.control.journal import interface_at
from rsvpd.store.database import Store
from rsvpd.tally import Tally


class ProcessCounts(Struct, frozen=True):
    """What one process has counted: answers as a tally has them, commits, changes that wait, streams."""

    answers: list[tuple[str, bool, int, int, float]]
    commits: int
    queued: int
    streams: int


def process_counts(tally: Tally | None, store: Store, streams: int) -> ProcessCounts:
    """Return what this process has counted."""
    return ProcessCounts(list(tally or ()), store.commits, store.queued, streams)


class Numbers(Collector):
    """What is counted at one moment, by the numbers of the processes, and what waits in the data.

    `workers` are the numbers of all processes where there are several: then each counts by its own label `worker`, and
    those that did not answer are told of.
    """

    def __init__(self, counted: Mapping[int, ProcessCounts], waiting: Backlog, workers: Iterable[int] = ()) -> None:
        self._counted = counted
        self._waiting = waiting
        self._workers = tuple(workers)

    def collect(self) -> Iterable[Metric]:
        """Yield the metrics."""
        yield _gauge("rsvpd_info", "The version of rsvpd.", 1, {"version": __version__})
        if self._workers:
            ups = GaugeMetricFamily("rsvpd_worker_up", "Whether a process answered.", labels=("worker",))
            for number in self._workers:
                ups.add_metric((str(number),), number in self._counted)
            yield ups
        yield self._requests()
        yield from (self._of_each(*one) for one in _OF_EACH)
        yield _gauge("rsvpd_outbox_messages", "Messages that wait to leave this server.", self._waiting.outbox)
        yield _gauge("rsvpd_subscriptions", "Subscriptions, the first thousand.", self._waiting.subscriptions)
        yield _gauge(
            "rsvpd_subscriptions_pending_changes", "Changes subscribers are not told of yet.", self._waiting.pending
        )

    def _requests(self) -> Metric:
        found = SummaryMetricFamily(
            "rsvpd_request_seconds", "Requests that were answered, and seconds that took.",
            labels=("interface", "method", "status", *self._label),
        )  # fmt: skip
        for number, one in self._counted.items():
            for labels, count, seconds in _by_interface(one):
                found.add_metric((*labels, *self._value(number)), count, seconds)
        return found

    def _of_each(self, family: _Family, name: str, words: str, member: str) -> Metric:
        found = family(name, words, labels=self._label)
        for number, one in self._counted.items():
            found.add_metric(self._value(number), getattr(one, member))
        return found

    @property
    def _label(self) -> tuple[str, ...]:
        return ("worker",) if self._workers else ()

    def _value(self, number: int) -> tuple[str, ...]:
        return (str(number),) if self._workers else ()


_Family = type[CounterMetricFamily] | type[GaugeMetricFamily]
_OF_EACH: tuple[tuple[_Family, str, str, str], ...] = (
    (CounterMetricFamily, "rsvpd_commits", "Transactions that were committed.", "commits"),
    (GaugeMetricFamily, "rsvpd_writes_queued", "Changes that wait for the writer.", "queued"),
    (GaugeMetricFamily, "rsvpd_live_streams", "Pages that follow a mailbox.", "streams"),
)


def _by_interface(counted: ProcessCounts) -> Iterator[tuple[tuple[str, str, str], int, float]]:
    """Yield sums, since an interface may stand at several places."""
    sums: dict[tuple[str, str, str], tuple[int, float]] = {}
    for mount, reads, status, count, seconds in counted.answers:
        key = interface_at(mount), "read" if reads else "write", f"{status}xx"
        before, took = sums.get(key, (0, 0.0))
        sums[key] = before + count, took + seconds
    for key, (count, seconds) in sums.items():
        yield key, count, seconds


def text_of(numbers: Numbers) -> bytes:
    """Return the numbers in the text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(numbers)
    return generate_latest(registry)


def _gauge(name: str, words: str, value: float, labels: dict[str, str] | None = None) -> Metric:
    if labels is None:
        return GaugeMetricFamily(name, words, value=value)
    found = GaugeMetricFamily(name, words, labels=tuple(labels))
    found.add_metric(tuple(labels.values()), value)
    return found
