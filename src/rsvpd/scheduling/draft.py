"""What becomes of an event when a client's draft is applied to it. Nobody is told anything here."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from msgspec import UNSET, structs

from rsvpd.calendar.conference import Wish
from rsvpd.calendar.draft import AttendeeDraft, EventDraft
from rsvpd.calendar.event import PRIVATE, SHARED, AllDay, Attendee, Event, Role, ShowAs, When
from rsvpd.errors import EventTooLong, InvalidProperty, InvalidRange, MissingProperty
from rsvpd.hints import Hint, HintCode
from rsvpd.mail.address import Mailbox, fold
from rsvpd.timezones.zone import to_instant

FIRST_YEAR, LAST_YEAR = 1900, 2200
LONGEST = timedelta(days=1825)
_BLANK = Event(start=AllDay(date.min), end=AllDay(date.min))
_PLAIN = tuple(name for name in (*SHARED, *PRIVATE) if name in EventDraft.__struct_fields__ and name != "attendees")


def event_from_draft(draft: EventDraft, organizer: Mailbox) -> Event:
    """Return the organizer's event made from nothing but `draft`. Raises MissingProperty without times."""
    if draft.start is UNSET or draft.end is UNSET:
        missing = "Start" if draft.start is UNSET else "End"
        raise MissingProperty(f"The property '{missing}' is required when creating an event.", target=missing)
    blank = Event(start=draft.start, end=draft.end)
    if isinstance(draft.start, AllDay):
        blank = structs.replace(blank, show_as=ShowAs.FREE)
    return apply_draft(blank, draft, organizer)


def apply_draft(event: Event, draft: EventDraft, organizer: Mailbox) -> Event:
    """Return `event` with every member of `draft` that is set; None clears a member to its default.

    A wish for an online meeting is nothing yet.
    """
    changes: dict[str, Any] = {}
    for name in _PLAIN:
        value = getattr(draft, name)
        if value is not UNSET and not isinstance(value, Wish):
            changes[name] = getattr(_BLANK, name) if value is None else value
    if draft.attendees is not UNSET and not draft.attendees_omitted:
        changes["attendees"] = guest_list(event.attendees, draft.attendees or (), organizer)
    changed = structs.replace(event, **changes) if changes else event
    if _reminder(changed) != _reminder(event):
        changed = structs.replace(changed, reminder_snoozed=0, reminder_dismissed=0)
    if "start" in changes or "end" in changes:
        check_times(changed.start, changed.end)
    if changed.reminder_minutes < 0:
        raise InvalidProperty("A reminder cannot be after the start.", target="reminderMinutesBeforeStart")
    return changed


def _reminder(event: Event) -> tuple[int, bool, bool, int]:
    """Return what starts a reminder afresh when it changes."""
    return to_instant(event.start), isinstance(event.start, AllDay), event.reminder_on, event.reminder_minutes


def guest_list(
    before: tuple[Attendee, ...], wanted: tuple[AttendeeDraft, ...], organizer: Mailbox
) -> tuple[Attendee, ...]:
    """Return the new guest list: whoever stays keeps the answer, a name given twice counts once.

    The organizer is not an own guest.
    """
    known = {fold(attendee.address): attendee for attendee in before}
    listed: dict[str, Attendee] = {}
    for draft in wanted:
        key = fold(draft.address)
        if key not in listed and key != fold(organizer.address):
            listed[key] = _guest(known.get(key), draft)
    return tuple(listed.values())


def claims(before: tuple[Attendee, ...], draft: EventDraft) -> Hint | None:
    """Return the hint that is due where a client wrote somebody's answer instead of letting them answer."""
    if not draft.attendees:
        return None
    known = {fold(attendee.address): attendee.answer for attendee in before}
    claimed = [
        one.address
        for one in draft.attendees
        if one.answer is not UNSET and one.answer is not known.get(fold(one.address), one.answer)
    ]
    return Hint(HintCode.ATTENDEE_STATUS_IGNORED, ", ".join(claimed)) if claimed else None


def check_times(start: When, end: When) -> None:
    """Raise InvalidRange or InvalidProperty for times no calendar could hold."""
    if isinstance(start, AllDay) is not isinstance(end, AllDay):
        raise InvalidRange("Start and end must both be dates, or both be times.")
    for when in (start, end):
        year = when.day.year if isinstance(when, AllDay) else when.wall.year
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise InvalidProperty(f"The year {year} is outside {FIRST_YEAR} to {LAST_YEAR}.", target="Start")
    first, last = to_instant(start), to_instant(end)
    if last < first or (isinstance(start, AllDay) and last == first):
        raise InvalidRange("The end of an event cannot be before its start.")
    if last - first > LONGEST // timedelta(microseconds=1):
        raise EventTooLong("An event cannot last longer than 1825 days.")


def _guest(known: Attendee | None, draft: AttendeeDraft) -> Attendee:
    role = Role.REQUIRED if draft.role is UNSET else draft.role
    name = "" if draft.name is UNSET else draft.name
    if known is None:
        return Attendee(address=draft.address, name=name, role=role)
    return structs.replace(
        known,
        name=name or known.name,
        role=known.role if draft.role is UNSET else role,
    )
