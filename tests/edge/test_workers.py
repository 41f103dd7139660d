"""Several processes over a database, as whoever asks the control desk sees them: as one server."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from conftest import Start
from support import postgres
from support.running import PATIENCE_SECONDS, Running

WORKERS = 3


@pytest.fixture
def workers(start_server: Start) -> Iterator[Running]:
    url = postgres.new_database()
    server = start_server("--database", url, "--workers", str(WORKERS))
    _wait_for(server)
    yield server
    server.stop()
    postgres.drop_database(url)


def desk(server: Running, method: str, path: str, **more: Any) -> httpx.Response:
    return server.ask(method, f"/_rsvpd{path}", **more)


def listed(server: Running, query: str = "") -> list[dict[str, Any]]:
    return desk(server, "GET", f"/requests?limit=1000{query}").json()


def counted(server: Running) -> dict[str, float]:
    """Return by the number of each process how many requests of Graph it answered."""
    lines = desk(server, "GET", "/metrics").text.splitlines()
    found = [one for one in lines if one.startswith("rsvpd_request_seconds_count") and 'interface="graph"' in one]
    by: dict[str, float] = {}
    for one in found:
        worker = one.partition('worker="')[2].partition('"')[0]
        by[worker] = by.get(worker, 0) + float(one.rpartition(" ")[2])
    return by


def ask_until_all_answered(server: Running) -> int:
    """Ask over new connections until each process has answered some, and return how many were asked."""
    asked = 0
    until = time.monotonic() + PATIENCE_SECONDS
    while len(counted(server)) < WORKERS:
        assert time.monotonic() < until
        for _ in range(20):
            assert server.ask("GET", "/v1.0/me", "bob").status_code == 200
        asked += 20
    return asked


@contextmanager
def halted(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def pids(server: Running) -> list[int]:
    """Return the processes that answer, in the order of their numbers as long as none was started again."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    return [int(one) for one in children.read_text().split()]


def _wait_for(server: Running) -> None:
    """Wait until each process answers the others."""
    until = time.monotonic() + PATIENCE_SECONDS
    while "X-Rsvpd-Missing-Workers" in desk(server, "GET", "/metrics").headers:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_requests_of_all_processes_are_one_list(workers: Running) -> None:
    asked = ask_until_all_answered(workers)
    found = listed(workers, "&interface=graph")
    numbers = [one["number"] for one in found]
    assert len(found) == len(set(numbers)) == asked
    assert numbers == sorted(numbers, reverse=True)
    # Whichever process is asked finds each.
    for one in (found[0], found[-1], found[asked // 2]):
        assert desk(workers, "GET", f"/requests/{one['id']}").json()["number"] == one["number"]
        assert desk(workers, "GET", f"/requests/{one['number']}/explanation").json()["request"]["id"] == one["id"]
    newest = workers.ask("GET", "/v1.0/me/events", "bob").headers["request-id"]
    assert {desk(workers, "GET", "/requests/last").json()["id"] for _ in range(5)} == {newest}
    assert [one["id"] for one in listed(workers, f"&after={numbers[0]}&interface=graph")] == [newest]
    assert sum(counted(workers).values()) == asked + 1

    made = workers.ask("POST", "/v1.0/me/events", "bob", json={
        "subject": "Lunch", "start": {"dateTime": "2030-01-01T10:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2030-01-01T11:00:00", "timeZone": "UTC"},
    }).json()  # fmt: skip
    for _ in range(6):
        workers.ask("GET", f"/v1.0/me/events/{made['id']}", "bob")
    story = desk(workers, "GET", f"/meetings/{made['iCalUId']}/timeline").json()
    assert [one["kind"] for one in story["moments"] if one["kind"] in ("request", "seen")] == ["request"] + ["seen"] * 6
    assert desk(workers, "DELETE", "/requests").json()["requests"] >= asked
    assert listed(workers, "&interface=graph") == []


def test_a_fault_is_set_in_all_and_counts_over_all(workers: Running) -> None:
    ask_until_all_answered(workers)
    assert desk(workers, "POST", "/faults", json={"name": "busy", "effect": "answer", "times": 7}).status_code == 201
    statuses = [workers.ask("GET", "/v1.0/me", "bob").status_code for _ in range(20)]
    assert statuses == [429] * 7 + [200] * 13
    (rule,) = desk(workers, "GET", "/faults").json()
    assert (rule["made"], rule["left"], rule["is_active"]) == (7, 0, False)
    desk(workers, "DELETE", "/faults")
    desk(workers, "POST", "/faults", json={"profile": "outlook", "requests": 5})
    assert [workers.ask("GET", "/v1.0/me", "bob").status_code for _ in range(8)] == [200] * 5 + [429] * 3
    assert workers.cli("fault", "clear", "--database", workers.flags[1]).returncode == 0
    assert workers.ask("GET", "/v1.0/me", "bob").status_code == 200


def test_who_does_not_answer_is_told_of_and_not_waited_for(workers: Running) -> None:
    ask_until_all_answered(workers)
    with halted(pids(workers)[0]):
        # A halted process takes connections that nobody answers; those of the others are enough.
        reply = _from_another(workers, "GET", "/_rsvpd/requests?limit=1000")
        assert reply.headers["X-Rsvpd-Missing-Workers"] == "0"
        assert reply.json()
        text = _from_another(workers, "GET", "/_rsvpd/metrics").text
        assert [f'rsvpd_worker_up{{worker="{one}"}} {float(one != 0)}' in text for one in range(WORKERS)] == [True] * 3
        missing = _from_another(workers, "GET", "/_rsvpd/requests/nothing").json()["error"]["message"]
        assert "worker 0 of this server did not answer" in missing
    os.kill(pids(workers)[1], signal.SIGKILL)
    _wait_for(workers)
    assert "X-Rsvpd-Missing-Workers" not in desk(workers, "GET", "/requests").headers


def _from_another(server: Running, method: str, path: str) -> httpx.Response:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with httpx.Client(base_url=server.url, trust_env=False, timeout=6) as http:
                return http.request(method, path)
        except httpx.TimeoutException:
            assert time.monotonic() < until


def test_a_page_hears_of_what_another_process_changed(workers: Running) -> None:
    url = f"{workers.url}/_rsvpd/live?token={workers.token('bob')}"
    with httpx.Client(trust_env=False, timeout=PATIENCE_SECONDS) as http, http.stream("GET", url) as reply:
        lines = reply.iter_lines()
        before = _told(lines)
        for _ in range(2 * WORKERS):
            workers.ask("POST", "/v1.0/me/events", "bob", json={"subject": "x", "start": {
                "dateTime": "2030-01-01T10:00:00", "timeZone": "UTC"}, "end": {
                "dateTime": "2030-01-01T11:00:00", "timeZone": "UTC"}})  # fmt: skip
            now = _told(lines)
            assert now > before
            before = now


def _told(lines: Iterator[str]) -> int:
    found = json.loads(next(line for line in lines if line.startswith("data: ")).removeprefix("data: "))
    return int(found["change"])
