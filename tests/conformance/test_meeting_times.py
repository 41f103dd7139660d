"""findMeetingTimes in Graph and Outlook v2.0 (learn.microsoft.com/graph/api/user-findmeetingtimes)."""

from __future__ import annotations

from typing import Any

import pytest

from rsvpd.mail.person import PersonKind
from support.client import Client, plain
from support.world import World

PATH = "/me/findMeetingTimes"
DAY = "2026-12-01"  # a Tuesday
VALIDATION = "ErrorPropertyValidationFailure"


@pytest.fixture(params=["graph", "v2"])
def alice(request: pytest.FixtureRequest, world: World) -> Client:
    return Client(world, "alice", request.param)


def slot(start: str, end: str, zone: str = "UTC") -> dict[str, Any]:
    return {
        name: {"dateTime": text if "T" in text else f"{DAY}T{text}", "timeZone": zone}
        for name, text in (("start", start), ("end", end))
    }


def within(start: str, end: str, zone: str = "UTC", **more: Any) -> dict[str, Any]:
    return {"timeConstraint": {"timeSlots": [slot(start, end, zone)]} | more}


def guests(*names: str, kind: str = "required") -> dict[str, Any]:
    return {"attendees": [{"type": kind, "emailAddress": {"address": f"{name}@example.com"}} for name in names]}


def place(name: str = "", **more: Any) -> dict[str, Any]:
    return {"locations": [{"displayName": name} | more]}


def find(client: Client, body: dict[str, Any], **headers: str) -> Any:
    reply = client("POST", PATH, body, **headers)
    assert reply.status == 200, reply.body
    return plain(reply.json)


def shown(found: Any) -> list[str]:
    return [
        f"{one['meetingTimeSlot']['start']['dateTime'][11:16]} {one['confidence']:g}"
        for one in found["meetingTimeSuggestions"]
    ]


def busy(world: World, who: str, start: str, end: str, **more: Any) -> None:
    Client(world, who, "graph").create("Taken", f"{DAY}T{start}", f"{DAY}T{end}", **more)


def test_the_documented_sample(world: World, alice: Client) -> None:
    """The request of the reference, with its booleans and numbers as texts, and the shape of its answer."""
    zone = "Pacific Standard Time"
    body = {
        **guests("bob"),
        "locationConstraint": {
            "isRequired": "false", "suggestLocation": "false", **place("Conf room Hood", resolveAvailability="false"),
        },
        **within(f"{DAY}T00:00:00", "2026-12-03T17:00:00", zone=zone, activityDomain="work"),
        "isOrganizerOptional": "false",
        "meetingDuration": "PT1H",
        "returnSuggestionReasons": "true",
        "minimumAttendeePercentage": "100",
    }  # fmt: skip
    reply = alice("POST", PATH, body, prefer=f'outlook.timezone="{zone}"')
    assert reply.headers["preference-applied"] == f'outlook.timezone="{zone}"'
    kind = "microsoft.graph.meetingTimeSuggestionsResult" if alice.profile == "graph" else (
        "Microsoft.OutlookServices.MeetingTimeSuggestionsResult"
    )
    assert reply.json["@odata.context"].endswith(f"$metadata#{kind}")
    found = plain(reply.json)
    assert found["emptySuggestionsReason"] == ""
    assert [one["order"] for one in found["meetingTimeSuggestions"]] == [1, 2, 3, 4, 5]
    first = found["meetingTimeSuggestions"][0]
    assert first["locations"][0]["displayName"] == "Conf room Hood"
    assert {name: first[name] for name in first if name != "locations"} == {
        "confidence": 100.0,
        "order": 1,
        "organizerAvailability": alice.word("free"),
        "suggestionReason": "Suggested because it is one of the nearest times when all attendees are available.",
        "meetingTimeSlot": slot(f"{DAY}T00:00:00.0000000", f"{DAY}T01:00:00.0000000", zone),
        "attendeeAvailability": [
            {
                "availability": alice.word("free"),
                "attendee": {"type": alice.word("required"), "emailAddress": {"address": "bob@example.com"}},
            }
        ],
    }


def test_nothing_has_to_be_asked(alice: Client) -> None:
    """Without anything the next seven days are looked through, for half an hour of the organizer's working hours."""
    found = find(alice, {})
    assert shown(found) == ["08:30 100", "09:00 100", "09:30 100", "10:00 100", "10:30 100"]
    first = found["meetingTimeSuggestions"][0]
    assert first["meetingTimeSlot"] == slot("2026-11-23T08:30:00.0000000", "2026-11-23T09:00:00.0000000")
    assert "suggestionReason" not in first
    assert (first["attendeeAvailability"], first["locations"]) == ([], [])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (within("06:00", "09:00"), ["08:00 100", "08:30 100"]),
        (within("06:00", "09:00", activityDomain="unknown"), ["08:00 100", "08:30 100"]),
        (within("06:00", "07:00", activityDomain="Unrestricted"), ["06:00 100", "06:30 100"]),
        (within("2026-12-05T00:00", "2026-12-05T09:00"), []),
        (within("2026-12-05T00:00", "2026-12-05T09:00", activityDomain="personal"), ["08:00 100", "08:30 100"]),
        (within("08:00", "17:00") | {"maxCandidates": 2}, ["08:00 100", "08:30 100"]),
        (within("08:00", "17:00") | {"maxCandidates": "1", "meetingDuration": "P0DT2H30M"}, ["08:00 100"]),
        (within("10:00", "12:30") | guests("bob", "nobody"), ["11:00 74.5", "11:30 74.5", "12:00 74.5"]),
        (within("09:00", "12:00") | guests("bob", "nobody") | {"minimumAttendeePercentage": 20, "maxCandidates": 3},
         ["11:00 74.5", "11:30 74.5", "09:00 24.5"]),
    ],
)  # fmt: skip
def test_what_is_suggested(world: World, alice: Client, body: dict[str, Any], expected: list[str]) -> None:
    busy(world, "bob", "09:00", "11:00")
    assert shown(find(alice, body)) == expected


def test_hours_and_zones_of_all_count(world: World, alice: Client) -> None:
    bob = Client(world, "bob", "graph")
    hours = {"workingHours": {"daysOfWeek": ["tuesday"], "timeZone": {"name": "Eastern Standard Time"}}}
    assert bob("PATCH", "/me/mailboxSettings", hours).status == 200
    week = {"timeConstraint": {"timeSlots": [slot("2026-11-29T00:00", "2026-12-06T00:00")]}, "maxCandidates": 50}
    times = [one["meetingTimeSlot"] for one in find(alice, week | guests("bob"))["meetingTimeSuggestions"]]
    starts = [one["start"]["dateTime"][:16] for one in times]
    assert starts[0] == f"{DAY}T13:00"
    assert times[-1]["end"]["dateTime"][:16] == f"{DAY}T17:00"
    assert len(find(alice, week)["meetingTimeSuggestions"]) == 50


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (within("10:00", "10:15"), "Unknown"),
        (within("20:00", "22:00"), "OrganizerUnavailable"),
        (within("12:00", "13:00"), "OrganizerUnavailable"),
        (within("09:00", "11:00") | guests("bob"), "AttendeesUnavailable"),
        (within("09:00", "11:00") | guests("nobody"), "AttendeesUnavailableOrUnknown"),
        (within("09:00", "11:00") | {"locationConstraint": {"isRequired": True}}, "LocationsUnavailable"),
        (within("09:00", "11:00") | {"locationConstraint": place("Nowhere") | {"isRequired": True}},
         "LocationsUnavailable"),
    ],
)  # fmt: skip
def test_why_there_is_nothing(world: World, alice: Client, body: dict[str, Any], reason: str) -> None:
    busy(world, "bob", "09:00", "11:00")
    busy(world, "alice", "12:00", "13:00")
    assert {name: one for name, one in find(alice, body).items() if "@" not in name} == {
        "emptySuggestionsReason": reason, "meetingTimeSuggestions": [],
    }  # fmt: skip


def test_an_optional_organizer_need_not_come(world: World, alice: Client) -> None:
    busy(world, "alice", "09:00", "11:00")
    body = within("09:00", "09:30") | guests("bob") | {"isOrganizerOptional": True, "returnSuggestionReasons": True}
    (found,) = find(alice, body)["meetingTimeSuggestions"]
    assert (found["organizerAvailability"], found["confidence"]) == (alice.word("busy"), 100)


def names(found: Any) -> list[list[str]]:
    return [[one["displayName"] for one in each["locations"]] for each in found["meetingTimeSuggestions"]]


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        (place("Orion"), [["Vega"], ["Orion"]]),
        (place("Elsewhere", locationEmailAddress="orion@example.com"), [["Vega"], ["Elsewhere"]]),
        (place("Orion", resolveAvailability=False), [["Orion"], ["Orion"]]),
        ({"suggestLocation": True}, [["Vega"], ["Orion", "Vega"]]),
        ({"isRequired": True}, [["Vega"], ["Orion"]]),
        ({"isRequired": True} | place("Nowhere", resolveAvailability=False), [["Nowhere"], ["Nowhere"]]),
        ({}, [[], []]),
    ],
)
def test_where_the_meeting_can_be(
    world: World, alice: Client, constraint: dict[str, Any], expected: list[list[str]]
) -> None:
    for name in ("orion", "vega"):
        world.add(name, kind=PersonKind.ROOM)
    Client(world, "bob", "graph").create("Booked", f"{DAY}T09:00:00", f"{DAY}T09:30:00", "orion")
    assert names(find(alice, within("09:00", "10:00") | {"locationConstraint": constraint})) == expected


def test_a_room_is_an_attendee_too(world: World, alice: Client) -> None:
    world.add("orion", kind=PersonKind.ROOM)
    found = find(alice, within("06:00", "08:30", activityDomain="unrestricted") | guests("orion", kind="resource"))
    attendee = found["meetingTimeSuggestions"][0]["attendeeAvailability"][0]["attendee"]
    assert attendee["type"] == alice.word("resource")
    assert shown(found)[0] == "06:00 100"


def test_who_shares_no_times_is_unknown(world: World, alice: Client) -> None:
    bob = Client(world, "bob", "graph")
    permission = bob.get("/me/calendar/calendarPermissions")["value"][0]["id"]
    assert bob("PATCH", f"/me/calendar/calendarPermissions/{permission}", {"role": "none"}).status == 200
    body = within("09:00", "09:30") | guests("bob") | {"minimumAttendeePercentage": 0}
    (found,) = find(alice, body)["meetingTimeSuggestions"]
    assert found["attendeeAvailability"][0]["availability"] == alice.word("unknown")
    assert found["confidence"] == 49


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"meetingDuration": "1 hour"}, "RequestBodyRead"),
        ({"meetingDuration": "PT"}, "RequestBodyRead"),
        ({"meetingDuration": 60}, "RequestBodyRead"),
        ({"meetingDuration": "PT0S"}, VALIDATION),
        ({"meetingDuration": "P2D"}, VALIDATION),
        ({"maxCandidates": 0}, VALIDATION),
        ({"maxCandidates": "many"}, VALIDATION),
        ({"minimumAttendeePercentage": 101}, VALIDATION),
        ({"minimumAttendeePercentage": "nan"}, VALIDATION),
        ({"minimumAttendeePercentage": True}, VALIDATION),
        ({"isOrganizerOptional": "perhaps"}, VALIDATION),
        ({"attendees": {}}, VALIDATION),
        ({"attendees": [{"type": "required"}]}, VALIDATION),
        ({"attendees": [None]}, VALIDATION),
        ({"attendees": [{"emailAddress": {"address": "bob"}}]}, VALIDATION),
        ({"attendees": [{"type": "boss", "emailAddress": {"address": "bob@example.com"}}]}, VALIDATION),
        (guests(*(f"guest{number}" for number in range(101))), VALIDATION),
        ({"timeConstraint": []}, VALIDATION),
        ({"timeConstraint": {"activityDomain": "play"}}, VALIDATION),
        ({"timeConstraint": {"timeSlots": [{"start": {"dateTime": f"{DAY}T10:00"}}]}}, VALIDATION),
        ({"timeConstraint": {"timeSlots": [slot("10:00", "11:00", "Nowhere")]}}, "TimeZoneNotSupportedException"),
        (within("11:00", "10:00"), "ErrorCalendarEndDateIsEarlierThanStartDate"),
        (within("2026-01-01T00:00", "2026-12-31T00:00"), "ErrorTimeIntervalTooBig"),
        ({"locationConstraint": {"locations": ["Orion"]}}, VALIDATION),
        ({"locationConstraint": {"locations": [None]}}, VALIDATION),
        ({"locationConstraint": {"isRequired": 1}}, VALIDATION),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(alice: Client, body: dict[str, Any], code: str) -> None:
    assert alice.error("POST", PATH, body) == (400, code)


def test_who_may_ask(world: World) -> None:
    alice = Client(world, "alice", "graph")
    assert alice.error("POST", "/users/bob@example.com/findMeetingTimes", {}) == (403, "ErrorAccessDenied")
    assert alice("POST", "/users/alice@example.com/findMeetingTimes", {}).status == 200
    assert Client(world, "alice", "v1")("POST", PATH, {}).status == 400
