"""What the organizer says once a change is written: the next revision of a meeting, and the own part of its organizer.

Rule 1: what is private to the organizer's copy goes to the own part, all else to the revision.
Rule 2: an exception follows its master in what it had of it; what differed stays (RFC 5545 3.8.4.4). One that says
        what the series says is none.
Rule 3: a series that starts anew has no dates that differ: their recurrence ids name starts that are no more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from msgspec import UNSET, structs

from rsvpd.calendar.compose import component_of, compose, regular_component
from rsvpd.calendar.copy import Copy
from rsvpd.calendar.draft import EventDraft
from rsvpd.calendar.event import SHARED, Event
from rsvpd.calendar.revision import Component, Guest, Revision, says_the_same
from rsvpd.calendar.rule import Recurrence
from rsvpd.calendar.series import follows
from rsvpd.clock import Instant
from rsvpd.errors import StaleSequence
from rsvpd.mail.address import fold
from rsvpd.scheduling.component import check_budget, with_own_changes
from rsvpd.scheduling.itip import next_dtstamp

# What a date has of its own, or by another name.
_OF_EACH_DATE = ("start", "end", "attendees", "intended_show_as")
_T = TypeVar("_T")


def without_occurrence(copy: Copy, recurrence_id: str) -> Copy:
    """Return the organizer's copy with one occurrence excluded."""
    check_budget(copy, recurrence_id)
    revision = copy.revision
    return structs.replace(
        copy,
        revision=structs.replace(
            revision,
            excluded=tuple(sorted({*revision.excluded, recurrence_id})),
            exceptions=_without(revision.exceptions, recurrence_id),
        ),
        dates=_without(copy.dates, recurrence_id),
    )


def amend(copy: Copy, recurrence_id: str | None, old: Event, new: Event, *, excluded: tuple[str, ...]) -> Copy:
    """Return `copy` with `new` in the place of `old`: a date, or the whole without the dates that are `excluded`."""
    kept = with_own_changes(copy, recurrence_id, old, new)
    if recurrence_id is None:
        return _with_master(kept, new, excluded)
    return _with_occurrence(kept, recurrence_id, old, new)


def restart(copy: Copy, old: Event, new: Event, *, excluded: tuple[str, ...]) -> Copy:
    """Return `copy` with `new` in the place of the whole, from which its dates begin anew: all of it is asked for."""
    revision = copy.revision
    event = component_of(new, revision.event, since=revision.sequence)
    moved = structs.replace(revision, event=event, exceptions={}, excluded=excluded)
    return with_own_changes(structs.replace(copy, revision=moved, dates={}), None, old, new)


def with_recurrence(copy: Copy, recurrence: Recurrence | None) -> Copy:
    """Return a series with another pattern, and what was said of the dates that are left."""
    series = structs.replace(copy.revision, recurrence=recurrence)
    pattern = compose(structs.replace(copy, revision=series))
    left = {rid for rid in {*series.exceptions, *series.excluded, *copy.dates} if follows(pattern, rid)}
    return structs.replace(
        copy,
        revision=structs.replace(
            series,
            exceptions={rid: one for rid, one in series.exceptions.items() if rid in left},
            excluded=tuple(rid for rid in series.excluded if rid in left),
            resets={rid: asked_at for rid, asked_at in series.resets.items() if follows(pattern, rid)},
        ),
        dates={rid: private for rid, private in copy.dates.items() if rid in left},
    )


def ask_again(copy: Copy, recurrence_ids: tuple[str | None, ...], sequence: int) -> Copy:
    """Return `copy` with everybody asked anew for these dates, or for the whole (None)."""
    if not recurrence_ids:
        return copy
    revision = copy.revision
    if None in recurrence_ids:
        return structs.replace(copy, revision=structs.replace(revision, reset_sequence=sequence, resets={}))
    asked = {rid: sequence for rid in recurrence_ids if rid is not None}
    return structs.replace(copy, revision=structs.replace(revision, resets={**revision.resets, **asked}))


def stamp(copy: Copy, *, sequence: int, dtstamp: Instant, now: Instant) -> Copy:
    """Return `copy` with what it says as the revision of that SEQUENCE and DTSTAMP."""
    revision = copy.revision
    if (sequence, dtstamp) != (revision.sequence, revision.dtstamp):
        revision = structs.replace(revision, sequence=sequence, dtstamp=dtstamp)
    return structs.replace(copy, revision=revision, sequence=sequence, dtstamp=dtstamp, modified=now)


def least_sequence(revision: Revision, draft: EventDraft) -> int:
    """Return the least SEQUENCE that what comes after `revision` may have. Raises StaleSequence."""
    if draft.sequence is UNSET:
        return revision.sequence
    if draft.sequence < revision.sequence:
        raise StaleSequence(f"The event has {revision.sequence}, not {draft.sequence}.", target="sequence")
    return draft.sequence


def raise_sequence(copy: Copy, now: Instant, *, least: int = 0) -> Copy:
    """Return `copy` as its next revision, of a higher SEQUENCE, which is at least that."""
    before = copy.revision
    sequence = max(before.sequence + 1, least)
    return stamp(copy, sequence=sequence, dtstamp=next_dtstamp(before.dtstamp, now=now), now=now)


def in_every_component(copy: Copy, change: Callable[[Component], Component]) -> Copy:
    """Return `copy` with `change` made to the master and to every exception."""
    revision = copy.revision
    exceptions = {rid: change(one) for rid, one in revision.exceptions.items()}
    changed = structs.replace(revision, event=change(revision.event), exceptions=exceptions)
    return structs.replace(copy, revision=changed)


def _with_master(copy: Copy, new: Event, excluded: tuple[str, ...]) -> Copy:
    revision = copy.revision
    event = component_of(new, revision.event, since=revision.sequence)
    stay = {rid: one for rid, one in revision.exceptions.items() if rid not in excluded}
    followed = {rid: _follow(one, revision.event, event) for rid, one in stay.items()}
    dates = {rid: one for rid, one in copy.dates.items() if rid not in excluded}
    amended = structs.replace(revision, event=event, exceptions=followed, excluded=excluded)
    return structs.replace(copy, revision=amended if amended != revision else revision, dates=dates)


def _with_occurrence(copy: Copy, recurrence_id: str, old: Event, new: Event) -> Copy:
    revision = copy.revision
    before = revision.exceptions.get(recurrence_id, revision.event)
    one = component_of(new, before, since=revision.sequence)
    if one == component_of(old, before):
        return copy
    check_budget(copy, recurrence_id)
    regular = regular_component(revision, recurrence_id)
    exceptions = _without(revision.exceptions, recurrence_id)
    if regular is None or not says_the_same(one, regular):
        exceptions[recurrence_id] = one
    return structs.replace(copy, revision=structs.replace(revision, exceptions=exceptions))


def _without(dates: Mapping[str, _T], recurrence_id: str) -> dict[str, _T]:
    return {rid: one for rid, one in dates.items() if rid != recurrence_id}


def _follow(exception: Component, old: Component, new: Component) -> Component:
    """Return an exception after a change of its master: what was the master's follows it, what differed stays."""
    changes: dict[str, Any] = {
        name: getattr(new, name)
        for name in SHARED
        if name not in _OF_EACH_DATE and getattr(exception, name) == getattr(old, name)
    }
    changes["guests"] = _follow_guests(exception.guests, old.guests, new.guests)
    return structs.replace(exception, **changes)


def _follow_guests(own: tuple[Guest, ...], old: tuple[Guest, ...], new: tuple[Guest, ...]) -> tuple[Guest, ...]:
    """Return the guests of an exception after a change of its master's list: who came comes, who left leaves."""
    if old == new:
        return own
    if own == old:
        return new
    before, after = ({fold(one.address): one for one in guests} for guests in (old, new))
    here = {fold(one.address): one for one in own}
    stay = (
        _follow_guest(one, before[key], after[key]) if key in before else one
        for key, one in here.items()
        if key in after or key not in before
    )
    come = (one for key, one in after.items() if key not in before and key not in here)
    return (*stay, *come)


def _follow_guest(own: Guest, old: Guest, new: Guest) -> Guest:
    """Return a guest of an exception: a name and a role that were the master's follow it."""
    return structs.replace(
        own,
        name=new.name if own.name == old.name else own.name,
        role=new.role if own.role is old.role else own.role,
    )
