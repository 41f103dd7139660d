"""What the pytest plugin costs a test: the snapshot of the beginning is put back before each.

Printed is how long that takes (p50, p90, the longest) between tests that change something, over the sample people and
over more meetings. The number that this protects: 50 ms.

    python benchmarks/testing.py [--tests 100] [--meetings 2000]
"""

from __future__ import annotations

import argparse
import statistics
import time

from rsvpd import testing

LIMIT_MS = 50
BEGINNING = "beginning"


def measure(tenant: testing.Tenant, tests: int) -> list[float]:
    """Return what it takes to put the beginning back before each of so many tests, in milliseconds, sorted."""
    tenant.snapshot(BEGINNING)
    found = []
    for number in range(tests):
        began = time.perf_counter()
        tenant.begin_again(BEGINNING)
        found.append((time.perf_counter() - began) * 1000)
        tenant.invite(f"Meeting {number}", to=["bob", "carol"])
        tenant.inbox("bob")
    return sorted(found)


def main() -> None:
    """Print both lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tests", type=int, default=100)
    parser.add_argument("--meetings", type=int, default=2000)
    args = parser.parse_args()
    began = time.perf_counter()
    with testing.server() as tenant:
        print(f"the server is there in {(time.perf_counter() - began) * 1000:.0f} ms, once for each worker")
        report("the sample people", measure(tenant, args.tests))
        for number in range(args.meetings):
            tenant.invite(f"Earlier {number}", to=["bob", "carol", "dave"])
        report(f"and {args.meetings} meetings of four", measure(tenant, args.tests))


def report(what: str, found: list[float]) -> None:
    """Print one line."""
    late = found[int(len(found) * 0.9)]
    print(f"{what}: p50 {statistics.median(found):.1f} ms, p90 {late:.1f} ms, longest {found[-1]:.1f} ms"
          f" (limit {LIMIT_MS})")  # fmt: skip


if __name__ == "__main__":
    main()
