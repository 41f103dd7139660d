"""What the Microsoft profiles read: bodies of requests become drafts, or are refused."""

from __future__ import annotations

import contextlib
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from rsvpd.calendar.conference import Provider, Wish
from rsvpd.calendar.draft import EventDraft
from rsvpd.calendar.event import AllDay, Answer, Attendee, Location, Role, ShowAs, Timed
from rsvpd.calendar.rule import Freq, Recurrence
from rsvpd.dialects.microsoft.tables.drafts import needs_stored, read_event, read_message
from rsvpd.dialects.microsoft.tables.profiles import GRAPH, OUTLOOK_V1, PROFILES, Profile
from rsvpd.dialects.shape import Access
from rsvpd.errors import (
    DomainError,
    InvalidProperty,
    InvalidRecurrence,
    InvalidTimeZone,
    MalformedBody,
    UnknownProperty,
)
from rsvpd.mail.address import Mailbox
from rsvpd.mail.content import Body, BodyKind, Importance
from rsvpd.mail.message import Flag, FlagStatus, MeetingKind
from support.microsoft_samples import ctx, message, view, wall


def read(body: dict[str, Any], profile: Profile = GRAPH, **more: Any) -> EventDraft:
    return read_event(profile, body, ctx(profile), **more)


# --- reading: single members


UTC_START = {"dateTime": "2026-01-05T09:00:00", "timeZone": "UTC"}


@pytest.mark.parametrize(
    ("body", "member", "value"),
    [
        ({"Subject": "x"}, "subject", "x"),
        ({"SUBJECT": None}, "subject", None),
        ({"isReminderOn": "False"}, "reminder_on", False),
        ({"responseRequested": "true"}, "response_requested", True),
        ({"reminderMinutesBeforeStart": "15"}, "reminder_minutes", 15),
        ({"showAs": "OOF"}, "show_as", ShowAs.OOF),
        ({"importance": "High"}, "importance", Importance.HIGH),
        ({"body": {"ContentType": "Html", "Content": "<b>"}}, "body", Body("<b>", BodyKind.HTML)),
        ({"body": {"content": None}}, "body", Body("", BodyKind.TEXT)),
        ({"body": None}, "body", None),
        ({"categories": ["a", "b"]}, "categories", ("a", "b")),
        ({"location": {"displayName": "Here"}}, "locations", (Location(name="Here"),)),
        ({"location": None}, "locations", ()),
        ({"location": {"displayName": ""}}, "locations", ()),
        (
            {"location": {"displayName": "A"}, "locations": [{"displayName": "B"}]},
            "locations",
            (Location(name="B"),),
        ),
        ({"location": {"displayName": "A"}, "locations": []}, "locations", (Location(name="A"),)),
        ({"start": UTC_START}, "start", Timed(wall("2026-01-05T09:00"), "UTC")),
        ({"start": {"dateTime": "2026-01-05T09:00"}}, "start", Timed(wall("2026-01-05T09:00"), "UTC")),
        (
            {"start": {"dateTime": "2026-01-05T09:00:00.1234567", "timeZone": "w. europe standard time"}},
            "start",
            Timed(wall("2026-01-05T09:00"), "Europe/Berlin"),
        ),
        (
            {"start": {"dateTime": "2026-01-05T09:00:00Z", "timeZone": "Europe/Berlin"}},
            "start",
            Timed(wall("2026-01-05T10:00"), "Europe/Berlin"),
        ),
        ({"end": {"dateTime": "2026-01-05T09:00:00+02:00"}}, "end", Timed(wall("2026-01-05T07:00"), "UTC")),
        ({"attendees": None}, "attendees", ()),
    ],
)
def test_one_member(body: dict[str, Any], member: str, value: Any) -> None:
    draft = read(body)
    assert getattr(draft, member) == value
    assert draft.ignored == ()


def test_attendees_and_their_claims() -> None:
    draft = read({
        "attendees": [
            {
                "@odata.type": "#microsoft.graph.attendee",
                "emailAddress": {"address": " bob@example.com ", "name": "Bob"},
                "type": "Optional",
                "status": {"response": "Accepted", "time": "2026-01-01T00:00:00Z"},
            },
            {"EmailAddress": {"Address": "carol@example.com"}, "Status": {"Response": "Organizer"}},
        ]
    })  # fmt: skip
    assert draft.attendees is not UNSET
    assert draft.attendees is not None
    bob, carol = draft.attendees
    assert (bob.address, bob.name, bob.role) == ("bob@example.com", "Bob", Role.OPTIONAL)
    assert bob.answer is Answer.ACCEPTED
    assert (carol.name, carol.role, carol.answer) == (UNSET, UNSET, UNSET)


@pytest.mark.parametrize(
    "body",
    [
        {"subject": []},
        {"subject": 1},
        {"start": []},
        {"start": {"dateTime": []}},
        {"start": {"timeZone": "UTC"}},
        {"start": None},
        {"start": {"dateTime": "tomorrow"}},
        {"start": {"dateTime": "0000-01-01T00:00:00"}},
        {"start": {"dateTime": "0001-01-01T00:00:00+14:00"}},
        {"start": {"dateTime": "9999-12-31T23:59:59-14:00"}},
        {"start": {"dateTime": "2026-02-30T00:00:00"}},
        {"reminderMinutesBeforeStart": 10**9},
        {"reminderMinutesBeforeStart": -1},
        {"reminderMinutesBeforeStart": 1e300},
        {"reminderMinutesBeforeStart": True},
        {"isAllDay": "maybe"},
        {"showAs": "asleep"},
        {"showAs": [[]]},
        {"importance": {}},
        {"categories": "red"},
        {"categories": [["red"]]},
        {"attendees": {}},
        {"attendees": [[[]]]},
        {"attendees": [None]},
        {"attendees": [{}]},
        {"attendees": [{"emailAddress": {"address": "nobody"}}]},
        {"attendees": [{"emailAddress": {"address": "a@b.c"}, "type": "boss"}]},
        {"attendees": [{"emailAddress": {"address": "a@b.c"}}] * 501},
        {"body": "text"},
        {"body": {"contentType": "rtf"}},
        {"location": "Room"},
        {"locations": {"displayName": "Room"}},
        {"location": {"coordinates": {"latitude": "north"}}},
        {"recurrence": "daily"},
        {"isAllDay": True},
    ],
)
def test_impossible_values_are_refused(body: dict[str, Any]) -> None:
    with pytest.raises(InvalidProperty) as refused:
        read(body)
    assert refused.value.target


def test_an_unknown_zone_has_its_own_error() -> None:
    with pytest.raises(InvalidTimeZone):
        read({"start": {"dateTime": "2026-01-05T09:00:00", "timeZone": "Middle Earth"}})


@pytest.mark.parametrize("body", [[], "x", None, 1])
def test_a_body_is_an_object(body: Any) -> None:
    with pytest.raises(MalformedBody):
        read_event(GRAPH, body, ctx())


# --- reading: what has no effect


@pytest.mark.parametrize(
    ("body", "ignored"),
    [
        ({"@odata.type": "#microsoft.graph.event", "x@odata.bind": "y"}, ()),
        ({"organizer": {"emailAddress": {}}, "iCalUId": "x"}, ("organizer", "iCalUId")),
        ({"onlineMeetingUrl": "x", "uid": "u"}, ("onlineMeetingUrl", "uid")),
        ({"Attachments": [], "extensions": None}, ()),
        ({"StartTimeZone": "UTC", "DateTimeCreated": "2026-01-01"}, ("StartTimeZone", "DateTimeCreated")),
        ({"IsOnlineMeeting": True}, ()),
        ({"isOnlineMeeting": "false", "onlineMeeting": None, "hasAttachments": False}, ()),
        ({"responseStatus": {"response": "accepted"}}, ("responseStatus",)),
    ],
)
def test_ignored_members_are_named(body: dict[str, Any], ignored: tuple[str, ...]) -> None:
    assert read(body).ignored == ignored


def test_many_ignored_members_are_not_all_named() -> None:
    every = [prop.name for prop in GRAPH.event.props if prop.access is Access.READ_ONLY]
    assert len(every) > 20
    assert len(read(dict.fromkeys(every, "x")).ignored) == 20


@pytest.mark.parametrize("name", ["subjekt", "Wibble", "x" * 100, "attendee", ""])
def test_members_that_nobody_has_are_refused(name: str) -> None:
    for profile, kind in ((GRAPH, "microsoft.graph.event"), (OUTLOOK_V1, "Microsoft.OutlookServices.Event")):
        with pytest.raises(UnknownProperty, match=f"does not exist on type '{kind}'"):
            read({name: None}, profile)
        with pytest.raises(UnknownProperty):
            read_message(profile, {name: None}, ctx(profile))


def test_transaction_id_only_when_creating() -> None:
    assert read({"transactionId": "t"}, creating=True).transaction_id == "t"
    assert read({"transactionId": None}, creating=True).transaction_id is None
    assert read({"transactionId": "t"}).ignored == ("transactionId",)


# --- reading: all-day events (Graph: event, isAllDay)


def whole_day(start: str, end: str, zone: str = "UTC", end_zone: str | None = None) -> dict[str, Any]:
    return {
        "isAllDay": True,
        "start": {"dateTime": start, "timeZone": zone},
        "end": {"dateTime": end, "timeZone": end_zone or zone},
    }


@pytest.mark.parametrize(
    "body",
    [
        whole_day("2026-01-05", "2026-01-06"),
        whole_day("2026-01-05T00:00:00", "2026-01-06T00:00:00.0000000", "Tokyo Standard Time"),
        whole_day("2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z"),
    ],
)
def test_all_day(body: dict[str, Any]) -> None:
    draft = read(body, creating=True)
    assert (draft.start, draft.end) == (AllDay(date(2026, 1, 5)), AllDay(date(2026, 1, 6)))


@pytest.mark.parametrize(
    "body",
    [
        whole_day("2026-01-05T09:00:00", "2026-01-06T00:00:00"),
        whole_day("2026-01-05T00:00:00", "2026-01-05T00:00:00"),
        whole_day("2026-01-05T00:00:00", "2026-01-06T00:00:00", "UTC", "Europe/Berlin"),
        {"isAllDay": True, "start": UTC_START},
        {"isAllDay": True, "end": UTC_START},
    ],
)
def test_all_day_rules(body: dict[str, Any]) -> None:
    with pytest.raises(InvalidProperty):
        read(body, stored=view())


def test_all_day_stays_what_it_is() -> None:
    days = view(start=AllDay(date(2026, 1, 5)), end=AllDay(date(2026, 1, 6)))
    moved = read(
        {"start": {"dateTime": "2026-02-05T00:00:00"}, "end": {"dateTime": "2026-02-06T00:00:00"}},
        stored=days,
    )
    assert moved.start == AllDay(date(2026, 2, 5))
    assert read({"isAllDay": True}, stored=days).start is UNSET
    assert read({"isAllDay": False}, stored=view()).start is UNSET
    with pytest.raises(InvalidProperty):
        read({"isAllDay": False}, stored=days)
    timed = read({"isAllDay": False, "start": UTC_START, "end": UTC_START}, stored=days)
    assert timed.start == Timed(wall("2026-01-05T09:00"), "UTC")


@pytest.mark.parametrize(
    ("body", "needed"),
    [
        ({"subject": "x"}, False),
        ({"Start": {}}, True),
        ({"isallday": True}, True),
        ({"RECURRENCE": None}, True),
    ],
)
def test_what_needs_the_stored_event(body: dict[str, Any], needed: bool) -> None:
    assert needs_stored(body) is needed


# --- reading: recurrence


def weekly(**range_: Any) -> dict[str, Any]:
    return {
        "Pattern": {"Type": "Weekly", "Interval": 1, "DaysOfWeek": ["Monday"]},
        "range": {"type": "numbered", "numberOfOccurrences": 3, "startDate": "2026-01-05"} | range_,
    }


def test_recurrence_is_read_against_the_start() -> None:
    draft = read({"recurrence": weekly(), "start": UTC_START}, creating=True)
    assert isinstance(draft.recurrence, Recurrence)
    assert (draft.recurrence.rules[0].freq, draft.recurrence.rules[0].count) == (Freq.WEEKLY, 3)
    assert isinstance(read({"recurrence": weekly()}, stored=view()).recurrence, Recurrence)
    assert read({"recurrence": None}, stored=view()).recurrence is None


@pytest.mark.parametrize(
    "pattern", [weekly(numberOfOccurrences=0), {"pattern": {}}, {}, {"pattern": [], "range": 1}]
)
def test_impossible_recurrences(pattern: dict[str, Any]) -> None:
    with pytest.raises((InvalidProperty, InvalidRecurrence)):
        read({"recurrence": pattern, "start": UTC_START}, creating=True)


# --- reading: Outlook v1.0


@pytest.mark.parametrize(
    ("body", "start"),
    [
        ({"Start": "2026-01-05T09:00:00Z"}, Timed(wall("2026-01-05T09:00"), "UTC")),
        ({"Start": "2026-01-05T09:00:00-08:00"}, Timed(wall("2026-01-05T17:00"), "UTC")),
        ({"Start": "2026-01-05T09:00:00"}, Timed(wall("2026-01-05T09:00"), "UTC")),
        (
            {
                "Start": "2026-01-05T09:00:00Z",
                "StartTimeZone": "W. Europe Standard Time",
                "EndTimeZone": "W. Europe Standard Time",
            },
            Timed(wall("2026-01-05T10:00"), "Europe/Berlin"),
        ),
        (
            {
                "Start": "2026-01-05T09:00:00",
                "StartTimeZone": "Europe/Berlin",
                "EndTimeZone": "Europe/Berlin",
            },
            Timed(wall("2026-01-05T09:00"), "Europe/Berlin"),
        ),
    ],
)
def test_outlook_v1_times(body: dict[str, Any], start: Timed) -> None:
    assert read(body, OUTLOOK_V1).start == start


@pytest.mark.parametrize("name", ["StartTimeZone", "EndTimeZone"])
def test_outlook_v1_zones_come_both_or_not_at_all(name: str) -> None:
    with pytest.raises(InvalidProperty):
        read({"Start": "2026-01-05T09:00:00Z", name: "UTC"}, OUTLOOK_V1)


def test_outlook_v1_reminder() -> None:
    assert read({"Reminder": 5}, OUTLOOK_V1).reminder_minutes == 5


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.version)
def test_what_is_written_can_be_read_back(profile: Profile) -> None:
    seen = view(
        attendees=(Attendee(address="bob@example.com", name="Bob", role=Role.OPTIONAL),),
        locations=(Location(name="Here"),),
        show_as=ShowAs.FREE,
        importance=Importance.LOW,
        categories=("red",),
    )
    draft = read(profile.event.write(seen, ctx(profile)), profile, stored=seen)
    assert draft.subject == "Plans"
    assert isinstance(draft.start, Timed)
    assert draft.show_as is ShowAs.FREE
    assert draft.importance is Importance.LOW
    assert draft.categories == ("red",)
    assert draft.locations == (Location(name="Here"),)
    assert draft.attendees is not UNSET
    assert draft.attendees is not None
    assert draft.attendees[0].role is Role.OPTIONAL


# --- reading messages


def test_a_message_to_send() -> None:
    body = {
        "Subject": "Hello",
        "body": {"contentType": "Text", "content": "Hi"},
        "toRecipients": [{"emailAddress": {"address": "bob@example.com"}}],
        "ccRecipients": None,
        "from": None,
        "importance": "low",
    }
    draft = read_message(GRAPH, body, ctx(), creating=True)
    assert draft.to == (Mailbox("bob@example.com"),)
    assert (draft.cc, draft.from_) == ((), UNSET)
    assert (draft.subject, draft.importance) == ("Hello", Importance.LOW)


def test_a_sent_message_keeps_its_words() -> None:
    body = {"isRead": True, "subject": "New", "flag": {"flagStatus": "Flagged"}, "meetingMessageType": "none"}
    draft = read_message(GRAPH, body, ctx(), stored=message(MeetingKind.REQUEST))
    assert (draft.is_read, draft.flag, draft.subject) == (True, Flag(FlagStatus.FLAGGED), UNSET)
    assert draft.ignored == ("subject", "meetingMessageType")


def test_a_flag_due_without_a_start_is_refused() -> None:
    flag = {"flagStatus": "flagged", "dueDateTime": {"dateTime": "2026-01-05T00:00:00", "timeZone": "UTC"}}
    with pytest.raises(InvalidProperty):
        read_message(GRAPH, {"flag": flag}, ctx())


# --- any JSON at all

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
known_names = st.sampled_from([prop.name for profile in PROFILES for prop in profile.event.props])
parts = st.dictionaries(
    st.sampled_from(["dateTime", "timeZone", "emailAddress", "address", "displayName", "content", "response"]),
    json_values,
    max_size=3,
)


@pytest.mark.slow
@given(body=st.dictionaries(known_names, json_values | parts | st.lists(parts, max_size=2), max_size=4))
@settings(max_examples=200, deadline=None)
def test_any_object_is_read_or_refused(body: dict[str, Any]) -> None:
    """Any JSON object is read as an event, or raises a DomainError, and nothing else."""
    for profile in PROFILES:
        for stored in (None, view()):
            with contextlib.suppress(DomainError):
                read(body, profile, stored=stored)


@pytest.mark.parametrize(
    ("body", "wish"),
    [
        ({"isOnlineMeeting": True}, Wish()),
        ({"onlineMeetingProvider": "teamsForBusiness"}, Wish(provider=Provider.TEAMS)),
        ({"isOnlineMeeting": True, "onlineMeetingProvider": "unknown"}, Wish()),
        ({"isOnlineMeeting": False, "onlineMeetingProvider": None}, UNSET),
    ],
)
def test_what_is_wished_for_online(body: dict[str, Any], wish: Any) -> None:
    assert read(body).conference == wish
