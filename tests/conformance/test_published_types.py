"""What World says of answers that are not what their publisher describes, and of those that are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rsvpd.dialects.wire import Request, Response
from support import validated
from support.client import Client
from support.world import ORIGIN, World

START, END = "2026-12-01T10:00:00", "2026-12-01T11:00:00"
JSON = ("Content-Type", "application/json; charset=utf-8")
CONTEXT = {"@odata.context": "x"}


def check(mount: str, path: str, answer: Any, *, query: str = "", body: Any = None) -> None:
    response = Response(status=200, headers=(JSON,), body=json.dumps(answer).encode())
    validated.check(asked(mount, path, query=query, body=body), response)


def asked(mount: str, path: str, *, query: str = "", body: Any = None) -> Request:
    return Request(
        method="GET" if body is None else "POST", origin=ORIGIN, mount=mount, path=path, query=query, headers={},
        body=b"" if body is None else json.dumps(body).encode(), now=0, request_id="x",
    )  # fmt: skip


def of_graph(answer: dict[str, Any], path: str = "/me/events/x", **more: str) -> None:
    check("/v1.0", path, CONTEXT | answer, **more)


def of_google(answer: dict[str, Any], path: str = "/calendars/primary/events/x") -> None:
    check("/calendar/v3", path, answer)


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ({"id": "a", "subjekt": "x"}, "/subjekt is no member of event"),
        ({"id": "a", "subject": 1}, "/subject is no Edm.String: 1"),
        ({"id": "a", "isAllDay": 1}, "/isAllDay is no Edm.Boolean: 1"),
        ({"id": "a", "showAs": "away"}, "/showAs is none of its words: 'away'"),
        ({"id": "a", "start": {"timeZone": "UTC"}}, "/start has no dateTime"),
        ({"id": "a", "attendees": None}, "/attendees is no list: None"),
        ({"id": "a", "attendees": [{"status": {"answer": "x"}}]}, "/attendees[0]/status/answer is no member"),
        ({"id": "a", "createdDateTime": "2026-12-01"}, "/createdDateTime is no Edm.DateTimeOffset"),
        ({"subject": "x"}, "has no id"),
    ],
)
def test_faults_of_graph(answer: dict[str, Any], fault: str) -> None:
    with pytest.raises(AssertionError) as caught:
        of_graph(answer)
    assert fault in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "path"),
    [
        ({"id": "a", "subject": None, "@odata.etag": "x", "event@odata.navigationLink": "x"}, "/me/events('x')"),
        ({"value": [{"id": "a", "subject": "x"}], "@odata.nextLink": "x"}, "/users/x/calendar/events"),
        ({"value": [{"id": "a", "@odata.type": "#microsoft.graph.eventMessage", "type": "exception"}]}, "/me/messages"),
        ({"id": "a", "type": "exception"}, "/me/messages/x/microsoft.graph.eventMessage"),
        ({"value": [{"scheduleId": "x", "scheduleItems": []}]}, "/me/calendar/getSchedule"),
        ({"value": "UTC"}, "/me/mailboxSettings/timeZone"),
        ({"value": [{"@removed": {"reason": "deleted"}, "id": "a"}], "@odata.deltaLink": "x"}, "/me/mailFolders/delta"),
    ],
)
def test_what_graph_answers(answer: dict[str, Any], path: str) -> None:
    of_graph(answer, path)


def test_a_message_has_no_members_of_its_derived_types() -> None:
    with pytest.raises(AssertionError):
        of_graph({"id": "a", "meetingMessageType": "none"}, "/me/messages/x")


def test_what_is_left_out_was_not_selected() -> None:
    slot = {"@odata.type": "#microsoft.graph.eventMessage", "id": "a", "startDateTime": {"dateTime": "x"}}
    of_graph(slot, "/me/messages/x", query="$select=startDateTime")
    with pytest.raises(AssertionError):
        of_graph({"subject": "x"}, query="$select=subject")  # the id is always there


def test_a_path_without_a_type_is_a_fault() -> None:
    with pytest.raises(AssertionError):
        of_graph({}, "/me/events/x/nosuch")
    with pytest.raises(AssertionError):
        of_google({}, "/nosuch")


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ({"subject": "x"}, "/subject is no member of Event"),
        ({"summary": None}, "/summary is no string: None"),
        ({"updated": "today"}, "/updated is no string:date-time"),
        ({"creator": {"mail": "x"}}, "/creator/mail is no member of {creator}"),
        ({"extendedProperties": {"private": {"x": 1}}}, "/extendedProperties/private/x is no string: 1"),
    ],
)
def test_faults_of_google(answer: dict[str, Any], fault: str) -> None:
    with pytest.raises(AssertionError) as caught:
        of_google(answer)
    assert fault in str(caught.value)


def test_each_answer_of_a_batch() -> None:
    requests = {"requests": [{"id": "1", "method": "GET", "url": "/me/events/x?$select=subject"}]}

    def answered(body: dict[str, Any]) -> None:
        check("/v1.0", "/$batch", {"responses": [{"id": "1", "status": 200, "body": body}]}, body=requests)

    answered(CONTEXT | {"id": "a", "subject": "x"})
    with pytest.raises(AssertionError):
        answered(CONTEXT | {"id": "a", "subject": 1})


def test_refusals_and_texts_are_not_looked_at() -> None:
    request = asked("/v1.0", "/me")
    validated.check(request, Response(status=404, headers=(JSON,), body=b'{"error": {}}'))
    validated.check(request, Response(status=200, headers=(("Content-Type", "text/plain"),), body=b"1"))


def test_world_looks_at_every_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[tuple[str, int]] = []
    monkeypatch.setattr(validated, "check", lambda request, response: looked.append((request.path, response.status)))
    alice = Client(world, "alice", "graph")
    alice("POST", "/me/events", {"subject": "x", **alice.times(START, END)})
    alice("GET", "/me/nosuch")
    assert looked == [("/me/events", 201), ("/me/nosuch", 400)]
