"""Guests of single occurrences.

Rule 1: a guest sees of a series what the guest is invited to: all of it but the occurrences that go
        without this guest, or only single occurrences (RFC 6638 3.2.6; MS-OXOCAL, orphan instances).
Rule 2: a guest of single occurrences has a partial copy: a series without a rule that holds nothing
        but these. Invited to the whole series later, that copy becomes the series.
Rule 3: what happens to the series reaches such a guest as what happens to these occurrences.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct, structs

from rsvpd.calendar.compose import compose
from rsvpd.calendar.copy import Copy
from rsvpd.calendar.event import SHARED, Attendee, Event
from rsvpd.calendar.revision import Component, Revision
from rsvpd.calendar.series import component
from rsvpd.mail.address import fold
from rsvpd.mail.message import RequestKind
from rsvpd.scheduling.itip import InvitedDates
from rsvpd.scheduling.plan import Audience, Change

_WORDS = tuple(name for name in SHARED if name not in ("attendees", "intended_show_as"))


class Ending(Struct, frozen=True, kw_only=True):
    """An occurrence, or the whole, that does not happen any more for these guests. `event` is as it was."""

    recurrence_id: str | None
    event: Event
    guests: tuple[Attendee, ...]


class Invitations:
    """How much of a meeting each guest is invited to."""

    def __init__(self, revision: Revision) -> None:
        self._series = revision.event.places
        self._there = {
            rid: one.places
            for rid, one in revision.exceptions.items()
            if one.guests is not revision.event.guests and one.places.keys() != self._series.keys()
        }

    def of(self, address: str) -> InvitedDates:
        """Return how much the guest at `address` is to have."""
        who = fold(address)
        if who not in self._series:
            found = [rid for rid, there in self._there.items() if who in there]
            return InvitedDates(to=tuple(sorted(found)) or None)
        return InvitedDates(without=tuple(sorted(rid for rid, there in self._there.items() if who not in there)))


def guests_of_one(copy: Copy) -> tuple[Ending, ...]:
    """Return the guests that are invited to single occurrences only, by occurrence."""
    revision, meeting = copy.revision, compose(copy)
    found = []
    for rid, one in sorted(revision.exceptions.items()):
        there = _others(one, revision.event)
        if there:
            found.append(Ending(recurrence_id=rid, event=meeting.exceptions[rid], guests=there))
    return tuple(found)


def consequences(before: Copy, change: Change) -> tuple[tuple[Change, ...], tuple[Ending, ...]]:
    """Return what a change of the whole series means to guests of single occurrences: changes, and endings."""
    if change.recurrence_id is not None or change.audience is Audience.NOBODY:
        return (), ()
    after = change.revision
    changed, ends = [], []
    for part in guests_of_one(before):
        rid = part.recurrence_id or ""
        if rid in change.excluded:
            continue  # they are told with everybody
        guests = tuple(one for one in part.guests if fold(one.address) not in after.event.places)
        now = after.list_of(rid)
        stay = tuple(one for one in guests if fold(one.address) in now.places)
        leave = tuple(one for one in guests if fold(one.address) not in now.places)
        if stay:
            changed.append(_change_of_date(change, part, before.revision.exceptions[rid], now, stay))
        if leave:
            ends.append(structs.replace(part, guests=leave))
    return tuple(changed), tuple(ends)


def _change_of_date(
    change: Change, part: Ending, before: Component, now: Component, guests: tuple[Attendee, ...]
) -> Change:
    says_more = any(getattr(before, name) != getattr(now, name) for name in _WORDS)
    is_asked = change.kind is RequestKind.FULL
    return structs.replace(
        change,
        recurrence_id=part.recurrence_id,
        old=part.event,
        new=component(change.meeting, part.recurrence_id),
        audience=Audience.EVERYBODY if says_more or is_asked else Audience.NEWCOMERS,
        added=(),
        removed=(),
        guests=guests,
        hints=(),
    )


def _others(one: Component, series: Component) -> tuple[Attendee, ...]:
    if one.guests is series.guests:
        return ()
    places: Iterable[tuple[str, int]] = one.places.items()
    return tuple(one.attendees[place] for who, place in places if who not in series.places)
