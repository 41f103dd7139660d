"""What people read in a meeting message whose mail program does not know meetings.

Our own words are few: when, where, who invites, and in an answer what it is an answer to. The rest is
what the sender wrote.
"""

from __future__ import annotations

import html
from datetime import date, timedelta

from rsvpd.calendar.event import AllDay, Answer, Event, Meeting, Status, Timed, When
from rsvpd.calendar.series import component
from rsvpd.ical.event import where
from rsvpd.mail.content import as_html, as_text
from rsvpd.mail.message import Letter
from rsvpd.scheduling.effects import Method, Post
from rsvpd.scheduling.itip import Reply

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ONE_DAY = timedelta(days=1)
_ANSWER_WORDS = {
    Answer.ACCEPTED: "has accepted",
    Answer.TENTATIVE: "has tentatively accepted",
    Answer.DECLINED: "has declined",
    Answer.NONE: "has not answered yet",
}

Fact = tuple[str, str]


def text_body(post: Post) -> str:
    """Return the text of a message."""
    lines = "\n".join(f"{name}: {value}" if name else value for name, value in facts(post))
    return "\n\n".join(part for part in (sender_text(post.letter).strip("\n"), lines) if part) + "\n"


def html_body(post: Post) -> str:
    """Return the HTML of a message; what is in `facts` is escaped."""
    document = as_html(post.letter.body)
    rows = "".join(f"<div>{_row(name, value)}</div>\r\n" for name, value in facts(post))
    if not rows:
        return document
    before, end, after = document.rpartition("</body>")
    return f"{before}<hr>\r\n{rows}{end}{after}"


def sender_text(letter: Letter) -> str:
    """Return what the sender wrote, as text."""
    return as_text(letter.body).rstrip() + "\n"


def facts(post: Post) -> list[Fact]:
    """Return what a message says beside the sender's own words, as names and values."""
    if post.meeting is None:
        return []
    event = _event(post.meeting, post.recurrence_id)
    found = [("What", event.subject), ("When", _when(event, post)), ("Where", where(event))]
    if post.reply is not None:
        found = [("", _answer_text(post.reply)), *found, *_proposal(post.reply)]
    elif post.method is Method.CANCEL:
        is_off = event.status is Status.CANCELLED
        found.append(("", "This is cancelled." if is_off else "You are no longer invited to this."))
    else:
        found.append(("Organizer", _who(post.letter, post.meeting)))
    return [(name, " ".join(value.split())) for name, value in found if value.strip()]


def _row(name: str, value: str) -> str:
    escaped = html.escape(value)
    return f"<b>{name}:</b> {escaped}" if name else escaped


def _event(meeting: Meeting, recurrence_id: str | None) -> Event:
    if recurrence_id is not None and recurrence_id in meeting.exceptions:
        return meeting.exceptions[recurrence_id]
    return component(meeting, recurrence_id)


def _answer_text(reply: Reply) -> str:
    words = f"{reply.name or reply.attendee} {_ANSWER_WORDS[reply.answer]}"
    return f"{words} and proposes another time." if reply.proposal else f"{words}."


def _proposal(reply: Reply) -> list[Fact]:
    return [("Proposed", span_text(reply.proposal.start, reply.proposal.end))] if reply.proposal else []


def _who(letter: Letter, meeting: Meeting) -> str:
    return meeting.organizer.name or letter.from_.name or meeting.organizer.address


def _when(event: Event, post: Post) -> str:
    is_series = post.recurrence_id is None and post.meeting is not None and bool(post.meeting.recurrence)
    return span_text(event.start, event.end) + (", and repeatedly" if is_series else "")


def span_text(start: When, end: When) -> str:
    """Return when something takes place, in the words of its own zone."""
    if isinstance(start, AllDay) or isinstance(end, AllDay):
        return _days(_day_of(start), _day_of(end))
    first = f"{_day(start.wall.date())}, {_clock(start)}"
    last = _clock(end) if end.wall.date() == start.wall.date() else f"{_day(end.wall.date())}, {_clock(end)}"
    if start.zone != end.zone:
        return f"{first} ({start.zone}) to {last} ({end.zone})"
    return f"{first} to {last} ({start.zone})"


def _clock(when: Timed) -> str:
    """Return what the clock shows; in the night when clocks go back, which of both times is meant."""
    return f"{when.wall:%H:%M} (the second time)" if when.fold else f"{when.wall:%H:%M}"


def _days(first: date, end: date) -> str:
    last = end - _ONE_DAY
    return f"{_day(first)}, all day" if last <= first else f"{_day(first)} to {_day(last)}, all day"


def _day_of(when: When) -> date:
    return when.wall.date() if isinstance(when, Timed) else when.day


def _day(day: date) -> str:
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"
