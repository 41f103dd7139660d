"""People, meetings and messages to write, for the tests of the Microsoft profiles."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rsvpd.calendar.event import Attendee, Event, EventKind, Location, Meeting, Role, State, Timed
from rsvpd.calendar.view import EventView
from rsvpd.clock import parse_instant
from rsvpd.dialects.microsoft.tables.profiles import GRAPH, Profile
from rsvpd.dialects.microsoft.vocabulary.codecs import Ctx
from rsvpd.mail.folder import Folder
from rsvpd.mail.message import Letter, MeetingKind, MeetingNote, Message
from rsvpd.mail.person import Person
from rsvpd.mail.view import MessageView


def wall(text: str) -> datetime:
    """Return a wall time."""
    return datetime.fromisoformat(text)


ALICE = Person(number=1, oid="oid-a", address="alice@example.com", name="Alice Ames", zone="Europe/Berlin")
BOB = Person(number=2, oid="oid-b", address="bob@example.com", name="Bob Byte", zone="Europe/Berlin")
ANSWERED = parse_instant("2026-01-02T03:04:05.678901Z")
START = Timed(wall("2026-01-05T10:00"), "Europe/Berlin")
END = Timed(wall("2026-01-05T11:00"), "Europe/Berlin")
CAROL = Attendee(address="carol@example.com", role=Role.OPTIONAL)


def ctx(profile: Profile = GRAPH, **more: Any) -> Ctx:
    """Return the context of a request."""
    return profile.ctx(base=f"http://host{profile.mount}", **more)


def view(*, owner: Person = ALICE, kind: EventKind = EventKind.SINGLE, **event: Any) -> EventView:
    """Return an event of Alice's, as she or a guest has it."""
    members: dict[str, Any] = {"start": START, "end": END, "subject": "Plans"} | event
    one = Event(**members)
    meeting = Meeting(uid="uid-1", organizer=ALICE.mailbox, is_organizer=owner is ALICE, event=one)
    return EventView(
        owner=owner, item=5, change=7, state=State.LIVE, meeting=meeting, event=one, kind=kind, is_namesake=False
    )


def message(kind: MeetingKind, **note: Any) -> MessageView:
    """Return a message from Alice in Bob's inbox."""
    about = None
    if kind is not MeetingKind.NONE:
        about = MeetingNote(
            kind=kind, uid="uid-1", start=START, end=END, location=Location(name="Room"), **note
        )
    letter = Letter(
        subject="Plans",
        sender=ALICE.mailbox,
        from_=ALICE.mailbox,
        to=(BOB.mailbox,),
        sent=ANSWERED,
        conversation="thread",
        note=about,
    )
    mine = Message(letter=letter, folder=Folder.INBOX, received=ANSWERED, created=ANSWERED, modified=ANSWERED)
    return MessageView(owner=BOB, item=3, change=4, kind=kind, message=mine)
