"""The stock google-api-python-client, unmodified, drives the Google dialect."""

from __future__ import annotations

from typing import Any

import pytest
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from googleapiclient.http import BatchHttpRequest

from support.running import Running


@pytest.fixture
def calendars(server: Running) -> Any:
    def of(name: str) -> Any:
        return build(
            "calendar",
            "v3",
            credentials=Credentials(server.token(name)),
            client_options={"api_endpoint": f"{server.url}/calendar/v3/"},
            cache_discovery=False,
        )

    return of


def _invite(calendar: Any) -> Any:
    body = {
        "summary": "Quarter plan",
        "start": {"dateTime": "2030-03-01T10:00:00+01:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2030-03-01T11:00:00+01:00", "timeZone": "Europe/Berlin"},
        "attendees": [{"email": "bob@example.com"}, {"email": "carol@example.com"}],
    }
    return calendar.events().insert(calendarId="primary", body=body, sendUpdates="all").execute()


def test_a_whole_life(calendars: Any) -> None:
    alice, bob = calendars("alice"), calendars("bob")
    assert [one["id"] for one in bob.calendarList().list().execute()["items"]] == ["bob@example.com"]
    made = _invite(alice)
    assert made["status"] == "confirmed"
    found = bob.events().list(calendarId="primary", iCalUID=made["iCalUID"]).execute()["items"]
    (event,) = found
    own = [one for one in event["attendees"] if one.get("self")]
    assert own[0]["responseStatus"] == "needsAction"
    body = {
        "attendeesOmitted": True,
        "attendees": [{"email": "bob@example.com", "responseStatus": "accepted", "comment": "ok"}],
    }
    patched = bob.events().patch(calendarId="primary", eventId=event["id"], sendUpdates="all", body=body).execute()
    assert next(one for one in patched["attendees"] if one.get("self"))["responseStatus"] == "accepted"
    tracked = alice.events().get(calendarId="primary", eventId=made["id"]).execute()
    answers = {one["email"]: one for one in tracked["attendees"]}
    assert answers["bob@example.com"]["responseStatus"] == "accepted"
    assert answers["bob@example.com"]["comment"] == "ok"
    assert answers["carol@example.com"]["responseStatus"] == "needsAction"
    assert tracked["etag"] != made["etag"]
    alice.events().delete(calendarId="primary", eventId=made["id"], sendUpdates="all").execute()
    gone = bob.events().get(calendarId="primary", eventId=event["id"]).execute()
    assert gone["status"] == "cancelled"


@pytest.mark.parametrize("way", ["/discovery/v1/apis/{api}/{apiVersion}/rest", "/$discovery/rest?version={apiVersion}"])
def test_a_client_that_asks_for_the_description_first(server: Running, way: str) -> None:
    calendar = build(
        "calendar",
        "v3",
        credentials=Credentials(server.token("alice")),
        discoveryServiceUrl=f"{server.url}{way}",
        static_discovery=False,
        cache_discovery=False,
    )
    made = _invite(calendar)
    batch = calendar.new_batch_http_request()
    found: list[Any] = []
    batch.add(calendar.events().get(calendarId="primary", eventId=made["id"]), lambda _, one, wrong: found.append(one))
    batch.add(calendar.colors().get(), lambda _, one, wrong: found.append(one))
    batch.execute()
    assert [one["kind"] for one in found] == ["calendar#event", "calendar#colors"]


def test_a_guest_may_not_change_what_is_shared(calendars: Any) -> None:
    made = _invite(calendars("alice"))
    with pytest.raises(HttpError) as refused:
        calendars("bob").events().patch(calendarId="primary", eventId=made["id"], body={"summary": "Mine"}).execute()
    assert refused.value.resp.status == 403
    assert refused.value.error_details[0]["reason"] == "forbiddenForNonOrganizer"


def test_the_whole_resource_put_back_with_the_own_answer(calendars: Any) -> None:
    made = _invite(calendars("alice"))
    bob = calendars("bob")
    event = bob.events().get(calendarId="primary", eventId=made["id"]).execute()
    for one in event["attendees"]:
        if one.get("self"):
            one["responseStatus"] = "tentative"
    request = bob.events().update(calendarId="primary", eventId=event["id"], body=event)
    request.headers["If-Match"] = event["etag"]
    request.execute()
    again = bob.events().update(calendarId="primary", eventId=event["id"], body=event)
    again.headers["If-Match"] = event["etag"]
    with pytest.raises(HttpError) as stale:
        again.execute()
    assert stale.value.resp.status == 412


def test_times_are_those_of_the_calendar_unless_asked_otherwise(calendars: Any) -> None:
    made, bob = _invite(calendars("alice")), calendars("bob")
    assert made["start"] == {"dateTime": "2030-03-01T10:00:00+01:00", "timeZone": "Europe/Berlin"}
    seen = bob.events().get(calendarId="primary", eventId=made["id"]).execute()
    assert seen["start"] == {"dateTime": "2030-03-01T04:00:00-05:00", "timeZone": "Europe/Berlin"}
    asked = bob.events().get(calendarId="primary", eventId=made["id"], timeZone="Asia/Kolkata").execute()
    assert asked["start"] == {"dateTime": "2030-03-01T14:30:00+05:30", "timeZone": "Europe/Berlin"}
    for one in seen["attendees"]:
        if one.get("self"):
            one["responseStatus"] = "accepted"
    put = bob.events().update(calendarId="primary", eventId=made["id"], body=seen).execute()
    assert put["start"] == seen["start"], "the same time in another zone is no change of it"


def test_a_meeting_that_is_called_off_keeps_its_name(calendars: Any) -> None:
    made, bob = _invite(calendars("alice")), calendars("bob")
    calendars("alice").events().delete(calendarId="primary", eventId=made["id"], sendUpdates="all").execute()
    gone = bob.events().get(calendarId="primary", eventId=made["id"]).execute()
    assert (gone["status"], gone["summary"]) == ("cancelled", "Quarter plan")
    with pytest.raises(HttpError) as refused:
        bob.events().delete(calendarId="primary", eventId=made["id"]).execute()
    assert refused.value.resp.status == 410


def test_a_batch_goes_where_the_discovery_document_says(server: Running) -> None:
    bob = build(
        "calendar", "v3", credentials=Credentials(server.token("bob")), cache_discovery=False, static_discovery=False,
        discoveryServiceUrl=f"{server.url}/discovery/v1/apis/calendar/v3/rest",
    )  # fmt: skip
    found: dict[str, Any] = {}
    batch = bob.new_batch_http_request(callback=lambda id, answer, wrong: found.update({id: wrong or answer}))
    batch.add(bob.calendarList().list(), request_id="list")
    batch.add(bob.events().get(calendarId="primary", eventId="nosuch"), request_id="no")
    batch.execute()
    assert [one["id"] for one in found["list"]["items"] if one.get("primary")] == ["bob@example.com"]
    assert found["no"].resp.status == 404
    assert "batch" not in server.ask("GET", "/").text


def test_a_batch_at_an_address_of_ones_own(calendars: Any, server: Running) -> None:
    bob, found = calendars("bob"), []
    batch = BatchHttpRequest(
        batch_uri=f"{server.url}/batch/calendar/v3", callback=lambda id, answer, wrong: found.append(wrong or answer)
    )
    for _ in range(3):
        batch.add(bob.calendarList().list())
    batch.execute(http=bob._http)
    assert [one["kind"] for one in found] == ["calendar#calendarList"] * 3


def test_pages(calendars: Any) -> None:
    alice = calendars("alice")
    made = {_invite(alice)["id"] for _ in range(5)}
    request = alice.events().list(
        calendarId="primary",
        timeMin="2030-01-01T00:00:00Z",
        timeMax="2030-12-31T00:00:00Z",
        singleEvents=True,
        orderBy="startTime",
        maxResults=2,
        q="quarter",
    )
    seen: list[str] = []
    while request is not None:
        page = request.execute()
        seen += [one["id"] for one in page["items"]]
        request = alice.events().list_next(request, page)
    assert set(seen) == made
    assert len(seen) == 5


def test_a_series_and_its_instances(calendars: Any) -> None:
    alice, bob = calendars("alice"), calendars("bob")
    body = {
        "summary": "Weekly",
        "start": {"dateTime": "2030-03-01T10:00:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2030-03-01T10:30:00", "timeZone": "Europe/Berlin"},
        "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=8"],
        "attendees": [{"email": "bob@example.com"}],
    }
    made = alice.events().insert(calendarId="primary", body=body, sendUpdates="all").execute()
    assert made["recurrence"] == ["RRULE:FREQ=WEEKLY;COUNT=8"]
    request = bob.events().instances(calendarId="primary", eventId=made["id"], timeZone="Europe/Berlin")
    instances = request.execute()["items"]
    assert len(instances) == 8
    hours = {one["start"]["dateTime"][11:] for one in instances}
    assert hours == {"10:00:00+01:00", "10:00:00+02:00"}, "wall time is kept over daylight saving"
    entry = [{"email": "bob@example.com", "responseStatus": "declined"}]
    bob.events().patch(
        calendarId="primary",
        eventId=instances[2]["id"],
        sendUpdates="all",
        body={"attendeesOmitted": True, "attendees": entry},
    ).execute()
    tracked = alice.events().instances(calendarId="primary", eventId=made["id"]).execute()["items"]
    answers = [
        next(g["responseStatus"] for g in one["attendees"] if g["email"] == "bob@example.com") for one in tracked
    ]
    assert answers == ["needsAction"] * 2 + ["declined"] + ["needsAction"] * 5


def _daily(**more: Any) -> dict[str, Any]:
    return {
        "summary": "Daily",
        "start": {"dateTime": "2030-03-04T10:00:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2030-03-04T10:30:00", "timeZone": "Europe/Berlin"},
        "recurrence": ["RRULE:FREQ=DAILY;COUNT=4"],
        "attendees": [{"email": "bob@example.com"}],
        **more,
    }


def test_deleted_instances_are_shown_in_their_place_when_asked_for(calendars: Any) -> None:
    alice, bob = calendars("alice"), calendars("bob")
    made = alice.events().insert(calendarId="primary", body=_daily()).execute()
    ids = [one["id"] for one in alice.events().instances(calendarId="primary", eventId=made["id"]).execute()["items"]]
    alice.events().delete(calendarId="primary", eventId=ids[1]).execute()
    bob.events().delete(calendarId="primary", eventId=ids[2]).execute()
    wanted = {"calendarId": "primary", "singleEvents": True, "orderBy": "startTime", "q": "Daily"}
    for of, gone in ((alice, [ids[1]]), (bob, ids[1:3])):
        assert [one["id"] for one in of.events().list(**wanted).execute()["items"]] == [
            one for one in ids if one not in gone
        ]
        for also in ({"showDeleted": True}, {"updatedMin": made["updated"]}):
            items = of.events().list(**wanted, **also).execute()["items"]
            assert [one["id"] for one in items] == ids
            assert [one["id"] for one in items if one["status"] == "cancelled"] == gone
        pages = of.events().instances(calendarId="primary", eventId=made["id"], showDeleted=True, maxResults=2)
        assert [one["id"] for one in pages.execute()["items"]] == ids[:2]
    hole = alice.events().get(calendarId="primary", eventId=ids[1]).execute()
    assert (hole["status"], hole["start"]["dateTime"], hole["end"]["dateTime"]) == (
        "cancelled", "2030-03-05T10:00:00+01:00", "2030-03-05T10:30:00+01:00",
    )  # fmt: skip


def test_a_guest_of_some_instances_sees_those_and_no_series(calendars: Any) -> None:
    alice, carol = calendars("alice"), calendars("carol")
    made = alice.events().insert(calendarId="primary", body=_daily()).execute()
    instances = alice.events().instances(calendarId="primary", eventId=made["id"]).execute()["items"]
    for one in instances[1:3]:
        body = {"attendees": [*one["attendees"], {"email": "carol@example.com"}]}
        alice.events().patch(calendarId="primary", eventId=one["id"], body=body).execute()
    ids = [one["id"] for one in instances[1:3]]
    for single in (True, False):
        items = carol.events().list(calendarId="primary", iCalUID=made["iCalUID"], singleEvents=single).execute()
        assert [one["id"] for one in items["items"]] == ids, single
    with pytest.raises(HttpError) as refused:
        carol.events().get(calendarId="primary", eventId=made["id"]).execute()
    assert refused.value.resp.status == 404
    entry = {"attendeesOmitted": True, "attendees": [{"email": "carol@example.com", "responseStatus": "accepted"}]}
    carol.events().patch(calendarId="primary", eventId=ids[1], body=entry).execute()
    seen = [alice.events().get(calendarId="primary", eventId=one).execute() for one in ids]
    answers = [
        next(g["responseStatus"] for g in one["attendees"] if g["email"] == "carol@example.com") for one in seen
    ]
    assert answers == ["needsAction", "accepted"]
