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
Rule 8: a private copy has a list, and nobody on it is asked for anything or told anything.
Rule 9: a client may say the SEQUENCE of the next revision: not one below that of this, and a higher one is an update
        for everybody, whatever else it says.
"""

from __future__ import annotations

import enum

from msgspec import UNSET, Struct, structs

from rsvpd.calendar.compose import component_of, compose, private_of
from rsvpd.calendar.copy import Copy
from rsvpd.calendar.draft import EventDraft
from rsvpd.calendar.duration import end_after_move
from rsvpd.calendar.event import SHARED, Attendee, Event, Meeting, Status, Timed
from rsvpd.calendar.recurrence import last
from rsvpd.calendar.revision import Revision
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
from rsvpd.hints import Hint, HintCode
from rsvpd.mail.address import fold
from rsvpd.mail.attachment import Attachments
from rsvpd.mail.message import RequestKind
from rsvpd.mail.person import Person
from rsvpd.scheduling.amend import (
    amend,
    ask_again,
    in_every_component,
    least_sequence,
    raise_sequence,
    restart,
    stamp,
    with_recurrence,
    without_occurrence,
)
from rsvpd.scheduling.draft import apply_draft, claims, event_from_draft
from rsvpd.scheduling.itip import Cancel, next_dtstamp
from rsvpd.timezones.zone import to_instant

# Who is invited is told to who comes and goes; times that move raise the SEQUENCE, and others are the same instants.
_SILENT = ("attendees", "start", "end")


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
    if draft.is_private_copy is True:
        event = structs.replace(event, guests_can_invite=False)
    recurrence = None if draft.recurrence is UNSET else draft.recurrence
    if recurrence is not None:
        event = _on_first_date(event, recurrence)
    revision = Revision(
        uid=uid,
        organizer=organizer.mailbox,
        event=component_of(event),
        dtstamp=now,
        sequence=0 if draft.sequence is UNSET else draft.sequence,
        recurrence=recurrence,
        excluded=() if draft.deleted is UNSET else draft.deleted,
    )
    copy = Copy(
        revision=revision,
        is_organizer=True,
        is_private_copy=draft.is_private_copy is True,
        sequence=revision.sequence,
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
        hints=_hints_of_private(copy, event.attendees),
    )


def revise(
    copy: Copy, recurrence_id: str | None, draft: EventDraft, *, now: Instant, known: tuple[Attendee, ...] = ()
) -> Change:
    """Return the organizer's meeting with `draft` applied to it, and whom it concerns how.

    `known` is the guest list with what is known of answers, where the draft says something of guests.
    """
    meant, before = _meaning(copy, recurrence_id, draft), copy.revision
    old, new = meant.old, meant.new
    added, removed = _difference(old.attendees, new.attendees)
    asked = least_sequence(before, draft)
    # Whoever leaves gets a CANCEL, and each of them raises the SEQUENCE (RFC 5546 2.1.4); the others hear nothing.
    sequence = max(before.sequence + (1 if meant.raises or removed else 0), asked)
    is_silent = meant.is_retold or old.attendees != new.attendees
    is_for_all = meant.moves or asked > before.sequence
    audience = _audience(old, new, is_for_all=is_for_all, silent=is_silent)
    restored: tuple[str, ...] = ()
    revised = copy
    if old != new or sequence != before.sequence:
        revised = _apply_meaning(copy, recurrence_id, meant)
        restored = () if meant.asks_again else _restored_dates(before, compose(revised))
        revised = ask_again(revised, (recurrence_id,) if meant.asks_again else restored, sequence)
        is_told = audience is not Audience.NOBODY or meant.excluded or restored
        dtstamp = next_dtstamp(before.dtstamp, now=now) if is_told else before.dtstamp
        revised = stamp(revised, sequence=sequence, dtstamp=dtstamp, now=now)
    claimed = claims(known or old.attendees, draft)
    meant_for = () if audience is Audience.NOBODY else new.attendees
    return Change(
        copy=revised,
        recurrence_id=recurrence_id,
        old=old,
        new=component(compose(revised), recurrence_id),
        kind=RequestKind.FULL if meant.asks_again else RequestKind.INFORMATIONAL,
        audience=audience,
        added=added,
        removed=removed,
        excluded=meant.excluded,
        restored=restored,
        hints=(*_hints_of_private(copy, meant_for), *((claimed,) if claimed else ())),
    )


def _hints_of_private(copy: Copy, guests: tuple[Attendee, ...]) -> tuple[Hint, ...]:
    """Return the hint that is due where these would be told if it were no private copy."""
    return (Hint(HintCode.PRIVATE_COPY),) if copy.is_private_copy and guests else ()


class _Meaning(Struct, frozen=True, kw_only=True):
    """What a draft makes of an event, `old` before and `new` after, and of the series it belongs to.

    `moves` and `raises` say whether times or pattern change, and whether anything that raises the SEQUENCE does;
    `restarts` whether the dates of a series begin anew; `is_retold` that its times are the same in another zone.
    `left_out` are all dates of the pattern that do not take place, `excluded` those that do until now.
    """

    old: Event
    new: Event
    recurrence: Recurrence | None
    moves: bool
    raises: bool
    asks_again: bool
    restarts: bool
    is_retold: bool
    left_out: tuple[str, ...]
    excluded: tuple[str, ...]


def _meaning(copy: Copy, recurrence_id: str | None, draft: EventDraft) -> _Meaning:
    meeting, before = compose(copy), copy.revision
    old = component(meeting, recurrence_id)
    new = apply_draft(old, draft, before.organizer)
    recurrence = _recurrence(before, recurrence_id, draft)
    is_series = recurrence_id is None and (recurrence or before.recurrence) is not None
    is_retold = not is_series and _is_retold(old, new)
    if recurrence is not None and recurrence_id is None and _moves(before, old, new, recurrence):
        new = _on_first_date(new, recurrence)
    moves = not is_retold and _moves(before, old, new, recurrence)
    restarts = moves and recurrence_id is None and not _only_ends(before, old, new, recurrence)
    deleted = _deleted_dates(before, recurrence_id, draft)
    return _Meaning(
        old=old,
        new=new,
        recurrence=recurrence,
        moves=moves,
        raises=moves or old.status is not new.status or deleted != before.excluded,
        asks_again=moves and not _ends_earlier(before, old, new, recurrence),
        restarts=restarts,
        is_retold=is_retold,
        left_out=() if restarts and draft.deleted is UNSET else deleted,
        excluded=() if restarts else _newly_excluded(meeting, deleted),
    )


def _apply_meaning(copy: Copy, recurrence_id: str | None, meant: _Meaning) -> Copy:
    if meant.restarts:
        revised = restart(copy, meant.old, meant.new, excluded=meant.left_out)
    else:
        revised = amend(copy, recurrence_id, meant.old, meant.new, excluded=meant.left_out)
    if meant.recurrence != copy.revision.recurrence:
        return with_recurrence(revised, meant.recurrence)
    return revised


def attach(copy: Copy, recurrence_id: str | None, attachments: Attachments, *, now: Instant) -> Copy:
    """Return the organizer's meeting with these attachments: it is the same revision, of which nobody is told."""
    before = copy.revision
    old = component(compose(copy), recurrence_id)
    new = structs.replace(old, attachments=attachments)
    attached = amend(copy, recurrence_id, old, new, excluded=before.excluded)
    return stamp(attached, sequence=before.sequence, dtstamp=before.dtstamp, now=now)


def cancel(copy: Copy, recurrence_id: str | None, *, now: Instant) -> tuple[Copy, Cancel]:
    """Return the organizer's meeting without it (one occurrence is excluded), and what to tell."""
    stamped = raise_sequence(copy, now)
    message = Cancel(
        uid=copy.revision.uid, sequence=stamped.sequence, dtstamp=stamped.dtstamp, recurrence_id=recurrence_id
    )
    if recurrence_id is None:
        return in_every_component(stamped, lambda one: structs.replace(one, status=Status.CANCELLED)), message
    component(compose(copy), recurrence_id)
    return without_occurrence(stamped, recurrence_id), message


def restore(copy: Copy, recurrence_id: str | None, draft: EventDraft, *, now: Instant) -> Change:
    """Return the organizer's meeting with what was called off (the whole, or one occurrence) taking place again.

    `draft` is applied to it, everybody on its list is asked anew. Raises ItemNotFound where the series has no
    such occurrence.
    """
    status = Status.CONFIRMED if draft.status is UNSET or draft.status is None else draft.status
    raised, before = raise_sequence(copy, now, least=least_sequence(copy.revision, draft)), copy.revision
    kept = tuple(rid for rid in before.excluded if rid != recurrence_id)
    whole = structs.replace(raised, revision=structs.replace(raised.revision, excluded=kept))
    if recurrence_id is None:
        whole = in_every_component(whole, lambda one: structs.replace(one, status=status))
    old, recurrence = component(compose(whole), recurrence_id), _recurrence(before, recurrence_id, draft)
    new = structs.replace(apply_draft(old, draft, before.organizer), status=status)
    if recurrence_id is None and _moves(before, old, new, recurrence):
        new = new if recurrence is None else _on_first_date(new, recurrence)
        revised = restart(whole, old, new, excluded=() if draft.deleted is UNSET else draft.deleted)
        revised = with_recurrence(revised, recurrence)
    else:
        revised = amend(whole, recurrence_id, old, new, excluded=kept)
    revised = ask_again(revised, (recurrence_id,), raised.sequence)
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


def request_for_restored_date(change: Change, recurrence_id: str) -> Change:
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


def _deleted_dates(revision: Revision, recurrence_id: str | None, draft: EventDraft) -> tuple[str, ...]:
    if draft.deleted is UNSET or recurrence_id is not None:
        return revision.excluded
    return draft.deleted


def _newly_excluded(meeting: Meeting, deleted: tuple[str, ...]) -> tuple[str, ...]:
    """Return the dates among `deleted` on which the series takes place until now."""
    return tuple(rid for rid in deleted if rid not in meeting.deleted and occurrence(meeting, rid) is not None)


def _restored_dates(before: Revision, after: Meeting) -> tuple[str, ...]:
    """Return the dates that were excluded and on which the series takes place again."""
    return tuple(rid for rid in before.excluded if rid not in after.deleted and follows(after, rid))


def _audience(old: Event, new: Event, *, is_for_all: bool, silent: bool) -> Audience:
    """Return who hears of an update, which may be for all whatever it says; `silent` is what copies only show."""
    words = any(getattr(old, name) != getattr(new, name) for name in SHARED if name not in _SILENT)
    if is_for_all or words:
        return Audience.EVERYBODY
    return Audience.NEWCOMERS if silent else Audience.NOBODY


def _difference(
    old: tuple[Attendee, ...], new: tuple[Attendee, ...]
) -> tuple[tuple[Attendee, ...], tuple[Attendee, ...]]:
    if len(old) == len(new) and all(one.address == other.address for one, other in zip(old, new, strict=True)):
        return (), ()  # as of most changes, also of those of long lists
    before, after = {fold(one.address) for one in old}, {fold(one.address) for one in new}
    added = tuple(one for one in new if fold(one.address) not in before)
    return added, tuple(one for one in old if fold(one.address) not in after)


def _on_first_date(event: Event, recurrence: Recurrence) -> Event:
    """Return `event` moved to the first date its pattern matches (Outlook shifts the first occurrence)."""
    check(recurrence, wall_time(event.start))
    start = first_start(recurrence, event.start)
    if start == event.start:
        return event
    return structs.replace(event, start=start, end=end_after_move(event.start, event.end, start))
