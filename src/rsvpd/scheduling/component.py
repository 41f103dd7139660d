"""The parts of a copy: what is kept of the whole and of single dates, and where the copy stands.

A recurrence id of None means the whole: a single meeting, or the master of a series.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from itertools import chain
from typing import Any

from msgspec import structs

from rsvpd.calendar.compose import compose, regular_component
from rsvpd.calendar.copy import Copy, Private
from rsvpd.calendar.event import PRIVATE, Answer, Event, State
from rsvpd.calendar.revision import Component
from rsvpd.errors import NotAllowed

# Changed and deleted occurrences of one series together; all of them are read with it.
MOST_DIFFERENT = 1_000
# The organizer's show-as and sensitivity travel with what the organizer says.
_ORGANIZERS = ("show_as", "sensitivity")


def check_budget(copy: Copy, recurrence_id: str) -> None:
    """Raise NotAllowed where one more occurrence that is not as the others would be too many."""
    revision = copy.revision
    different: tuple[Collection[str], ...] = (revision.exceptions, revision.excluded, copy.dates, copy.removed)
    if any(recurrence_id in names for names in different):
        return
    if len({*chain.from_iterable(different)}) >= MOST_DIFFERENT:
        raise NotAllowed(f"A series has at most {MOST_DIFFERENT} occurrences that are changed, answered or deleted.")


def with_private(copy: Copy, recurrence_id: str | None, private: Private) -> Copy:
    """Return `copy` with `private` kept of this date, or of the whole."""
    if recurrence_id is None:
        return structs.replace(copy, own=private)
    check_budget(copy, recurrence_id)
    return copy.with_date(recurrence_id, private)


def change_every_part(copy: Copy, change: Callable[[Private], Private]) -> Copy:
    """Return `copy` with `change` made to what is kept of the whole and of every date."""
    return structs.replace(
        copy, own=change(copy.own), dates={rid: change(private) for rid, private in copy.dates.items()}
    )


def with_own_changes(copy: Copy, recurrence_id: str | None, old: Event, new: Event) -> Copy:
    """Return `copy` keeping of an event what is private to it and differs from `old` in `new`."""
    left_out = _ORGANIZERS if copy.is_organizer else ()
    changes: dict[str, Any] = {
        name: getattr(new, name)
        for name in PRIVATE
        if name not in left_out and getattr(new, name) != getattr(old, name)
    }
    if not changes:
        return copy
    return with_private(copy, recurrence_id, structs.replace(copy.private(recurrence_id), **changes))


def without_date(copy: Copy, recurrence_id: str) -> Copy:
    """Return a guest's copy without one date of the series."""
    check_budget(copy, recurrence_id)
    return structs.replace(
        copy,
        removed=tuple(sorted({*copy.removed, recurrence_id})),
        dates={rid: private for rid, private in copy.dates.items() if rid != recurrence_id},
    )


def component_at(copy: Copy, recurrence_id: str) -> Component:
    """Return what the owner of a copy was told last of a date."""
    component = copy.exception(recurrence_id) or regular_component(copy.revision, recurrence_id)
    return component or copy.revision.event


def where_it_stands(copy: Copy) -> State:
    """Return where a guest's copy that was not deleted stands: it has left the calendar once all of it is declined."""
    gone = {*copy.removed}
    if copy.is_partial:
        names: Iterable[str | None] = compose(copy).exceptions
    else:
        names = chain((None,), copy.dates)
    parts = (copy.private(rid) for rid in names if rid not in gone)
    return State.DECLINED if all(one.answer is Answer.DECLINED for one in parts) else State.LIVE
