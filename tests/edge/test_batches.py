"""Batches over a real server: packed, in the log, and within the bounds of every body."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest

from support.batches import MEDIA, answers, part, together
from support.running import Running
from support.world import Reply

BATCH = {"requests": [{"id": str(n), "method": "GET", "url": url} for n, url in enumerate(("/me", "/me/nosuch"))]}


@pytest.fixture(scope="module")
def logging(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(
        tmp_path_factory.mktemp("batches"),
        environ={"RSVPD_LOG_FORMAT": "json", "RSVPD_MAX_BODY_BYTES": "200000"},
    )
    yield running
    running.kill()


def google(server: Running, content: bytes, **headers: str) -> Any:
    sent = {"Content-Type": MEDIA} | {name.replace("_", "-"): value for name, value in headers.items()}
    return server.ask("POST", "/batch/calendar/v3", "bob", content=content, headers=sent)


def test_packed_both_ways(logging: Running) -> None:
    packed = gzip.compress(json.dumps(BATCH).encode())
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    reply = logging.ask("POST", "/v1.0/$batch", "bob", content=packed, headers=headers)
    assert [one["status"] for one in reply.json()["responses"]] == [200, 400]
    calls = together([part("GET", "/calendar/v3/calendars/primary/events")] * 3)
    reply = google(logging, gzip.compress(calls), Content_Encoding="gzip", Accept_Encoding="gzip")
    assert reply.headers["content-encoding"] == "gzip"
    found = answers(Reply(reply.status_code, dict(reply.headers), reply.content))
    assert [one.status for one in found] == [200] * 3


def test_the_whole_is_bounded_as_any_body_is(logging: Running) -> None:
    large = BATCH | {"more": "x" * 200_000}
    assert logging.ask("POST", "/v1.0/$batch", "bob", json=large).status_code == 413
    calls = together([part("GET", "/calendar/v3/calendars/primary/events", None, a="b" * 50_000)] * 5)
    assert google(logging, calls).status_code == 413
    assert google(logging, gzip.compress(calls), Content_Encoding="gzip").status_code == 413
    # Nobody's batch is held beyond what is read of strangers.
    reply = logging.ask("POST", "/batch/calendar/v3", content=calls[:100_000], headers={"Content-Type": MEDIA})
    assert reply.status_code == 401


def test_each_request_has_its_line(logging: Running) -> None:
    id = logging.ask("POST", "/v1.0/$batch", "bob", json=BATCH).headers["request-id"]
    google_id = google(logging, together([part("GET", "/calendar/v3/colors")])).headers["request-id"]
    logging.stop()
    lines = [json.loads(line) for line in logging.logged.splitlines()]
    logging.start()
    found = {
        one: [(line["path"], line["status"], line["person"]) for line in lines if line.get("request") == one]
        for one in (id, google_id)
    }
    assert found[id] == [
        ("/v1.0/me", 200, "bob@example.com"), ("/v1.0/me/nosuch", 400, "bob@example.com"),
        ("/v1.0/$batch", 200, "bob@example.com"),
    ]  # fmt: skip
    assert found[google_id] == [
        ("/calendar/v3/colors", 200, "bob@example.com"), ("/batch/calendar/v3", 200, "bob@example.com"),
    ]  # fmt: skip
