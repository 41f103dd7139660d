"""How many requests were answered, and how long that took, by interface, method and class of status."""

from __future__ import annotations

from collections.abc import Iterator


class Tally:
    """Counts of one process. An answer costs one look into a small table."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, bool, int], list[float]] = {}

    def add(self, mount: str, method: str, status: int, seconds: float) -> None:
        """Count an answer of the interface at `mount`."""
        key = mount, method in _READS, status // 100
        kept = self._found.get(key)
        if kept is None:
            self._found[key] = [1, seconds]
        else:
            kept[0] += 1
            kept[1] += seconds

    def __iter__(self) -> Iterator[tuple[str, bool, int, int, float]]:
        """Go through mount, whether it only read, class of status, count and seconds."""
        for (mount, reads, status), (count, seconds) in sorted(self._found.items()):
            yield mount, reads, status, int(count), seconds


_READS = frozenset({"GET", "HEAD", "OPTIONS"})
