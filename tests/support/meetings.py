"""Meetings as values, for tables of rules that need no server: alice invites bob and carol at ten in Berlin."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from rsvpd.calendar.copy import Copy, Private
from rsvpd.calendar.draft import AttendeeDraft
from rsvpd.calendar.event import Answer, Attendee, State, Timed
from rsvpd.calendar.revision import Component, Guest, Revision
from rsvpd.calendar.rule import Recurrence
from rsvpd.clock import parse_instant
from rsvpd.ical.rrule import read
from rsvpd.mail.address import fold
from rsvpd.mail.content import Body
from rsvpd.mail.message import Letter, RequestKind
from rsvpd.mail.person import Person, PersonKind
from rsvpd.scheduling.itip import InvitedDates, Request
from rsvpd.scheduling.receive import on_request

ZONE = "Europe/Berlin"
TICK = 1_000_000  # stamps are in whole seconds on the wire
HOUR = 3600 * TICK
# When the meeting was sent, and when something is done about it.
SENT, NOW = parse_instant("2027-01-01T08:00:00"), parse_instant("2027-01-02T08:00:00")


def at(text: str, zone: str = ZONE) -> Timed:
    """Return a wall time."""
    return Timed(datetime.fromisoformat(text), zone)


def later(when: Timed, minutes: int) -> Timed:
    """Return another time of the same day."""
    return replace(when, wall=when.wall + timedelta(minutes=minutes))


BEGIN, END = at("2027-01-04T10:00"), at("2027-01-04T11:00")
FIRST, SECOND, THIRD, FOURTH = (f"2027010{day}T100000" for day in (4, 5, 6, 7))
ELSEWHEN = "20270301T100000"  # no date of the series


def rule(line: str, start: Timed = BEGIN) -> Recurrence:
    """Return the recurrence of one rule."""
    return Recurrence((read(line, start),))


NOTHING_KEPT = Private()
DAILY = rule("FREQ=DAILY;COUNT=4")


def person(number: int, name: str, kind: PersonKind = PersonKind.USER) -> Person:
    """Return somebody with a mailbox."""
    address = f"{name}@example.com"
    return Person(number=number, oid=f"oid-{number}", address=address, name=name.title(), zone=ZONE, kind=kind)


ALICE, BOB, CAROL, DAVE = (person(number, name) for number, name in enumerate(("alice", "bob", "carol", "dave"), 1))
ORION = person(9, "orion", PersonKind.ROOM)


def guests(*people: Person, **more: Any) -> tuple[Guest, ...]:
    """Return entries of a guest list."""
    return tuple(Guest(one.address, one.name, **more) for one in people)


def attendees(*people: Person, **more: Any) -> tuple[Attendee, ...]:
    """Return a guest list as readers see it."""
    return tuple(Attendee(address=one.address, name=one.name, **more) for one in people)


def listed(*names: str) -> tuple[AttendeeDraft, ...]:
    """Return a guest list as a client writes it."""
    return tuple(AttendeeDraft(address=f"{name}@example.com") for name in names)


def names(people: tuple[Attendee, ...]) -> list[str]:
    """Return the short names on a list."""
    return [one.address.partition("@")[0] for one in people]


def component(**more: Any) -> Component:
    """Return what alice says: with bob and carol, from ten to eleven."""
    usual: dict[str, Any] = {"start": BEGIN, "end": END, "subject": "Plans", "guests": guests(BOB, CAROL)}
    return Component(**(usual | more))


def on(day: int, hour: int = 10, **more: Any) -> Component:
    """Return what alice says of one date of the series."""
    start = at(f"2027-01-{day:02}T{hour:02}:00")
    return component(**({"start": start, "end": later(start, 60)} | more))


def single(**more: Any) -> Revision:
    """Return a single meeting as it was sent at `SENT`."""
    usual: dict[str, Any] = {
        "uid": "u-1",
        "organizer": ALICE.mailbox,
        "event": component(),
        "sequence": 2,
        "dtstamp": SENT,
    }
    return Revision(**(usual | more))


def series(**more: Any) -> Revision:
    """Return a series of four days as it was sent at `SENT`."""
    return single(**({"recurrence": DAILY} | more))


def organizers(revision: Revision, **more: Any) -> Copy:
    """Return alice's copy of a meeting."""
    usual: dict[str, Any] = {"sequence": revision.sequence, "dtstamp": revision.dtstamp, "created": SENT}
    return Copy(revision=revision, is_organizer=True, **(usual | more))


def copy_of(who: Person, revision: Revision, **more: Any) -> Copy:
    """Return a guest's copy of a meeting."""
    usual: dict[str, Any] = {"sequence": revision.sequence, "dtstamp": revision.dtstamp, "created": SENT}
    return Copy(revision=revision, is_organizer=False, address=fold(who.address), **(usual | more))


def bobs(revision: Revision, own: Private = NOTHING_KEPT, **more: Any) -> Copy:
    """Return bob's copy of a meeting."""
    return copy_of(BOB, revision, own=own, **more)


def letter(**more: Any) -> Letter:
    """Return a letter of alice's."""
    usual: dict[str, Any] = {
        "subject": "Plans",
        "body": Body("Bring lunch"),
        "sender": ALICE.mailbox,
        "from_": ALICE.mailbox,
        "to": (BOB.mailbox, CAROL.mailbox),
        "sent": NOW,
        "internet_message_id": "<one@example.com>",
    }
    return Letter(**(usual | more))


LATER = SENT + 60 * TICK
ALL = InvitedDates()


def held(said: Answer, **more: Any) -> Private:
    given = {"answer": said, "answered": SENT, "organizer_knows": True, "reply_dtstamp": SENT}
    usual = given if said is not Answer.NONE else {}
    return Private(**(usual | more))


def moved(revision: Revision, **more: Any) -> Revision:
    """Return a later revision at noon."""
    event = replace(revision.event, start=at("2027-01-04T12:00"), end=at("2027-01-04T13:00"))
    return replace(revision, **({"event": event, "sequence": 3, "dtstamp": LATER, "reset_sequence": 3} | more))


def reworded(revision: Revision, **more: Any) -> Revision:
    """Return a later revision with another subject."""
    return replace(revision, **({"event": replace(revision.event, subject="Lunch"), "dtstamp": LATER} | more))


def request(
    stored: Copy | None,
    sent: Revision,
    kind: RequestKind,
    rid: str | None = None,
    *,
    state: State = State.LIVE,
    invited: InvitedDates = ALL,
) -> tuple[Copy, State] | None:
    return on_request(stored, state, Request(revision=sent, invited=invited, kind=kind, recurrence_id=rid), BOB, NOW)


def received(*args: Any, **more: Any) -> Copy:
    done = request(*args, **more)
    assert done is not None
    return done[0]
