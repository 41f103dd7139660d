"""What the Microsoft profiles refuse, and how they say so."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsvpd.commands import calendar
from rsvpd.dialects.microsoft.tables.profiles import GRAPH, OUTLOOK_V2
from rsvpd.errors import Overloaded
from support.microsoft_door import CALENDAR, EVENT, INVITATION, PLAIN, Client, header


@pytest.mark.parametrize(
    ("raw", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'"x"', "application/json", 400),
        (b'{"subject":"\xff"}', "application/json", 400),
        (b'{"a":' + b"[" * 40 + b"]" * 40 + b"}", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"subject":"x"}', "text/plain", 415),
        (b"subject=x", "application/x-www-form-urlencoded", 415),
        (b'{"subject":"x"}', "Application/JSON; charset=utf-8", 200),
        (b"", "application/x-www-form-urlencoded", 200),
        (b'{"subject":"x","subject":"y"}', "application/json", 200),
        (b'{"extensions":' + b"[" * 30 + b"]" * 30 + b"}", "application/json", 200),
        (b'{"a":1}', "application/json", 400),
    ],
)
def test_bodies(any_profile: Client, raw: bytes, content_type: str, status: int) -> None:
    response = any_profile("PATCH", f"/me/events/{EVENT.id}", raw=raw, content_type=content_type)
    assert response.status == status
    if status != 200:
        assert json.loads(response.body)["error"]["code"]


def test_without_a_token_there_is_only_the_description(any_profile: Client) -> None:
    response = any_profile("GET", "/me/events", token=False)
    assert response.status == 401
    assert header(response, "WWW-Authenticate")
    assert any_profile("GET", "/no/such/path", token=False).status == 401
    document = any_profile("GET", "/$metadata", token=False)
    assert (document.status, header(document, "Content-Type")) == (200, "application/xml")
    assert b"edmx:Edmx" in document.body
    root = any_profile.json("GET", "/", token=False)
    assert [one["kind"] for one in root["value"]] == ["Singleton", "EntitySet"]


def test_a_wrong_method(graph: Client) -> None:
    response = graph("PUT", f"/me/events/{EVENT.id}", {})
    assert response.status == 405
    assert header(response, "Allow") == "GET, PATCH, DELETE"


@pytest.mark.parametrize(
    ("method", "path", "near"),
    [
        ("GET", "/me/contacts", "GET /v1.0/users"),
    ],
)  # fmt: skip
def test_what_is_not_emulated_is_named_with_the_nearest_route(
    graph: Client, method: str, path: str, near: str
) -> None:
    response = graph(method, path)
    error = json.loads(response.body)["error"]
    assert (response.status, error["code"]) == (501, "NotImplemented")
    assert error["message"].endswith(f"The nearest route that exists is {near}.")


def test_an_unknown_path(v1: Client) -> None:
    error = v1.json("GET", "/Me/Mesages")["error"]
    assert error["code"] == "RequestBroker--ParseUri"
    assert error["message"].startswith("Resource not found for the segment 'Mesages'.")
    assert "GET /api/v1.0/me/messages" in error["message"]


def test_an_overloaded_server_is_the_edges_business(graph: Client) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise Overloaded

    graph.door.answers[calendar.answer_event] = full
    with pytest.raises(Overloaded):
        graph("POST", f"/me/events/{EVENT.id}/accept")


_SEGMENTS = st.sampled_from(
    ["me", "users('bob@example.com')", "events", "messages", "mailFolders", "inbox", "calendar", "calendars",
     "calendarView", "$count", "$ref", "accept", "move", "instances", EVENT.id, PLAIN.id, INVITATION.id,
     CALENDAR.id, "microsoft.graph.eventMessage", "event", "x", "%27", "()"]
)  # fmt: skip
_QUERIES = st.sampled_from(
    ["", "$top=2", "$select=id", "$filter=x", "$expand=event", "$skiptoken=%00", "a=b&&=&$$"]
)
_METHODS = st.sampled_from(["GET", "POST", "PATCH", "DELETE"])


@given(st.lists(_SEGMENTS, max_size=6).map("/".join), _QUERIES, _METHODS)
def test_any_jumble_of_documented_words_is_answered(path: str, query: str, method: str) -> None:
    response = Client(OUTLOOK_V2)(method, f"/{path}?{query}")
    assert 200 <= response.status < 502
    assert response.status != 500


@given(st.binary(max_size=200))
def test_any_body_is_read_or_refused(raw: bytes) -> None:
    response = Client(GRAPH)("PATCH", f"/me/events/{EVENT.id}", raw=raw, content_type="application/json")
    assert response.status in (200, 400)


@given(st.text(max_size=200), st.text(max_size=100), st.text(max_size=100))
def test_any_headers_are_read_or_refused(prefer: str, accept: str, if_match: str) -> None:
    client = Client(GRAPH)
    response = client("GET", "/me", prefer=prefer, accept=accept, if_match=if_match)
    assert response.status in (200, 400)
    assert client("DELETE", f"/me/events/{EVENT.id}", if_match=if_match).status == 204
