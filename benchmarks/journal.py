"""What the journal of requests costs an answer: with and without it, of one version beside another.

    .venv/bin/python benchmarks/journal.py ../before .

Each version answers the same requests in a process of its own, in turns; what stands in the last column is the time of
an answer that is a constant, so all of the difference is the journal (and the record that it is told of).
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

TURNS, ANSWERS = 7, 4000
HEADERS = [
    (b"host", b"127.0.0.1:8365"), (b"authorization", b"Bearer " + b"x" * 300), (b"accept", b"application/json"),
    (b"content-type", b"application/json"), (b"content-length", b"64"), (b"accept-encoding", b"gzip, deflate"),
    (b"user-agent", b"python-httpx/0.28.1"), (b"connection", b"keep-alive"), (b"client-request-id", b"1" * 36),
    (b"prefer", b'outlook.timezone="Europe/Berlin"'),
]  # fmt: skip


def main() -> None:
    """Compare the versions whose folders are given."""
    if sys.argv[1] == "--here":
        print(json.dumps(measure()))
        return
    sources = [Path(one).resolve() for one in sys.argv[1:]]
    found: list[list[list[float]]] = [[] for _ in sources]
    for _ in range(TURNS):
        for place, source in enumerate(sources):
            found[place].append(_run(source))
    for source, times in zip(sources, found, strict=True):
        none, kept = (statistics.median(one) for one in zip(*times, strict=True))
        print(f"{source}: the journal takes {kept - none:.1f} us of an answer (without {none:.1f}, with {kept:.1f})")


def _run(source: Path) -> list[float]:
    environ = os.environ | {"PYTHONPATH": str(source / "src")}
    done = subprocess.run(
        [sys.executable, __file__, "--here"], capture_output=True, text=True, env=environ, check=True
    )
    found: list[float] = json.loads(done.stdout)
    return found


def measure() -> list[float]:
    """Return microseconds of an answer without a journal and with one."""
    from rsvpd.config import Config
    from rsvpd.dialects.wire import Request, Response
    from rsvpd.edge.app import Dialect, make_app
    from rsvpd.journal import Journal

    said = (("Content-Type", "application/json"), ("Cache-Control", "private"), ("OData-Version", "4.0"))
    body = b"x" * 1500

    async def answer(request: Request) -> Response:
        return Response(status=200, headers=said, body=body)

    dialect = Dialect(
        prefix="/v1.0", title="", answer=answer, refuse=lambda request, error: Response(status=500),
        authenticate=lambda request: None, methods=lambda request: "POST",
    )  # fmt: skip
    apps = [
        make_app([dialect], Config(data=Path("none.db")), clock=lambda: 0, journal=one) for one in (None, Journal(1000))
    ]
    times = [[_took(app) for app in apps] for _ in range(5)]
    return [min(one) for one in zip(*times, strict=True)]


def _took(app: Any) -> float:
    content = b'{"comment": "I will be there.", "sendResponse": true, "x": "xxx"}'[:64]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: Any) -> None:
        pass

    async def run() -> float:
        began = time.perf_counter()
        for _ in range(ANSWERS):
            scope = {
                "type": "http", "method": "POST", "path": "/v1.0/me/events/" + "A" * 120 + "/accept",
                "raw_path": b"/v1.0/me/events/" + b"A" * 120 + b"/accept", "query_string": b"$select=subject",
                "headers": list(HEADERS), "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8365), "scheme": "http",
                "root_path": "", "http_version": "1.1",
            }  # fmt: skip
            await app(scope, receive, send)
        return (time.perf_counter() - began) / ANSWERS * 1e6

    return asyncio.run(run())


if __name__ == "__main__":
    main()
