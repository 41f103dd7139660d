"""Reminders: when one fires, and what dismissing and snoozing make of it.

Rule 1: a reminder belongs to one copy; nobody is told, and what the organizer changes leaves it alone.
Rule 2: a new time or a new reminder starts it afresh.
Rule 3: a series is reminded of meeting by meeting; said of the series, it means the meeting at hand: the
        last whose reminder has fired, else the next.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator

from msgspec import structs

from rsvpd.calendar.compose import compose
from rsvpd.calendar.copy import Copy
from rsvpd.calendar.event import Event, Meeting, Status
from rsvpd.calendar.expansion import Expansion, OccurrenceSpan
from rsvpd.calendar.series import Occurrence, component
from rsvpd.clock import Instant
from rsvpd.scheduling.component import with_private
from rsvpd.timezones.zone import to_instant

_MINUTE = 60_000_000
_DAY = 24 * 60 * _MINUTE
_BACK, _AHEAD = 31 * _DAY, 1825 * _DAY


def fires(event: Event, *, zone: str) -> Instant | None:
    """Return when the reminder of `event` fires (next), None where there is none or it is over.

    `zone` is where all-day events are looked at from.
    """
    return _fires(event, to_instant(event.start, floating=zone))


def pending_reminders(
    expansion: Expansion, meeting: Meeting, *, since: Instant = 0
) -> Iterator[tuple[Instant, OccurrenceSpan]]:
    """Yield what of a copy still has a reminder, with the instant at which it fires, in that order.

    What fires before `since` is left out, or most of it.
    """
    changed = sorted(_live(expansion.exceptions(), meeting.event))
    return heapq.merge(_regular(expansion, meeting.event, since), changed)


def _regular(expansion: Expansion, usual: Event, since: Instant) -> Iterator[tuple[Instant, OccurrenceSpan]]:
    over = max(usual.reminder_dismissed, since) + usual.reminder_minutes * _MINUTE
    if _fires(usual, over + _DAY) is None:
        return iter(())
    if not usual.reminder_snoozed:
        expansion.since(over - _DAY)  # all-day events start up to a day away from where lists have them
    return _live(expansion.by_start(), usual)


def _live(found: Iterable[OccurrenceSpan], usual: Event) -> Iterator[tuple[Instant, OccurrenceSpan]]:
    fired = ((_fires(one.event or usual, one.start), one) for one in found)
    return ((at, one) for at, one in fired if at is not None)


def _fires(event: Event, start: Instant) -> Instant | None:
    if not event.reminder_on or event.status is Status.CANCELLED:
        return None
    at = event.reminder_snoozed or start - event.reminder_minutes * _MINUTE
    return at if at > event.reminder_dismissed else None


def occurrence_to_remind_of(meeting: Meeting, *, zone: str, now: Instant) -> Occurrence | None:
    """Return the occurrence of a series whose reminder is meant where only the series is named."""
    ahead = now + _AHEAD + meeting.event.reminder_minutes * _MINUTE
    expansion = Expansion(meeting, now - _BACK, ahead, zone=zone)
    last = None
    for at, found in pending_reminders(expansion, meeting):
        if at > now:
            return expansion.occurrence(last or found)
        last = found
    return expansion.occurrence(last) if last else None


def dismiss(copy: Copy, recurrence_id: str | None, *, zone: str, now: Instant) -> Copy:
    """Return the copy without that reminder; with the series named, without all that have fired."""
    meeting = compose(copy)
    if recurrence_id is None and meeting.recurrence is not None:
        found = occurrence_to_remind_of(meeting, zone=zone, now=now)
        if found is None:
            return copy
        return _dismiss_fired(copy, _dismissal(found.event, zone, now), zone)
    until = _dismissal(component(meeting, recurrence_id), zone, now)
    over = structs.replace(copy.private(recurrence_id), reminder_dismissed=until, reminder_snoozed=0)
    return with_private(copy, recurrence_id, over)


def snooze(copy: Copy, recurrence_id: str | None, until: Instant) -> Copy:
    """Return the copy whose reminder fires again at `until`. Raises ItemNotFound for a date that is not there."""
    component(compose(copy), recurrence_id)
    again = structs.replace(copy.private(recurrence_id), reminder_snoozed=until, reminder_dismissed=0)
    return with_private(copy, recurrence_id, again)


def _dismissal(event: Event, zone: str, now: Instant) -> Instant:
    """Return until when what fires is over once the reminder of `event` is dismissed."""
    return max(now, fires(event, zone=zone) or now)


def _dismiss_fired(copy: Copy, until: Instant, zone: str) -> Copy:
    """Return the copy of a series without the reminders that have fired until then."""
    meeting = compose(copy)
    dates = {
        rid: structs.replace(private, reminder_dismissed=until, reminder_snoozed=0)
        for rid, private in copy.dates.items()
        if rid in meeting.exceptions and (at := fires(meeting.exceptions[rid], zone=zone)) is not None and at <= until
    }
    own = structs.replace(copy.own, reminder_dismissed=until)
    return structs.replace(copy, own=own, dates={**copy.dates, **dates})
