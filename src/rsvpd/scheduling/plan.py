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

from msgspec import UNSET, Struct, structs

from rsvpd.calendar.draft import EventDraft
from rsvpd.calendar.event import SHARED, Answer, Attendee, Event, Meeting, Status, Timed
from rsvpd.calendar.recurrence import last
from rsvpd.calendar.rule import Recurrence
from rsvpd.calendar.rule_check import check
from rsvpd.calendar.series import (
    at_wall_time,
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
from rsvpd.scheduling.component import check_budget, everywhere, with_component
from rsvpd.scheduling.draft import claims, fresh, laid_over
from rsvpd.scheduling.itip import Cancel, next_dtstamp
from rsvpd.timezones.zone import to_instant

# Who is invited is told to who comes and goes; times that move raise the SEQUENCE, and others are the same instants.
_SILENT = ("attendees", "start", "end")


class Audience(enum.Enum):
    """Which guests hear of a change."""

    NOBODY = "nobody"
    NEWCOMERS = "newcomers"
    EVERYBODY = "everybody"


class Revision(Struct, frozen=True, kw_only=True):
    """The organizer's copy after a change, and what is to be said.

    `old` and `new` are the event the change was made to, before and after; `removed` are the guests
    who left, `added` those who came, `excluded` the dates of the series that take place no more,
    `restored` those that do again.
    `guests` are those of `new` whom this is for, None for all of them.
    """

    meeting: Meeting
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


def create(draft: EventDraft, organizer: Person, *, uid: str, now: Instant) -> Revision:
    """Return the new meeting of `organizer` and its invitations."""
    event = fresh(draft, organizer.mailbox)
    recurrence = None if draft.recurrence is UNSET else draft.recurrence
    if recurrence is not None:
        event = _on_first_date(event, recurrence)
    claimed = claims((), draft)
    meeting = Meeting(
        uid=uid,
        organizer=organizer.mailbox,
        is_organizer=True,
        event=event,
        dtstamp=now,
        recurrence=recurrence,
        deleted=() if draft.deleted is UNSET else draft.deleted,
        transaction_id=None if draft.transaction_id is UNSET else draft.transaction_id,
        created=now,
        modified=now,
    )
    return Revision(
        meeting=meeting,
        recurrence_id=None,
        old=None,
        new=event,
        kind=RequestKind.NEW,
        audience=Audience.EVERYBODY,
        added=event.attendees,
        hints=(claimed,) if claimed else (),
    )


def revise(meeting: Meeting, recurrence_id: str | None, draft: EventDraft, *, now: Instant) -> Revision:
    """Return the organizer's meeting with `draft` laid over it, and whom it concerns how."""
    old = component(meeting, recurrence_id)
    new = laid_over(old, draft, meeting.organizer)
    recurrence = _recurrence(meeting, recurrence_id, draft)
    is_series = recurrence_id is None and (recurrence or meeting.recurrence) is not None
    is_retold = not is_series and _is_retold(old, new)
    if recurrence is not None and recurrence_id is None and _moves(meeting, old, new, recurrence):
        new = _on_first_date(new, recurrence)
    moved = not is_retold and _moves(meeting, old, new, recurrence)
    deleted = _deleted(meeting, recurrence_id, draft)
    asks_again = moved and not _ends_earlier(meeting, old, new, recurrence)
    restarts = moved and recurrence_id is None and not _only_ends(meeting, old, new, recurrence)
    excluded = () if restarts else _excluded(meeting, deleted)
    changes = moved or old.status is not new.status
    raised = changes or deleted != meeting.deleted
    added, removed = _difference(old.attendees, new.attendees)
    # Whoever leaves gets a CANCEL, and each of them raises the SEQUENCE (RFC 5546 2.1.4); the others hear nothing.
    sequence = meeting.sequence + (1 if raised or removed else 0)
    if asks_again:
        new = structs.replace(new, attendees=tuple(_asked_again(one, sequence) for one in new.attendees))
    audience = _audience(old, new, changes=changes, silent=is_retold or old.attendees != new.attendees)
    restored: tuple[str, ...] = ()
    if old == new and not raised:
        revised = meeting
    else:
        if restarts:
            revised = _moved(meeting, new, recurrence, () if draft.deleted is UNSET else deleted)
        else:
            revised = _reworded(meeting, recurrence_id, old, new, deleted)
        if recurrence_id is None and recurrence != meeting.recurrence:
            revised = _ended(revised, recurrence, sequence if asks_again else None)
        restored = () if asks_again else _restored(meeting, revised)
        revised = _asked_for(revised, restored, sequence)
        is_told = audience is not Audience.NOBODY or excluded or restored
        stamp = next_dtstamp(meeting.dtstamp, now=now) if is_told else meeting.dtstamp
        revised = structs.replace(revised, sequence=sequence, dtstamp=stamp, modified=now)
    claimed = claims(old.attendees, draft)
    return Revision(
        meeting=revised,
        recurrence_id=recurrence_id,
        old=old,
        new=component(revised, recurrence_id),
        kind=RequestKind.FULL if asks_again else RequestKind.INFORMATIONAL,
        audience=audience,
        added=added,
        removed=removed,
        excluded=excluded,
        restored=restored,
        hints=(claimed,) if claimed else (),
    )


def cancel(meeting: Meeting, recurrence_id: str | None, *, now: Instant) -> tuple[Meeting, Cancel]:
    """Return the organizer's meeting without it (one occurrence is struck out), and what to tell."""
    stamped = _raised(meeting, now)
    message = Cancel(
        uid=meeting.uid, sequence=stamped.sequence, dtstamp=stamped.dtstamp, recurrence_id=recurrence_id
    )
    if recurrence_id is None:
        off = everywhere(stamped, lambda event: structs.replace(event, status=Status.CANCELLED))
        return off, message
    component(meeting, recurrence_id)
    return without_occurrence(stamped, recurrence_id), message


def restore(meeting: Meeting, recurrence_id: str | None, draft: EventDraft, *, now: Instant) -> Revision:
    """Return the organizer's meeting with what was called off (the whole, or one occurrence) taking place again.

    `draft` is laid over it, everybody on its list is asked anew. Raises ItemNotFound where the series has no
    such occurrence.
    """
    status = Status.CONFIRMED if draft.status is UNSET or draft.status is None else draft.status
    kept = tuple(rid for rid in meeting.deleted if rid != recurrence_id)
    whole = structs.replace(_raised(meeting, now), deleted=kept)

    def again(event: Event) -> Event:
        asked = tuple(_asked_again(one, whole.sequence) for one in event.attendees)
        return structs.replace(event, status=status, attendees=asked)

    whole = everywhere(whole, again) if recurrence_id is None else whole
    old, recurrence = component(whole, recurrence_id), _recurrence(meeting, recurrence_id, draft)
    new = again(laid_over(old, draft, meeting.organizer))
    if recurrence_id is None and _moves(meeting, old, new, recurrence):
        new = new if recurrence is None else _on_first_date(new, recurrence)
        revised = _moved(whole, new, recurrence, () if draft.deleted is UNSET else draft.deleted)
    else:
        revised = with_component(whole, recurrence_id, new)
    added, removed = _difference(old.attendees, new.attendees)
    return Revision(
        meeting=revised,
        recurrence_id=recurrence_id,
        old=old,
        new=component(revised, recurrence_id),
        kind=RequestKind.FULL,
        audience=Audience.EVERYBODY,
        added=added,
        removed=removed,
    )


def _raised(meeting: Meeting, now: Instant) -> Meeting:
    """Return `meeting` as its next revision, of a higher SEQUENCE."""
    stamp = next_dtstamp(meeting.dtstamp, now=now)
    return structs.replace(meeting, sequence=meeting.sequence + 1, dtstamp=stamp, modified=now)


def asking_for(revision: Revision, recurrence_id: str) -> Revision:
    """Return what a revision of a series says of a date that takes place again; newcomers are asked for all of it."""
    event, new = component(revision.meeting, recurrence_id), {fold(one.address) for one in revision.added}
    return structs.replace(
        revision,
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


def refuse_crossing(meeting: Meeting, revision: Revision) -> None:
    """Raise OccurrenceCrossing where `revision` moves an occurrence of `meeting` over or into a neighbour.

    Neighbours count where they stand now. What overlaps by itself in the pattern may go on doing so.
    """
    rid, old, new = revision.recurrence_id, revision.old, revision.new
    if rid is None or old is None or (old.start, old.end) == (new.start, new.end):
        return
    before, after = neighbours(meeting, rid)
    own = occurrence(structs.replace(meeting, exceptions=_without(meeting.exceptions, rid)), rid)
    start, end = to_instant(new.start), to_instant(new.end)
    early = before is not None and start < (min(before.end, own.start) if own else before.end)
    late = after is not None and end > (max(after.start, own.end) if own else after.start)
    if early or late:
        raise OccurrenceCrossing


def without_occurrence(meeting: Meeting, recurrence_id: str) -> Meeting:
    """Return `meeting` with one occurrence struck out."""
    check_budget(meeting, recurrence_id)
    return structs.replace(
        meeting,
        deleted=tuple(sorted({*meeting.deleted, recurrence_id})),
        exceptions=_without(meeting.exceptions, recurrence_id),
    )


def _without(exceptions: dict[str, Event], recurrence_id: str) -> dict[str, Event]:
    return {rid: event for rid, event in exceptions.items() if rid != recurrence_id}


def _recurrence(meeting: Meeting, recurrence_id: str | None, draft: EventDraft) -> Recurrence | None:
    if draft.recurrence is UNSET or recurrence_id is not None:
        return meeting.recurrence
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


def _moves(meeting: Meeting, old: Event, new: Event, recurrence: Recurrence | None) -> bool:
    # RFC 5546 2.1.4: DTSTART, DTEND, RRULE, RDATE, EXDATE raise the sequence; words do not.
    return (old.start, old.end, meeting.recurrence) != (new.start, new.end, recurrence)


def _only_ends(meeting: Meeting, old: Event, new: Event, recurrence: Recurrence | None) -> bool:
    return (old.start, old.end) == (new.start, new.end) and is_same_but_for_its_end(meeting.recurrence, recurrence)


def _ends_earlier(meeting: Meeting, old: Event, new: Event, recurrence: Recurrence | None) -> bool:
    if meeting.recurrence is None or recurrence is None or not _only_ends(meeting, old, new, recurrence):
        return False
    start = wall_time(new.start)
    before, after = last(meeting.recurrence, start), last(recurrence, start)
    return after is not None and (before is None or after <= before)


def _deleted(meeting: Meeting, recurrence_id: str | None, draft: EventDraft) -> tuple[str, ...]:
    if draft.deleted is UNSET or recurrence_id is not None:
        return meeting.deleted
    return draft.deleted


def _excluded(meeting: Meeting, deleted: tuple[str, ...]) -> tuple[str, ...]:
    """Return the dates among `deleted` on which the series takes place until now."""
    return tuple(rid for rid in deleted if rid not in meeting.deleted and occurrence(meeting, rid) is not None)


def _restored(before: Meeting, after: Meeting) -> tuple[str, ...]:
    """Return the dates that were excluded and on which the series takes place again."""
    return tuple(rid for rid in before.deleted if rid not in after.deleted and follows(after, rid))


def _asked_for(meeting: Meeting, restored: tuple[str, ...], sequence: int) -> Meeting:
    """Return `meeting` with all its guests asked anew for the dates that take place again."""
    asked = tuple(_asked_again(one, sequence) for one in meeting.event.attendees)
    dates = {rid: structs.replace(component(meeting, rid), attendees=asked) for rid in restored if asked}
    return structs.replace(meeting, exceptions=meeting.exceptions | dates)


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


def _asked_again(attendee: Attendee, sequence: int) -> Attendee:
    return Attendee(address=attendee.address, name=attendee.name, role=attendee.role, reset_sequence=sequence)


def _moved(meeting: Meeting, new: Event, recurrence: Recurrence | None, deleted: tuple[str, ...]) -> Meeting:
    """Return a series at its new time: the recurrence ids of its exceptions name starts that are no more."""
    return structs.replace(meeting, event=new, recurrence=recurrence, exceptions={}, deleted=deleted)


def _ended(meeting: Meeting, recurrence: Recurrence | None, asked_at: int | None) -> Meeting:
    """Return a series with a new end and the exceptions that are left; `asked_at` asks their guests again."""
    series = structs.replace(meeting, recurrence=recurrence)
    kept = {rid: event for rid, event in meeting.exceptions.items() if follows(series, rid)}
    if asked_at is not None:
        kept = {
            rid: structs.replace(event, attendees=tuple(_asked_again(one, asked_at) for one in event.attendees))
            for rid, event in kept.items()
        }
    deleted = tuple(rid for rid in meeting.deleted if follows(series, rid))
    return structs.replace(series, exceptions=kept, deleted=deleted)


def _reworded(meeting: Meeting, recurrence_id: str | None, old: Event, new: Event, deleted: tuple[str, ...]) -> Meeting:
    if recurrence_id is not None:
        return with_component(meeting, recurrence_id, new)
    followed = {rid: _followed(event, old, new) for rid, event in meeting.exceptions.items() if rid not in deleted}
    return structs.replace(meeting, event=new, exceptions=followed, deleted=deleted)


def _followed(exception: Event, old: Event, new: Event) -> Event:
    """Return an exception after a change of its master: what was the master's follows it, what differed stays."""
    changes = {
        name: getattr(new, name)
        for name in SHARED
        if name not in ("start", "end", "attendees") and getattr(exception, name) == getattr(old, name)
    }
    changes["attendees"] = _followed_guests(exception.attendees, old.attendees, new.attendees)
    return structs.replace(exception, **changes)


def _followed_guests(
    own: tuple[Attendee, ...], old: tuple[Attendee, ...], new: tuple[Attendee, ...]
) -> tuple[Attendee, ...]:
    """Return the guests of an exception after a change of its master's list: who came comes, who left leaves."""
    if old == new:
        return own
    before, after = {fold(one.address) for one in old}, {fold(one.address): one for one in new}
    here = {fold(one.address) for one in own}
    stay = (one for one in own if fold(one.address) in after or fold(one.address) not in before)
    renamed = (
        structs.replace(one, name=after[fold(one.address)].name, role=after[fold(one.address)].role)
        if fold(one.address) in after
        else one
        for one in stay
    )
    come = (structs.replace(one, answer=Answer.NONE) for key, one in after.items() if key not in before | here)
    return (*renamed, *come)


def _on_first_date(event: Event, recurrence: Recurrence) -> Event:
    """Return `event` moved to the first date its pattern matches (Outlook shifts the first occurrence)."""
    check(recurrence, wall_time(event.start))
    start = first_start(recurrence, event.start)
    if start == event.start:
        return event
    end = wall_time(event.end) + (wall_time(start) - wall_time(event.start))
    return structs.replace(event, start=start, end=at_wall_time(event.end, end))
