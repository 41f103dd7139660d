"""A line for each request: what it tells, what it never tells, and that nobody waits for it."""

from __future__ import annotations

import asyncio
import io
import json
import string
import threading
import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from rsvpd import log
from rsvpd.dialects.wire import Part, Request, Response
from rsvpd.edge.app import make_app
from rsvpd.edge.request_log import Record, json_line, request_log, text_line, without_addresses
from rsvpd.log import BackgroundWriter
from support.fakes import Fake, Line, asked_of, settings

ID = "AAMkAAABAAAAAQAAAAAAAAAAaDw0Hq8="


def record(**more):
    own = {
        "at": 1_795_000_000.25, "person": "bob@example.com", "method": "GET", "mount": "/v1.0", "path": "/me/events",
        "query": "", "status": 200, "seconds": 0.0034, "hint": "", "request_id": "r-1",
    }
    return Record(**(own | more))


def told(**more):
    """Return what the line tells of the target."""
    return text_line(record(**more)).split(" ")[3]


def test_the_line_of_a_terminal():
    clock = time.strftime("%H:%M:%S", time.localtime(1_795_000_000))
    assert text_line(record(method="POST", status=202)) == f"{clock} bob@example.com POST /v1.0/me/events 202 3 ms"
    assert text_line(record(person="")).startswith(f"{clock} - GET ")
    assert text_line(record(hint="Mind this.")).splitlines()[1] == "         Mind this."
    assert text_line(record(application="app-1")).startswith(f"{clock} bob@example.com GET ")
    assert text_line(record(person="", application="app-1")).startswith(f"{clock} app-1 GET ")


def test_the_line_for_programs():
    assert json.loads(json_line(record(hint="Mind this."))) == {
        "time": "2026-11-18T11:06:40.250Z", "level": "info", "event": "request", "person": "bob@example.com",
        "method": "GET", "path": "/v1.0/me/events", "status": 200, "ms": 3.4, "hint": "Mind this.", "request": "r-1",
    }
    assert json.loads(json_line(record(person="")))["person"] is None
    assert json.loads(json_line(record(person="", application="app-1")))["application"] == "app-1"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (f"/me/events/{ID}/accept", "/me/events/…Hq8=/accept"),
        (f"/me/events/{ID.replace('=', '%3D')}", "/me/events/…Hq8="),
        (f"/Me/Events('{ID}')/Accept", "/Me/Events(…Hq8=)/Accept"),
        ("/users/bob@example.com/events", "/users/{address}/events"),
        ("/users/bob%40example.com/events", "/users/{address}/events"),
        ("/Users('bob@example.com')/Events", "/Users({address})/Events"),
        ("/me/messages/x/microsoft.graph.eventMessage/event", "/me/messages/x/microsoft.graph.eventMessage/event"),
        ("/me/events/$count", "/me/events/$count"),
        ("/me/mailFolders('Plans%20of%20layoffs')", "/me/mailFolders(…)"),
        ("/me/events/layoffs 2027", "/me/events/…"),
        ("/me/calendarView(startDateTime='2026-12-01',x='y')", "/me/calendarView(…)"),
        ("/calendars/primary/events/abc123def456ghi789_20261207T080000Z", "/calendars/primary/events/…000Z"),
        ("/" + "/".join("a" * 30), "/a/a/a/a/a/a/a/a/a/a/a/a/…"),
        ("/\x1b[2J\u202e", "/…"),
        ("", ""),
        ("/", "/"),
    ],
)
def test_a_path_is_shown_without_what_is_somebody_s(path, shown):
    assert told(path=path) == "/v1.0" + shown


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("$top=5&%24select=subject,start/dateTime", "$top=5&$select=subject,start/dateTime"),
        ("$filter=subject eq 'secret'&$search=%22secret%22", "$filter=…&$search=…"),
        ("q=secret&access_token=ey.secret&oauth_token=secret&key=secret", "q=…&access_token=…&oauth_token=…&key=…"),
        ("singleEvents=true&orderBy=startTime&timeMin=2026-12-01T00:00:00Z", None),
        ("$orderby=receivedDateTime desc", "$orderby=receivedDateTime+desc"),
        ("startDateTime=2026-12-01T00%3A00%3A00%2B01%3A00", "startDateTime=2026-12-01T00:00:00+01:00"),
        ("$expand=event($filter=subject eq 'secret')", "$expand=…"),
        ("$select=secret%20%22words%22", "$select=…"),
        ("$top=bob@example.com", "$top=…"),
        ("bob@example.com", "…"),
        ("secret=1&secret2=1", "…"),
        ("$top", "$top="),
    ],
)
def test_options_are_shown_by_name_and_with_the_words_of_the_interface(query, shown):
    assert told(query=query) == "/v1.0/me/events?" + (query if shown is None else shown)


def test_a_line_is_not_longer_than_it_helps():
    assert len(told(query="&".join(f"$select={'a' * 40}{n}" for n in range(11)))) == 120


@pytest.mark.parametrize(
    ("hint", "shown"),
    [
        ("Invited before: bob@example.com, o'neil+x@mail.example.org.", "Invited before: {address}, {address}"),
        ("GET /v1.0/users/bob@example.com/events('AAMk=')", "GET /v1.0/users/{address}/events('AAMk=')"),
        ("Follow @odata.nextLink", "Follow @odata.nextLink"),
    ],
)
def test_a_hint_is_shown_without_addresses(hint, shown):
    assert without_addresses(hint) == shown


SECRET = "zqxjv"
PLACES = st.sampled_from(
    ["/me/events/{}", "/users/{}@example.com", "/me/mailFolders('{} plans')", "/calendars/{}%40x.org/acl"]
)
OPTIONS = st.sampled_from(
    [
        "access_token={}", "oauth_token={}", "$search={}", "q={}", "$filter=subject eq '{}'", "{}=1",
        "$skiptoken={}", "key={}",
    ]
)


@given(PLACES, st.lists(OPTIONS), st.text("0123456789-_.~ '\"/()", min_size=1), st.booleans())
def test_a_secret_is_never_shown(place, options, more, is_quoted):
    secret = f"{SECRET}1{more}{SECRET}9{'k' * 8}"
    written = quote(secret, safe="") if is_quoted else secret.replace("/", "")
    one = record(
        path=place.format(written), query="&".join(option.format(written) for option in options),
        hint=f"Not sent to {SECRET}@example.com.",
    )
    for line in (text_line(one), json_line(one)):
        assert SECRET not in line


@given(st.text(), st.text(), st.text(), st.text(string.printable))
def test_any_request_makes_one_line(path, query, method, hint):
    one = record(path=path, query=query, method=method, hint=" ".join(hint.split()))
    assert len(text_line(one).splitlines()) == 1 + bool(one.hint)
    assert text_line(one).isprintable() or one.hint
    assert json.loads(json_line(one))


def test_a_long_hint_costs_what_its_length_costs():
    began = time.process_time()
    without_addresses("a" * 100_000)  # square of it would be minutes
    assert time.process_time() - began < 1


class Stream(io.StringIO):
    """What a test reads, and can make block."""

    def __init__(self) -> None:
        super().__init__()
        self.may_write = threading.Event()
        self.may_write.set()
        self.is_written = threading.Event()

    def write(self, text: str) -> int:
        self.is_written.set()
        assert self.may_write.wait(60)
        return super().write(text)


def test_lines_come_in_their_order_and_all_of_them():
    out = Stream()
    lines = BackgroundWriter(str, str, out)
    for number in range(1000):
        lines.add(number)
    lines.close()
    assert out.getvalue() == "".join(f"{number}\n" for number in range(1000))


def test_who_adds_a_line_never_waits_and_what_is_dropped_is_told():
    out = Stream()
    lines = BackgroundWriter(str, lambda count: f"{count} dropped", out, most=10)
    out.may_write.clear()
    lines.add(-1)
    assert out.is_written.wait(60)
    for number in range(25):
        lines.add(number)
    out.may_write.set()
    lines.close()
    assert out.getvalue().splitlines() == ["-1", *map(str, range(10)), "15 dropped"]


def test_a_stream_that_nobody_reads_loses_lines_and_nothing_else():
    class Broken(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    lines = BackgroundWriter(str, str, Broken())
    lines.add(1)
    lines.close()
    assert not lines._thread.is_alive()


@pytest.mark.parametrize(
    ("more", "wanted"),
    [({}, True), ({"request_log": False}, False), ({"log_level": "warning"}, False), ({"log_level": "debug"}, True)],
)
def test_the_log_is_as_it_is_set(more, wanted):
    found = request_log(settings(**more), io.StringIO())
    assert (found is not None) is wanted
    if found:
        found.close()


def test_a_request_is_not_told_as_that_of_the_one_before_it():
    out = Stream()
    requests = request_log(settings(log_format="json"), out)
    assert requests is not None

    def answer(request: Request) -> Response:
        if "authorization" in request.headers:
            log.person.set("bob@example.com")
        return Response(status=200)

    app = make_app([Fake("/v1", answer).dialect], settings(), clock=lambda: 0, requests=requests)

    async def go() -> None:
        known = b"GET /v1/a HTTP/1.1\r\nHost: localhost\r\nAuthorization: x\r\n\r\n"
        await Line(app).feed(known + b"GET /v1/b HTTP/1.1\r\nHost: localhost\r\n\r\n")

    asyncio.run(go())
    requests.close()
    assert [json.loads(line)["person"] for line in out.getvalue().splitlines()] == ["bob@example.com", None]


def test_requests_inside_another_one_have_lines_of_their_own():
    out = Stream()
    requests = request_log(settings(log_format="json"), out)
    assert requests is not None
    inside = Part(
        person="bob@example.com", application="app", method="PATCH", mount="/v2", path="/me", query="$top=1",
        status=404, seconds=0.5, hint="ask carol@example.com",
    )  # fmt: skip
    answer = Response(status=200, parts=(inside, structs.replace(inside, person="", hint="")))
    app = make_app([Fake("/v1", lambda request: answer).dialect], settings(), clock=lambda: 0, requests=requests)
    asked_of(app, "POST", "/v1/$batch")
    requests.close()
    first, second, whole = (json.loads(line) for line in out.getvalue().splitlines())
    assert (first["person"], first["application"], first["method"], first["path"], first["status"], first["ms"]) == (
        "bob@example.com", "app", "PATCH", "/v2/me?$top=1", 404, 500.0,
    )  # fmt: skip
    assert (first["hint"], second["person"], "hint" in second) == ("ask {address}", None, False)
    assert (whole["path"], whole["status"]) == ("/v1/$batch", 200)
    assert first["request"] == second["request"] == whole["request"]


def test_every_answer_is_told_but_that_we_are_well():
    out = Stream()
    requests = request_log(settings(log_format="json"), out)
    assert requests is not None
    app = make_app([Fake("/v1").dialect], settings(), clock=lambda: 0, requests=requests)
    for path in ("/v1/me?q=x", "/health", "/_rsvpd/ready", "/nothing", "/"):
        asked_of(app, "GET", path)
    asked_of(app, "GET", "/v1", headers={"Host": "evil.example"})
    requests.close()
    found = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [(one["path"], one["status"]) for one in found] == [
        ("/v1/me?q=…", 200), ("/nothing", 404), ("/", 200), ("/v1", 421),
    ]
