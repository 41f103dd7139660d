"""Scheduling messages as iCalendar documents (RFC 5546, RFC 6047): REQUEST, CANCEL, REPLY, COUNTER.

Each function writes one message for one recipient, from the meeting as that recipient is to see it
(`scheduling/outside.py`). What a calendar keeps for its owner alone (reminders, categories) is never
written. Times keep their zones, and every zone named is described.
"""

from __future__ import annotations

from collections.abc import Sequence

from rsvpd.calendar.event import Attendee, Event, Meeting, ShowAs, Status
from rsvpd.calendar.series import NO_RULE, component, original_start, pattern_start, span
from rsvpd.clock import Instant
from rsvpd.ical import event as write
from rsvpd.ical.rrule import write_lines
from rsvpd.ical.text import document, escape
from rsvpd.scheduling.itip import Reply
from rsvpd.timezones import vtimezone

PRODUCT = "-//rsvpd//rsvpd//EN"


def request(meeting: Meeting, recurrence_id: str | None, *, sent_by: str = "") -> bytes:
    """Return an invitation or an update: the whole meeting, or the one occurrence it is about.

    A meeting that is nothing but single occurrences of a series is written as these.
    """
    parts = [_invitation(meeting, rid, sent_by) for rid in _recurrence_ids(meeting, recurrence_id)]
    return _document("REQUEST", meeting, parts)


def publish(meeting: Meeting) -> bytes:
    """Return a meeting as it is, for whoever wants to look at it: nobody is asked anything (RFC 5546 3.2.1)."""
    parts = [_invitation(meeting, rid, "") for rid in _recurrence_ids(meeting, None)]
    return _document("PUBLISH", meeting, parts)


def cancel(meeting: Meeting, recurrence_id: str | None, *, comment: str = "", sent_by: str = "") -> bytes:
    """Return a cancellation of the meeting or of one occurrence, to those on its guest list.

    STATUS says that the event is off; without it only the recipient is not to come (RFC 5546 3.2.5).
    """
    event, out = _event(meeting, recurrence_id), write.Lines()
    _head(out, meeting, recurrence_id, sequence=meeting.sequence, dtstamp=meeting.dtstamp)
    out.start_and_end(event.start, event.end, recurs=recurrence_id is None and meeting.recurrence is not None)
    if recurrence_id is None:
        _recurrence(out, meeting)
    write.words(out, event)
    out.text("COMMENT", comment)
    if event.status is Status.CANCELLED:
        out.add("STATUS", "CANCELLED")
    write.organizer(out, meeting.organizer, sent_by)
    write.attendees_of_cancel(out, event)
    write.calendar_status(out, event, meeting.sequence, now=ShowAs.FREE, wanted=ShowAs.FREE)
    return _document("CANCEL", meeting, [out])


def reply(meeting: Meeting, answer: Reply, *, sent_by: str = "") -> bytes:
    """Return an answer: exactly one attendee, the one who answers (RFC 5546 3.2.3)."""
    event, out = _event(meeting, answer.recurrence_id), write.Lines()
    _head(out, meeting, answer.recurrence_id, sequence=answer.sequence, dtstamp=answer.dtstamp)
    out.start_and_end(event.start, event.end)
    _answer(out, meeting, event, answer, sent_by)
    out.add("REQUEST-STATUS", "2.0;Success")
    return _document("REPLY", meeting, [out])


def counter(meeting: Meeting, answer: Reply, *, sent_by: str = "") -> bytes:
    """Return an answer that proposes another time: the event at that time (RFC 5546 3.2.7)."""
    assert answer.proposal is not None
    event, out = _event(meeting, answer.recurrence_id), write.Lines()
    _head(out, meeting, answer.recurrence_id, sequence=answer.sequence, dtstamp=answer.dtstamp)
    out.start_and_end(answer.proposal.start, answer.proposal.end)
    _answer(out, meeting, event, answer, sent_by)
    out.text("LOCATION", write.where(event))
    out.at("X-MS-OLK-ORIGINALSTART", event.start)
    out.at("X-MS-OLK-ORIGINALEND", event.end)
    return _document("COUNTER", meeting, [out])


def _recurrence_ids(meeting: Meeting, recurrence_id: str | None) -> Sequence[str | None]:
    if recurrence_id is not None:
        return [recurrence_id]
    exceptions = sorted(meeting.exceptions)
    return exceptions if meeting.recurrence == NO_RULE else [None, *exceptions]


def _event(meeting: Meeting, recurrence_id: str | None) -> Event:
    if recurrence_id is not None and recurrence_id in meeting.exceptions:
        return meeting.exceptions[recurrence_id]
    return component(meeting, recurrence_id)


def _invitation(meeting: Meeting, recurrence_id: str | None, sent_by: str) -> write.Lines:
    event, out = _event(meeting, recurrence_id), write.Lines()
    _head(out, meeting, recurrence_id, sequence=meeting.sequence, dtstamp=meeting.dtstamp)
    out.start_and_end(event.start, event.end, recurs=recurrence_id is None and meeting.recurrence is not None)
    if recurrence_id is None:
        _recurrence(out, meeting)
    write.words(out, event)
    out.add("STATUS", event.status.value.upper())
    write.organizer(out, meeting.organizer, sent_by)
    write.attendees_of_request(out, event)
    write.calendar_status(out, event, meeting.sequence, now=ShowAs.TENTATIVE, wanted=event.show_as)
    return out


def _answer(out: write.Lines, meeting: Meeting, event: Event, answer: Reply, sent_by: str) -> None:
    write.organizer(out, meeting.organizer)
    who = Attendee(address=answer.attendee, name=answer.name, answer=answer.answer, guests=answer.guests)
    write.respondent(out, who, sent_by)
    out.add("SUMMARY", escape(event.subject))
    out.text("COMMENT", answer.comment)


def _head(
    out: write.Lines, meeting: Meeting, recurrence_id: str | None, *, sequence: int, dtstamp: Instant
) -> None:
    out.add("UID", escape(meeting.uid))
    if recurrence_id is not None:
        out.at_wall_time("RECURRENCE-ID", original_start(meeting, recurrence_id))
    out.stamp(dtstamp)
    out.add("SEQUENCE", str(sequence))


def _recurrence(out: write.Lines, meeting: Meeting) -> None:
    if meeting.recurrence is None:
        return
    out.recurs = True
    out.lines += write_lines(meeting.recurrence, meeting.deleted, pattern_start(meeting))


def _span(meeting: Meeting, parts: Sequence[write.Lines], instants: list[Instant]) -> tuple[Instant, Instant | None]:
    """Return the first and last instant at which a zone is needed (None: a series without an end)."""
    if not any(part.recurs for part in parts):
        return min(instants), max(instants)
    first, last = span(meeting)
    return min(first, *instants), None if last is None else max(last, *instants)


def _document(method: str, meeting: Meeting, parts: Sequence[write.Lines]) -> bytes:
    lines = ["BEGIN:VCALENDAR", f"PRODID:{PRODUCT}", "VERSION:2.0", "CALSCALE:GREGORIAN", f"METHOD:{method}"]
    for zone, instants in sorted(write.zones(when for part in parts for when in part.times).items()):
        lines += vtimezone.lines(zone, *_span(meeting, parts, instants))
    for part in parts:
        lines += ["BEGIN:VEVENT", *part.lines, "END:VEVENT"]
    return document([*lines, "END:VCALENDAR"])
