"""Scheduling messages as iCalendar, read by an independent parser."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import structs

from rsvpd.calendar.event import (
    AllDay,
    Answer,
    Attendee,
    Event,
    Location,
    Meeting,
    Role,
    Sensitivity,
    ShowAs,
    Status,
    Timed,
)
from rsvpd.calendar.rule import Freq, Recurrence, Rule
from rsvpd.calendar.series import NO_RULE
from rsvpd.clock import parse_instant
from rsvpd.ical import writer
from rsvpd.ical.text import clean
from rsvpd.mail.address import Mailbox
from rsvpd.mail.content import Body, BodyKind, Importance
from rsvpd.mail.message import TimeSlot
from rsvpd.scheduling.itip import Reply

NOW = parse_instant("2026-11-23T08:00:00Z")
BERLIN = "Europe/Berlin"
ALICE = Mailbox("alice@example.com", "Alice")
ZOE = Attendee(address="zoe@else.test", name="Zoë Out")
WEEKLY = Recurrence((Rule(freq=Freq.WEEKLY),))
TEXT = st.text(st.characters(codec="utf-8"), max_size=80)
# The parser takes a backslash in a parameter for an escape, which RFC 5545 3.2 does not know.
NAME = st.text(st.characters(codec="utf-8", exclude_characters="\\"), max_size=80)


def at(day: int, hour: int, zone: str = BERLIN) -> Timed:
    return Timed(datetime(2026, 12, day, hour), zone)


def an_event(**more: Any) -> Event:
    return Event(**{"start": at(1, 10), "end": at(1, 11), "subject": "Plans", "attendees": (ZOE,)} | more)


def a_meeting(event: Event | None = None, **more: Any) -> Meeting:
    known = {"uid": "one@x.test", "organizer": ALICE, "is_organizer": True, "dtstamp": NOW}
    return Meeting(event=event or an_event(), **(known | more))


def parsed(octets: bytes, method: str) -> list[icalendar.Event]:
    """Return the events of a document that keeps the rules of every method."""
    assert octets.endswith(b"END:VCALENDAR\r\n")
    assert all(len(one) <= 75 for one in octets.split(b"\r\n"))
    whole = icalendar.Calendar.from_ical(octets)
    assert (whole["METHOD"], whole["VERSION"]) == (method, "2.0")
    assert whole["PRODID"]
    events = list(whole.walk("VEVENT"))
    described = {str(one["TZID"]) for one in whole.walk("VTIMEZONE")}
    named = {when.params["TZID"] for event in events for when in _times(event) if "TZID" in when.params}
    assert described == named
    for event in events:
        assert event.errors == []
        assert {"UID", "DTSTAMP", "SEQUENCE", "DTSTART", "SUMMARY", "ORGANIZER"} <= set(event)
        assert not event.walk("VALARM")
    return events


def _times(event: icalendar.Event) -> list[Any]:
    names = ("DTSTART", "DTEND", "RECURRENCE-ID")
    return [event[name] for name in names if name in event]


def request(meeting: Meeting, recurrence_id: str | None = None) -> list[icalendar.Event]:
    return parsed(writer.request(meeting, recurrence_id), "REQUEST")


def reply_of(**more: Any) -> Reply:
    given_ = {"answer": Answer.ACCEPTED, "sequence": 3, "dtstamp": NOW} | more
    return Reply(uid="one@x.test", attendee="bob@example.com", name="Bob", **given_)


# --- requests --------------------------------------------------------------------------------------


def test_a_request_says_what_when_where_and_who():
    event = an_event(
        body=Body("<p>Bring <b>cake</b></p>", BodyKind.HTML),
        locations=(Location(name="Orion", mailbox="orion@else.test"), Location(name="Annex")),
        importance=Importance.HIGH,
        attendees=(
            ZOE,
            Attendee(address="max@else.test", role=Role.OPTIONAL, answer=Answer.ACCEPTED, guests=2),
            Attendee(address="orion@else.test", role=Role.RESOURCE),
            Attendee(address="beamer@else.test", role=Role.RESOURCE),
        ),
    )
    (one,) = request(a_meeting(event, sequence=2))
    assert one["DTSTART"].dt == datetime(2026, 12, 1, 10, tzinfo=ZoneInfo(BERLIN))
    assert one["DTEND"].dt == datetime(2026, 12, 1, 11, tzinfo=ZoneInfo(BERLIN))
    assert one["DTSTAMP"].to_ical() == b"20261123T080000Z"
    assert (one["SEQUENCE"], one["PRIORITY"], one["CLASS"]) == (2, 1, "PUBLIC")
    assert (one["STATUS"], one["TRANSP"]) == ("CONFIRMED", "OPAQUE")
    assert (one["SUMMARY"], one["LOCATION"], one["DESCRIPTION"]) == ("Plans", "Orion; Annex", "Bring cake")
    assert one["X-ALT-DESC"].params["FMTTYPE"] == "text/html"
    assert "<b>cake</b>" in one["X-ALT-DESC"]
    assert (one["ORGANIZER"], one["ORGANIZER"].params["CN"]) == ("mailto:alice@example.com", "Alice")
    asked = {"PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"}
    assert [dict(who.params) for who in one["ATTENDEE"]] == [
        {"CN": "Zoë Out", "CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT"} | asked,
        {"CUTYPE": "INDIVIDUAL", "ROLE": "OPT-PARTICIPANT", "PARTSTAT": "ACCEPTED", "X-NUM-GUESTS": "2"},
        {"CUTYPE": "ROOM", "ROLE": "NON-PARTICIPANT"} | asked,
        {"CUTYPE": "RESOURCE", "ROLE": "NON-PARTICIPANT"} | asked,
    ]
    assert one["X-MICROSOFT-CDO-BUSYSTATUS"] == "TENTATIVE"
    assert one["X-MICROSOFT-CDO-INTENDEDSTATUS"] == "BUSY"
    assert "X-MICROSOFT-DISALLOW-COUNTER" not in one


def test_what_is_private_to_the_organizers_copy_is_not_told():
    event = an_event(categories=("Red",), reminder_on=True, comment="mine", residue={"google": {"colorId": "3"}})
    octets = writer.request(a_meeting(event), None)
    for word in (b"Red", b"VALARM", b"mine", b"colorId", b"CATEGORIES"):
        assert word not in octets


@pytest.mark.parametrize(
    ("show_as", "transparency", "intended"),
    [
        (ShowAs.FREE, "TRANSPARENT", "FREE"),
        (ShowAs.OOF, "OPAQUE", "OOF"),
        (ShowAs.ELSEWHERE, "OPAQUE", "WORKINGELSEWHERE"),
        (ShowAs.UNKNOWN, "OPAQUE", "BUSY"),
    ],
)
def test_how_the_time_is_shown(show_as, transparency, intended):
    (one,) = request(a_meeting(an_event(show_as=show_as)))
    assert (one["TRANSP"], one["X-MICROSOFT-CDO-INTENDEDSTATUS"]) == (transparency, intended)


@pytest.mark.parametrize(
    ("sensitivity", "written"),
    [
        (Sensitivity.NORMAL, "PUBLIC"),
        (Sensitivity.PERSONAL, "PUBLIC"),
        (Sensitivity.PRIVATE, "PRIVATE"),
        (Sensitivity.CONFIDENTIAL, "CONFIDENTIAL"),
    ],
)
def test_sensitivity(sensitivity, written):
    assert request(a_meeting(an_event(sensitivity=sensitivity)))[0]["CLASS"] == written


def test_neither_answers_nor_proposals_wanted():
    (one,) = request(a_meeting(an_event(response_requested=False, allow_proposals=False)))
    assert one["ATTENDEE"].params["RSVP"] == "FALSE"
    assert one["X-MICROSOFT-ISRESPONSEREQUESTED"] == "FALSE"
    assert one["X-MICROSOFT-DISALLOW-COUNTER"] == "TRUE"


def test_all_day_utc_two_zones_and_no_length():
    (day,) = request(a_meeting(an_event(start=AllDay(date(2026, 12, 1)), end=AllDay(date(2026, 12, 3)))))
    assert (day["DTSTART"].dt, day["DTEND"].dt) == (date(2026, 12, 1), date(2026, 12, 3))
    assert day["X-MICROSOFT-CDO-ALLDAYEVENT"] == "TRUE"
    (utc,) = request(a_meeting(an_event(start=at(1, 9, "UTC"), end=at(1, 10, "UTC"))))
    assert utc["DTSTART"].to_ical() == b"20261201T090000Z"
    (two,) = request(a_meeting(an_event(end=at(1, 12, "Asia/Kolkata"), start=at(1, 6))))
    assert two["DTEND"].dt - two["DTSTART"].dt == timedelta(minutes=90)
    (none,) = request(a_meeting(an_event(end=at(1, 10))))
    assert "DTEND" not in none


def test_a_series_with_exceptions_and_deleted_occurrences():
    moved = an_event(start=at(9, 15), end=at(9, 16), subject="Plans, later")
    meeting = a_meeting(
        recurrence=WEEKLY, exceptions={"20261208T100000": moved}, deleted=("20261215T100000", "20261222T100000")
    )
    master, exception = request(meeting)
    assert master["RRULE"]["FREQ"] == ["WEEKLY"]
    assert [one.dt for one in master["EXDATE"].dts] == [
        datetime(2026, 12, day, 10, tzinfo=ZoneInfo(BERLIN)) for day in (15, 22)
    ]
    assert "RECURRENCE-ID" not in master
    assert exception["RECURRENCE-ID"].dt == datetime(2026, 12, 8, 10, tzinfo=ZoneInfo(BERLIN))
    assert exception["DTSTART"].dt == datetime(2026, 12, 9, 15, tzinfo=ZoneInfo(BERLIN))
    assert "RRULE" not in exception
    assert exception["UID"] == master["UID"]


def test_one_occurrence_alone():
    (one,) = request(a_meeting(recurrence=WEEKLY), "20261208T100000")
    assert one["RECURRENCE-ID"].dt == one["DTSTART"].dt == datetime(2026, 12, 8, 10, tzinfo=ZoneInfo(BERLIN))
    assert "RRULE" not in one


def test_single_occurrences_of_a_series_come_without_it():
    found = {f"202612{day:02}T100000": an_event(start=at(day, 10), end=at(day, 11)) for day in (8, 15)}
    first, second = request(a_meeting(recurrence=NO_RULE, exceptions=found))
    assert first["RECURRENCE-ID"].dt.day == 8
    assert second["RECURRENCE-ID"].dt.day == 15


def test_all_day_series_name_dates():
    event = an_event(start=AllDay(date(2026, 12, 1)), end=AllDay(date(2026, 12, 2)))
    until = Recurrence((Rule(freq=Freq.DAILY, until=datetime(2026, 12, 9)),))
    (one,) = request(a_meeting(event, recurrence=until, deleted=("20261203",)))
    assert one["RRULE"]["UNTIL"] == [date(2026, 12, 9)]
    assert [day.dt for day in one["EXDATE"].dts] == [date(2026, 12, 3)]


# --- cancellations ------------------------------------------------------------------------------------


def cancel(meeting: Meeting, recurrence_id: str | None = None, comment: str = "") -> icalendar.Event:
    (one,) = parsed(writer.cancel(meeting, recurrence_id, comment=comment), "CANCEL")
    return one


def test_a_cancelled_meeting():
    one = cancel(a_meeting(an_event(status=Status.CANCELLED), sequence=4), comment="Storm, sorry")
    assert (one["STATUS"], one["SEQUENCE"], one["TRANSP"]) == ("CANCELLED", 4, "TRANSPARENT")
    assert one["COMMENT"] == "Storm, sorry"
    assert "RSVP" not in one["ATTENDEE"].params


def test_somebody_who_need_not_come_any_more():
    one = cancel(a_meeting())
    assert "STATUS" not in one
    assert one["ATTENDEE"] == "mailto:zoe@else.test"


def test_a_cancelled_occurrence():
    off = an_event(start=at(8, 10), end=at(8, 11), status=Status.CANCELLED)
    meeting = a_meeting(recurrence=WEEKLY, exceptions={"20261208T100000": off})
    one = cancel(meeting, "20261208T100000")
    assert one["RECURRENCE-ID"].dt == datetime(2026, 12, 8, 10, tzinfo=ZoneInfo(BERLIN))
    assert one["STATUS"] == "CANCELLED"
    assert "RRULE" not in one


# --- answers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [Answer.ACCEPTED, Answer.TENTATIVE, Answer.DECLINED])
def test_a_reply_has_one_attendee_and_echoes_the_sequence(answer):
    said = reply_of(answer=answer, comment="Train, late;\nsorry", guests=1)
    (one,) = parsed(writer.reply(a_meeting(an_event(attendees=(ZOE, ZOE))), said), "REPLY")
    assert one["ATTENDEE"] == "mailto:bob@example.com"
    assert dict(one["ATTENDEE"].params) == {"PARTSTAT": answer.name, "CN": "Bob", "X-NUM-GUESTS": "1"}
    assert (one["SEQUENCE"], one["COMMENT"]) == (3, "Train, late;\nsorry")
    assert one["REQUEST-STATUS"] == "2.0;Success"
    assert not {"TRANSP", "CLASS", "STATUS", "X-MICROSOFT-CDO-BUSYSTATUS"} & set(one)


def test_a_reply_to_one_occurrence():
    said = reply_of(recurrence_id="20261208T100000")
    (one,) = parsed(writer.reply(a_meeting(recurrence=WEEKLY), said), "REPLY")
    assert one["RECURRENCE-ID"].dt == one["DTSTART"].dt == datetime(2026, 12, 8, 10, tzinfo=ZoneInfo(BERLIN))


def test_a_counter_is_the_event_at_another_time():
    slot = TimeSlot(at(2, 9, "America/New_York"), at(2, 10, "America/New_York"))
    said = reply_of(answer=Answer.TENTATIVE, proposal=slot)
    octets = writer.counter(a_meeting(), said)
    assert octets.count(b"BEGIN:VTIMEZONE") == 2
    whole = icalendar.Calendar.from_ical(octets)
    (one,) = whole.walk("VEVENT")
    assert (whole["METHOD"], one["SEQUENCE"]) == ("COUNTER", 3)
    assert one["DTSTART"].dt == datetime(2026, 12, 2, 9, tzinfo=ZoneInfo("America/New_York"))
    assert one["ATTENDEE"].params["PARTSTAT"] == "TENTATIVE"
    original = one["X-MS-OLK-ORIGINALSTART"]
    assert (original.to_ical(), original.params["TZID"]) == (b"20261201T100000", BERLIN)


def test_who_writes_for_somebody_else_is_named():
    octets = writer.request(a_meeting(), None, sent_by="bob@example.com")
    (one,) = icalendar.Calendar.from_ical(octets).walk("VEVENT")
    assert one["ORGANIZER"].params["SENT-BY"] == "mailto:bob@example.com"


# --- laws ---------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(subject=TEXT, name=NAME, place=TEXT, body=TEXT)
@example(subject="", name="0\r=", place="", body="")
def test_any_words_are_read_back(subject, name, place, body):
    event = an_event(
        subject=subject, body=Body(body), locations=(Location(name=place),),
        attendees=(structs.replace(ZOE, name=name),),
    )  # fmt: skip
    (one,) = request(a_meeting(event))
    assert str(one["SUMMARY"]) == clean(subject)
    assert str(one.get("DESCRIPTION", "")) == clean(body)
    assert str(one.get("LOCATION", "")) == clean(place)
    assert one["ATTENDEE"].params.get("CN", "") == " ".join(clean(name).split())


@settings(deadline=None)
@given(comment=TEXT, name=NAME)
def test_any_comment_is_read_back(comment, name):
    said = structs.replace(reply_of(comment=comment), name=name)
    (one,) = parsed(writer.reply(a_meeting(), said), "REPLY")
    assert str(one.get("COMMENT", "")) == clean(comment)
    assert one["ATTENDEE"].params.get("CN", "") == " ".join(clean(name).split())
