"""`rsvpd scopes`: what an application needed, found from the very lines that the log of requests has."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsvpd.cli import rsvpd
from rsvpd.cli.needed import Found, least, needs_of
from rsvpd.dialects.google.routes import GAPS as GOOGLE_GAPS
from rsvpd.dialects.google.routes import ROUTES as GOOGLE_ROUTES
from rsvpd.dialects.google.tables.scopes import PREFIX
from rsvpd.dialects.microsoft.routes import rows
from rsvpd.dialects.odata.url import Gap
from rsvpd.edge.request_log import Record, json_line

ID = "AAMkAAABAAAAAQAAAAAAAAAAaDw0Hq8="
MOUNTS = ("/v1.0", "/api/v2.0", "/api/v1.0", "/calendar/v3", "/beta", "")
EVENTS = "/calendar/v3/calendars/primary/events"
WORDS = {"calendarId": "primary", "setting": "timezone"}


def line(method: str, path: str, query: str = "", **more: object) -> bytes:
    """Return the line that the log has of a request."""
    mount = next(one for one in MOUNTS if path.startswith(one))
    own: dict[str, Any] = {
        "at": 1_795_000_000.25, "person": "bob@example.com", "method": method, "mount": mount,
        "path": path.removeprefix(mount), "query": query, "status": 200, "seconds": 0.01, "hint": "", "request_id": "r",
    }
    return json_line(Record(**(own | more))).encode() + b"\n"


def scopes(found: Found) -> list[str]:
    return [scope for service in found.services for scope in service.scopes]


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ([line("GET", "/v1.0/me")], ["User.Read"]),
        ([line("HEAD", "/v1.0/me")], ["User.Read"]),
        ([line("GET", "/v1.0/users/zoe@example.com")], ["User.ReadBasic.All"]),
        ([line("GET", "/v1.0/me/messages")], ["Mail.Read"]),
        ([line("GET", "/v1.0/me/messages", "$select=subject,from")], ["Mail.ReadBasic"]),
        ([line("GET", "/v1.0/me/messages", "$select=subject,bodyPreview")], ["Mail.Read"]),
        ([line("GET", "/v1.0/me/messages", "$select=subject&$search=\"x\"")], ["Mail.Read"]),
        ([line("GET", "/v1.0/me/messages/$count")], ["Mail.ReadBasic"]),
        ([line("GET", "/v1.0/me/calendars")], ["Calendars.ReadBasic"]),
        ([line("GET", f"/v1.0/me/events/{ID}")], ["Calendars.Read"]),
        ([line("GET", f"/beta/me/events/{ID}")], ["Calendars.Read"]),
        ([line("GET", f"/api/v2.0/Me/Events('{ID}')", "$select=Subject")], ["Calendars.ReadBasic"]),
        ([line("GET", "/api/v2.0/me/calendarView(startDateTime='x',endDateTime='y')")], ["Calendars.Read"]),
        ([line("GET", "/v1.0/me/reminderView(startDateTime='x',endDateTime='y')")], ["Calendars.Read"]),
        ([line("GET", "/v1.0/users/zoe@example.com/events")], ["Calendars.Read.Shared"]),
        ([line("POST", f"/v1.0/me/events/{ID}/accept"), line("GET", "/v1.0/me/events")], ["Calendars.ReadWrite"]),
        ([line("POST", "/v1.0/me/sendMail"), line("GET", "/v1.0/me/events")], ["Calendars.Read", "Mail.Send"]),
        ([line("GET", EVENTS)], [f"{PREFIX}calendar.events.readonly"]),
        ([line("GET", EVENTS), line("POST", EVENTS)], [f"{PREFIX}calendar.events"]),
        ([line("POST", "/calendar/v3/calendars/zoe@example.com/acl")], [f"{PREFIX}calendar.acls"]),
    ],
)
def test_the_least_that_was_needed(asked: list[bytes], wanted: list[str]) -> None:
    found = needs_of(asked)
    assert scopes(found) == wanted
    assert (found.requests, found.elsewhere, found.unknown_lines) == (len(asked), 0, 0)


def test_an_application_by_itself_needs_roles() -> None:
    asked = [
        line("GET", "/v1.0/users/zoe@example.com/messages", person="", application="app-1"),
        line("GET", "/v1.0/me/events", application="app-1"),
    ]
    (graph,) = needs_of(asked).services
    assert (graph.scopes, graph.roles) == (("Calendars.Read",), ("Mail.Read",))
    assert {(one.call, one.kind) for one in graph.calls} == {
        ("GET /v1.0/me/events", "delegated"), ("GET /v1.0/users/{id}/messages", "application"),
    }  # fmt: skip


def test_every_route_is_found_again_in_the_log() -> None:
    for row in rows():
        if not isinstance(row.handler, Gap):
            path = re.sub(r"\{\w+\}", ID, row.pattern).replace("/:", "/microsoft.graph.")
            # What Graph has not, Outlook REST v2.0 has.
            found = min((needs_of([line(row.method, f"{mount}/{path}")]) for mount in MOUNTS[:2]), key=_elsewhere)
            assert found.elsewhere == 0 or len(path) > 110, row.pattern
    for route in (*GOOGLE_ROUTES, *GOOGLE_GAPS):
        path = re.sub(r"\{(\w+)\}", lambda match: WORDS.get(match[1], "abc123def456ghi789"), route.template)
        (service,) = needs_of([line(route.method, f"/calendar/v3/{path}")]).services
        assert service.scopes == (route.needs.names[0],), route.id


def _elsewhere(found: Found) -> int:
    return found.elsewhere


@pytest.mark.parametrize(
    "asked",
    [
        line("GET", "/health"),
        line("GET", "/v1.0/me/nonsense"),
        line("GET", "/v1.0/me/contacts"),
        line("PUT", "/v1.0/me"),
        line("GET", "/calendar/v3/nonsense"),
        line("GET", "/v1.0"),
        line("GET", "/v1.0/me", status=401, person=""),
        line("GET", "/v1.0/me/events", status=400, person="", application="app-1"),
        line("GET", "/v1.0/me/mailFolders/" + "/".join(["a" * 48, "b" * 48, "c" * 48])),
    ],
)
def test_what_no_interface_answers_is_counted(asked: bytes) -> None:
    found = needs_of([asked, line("GET", "/v1.0/me")])
    assert (found.requests, found.elsewhere, scopes(found)) == (2, 1, ["User.Read"])


def test_other_lines_of_a_log_say_nothing() -> None:
    other = json.dumps({"time": "2026-11-18T11:06:40.250Z", "level": "info", "event": "server.started"}).encode()
    assert needs_of([other, b"\n"]) == needs_of([])


@pytest.mark.parametrize(
    "wrong", [b"12:00:00 bob@example.com GET /v1.0/me 200", b"\xff", b"[" * 100_000, b"{}", b'{"event": 1}', b"null"]
)
def test_a_line_that_cannot_be_read_is_counted(wrong: bytes) -> None:
    found = needs_of([wrong, line("GET", "/v1.0/me")])
    assert (found.unknown_lines, scopes(found)) == (1, ["User.Read"])


@given(st.lists(st.lists(st.sampled_from("abcdef"), min_size=1, unique=True).map(tuple)))
def test_the_least_has_something_for_every_call(wanted: list[tuple[str, ...]]) -> None:
    chosen = least(wanted)
    assert all(set(names) & set(chosen) for names in wanted)
    assert len(chosen) <= len(set(wanted))


@given(st.text(), st.text(), st.integers(0, 599))
def test_whatever_stands_in_a_line_is_no_error(method: str, path: str, status: int) -> None:
    document = {"event": "request", "method": method, "path": f"/v1.0{path}", "status": status}
    both = (document, {**document, "path": f"/calendar/v3/{path}"})
    found = needs_of(json.dumps(one).encode() for one in both)
    assert found.requests == 2


# --- the command


def written(folder: Path, lines: Iterable[bytes]) -> str:
    path = folder / "requests.log"
    path.write_bytes(b"".join(lines))
    return str(path)


def test_the_command_prints_what_was_needed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    asked = [line("POST", f"/v1.0/me/events/{ID}/accept"), line("GET", "/v1.0/users/z@example.com/events")]
    log = written(tmp_path, [*asked, b"x\n"])
    assert rsvpd.run(["scopes", log]) == 0
    said = capfd.readouterr().out
    assert "Microsoft Graph v1.0: 2 requests\n  scopes  Calendars.Read.Shared Calendars.ReadWrite\n" in said
    assert re.search(r"^1 +Calendars.ReadWrite +delegated +POST /v1.0/me/events/\{id\}/accept$", said, re.M)
    assert "the scope without .Shared will do" in said
    assert said.endswith("2 requests read. 1 line could not be read: the log has to be JSON (log_format).\n")


def test_the_command_writes_json(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    log = written(tmp_path, [line("GET", "/v1.0/me")])
    assert rsvpd.run(["scopes", log, log, "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert found["requests"] == 2
    assert found["services"][0]["scopes"] == ["User.Read"]
    assert found["services"][0]["calls"] == [
        {"call": "GET /v1.0/me", "requests": 2, "needs": "User.Read", "kind": "delegated"}
    ]


def test_the_command_needs_a_log(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert rsvpd.main(["scopes"]) == 2
    assert rsvpd.main(["scopes", str(tmp_path / "none.log")]) == 1
    told = capfd.readouterr().err
    assert told.endswith("none.log: No such file or directory\n")
    assert "Traceback" not in told


def test_the_command_reads_standard_input(tmp_path: Path) -> None:
    asked = Path(written(tmp_path, [line("GET", "/v1.0/me")]))
    with asked.open("rb") as stream:
        done = subprocess.run(
            [sys.executable, "-m", "rsvpd.cli.rsvpd", "scopes", "-"],
            stdin=stream, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "User.Read" in done.stdout
