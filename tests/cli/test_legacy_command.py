"""`rsvpd doctor --legacy`: what logs of requests say of Outlook REST and EWS, and what Graph has instead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsvpd.cli import rsvpd
from rsvpd.cli.legacy import EWS_PAGE, Use, uses_of
from rsvpd.edge.request_log import Record, json_line, text_line

ID = "AAMkAAABAAAAAQAAAAAAAAAAaDw0Hq8="
MOUNTS = ("/v1.0", "/api/v2.0", "/api/v1.0", "/calendar/v3", "")
WRITERS = {"json": json_line, "text": text_line}


def record(method: str, path: str, query: str = "", **more: Any) -> Record:
    mount = next(one for one in MOUNTS if path.startswith(one))
    own = {
        "at": 1_795_000_000.25, "person": "", "application": "app-1", "method": method, "mount": mount,
        "path": path.removeprefix(mount), "query": query, "status": 200, "seconds": 0.01, "hint": "", "request_id": "r",
    }  # fmt: skip
    return Record(**(own | more))


def log(form: str, *records: Record) -> list[bytes]:
    return [line for one in records for line in (WRITERS[form](one) + "\n").encode().splitlines(keepends=True)]


@pytest.mark.parametrize("form", WRITERS)
def test_calls_are_counted_by_application_with_what_graph_has(form: str) -> None:
    bob = {"person": "bob@example.com", "application": "app-2"}
    found = uses_of(log(
        form,
        record("GET", f"/api/v2.0/Users('bob@example.com')/Events('{ID}')"),
        record("GET", f"/api/v2.0/users/carol@example.com/events/{ID}", "$select=Subject", status=404),
        record("HEAD", f"/api/v2.0/users/carol@example.com/events/{ID}"),
        record("GET", "/api/v2.0/me/reminderview(startDateTime='x',endDateTime='y')", **bob),
        record("GET", "/api/v1.0/me/folders/inbox/messages", "$deltatoken=abc", hint="words of a hint", **bob),
        record("POST", "/EWS/Exchange.asmx", application="", status=404),
        record("GET", "/v1.0/me/events"),
        record("GET", "/api/v2.0/me/nonsense", status=400),
        record("GET", "/api/v2.0/me", application="", status=401),
        record("GET", "/calendar/v3/colors"),
    ))  # fmt: skip
    person = "app-2" if form == "json" else ""  # a terminal is told who asked, and not by which application
    assert found.counts == {
        Use("", "POST /EWS/Exchange.asmx", EWS_PAGE): 1,
        Use("app-1", "GET /api/v2.0/users/{id}/events/{id}", "GET /v1.0/users/{id}/events/{id}"): 3,
        Use(person, "GET /api/v2.0/me/reminderView", "GET /v1.0/me/reminderView"): 1,
        Use(
            person, "GET /api/v1.0/me/mailFolders/{id}/messages", "GET /v1.0/me/mailFolders/{id}/messages/delta"
        ): 1,
    }
    assert (found.requests, found.unknown_lines) == (10, 0)


def test_other_lines_say_nothing() -> None:
    lines = [
        b'{"event": "server.ready"}\n', b"2026-11-29T18:05:55.517Z info server.ready people=5\n", b"\n",
        b"         a hint\n", b"Traceback (most recent call last):\n", b"\xff\n",
    ]  # fmt: skip
    found = uses_of(lines)
    assert (found.counts, found.requests, found.unknown_lines) == ({}, 0, 2)


@given(st.lists(st.binary(max_size=80), max_size=8))
def test_nothing_in_a_log_is_an_error(lines: list[bytes]) -> None:
    assert uses_of(lines).requests <= len(lines)


def test_it_is_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "requests.log"
    file.write_bytes(b"".join(log("json", record("GET", "/api/v2.0/me/events", person="bob@example.com"))))
    assert rsvpd.run(["doctor", "--legacy", str(file)]) == 0
    told = capsys.readouterr().out
    assert "IN MICROSOFT GRAPH" in told
    assert "GET /v1.0/me/events" in told
    assert "1 request read, 1 of them to Outlook REST or EWS." in told
    assert rsvpd.run(["doctor", "--legacy", str(tmp_path / "missing.log")]) == 1
    assert "missing.log" in capsys.readouterr().err
