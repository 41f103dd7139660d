"""The organizer decides: what a change means, who is told, and in which words.

Rule 1: a new time or pattern asks everybody again and raises the SEQUENCE; new words, a new
        place only inform (RFC 5546 2.1.4; MS-OXOCAL full and informational updates).
Rule 2: a change of the guest list alone is told only to those who come and go
        (Graph: Update event, notes on attendees).
Rule 3: what is private to the organizer's copy is told to nobody.
Rule 4: whoever leaves the list gets a cancellation, which raises the SEQUENCE (RFC 5546 2.1.4).
Rule 5: a series that only ends earlier asks nobody again and keeps its exceptions; one that goes on
        longer asks again (RFC 6638 3.2.8).
Rule 6: an excluded date of a series (RFC 5545 EXDATE) is an occurrence called off: it is cancelled, not updated.
        One that is excluded no more takes place again: everybody is asked for it.
Rule 7: an exception has a guest list of its own; changes of the master's list are made to it as well.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any, TypeVar

from msgspec import UNSET, Struct, structs

from rsvpd.calendar.compose import component_of, compose, derived, private_of
from rsvpd.calendar.copy import Copy
from rsvpd.calendar.draft import EventDraft
from rsvpd.calendar.duration import end_after_move
from rsvpd.calendar.event import SHARED, Attendee, Event, Meeting, Status, Timed
from rsvpd.calendar.recurrence import last
from rsvpd.calendar.revision import Component, Guest, Revision, says_the_same
from rsvpd.calendar.rule import Recurrence
from rsvpd.calendar.rule_check import check
from rsvpd.calendar.series import (
    component,
    first_start,
    follows,
    is_same_but_for_its_end,
    neighbours,
    occurrence,
    wall_time,
)
from rsvpd.clock import Instant
from rsvpd.errors import OccurrenceCrossing
from rsvpd.hints import Hint
from rsvpd.mail.address import fold
from rsvpd.mail.message import RequestKind
from rsvpd.mail.person import Person
from rsvpd.scheduling.component import check_budget, with_own_changes
from rsvpd.scheduling.draft import apply_draft, claims, event_from_draft
from rsvpd.scheduling.itip import Cancel, next_dtstamp
from rsvpd.timezones.zone import to_instant

# Who is invited is told to who comes and goes; times that move raise the SEQUENCE, and others are the same instants.
_SILENT = ("attendees", "start", "end")
# What a date has of its own, or by another name.
_OF_EACH_DATE = ("start", "end", "attendees", "intended_show_as")


class Audience(enum.Enum):
    """Which guests hear of a change."""

    NOBODY = "nobody"
    NEWCOMERS = "newcomers"
    EVERYBODY = "everybody"


class Change(Struct, frozen=True, kw_only=True):
    """The organizer's copy after a change, and what is to be said.

    `old` and `new` are the event the change was made to, before and after, without answers; `removed` are the guests
    who left, `added` those who came, `excluded` the dates of the series that take place no more,
    `restored` those that do again.
    `guests` are those of `new` whom this is for, None for all of them.
    """

    copy: Copy
    recurrence_id: str | None
    old: Event | None
    new: Event
    kind: RequestKind
    audience: Audience
    added: tuple[Attendee, ...] = ()
    removed: tuple[Attendee, ...] = ()
    excluded: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()
    guests: tuple[Attendee, ...] | None = None
    hints: tuple[Hint, ...] = ()

    @property
    def revision(self) -> Revision:
        """Return what the organizer says now."""
        return self.copy.revision

    @property
    def meeting(self) -> Meeting:
        """Return the meeting as it is now, without answers."""
        return compose(self.copy)


def create(draft: EventDraft, organizer: Person, *, uid: str, now: Instant) -> Change:
    """Return the new meeting of `organizer` and its invitations."""
    event = event_from_draft(draft, organizer.mailbox)
    recurrence = None if draft.recurrence is UNSET else draft.recurrence
    if recurrence is not None:
        event = _on_first_date(event, recurrence)
    claimed = claims((), draft)
    revision = Revision(
        uid=uid,
        organizer=organizer.mailbox,
        event=component_of(event),
        dtstamp=now,
        recurrence=recurrence,
        excluded=() if draft.deleted is UNSET else draft.deleted,
    )
    copy = Copy(
        revision=revision,
        is_organizer=True,
        dtstamp=now,
        own=private_of(event),
        transaction_id=None if draft.transaction_id is UNSET else draft.transaction_id,
        created=now,
        modified=now,
    )
    return Change(
        copy=copy,
        recurrence_id=None,
        old=None,
        new=event,
        kind=RequestKind.NEW,
        audience=Audience.EVERYBODY,
        added=event.attendees,
        hints=(claimed,) if claimed else (),
    )


def revise(
    copy: Copy, recurrence_id: str | None, draft: EventDraft, *, now: Instant, known: tuple[Attendee, ...] = ()
) -> Change:
    """Return the organizer's meeting with `draft` applied to it, and whom it concerns how.

    `known` is the guest list with what is known of answers, where the draft says something of guests.
    """
    meeting, before = compose(copy), copy.revision
    old = component(meeting, recurrence_id)
    new = apply_draft(old, draft, before.organizer)
    recurrence = _recurrence(before, recurrence_id, draft)
    is_series = recurrence_id is None and (recurrence or before.recurrence) is not None
    is_retold = not is_series and _is_retold(old, new)
    if recurrence is not None and recurrence_id is None and _moves(before, old, new, recurrence):
        new = _on_first_date(new, recurrence)
    moved = not is_retold and _moves(before, old, new, recurrence)
    deleted = _deleted(before, recurrence_id, draft)
    asks_again = moved and not _ends_earlier(before, old, new, recurrence)
    restarts = moved and recurrence_id is None and not _only_ends(before, old, new, recurrence)
    excluded = () if restarts else _excluded(meeting, deleted)
    changes = moved or old.status is not new.status
    raised = changes or deleted != before.excluded
    added, removed = _difference(old.attendees, new.attendees)
    # Whoever leaves gets a CANCEL, and each of them raises the SEQUENCE (RFC 5546 2.1.4); the others hear nothing.
    sequence = before.sequence + (1 if raised or removed else 0)
    audience = _audience(old, new, changes=changes, silent=is_retold or old.attendees != new.attendees)
    restored: tuple[str, ...] = ()
    revised = copy
    if old != new or raised:
        excluded_now = (() if draft.deleted is UNSET else deleted) if restarts else deleted
        revised = _written(copy, recurrence_id, old, new, restarts=restarts, excluded=excluded_now)
        if recurrence_id is None and recurrence != before.recurrence:
            revised = _with_recurrence(revised, recurrence)
        restored = () if asks_again else _restored(before, compose(revised))
        again = (recurrence_id,) if asks_again else restored
        is_told = audience is not Audience.NOBODY or excluded or restored
        stamp = next_dtstamp(before.dtstamp, now=now) if is_told else before.dtstamp
        revised = _stamped(revised, _asked_at(revised.revision, again, sequence), sequence, stamp, now)
    claimed = claims(known or old.attendees, draft)
    return Change(
        copy=revised,
        recurrence_id=recurrence_id,
        old=old,
        new=component(compose(revised), recurrence_id),
        kind=RequestKind.FULL if asks_again else RequestKind.INFORMATIONAL,
        audience=audience,
        added=added,
        removed=removed,
        excluded=excluded,
        restored=restored,
        hints=(claimed,) if claimed else (),
    )


def cancel(copy: Copy, recurrence_id: str | None, *, now: Instant) -> tuple[Copy, Cancel]:
    """Return the organizer's meeting without it (one occurrence is excluded), and what to tell."""
    stamped = _raised(copy, now)
    message = Cancel(
        uid=copy.revision.uid, sequence=stamped.sequence, dtstamp=stamped.dtstamp, recurrence_id=recurrence_id
    )
    if recurrence_id is None:
        return _everywhere(stamped, lambda one: structs.replace(one, status=Status.CANCELLED)), message
    component(compose(copy), recurrence_id)
    return without_occurrence(stamped, recurrence_id), message


def restore(copy: Copy, recurrence_id: str | None, draft: EventDraft, *, now: Instant) -> Change:
    """Return the organizer's meeting with what was called off (the whole, or one occurrence) taking place again.

    `draft` is applied to it, everybody on its list is asked anew. Raises ItemNotFound where the series has no
    such occurrence.
    """
    status = Status.CONFIRMED if draft.status is UNSET or draft.status is None else draft.status
    raised, before = _raised(copy, now), copy.revision
    kept = tuple(rid for rid in before.excluded if rid != recurrence_id)
    whole = structs.replace(raised, revision=structs.replace(raised.revision, excluded=kept))
    if recurrence_id is None:
        whole = _everywhere(whole, lambda one: structs.replace(one, status=status))
    old, recurrence = component(compose(whole), recurrence_id), _recurrence(before, recurrence_id, draft)
    new = structs.replace(apply_draft(old, draft, before.organizer), status=status)
    restarts = recurrence_id is None and _moves(before, old, new, recurrence)
    if restarts:
        new = new if recurrence is None else _on_first_date(new, recurrence)
        kept = () if draft.deleted is UNSET else draft.deleted
    revised = _written(whole, recurrence_id, old, new, restarts=restarts, excluded=kept)
    if restarts:
        revised = _with_recurrence(revised, recurrence)
    revised = _with(revised, _asked_at(revised.revision, (recurrence_id,), raised.sequence))
    added, removed = _difference(old.attendees, new.attendees)
    return Change(
        copy=revised,
        recurrence_id=recurrence_id,
        old=old,
        new=component(compose(revised), recurrence_id),
        kind=RequestKind.FULL,
        audience=Audience.EVERYBODY,
        added=added,
        removed=removed,
    )


def asking_for(change: Change, recurrence_id: str) -> Change:
    """Return what a change of a series says of a date that takes place again; newcomers are asked for all of it."""
    event, new = component(change.meeting, recurrence_id), {fold(one.address) for one in change.added}
    return structs.replace(
        change,
        recurrence_id=recurrence_id,
        old=event,
        new=event,
        kind=RequestKind.FULL,
        audience=Audience.EVERYBODY,
        added=(),
        removed=(),
        guests=tuple(one for one in event.attendees if fold(one.address) not in new),
        hints=(),
    )


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


def refuse_crossing(meeting: Meeting, change: Change) -> None:
    """Raise OccurrenceCrossing where `change` moves an occurrence of `meeting` over or into a neighbour.

    Neighbours count where they stand now. What overlaps by itself in the pattern may go on doing so.
    """
    rid, old, new = change.recurrence_id, change.old, change.new
    if rid is None or old is None or (old.start, old.end) == (new.start, new.end):
        return
    before, after = neighbours(meeting, rid)
    own = occurrence(structs.replace(meeting, exceptions={}), rid)
    start, end = to_instant(new.start), to_instant(new.end)
    early = before is not None and start < (min(before.end, own.start) if own else before.end)
    late = after is not None and end > (max(after.start, own.end) if own else after.start)
    if early or late:
        raise OccurrenceCrossing


# --- what is written ------------------------------------------------------------------------


def _written(
    copy: Copy, recurrence_id: str | None, old: Event, new: Event, *, restarts: bool, excluded: tuple[str, ...]
) -> Copy:
    """Return `copy` with `new` in the place of `old`; what is private to the organizer goes to the own part."""
    revision = copy.revision
    if restarts:
        # The recurrence ids of its dates name starts that are no more.
        event = component_of(new, revision.event, since=revision.sequence)
        moved = structs.replace(revision, event=event, exceptions={}, excluded=excluded, resets={})
        return with_own_changes(structs.replace(copy, revision=moved, dates={}), None, old, new)
    kept = with_own_changes(copy, recurrence_id, old, new)
    if recurrence_id is None:
        event = component_of(new, revision.event, since=revision.sequence)
        stay = {rid: one for rid, one in revision.exceptions.items() if rid not in excluded}
        followed = {rid: _followed(one, revision.event, event, revision.sequence) for rid, one in stay.items()}
        dates = {rid: one for rid, one in kept.dates.items() if rid not in excluded}
        reworded = structs.replace(revision, event=event, exceptions=followed, excluded=excluded)
        return structs.replace(kept, revision=reworded if reworded != revision else revision, dates=dates)
    said = revision.exceptions.get(recurrence_id)
    one = component_of(new, said or revision.event, since=revision.sequence)
    if said is None and one == component_of(old, revision.event):
        return kept
    check_budget(copy, recurrence_id)
    regular = derived(revision, recurrence_id)
    others = _without(revision.exceptions, recurrence_id)
    differing = others if regular and says_the_same(one, regular) else {**others, recurrence_id: one}
    return _with(kept, structs.replace(revision, exceptions=differing))


def _with_recurrence(copy: Copy, recurrence: Recurrence | None) -> Copy:
    """Return a series with another pattern, and what was said of the dates that are left."""
    series = structs.replace(copy.revision, recurrence=recurrence)
    pattern = compose(structs.replace(copy, revision=structs.replace(series, exceptions={}, excluded=()), dates={}))
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


def _asked_at(revision: Revision, recurrence_ids: tuple[str | None, ...], sequence: int) -> Revision:
    """Return `revision` in which everybody is asked anew for these dates, or for the whole (None)."""
    if not recurrence_ids:
        return revision
    if None in recurrence_ids:
        return structs.replace(revision, reset_sequence=sequence, resets={})
    asked = {rid: sequence for rid in recurrence_ids if rid is not None}
    return structs.replace(revision, resets={**revision.resets, **asked})


def _stamped(copy: Copy, revision: Revision, sequence: int, dtstamp: Instant, now: Instant) -> Copy:
    said = revision
    if (sequence, dtstamp) != (revision.sequence, revision.dtstamp):
        said = structs.replace(revision, sequence=sequence, dtstamp=dtstamp)
    return structs.replace(copy, revision=said, sequence=sequence, dtstamp=dtstamp, modified=now)


def _raised(copy: Copy, now: Instant) -> Copy:
    """Return `copy` as its next revision, of a higher SEQUENCE."""
    before = copy.revision
    return _stamped(copy, before, before.sequence + 1, next_dtstamp(before.dtstamp, now=now), now)


def _with(copy: Copy, revision: Revision) -> Copy:
    return structs.replace(copy, revision=revision)


def _everywhere(copy: Copy, change: Callable[[Component], Component]) -> Copy:
    revision = copy.revision
    exceptions = {rid: change(one) for rid, one in revision.exceptions.items()}
    return _with(copy, structs.replace(revision, event=change(revision.event), exceptions=exceptions))


_T = TypeVar("_T")


def _without(dates: dict[str, _T], recurrence_id: str) -> dict[str, _T]:
    return {rid: one for rid, one in dates.items() if rid != recurrence_id}


# --- what it means --------------------------------------------------------------------------


def _recurrence(revision: Revision, recurrence_id: str | None, draft: EventDraft) -> Recurrence | None:
    if draft.recurrence is UNSET or recurrence_id is not None:
        return revision.recurrence
    return draft.recurrence


def _is_retold(old: Event, new: Event) -> bool:
    """Return whether the times of `new` are the instants of `old` told in another zone, which moves nothing.

    The zone of a series is part of its pattern: there it counts.
    """
    pairs = ((old.start, new.start), (old.end, new.end))
    return any(before != after for before, after in pairs) and all(
        isinstance(before, Timed) and isinstance(after, Timed) and to_instant(before) == to_instant(after)
        for before, after in pairs
    )


def _moves(revision: Revision, old: Event, new: Event, recurrence: Recurrence | None) -> bool:
    # RFC 5546 2.1.4: DTSTART, DTEND, RRULE, RDATE, EXDATE raise the sequence; words do not.
    return (old.start, old.end, revision.recurrence) != (new.start, new.end, recurrence)


def _only_ends(revision: Revision, old: Event, new: Event, recurrence: Recurrence | None) -> bool:
    return (old.start, old.end) == (new.start, new.end) and is_same_but_for_its_end(revision.recurrence, recurrence)


def _ends_earlier(revision: Revision, old: Event, new: Event, recurrence: Recurrence | None) -> bool:
    if revision.recurrence is None or recurrence is None or not _only_ends(revision, old, new, recurrence):
        return False
    start = wall_time(new.start)
    before, after = last(revision.recurrence, start), last(recurrence, start)
    return after is not None and (before is None or after <= before)


def _deleted(revision: Revision, recurrence_id: str | None, draft: EventDraft) -> tuple[str, ...]:
    if draft.deleted is UNSET or recurrence_id is not None:
        return revision.excluded
    return draft.deleted


def _excluded(meeting: Meeting, deleted: tuple[str, ...]) -> tuple[str, ...]:
    """Return the dates among `deleted` on which the series takes place until now."""
    return tuple(rid for rid in deleted if rid not in meeting.deleted and occurrence(meeting, rid) is not None)


def _restored(before: Revision, after: Meeting) -> tuple[str, ...]:
    """Return the dates that were excluded and on which the series takes place again."""
    return tuple(rid for rid in before.excluded if rid not in after.deleted and follows(after, rid))


def _audience(old: Event, new: Event, *, changes: bool, silent: bool) -> Audience:
    """Return who hears of an update; `changes` what raises the SEQUENCE, `silent` what others' copies only show."""
    words = any(getattr(old, name) != getattr(new, name) for name in SHARED if name not in _SILENT)
    if changes or words:
        return Audience.EVERYBODY
    return Audience.NEWCOMERS if silent else Audience.NOBODY


def _difference(
    old: tuple[Attendee, ...], new: tuple[Attendee, ...]
) -> tuple[tuple[Attendee, ...], tuple[Attendee, ...]]:
    before, after = {fold(one.address) for one in old}, {fold(one.address) for one in new}
    added = tuple(one for one in new if fold(one.address) not in before)
    return added, tuple(one for one in old if fold(one.address) not in after)


def _followed(exception: Component, old: Component, new: Component, since: int) -> Component:
    """Return an exception after a change of its master: what was the master's follows it, what differed stays."""
    changes: dict[str, Any] = {
        name: getattr(new, name)
        for name in SHARED
        if name not in _OF_EACH_DATE and getattr(exception, name) == getattr(old, name)
    }
    changes["guests"] = _followed_guests(exception.guests, old.guests, new.guests, since)
    return structs.replace(exception, **changes)


def _followed_guests(
    own: tuple[Guest, ...], old: tuple[Guest, ...], new: tuple[Guest, ...], since: int
) -> tuple[Guest, ...]:
    """Return the guests of an exception after a change of its master's list: who came comes, who left leaves."""
    if old == new:
        return own
    if own == old:
        return new
    before, after = {fold(one.address) for one in old}, {fold(one.address): one for one in new}
    here = {fold(one.address) for one in own}
    stay = (one for one in own if fold(one.address) in after or fold(one.address) not in before)
    renamed = (
        structs.replace(one, name=after[fold(one.address)].name, role=after[fold(one.address)].role)
        if fold(one.address) in after
        else one
        for one in stay
    )
    come = (structs.replace(one, since=since) for key, one in after.items() if key not in before | here)
    return (*renamed, *come)


def _on_first_date(event: Event, recurrence: Recurrence) -> Event:
    """Return `event` moved to the first date its pattern matches (Outlook shifts the first occurrence)."""
    check(recurrence, wall_time(event.start))
    start = first_start(recurrence, event.start)
    if start == event.start:
        return event
    return structs.replace(event, start=start, end=end_after_move(event.start, event.end, start))
