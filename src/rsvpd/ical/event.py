"""VEVENT components: what a meeting looks like in iCalendar (RFC 5545; MS-OXCICAL for the `X-` properties).

Which of the properties a method may have is in `writer.py`; here stands how each is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from msgspec import structs

from rsvpd.calendar.duration import end_after_move
from rsvpd.calendar.event import (
    AllDay,
    Answer,
    Attendee,
    Event,
    Role,
    Sensitivity,
    ShowAs,
    Timed,
    When,
)
from rsvpd.clock import Instant
from rsvpd.ical.text import clean, escape, line, mailto
from rsvpd.mail.address import Mailbox, fold
from rsvpd.mail.content import BodyKind, Importance, as_html, as_text
from rsvpd.timezones.zone import to_instant, to_wall

PARTSTATS: Mapping[Answer, str] = MappingProxyType(
    {
        Answer.NONE: "NEEDS-ACTION",
        Answer.ACCEPTED: "ACCEPTED",
        Answer.TENTATIVE: "TENTATIVE",
        Answer.DECLINED: "DECLINED",
    }
)
ROLES: Mapping[Role, str] = MappingProxyType(
    {Role.REQUIRED: "REQ-PARTICIPANT", Role.OPTIONAL: "OPT-PARTICIPANT", Role.RESOURCE: "NON-PARTICIPANT"}
)
CLASSES: Mapping[Sensitivity, str] = MappingProxyType(
    {
        Sensitivity.NORMAL: "PUBLIC",
        Sensitivity.PERSONAL: "PUBLIC",  # a note to oneself
        Sensitivity.PRIVATE: "PRIVATE",
        Sensitivity.CONFIDENTIAL: "CONFIDENTIAL",
    }
)
BUSY: Mapping[ShowAs, str] = MappingProxyType(
    {
        ShowAs.UNKNOWN: "BUSY",
        ShowAs.FREE: "FREE",
        ShowAs.TENTATIVE: "TENTATIVE",
        ShowAs.BUSY: "BUSY",
        ShowAs.OOF: "OOF",
        ShowAs.ELSEWHERE: "WORKINGELSEWHERE",
    }
)
PRIORITIES: Mapping[Importance, str] = MappingProxyType(
    {Importance.HIGH: "1", Importance.NORMAL: "5", Importance.LOW: "9"}
)
_IMPORTANCES = {Importance.LOW: "0", Importance.NORMAL: "1", Importance.HIGH: "2"}


class Lines:
    """The content lines of a component as they are written, the times in them, and whether it recurs."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.times: list[When] = []
        self.recurs = False

    def add(self, name: str, value: str, **parameters: str) -> None:
        """Write a line; `value` stands as it is."""
        self.lines.append(line(name, value, **parameters))

    def text(self, name: str, value: str, **parameters: str) -> None:
        """Write a TEXT property, none for an empty text."""
        if value:
            self.add(name, escape(value), **parameters)

    def at(self, name: str, when: When) -> None:
        """Write a date or a time, in its zone.

        The second time of an hour that comes twice is said in UTC: a time with a TZID means the first
        (RFC 5545 3.3.5).
        """
        if isinstance(when, Timed) and when.fold:
            self.add(name, f"{to_wall(to_instant(when), 'UTC'):%Y%m%dT%H%M%S}Z")
        else:
            self.at_wall_time(name, when)

    def at_wall_time(self, name: str, when: When) -> None:
        """Write a date or a time by which a series is counted, in its zone."""
        self.times.append(when)
        if isinstance(when, AllDay):
            self.add(name, f"{when.day:%Y%m%d}", VALUE="DATE")
        elif when.zone == "UTC":
            self.add(name, f"{when.wall:%Y%m%dT%H%M%S}Z")
        else:
            self.add(name, f"{when.wall:%Y%m%dT%H%M%S}", TZID=when.zone)

    def start_and_end(self, start: When, end: When, *, recurs: bool = False) -> None:
        """Write start and end; what has no length has no end (RFC 5545 3.6.1).

        A series is counted by the wall time of its start. Who reads that takes it for the first where it happens
        twice, and counts from there how long every occurrence lasts (RFC 5545 3.8.5.3).
        """
        if recurs and isinstance(start, Timed) and start.fold:
            first = structs.replace(start, fold=0)
            start, end = first, end_after_move(start, end, first)
        self.at("DTSTART", start)
        if to_instant(end) > to_instant(start):
            self.at("DTEND", end)

    def stamp(self, instant: Instant) -> None:
        """Write when the message was made."""
        self.add("DTSTAMP", f"{to_wall(instant, 'UTC'):%Y%m%dT%H%M%S}Z")


def organizer(out: Lines, box: Mailbox, sent_by: str = "") -> None:
    """Write the organizer."""
    out.add("ORGANIZER", mailto(box.address), **_names(box.name), **_by(sent_by))


def attendees_of_request(out: Lines, event: Event) -> None:
    """Write the guest list of an invitation; who has answered is not asked again."""
    asked = {"RSVP": "TRUE" if event.response_requested else "FALSE"}
    for one in event.attendees:
        _attendee(out, event, one, asked if one.answer is Answer.NONE else {})


def attendees_of_cancel(out: Lines, event: Event) -> None:
    """Write the guest list of a cancellation."""
    for one in event.attendees:
        _attendee(out, event, one, {})


def _attendee(out: Lines, event: Event, one: Attendee, asked: dict[str, str]) -> None:
    parameters = {"CUTYPE": _kind(event, one), "ROLE": ROLES[one.role], "PARTSTAT": PARTSTATS[one.answer], **asked}
    out.add("ATTENDEE", mailto(one.address), **parameters, **_names(one.name), **_guests(one.guests))


def _kind(event: Event, one: Attendee) -> str:
    if one.role is not Role.RESOURCE:
        return "INDIVIDUAL"
    rooms = {fold(place.mailbox) for place in event.locations if place.mailbox}
    return "ROOM" if fold(one.address) in rooms else "RESOURCE"


def respondent(out: Lines, one: Attendee, sent_by: str = "") -> None:
    """Write the one who answers."""
    parameters = {"PARTSTAT": PARTSTATS[one.answer], **_names(one.name), **_guests(one.guests), **_by(sent_by)}
    out.add("ATTENDEE", mailto(one.address), **parameters)


def words(out: Lines, event: Event) -> None:
    """Write what the meeting is about, and where."""
    out.add("SUMMARY", escape(event.subject))
    out.text("DESCRIPTION", as_text(event.body))
    if event.body.kind is BodyKind.HTML and event.body.text:
        out.text("X-ALT-DESC", as_html(event.body), FMTTYPE="text/html")
    out.text("LOCATION", where(event))


def where(event: Event) -> str:
    """Return the places of a meeting on one line."""
    return "; ".join(place.name for place in event.locations if place.name)


def calendar_status(out: Lines, event: Event, sequence: int, *, now: ShowAs, wanted: ShowAs) -> None:
    """Write how the event stands in the recipient's calendar: how secret, how urgent, how busy `now` and,
    once accepted, as `wanted`."""
    out.add("CLASS", CLASSES[event.sensitivity])
    out.add("PRIORITY", PRIORITIES[event.importance])
    out.add("TRANSP", "TRANSPARENT" if wanted is ShowAs.FREE else "OPAQUE")
    out.add("X-MICROSOFT-CDO-APPT-SEQUENCE", str(sequence))
    out.add("X-MICROSOFT-CDO-BUSYSTATUS", BUSY[now])
    out.add("X-MICROSOFT-CDO-INTENDEDSTATUS", BUSY[wanted])
    out.add("X-MICROSOFT-CDO-ALLDAYEVENT", _flag(isinstance(event.start, AllDay)))
    out.add("X-MICROSOFT-CDO-IMPORTANCE", _IMPORTANCES[event.importance])
    out.add("X-MICROSOFT-ISRESPONSEREQUESTED", _flag(event.response_requested))
    if not event.allow_proposals:
        out.add("X-MICROSOFT-DISALLOW-COUNTER", "TRUE")


def zones(times: Iterable[When]) -> dict[str, list[Instant]]:
    """Return the zones that `times` are told in, each with the instants; UTC and dates need none."""
    found: dict[str, list[Instant]] = {}
    for when in times:
        if isinstance(when, Timed) and when.zone != "UTC":
            found.setdefault(when.zone, []).append(to_instant(when))
    return found


def _names(name: str) -> dict[str, str]:
    cn = " ".join(clean(name).split())
    return {"CN": cn} if cn else {}


def _guests(number: int) -> dict[str, str]:
    return {"X_NUM_GUESTS": str(number)} if number else {}


def _by(sent_by: str) -> dict[str, str]:
    return {"SENT_BY": mailto(sent_by)} if sent_by else {}


def _flag(given: bool) -> str:
    return "TRUE" if given else "FALSE"
