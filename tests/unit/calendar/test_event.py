"""What an event is made of: what belongs to all and what to one copy, and what says the same for ever."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Struct, json
from msgspec.structs import asdict

from rsvpd.calendar.copy import Private
from rsvpd.calendar.event import (
    PRIVATE,
    SHARED,
    Answer,
    Attendee,
    CommentReaders,
    Event,
    Location,
    Meeting,
    MeetingKey,
    Role,
    Sensitivity,
    ShowAs,
    Status,
    Timed,
)
from rsvpd.calendar.revision import Component
from rsvpd.mail.address import Mailbox
from rsvpd.mail.content import Body, Importance
from support.meetings import BEGIN, END


def test_each_member_of_an_event_belongs_to_all_or_to_one_copy() -> None:
    assert len(SHARED) + len(PRIVATE) == len({*SHARED, *PRIVATE})
    assert {*SHARED, *PRIVATE} == {*Event.__struct_fields__}
    assert {*PRIVATE} == {*Private.__struct_fields__} - {"overlay", "called_off"}
    # The organizer's show-as and sensitivity travel; a guest keeps others.
    said = {*Component.__struct_fields__} - {"guests", "show_as", "sensitivity"}
    assert {*SHARED} == said | {"attendees", "intended_show_as"}


def test_a_meeting_is_named_by_its_uid_and_the_address_of_its_organizer() -> None:
    """RFC 5546 6.1.1: the same UID of somebody else is another meeting; addresses are the same in any letters."""
    meeting = Meeting(
        uid="u-1", organizer=Mailbox("Alice@Example.com", "A"), is_organizer=False, event=Event(start=BEGIN, end=END)
    )
    assert meeting.key == MeetingKey("u-1", "alice@example.com")


DAY = b'"start":{"type":"d","day":"2027-01-04"},"end":{"type":"d","day":"2027-01-05"}'
EVENT: dict[str, Any] = {
    "subject": "", "body": Body(), "locations": (), "attendees": (), "importance": Importance.NORMAL,
    "attachments": (), "conference": None, "shared_residue": {},
    "status": Status.CONFIRMED, "response_requested": True, "allow_proposals": True, "hide_attendees": False,
    "guests_can_modify": False, "guests_can_invite": True, "intended_show_as": ShowAs.BUSY, "show_as": ShowAs.BUSY,
    "sensitivity": Sensitivity.NORMAL, "categories": (), "reminder_on": True, "reminder_minutes": 15,
    "reminder_snoozed": 0, "reminder_dismissed": 0, "answer": Answer.NONE, "answered": 0, "answered_through": "",
    "comment": "", "comment_readers": CommentReaders.ORGANIZER, "guests": 0,
    "organizer_knows": False, "reply_dtstamp": 0,
    "auto_decline": None, "residue": {},
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "stored", "members"),
    [
        pytest.param(Timed, b'{"type":"t","wall":"2027-01-04T10:00:00"}', {"zone": "UTC", "fold": 0}, id="a time"),
        pytest.param(
            Attendee,
            b'{"address":"bob@example.com"}',
            {
                "address": "bob@example.com", "name": "", "role": Role.REQUIRED, "answer": Answer.NONE, "answered": 0,
                "answered_through": "", "comment": "", "comment_readers": CommentReaders.ORGANIZER, "guests": 0,
                "reply_sequence": 0, "reply_dtstamp": 0, "reset_sequence": 0, "proposal": None,
            },
            id="somebody invited",
        ),
        pytest.param(
            Location,
            b"{}",
            {
                "name": "", "mailbox": None, "uri": None, "kind": "default", "unique_id": None, "postal": None,
                "coordinates": None,
            },
            id="a place",
        ),
        pytest.param(Event, b"{%b}" % DAY, EVENT, id="an event"),
        pytest.param(
            Meeting,
            b'{"uid":"u-1","organizer":{"address":"alice@example.com"},"is_organizer":true,"event":{%b}}' % DAY,
            {
                "uid": "u-1", "organizer": Mailbox("alice@example.com"), "is_organizer": True,
                "is_private_copy": False, "sequence": 0, "dtstamp": 0, "recurrence": None, "pattern_start": None,
                "exceptions": {}, "deleted": (),
                "transaction_id": None, "created": 0, "modified": 0, "creator": None,
            },
            id="a meeting",
        ),
    ],
)  # fmt: skip
def test_what_is_not_stored_means_the_same_for_ever(kind: type[Struct], stored: bytes, members: dict[str, Any]) -> None:
    """A member that has its default is left out of the data file, where later versions read it."""
    found = asdict(json.decode(stored, type=kind))
    assert {name: found[name] for name in found if name not in ("start", "end", "event", "wall")} == members
