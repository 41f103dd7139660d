"""Guests of single occurrences.

Rule 1: a guest sees of a series what the guest is invited to: all of it but the occurrences that go
        without this guest, or only single occurrences (RFC 6638 3.2.6; MS-OXOCAL, orphan instances).
Rule 2: a guest of single occurrences has a partial copy: a series without a rule that holds nothing
        but these. Invited to the whole series later, that copy becomes the series.
Rule 3: what happens to the series reaches such a guest as what happens to these occurrences.
"""

from __future__ import annotations

from msgspec import Struct, structs

from rsvpd.calendar.event import SHARED, Attendee, Event, Meeting
from rsvpd.mail.address import fold
from rsvpd.mail.message import RequestKind
from rsvpd.scheduling.component import dates_alone
from rsvpd.scheduling.plan import Audience, Revision


class Gone(Struct, frozen=True, kw_only=True):
    """An occurrence, or the whole, that does not happen any more for these guests. `event` is as it was."""

    recurrence_id: str | None
    event: Event
    guests: tuple[Attendee, ...]


class Copies:
    """What each guest sees of the organizer's meeting."""

    def __init__(self, meeting: Meeting) -> None:
        self._meeting = meeting
        self._series = _addresses(meeting.event)
        self._there = {
            rid: there
            for rid, event in meeting.exceptions.items()
            if event.attendees != meeting.event.attendees and (there := _addresses(event)) != self._series
        }

    def of(self, address: str) -> Meeting:
        """Return the meeting as the guest at `address` is to have it."""
        meeting, who = self._meeting, fold(address)
        if who not in self._series:
            found = [rid for rid, there in self._there.items() if who in there]
            return dates_alone(meeting, found) if found else meeting
        without = {rid for rid, there in self._there.items() if who not in there}
        if not without:
            return meeting
        return structs.replace(
            meeting,
            exceptions={rid: event for rid, event in meeting.exceptions.items() if rid not in without},
            deleted=tuple(sorted({*meeting.deleted, *without})),
        )


def guests_of_one(meeting: Meeting) -> tuple[Gone, ...]:
    """Return the guests that are invited to single occurrences only, by occurrence."""
    series = _addresses(meeting.event)
    found = []
    for rid, event in sorted(meeting.exceptions.items()):
        if event.attendees != meeting.event.attendees:
            there = tuple(one for one in event.attendees if fold(one.address) not in series)
            if there:
                found.append(Gone(recurrence_id=rid, event=event, guests=there))
    return tuple(found)


def consequences(before: Meeting, revision: Revision) -> tuple[tuple[Revision, ...], tuple[Gone, ...]]:
    """Return what a change of the whole series means to guests of single occurrences: changes, and endings."""
    if revision.recurrence_id is not None or revision.audience is Audience.NOBODY:
        return (), ()
    after, series = revision.meeting, _addresses(revision.meeting.event)
    changed, gone = [], []
    for part in guests_of_one(before):
        if part.recurrence_id in revision.excluded:
            continue  # they are told with everybody
        guests = tuple(one for one in part.guests if fold(one.address) not in series)
        now = after.exceptions.get(part.recurrence_id or "")
        there = _addresses(now) if now else frozenset()
        stay = tuple(one for one in guests if fold(one.address) in there)
        leave = tuple(one for one in guests if fold(one.address) not in there)
        if stay and now is not None:
            changed.append(_changed(revision, part, now, stay))
        if leave:
            gone.append(structs.replace(part, guests=leave))
    return tuple(changed), tuple(gone)


def _changed(revision: Revision, part: Gone, now: Event, guests: tuple[Attendee, ...]) -> Revision:
    told = any(getattr(part.event, name) != getattr(now, name) for name in SHARED if name != "attendees")
    asked = revision.kind is RequestKind.FULL
    return structs.replace(
        revision,
        recurrence_id=part.recurrence_id,
        old=part.event,
        new=now,
        audience=Audience.EVERYBODY if told or asked else Audience.NEWCOMERS,
        added=(),
        removed=(),
        guests=guests,
        hints=(),
    )


def _addresses(event: Event) -> frozenset[str]:
    return frozenset(fold(one.address) for one in event.attendees)
