"""Events in the three Microsoft profiles: reading, writing, windows, calendars, ids."""

from __future__ import annotations

import json

import pytest
from msgspec import structs

from rsvpd import clock, ids
from rsvpd.calendar.event import EventKind
from rsvpd.commands import calendar
from rsvpd.query.algebra import InWindow
from support.microsoft_door import ALICE, BASE, BOB, CALENDAR, EVENT, PLAIN, START, TENANT, Client, header


def test_an_event_in_each_profile(any_profile: Client) -> None:
    profile = any_profile.profile
    response = any_profile("GET", f"/me/events/{EVENT.id}")
    event = json.loads(response.body)
    root = profile.context_root(BOB)
    events = profile.segment("events")
    assert event["@odata.context"] == f"{BASE}{profile.mount}/$metadata#{root}/{events}/$entity"
    assert event["@odata.etag"] == f'W/"{ids.change_key(2, 42)}"' == header(response, "ETag")
    assert ("@odata.id" in event) is profile.has_entity_ids
    assert event[profile.member("subject")] == "Plans"
    if profile.has_entity_ids:
        path = event["@odata.id"].removeprefix(BASE + profile.mount)
        assert any_profile.json("GET", path)[profile.member("id")] == EVENT.id


@pytest.mark.parametrize(
    "place", ["me", f"users/{BOB.oid}", "Users('BOB%40example.com')", f"users/{BOB.oid}@{TENANT}"]
)
def test_whose_mailbox(v2: Client, place: str) -> None:
    assert v2("GET", f"/{place}/events").status == 200
    who = v2.door.last[1][0]
    assert who.actor == BOB.oid
    assert who.owner in (None, BOB.oid, "BOB@example.com")


def test_creating(any_profile: Client) -> None:
    profile = any_profile.profile
    body = {"subject": "Plans", "start": {"dateTime": "2026-12-01T10:00:00", "timeZone": "Europe/Berlin"},
            "end": {"dateTime": "2026-12-01T11:00:00", "timeZone": "Europe/Berlin"}}  # fmt: skip
    response = any_profile("POST", "/me/calendar/events", body)
    event = json.loads(response.body)
    assert response.status == 201
    location = header(response, "Location")
    assert location is not None
    assert any_profile("GET", location.removeprefix(BASE + profile.mount)).status == 200
    assert event["@odata.context"].endswith("/$entity")
    _, (_, draft), _ = next(asked for asked in any_profile.door.asked if asked[0] is calendar.create_event)
    assert (draft.subject, draft.start) == ("Plans", START)


def test_updating_names_what_was_not_done(v1: Client) -> None:
    guest = {"EmailAddress": {"Address": "bob@example.com"}, "Status": {"Response": "Accepted"}}
    body = {"Attendees": [guest]}
    response = v1("PATCH", f"/me/events('{EVENT.id}')", body)
    assert response.status == 200
    hint = header(response, "X-Rsvpd-Hint")
    assert hint is not None
    assert f"POST /api/v1.0/Me/Events('{EVENT.id}')/Accept" in hint


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (None, None),
        ("*", None),
        (f'W/"{ids.change_key(2, 42)}"', 42),
        (f'"{ids.change_key(2, 42)}"', 42),
        (ids.change_key(2, 41), 41),
        ('W/"nonsense"', -1),
        ("", -1),
        (f'W/"{ids.change_key(2, 1)}", W/"{ids.change_key(2, 42)}"', 42),
        (f'W/"{ids.change_key(2, 1)}", W/"{ids.change_key(2, 2)}"', -1),
        ('W/"x", *', None),
    ],
)
def test_if_match(graph: Client, sent: str | None, expected: int | None) -> None:
    headers = {} if sent is None else {"if_match": sent}
    assert graph("PATCH", f"/me/events/{EVENT.id}", {"subject": "x"}, **headers).status == 200
    assert graph.door.last[2]["expected"] == expected
    assert graph("DELETE", f"/me/events/{EVENT.id}", **headers).status == 204
    assert graph.door.last[2]["expected"] == expected


@pytest.mark.parametrize(
    "query",
    [
        "startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-02T00:00:00.000Z",
        "EndDateTime=2026-12-02&StartDateTime=2026-12-01",
        "startdatetime=2026-12-01T01:00:00%2B01:00&enddatetime=2026-12-02T01:00:00+01:00",
        "startDateTime=2026-12-01T00:00:00.0000000&endDateTime='2026-12-02T00:00:00.0000000'",
    ],
)
def test_the_window_of_a_view(any_profile: Client, query: str) -> None:
    any_profile.door.answers[calendar.get_event] = structs.replace(EVENT, kind=EventKind.MASTER)
    prefer = 'outlook.timezone="Pacific Standard Time"'
    for path in ("/me/calendarView", "/me/calendar/CalendarView", f"/me/events/{EVENT.id}/instances"):
        assert any_profile("GET", f"{path}?{query}", prefer=prefer).status == 200
        window = any_profile.door.last[2]["window"]
        assert window == InWindow(clock.parse_instant("2026-12-01"), clock.parse_instant("2026-12-02"))


@pytest.mark.parametrize("query", ["", "startDateTime=2026-12-01", "startDateTime=x&endDateTime=2026-12-02"])
def test_a_view_needs_a_window(graph: Client, query: str) -> None:
    response = graph("GET", f"/me/calendarView?{query}")
    assert response.status == 400


def test_the_calendar_of_the_path(graph: Client) -> None:
    assert graph("GET", f"/me/calendars/{CALENDAR.id}/events/{EVENT.id}").status == 200
    assert graph.door.last[1][0].calendar == 1
    assert graph("GET", "/me/calendars/garbage/events").status == 400
    assert graph.json("GET", "/me/calendars")["value"][0]["name"] == "Calendar"
    assert graph.json("GET", f"/me/events/{EVENT.id}/calendar")["id"] == CALENDAR.id
    assert graph.json("GET", f"/me/events/{EVENT.id}?$expand=calendar")["calendar"]["id"] == CALENDAR.id


def test_the_reference_of_an_event(v1: Client) -> None:
    out = v1.json("GET", f"/Users('bob@example.com')/Events('{EVENT.id}')/$ref")
    assert out["@odata.id"] == f"{BASE}/api/v1.0/Users('bob@example.com')/Events('{EVENT.id}')"


def test_an_id_of_another_mailbox(v2: Client) -> None:
    foreign = structs.replace(EVENT, owner=ALICE).id
    response = v2("GET", f"/me/events/{foreign}")
    assert response.status == 404
    assert "id of its own" in (header(response, "X-Rsvpd-Hint") or "")
    assert v2("GET", "/me/events/garbage").status == 400


@pytest.mark.parametrize("option", ["$select=subjekt", "$expand=atendees", "$expand=instances", "$top=x"])
def test_nothing_is_done_where_the_answer_could_not_be_shown(graph: Client, option: str) -> None:
    for method, path in (
        ("POST", "/me/events"),
        ("PATCH", f"/me/events/{EVENT.id}"),
        ("PATCH", f"/me/messages/{PLAIN.id}"),
        ("POST", f"/me/messages/{PLAIN.id}/move"),
    ):
        if "instances" not in option or "events" in path:
            assert graph(method, f"{path}?{option}", {"destinationId": "inbox"}).status in (400, 501)
    assert not graph.door.asked
