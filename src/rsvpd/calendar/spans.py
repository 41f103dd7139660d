"""Spans of instants [start, end), and how several become one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rsvpd.clock import Instant

Span = tuple[Instant, Instant]


def merge_spans(spans: Iterable[Span]) -> Iterator[Span]:
    """Yield spans that come in the order of their starts, touching and overlapping ones as one."""
    start: Instant | None = None
    end = 0
    for first, last in spans:
        if start is not None and first <= end:
            end = max(end, last)
            continue
        if start is not None:
            yield start, end
        start, end = first, last
    if start is not None:
        yield start, end
