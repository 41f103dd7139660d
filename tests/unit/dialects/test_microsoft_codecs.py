"""What the Microsoft profiles write, value by value (Graph and Outlook REST references)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec import structs

from rsvpd.calendar.event import (
    AllDay,
    Answer,
    Attendee,
    EventKind,
    Location,
    Role,
    ShowAs,
    Status,
)
from rsvpd.calendar.rule import Freq, Recurrence, Rule, Weekday, WeekdayNth
from rsvpd.calendar.view import EventView
from rsvpd.dialects.microsoft.tables.profiles import GRAPH, OUTLOOK_V1, OUTLOOK_V2, PROFILES, Profile, message_shape
from rsvpd.mail.content import Body, BodyKind, Importance
from rsvpd.mail.message import MeetingKind, RequestKind, TimeSlot
from rsvpd.mail.person import Person
from support.microsoft_samples import ALICE, ANSWERED, BOB, CAROL, END, START, ctx, message, view

NEVER, RESET = "0001-01-01T00:00:00Z", "4501-01-01T00:00:00Z"
ANSWERED_TEXT = "2026-01-02T03:04:05.6789010Z"


def written(seen: EventView, profile: Profile = GRAPH, **more: Any) -> dict[str, Any]:
    return profile.event.write(seen, ctx(profile, **more))


# --- times


@pytest.mark.parametrize(
    ("zone", "name", "start"),
    [
        (None, None, {"dateTime": "2026-01-05T09:00:00.0000000", "timeZone": "UTC"}),
        (
            "America/Los_Angeles",
            "pacific standard time",
            {"dateTime": "2026-01-05T01:00:00.0000000", "timeZone": "pacific standard time"},
        ),
        (
            "Europe/Berlin",
            "Europe/Berlin",
            {"dateTime": "2026-01-05T10:00:00.0000000", "timeZone": "Europe/Berlin"},
        ),
    ],
)
def test_times_in_utc_or_the_zone_asked_for(zone: str | None, name: str | None, start: dict[str, str]) -> None:
    assert written(view(), zone=zone, zone_name=name)["start"] == start


def test_all_day_is_midnight_in_any_zone() -> None:
    seen = view(start=AllDay(date(2026, 1, 5)), end=AllDay(date(2026, 1, 6)))
    out = written(seen, zone="Asia/Tokyo", zone_name="Tokyo Standard Time")
    assert out["start"] == {"dateTime": "2026-01-05T00:00:00.0000000", "timeZone": "Tokyo Standard Time"}
    assert written(seen)["end"] == {"dateTime": "2026-01-06T00:00:00.0000000", "timeZone": "UTC"}
    assert out["isAllDay"] is True
    assert written(seen, OUTLOOK_V1)["Start"] == "2026-01-05T00:00:00Z"


def test_outlook_v1_writes_offsets_and_zones() -> None:
    out = written(view(), OUTLOOK_V1)
    assert (out["Start"], out["StartTimeZone"]) == ("2026-01-05T09:00:00Z", "W. Europe Standard Time")
    out = written(view(), OUTLOOK_V1, zone="America/St_Johns", zone_name="Newfoundland Standard Time")
    assert (out["End"], out["EndTimeZone"]) == ("2026-01-05T06:30:00-03:30", "Newfoundland Standard Time")


def test_original_zones_and_start() -> None:
    out = written(view())
    assert out["originalStartTimeZone"] == "W. Europe Standard Time"
    assert "originalStart" not in out
    occurrence = structs.replace(
        view(kind=EventKind.OCCURRENCE), recurrence_id="20260105T100000", original_start=START
    )
    out = written(occurrence)
    assert out["originalStart"] == "2026-01-05T09:00:00Z"
    assert out["seriesMasterId"] == view().id


# --- who is invited, and what they said


def test_organizers_copy_tracks_answers() -> None:
    guests = (
        Attendee(address="bob@example.com", name="Bob"),
        Attendee(address="carol@example.com", role=Role.OPTIONAL, answer=Answer.TENTATIVE, answered=ANSWERED),
        Attendee(address="dave@example.com", role=Role.RESOURCE, reset_sequence=2),
    )
    first, second, third = written(view(attendees=guests))["attendees"]
    assert first == {
        "type": "required",
        "status": {"response": "none", "time": NEVER},
        "emailAddress": {"name": "Bob", "address": "bob@example.com"},
    }
    assert second["type"] == "optional"
    assert second["status"] == {"response": "tentativelyAccepted", "time": ANSWERED_TEXT}
    assert second["emailAddress"]["name"] == "carol@example.com"
    assert third["status"] == {"response": "notResponded", "time": RESET}


def test_a_proposal_stands_with_its_attendee() -> None:
    guest = Attendee(address="bob@example.com", answer=Answer.DECLINED, answered=ANSWERED, proposal=(START, END))
    (one,) = written(view(attendees=(guest,)))["attendees"]
    assert one["proposedNewTime"]["start"] == {"dateTime": "2026-01-05T09:00:00.0000000", "timeZone": "UTC"}
    assert "ProposedNewTime" in written(view(attendees=(guest,)), OUTLOOK_V2)["Attendees"][0]
    assert "ProposedNewTime" not in written(view(attendees=(guest,)), OUTLOOK_V1)["Attendees"][0]


def test_attendees_copy_lists_the_organizer_first_and_only_the_own_answer() -> None:
    guests = (
        Attendee(address="alice@example.com"),
        Attendee(address="BOB@example.com", answer=Answer.DECLINED),
        CAROL,
    )
    seen = view(owner=BOB, attendees=guests, answer=Answer.ACCEPTED, answered=ANSWERED)
    out = written(seen)
    assert [
        (one["emailAddress"]["address"], one["status"]["response"], one["status"]["time"])
        for one in out["attendees"]
    ] == [
        ("alice@example.com", "none", NEVER),
        ("BOB@example.com", "accepted", NEVER),
        ("carol@example.com", "none", NEVER),
    ]
    assert out["responseStatus"] == {"response": "accepted", "time": ANSWERED_TEXT}
    assert out["isOrganizer"] is False


def test_hidden_attendees_see_themselves_and_the_organizer() -> None:
    seen = view(owner=BOB, attendees=(Attendee(address="bob@example.com"), CAROL), hide_attendees=True)
    shown = [one["EmailAddress"]["Address"] for one in written(seen, OUTLOOK_V2)["Attendees"]]
    assert shown == ["alice@example.com", "bob@example.com"]
    everybody = view(attendees=(Attendee(address="bob@example.com"), CAROL), hide_attendees=True)
    assert len(written(everybody)["attendees"]) == 2


@pytest.mark.parametrize(
    ("owner", "status"),
    [
        (ALICE, {"Response": "Organizer", "Time": NEVER}),
        (BOB, {"Response": "NotResponded", "Time": NEVER}),
    ],
)
def test_response_status_before_an_answer(owner: Person, status: dict[str, str]) -> None:
    assert written(view(owner=owner), OUTLOOK_V1)["ResponseStatus"] == status


# --- words, bodies, places, identity


def test_words_in_each_spelling() -> None:
    seen = view(show_as=ShowAs.ELSEWHERE, status=Status.CANCELLED, importance=Importance.HIGH)
    graph, outlook = written(seen), written(seen, OUTLOOK_V1)
    assert (graph["showAs"], outlook["ShowAs"]) == ("workingElsewhere", "WorkingElsewhere")
    assert (graph["type"], outlook["Type"]) == ("singleInstance", "SingleInstance")
    assert (graph["importance"], outlook["Importance"]) == ("high", "High")
    assert graph["isCancelled"] is True


def test_bodies_in_the_language_asked_for() -> None:
    seen = view(body=Body("a < b"))
    assert written(seen)["body"]["contentType"] == "html"
    assert "a &lt; b" in written(seen)["body"]["content"]
    assert written(seen, OUTLOOK_V1)["Body"]["ContentType"] == "HTML"
    assert written(seen, body_kind=BodyKind.TEXT)["body"] == {"contentType": "text", "content": "a < b"}
    assert written(seen)["bodyPreview"] == "a < b"
    assert written(view())["body"]["content"] == ""


def test_places() -> None:
    assert written(view())["location"] == {
        "displayName": "",
        "locationType": "default",
        "uniqueIdType": "unknown",
        "address": {},
        "coordinates": {},
    }
    assert written(view(), OUTLOOK_V1)["Location"] == {"DisplayName": ""}
    two = view(locations=(Location(name="Here"), Location(name="There", kind="conferenceRoom", mailbox="r@x.org")))
    out = written(two)
    assert out["location"]["displayName"] == "Here; There"
    assert out["locations"][1] == {
        "displayName": "There",
        "locationEmailAddress": "r@x.org",
        "locationType": "conferenceRoom",
        "uniqueId": "There",
        "uniqueIdType": "private",
    }


def test_uids_of_occurrences_differ_in_graph_only() -> None:
    occurrence = structs.replace(view(kind=EventKind.OCCURRENCE), recurrence_id="20260105T100000")
    assert written(view())["iCalUId"] == "uid-1"
    assert written(occurrence)["iCalUId"] == "uid-1_20260105T100000"
    assert written(occurrence, OUTLOOK_V2)["iCalUId"] == "uid-1"


def test_cancelled_occurrences_only_when_selected() -> None:
    master = view(kind=EventKind.MASTER)
    master = structs.replace(master, meeting=structs.replace(master.meeting, deleted=("20260106T100000",)))
    assert "cancelledOccurrences" not in written(master)
    out = GRAPH.event.write(master, ctx(), frozenset({"cancelledOccurrences"}))
    assert out == {"id": master.id, "cancelledOccurrences": [f"OID.{master.id}.2026-01-06"]}


def test_links_are_absolute_and_encoded() -> None:
    link = written(view(), OUTLOOK_V1)["WebLink"]
    assert link.startswith("http://host/owa/?itemid=")
    assert link.count("=") == 3


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.version)
@pytest.mark.parametrize("table", ["location", "itemBody", "attendee", "responseStatus", "dateTimeTimeZone"])
def test_written_members_are_those_of_the_table(profile: Profile, table: str) -> None:
    guest = Attendee(address="bob@example.com", proposal=(START, END))
    out = profile.event.write(
        view(attendees=(guest,), locations=(Location(name="Here", unique_id="x"),)), ctx(profile)
    )
    name = profile.member
    parts: dict[str, Any] = {
        "location": out[name("location")],
        "itemBody": out[name("body")],
        "attendee": out[name("attendees")][0],
        "responseStatus": out[name("responseStatus")],
        "dateTimeTimeZone": {} if profile is OUTLOOK_V1 else out[name("start")],
    }
    known = {prop.name for prop in profile.tables.types.tables[table].props}
    assert set(parts[table]) <= known


WEEKLY = Recurrence((Rule(freq=Freq.WEEKLY, by_day=(WeekdayNth(Weekday.MO),), count=3),))


def test_recurrence_of_a_master_in_each_spelling() -> None:
    master = view(kind=EventKind.MASTER)
    master = structs.replace(master, meeting=structs.replace(master.meeting, recurrence=WEEKLY))
    graph, outlook = written(master)["recurrence"], written(master, OUTLOOK_V1)["Recurrence"]
    assert (graph["pattern"]["type"], graph["pattern"]["daysOfWeek"]) == ("weekly", ["monday"])
    assert (outlook["Pattern"]["Type"], outlook["Pattern"]["DaysOfWeek"]) == ("Weekly", ["Monday"])
    assert (outlook["Range"]["Type"], outlook["Range"]["NumberOfOccurrences"]) == ("Numbered", 3)
    assert outlook["Range"]["StartDate"] == graph["range"]["startDate"] == "2026-01-05"
    occurrence = structs.replace(master, kind=EventKind.OCCURRENCE, recurrence_id="20260105T100000")
    assert written(occurrence)["recurrence"] is None


# --- messages


def test_a_plain_message_carries_nothing_of_meetings() -> None:
    seen = message(MeetingKind.NONE)
    out = message_shape(GRAPH, seen).write(seen, ctx())
    assert "meetingMessageType" not in out
    assert out["receivedDateTime"] == "2026-01-02T03:04:05Z"
    assert out["flag"] == {"flagStatus": "notFlagged"}
    assert out["from"] == {"emailAddress": {"name": "Alice Ames", "address": "alice@example.com"}}
    assert "uniqueBody" not in out


def test_an_invitation() -> None:
    seen = message(MeetingKind.REQUEST, request=RequestKind.FULL, previous_start=END)
    out = message_shape(GRAPH, seen).write(seen, ctx())
    assert (out["meetingMessageType"], out["meetingRequestType"]) == ("meetingRequest", "fullUpdate")
    assert out["previousStartDateTime"]["dateTime"] == "2026-01-05T10:00:00.0000000"
    assert (out["previousEndDateTime"], out["previousLocation"]) == (None, None)
    outlook = message_shape(OUTLOOK_V1, seen).write(seen, ctx(OUTLOOK_V1))
    assert outlook["MeetingMessageType"] == "MeetingRequest"
    assert outlook["DateTimeReceived"] == "2026-01-02T03:04:05Z"
    assert "MeetingRequestType" not in outlook


def test_an_answer_spelled_as_the_schema_misspells_it() -> None:
    seen = message(MeetingKind.TENTATIVE, proposed=TimeSlot(START, END))
    out = message_shape(GRAPH, seen).write(seen, ctx())
    assert out["meetingMessageType"] == "meetingTenativelyAccepted"
    assert out["responseType"] == "tentativelyAccepted"
    assert out["proposedNewTime"]["end"] == {"dateTime": "2026-01-05T10:00:00", "timeZone": "UTC"}
    seen = message(MeetingKind.ACCEPTED)
    assert "proposedNewTime" not in message_shape(GRAPH, seen).write(seen, ctx())
