"""Every field of events and messages, by the value it has in one example."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec
import pytest

from rsvpd.calendar.event import (
    AllDay,
    Answer,
    Attendee,
    Event,
    EventKind,
    Location,
    Meeting,
    Sensitivity,
    ShowAs,
    State,
    Status,
    Timed,
)
from rsvpd.calendar.view import EventView
from rsvpd.clock import parse_instant
from rsvpd.mail.address import Mailbox
from rsvpd.mail.content import Body, BodyKind, Importance
from rsvpd.mail.folder import Folder
from rsvpd.mail.message import Flag, FlagStatus, Letter, MeetingKind, Message
from rsvpd.mail.person import Person
from rsvpd.mail.view import MessageView
from rsvpd.query.algebra import Value
from rsvpd.query.fields import EVENT_FIELDS, MESSAGE_FIELDS, Fields, Kind

BOB = Person(number=2, oid="00000000-0000-0000-0000-000000000002", address="bob@example.com", name="Bob", zone="UTC")
ALICE = Mailbox("Alice@Example.com", "Alice A")

EVENT = Event(
    start=Timed(datetime.fromisoformat("2026-12-08T10:00"), "Europe/Berlin"),
    end=Timed(datetime.fromisoformat("2026-12-08T10:30"), "Europe/Berlin"),
    subject="Standup",
    body=Body("<p>Be <b>there</b></p>", BodyKind.HTML),
    locations=(Location("Orion"), Location("Vega")),
    attendees=(Attendee(address="Bob@example.com", name="Bob"), Attendee(address="carol@example.com")),
    importance=Importance.HIGH,
    status=Status.CANCELLED,
    response_requested=False,
    show_as=ShowAs.ELSEWHERE,
    sensitivity=Sensitivity.PRIVATE,
    categories=("Red",),
    reminder_minutes=5,
    answer=Answer.TENTATIVE,
)
MEETING = Meeting(uid="U-1", organizer=ALICE, is_organizer=False, event=EVENT, created=11, modified=12)
EVENT_VIEW = EventView(
    is_namesake=False,
    owner=BOB, item=7, change=9, state=State.LIVE, meeting=MEETING, event=EVENT, kind=EventKind.SINGLE
)
LETTER = Letter(
    subject="Re: Standup",
    body=Body("Words"),
    sender=Mailbox("Desk@example.com", "Desk"),
    from_=ALICE,
    to=(Mailbox("BOB@example.com", "Bob"),),
    cc=(Mailbox("carol@example.com"),),
    importance=Importance.LOW,
    sent=21,
    internet_message_id="<1@example.com>",
    conversation="C1",
)
MESSAGE = Message(
    letter=LETTER,
    folder=Folder.INBOX,
    received=22,
    created=23,
    modified=24,
    is_read=True,
    categories=("Blue",),
    flag=Flag(FlagStatus.FLAGGED),
)
MESSAGE_VIEW = MessageView(owner=BOB, item=8, change=10, message=MESSAGE, kind=MeetingKind.REQUEST)

EVENT_VALUES: dict[str, Any] = {
    "subject": "Standup",
    "body": "Be there",
    "uid": "U-1",
    "start": parse_instant("2026-12-08T09:00"),
    "end": parse_instant("2026-12-08T09:30"),
    "first": parse_instant("2026-12-08T09:00"),
    "last": parse_instant("2026-12-08T09:30"),
    "created": 11,
    "modified": 12,
    "is_all_day": False,
    "is_cancelled": True,
    "is_organizer": False,
    "kind": "single",
    "show_as": "workingElsewhere",
    "sensitivity": "private",
    "importance": "high",
    "response": "tentative",
    "response_requested": False,
    "organizer": "alice@example.com",
    "organizer_name": "Alice A",
    "has_attachments": False,
    "categories": ("Red",),
    "reminder_on": True,
    "reminder_minutes": 5,
    "location": "Orion; Vega",
    "attendees_text": "Bob Bob@example.com\n carol@example.com",
    "series": None,
    "transaction": None,
    "allows_proposals": True,
    "hides_attendees": False,
    "original_start_zone": "W. Europe Standard Time",
    "original_end_zone": "W. Europe Standard Time",
    "extended": {},
}
MESSAGE_VALUES: dict[str, Any] = {
    "subject": "Re: Standup",
    "body": "Words",
    "received": 22,
    "sent": 21,
    "created": 23,
    "modified": 24,
    "is_read": True,
    "is_draft": False,
    "importance": "low",
    "from": "alice@example.com",
    "from_name": "Alice A",
    "sender": "desk@example.com",
    "sender_name": "Desk",
    "conversation": "C1",
    "internet_message_id": "<1@example.com>",
    "categories": ("Blue",),
    "has_attachments": False,
    "flag": "flagged",
    "inference": "focused",
    "meeting": "request",
    "to": ("bob@example.com",),
    "cc": ("carol@example.com",),
    "bcc": (),
    "attachment_names": (),
    "to_names": ("Bob",),
    "cc_names": ("",),
    "bcc_names": (),
    "from_people": ("Alice A Alice@Example.com",),
    "to_people": ("Bob BOB@example.com",),
    "cc_people": (" carol@example.com",),
    "bcc_people": (),
    "size": 11 + 5 + 25 + 19 + 18,
    "extended": {},
}
TYPES: dict[Kind, type] = {
    Kind.INSTANT: int,
    Kind.NUMBER: int,
    Kind.BOOL: bool,
    Kind.TEXTS: tuple,
    Kind.EXTENDED: dict,
}

UNSET = ("series", "transaction")  # of a single event that a person made


@pytest.mark.parametrize("name", EVENT_FIELDS)
def test_event_fields(name: str) -> None:
    assert EVENT_FIELDS[name].get(EVENT_VIEW) == EVENT_VALUES[name]


@pytest.mark.parametrize("name", MESSAGE_FIELDS)
def test_message_fields(name: str) -> None:
    assert MESSAGE_FIELDS[name].get(MESSAGE_VIEW) == MESSAGE_VALUES[name]


@pytest.mark.parametrize(("fields", "view"), [(EVENT_FIELDS, EVENT_VIEW), (MESSAGE_FIELDS, MESSAGE_VIEW)])
def test_values_are_of_their_kind_and_names_of_their_key(fields: Fields, view: object) -> None:
    for name, field in fields.items():
        assert field.name == name
        if name not in UNSET:
            assert type(field.get(view)) is TYPES.get(field.kind, str)


@pytest.mark.parametrize(
    ("change", "name", "expected"),
    [
        ({"start": AllDay(date(2026, 12, 8))}, "is_all_day", True),
        ({"start": AllDay(date(2026, 12, 8))}, "start", parse_instant("2026-12-08")),
        ({"locations": ()}, "location", ""),
    ],
)
def test_event_variants(change: dict[str, Any], name: str, expected: Value) -> None:
    view = msgspec.structs.replace(EVENT_VIEW, event=msgspec.structs.replace(EVENT, **change))
    assert EVENT_FIELDS[name].get(view) == expected


def test_the_organizer_has_answered_by_being_one() -> None:
    view = msgspec.structs.replace(EVENT_VIEW, meeting=msgspec.structs.replace(MEETING, is_organizer=True))
    assert EVENT_FIELDS["response"].get(view) == "organizer"


def test_an_all_day_meeting_was_made_in_no_zone() -> None:
    event = msgspec.structs.replace(EVENT, start=AllDay(date(2026, 12, 8)))
    view = msgspec.structs.replace(EVENT_VIEW, meeting=msgspec.structs.replace(MEETING, event=event))
    assert EVENT_FIELDS["original_start_zone"].get(view) == "UTC"


def test_the_owner_may_change_the_importance_of_the_own_copy() -> None:
    message = msgspec.structs.replace(MESSAGE, importance=Importance.HIGH)
    assert MESSAGE_FIELDS["importance"].get(msgspec.structs.replace(MESSAGE_VIEW, message=message)) == "high"
