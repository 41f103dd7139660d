"""What a server counts, as Prometheus reads it (https://prometheus.io/docs/instrumenting/exposition_formats/)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector

from rsvpd import __version__
from rsvpd.commands.live import Backlog
from rsvpd.control.journal import interface_at
from rsvpd.store.database import Store
from rsvpd.tally import Tally


class Numbers(Collector):
    """What is counted at one moment: of answers what a tally has, of the data what waits in them."""

    def __init__(self, tally: Tally | None, store: Store, waiting: Backlog, streams: int) -> None:
        self._tally = tally or Tally()
        self._store = store
        self._waiting = waiting
        self._streams = streams

    def collect(self) -> Iterable[Metric]:
        """Yield the metrics."""
        yield _gauge("rsvpd_info", "The version of rsvpd.", 1, {"version": __version__})
        yield self._requests()
        yield CounterMetricFamily("rsvpd_commits", "Transactions that were committed.", value=self._store.commits)
        yield _gauge("rsvpd_writes_queued", "Changes that wait for the writer.", self._store.queued)
        yield _gauge("rsvpd_outbox_messages", "Messages that wait to leave this server.", self._waiting.outbox)
        yield _gauge("rsvpd_subscriptions", "Subscriptions, the first thousand.", self._waiting.subscriptions)
        yield _gauge(
            "rsvpd_subscriptions_pending_changes", "Changes subscribers are not told of yet.", self._waiting.pending
        )
        yield _gauge("rsvpd_live_streams", "Pages that follow a mailbox.", self._streams)

    def _requests(self) -> Metric:
        found = SummaryMetricFamily(
            "rsvpd_request_seconds", "Requests that were answered, and seconds that took.",
            labels=("interface", "method", "status"),
        )  # fmt: skip
        for labels, count, seconds in self._by_interface():
            found.add_metric(labels, count, seconds)
        return found

    def _by_interface(self) -> Iterator[tuple[tuple[str, str, str], int, float]]:
        """Yield sums, since an interface may stand at several places."""
        sums: dict[tuple[str, str, str], tuple[int, float]] = {}
        for mount, reads, status, count, seconds in self._tally:
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
