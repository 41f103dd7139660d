"""A standing series, a holiday and a lunch, and what of a meeting stands in a window."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from rsvpd.calendar import expansion
from rsvpd.calendar.event import AllDay, Event, Meeting, Timed, When
from rsvpd.calendar.rule import Recurrence
from rsvpd.clock import Instant, parse_instant
from rsvpd.ical.rrule import read
from rsvpd.mail.address import Mailbox

BERLIN, SYDNEY, NEW_YORK, LONDON = "Europe/Berlin", "Australia/Sydney", "America/New_York", "Europe/London"
HOWE = "Australia/Lord_Howe"  # clocks there change by half an hour
WEEK = timedelta(days=7)


def when(text: str, zone: str) -> When:
    return AllDay(date.fromisoformat(text)) if len(text) == 10 else Timed(datetime.fromisoformat(text), zone)


def meeting(start: str, end: str, rule: str = "", *, zone: str = BERLIN, end_zone: str = "", **more: Any) -> Meeting:
    begin = when(start, zone)
    recurrence = more.pop("recurrence", Recurrence((read(rule, begin),)) if rule else None)
    return Meeting(
        uid="u",
        organizer=Mailbox("alice@example.com", "Alice"),
        is_organizer=True,
        event=Event(start=begin, end=when(end, end_zone or zone), subject="standup"),
        recurrence=recurrence,
        **more,
    )


def moved(start: str, end: str, zone: str = BERLIN) -> Event:
    return Event(start=when(start, zone), end=when(end, zone), subject="moved")


def window(start: str, end: str) -> tuple[Instant, Instant]:
    return parse_instant(start), parse_instant(end)


def seen(one: Meeting, start: str, end: str, **more: str) -> list[str | None]:
    return [found.recurrence_id for found in expansion.expand(one, *window(start, end), **more)]


STANDUP = meeting("2026-03-02T09:00", "2026-03-02T09:15", "FREQ=WEEKLY;BYDAY=MO,TH")
HOLIDAY = meeting("2026-03-02", "2026-03-04", "FREQ=MONTHLY;BYDAY=1MO")
LUNCH = meeting("2026-03-02T12:00", "2026-03-02T13:00")
MOVED_AWAY = moved("2026-04-01T08:00", "2026-04-01T08:30")
